#include "tsloom/tstd.h"

#include "tsloom/packet.h"
#include "tstd_internal.h"

#define RATE_LEAST 1000u
#define RATE_MOST (UINT32_C(1) << 30)
#define SIZE_MOST (UINT32_C(1) << 31)
/* Bounds for hostile input that keep every difference and product within 64 bits. */
#define TIME_MAX (INT64_C(1) << 61)
#define DURATION_MAX TS_PCR_HZ

static int64_t to_bytes(int64_t fluid) {
    return (fluid + TS_TSTD_FLUID_PER_BYTE - 1) / TS_TSTD_FLUID_PER_BYTE;
}

static bool is_rate(uint32_t bps) {
    return bps >= RATE_LEAST && bps <= RATE_MOST;
}

static bool is_sound(const ts_tstd_params *params) {
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        if (params->size[i] > SIZE_MOST) {
            return false;
        }
    }
    return is_rate(params->rx_bps) && (params->kind == TS_TSTD_AUDIO || is_rate(params->rbx_bps));
}

ts_status ts_tstd_init(ts_tstd *tstd, const ts_tstd_params *params, ts_tstd_sink sink,
                       void *context) {
    if (!is_sound(params)) {
        return TS_BAD_ARGUMENT;
    }
    *tstd = (ts_tstd){.params = *params, .sink = sink, .context = context};
    tstd->leak_share = (double)params->rbx_bps / (double)params->rx_bps;
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        tstd->size[i] = (int64_t)params->size[i] * TS_TSTD_FLUID_PER_BYTE;
    }
    return TS_OK;
}

void ts_tstd_restart(ts_tstd *tstd) {
    const ts_tstd_figures figures = tstd->figures;
    int64_t max_fill[TS_TSTD_BUFFER_COUNT];
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        max_fill[i] = tstd->max_fill[i];
    }
    const ts_tstd_params params = tstd->params;
    (void)ts_tstd_init(tstd, &params, tstd->sink, tstd->context);
    tstd->figures = figures;
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        tstd->max_fill[i] = max_fill[i];
    }
}

static int64_t clamp_time(int64_t time) {
    if (time < -TIME_MAX) {
        return -TIME_MAX;
    }
    return time < TIME_MAX ? time : TIME_MAX;
}

/* TB running empty is a place to look: from there on nothing enters the next buffer. */
static void go_on(ts_tstd *tstd, int64_t ticks) {
    const int64_t rate = tstd->params.rx_bps;
    const int64_t fill = tstd->fill[TS_TSTD_TB];
    if (fill > 0) {
        int64_t until_empty = (int64_t)((double)fill / (double)rate); /* quicker than integers */
        until_empty += until_empty * rate < fill;
        if (until_empty < ticks) {
            ts_tstd_step(tstd, until_empty, 0);
            ticks -= until_empty;
        }
    }
    ts_tstd_step(tstd, ticks, 0);
}

static bool is_due(const ts_tstd *tstd, int64_t time) {
    return tstd->unit_count > 0 && tstd->units[tstd->unit_first].decode_time <= time;
}

static int64_t ticks_until_due(const ts_tstd *tstd) {
    const int64_t ticks = tstd->units[tstd->unit_first].decode_time - tstd->now;
    return ticks > 0 ? ticks : 0;
}

void ts_tstd_advance(ts_tstd *tstd, int64_t time) {
    const int64_t until = clamp_time(time);
    if (!tstd->started) {
        return;
    }
    while (is_due(tstd, until)) {
        const int64_t ticks = ticks_until_due(tstd);
        if (ticks > 0) {
            go_on(tstd, ticks);
        }
        ts_tstd_decode_unit(tstd);
    }
    if (until > tstd->now) {
        go_on(tstd, until - tstd->now);
    }
}

/* A packet flows in evenly; units that are due meanwhile are decoded at their time. */
static void flow_in(ts_tstd *tstd, int64_t fluid, int64_t duration) {
    const int64_t end = tstd->now + duration;
    while (is_due(tstd, end - 1)) {
        const int64_t ticks = ticks_until_due(tstd);
        const int64_t left = end - tstd->now;
        const int64_t part = left > 0 ? fluid * ticks / left : 0;
        ts_tstd_step(tstd, ticks, part);
        fluid -= part;
        ts_tstd_decode_unit(tstd);
    }
    ts_tstd_step(tstd, end - tstd->now, fluid);
}

static void check_delay(ts_tstd *tstd, const ts_tstd_packet *packet, int64_t decode_time) {
    const int64_t delay = decode_time - clamp_time(packet->time);
    if (delay > tstd->figures.max_delay) {
        tstd->figures.max_delay = delay;
    }
    if (delay > tstd->params.delay_limit) {
        tstd->figures.delays++;
        ts_tstd_tell(tstd, TS_TSTD_DELAY, tstd->size[TS_TSTD_EB] ? TS_TSTD_EB : TS_TSTD_B,
                     packet->packet_index, delay, tstd->params.delay_limit);
    }
}

static void start_unit(ts_tstd *tstd, const ts_tstd_packet *packet, int64_t decode_time) {
    if (tstd->unit_count == TS_TSTD_UNITS) {
        tstd->figures.units_dropped++;
        ts_tstd_decode_unit(tstd);
    }
    const size_t place = (tstd->unit_first + tstd->unit_count++) % TS_TSTD_UNITS;
    tstd->units[place] = (ts_tstd_unit){clamp_time(decode_time), 0, packet->packet_index};
    tstd->has_unit = true;
    tstd->unit_decoded = false;
    tstd->figures.units++;
    check_delay(tstd, packet, tstd->units[place].decode_time);
}

static void add_bytes(ts_tstd *tstd, ts_tstd_part *part, size_t bytes) {
    const int64_t fluid = (int64_t)bytes * TS_TSTD_FLUID_PER_BYTE;
    if (tstd->has_unit) {
        part->data += fluid;
        ts_tstd_add_to_unit(tstd, fluid);
    }
}

/* A PES header goes where the data behind it goes: in B it counts with the unit. */
static void add_header(ts_tstd *tstd, ts_tstd_part *part, size_t bytes) {
    const int64_t fluid = (int64_t)bytes * TS_TSTD_FLUID_PER_BYTE;
    if (tstd->has_unit) {
        part->header = fluid;
        if (tstd->params.kind == TS_TSTD_AUDIO) {
            ts_tstd_add_to_unit(tstd, fluid);
        }
    }
}

static ts_tstd_part sort_bytes(ts_tstd *tstd, const ts_tstd_packet *packet) {
    ts_tstd_part part = {0, 0, 0};
    const size_t size = packet->data_size < TS_PACKET_SIZE ? packet->data_size : TS_PACKET_SIZE;
    const size_t room = TS_PACKET_SIZE - size;
    const size_t header = packet->header_size < room ? packet->header_size : room;
    size_t at = 0;
    size_t next = 0;
    if (tstd->params.kind == TS_TSTD_SYSTEMS) {
        part.data = (int64_t)size * TS_TSTD_FLUID_PER_BYTE;
    } else {
        for (; next < packet->unit_count && packet->units[next].offset == 0; next++) {
            if (packet->units[next].decode_time != TS_TSTD_NO_TIME) {
                start_unit(tstd, packet, packet->units[next].decode_time);
            }
        }
        add_header(tstd, &part, header);
        for (; next < packet->unit_count; next++) {
            const ts_tstd_unit_start *unit = &packet->units[next];
            const size_t offset = unit->offset < size ? unit->offset : size;
            if (unit->decode_time != TS_TSTD_NO_TIME && offset >= at) {
                add_bytes(tstd, &part, offset - at);
                at = offset;
                start_unit(tstd, packet, unit->decode_time);
            }
        }
        add_bytes(tstd, &part, size - at);
    }
    part.other = TS_PACKET_SIZE * TS_TSTD_FLUID_PER_BYTE - part.header - part.data;
    return part;
}

static void push_part(ts_tstd *tstd, const ts_tstd_part *part) {
    if (tstd->part_count < TS_TSTD_PACKETS) {
        tstd->parts[(tstd->part_first + tstd->part_count++) % TS_TSTD_PACKETS] = *part;
        return;
    }
    ts_tstd_part *last = &tstd->parts[(tstd->part_first + tstd->part_count - 1) % TS_TSTD_PACKETS];
    last->other += part->other;
    last->header += part->header;
    last->data += part->data;
}

void ts_tstd_feed(ts_tstd *tstd, const ts_tstd_packet *packet) {
    const int64_t time = clamp_time(packet->time);
    if (!tstd->started) {
        tstd->started = true;
        tstd->now = time;
        for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
            tstd->last_empty[i] = time;
        }
    }
    ts_tstd_advance(tstd, time);
    tstd->packet_index = packet->packet_index;
    tstd->figures.packets++;
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        tstd->overflowing[i] = tstd->overflowed[i];
        tstd->overflowed[i] = false;
    }
    const ts_tstd_part part = sort_bytes(tstd, packet);
    push_part(tstd, &part);
    int64_t duration = packet->duration > 0 ? packet->duration : 0;
    duration = duration < DURATION_MAX ? duration : DURATION_MAX;
    const int64_t left = time + duration - tstd->now;
    flow_in(tstd, TS_PACKET_SIZE * TS_TSTD_FLUID_PER_BYTE, left > 0 ? left : 0);
}

ts_tstd_figures ts_tstd_get_figures(const ts_tstd *tstd) {
    ts_tstd_figures figures = tstd->figures;
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        figures.max_fill[i] = to_bytes(tstd->max_fill[i]);
    }
    return figures;
}

int64_t ts_tstd_get_fill(const ts_tstd *tstd, ts_tstd_buffer buffer) {
    return to_bytes(tstd->fill[buffer]);
}
