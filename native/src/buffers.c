/* The queue of packets, and what comes out of it. */
#include "tsloom/buffers.h"

#include <stdlib.h>
#include <string.h>

#include "buffers_internal.h"
#include "tsloom/packet.h"

enum { QUEUED_UNIT = 0x8000 /* of a queued packet's model: a unit begins in it */ };
enum { QUEUE_FIRST = 1024, PCR_BYTE = 11 /* what a PCR is the time of (2.4.2.2) */ };

void ts_buffers_init(ts_buffers *buffers, const ts_timeline *timeline,
                     const ts_references *references, ts_tr101290 *tr) {
    memset(buffers, 0, sizeof *buffers);
    buffers->timeline = timeline;
    buffers->references = references;
    buffers->tr = tr;
    buffers->slot[TS_PID_PAT] = buffers->slot[TS_PID_CAT] = BUFFERS_SLOT_SYSTEMS;
}

void ts_buffers_free(ts_buffers *buffers) {
    for (size_t i = 0; i < buffers->model_count; i++) {
        free(buffers->models[i]);
    }
    free(buffers->packets);
    free(buffers->units);
    buffers->packets = NULL;
    buffers->units = NULL;
    buffers->model_count = buffers->count = buffers->capacity = 0;
    buffers->unit_count = buffers->unit_capacity = 0;
}

const ts_buffer_model *ts_buffers_find(const ts_buffers *buffers, uint16_t pid) {
    const uint16_t number = buffers->model_of[pid];
    if (number == 0) {
        return NULL;
    }
    const ts_buffer_model *model = buffers->models[number - 1];
    return model->is_sound ? model : NULL;
}

void buffers_take_event(void *context, const ts_tstd_event *event) {
    const ts_buffer_model *model = context;
    static const uint64_t indicators[] = {
        [TS_TSTD_OVERFLOW] = TS_INDICATOR_BIT(TS_BUFFER_ERROR),
        [TS_TSTD_NOT_EMPTY] = TS_INDICATOR_BIT(TS_EMPTY_BUFFER),
        [TS_TSTD_DELAY] = TS_INDICATOR_BIT(TS_DATA_DELAY),
        [TS_TSTD_UNDERFLOW] = 0,
    };
    if (model->assumed & TS_TSTD_ASSUMED_CODEC) {
        return; /* no clause says what its buffers are */
    }
    const ts_occurrence what = {.packet_index = event->packet_index,
                                .time = event->time,
                                .seen = event->amount,
                                .allowed = event->limit,
                                .pid = model->pid,
                                .has_time = true};
    ts_tr101290_raise(model->buffers->tr, indicators[event->kind], &what);
}

/* Of the whole stream, so far. */
static uint32_t get_transport_rate(const ts_clock *clock) {
    const double most = (double)(1 << 30);
    if (clock->joined_ticks <= 0) {
        return 0;
    }
    const double bits = (double)clock->joined_packets * TS_PACKET_SIZE * 8;
    const double bps = bits * (double)TS_PCR_HZ / (double)clock->joined_ticks;
    return (uint32_t)(bps < most ? bps : most);
}

static void begin(ts_buffer_model *model) {
    model->has_begun = true;
    if (model->stream.codec == TS_TSTD_SECTIONS) {
        model->stream.bitrate_bps = get_transport_rate(&model->buffers->timeline->clock);
    }
    ts_tstd_params params = ts_tstd_get_params(&model->stream);
    params.assumed |= model->assumed;
    model->assumed = params.assumed;
    model->is_sound = ts_tstd_init(&model->tstd, &params, buffers_take_event, model) == TS_OK;
}

/* A 33-bit time on the time line, nearest to the PCR before it. */
static int64_t get_decode_time(const ts_buffer_clock *clock, uint64_t dts_90khz) {
    if (!clock->is_known) {
        return TS_TSTD_NO_TIME;
    }
    const uint64_t ahead = (dts_90khz * 300u + TS_PCR_MODULUS - clock->pcr_27mhz) % TS_PCR_MODULUS;
    const int64_t wrap = ahead >= TS_PCR_MODULUS / 2 ? (int64_t)TS_PCR_MODULUS : 0;
    return clock->time + (int64_t)ahead - wrap;
}

static void feed(ts_buffers *buffers, const ts_queued_packet *queued, ts_tstd_packet *packet) {
    const unsigned number = queued->model & ~(unsigned)QUEUED_UNIT;
    if (number != BUFFERS_SLOT_SYSTEMS) {
        ts_buffer_model *model = buffers->models[number - 1];
        if (!model->has_begun) {
            begin(model);
        }
        if (model->is_sound) {
            ts_tstd_feed(&model->tstd, packet);
        }
        return;
    }
    for (size_t i = 0; i < buffers->system_count; i++) {
        const ts_queued_packet one = {.model = buffers->systems[i]};
        feed(buffers, &one, packet);
    }
}

static void feed_first(ts_buffers *buffers, int64_t lead, int64_t duration, bool has_time) {
    const ts_queued_packet *queued = &buffers->packets[buffers->first];
    ts_tstd_unit_start unit = {0, TS_TSTD_NO_TIME};
    const bool has_unit = (queued->model & QUEUED_UNIT) != 0;
    if (has_unit) {
        const ts_queued_unit *start = &buffers->units[buffers->unit_first++];
        unit.decode_time = get_decode_time(&buffers->clock[start->pcr_pid], start->dts_90khz);
    }
    if (has_time) {
        ts_tstd_packet packet = {
            .packet_index = buffers->packet_index,
            .time = ts_timeline_get_time(buffers->timeline, buffers->packet_index) - lead,
            .duration = duration,
            .header_size = queued->header_size,
            .data_size = queued->data_size,
            .units = &unit,
            .unit_count = has_unit};
        feed(buffers, queued, &packet);
    }
    buffers->first++;
}

/* Packets before an index leave the queue. */
static ts_status drain(ts_buffers *buffers, uint64_t end, bool has_time) {
    const ts_clock *clock = &buffers->timeline->clock;
    const int64_t duration =
        clock->rate_packets == 0 ? 0 : clock->rate_ticks / (int64_t)clock->rate_packets;
    const int64_t lead = duration * PCR_BYTE / TS_PACKET_SIZE;
    while (buffers->first < buffers->count) {
        const uint32_t next = buffers->packets[buffers->first].packet_index;
        const uint64_t index =
            buffers->packet_index + (uint32_t)(next - (uint32_t)buffers->packet_index);
        if (index >= end) {
            return buffers->tr->status;
        }
        buffers->packet_index = index;
        feed_first(buffers, lead, duration, has_time);
    }
    buffers->first = buffers->count = 0;
    buffers->unit_first = buffers->unit_count = 0;
    return buffers->tr->status;
}

/* An unannounced break of a program's clock: what waits in its buffers waits for no time. */
static void restart(ts_buffers *buffers, uint16_t pcr_pid) {
    for (size_t i = 0; i < buffers->model_count; i++) {
        if (buffers->models[i]->pcr_pid == pcr_pid && buffers->models[i]->is_sound) {
            ts_tstd_restart(&buffers->models[i]->tstd);
        }
    }
}

static void see_pcr(ts_buffers *buffers, const ts_sighting *sighting) {
    ts_buffer_clock *clock = &buffers->clock[sighting->pid];
    const int64_t time = ts_timeline_get_time(buffers->timeline, sighting->packet_index);
    const uint64_t pcr = sighting->value % TS_PCR_MODULUS;
    if (clock->is_known && clock->pcr_27mhz == pcr) {
        return; /* seen twice */
    }
    if (clock->is_known && !(sighting->flags & TS_SIGHT_DISCONTINUITY)) {
        const uint64_t gone = (pcr + TS_PCR_MODULUS - clock->pcr_27mhz) % TS_PCR_MODULUS;
        const int64_t wrap = gone >= TS_PCR_MODULUS / 2 ? (int64_t)TS_PCR_MODULUS : 0;
        const int64_t off = (int64_t)gone - wrap - (time - clock->time);
        if (off > TS_BUFFERS_BREAK_TICKS || off < -TS_BUFFERS_BREAK_TICKS) {
            restart(buffers, sighting->pid);
        }
    }
    *clock = (ts_buffer_clock){pcr, time, true};
}

ts_status ts_buffers_see(ts_buffers *buffers, const ts_sighting *sighting) {
    const bool has_time = buffers->timeline->has_time;
    const ts_status status = drain(buffers, sighting->packet_index, has_time);
    if (has_time && sighting->kind == TS_SIGHT_PCR) {
        see_pcr(buffers, sighting);
    }
    return status;
}

ts_status ts_buffers_settle(ts_buffers *buffers) {
    return drain(buffers, UINT64_MAX, buffers->timeline->measured);
}

static ts_status make_room(ts_buffers *buffers) {
    if (buffers->count - buffers->first >= TS_BUFFERS_QUEUE) {
        const ts_status status = ts_buffers_settle(buffers);
        if (status != TS_OK) {
            return status;
        }
    }
    if (buffers->first > 0 && buffers->first >= buffers->count / 2) {
        buffers->count -= buffers->first;
        memmove(buffers->packets, buffers->packets + buffers->first,
                buffers->count * sizeof *buffers->packets);
        buffers->first = 0;
    }
    if (buffers->count < buffers->capacity) {
        return TS_OK;
    }
    const size_t capacity = buffers->capacity ? buffers->capacity * 2 : (size_t)QUEUE_FIRST;
    ts_queued_packet *packets = realloc(buffers->packets, capacity * sizeof *packets);
    if (packets == NULL) {
        return TS_NO_MEMORY;
    }
    buffers->packets = packets;
    buffers->capacity = capacity;
    return TS_OK;
}

static ts_status push(ts_buffers *buffers, uint64_t packet_index, unsigned model,
                      size_t header_size, size_t data_size) {
    if (buffers->count == buffers->capacity) {
        const ts_status status = make_room(buffers);
        if (status != TS_OK) {
            return status;
        }
    }
    if (buffers->first == buffers->count) {
        buffers->packet_index = packet_index;
    }
    buffers->packets[buffers->count++] = (ts_queued_packet){
        (uint32_t)packet_index, (uint16_t)model, (uint8_t)header_size, (uint8_t)data_size};
    return TS_OK;
}

static ts_status push_unit(ts_buffers *buffers, uint64_t dts_90khz, uint16_t pcr_pid) {
    if (buffers->unit_first > 0 && buffers->unit_first >= buffers->unit_count / 2) {
        buffers->unit_count -= buffers->unit_first;
        memmove(buffers->units, buffers->units + buffers->unit_first,
                buffers->unit_count * sizeof *buffers->units);
        buffers->unit_first = 0;
    }
    if (buffers->unit_count == buffers->unit_capacity) {
        const size_t capacity =
            buffers->unit_capacity ? buffers->unit_capacity * 2 : (size_t)QUEUE_FIRST;
        ts_queued_unit *units = realloc(buffers->units, capacity * sizeof *units);
        if (units == NULL) {
            return TS_NO_MEMORY;
        }
        buffers->units = units;
        buffers->unit_capacity = capacity;
    }
    buffers->units[buffers->unit_count++] = (ts_queued_unit){dts_90khz, pcr_pid};
    return TS_OK;
}

ts_status buffers_push(ts_buffers *buffers, uint64_t packet_index, unsigned number,
                       const buffers_payload *payload) {
    if (!payload->has_unit) {
        return push(buffers, packet_index, number, payload->header_size, payload->data_size);
    }
    ts_status status = push(buffers, packet_index, number | (unsigned)QUEUED_UNIT,
                            payload->header_size, payload->data_size);
    return status == TS_OK
               ? push_unit(buffers, payload->dts_90khz, buffers->models[number - 1]->pcr_pid)
               : status;
}
