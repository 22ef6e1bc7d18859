#include "tsloom/remux.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT = 0x30, VIDEO = 0x100, AUDIO = 0x101, OTHER = 0x110, MS = 27000, BITRATE = 1504000 };

/* One packet a millisecond comes in. */
static const ts_remux_settings SETTINGS = {.bitrate = 2 * BITRATE,
                                           .max_delay = 500 * MS,
                                           .max_hold = 500 * MS,
                                           .max_held = 1000,
                                           .max_fill = 256};

typedef struct remux_bench {
    ts_remux *stage;
    stream *in;
    stream *out;
} remux_bench;

static remux_bench begin(const ts_remux_settings *settings) {
    remux_bench b = {must(malloc(sizeof(ts_remux))), stream_begin(), stream_begin()};
    CHECK(ts_remux_init(b.stage, settings) == TS_OK);
    return b;
}

static void end(remux_bench *b) {
    ts_remux_free(b->stage);
    free(b->stage);
    stream_end(b->in);
    stream_end(b->out);
}

static void take(remux_bench *b, const ts_batch *batch) {
    CHECK(batch->count <= batch->capacity);
    for (size_t i = 0; i < batch->count; i++) {
        CHECK(batch->first_index + batch->position[i] == b->out->count + i);
        CHECK(batch->header[i] == ts_load_be32(batch->packets + i * TS_PACKET_SIZE));
    }
    stream_append(b->out, batch->packets, batch->count);
}

static void run(remux_bench *b, size_t cut) {
    ts_batch batch;
    ts_batch_init(&batch);
    for (size_t at = 0; at < b->in->count; at += cut) {
        load_batch(&batch, b->in, at, b->in->count - at < cut ? b->in->count - at : cut);
        CHECK(ts_remux_process(b->stage, &batch) == TS_OK);
        take(b, &batch);
    }
    batch.count = 0;
    CHECK(ts_remux_finish(b->stage, &batch) == TS_OK);
    take(b, &batch);
    ts_batch_free(&batch);
}

/* A packet a millisecond, every 20th with a PCR, from one millisecond to another. */
static void add_stream(stream *s, size_t from, size_t to, int64_t ahead) {
    for (size_t ms = from; ms < to; ms++) {
        if (ms % 20 == 0) {
            stream_add_pcr(s, VIDEO, (uint64_t)((int64_t)ms * MS + ahead));
        } else {
            stream_add(s, ms % 3 ? VIDEO : AUDIO);
        }
    }
}

static size_t count_events(const remux_bench *b, ts_remux_kind kind) {
    size_t found = 0;
    for (size_t i = 0; i < b->stage->event_count; i++) {
        found += b->stage->events[i].kind == kind;
    }
    return found;
}

static void every_packet_gets_its_slot_and_pcrs_say_so(void) {
    remux_bench b = begin(&SETTINGS);
    add_stream(b.in, 0, 1000, 0);
    run(&b, 7);
    CHECK(b.out->count == 1999);
    for (size_t i = 0; i < b.out->count; i++) {
        const uint8_t *packet = stream_at(b.out, i);
        CHECK((stream_pid(b.out, i) == TS_PID_NULL) == (i % 2 == 1));
        CHECK(!ts_packet_has_pcr(packet) || ts_packet_get_pcr(packet) == i * MS / 2);
    }
    CHECK(b.stage->counters.nulls_added == 999 && b.stage->counters.restamped == 50);
    end(&b);
}

static void a_stream_at_its_own_rate_comes_out_as_it_was(void) {
    ts_remux_settings settings = SETTINGS;
    settings.bitrate = BITRATE;
    remux_bench b = begin(&settings);
    for (size_t ms = 0; ms < 1000; ms += 50) {
        add_stream(b.in, ms, ms + 43, 0);
        stream_add_nulls(b.in, 7);
    }
    run(&b, 64);
    CHECK(same_streams(b.in, b.out));
    CHECK(b.stage->counters.nulls_dropped == b.stage->counters.nulls_added);
    end(&b);
}

static void the_bitrate_of_the_input_is_measured(void) {
    ts_remux_settings settings = SETTINGS;
    settings.mode = TS_REMUX_INPUT;
    remux_bench b = begin(&settings);
    add_stream(b.in, 0, 1000, 0);
    run(&b, 100);
    CHECK(b.stage->settings.bitrate == BITRATE && same_streams(b.in, b.out));
    end(&b);
}

static void too_much_is_dropped_or_delayed_and_told(void) {
    for (int policy = TS_REMUX_DROP; policy <= TS_REMUX_DELAY; policy++) {
        ts_remux_settings settings = SETTINGS;
        settings.bitrate = BITRATE / 2;
        settings.max_delay = 100 * MS;
        settings.overflow = (ts_remux_overflow)policy;
        remux_bench b = begin(&settings);
        add_stream(b.in, 0, 1000, 0);
        run(&b, 100);
        const ts_remux_counters *counters = &b.stage->counters;
        CHECK(counters->overflows == 1 && count_events(&b, TS_REMUX_OVERFLOW_ENDED) == 1);
        CHECK(b.out->count + counters->dropped == 1000);
        if (policy == TS_REMUX_DROP) {
            CHECK(b.out->count > 545 && b.out->count < 555);
            CHECK(counters->restamped == 50 && counters->longest_delay <= 105 * MS);
        } else {
            CHECK(b.out->count == 1000 && counters->longest_delay > 900 * MS);
        }
        end(&b);
    }
}

static void pcrs_are_added_where_none_came_for_too_long(void) {
    ts_remux_settings settings = SETTINGS;
    settings.pcr_interval = 10 * MS;
    remux_bench b = begin(&settings);
    add_stream(b.in, 0, 1000, 0);
    run(&b, 100);
    size_t last = 0;
    for (size_t i = 0; i < b.out->count; i++) {
        const uint8_t *packet = stream_at(b.out, i);
        if (stream_pid(b.out, i) == VIDEO && ts_packet_has_pcr(packet)) {
            CHECK(ts_packet_get_pcr(packet) == i * MS / 2 && i - last <= 20);
            last = i;
        }
    }
    CHECK(b.stage->counters.pcrs_added >= 48 && count_continuity_errors(b.out) == 0);
    end(&b);
}

/* Each packet comes twice, its copy behind the next ones of another PID. */
static void no_added_pcr_parts_a_packet_from_its_copy(void) {
    ts_remux_settings settings = SETTINGS;
    settings.pcr_interval = 7 * MS;
    remux_bench b = begin(&settings);
    for (size_t ms = 0; ms < 1000; ms += 5) {
        if (ms % 20 == 0) {
            stream_add_pcr(b.in, VIDEO, ms * MS);
        } else {
            stream_add(b.in, VIDEO);
        }
        const size_t original = b.in->count - 1;
        stream_add(b.in, AUDIO);
        stream_add(b.in, AUDIO);
        stream_append(b.in, stream_at(b.in, original), 1);
        stream_add(b.in, AUDIO);
    }
    run(&b, 100);
    CHECK(b.stage->counters.pcrs_added > 0 && b.stage->counters.repeats_dropped > 0);
    for (size_t i = 1; i < b.out->count; i++) {
        const uint8_t *packet = stream_at(b.out, i);
        size_t before = i - 1;
        while (before > 0 && stream_pid(b.out, before) != stream_pid(b.out, i)) {
            before--;
        }
        /* None with payload repeats the counter of one without. */
        const bool filled = packet[3] & 0x10;
        const uint8_t *last = stream_at(b.out, before);
        CHECK(stream_pid(b.out, i) != VIDEO || stream_pid(b.out, before) != VIDEO || !filled ||
              (last[3] & 0x10) || (last[3] & 0x0F) != (packet[3] & 0x0F));
    }
    CHECK(b.out->count == b.in->count - b.stage->counters.repeats_dropped +
                              b.stage->counters.nulls_added + b.stage->counters.pcrs_added -
                              b.stage->counters.nulls_dropped);
    end(&b);
}

static void over_a_break_the_output_goes_on(void) {
    remux_bench b = begin(&SETTINGS);
    add_stream(b.in, 0, 500, 0);
    add_stream(b.in, 500, 1000, INT64_C(3600) * TS_PCR_HZ);
    run(&b, 100);
    CHECK(b.out->count == 1999 && count_events(&b, TS_REMUX_CLOCK_BROKEN) == 1);
    const uint8_t *packet = stream_at(b.out, find_pid(b.out, VIDEO, 0));
    CHECK(ts_packet_get_pcr(packet) == 0);
    CHECK(ts_packet_get_pcr(stream_at(b.out, 1000)) == 500 * MS + UINT64_C(3600) * TS_PCR_HZ);
    end(&b);
}

static void packets_that_are_lost_become_null_packets(void) {
    remux_bench b = begin(&SETTINGS);
    add_stream(b.in, 0, 410, 0);
    add_stream(b.in, 550, 1000, 0);
    run(&b, 100);
    CHECK(b.out->count == 1999 && b.stage->event_count == 1);
    end(&b);
}

static void without_a_pcr_packets_pass_as_they_come(void) {
    remux_bench b = begin(&SETTINGS);
    stream_add_many(b.in, VIDEO, 700);
    stream_add_nulls(b.in, 100);
    stream_add_many(b.in, VIDEO, 700);
    run(&b, 100);
    CHECK(same_streams(b.in, b.out) && b.stage->counters.unplaced == 1500);
    CHECK(count_events(&b, TS_REMUX_NO_CLOCK) == 1 && b.stage->event_count == 1);
    end(&b);
}

static void sections_wait_for_their_transport_buffer(void) {
    ts_remux_settings settings = SETTINGS;
    settings.bitrate = 100 * BITRATE;
    settings.psi_leak = 1000000;
    remux_bench b = begin(&settings);
    const pid_pair programs[] = {{1, PMT}};
    const section_bytes pat = make_pat(0, programs, 1);
    for (size_t ms = 0; ms < 100; ms += 20) {
        stream_add_pcr(b.in, VIDEO, ms * MS);
        for (size_t i = 0; i < 6; i++) {
            stream_add_table(b.in, TS_PID_PAT, &pat);
        }
        stream_add_many(b.in, VIDEO, 200); /* 207 packets in 20 ms */
    }
    run(&b, 50);
    int64_t level = 0;
    size_t before = 0;
    for (size_t n = 0; n < 30; n++) {
        const size_t at = find_pid(b.out, TS_PID_PAT, n);
        const int64_t leaked = (int64_t)(at - before) * TS_PACKET_SIZE * 1000000 / (100 * BITRATE);
        level = (level > leaked ? level - leaked : 0) + TS_PACKET_SIZE;
        CHECK(at < b.out->count && (n >= 24 || level <= 512 + 2));
        before = at;
    }
    CHECK(b.stage->counters.spaced > 0 && count_continuity_errors(b.out) == 0);
    end(&b);
}

static void an_input_that_crawls_is_not_filled_without_end(void) {
    ts_remux_settings settings = SETTINGS;
    settings.bitrate = 100000000;
    settings.max_fill = 10;
    remux_bench b = begin(&settings);
    for (size_t s = 0; s < 100; s++) {
        stream_add_pcr(b.in, VIDEO, s * TS_PCR_HZ * 9 / 10);
    }
    run(&b, 10);
    CHECK(b.out->count < 140000 && count_events(&b, TS_REMUX_TIME_SKIPPED) > 90);
    CHECK(count_pid(b.out, VIDEO) == 100);
    end(&b);
}

static void what_cannot_be_is_refused(void) {
    ts_remux remux;
    ts_remux_settings settings = SETTINGS;
    settings.bitrate = 999;
    CHECK(ts_remux_init(&remux, &settings) == TS_BAD_ARGUMENT);
    settings = SETTINGS;
    settings.max_delay = -1;
    CHECK(ts_remux_init(&remux, &settings) == TS_BAD_ARGUMENT);
}

int main(void) {
    every_packet_gets_its_slot_and_pcrs_say_so();
    a_stream_at_its_own_rate_comes_out_as_it_was();
    the_bitrate_of_the_input_is_measured();
    too_much_is_dropped_or_delayed_and_told();
    pcrs_are_added_where_none_came_for_too_long();
    no_added_pcr_parts_a_packet_from_its_copy();
    over_a_break_the_output_goes_on();
    packets_that_are_lost_become_null_packets();
    without_a_pcr_packets_pass_as_they_come();
    sections_wait_for_their_transport_buffer();
    an_input_that_crawls_is_not_filled_without_end();
    what_cannot_be_is_refused();
    return CHECK_RESULT;
}
