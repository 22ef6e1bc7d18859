/* Between the files of buffers.h. */
#ifndef TSLOOM_BUFFERS_INTERNAL_H
#define TSLOOM_BUFFERS_INTERNAL_H

#include "tsloom/buffers.h"
#include "tsloom/psi.h"

enum {
    BUFFERS_SLOT_LOOK = 0x8000,   /* of slot: a plain packet is more than 184 bytes of data */
    BUFFERS_SLOT_SYSTEMS = 0x7FFF /* all programs' PSI */
};

/* buffers_params.c: what the PMT says of a stream. Returns TS_TSTD_ASSUMED_CODEC or 0. */
unsigned buffers_describe(const psi_elementary_stream *entry, ts_tstd_stream *stream);
/* How many PES packets are worth being searched for what the PMT did not say. */
uint16_t buffers_count_looks(const ts_tstd_stream *stream);
/* Parameters in elementary stream bytes; true if they were there. */
bool buffers_read_parameters(const uint8_t *data, size_t size, ts_tstd_stream *stream);

/* What a packet brings of its stream. */
typedef struct buffers_payload {
    size_t header_size;
    size_t data_size;
    uint64_t dts_90khz;
    bool has_unit; /* with a time stamp */
} buffers_payload;

/* buffers.c: into the queue. The number is a model's, or BUFFERS_SLOT_SYSTEMS. */
ts_status buffers_push(ts_buffers *buffers, uint64_t packet_index, unsigned number,
                       const buffers_payload *payload);
/* A ts_tstd_sink whose context is the model. */
void buffers_take_event(void *model, const ts_tstd_event *event);

#endif
