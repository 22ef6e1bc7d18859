/* Packets of any content, in two different cuts: the scan's columns say what the packets say, the
 * continuity check says the same over any cut, and behind a repair nothing is wrong. */
#include "stream_bench.h"
#include "tsloom/continuity.h"

enum { CUT_MAX = 64, PACKETS_MAX = 192, RAW_MAX = 24 };

/* Memory is used again soon: a page touched for the first time costs more than what is checked. */
const char *__asan_default_options(void);

const char *__asan_default_options(void) {
    return "quarantine_size_mb=4:malloc_context_size=1";
}

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* The input may hold fewer kinds of PIDs and counters than chance gives: then they meet more often.
 */
static stream *build(const uint8_t *data, size_t size, unsigned few) {
    stream *s = stream_begin();
    for (size_t at = 0; at + TS_PACKET_SIZE <= size && s->count < RAW_MAX; at += TS_PACKET_SIZE) {
        uint8_t *packet = stream_append(s, data + at, 1);
        packet[0] = few & 1u ? TS_SYNC_BYTE : packet[0];
        packet[1] = few & 2u ? packet[1] & 0xE0u : packet[1];
        packet[2] = few & 2u ? packet[2] & 0x03u : packet[2];
        if ((few & 4u) && s->count > 1 && packet[4] % 5 == 0) {
            memcpy(packet, packet - TS_PACKET_SIZE, TS_PACKET_SIZE);
        }
    }
    return s;
}

/* Small inputs make many packets: four bytes of header, the rest alike. */
static stream *build_headers(const uint8_t *data, size_t size) {
    stream *s = stream_begin();
    for (size_t at = 0; at + 4 <= size && s->count < PACKETS_MAX; at += 4) {
        uint8_t packet[TS_PACKET_SIZE] = {TS_SYNC_BYTE, data[at] & 0xC0u, data[at] & 3u,
                                          data[at + 1], data[at + 2],     data[at + 3]};
        stream_append(s, packet, 1);
    }
    return s;
}

static void check_columns(const stream *s) {
    ts_batch batch;
    ts_batch_init(&batch);
    load_batch(&batch, s, 0, s->count);
    size_t bad = 0;
    const ts_status status = ts_batch_scan(&batch, &bad);
    require(bad <= s->count && (status == TS_OK) == (bad == s->count));
    require(bad == s->count || stream_at(s, bad)[0] != TS_SYNC_BYTE);
    uint32_t *index = must(malloc((s->count + 1) * sizeof *index));
    uint64_t *pcr = must(malloc((s->count + 1) * sizeof *pcr));
    const size_t pcrs = ts_scan_pcrs(batch.packets, batch.header, bad, index, pcr);
    for (size_t i = 0; i < pcrs; i++) {
        require(index[i] < bad && (i == 0 || index[i] > index[i - 1]));
    }
    require(ts_scan_opcrs(batch.packets, batch.header, bad, index, pcr) <= bad);
    free(index);
    free(pcr);
    ts_batch_free(&batch);
}

/* As initialised. Of 8192 PIDs a stream has few: only theirs are made new, whatever packets were
 * saved before. */
static void renew(ts_continuity *continuity) {
    static ts_continuity fresh;
    if (fresh.saved == NULL) {
        require(ts_continuity_init(&fresh) == TS_OK);
    }
    if (continuity->saved == NULL) {
        require(ts_continuity_init(continuity) == TS_OK);
    }
    for (size_t i = 0; i < continuity->active_count; i++) {
        const uint16_t pid = continuity->active[i];
        continuity->pid[pid] = fresh.pid[pid];
        continuity->scrambling[pid] = fresh.scrambling[pid];
    }
    continuity->active_count = 0;
}

/* All that is listed, over one cut. */
static ts_marked *list_marks(ts_continuity *continuity, const stream *s, size_t cut,
                             size_t *count) {
    ts_marked *marked = must(malloc((s->count + 1) * sizeof *marked));
    ts_batch batch;
    ts_batch_init(&batch);
    renew(continuity);
    *count = 0;
    for (size_t at = 0; at < s->count; at += cut) {
        load_batch(&batch, s, at, s->count - at < cut ? s->count - at : cut);
        const size_t listed = ts_continuity_check(continuity, &batch, marked + *count);
        for (size_t i = 0; i < listed; i++) {
            marked[*count + i].index += (uint32_t)at;
        }
        *count += listed;
    }
    ts_batch_free(&batch);
    return marked;
}

static void check_marks(const stream *s, size_t cut) {
    static ts_continuity at_once;
    static ts_continuity in_pieces;
    size_t count;
    size_t again;
    ts_marked *whole = list_marks(&at_once, s, s->count + 1, &count);
    ts_marked *pieces = list_marks(&in_pieces, s, cut, &again);
    require(count == again);
    for (size_t i = 0; i < count; i++) {
        require(whole[i].index == pieces[i].index && whole[i].marks == pieces[i].marks &&
                whole[i].missing == pieces[i].missing);
    }
    free(whole);
    free(pieces);
}

static void renew_repair(ts_continuity_repair *stage) {
    if (stage->input.saved == NULL) {
        require(ts_continuity_repair_init(stage) == TS_OK);
        for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
            ts_continuity_repair_enable(stage, (uint16_t)pid);
        }
    }
    for (size_t i = 0; i < stage->input.active_count; i++) {
        stage->shift[stage->input.active[i]] = 0;
    }
    stage->shifted = 0;
    stage->repaired = 0;
    renew(&stage->input);
}

static stream *repair(ts_continuity_repair *stage, const stream *s, size_t cut) {
    stream *out = stream_begin();
    renew_repair(stage);
    bench_run run = {.stage = {.process = ts_continuity_repair_process, .state = stage}};
    run_stream(&run, s, &cut, 1, out);
    require(!run.lying);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static ts_continuity_repair at_once;
    static ts_continuity_repair in_pieces;
    if (size < 2) {
        return 0;
    }
    const size_t cut = data[0] % CUT_MAX + 1u;
    stream *s =
        data[1] & 8u ? build_headers(data + 2, size - 2) : build(data + 2, size - 2, data[1]);
    check_columns(s);
    check_marks(s, cut);
    stream *whole = repair(&at_once, s, s->count + 1);
    stream *pieces = repair(&in_pieces, s, cut);
    require(same_streams(whole, pieces));
    require(count_continuity_errors(whole) == 0);
    stream_end(whole);
    stream_end(pieces);
    stream_end(s);
    return 0;
}
