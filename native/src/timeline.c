#include "tsloom/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"

enum {
    WAITING_FIRST = 256,
    WAITING_MAX = 65536, /* a stream without PCR is judged in pieces of so many sightings */
    DOUBTFUL_RATIO = 4
};

/* PCRs come every 100 ms (ISO/IEC 13818-1, 2.7.2); for so long they are waited for. */
#define PATIENCE_TICKS (TS_PCR_HZ / 2)
/* TR 101 290, 2.3.b. */
#define APART_TICKS (TS_PCR_HZ / 10)
/* A longer step of the arrival clock is one of the clock itself. */
#define ARRIVAL_JUMP_TICKS (TS_PCR_HZ * 3600)

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

static const ts_timeline_anchor *get_anchor(const ts_timeline *timeline, size_t number) {
    return &timeline->anchors[number % TS_TIMELINE_ANCHORS];
}

/* Between the two anchors around it; before all that are kept, by the first two of them. */
static int64_t interpolate(const ts_timeline *timeline, uint64_t packet_index) {
    size_t kept = timeline->anchor_count < TS_TIMELINE_ANCHORS ? timeline->anchor_count
                                                               : (size_t)TS_TIMELINE_ANCHORS;
    size_t end = timeline->anchor_count - 1;
    size_t first = timeline->anchor_count - kept + 1;
    while (end > first && get_anchor(timeline, end - 1)->packet_index >= packet_index) {
        end--;
    }
    const ts_timeline_anchor *to = get_anchor(timeline, end);
    const ts_timeline_anchor *from = get_anchor(timeline, end - 1);
    const ts_clock between = {.packet_index = to->packet_index,
                              .stream_time = to->time,
                              .rate_ticks = to->time - from->time,
                              .rate_packets = to->packet_index - from->packet_index,
                              .started = true};
    return between.rate_ticks > 0 ? ts_clock_get_time(&between, packet_index) : to->time;
}

int64_t ts_timeline_get_time(const ts_timeline *timeline, uint64_t packet_index) {
    if (timeline->anchor_count >= 2 && packet_index < timeline->clock.packet_index) {
        return interpolate(timeline, packet_index);
    }
    return ts_clock_get_time(&timeline->clock, packet_index);
}

static void anchor(ts_timeline *timeline) {
    const ts_clock *clock = &timeline->clock;
    if (timeline->anchor_count > 0 &&
        get_anchor(timeline, timeline->anchor_count - 1)->packet_index >= clock->packet_index) {
        return;
    }
    timeline->anchors[timeline->anchor_count++ % TS_TIMELINE_ANCHORS] =
        (ts_timeline_anchor){clock->packet_index, clock->stream_time};
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

/* The last interval of a variable rate says little about a long time without PCR. */
static void go_on_at_mean_rate(ts_clock *clock) {
    if (clock->joined_packets != 0) {
        clock->rate_ticks = clock->joined_ticks;
        clock->rate_packets = clock->joined_packets;
    }
}

/* Values further apart than PCRs may be, while packets say that this one came in time: either the
 * value is wrong (2.3.b) or the bitrate has changed. Then the next interval is as long again. */
static bool doubt(const ts_timeline *timeline, const ts_sighting *sighting) {
    const ts_clock *clock = &timeline->clock;
    if (!timeline->measured || clock->carried || timeline->doubted) {
        return false;
    }
    ts_clock mean = *clock;
    go_on_at_mean_rate(&mean);
    int64_t by_rate = ts_clock_get_time(clock, sighting->packet_index) - clock->stream_time;
    int64_t by_mean = ts_clock_get_time(&mean, sighting->packet_index) - clock->stream_time;
    int64_t span = by_rate > by_mean ? by_rate : by_mean;
    uint64_t pcr = sighting->value % TS_PCR_MODULUS;
    uint64_t delta = (pcr + TS_PCR_MODULUS - clock->pcr_27mhz) % TS_PCR_MODULUS;
    return delta > APART_TICKS && span < (int64_t)(delta / DOUBTFUL_RATIO);
}

/* The time of arrival beside which the reference stands. */
static void note_arrival(ts_timeline *timeline, const ts_sighting *sighting) {
    timeline->has_arrival = (sighting->flags & TS_SIGHT_ARRIVED) != 0;
    if (timeline->has_arrival) {
        timeline->arrival = sighting->arrival;
        timeline->arrival_index = sighting->packet_index;
    }
}

/* Another reference goes on where the time line stands. */
static void change_reference(ts_timeline *timeline, uint16_t pid, int64_t jump_limit_ticks) {
    ts_clock clock;
    ts_clock_init(&clock, jump_limit_ticks);
    ts_clock_carry_on(&clock, &timeline->clock);
    timeline->clock = clock;
    timeline->reference_pid = pid;
    timeline->switches++;
}

static void feed_arrival(ts_timeline *timeline) {
    const int64_t modulus = (int64_t)TS_PCR_MODULUS;
    const int64_t time = (timeline->arrival % modulus + modulus) % modulus;
    ts_clock_feed(&timeline->clock, timeline->arrival_index, (uint64_t)time, false);
    anchor(timeline);
}

static ts_status see_arrival(ts_timeline *timeline, const ts_sighting *sighting) {
    note_arrival(timeline, sighting);
    feed_arrival(timeline);
    timeline->measured = timeline->measured || timeline->clock.rate_packets != 0;
    return timeline->measured ? ts_timeline_flush(timeline) : TS_OK;
}

/* No PCR has come for too long by the clock of arrival, nor in all of the block: where packets were
 * held up, or recordings joined, their PCRs tell. */
static bool is_silent(const ts_timeline *timeline, const ts_sighting *sighting) {
    return timeline->has_arrival && (sighting->flags & TS_SIGHT_ARRIVED) &&
           timeline->arrival_index <= timeline->block_index &&
           sighting->arrival > timeline->arrival &&
           (uint64_t)sighting->arrival - (uint64_t)timeline->arrival > PATIENCE_TICKS;
}

static ts_status go_by_arrival(ts_timeline *timeline, const ts_sighting *sighting) {
    change_reference(timeline, TS_PID_NULL, ARRIVAL_JUMP_TICKS);
    timeline->by_arrival = true;
    timeline->other_pid = TS_PID_NULL;
    feed_arrival(timeline);
    return see_arrival(timeline, sighting);
}

static ts_status see_reference(ts_timeline *timeline, const ts_sighting *sighting) {
    note_arrival(timeline, sighting);
    timeline->doubted = doubt(timeline, sighting);
    timeline->clock.jump_limit_ticks = timeline->doubted ? APART_TICKS : TS_PCR_HZ;
    ts_clock_feed(&timeline->clock, sighting->packet_index, sighting->value,
                  (sighting->flags & TS_SIGHT_DISCONTINUITY) != 0);
    anchor(timeline);
    if (!timeline->measured && timeline->clock.rate_packets == 0) {
        return TS_OK;
    }
    timeline->measured = true;
    return ts_timeline_flush(timeline);
}

/* The reference has been silent for too long: what waits is judged by the last rate. */
static ts_status give_up_waiting(ts_timeline *timeline, const ts_sighting *sighting) {
    const bool has_other =
        timeline->other_pid != TS_PID_NULL && timeline->other_index > timeline->clock.packet_index;
    if (!has_other && is_silent(timeline, sighting)) {
        return go_by_arrival(timeline, sighting);
    }
    go_on_at_mean_rate(&timeline->clock);
    ts_status status = ts_timeline_flush(timeline);
    if (has_other) {
        change_reference(timeline, timeline->other_pid, 0);
        timeline->other_pid = TS_PID_NULL;
    }
    return status;
}

static bool is_overdue(const ts_timeline *timeline, const ts_sighting *sighting) {
    if (timeline->waiting_count >= WAITING_MAX || is_silent(timeline, sighting)) {
        return true;
    }
    ts_clock mean = timeline->clock;
    go_on_at_mean_rate(&mean);
    return timeline->measured &&
           ts_clock_get_time(&mean, sighting->packet_index) - mean.stream_time > PATIENCE_TICKS;
}

static ts_status see_block(ts_timeline *timeline, const ts_sighting *sighting) {
    ts_status status = TS_OK;
    if (timeline->by_arrival) {
        status = (sighting->flags & TS_SIGHT_ARRIVED) ? see_arrival(timeline, sighting) : TS_OK;
    } else if (is_overdue(timeline, sighting)) {
        status = give_up_waiting(timeline, sighting);
    } else if (!timeline->has_arrival) {
        note_arrival(timeline, sighting);
    }
    timeline->block_index = sighting->packet_index;
    return status;
}

/* A PCR is the better clock, whenever there is one. */
static void choose_reference(ts_timeline *timeline, uint16_t pid) {
    if (timeline->by_arrival) {
        timeline->by_arrival = false;
        change_reference(timeline, pid, 0);
    } else if (timeline->reference_pid == TS_PID_NULL) {
        timeline->reference_pid = pid;
    }
}

ts_status ts_timeline_see(ts_timeline *timeline, const ts_sighting *sighting) {
    ts_status status = keep(timeline, sighting);
    if (status != TS_OK) {
        return status;
    }
    if (sighting->kind == TS_SIGHT_PCR) {
        choose_reference(timeline, sighting->pid);
        if (sighting->pid == timeline->reference_pid) {
            return see_reference(timeline, sighting);
        }
        timeline->other_pid = sighting->pid;
        timeline->other_index = sighting->packet_index;
    }
    return sighting->kind == TS_SIGHT_BLOCK ? see_block(timeline, sighting) : TS_OK;
}
