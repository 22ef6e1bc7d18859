#include "tsloom/clock.h"

#include "tsloom/packet.h"

/* Beyond this many packets without a PCR an extrapolated time says nothing, and the product below
 * would leave 64 bits. */
#define TS_CLOCK_REACH_PACKETS (UINT64_C(1) << 36)
/* Bounds for hostile input that keep every sum within 64 bits: 1,300 years and four times that. */
/* Factors up to here have a product below SPAN_MAX: all but hostile ones do. */
#define PRODUCT_MAX (UINT64_C(1) << 30)
#define SPAN_MAX (UINT64_C(1) << 60)
#define STREAM_TIME_MAX (INT64_C(1) << 62)

void ts_clock_init(ts_clock *clock, int64_t jump_limit_ticks) {
    *clock = (ts_clock){0};
    clock->jump_limit_ticks = jump_limit_ticks > 0 ? jump_limit_ticks : TS_PCR_HZ;
}

static int64_t span_ticks(const ts_clock *clock, uint64_t packets) {
    if (clock->rate_packets == 0) {
        return 0;
    }
    uint64_t reach = packets < TS_CLOCK_REACH_PACKETS ? packets : TS_CLOCK_REACH_PACKETS;
    uint64_t ticks = (uint64_t)clock->rate_ticks;
    uint64_t packets_per_ticks = clock->rate_packets;
    if (reach <= PRODUCT_MAX && ticks <= PRODUCT_MAX) {
        return (int64_t)(reach * ticks / packets_per_ticks);
    }
    uint64_t whole = reach / packets_per_ticks;
    uint64_t rest = reach % packets_per_ticks;
    if (whole > SPAN_MAX / ticks) {
        return (int64_t)SPAN_MAX;
    }
    while (rest > SPAN_MAX / ticks) {
        rest /= 2;
        packets_per_ticks /= 2;
    }
    uint64_t span = whole * ticks + rest * ticks / packets_per_ticks;
    return (int64_t)(span < SPAN_MAX ? span : SPAN_MAX);
}

static int64_t bound_time(int64_t stream_time) {
    return stream_time < STREAM_TIME_MAX ? stream_time : STREAM_TIME_MAX;
}

int64_t ts_clock_get_time(const ts_clock *clock, uint64_t packet_index) {
    if (!clock->started) {
        return 0;
    }
    if (packet_index >= clock->packet_index) {
        return clock->stream_time + span_ticks(clock, packet_index - clock->packet_index);
    }
    return clock->stream_time - span_ticks(clock, clock->packet_index - packet_index);
}

ts_clock_event ts_clock_feed(ts_clock *clock, uint64_t packet_index, uint64_t pcr_27mhz,
                             bool discontinuity_indicator) {
    uint64_t pcr = pcr_27mhz % TS_PCR_MODULUS;
    clock->pcr_count++;
    if (!clock->started || clock->carried) {
        clock->stream_time = bound_time(ts_clock_get_time(clock, packet_index));
        clock->started = true;
        clock->carried = false;
        clock->pcr_27mhz = pcr;
        clock->packet_index = packet_index;
        return TS_CLOCK_STARTED;
    }
    uint64_t delta = (pcr + TS_PCR_MODULUS - clock->pcr_27mhz) % TS_PCR_MODULUS;
    bool jumped = delta > (uint64_t)clock->jump_limit_ticks;
    ts_clock_event event = TS_CLOCK_CONTINUED;
    if (discontinuity_indicator || jumped) {
        clock->stream_time = bound_time(ts_clock_get_time(clock, packet_index));
        event = discontinuity_indicator ? TS_CLOCK_DISCONTINUITY : TS_CLOCK_JUMPED;
        if (discontinuity_indicator) {
            clock->discontinuities++;
        } else {
            clock->jumps++;
        }
    } else if (delta == 0 || packet_index <= clock->packet_index) {
        return event; /* a PCR seen twice tells no rate */
    } else {
        clock->stream_time = bound_time(clock->stream_time + (int64_t)delta);
        clock->rate_ticks = (int64_t)delta;
        clock->rate_packets = packet_index - clock->packet_index;
        clock->joined_ticks += clock->rate_ticks;
        clock->joined_packets += clock->rate_packets;
    }
    clock->pcr_27mhz = pcr;
    clock->packet_index = packet_index;
    return event;
}

void ts_clock_carry_on(ts_clock *clock, const ts_clock *before) {
    if (!before->started) {
        return;
    }
    clock->pcr_27mhz = before->pcr_27mhz;
    clock->packet_index = before->packet_index;
    clock->stream_time = before->stream_time;
    clock->rate_ticks = before->rate_ticks;
    clock->rate_packets = before->rate_packets;
    clock->started = true;
    clock->carried = true;
}

uint64_t ts_clock_time_to_pcr(const ts_clock *clock, int64_t stream_time) {
    int64_t modulus = (int64_t)TS_PCR_MODULUS;
    int64_t offset = stream_time % modulus - clock->stream_time % modulus;
    int64_t pcr = ((int64_t)clock->pcr_27mhz + offset) % modulus;
    return (uint64_t)(pcr < 0 ? pcr + modulus : pcr);
}

uint64_t ts_clock_time_to_pts(const ts_clock *clock, int64_t stream_time) {
    return ts_clock_time_to_pcr(clock, stream_time) / 300u;
}

int64_t ts_clock_pts_to_time(const ts_clock *clock, uint64_t pts_90khz) {
    uint64_t here = clock->pcr_27mhz / 300u;
    int64_t difference = (int64_t)((pts_90khz - here) & (TS_PTS_MODULUS - 1));
    if (difference >= (int64_t)(TS_PTS_MODULUS / 2)) {
        difference -= (int64_t)TS_PTS_MODULUS;
    }
    return clock->stream_time + difference * 300 - (int64_t)(clock->pcr_27mhz % 300u);
}
