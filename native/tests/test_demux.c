#include "tsloom/demux.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT_PID = 0x30, CUE_PID = 0x40, VIDEO = 0x100 };
enum { ALL = TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS };

typedef struct demux_log {
    size_t count;
    size_t new_count;
    size_t bad_count;
    size_t drops;
    ts_demux_section last; /* its report is gone */
    uint64_t last_packet;
} demux_log;

static ts_status note(void *context, const ts_demux_section *section) {
    demux_log *log = context;
    log->drops += section->report->kind != TS_SECTION_COMPLETE;
    log->count += section->report->kind == TS_SECTION_COMPLETE;
    log->new_count += section->is_new;
    log->bad_count += !section->crc_ok && section->report->kind == TS_SECTION_COMPLETE;
    log->last = *section;
    log->last.report = NULL;
    log->last_packet = section->report->last_packet;
    return TS_OK;
}

static ts_demux *make_demux(unsigned follow, demux_log *log) {
    ts_demux *demux = must(malloc(sizeof *demux));
    CHECK(ts_demux_init(demux, follow, note, log) == TS_OK);
    return demux;
}

static ts_status process(void *state, ts_batch *batch) {
    return ts_demux_feed(state, batch, 0);
}

static void feed(ts_demux *demux, const stream *s, size_t cut) {
    stream *out = stream_begin();
    bench_run run = {.stage = {.process = process, .state = demux}};
    run_stream(&run, s, &cut, 1, out);
    CHECK(same_streams(out, s));
    stream_end(out);
}

static void end(ts_demux *demux, stream *s) {
    ts_demux_free(demux);
    free(demux);
    stream_end(s);
}

static void add_psi(stream *s, uint8_t version) {
    const pid_pair programs[] = {{0, 0x10}, {1, PMT_PID}};
    const pid_pair streams[] = {{0x1B, VIDEO}, {0x86, CUE_PID}};
    const section_bytes pat = make_pat(0, programs, 2);
    const section_bytes pmt = make_pmt(1, version, VIDEO, 0, streams, 2);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, PMT_PID, &pmt);
}

static void add_cue(stream *s) {
    uint8_t cue[20] = {0xFC, 0x30, 17};
    psi_seal(cue, sizeof cue);
    stream_add_section(s, CUE_PID, cue, sizeof cue);
}

static void programs_and_cues_are_followed(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    add_cue(s); /* before any table: not known yet */
    add_psi(s, 0);
    add_cue(s);
    feed(demux, s, 1);
    const ts_program *program = ts_demux_find_program(demux, 1);
    CHECK(program != NULL && program->has_pmt && program->pmt_pid == PMT_PID &&
          program->pcr_pid == VIDEO);
    CHECK(demux->program_count == 1 && ts_demux_find_program(demux, 0) == NULL);
    CHECK(log.count == 3 && log.last.pid == CUE_PID && (log.last.role & TS_ROLE_CUES));
    CHECK(!log.last.has_time);
    end(demux, s);
}

static void a_section_is_new_once(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    add_psi(s, 0);
    add_psi(s, 0);
    add_psi(s, 1);
    add_psi(s, 1);
    add_psi(s, 0);
    feed(demux, s, 3);
    CHECK(log.count == 10 && log.new_count == 4);
    end(demux, s);
}

static void a_cue_is_new_each_time(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    add_psi(s, 0);
    add_cue(s);
    add_cue(s);
    feed(demux, s, 2);
    CHECK(log.new_count == 4);
    end(demux, s);
}

static void a_bad_crc_is_told_and_not_followed(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    add_psi(s, 0);
    stream_at(s, 1)[20] ^= 1;
    feed(demux, s, 2);
    CHECK(log.count == 2 && log.bad_count == 1 && log.last.is_new);
    CHECK(!ts_demux_find_program(demux, 1)->has_pmt);
    end(demux, s);
}

static void sections_bear_their_program_s_time(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    const uint64_t first = TS_PCR_MODULUS - 27000;
    stream_add_pcr(s, 0x200, 0); /* of no program: the reference */
    add_psi(s, 0);
    stream_add_pcr(s, VIDEO, first);
    stream_add_many(s, VIDEO, 9);
    stream_add_pcr(s, VIDEO, first + 27000 * 10);
    stream_add_many(s, VIDEO, 4);
    add_cue(s);
    feed(demux, s, 3);
    CHECK(log.last.has_time && log.last_packet == 18);
    CHECK(log.last.stream_time == 27000 * 15);
    CHECK(log.last.pts_90khz == 90 * 14);
    CHECK(demux->reference_pid == 0x200 && ts_demux_get_clock(demux, 0x50)->pcr_27mhz == 0);
    CHECK(ts_demux_get_clock(demux, CUE_PID) == demux->clock[VIDEO]);
    end(demux, s);
}

static void a_pcr_that_cannot_be_trusted_is_none(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    stream_add_pcr(s, VIDEO, 5)[1] |= 0x80;
    stream_add_pcr(s, TS_PID_NULL, 5);
    stream_add_adaptation(s, VIDEO, 6)[5] = 0x10; /* no room for one */
    feed(demux, s, 3);
    CHECK(demux->clock[VIDEO] == NULL && demux->clock[TS_PID_NULL] == NULL);
    end(demux, s);
}

static void only_what_is_asked_for_is_followed(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(0, &log);
    stream *s = stream_begin();
    CHECK(ts_demux_watch(demux, CUE_PID) == TS_OK);
    CHECK(ts_demux_watch(demux, TS_PID_NULL) == TS_BAD_ARGUMENT);
    stream_add_pcr(s, VIDEO, 5);
    add_psi(s, 0);
    add_cue(s);
    feed(demux, s, 1);
    CHECK(log.count == 1 && log.last.role == TS_ROLE_SECTIONS && !log.last.has_time);
    CHECK(demux->program_count == 0 && demux->clock[VIDEO] == NULL);
    end(demux, s);
}

static void drops_are_told(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(ALL, &log);
    stream *s = stream_begin();
    const pid_pair programs[] = {{1, PMT_PID}};
    const section_bytes pat = make_pat(0, programs, 1);
    const section_bytes pmt = make_pmt(1, 0, VIDEO, 300, NULL, 0);
    stream_add_table(s, TS_PID_PAT, &pat);
    stream_add_table(s, PMT_PID, &pmt);
    s->count--;
    stream_add_table(s, PMT_PID, &pmt);
    feed(demux, s, 2);
    CHECK(log.drops == 1 && log.count == 2);
    end(demux, s);
}

static ts_status refuse(void *context, const ts_demux_section *section) {
    (void)context;
    return section->pid == PMT_PID ? TS_NO_MEMORY : TS_OK;
}

static void what_the_hook_says_comes_back(void) {
    ts_demux *demux = must(malloc(sizeof *demux));
    stream *s = stream_begin();
    CHECK(ts_demux_init(demux, ALL, refuse, NULL) == TS_OK);
    add_psi(s, 0);
    ts_batch batch;
    ts_batch_init(&batch);
    load_batch(&batch, s, 0, 1);
    CHECK(ts_demux_feed(demux, &batch, 0) == TS_OK);
    load_batch(&batch, s, 1, 1);
    CHECK(ts_demux_feed(demux, &batch, 0) == TS_NO_MEMORY);
    ts_batch_free(&batch);
    end(demux, s);
}

/* More different sections than are remembered. */
static void without_memory_of_it_every_section_is_new(void) {
    demux_log log = {0};
    ts_demux *demux = make_demux(0, &log);
    stream *s = stream_begin();
    CHECK(ts_demux_watch(demux, 0x12) == TS_OK);
    for (unsigned i = 0; i < 70000; i++) {
        section_bytes section;
        begin_section(&section, (uint8_t)(0x50 + (i >> 16)), (uint16_t)i, 0);
        end_section(&section);
        stream_add_table(s, 0x12, &section);
    }
    feed(demux, s, 1000);
    CHECK(log.new_count == 70000);
    feed(demux, s, 1000);
    CHECK(log.count == 140000 && log.new_count > 70000);
    CHECK(demux->seen_capacity <= 131072);
    end(demux, s);
}

int main(void) {
    programs_and_cues_are_followed();
    a_section_is_new_once();
    a_cue_is_new_each_time();
    a_bad_crc_is_told_and_not_followed();
    sections_bear_their_program_s_time();
    a_pcr_that_cannot_be_trusted_is_none();
    only_what_is_asked_for_is_followed();
    drops_are_told();
    what_the_hook_says_comes_back();
    without_memory_of_it_every_section_is_new();
    return CHECK_RESULT;
}
