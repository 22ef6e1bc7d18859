#include "tsloom/timeline.h"

#include "check.h"

enum { PID = 0x100, OTHER = 0x110 };
#define MS INT64_C(27000)

typedef struct line {
    ts_timeline timeline;
    int64_t last;
} line;

static ts_status take(void *context, const ts_sighting *sighting) {
    line *l = context;
    if (sighting->kind == TS_SIGHT_FIRST) {
        l->last = ts_timeline_get_time(&l->timeline, sighting->packet_index);
    }
    return TS_OK;
}

static void see(line *l, ts_sighting_kind kind, uint64_t index, uint16_t pid, uint64_t value) {
    const ts_sighting sighting = {
        .packet_index = index, .value = value, .pid = pid, .kind = (uint8_t)kind};
    CHECK(ts_timeline_see(&l->timeline, &sighting) == TS_OK);
}

static void time_is_interpolated_behind_any_later_pcr(void) {
    line l = {.last = -1};
    ts_timeline_init(&l.timeline, take, &l);
    see(&l, TS_SIGHT_PCR, 0, PID, 0);
    see(&l, TS_SIGHT_FIRST, 50, PID, 0);
    CHECK(l.last == -1);
    see(&l, TS_SIGHT_PCR, 100, PID, 40 * MS);
    CHECK(l.last == 20 * MS);
    see(&l, TS_SIGHT_PCR, 110, PID, 80 * MS);
    CHECK(ts_timeline_get_time(&l.timeline, 50) == 20 * MS);
    CHECK(ts_timeline_get_time(&l.timeline, 105) == 60 * MS);
    ts_timeline_free(&l.timeline);
}

static void a_lone_jump_of_the_value_moves_no_time(void) {
    line l = {.last = -1};
    ts_timeline_init(&l.timeline, take, &l);
    for (uint64_t i = 0; i < 10; i++) {
        see(&l, TS_SIGHT_PCR, i * 40, PID, i * 40 * MS + (i >= 5 ? 300 * MS : 0));
    }
    CHECK(ts_timeline_get_time(&l.timeline, 360) == 360 * MS);
    ts_timeline_free(&l.timeline);
}

static void another_pcr_takes_over(void) {
    line l = {.last = -1};
    ts_timeline_init(&l.timeline, take, &l);
    for (uint64_t i = 0; i < 50; i++) {
        if (i < 10) {
            see(&l, TS_SIGHT_PCR, i * 40, PID, i * 40 * MS);
        }
        see(&l, TS_SIGHT_PCR, i * 40 + 20, OTHER, i * 40 * MS);
        see(&l, TS_SIGHT_BLOCK, i * 40 + 39, TS_SIGHT_BLOCK, 0);
    }
    CHECK(l.timeline.switches == 1 && l.timeline.reference_pid == OTHER);
    CHECK(ts_timeline_get_time(&l.timeline, 1980) == 1980 * MS);
    ts_timeline_free(&l.timeline);
}

int main(void) {
    time_is_interpolated_behind_any_later_pcr();
    a_lone_jump_of_the_value_moves_no_time();
    another_pcr_takes_over();
    return CHECK_RESULT;
}
