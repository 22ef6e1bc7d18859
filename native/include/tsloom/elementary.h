/* What an elementary stream is, by its headers: nothing is decoded.
 *
 * A ts_elementary reads the beginnings of PES packets: it is fed the packet in which one begins and
 * those behind it for as long as it asks for more (a caller may stop sooner, which costs what
 * stands further behind, and never what has been read). A PES packet of video is taken to hold one
 * access unit, which is what its first slice or picture header says. All state is in the value: a
 * copy of it is a machine of its own. */
#ifndef TSLOOM_ELEMENTARY_H
#define TSLOOM_ELEMENTARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/packet.h"
#include "tsloom/psi.h"

typedef enum ts_elementary_kind {
    TS_ELEMENTARY_NONE,       /* not one that can be read */
    TS_ELEMENTARY_MPEG_VIDEO, /* ISO/IEC 11172-2, 13818-2 */
    TS_ELEMENTARY_AVC,        /* ISO/IEC 14496-10 */
    TS_ELEMENTARY_HEVC,       /* ISO/IEC 23008-2 */
    TS_ELEMENTARY_MPEG_AUDIO, /* ISO/IEC 11172-3, 13818-3 */
    TS_ELEMENTARY_ADTS,       /* ISO/IEC 13818-7 */
    TS_ELEMENTARY_LATM,       /* LOAS of ISO/IEC 14496-3 */
    TS_ELEMENTARY_AC3         /* AC-3 and E-AC-3, TS 102 366 */
} ts_elementary_kind;

enum {
    TS_ELEMENTARY_PACKETS_MAX = 32, /* of a PES packet that it asks for */
    TS_ELEMENTARY_HEAD_MAX = 1024,
    TS_PARAMETER_SET_MAX = 384,
    TS_GOP_STRUCTURE_MAX = 128,
    TS_HEVC_PPS_COUNT = 64
};

typedef enum ts_picture_type {
    TS_PICTURE_UNKNOWN,
    TS_PICTURE_I,
    TS_PICTURE_P,
    TS_PICTURE_B,
    TS_PICTURE_TYPES
} ts_picture_type;

/* Which captions cc_data carries (ANSI/CTA-708-E, 4.4), null pairs left out. */
enum { TS_CAPTIONS_CEA_608 = 1u << 0, TS_CAPTIONS_CEA_708 = 1u << 1 };

/* The last one that came whole. One beyond TS_PARAMETER_SET_MAX is not kept. */
typedef struct ts_parameter_set {
    uint8_t bytes[TS_PARAMETER_SET_MAX];
    uint16_t size;
    uint32_t changes; /* counts the times that it was another one than before */
} ts_parameter_set;

/* Of 90 kHz ticks. */
typedef struct ts_tick_intervals {
    uint64_t count;
    uint64_t sum;
    uint64_t shortest;
    uint64_t longest;
} ts_tick_intervals;

/* Groups of pictures in the order of coding, from one random access point to the next. Only those
 * count that were seen whole. */
typedef struct ts_gop_statistics {
    uint64_t count;
    uint64_t frames;
    uint32_t shortest;
    uint32_t longest;
    uint32_t last;
    uint32_t length;     /* of the one that has begun; 0: none has */
    uint64_t open_count; /* random access points whose leading pictures refer across them */
    char structure[TS_GOP_STRUCTURE_MAX]; /* of the one that has begun: I, P, B and ? */
    char last_structure[TS_GOP_STRUCTURE_MAX];
} ts_gop_statistics;

/* What a H.264 sequence parameter set says that slice headers are read by. */
typedef struct ts_avc_slice_syntax {
    uint8_t frame_num_bits;
    bool has_colour_plane;
    bool has_fields;
} ts_avc_slice_syntax;

typedef enum ts_elementary_state {
    TS_HEAD_OUTSIDE, /* nothing is wanted until the next PES packet */
    TS_HEAD_PES,     /* in the PES packet's header */
    TS_HEAD_DATA     /* behind it */
} ts_elementary_state;

/* The access unit that the PES packet begins with. */
typedef struct ts_access_unit {
    bool begun;        /* one of its headers has been seen */
    bool has_sequence; /* SPS, sequence_header or group_of_pictures_header */
    bool recovers;     /* recovery_point with recovery_frame_cnt 0 */
    bool is_closed;    /* closed_gop */
    bool has_picture;  /* MPEG video: its picture_header */
    bool is_field;
    bool is_bottom;
    bool is_interlaced;     /* MPEG-2 video: progressive_frame is 0 */
    uint8_t delimiter_type; /* primary_pic_type or pic_type, 0xFF: none */
    ts_picture_type type;
    uint32_t number; /* temporal_reference, frame_num: the same of both fields of a frame */
} ts_access_unit;

typedef struct ts_elementary {
    ts_elementary_kind kind;
    ts_elementary_state state;
    uint8_t last[TS_PACKET_SIZE]; /* to know its duplicate */
    bool started;
    bool next_is_second_field;
    unsigned packets; /* of this PES packet */
    uint8_t head[TS_ELEMENTARY_HEAD_MAX];
    size_t size;
    size_t scanned;   /* start codes are searched from here on */
    size_t unit;      /* where in head the unit begins, behind its start code */
    size_t set_begin; /* MPEG video: where the sequence_header's start code is */
    bool in_unit;
    bool in_set;
    bool in_long_unit; /* its beginning has gone */
    bool has_pts;
    bool has_dts;
    uint64_t pts_90khz;
    uint64_t dts_90khz;
    ts_access_unit access_unit;
    ts_access_unit previous;
    ts_avc_slice_syntax avc;
    uint8_t extra_slice_bits[TS_HEVC_PPS_COUNT]; /* num_extra_slice_header_bits of each PPS */
    /* What is told. */
    ts_parameter_set format; /* sequence_header and its extensions, SPS, or an audio header */
    ts_parameter_set vps;    /* of HEVC */
    uint64_t pes_packets;
    uint64_t scrambled_packets; /* of those that were fed */
    uint64_t unaligned;         /* PES packets of video that begin in the middle of something */
    uint64_t losses;
    uint64_t frames;
    uint64_t field_pictures; /* a frame of two counts two */
    uint64_t frame_num_gaps; /* H.264: frames missing between two that were read */
    uint64_t interlaced;     /* MPEG-2 video: frames without progressive_frame */
    uint64_t pictures[TS_PICTURE_TYPES];
    uint64_t idr_pictures;
    uint64_t random_access_points;
    ts_gop_statistics gop;
    ts_tick_intervals idr_interval;    /* of PTS */
    ts_tick_intervals decode_interval; /* of DTS, or PTS where there is no DTS, of frames */
    bool has_idr_pts;
    bool has_decode_time;
    uint64_t idr_pts;
    uint64_t decode_time;
    unsigned captions; /* TS_CAPTIONS_ */
    uint64_t caption_messages;
    /* What an audio header says of the format, other fields masked out; 0: none. */
    uint64_t audio_signature;
    uint64_t audio_candidate; /* of one away from the PES packet's begin, until it comes again */
    uint64_t audio_frames;    /* whose headers tell their size, as many as were seen */
    uint64_t audio_frame_bytes;
} ts_elementary;

/* By stream_type, and by the descriptors of private data (0x06). */
ts_elementary_kind ts_elementary_find_kind(const psi_elementary_stream *stream);
bool ts_elementary_is_video(ts_elementary_kind kind);
void ts_elementary_init(ts_elementary *elementary, ts_elementary_kind kind);
/* True if the PES packet's next packet is wanted. Duplicates and packets without payload may be fed
 * or left out. */
bool ts_elementary_feed(ts_elementary *elementary, const uint8_t *packet);
/* Packets of this PID are missing: what would count across the gap does not. */
void ts_elementary_lose(ts_elementary *elementary);
/* Nothing comes behind what was fed: the access unit that has begun counts with what is known. */
void ts_elementary_end(ts_elementary *elementary);

#endif
