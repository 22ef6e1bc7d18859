/* Streams of any content through the stages that edit them. Whatever comes in: every packet that
 * leaves has its sync byte, header words say what packets say, the cuts change nothing, and no
 * stage makes a continuity error where there was none. */
#include "fuzz_stream.h"
#include "tsloom/continuity.h"
#include "tsloom/insert.h"
#include "tsloom/pid_remap.h"
#include "tsloom/service_filter.h"

enum { SECTIONS = 6, EVENTS_MAX = 4096 };

typedef struct outcome {
    stream *out;
    ts_insert_event events[EVENTS_MAX];
    size_t event_count;
    uint64_t carousel_confirmed;
    uint64_t carousel_failed;
} outcome;

/* Memory is used again soon: a page touched for the first time costs more than what is checked. */
const char *__asan_default_options(void);

const char *__asan_default_options(void) {
    return "quarantine_size_mb=4:malloc_context_size=1";
}

typedef void (*runner)(const stream *in, const fuzz_choice *choice, size_t cut, outcome *result);

static void run_bench(bench_run *run, const stream *in, size_t cut, outcome *result) {
    run_stream(run, in, &cut, 1, result->out);
    require(!run->lying);
}

static void run_service_filter(const stream *in, const fuzz_choice *choice, size_t cut,
                               outcome *result) {
    static ts_service_filter room;
    ts_service_filter *stage = &room;
    const uint16_t program_numbers[] = {1 + (choice->rest[0] & 1u), choice->rest[1]};
    require(ts_service_filter_init(stage, program_numbers, 2) == TS_OK);
    bench_run run = {.stage = {.process = ts_service_filter_process, .state = stage}};
    run_bench(&run, in, cut, result);
    require(result->out->count + stage->filter.dropped == in->count);
    ts_service_filter_free(stage);
}

static void run_pid_remap(const stream *in, const fuzz_choice *choice, size_t cut,
                          outcome *result) {
    static ts_pid_remap room;
    ts_pid_remap *stage = &room;
    require(ts_pid_remap_init(stage) == TS_OK);
    for (size_t i = 0; i < 8; i++) {
        ts_pid_remap_set(stage, (uint16_t)(FUZZ_PMT + (choice->rest[i] & 0x1Fu)),
                         (uint16_t)(0x100 + i));
    }
    bench_run run = {.stage = {.process = ts_pid_remap_process, .state = stage}};
    run_bench(&run, in, cut, result);
    require(result->out->count == in->count);
    ts_pid_remap_free(stage);
}

typedef struct insert_fuzz {
    ts_inserter *stage;
    const fuzz_choice *choice;
    outcome *result;
    size_t turn;
    ts_carousel carousel;
    size_t slots[SECTIONS];
} insert_fuzz;

static void queue_section(const insert_fuzz *f, size_t index, int64_t now) {
    static const size_t sizes[] = {20, 183, 184, 400, 700, 4096};
    const uint8_t how = f->choice->rest[index];
    section_bytes section;
    begin_section(&section, 0x80, (uint16_t)index, 0);
    section.size = sizes[index] - TS_SECTION_CRC_SIZE;
    memset(section.bytes + TS_SECTION_LONG_HEADER_SIZE, how,
           section.size - TS_SECTION_LONG_HEADER_SIZE);
    end_section(&section);
    /* Packets are a millisecond apart: due within a short stream, or a long one. */
    const int64_t step = f->choice->rest[17] & 1 ? INT64_C(540000) : INT64_C(40000);
    const int64_t due = now + (how & 15) * step;
    const uint16_t pids[] = {FUZZ_CUES, TS_PID_EIT, FUZZ_CUES, FUZZ_PMT + (how >> 7)};
    const ts_insert_item item = {.id = index,
                                 .due = due,
                                 .deadline = due + (how >> 4 & 3) * INT64_C(270000),
                                 .interval = how & 64 ? 1350000 : 0,
                                 .group = how & 64 ? 0 : index % 3,
                                 .section = section.bytes,
                                 .size = section.size,
                                 .pid = pids[index & 3u]};
    require(ts_inserter_queue(f->stage, &item) == TS_OK);
}

/* Sections that come round in some hundred packets, or so long that few of them do. */
static void fill_carousel(insert_fuzz *f) {
    static const uint8_t section[TS_SECTION_MAX] = {0x4E, 0xF0, 0x20};
    ts_carousel_init(&f->carousel, f->choice->rest[15] * INT64_C(27000), 0);
    for (size_t i = 0; i < SECTIONS; i++) {
        const uint8_t how = f->choice->rest[i];
        const ts_carousel_section wanted = {
            section, 20 + how * INT64_C(10), how * 15485863u, i % 3, TS_PID_EIT, i & 1u};
        require(ts_carousel_put(&f->carousel, &wanted, &f->slots[i]) == TS_OK);
    }
    for (size_t i = 0; i < 2; i++) {
        const int64_t period = (1 + f->choice->rest[16]) * INT64_C(270000);
        require(ts_carousel_set_turn(&f->carousel, i, 0, period) == TS_OK);
    }
    require(ts_inserter_set_carousel(f->stage, &f->carousel, 540000, 0) == TS_OK);
    ts_inserter_set_until(f->stage, INT64_MAX);
}

static void change_carousel(insert_fuzz *f) {
    static const uint8_t other[40] = {0x4F, 0xF0, 37};
    const size_t slot = f->slots[f->turn % SECTIONS];
    ts_status status = f->turn & 1u ? ts_carousel_remove(&f->carousel, slot)
                                    : ts_carousel_replace(&f->carousel, slot, other, sizeof other);
    require(status == TS_OK || f->turn >= SECTIONS);
    ts_inserter_set_until(f->stage, INT64_MAX);
}

/* Sections at the first event that tells a time; some are taken back at the next. */
static void control(void *context) {
    insert_fuzz *f = context;
    bool wants = false;
    int64_t now = 0;
    for (size_t i = 0; i < f->stage->event_count; i++) {
        const ts_insert_event *event = &f->stage->events[i];
        if (f->result->event_count < EVENTS_MAX) {
            f->result->events[f->result->event_count++] = *event;
        }
        wants = wants || event->kind == TS_INSERT_CLOCK_STARTED ||
                event->kind == TS_INSERT_CLOCK_BROKEN;
        now = event->stream_time;
    }
    ts_inserter_clear_events(f->stage);
    if (!wants) {
        return;
    }
    if (f->stage->carousel.source != NULL) {
        change_carousel(f);
    }
    for (size_t i = 0; i < SECTIONS; i++) {
        if (f->turn == 0) {
            queue_section(f, i, now);
        } else if (f->choice->rest[SECTIONS + i] % 4 == f->turn) {
            ts_inserter_cancel(f->stage, i);
        }
    }
    f->turn++;
}

static void check_events(const stream *in, const outcome *result) {
    for (size_t i = 0; i < result->event_count; i++) {
        const ts_insert_event *event = &result->events[i];
        if (event->kind != TS_INSERT_CONFIRMED) {
            require(event->packet_index < in->count);
            continue;
        }
        const uint8_t *first = stream_at(result->out, event->packet_index);
        require(event->packet_index <= event->last_packet_index);
        require(event->last_packet_index < result->out->count);
        require(stream_pid(result->out, event->packet_index) == event->pid);
        require(stream_pid(result->out, event->last_packet_index) == event->pid);
        require((first[1] & 0x40u) && first[5] == 0x80 && first[9] == event->id);
        require(event->pts_90khz < TS_PTS_MODULUS);
    }
}

static void announce(ts_inserter *stage, const fuzz_choice *choice) {
    static const uint8_t descriptors[] = {0x05, 4, 'C', 'U', 'E', 'I', 0x8A, 1, 1};
    const psi_slice program_info = {descriptors, choice->rest[15] & 1u ? 6 : 0};
    const psi_slice es_info = {descriptors + 6, 3};
    require(ts_inserter_announce(stage, FUZZ_CUES, program_info, es_info) == TS_OK);
}

static void take_si(ts_inserter *stage, const fuzz_choice *choice) {
    /* The stream's own SI is read, told of, and replaced. */
    require(!(choice->rest[15] & 4u) ||
            (ts_inserter_follow_sdt(stage) == TS_OK && ts_inserter_follow_time(stage) == TS_OK));
    const uint16_t replaced = choice->rest[15] & 16u ? TS_PID_TDT : TS_PID_EIT;
    require(!(choice->rest[15] & 8u) || ts_inserter_replace(stage, replaced) == TS_OK);
}

static void run_inserter(const stream *in, const fuzz_choice *choice, size_t cut, outcome *result) {
    static ts_inserter stage;
    insert_fuzz f = {.stage = &stage, .choice = choice, .result = result};
    const ts_room room = (ts_room)(choice->rest[13] % 3);
    require(ts_inserter_init(f.stage, room, choice->rest[14] & 1u) == TS_OK);
    if (choice->rest[15] & 2u) {
        announce(f.stage, choice);
    }
    take_si(f.stage, choice);
    f.stage->group_spacing = choice->rest[15] * INT64_C(27000);
    f.stage->spacing[FUZZ_CUES] = choice->rest[16] * INT64_C(27000);
    if (choice->rest[15] & 32u) {
        fill_carousel(&f);
    }
    bench_run run = {.stage = {.process = ts_inserter_process, .state = f.stage},
                     .control = control,
                     .context = &f};
    run_bench(&run, in, cut, result);
    ts_batch rest;
    ts_batch_init(&rest);
    require(ts_inserter_finish(f.stage, &rest) == TS_OK);
    take_batch(&run, &rest, result->out);
    control(&f);
    require(room != TS_ROOM_NULLS || result->out->count == in->count);
    require(result->out->count >= in->count);
    check_events(in, result);
    result->carousel_confirmed = stage.carousel.confirmed;
    result->carousel_failed = stage.carousel.failed;
    ts_batch_free(&rest);
    ts_inserter_free(f.stage);
    ts_carousel_free(&f.carousel);
}

static bool same_events(const outcome *a, const outcome *b) {
    bool same = a->event_count == b->event_count &&
                a->carousel_confirmed == b->carousel_confirmed &&
                a->carousel_failed == b->carousel_failed;
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

static void run_cut(runner run, const stream *in, const fuzz_choice *choice, size_t cut,
                    outcome *result) {
    result->out = stream_begin();
    result->event_count = 0;
    result->carousel_confirmed = result->carousel_failed = 0;
    run(in, choice, cut, result);
    for (size_t i = 0; i < result->out->count; i++) {
        require(stream_at(result->out, i)[0] == TS_SYNC_BYTE);
    }
}

static void check_stage(runner run, const stream *in, const fuzz_choice *choice, bool counts) {
    static outcome whole;
    static outcome pieces;
    run_cut(run, in, choice, in->count + 1, &whole);
    run_cut(run, in, choice, choice->cut, &pieces);
    require(same_streams(whole.out, pieces.out));
    require(same_events(&whole, &pieces));
    require(!counts || count_continuity_errors(whole.out) == 0);
    stream_end(whole.out);
    stream_end(pieces.out);
}

/* The stream without a continuity error. */
static void repair(stream *s) {
    static ts_continuity_repair room;
    ts_continuity_repair *stage = &room;
    ts_batch batch;
    ts_batch_init(&batch);
    require(ts_continuity_repair_init(stage) == TS_OK);
    for (size_t i = 0; i < s->count; i++) {
        ts_continuity_repair_enable(stage, stream_pid(s, i));
    }
    load_batch(&batch, s, 0, s->count);
    require(ts_continuity_repair_process(stage, &batch) == TS_OK);
    if (s->count > 0) {
        memcpy(s->packets, batch.packets, s->count * TS_PACKET_SIZE);
    }
    ts_batch_free(&batch);
    ts_continuity_repair_free(stage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_choice choice;
    stream *s = fuzz_build(data, size, &choice);
    if (s == NULL) {
        return 0;
    }
    const bool repaired = choice.bits & 4u;
    if (repaired) {
        repair(s);
    }
    switch (choice.bits & 3u) {
    case 0:
        check_stage(run_service_filter, s, &choice, false);
        break;
    case 1:
        check_stage(run_pid_remap, s, &choice, false);
        break;
    default:
        check_stage(run_inserter, s, &choice, repaired);
        break;
    }
    stream_end(s);
    return 0;
}
