/* How bytes move on from buffer to buffer (ISO/IEC 13818-1, 2.4.2.3). */
#include "tsloom/packet.h"
#include "tstd_internal.h"

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static int64_t take_from(int64_t *amount, int64_t most) {
    const int64_t taken = least(*amount, most);
    *amount -= taken;
    return taken;
}

static int64_t to_bytes(int64_t fluid) {
    return (fluid + TS_TSTD_FLUID_PER_BYTE - 1) / TS_TSTD_FLUID_PER_BYTE;
}

static int64_t leak_of(uint32_t rate_bps, int64_t ticks) {
    if (ticks < (INT64_C(1) << 32)) {
        return (int64_t)rate_bps * ticks;
    }
    return rate_bps > 0 && ticks > INT64_MAX / (int64_t)rate_bps ? INT64_MAX
                                                                 : (int64_t)rate_bps * ticks;
}

void ts_tstd_tell(const ts_tstd *tstd, ts_tstd_event_kind kind, ts_tstd_buffer buffer,
                  uint64_t packet_index, int64_t amount, int64_t limit) {
    if (tstd->sink != NULL) {
        const ts_tstd_event event = {kind, buffer, packet_index, tstd->now, amount, limit};
        tstd->sink(tstd->context, &event);
    }
}

void ts_tstd_add_to_unit(ts_tstd *tstd, int64_t fluid) {
    if (!tstd->unit_decoded) {
        tstd->units[(tstd->unit_first + tstd->unit_count - 1) % TS_TSTD_UNITS].size += fluid;
        return;
    }
    tstd->debt += fluid;
    if (fluid > 0 && !tstd->unit_late) {
        tstd->unit_late = true;
        tstd->figures.underflows++;
        ts_tstd_tell(tstd, TS_TSTD_UNDERFLOW, tstd->size[TS_TSTD_EB] ? TS_TSTD_EB : TS_TSTD_B,
                     tstd->packet_index, to_bytes(fluid), 0);
    }
}

/* What found no room is missing from the units that came last. */
static void lose(ts_tstd *tstd, int64_t fluid) {
    if (tstd->params.kind == TS_TSTD_SYSTEMS) {
        return;
    }
    for (size_t i = tstd->unit_count; i > 0 && fluid > 0; i--) {
        ts_tstd_unit *unit = &tstd->units[(tstd->unit_first + i - 1) % TS_TSTD_UNITS];
        fluid -= take_from(&unit->size, fluid);
    }
    take_from(&tstd->debt, fluid);
}

/* What is above the size, which is lost. */
static int64_t overflow(ts_tstd *tstd, ts_tstd_buffer buffer) {
    const int64_t fill = tstd->fill[buffer];
    if (!tstd->overflowed[buffer]) {
        tstd->overflowed[buffer] = true;
        tstd->figures.overflow_packets[buffer]++;
        if (!tstd->overflowing[buffer]) {
            tstd->figures.overflows[buffer]++;
            ts_tstd_tell(tstd, TS_TSTD_OVERFLOW, buffer, tstd->packet_index, to_bytes(fill),
                         tstd->params.size[buffer]);
        }
    }
    tstd->fill[buffer] = tstd->size[buffer];
    return fill - tstd->size[buffer];
}

static inline int64_t note_fill(ts_tstd *tstd, ts_tstd_buffer buffer) {
    const int64_t fill = tstd->fill[buffer];
    if (fill > tstd->max_fill[buffer]) {
        tstd->max_fill[buffer] = fill;
    }
    if (fill == 0) {
        tstd->last_empty[buffer] = tstd->now;
    }
    return fill > tstd->size[buffer] ? overflow(tstd, buffer) : 0;
}

/* TB and MB are empty at least once a second (2.4.2.6). */
static void check_empty(ts_tstd *tstd, ts_tstd_buffer buffer) {
    const int64_t since = tstd->now - tstd->last_empty[buffer];
    if (since > TS_PCR_HZ) {
        tstd->last_empty[buffer] = tstd->now;
        tstd->figures.not_empty[buffer]++;
        ts_tstd_tell(tstd, TS_TSTD_NOT_EMPTY, buffer, tstd->packet_index, since, TS_PCR_HZ);
    }
}

static void push_header(ts_tstd *tstd, int64_t size) {
    const bool follows = tstd->header_count > 0 && tstd->waiting == 0;
    if (!follows && tstd->header_count < TS_TSTD_HEADERS) {
        const size_t place = (tstd->header_first + tstd->header_count++) % TS_TSTD_HEADERS;
        tstd->headers[place] = (ts_tstd_header){tstd->waiting, size};
        tstd->waiting = 0;
    } else {
        const size_t last = tstd->header_first + tstd->header_count - 1;
        tstd->headers[last % TS_TSTD_HEADERS].size += size;
    }
    tstd->header_fill += size;
}

/* Headers in front of a byte that leaves MB leave with it, and are gone. */
static void leave_mb(ts_tstd *tstd, int64_t data) {
    tstd->fill[TS_TSTD_MB] -= data;
    while (tstd->header_count > 0 && data > tstd->headers[tstd->header_first].ahead) {
        const ts_tstd_header *header = &tstd->headers[tstd->header_first];
        data -= header->ahead;
        tstd->fill[TS_TSTD_MB] -= header->size;
        tstd->header_fill -= header->size;
        tstd->header_first = (tstd->header_first + 1) % TS_TSTD_HEADERS;
        tstd->header_count--;
    }
    if (tstd->header_count > 0) {
        tstd->headers[tstd->header_first].ahead -= data;
    } else {
        tstd->waiting -= data;
    }
}

static void pay_debt(ts_tstd *tstd, ts_tstd_buffer buffer) {
    const int64_t paid = least(tstd->debt, tstd->fill[buffer]);
    tstd->debt -= paid;
    tstd->fill[buffer] -= paid;
}

/* The leak method: MB gives way at Rbx as long as EB has room. */
static inline void flow_video(ts_tstd *tstd, int64_t leak, int64_t header, int64_t data) {
    int64_t *fill = tstd->fill;
    if (header > 0) {
        push_header(tstd, header);
    }
    tstd->waiting += data;
    fill[TS_TSTD_MB] += header + data;
    int64_t out = least(leak, fill[TS_TSTD_MB] - tstd->header_fill);
    out = least(out, tstd->size[TS_TSTD_EB] - fill[TS_TSTD_EB] + tstd->debt);
    if (out > 0) {
        leave_mb(tstd, out);
        fill[TS_TSTD_EB] += out;
        pay_debt(tstd, TS_TSTD_EB);
        note_fill(tstd, TS_TSTD_EB);
    }
    const int64_t lost = note_fill(tstd, TS_TSTD_MB);
    if (lost > 0) {
        const int64_t cut = take_from(&tstd->waiting, lost);
        lose(tstd, cut);
        fill[TS_TSTD_MB] += lost - cut; /* headers, of which a full ring may hold many */
    }
}

static inline void flow_main(ts_tstd *tstd, int64_t leak, int64_t header, int64_t data) {
    if (tstd->params.kind == TS_TSTD_VIDEO) {
        flow_video(tstd, leak, header, data);
        return;
    }
    tstd->fill[TS_TSTD_B] += header + data;
    if (tstd->params.kind == TS_TSTD_SYSTEMS) {
        tstd->fill[TS_TSTD_B] -= least(leak, tstd->fill[TS_TSTD_B]);
    } else {
        pay_debt(tstd, TS_TSTD_B);
    }
    const int64_t lost = note_fill(tstd, TS_TSTD_B);
    if (lost > 0) {
        lose(tstd, lost);
    }
}

/* The next buffer's leak goes on while bytes leave TB that do not enter it: a share of the step. */
static int64_t take_share(int64_t *leak, double share, int64_t fluid) {
    return take_from(leak, (int64_t)(share * (double)fluid));
}

/* So much leaves TB: what of it goes on enters the next buffer, which meanwhile gives way. */
static void pass_on(ts_tstd *tstd, int64_t out, int64_t leak, double share) {
    while (tstd->part_count > 0 && out > 0) {
        ts_tstd_part *part = &tstd->parts[tstd->part_first];
        const int64_t other = take_from(&part->other, out);
        const int64_t header = take_from(&part->header, out - other);
        const int64_t data = take_from(&part->data, out - other - header);
        out -= other + header + data;
        if (header > 0 || (leak > 0 && tstd->fill[TS_TSTD_MB] > 0)) {
            flow_main(tstd, take_share(&leak, share, other + header), header, 0);
        } else {
            take_share(&leak, share, other);
        }
        if (data > 0) {
            flow_main(tstd, out > 0 ? take_share(&leak, share, data) : leak, 0, data);
            leak = out > 0 ? leak : 0;
        }
        if (part->data > 0 || part->header > 0 || part->other > 0) {
            break;
        }
        tstd->part_first = (tstd->part_first + 1) % TS_TSTD_PACKETS;
        tstd->part_count--;
    }
    if (leak > 0) {
        flow_main(tstd, leak, 0, 0);
    }
}

/* The packet that came last has no room: its end is lost. */
static void cut_part(ts_tstd *tstd, int64_t lost) {
    const size_t last = (tstd->part_first + tstd->part_count - 1) % TS_TSTD_PACKETS;
    ts_tstd_part *part = &tstd->parts[last];
    int64_t cut = take_from(&part->data, lost);
    if (tstd->params.kind == TS_TSTD_VIDEO) {
        lose(tstd, cut);
        cut += take_from(&part->header, lost - cut);
    } else {
        cut += take_from(&part->header, lost - cut);
        lose(tstd, cut);
    }
    take_from(&part->other, lost - cut);
}

/* The next buffer gives way as fast as TB: the order within the step does not matter. */
static void pass_through(ts_tstd *tstd, int64_t out, int64_t leak) {
    ts_tstd_part *part = &tstd->parts[tstd->part_first];
    out -= take_from(&part->other, out);
    const int64_t header = take_from(&part->header, out);
    const int64_t data = take_from(&part->data, out - header);
    flow_main(tstd, leak, header, data);
    if (part->data == 0 && part->header == 0 && part->other == 0) {
        tstd->part_first = (tstd->part_first + 1) % TS_TSTD_PACKETS;
        tstd->part_count = 0;
    }
}

void ts_tstd_step(ts_tstd *tstd, int64_t ticks, int64_t inflow) {
    const int64_t content = tstd->fill[TS_TSTD_TB] + inflow;
    const int64_t out = least(leak_of(tstd->params.rx_bps, ticks), content);
    tstd->now += ticks;
    tstd->fill[TS_TSTD_TB] = content - out;
    const int64_t leak = leak_of(tstd->params.rbx_bps, ticks);
    if (out == 0) {
        flow_main(tstd, leak, 0, 0);
    } else if (tstd->part_count == 1 && leak >= out) {
        pass_through(tstd, out, leak);
    } else {
        const bool even = inflow > 0 && tstd->fill[TS_TSTD_TB] == 0;
        pass_on(tstd, out, leak, even ? (double)leak / (double)out : tstd->leak_share);
    }
    const int64_t lost = note_fill(tstd, TS_TSTD_TB);
    if (lost > 0 && tstd->part_count > 0) {
        cut_part(tstd, lost);
    }
    check_empty(tstd, TS_TSTD_TB);
    if (tstd->params.kind == TS_TSTD_VIDEO) {
        check_empty(tstd, TS_TSTD_MB);
    }
}

void ts_tstd_decode_unit(ts_tstd *tstd) {
    const ts_tstd_buffer buffer = tstd->params.kind == TS_TSTD_VIDEO ? TS_TSTD_EB : TS_TSTD_B;
    const ts_tstd_unit *unit = &tstd->units[tstd->unit_first];
    const int64_t there = least(unit->size, tstd->fill[buffer]);
    const int64_t missing = unit->size - there;
    tstd->fill[buffer] -= there;
    tstd->debt += missing;
    if (missing > 0) {
        tstd->figures.underflows++;
        ts_tstd_tell(tstd, TS_TSTD_UNDERFLOW, buffer, unit->packet_index, to_bytes(missing), 0);
    }
    tstd->unit_first = (tstd->unit_first + 1) % TS_TSTD_UNITS;
    tstd->unit_count--;
    if (tstd->unit_count == 0) {
        tstd->unit_decoded = true;
        tstd->unit_late = missing > 0;
    }
}
