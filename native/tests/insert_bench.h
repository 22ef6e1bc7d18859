/* For the tests of the inserter: a program of one millisecond a packet, sections that the control
 * plane queues when the clock starts, and all events in their order. */
#ifndef TSLOOM_TESTS_INSERT_BENCH_H
#define TSLOOM_TESTS_INSERT_BENCH_H

#include "stream_bench.h"
#include "tsloom/insert.h"

enum { BENCH_PMT = 0x30, BENCH_VIDEO = 0x100, BENCH_AUDIO = 0x101, BENCH_CUES = 0x1F4 };
enum { MS = 27000, BENCH_PLANS = 64, BENCH_EVENTS = 4096 };

typedef struct planned {
    ts_insert_item item;
    section_bytes section;
} planned;

typedef struct insert_bench {
    ts_inserter *stage;
    stream *in;
    stream *out;
    planned *plans; /* queued when the clock starts */
    size_t plan_count;
    ts_insert_event *events;
    size_t event_count;
    bool lying;
} insert_bench;

static inline insert_bench bench_begin(ts_room room, uint16_t program_number) {
    insert_bench b = {.stage = must(malloc(sizeof(ts_inserter))),
                      .in = stream_begin(),
                      .out = stream_begin(),
                      .plans = must(calloc(BENCH_PLANS, sizeof(planned))),
                      .events = must(calloc(BENCH_EVENTS, sizeof(ts_insert_event)))};
    if (ts_inserter_init(b.stage, room, program_number) != TS_OK) {
        abort();
    }
    return b;
}

static inline void bench_end(insert_bench *b) {
    ts_inserter_free(b->stage);
    free(b->stage);
    free(b->plans);
    free(b->events);
    stream_end(b->in);
    stream_end(b->out);
}

static inline ts_status bench_announce(insert_bench *b) {
    static const uint8_t registration[] = {0x05, 4, 'C', 'U', 'E', 'I'};
    static const uint8_t cue_identifier[] = {0x8A, 1, 1};
    return ts_inserter_announce(b->stage, BENCH_CUES,
                                (psi_slice){registration, sizeof registration},
                                (psi_slice){cue_identifier, sizeof cue_identifier});
}

/* A section that names its id, so that it is known in the output; ids from 1 on in their order. */
static inline planned *bench_plan(insert_bench *b, int64_t due_ms, int64_t deadline_ms,
                                  size_t size) {
    planned *plan = &b->plans[b->plan_count++];
    begin_section(&plan->section, 0xC0, (uint16_t)b->plan_count, 0);
    memset(plan->section.bytes + plan->section.size, 0x33, size);
    plan->section.size = size - TS_SECTION_CRC_SIZE;
    end_section(&plan->section);
    plan->item = (ts_insert_item){.id = b->plan_count,
                                  .due = due_ms * MS,
                                  .deadline = deadline_ms * MS,
                                  .size = size,
                                  .pid = BENCH_CUES};
    return plan;
}

static inline void bench_queue(insert_bench *b, planned *plan) {
    plan->item.section = plan->section.bytes;
    if (ts_inserter_queue(b->stage, &plan->item) != TS_OK) {
        abort();
    }
}

static inline void bench_control(void *context) {
    insert_bench *b = context;
    for (size_t i = 0; i < b->stage->event_count; i++) {
        const ts_insert_event *event = &b->stage->events[i];
        if (b->event_count < BENCH_EVENTS) {
            b->events[b->event_count++] = *event;
        }
        for (size_t j = 0; event->kind == TS_INSERT_CLOCK_STARTED && j < b->plan_count; j++) {
            bench_queue(b, &b->plans[j]);
        }
    }
    ts_inserter_clear_events(b->stage);
}

/* The whole input, and its end. */
static inline void bench_run_cut(insert_bench *b, size_t cut) {
    ts_batch rest;
    bench_run run = {.stage = {.process = ts_inserter_process, .state = b->stage},
                     .control = bench_control,
                     .context = b};
    run_stream(&run, b->in, &cut, 1, b->out);
    ts_batch_init(&rest);
    if (ts_inserter_finish(b->stage, &rest) != TS_OK) {
        abort();
    }
    take_batch(&run, &rest, b->out);
    ts_batch_free(&rest);
    bench_control(b);
    b->lying = run.lying;
}

static inline void bench_run_all(insert_bench *b) {
    bench_run_cut(b, SIZE_MAX);
}

/* Events of one kind; the n-th of them, zeros if there is none. */
static inline size_t bench_count(const insert_bench *b, ts_insert_kind kind) {
    size_t found = 0;
    for (size_t i = 0; i < b->event_count; i++) {
        found += b->events[i].kind == kind;
    }
    return found;
}

static inline ts_insert_event bench_event(const insert_bench *b, ts_insert_kind kind, size_t n) {
    for (size_t i = 0; i < b->event_count; i++) {
        if (b->events[i].kind == kind && n-- == 0) {
            return b->events[i];
        }
    }
    return (ts_insert_event){0};
}

static inline bool same_events(const insert_bench *a, const insert_bench *b) {
    bool same = a->event_count == b->event_count;
    for (size_t i = 0; same && i < a->event_count; i++) {
        const ts_insert_event *x = &a->events[i];
        const ts_insert_event *y = &b->events[i];
        same = x->kind == y->kind && x->reason == y->reason && x->pid == y->pid &&
               x->added == y->added && x->id == y->id && x->packet_index == y->packet_index &&
               x->last_packet_index == y->last_packet_index && x->stream_time == y->stream_time &&
               x->pts_90khz == y->pts_90khz;
    }
    return same;
}

static inline void add_program_pat(stream *s, uint8_t version, uint16_t pmt_pid) {
    const pid_pair programs[] = {{1, pmt_pid}};
    const section_bytes pat = make_pat(version, programs, 1);
    stream_add_table(s, TS_PID_PAT, &pat);
}

static inline void add_program_pmt(stream *s, uint16_t pmt_pid, uint8_t version, uint16_t pcr_pid,
                                   size_t padding) {
    const pid_pair streams[] = {{0x1B, BENCH_VIDEO}, {0x0F, BENCH_AUDIO}};
    const section_bytes pmt = make_pmt(1, version, pcr_pid, padding, streams, 2);
    stream_add_table(s, pmt_pid, &pmt);
}

/* A PCR that says where it stands, in milliseconds. */
static inline void add_program_pcr(stream *s, uint16_t pid, uint64_t first) {
    stream_add_pcr(s, pid, first + s->count * MS);
}

typedef struct program_shape {
    size_t packets;
    size_t nulls_every; /* 0: none */
    size_t pmt_padding;
    uint64_t first_pcr;
} program_shape;

/* PAT and PMT at first and every 50 packets, a PCR every 10, the rest video. */
static inline void add_program(stream *s, program_shape shape) {
    for (const size_t end = s->count + shape.packets; s->count < end;) {
        const size_t at = s->count;
        if (at % 50 == 0) {
            add_program_pat(s, 0, BENCH_PMT);
            add_program_pmt(s, BENCH_PMT, 0, BENCH_VIDEO, shape.pmt_padding);
        } else if (at % 10 == 9) {
            add_program_pcr(s, BENCH_VIDEO, shape.first_pcr);
        } else if (shape.nulls_every != 0 && at % shape.nulls_every == 3) {
            stream_add_nulls(s, 1);
        } else {
            stream_add(s, BENCH_VIDEO);
        }
    }
}

/* Stream time of an input packet of such a program: its first PCR stands at 9. */
static inline int64_t bench_time(uint64_t packet_index) {
    return ((int64_t)packet_index - 9) * MS;
}

#endif
