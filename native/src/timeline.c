#include "tsloom/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"

enum {
    WAITING_FIRST = 256,
    WAITING_MAX = 65536 /* a stream without PCR is judged in pieces of so many sightings */
};

/* PCRs come every 100 ms (ISO/IEC 13818-1, 2.7.2); for so long they are waited for. */
#define PATIENCE_TICKS (TS_PCR_HZ / 2)

void ts_timeline_init(ts_timeline *timeline, ts_timeline_sink sink, void *context) {
    memset(timeline, 0, sizeof *timeline);
    ts_clock_init(&timeline->clock, 0);
    timeline->reference_pid = TS_PID_NULL;
    timeline->other_pid = TS_PID_NULL;
    timeline->sink = sink;
    timeline->context = context;
}

void ts_timeline_free(ts_timeline *timeline) {
    free(timeline->waiting);
    timeline->waiting = NULL;
    timeline->waiting_count = timeline->waiting_capacity = 0;
}

int64_t ts_timeline_get_time(const ts_timeline *timeline, uint64_t packet_index) {
    return ts_clock_get_time(&timeline->clock, packet_index);
}

ts_status ts_timeline_flush(ts_timeline *timeline) {
    ts_status status = TS_OK;
    size_t count = timeline->waiting_count;
    timeline->has_time = timeline->measured;
    for (size_t i = 0; i < count && status == TS_OK; i++) {
        status = timeline->sink(timeline->context, &timeline->waiting[i]);
    }
    timeline->waiting_count = 0;
    return status;
}

static ts_status keep(ts_timeline *timeline, const ts_sighting *sighting) {
    if (timeline->waiting_count == timeline->waiting_capacity) {
        size_t capacity =
            timeline->waiting_capacity ? timeline->waiting_capacity * 2 : (size_t)WAITING_FIRST;
        ts_sighting *waiting = realloc(timeline->waiting, capacity * sizeof *waiting);
        if (waiting == NULL) {
            return TS_NO_MEMORY;
        }
        timeline->waiting = waiting;
        timeline->waiting_capacity = capacity;
    }
    timeline->waiting[timeline->waiting_count++] = *sighting;
    return TS_OK;
}

static ts_status see_reference(ts_timeline *timeline, const ts_sighting *sighting) {
    ts_clock_feed(&timeline->clock, sighting->packet_index, sighting->value,
                  (sighting->flags & TS_SIGHT_DISCONTINUITY) != 0);
    if (!timeline->measured && timeline->clock.rate_packets == 0) {
        return TS_OK;
    }
    timeline->measured = true;
    return ts_timeline_flush(timeline);
}

/* The last interval of a variable rate says little about a long time without PCR. */
static void go_on_at_mean_rate(ts_clock *clock) {
    if (clock->joined_packets != 0) {
        clock->rate_ticks = clock->joined_ticks;
        clock->rate_packets = clock->joined_packets;
    }
}

/* The reference has been silent for too long: what waits is judged by the last rate. */
static ts_status give_up_waiting(ts_timeline *timeline) {
    go_on_at_mean_rate(&timeline->clock);
    ts_status status = ts_timeline_flush(timeline);
    if (timeline->other_pid == TS_PID_NULL ||
        timeline->other_index <= timeline->clock.packet_index) {
        return status;
    }
    ts_clock clock;
    ts_clock_init(&clock, 0);
    ts_clock_carry_on(&clock, &timeline->clock);
    timeline->clock = clock;
    timeline->reference_pid = timeline->other_pid;
    timeline->other_pid = TS_PID_NULL;
    timeline->switches++;
    return status;
}

static bool is_overdue(const ts_timeline *timeline, uint64_t packet_index) {
    if (timeline->waiting_count >= WAITING_MAX) {
        return true;
    }
    ts_clock mean = timeline->clock;
    go_on_at_mean_rate(&mean);
    return timeline->measured &&
           ts_clock_get_time(&mean, packet_index) - mean.stream_time > PATIENCE_TICKS;
}

ts_status ts_timeline_see(ts_timeline *timeline, const ts_sighting *sighting) {
    ts_status status = keep(timeline, sighting);
    if (status != TS_OK) {
        return status;
    }
    if (sighting->kind == TS_SIGHT_PCR) {
        if (timeline->reference_pid == TS_PID_NULL) {
            timeline->reference_pid = sighting->pid;
        }
        if (sighting->pid == timeline->reference_pid) {
            return see_reference(timeline, sighting);
        }
        timeline->other_pid = sighting->pid;
        timeline->other_index = sighting->packet_index;
    }
    if (sighting->kind == TS_SIGHT_BLOCK && is_overdue(timeline, sighting->packet_index)) {
        return give_up_waiting(timeline);
    }
    return TS_OK;
}
