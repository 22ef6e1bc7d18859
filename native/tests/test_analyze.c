#include "tsloom/analyze.h"

#include "stream_bench.h"

#include "check.h"

enum { PID = 0x100, PMT = 0x30 };

static ts_analyzer *analyze(const stream *s, size_t cut) {
    ts_analyzer *analyzer = must(malloc(sizeof *analyzer));
    stream *out = stream_begin();
    CHECK(ts_analyzer_init(analyzer) == TS_OK);
    bench_run run = {.stage = {.process = ts_analyzer_process, .state = analyzer}};
    run_stream(&run, s, &cut, 1, out);
    CHECK(!run.lying && same_streams(s, out));
    stream_end(out);
    return analyzer;
}

static void end(ts_analyzer *analyzer) {
    ts_analyzer_free(analyzer);
    free(analyzer);
}

/* One of each, twice; where they stand is known. */
static stream *make_defects(void) {
    stream *s = stream_begin();
    for (size_t i = 0; i < 2; i++) {
        stream_add_many(s, PID, 10);
        s->counter[PID] = (uint8_t)(s->counter[PID] + 3);
        stream_add(s, PID)[1] |= 0x40;               /* 10: three are lost */
        stream_repeat(s);                            /* 11: a legal duplicate */
        stream_repeat(s);                            /* 12: one too many */
        stream_add(s, PID)[1] |= 0x80;               /* 13: transport error */
        stream_add(s, PID);                          /* 14: the counter shows it */
        stream_add_adaptation(s, PID, 20)[5] = 0x80; /* 15: discontinuity_indicator */
        stream_add_adaptation(s, PID, 182)[4] = 183; /* 16: adaptation field too long */
        stream_add_nulls(s, 3);
    }
    return s;
}

static void every_defect_is_counted(void) {
    stream *s = make_defects();
    ts_analyzer *analyzer = analyze(s, 7);
    const ts_pid_counters *counters = &analyzer->counters[PID];
    CHECK(analyzer->packets == 40 && analyzer->continuity.pid[PID].packets == 34);
    CHECK(counters->continuity_errors == 6 && counters->duplicates == 2);
    CHECK(counters->transport_errors == 2 && counters->discontinuities == 2);
    CHECK(counters->adaptation_errors == 2);
    CHECK(analyzer->continuity.pid[TS_PID_NULL].packets == 6);
    CHECK(analyzer->continuity.active_count == 2);
    end(analyzer);
    stream_end(s);
}

static void every_defect_is_an_event_with_its_place(void) {
    stream *s = make_defects();
    ts_analyzer *analyzer = analyze(s, 9);
    const ts_stream_event wanted[] = {
        {10, PID, TS_MARK_CONTINUITY_ERROR, 3}, {12, PID, TS_MARK_CONTINUITY_ERROR, 0},
        {13, PID, TS_MARK_TRANSPORT_ERROR, 0},  {14, PID, TS_MARK_CONTINUITY_ERROR, 1},
        {15, PID, TS_MARK_DISCONTINUITY, 0},    {16, PID, 0, 0}};
    CHECK(analyzer->event_count == 12);
    for (size_t i = 0; i < 12; i++) {
        const ts_stream_event *event = &analyzer->events[i];
        CHECK(event->packet_index == wanted[i % 6].packet_index + i / 6 * 20);
        CHECK(event->pid == PID && event->marks == wanted[i % 6].marks);
        CHECK(event->missing == wanted[i % 6].missing);
    }
    end(analyzer);
    stream_end(s);
}

static void what_is_found_does_not_depend_on_the_cuts(void) {
    stream *s = make_defects();
    ts_analyzer *whole = analyze(s, s->count);
    for (size_t cut = 1; cut < s->count; cut++) {
        ts_analyzer *pieces = analyze(s, cut);
        CHECK(memcmp(whole->counters, pieces->counters, sizeof whole->counters) == 0);
        CHECK(whole->event_count == pieces->event_count);
        for (size_t i = 0; i < whole->event_count; i++) {
            CHECK(whole->events[i].packet_index == pieces->events[i].packet_index);
            CHECK(whole->events[i].marks == pieces->events[i].marks);
        }
        end(pieces);
    }
    end(whole);
    stream_end(s);
}

static void more_events_than_are_kept_are_counted(void) {
    stream *s = stream_begin();
    for (size_t i = 0; i < TS_ANALYZER_EVENTS + 100; i++) {
        stream_add(s, PID);
        s->counter[PID]++;
    }
    ts_analyzer *analyzer = analyze(s, 1000);
    CHECK(analyzer->event_count == TS_ANALYZER_EVENTS && analyzer->lost_events == 99);
    CHECK(analyzer->counters[PID].continuity_errors == TS_ANALYZER_EVENTS + 99);
    end(analyzer);
    stream_end(s);
}

static void tables_and_clocks_come_with_it(void) {
    const pid_pair programs[] = {{1, PMT}};
    const section_bytes pat = make_pat(0, programs, 1);
    const section_bytes pmt = make_pmt(1, 0, PID, 0, NULL, 0);
    stream *s = stream_begin();
    for (size_t i = 0; i < 3; i++) {
        stream_add_table(s, TS_PID_PAT, &pat);
        stream_add_table(s, PMT, &pmt);
        stream_add_pcr(s, PID, 27000u * i);
    }
    ts_analyzer *analyzer = analyze(s, 2);
    CHECK(analyzer->recorder.record_count == 2 && analyzer->recorder.sections == 6);
    CHECK(analyzer->demux.clock[PID]->pcr_count == 3);
    CHECK(analyzer->demux.clock[PID]->stream_time == 54000);
    end(analyzer);
    stream_end(s);
}

int main(void) {
    every_defect_is_counted();
    every_defect_is_an_event_with_its_place();
    what_is_found_does_not_depend_on_the_cuts();
    more_events_than_are_kept_are_counted();
    tables_and_clocks_come_with_it();
    return CHECK_RESULT;
}
