/* The decoder model of every stream that a PMT lists, and of each program's PSI, over a whole
 * transport stream: indicators 3.3, 3.9 and 3.10 of ETSI TR 101 290.
 *
 * Packets wait in a queue, eight bytes each, until the time line has passed them and their time is
 * known. What is queued is told by headers, and by the bytes of packets that continuity lists; so
 * evidence of a piece says as much as the piece. PTS and DTS are placed on the time line by the
 * last PCR of their program, wherever the time line has its own reference.
 *
 * Sizes and rates are those of the stream's descriptors and of the parameters that stand in the
 * first packet of a PES packet; video is modelled from the first such parameters on, or from its
 * TS_BUFFERS_LOOKS-th PES packet on with what is taken for granted. */
#ifndef TSLOOM_BUFFERS_H
#define TSLOOM_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/continuity.h"
#include "tsloom/demux.h"
#include "tsloom/references.h"
#include "tsloom/timeline.h"
#include "tsloom/tr101290.h"
#include "tsloom/tstd.h"

enum {
    TS_BUFFERS_MODELS = 1024,    /* of all streams: a bound for hostile input */
    TS_BUFFERS_SYSTEMS = 256,    /* of them programs' PSI: PAT and CAT go to all of these */
    TS_BUFFERS_QUEUE = 1 << 20,  /* packets; beyond it they are timed by the last rate */
    TS_BUFFERS_LOOKS = 128,      /* PES packets that are searched for parameters of video */
    TS_BUFFERS_AUDIO_LOOKS = 16, /* of audio */
    TS_BUFFERS_BREAK_TICKS = 2700000
};

typedef struct ts_buffers ts_buffers;

typedef struct ts_buffer_model {
    ts_tstd tstd;
    ts_buffers *buffers;
    ts_tstd_stream stream;
    unsigned assumed;     /* TS_TSTD_ASSUMED_CODEC where no clause of 2.4.2 knows such streams */
    uint16_t pid;         /* of a program's PSI the program_map_PID */
    uint16_t pcr_pid;     /* of its program, as the last PMT has it */
    uint16_t header_left; /* PES header bytes that stand in the packets to come */
    uint16_t looks;       /* PES packets that are still to be searched for parameters */
    bool is_ready;        /* its packets are queued: the parameters are settled */
    bool has_begun;       /* tstd has them, or cannot take them */
    bool is_sound;
} ts_buffer_model;

typedef struct ts_queued_packet {
    uint32_t packet_index; /* its last 32 bits */
    uint16_t model;
    uint8_t header_size;
    uint8_t data_size;
} ts_queued_packet;

/* In the queue's order: of each packet with TS_QUEUED_UNIT set. */
typedef struct ts_queued_unit {
    uint64_t dts_90khz;
    uint16_t pcr_pid;
} ts_queued_unit;

/* A PCR, and where on the time line it stood. */
typedef struct ts_buffer_clock {
    uint64_t pcr_27mhz;
    int64_t time;
    bool is_known;
} ts_buffer_clock;

struct ts_buffers {
    const ts_timeline *timeline;
    const ts_references *references;
    ts_tr101290 *tr;
    uint64_t reference_changes;
    uint16_t slot[TS_PID_COUNT];     /* where packets of a PID go; 0: nowhere */
    uint16_t model_of[TS_PID_COUNT]; /* its model's number in the list and one, slot or not */
    ts_buffer_model *models[TS_BUFFERS_MODELS];
    size_t model_count;
    uint16_t systems[TS_BUFFERS_SYSTEMS];
    size_t system_count;
    ts_buffer_clock clock[TS_PID_COUNT];
    ts_queued_packet *packets;
    size_t first, count, capacity;
    uint64_t packet_index; /* of the first one, or the one before it */
    ts_queued_unit *units;
    size_t unit_first, unit_count, unit_capacity;
};

void ts_buffers_init(ts_buffers *buffers, const ts_timeline *timeline,
                     const ts_references *references, ts_tr101290 *tr);
void ts_buffers_free(ts_buffers *buffers);
/* A section that references has followed. */
ts_status ts_buffers_follow(ts_buffers *buffers, const ts_demux_section *section);
/* Packets of a batch that continuity has not listed. */
ts_status ts_buffers_queue(ts_buffers *buffers, const ts_batch *batch, size_t from, size_t to);
/* One that it has listed. */
ts_status ts_buffers_queue_listed(ts_buffers *buffers, const ts_batch *batch,
                                  const ts_marked *marked);
/* What the time line hands on: packets before it have their time now. */
ts_status ts_buffers_see(ts_buffers *buffers, const ts_sighting *sighting);
/* Behind a flush of the time line: nothing is waited for. */
ts_status ts_buffers_settle(ts_buffers *buffers);
/* The model of a PID; NULL if it has none, or none of its packets had a time. */
const ts_buffer_model *ts_buffers_find(const ts_buffers *buffers, uint16_t pid);

#endif
