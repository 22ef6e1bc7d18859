/* Where a decoder can begin: the access units of video that are random access points, found in the
 * elementary streams of the programs that PAT and PMTs list (stream_type 0x01, 0x02, 0x1B, 0x24).
 *
 * Start codes are looked for in all payload, over packets and PES packets; each packet costs its
 * own bytes once. Of scrambled payload random_access_indicator is all that is known. A PTS is that
 * of the first access unit that commences in its PES packet (ISO/IEC 13818-1, 2.4.3.7); access
 * units behind it have none. */
#ifndef TSLOOM_RANDOM_ACCESS_H
#define TSLOOM_RANDOM_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/demux.h"
#include "tsloom/packet.h"
#include "tsloom/pes.h"

typedef enum ts_random_access_kind {
    TS_RANDOM_ACCESS_INDICATOR, /* random_access_indicator before scrambled payload */
    TS_RANDOM_ACCESS_I_PICTURE, /* picture_coding_type 1 (ISO/IEC 13818-2, 6.3.9) */
    TS_RANDOM_ACCESS_IDR,       /* nal_unit_type 5 (ISO/IEC 14496-10, 7.4.1) */
    /* recovery_point SEI message with recovery_frame_cnt 0 (ISO/IEC 14496-10, D.2.8) */
    TS_RANDOM_ACCESS_RECOVERY_POINT,
    /* nal_unit_type 16 to 21, in this order (ISO/IEC 23008-2, 7.4.2.2) */
    TS_RANDOM_ACCESS_BLA_W_LP,
    TS_RANDOM_ACCESS_BLA_W_RADL,
    TS_RANDOM_ACCESS_BLA_N_LP,
    TS_RANDOM_ACCESS_IDR_W_RADL,
    TS_RANDOM_ACCESS_IDR_N_LP,
    TS_RANDOM_ACCESS_CRA
} ts_random_access_kind;

typedef struct ts_random_access_point {
    ts_random_access_kind kind;
    uint16_t program_number;
    uint16_t pid;
    bool has_time; /* the program's clock has started */
    bool has_pts;
    bool has_sequence_header; /* or a sequence parameter set, in the access unit itself */
    bool random_access_indicator;
    uint64_t packet_index; /* of the packet in which the access unit begins */
    int64_t stream_time;   /* of that packet */
    uint64_t pts_90khz;
    int64_t presentation_time; /* stream time at which the PTS is reached */
} ts_random_access_point;

/* Where a byte of an elementary stream came from. */
typedef struct ts_video_origin {
    uint64_t packet_index;
    uint32_t pes_packet; /* counted */
} ts_video_origin;

/* What a PES packet says of the first access unit that commences in it. */
typedef struct ts_video_timing {
    uint64_t pts_90khz;
    bool has_pts;
    bool random_access_indicator;
} ts_video_timing;

/* Where in an SEI NAL unit the bytes are (ISO/IEC 14496-10, 7.3.2.3.1). */
typedef enum ts_sei_state { TS_SEI_NONE, TS_SEI_TYPE, TS_SEI_SIZE, TS_SEI_PAYLOAD } ts_sei_state;

typedef enum ts_video_state {
    TS_VIDEO_OUTSIDE,  /* no PES packet has begun */
    TS_VIDEO_HEADER,   /* in a PES packet's header */
    TS_VIDEO_PAYLOAD,  /* behind it */
    TS_VIDEO_SCRAMBLED /* behind it, and not to be read */
} ts_video_state;

/* Programs beyond these that have the same video are not known of. */
enum { TS_VIDEO_PROGRAMS_MAX = 16 };

/* One video elementary stream. */
typedef struct ts_video_stream {
    uint16_t programs[TS_VIDEO_PROGRAMS_MAX]; /* that list it; points bear the first one's number */
    size_t program_count;
    uint8_t stream_type;
    uint8_t last[TS_PACKET_SIZE]; /* the last packet with payload, to know its duplicate */
    bool started;                 /* last is filled */
    bool indicated;               /* random_access_indicator, for the next PES packet to start */
    bool lost;                    /* bytes are missing since the last access unit began */
    ts_video_state state;
    uint8_t header[PES_OPTIONAL_HEADER_SIZE + PES_TIMESTAMP_SIZE];
    size_t header_seen;
    size_t header_wanted;
    uint32_t pes_packet;
    uint64_t pes_begin;        /* index of its first packet */
    ts_video_timing timing[2]; /* of this PES packet and the one before, until taken */
    /* The last bytes, and where the last two came from. */
    uint32_t window;
    ts_video_origin origins[2];
    /* The bytes behind a start code that are wanted, and the start code's origin. */
    uint8_t unit[3];
    size_t unit_size;
    size_t unit_wanted;
    ts_video_origin unit_origin;
    ts_sei_state sei;
    uint32_t sei_type;
    uint32_t sei_left; /* bytes of the message's payload */
    /* The access unit that has begun, until its first slice or picture header is read. */
    ts_random_access_point point;
    bool begun;
    bool recovers; /* it has a recovery_point that is to be told of */
    unsigned temporal_reference;
} ts_video_stream;

typedef struct ts_random_access {
    ts_demux demux;
    uint16_t program_number; /* 0: all programs */
    ts_video_stream *video[TS_PID_COUNT];
    ts_random_access_point *points;
    size_t point_count;
    size_t point_capacity;
    ts_status status;
} ts_random_access;

ts_status ts_random_access_init(ts_random_access *stage, uint16_t program_number);
void ts_random_access_free(ts_random_access *stage);
void ts_random_access_clear_points(ts_random_access *stage);
/* A stage that changes nothing: state is a ts_random_access. */
ts_status ts_random_access_process(void *stage, ts_batch *batch);

#endif
