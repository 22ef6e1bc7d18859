/* The transport stream system target decoder of ISO/IEC 13818-1, 2.4.2, for one elementary stream
 * or for a program's system data: indicators 3.3, 3.9 and 3.10 of ETSI TR 101 290.
 *
 *   video    TB -- Rx --> MB -- Rbx --> EB -- an access unit at its DTS   (leak method)
 *   audio    TB -- Rx --> B  -- an access unit at its DTS
 *   systems  TB -- Rx --> B  -- Rbx -->
 *
 * Bytes are a fluid that is counted in 1/216,000,000 of a byte, what 1 bit/s moves in a tick: what
 * leaves a buffer is exactly what its rate moves in whole ticks. A packet flows into TB evenly over
 * its duration. Buffers are looked at where a packet begins and ends, where TB runs empty (to the
 * tick above) and where a unit is decoded. Nothing is allocated. Clauses are numbered as in the
 * edition of 2000; later ones count one up. */
#ifndef TSLOOM_TSTD_H
#define TSLOOM_TSTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/status.h"

/* A PES packet without a time stamp: its bytes belong to the unit before. */
#define TS_TSTD_NO_TIME INT64_MIN

enum {
    TS_TSTD_TRANSPORT_BUFFER_BYTES = 512,
    TS_TSTD_UNITS = 256,  /* access units that may wait for their DTS */
    TS_TSTD_HEADERS = 16, /* PES headers in MB */
    TS_TSTD_PACKETS = 8   /* packets in TB, overflowing ones included */
};

typedef enum ts_tstd_kind { TS_TSTD_VIDEO, TS_TSTD_AUDIO, TS_TSTD_SYSTEMS } ts_tstd_kind;

/* MB for video, B for audio and systems. */
typedef enum ts_tstd_buffer {
    TS_TSTD_TB,
    TS_TSTD_MB,
    TS_TSTD_EB,
    TS_TSTD_BUFFER_COUNT,
    TS_TSTD_B = TS_TSTD_MB
} ts_tstd_buffer;

typedef enum ts_tstd_codec {
    TS_TSTD_MPEG1_VIDEO,
    TS_TSTD_MPEG2_VIDEO,
    TS_TSTD_AVC,
    TS_TSTD_HEVC,
    TS_TSTD_MPEG_AUDIO,
    TS_TSTD_AAC,
    TS_TSTD_AC3,
    TS_TSTD_EAC3,
    TS_TSTD_DTS,
    TS_TSTD_PRIVATE, /* PES packets of anything else */
    TS_TSTD_SECTIONS
} ts_tstd_codec;

/* What the stream did not tell, so that a default stands in its place. */
enum {
    TS_TSTD_ASSUMED_LEVEL = 1,    /* the highest in common use */
    TS_TSTD_ASSUMED_BUFFER = 2,   /* vbv or CPB size: the level's greatest */
    TS_TSTD_ASSUMED_RATE = 4,     /* of the sequence or HRD: the level's greatest */
    TS_TSTD_ASSUMED_CHANNELS = 8, /* two */
    TS_TSTD_ASSUMED_CODEC = 16    /* no clause gives sizes for it */
};

/* What is known of a stream; 0 is "not told". */
typedef struct ts_tstd_stream {
    ts_tstd_codec codec;
    uint8_t profile; /* MPEG-2: profile_and_level_indication's 3 bits; AVC: profile_idc */
    uint8_t level;   /* MPEG-2: its 4 bits; AVC: level_idc, 9 for 1b; HEVC: general_level_idc */
    bool high_tier;  /* HEVC: general_tier_flag */
    bool still;      /* still pictures: 60 s of delay */
    uint16_t channels;
    uint32_t bitrate_bps; /* sequence header, NAL HRD; systems: of the whole transport stream */
    uint32_t buffer_bits; /* vbv_buffer_size * 16384, CpbSize of the NAL HRD */
} ts_tstd_stream;

typedef struct ts_tstd_params {
    ts_tstd_kind kind;
    uint32_t size[TS_TSTD_BUFFER_COUNT]; /* bytes; 0 where there is no such buffer */
    uint32_t rx_bps;                     /* out of TB */
    uint32_t rbx_bps;                    /* out of MB, or out of B of systems; 0 for audio */
    int64_t delay_limit;                 /* ticks */
    unsigned assumed;                    /* TS_TSTD_ASSUMED_... */
} ts_tstd_params;

typedef enum ts_tstd_event_kind {
    TS_TSTD_OVERFLOW,  /* 3.3: the first packet of a run that a buffer has no room for */
    TS_TSTD_NOT_EMPTY, /* 3.9: TB or MB was not empty for one more second */
    TS_TSTD_DELAY,     /* 3.10: an access unit waits longer than the limit */
    TS_TSTD_UNDERFLOW  /* 2.4.2.6: a unit was not there at its DTS; no indicator counts it */
} ts_tstd_event_kind;

typedef struct ts_tstd_event {
    ts_tstd_event_kind kind;
    ts_tstd_buffer buffer;
    uint64_t packet_index; /* underflow: where the unit began */
    int64_t time;          /* stream time, 27 MHz */
    int64_t amount;        /* bytes it would have held (rounded up), of its size; or ticks */
    int64_t limit;
} ts_tstd_event;

typedef void (*ts_tstd_sink)(void *context, const ts_tstd_event *event);

/* An access unit begins at an offset in the packet's elementary stream bytes. */
typedef struct ts_tstd_unit_start {
    size_t offset;
    int64_t decode_time; /* stream time, 27 MHz; TS_TSTD_NO_TIME if it has none */
} ts_tstd_unit_start;

typedef struct ts_tstd_packet {
    uint64_t packet_index;
    int64_t time;        /* stream time of its first byte, 27 MHz */
    int64_t duration;    /* ticks until all of it is in; 0: at once */
    uint8_t header_size; /* PES header bytes in it */
    uint8_t data_size;   /* elementary stream bytes after them; of sections: the whole payload */
    const ts_tstd_unit_start *units; /* in order of their offsets */
    size_t unit_count;
} ts_tstd_packet;

typedef struct ts_tstd_figures {
    uint64_t packets;
    uint64_t units;
    uint64_t overflows[TS_TSTD_BUFFER_COUNT]; /* runs of packets */
    uint64_t overflow_packets[TS_TSTD_BUFFER_COUNT];
    uint64_t not_empty[TS_TSTD_BUFFER_COUNT];
    uint64_t delays;
    uint64_t underflows;
    uint64_t units_dropped; /* more than TS_TSTD_UNITS waited: decoded before their time */
    int64_t
        max_fill[TS_TSTD_BUFFER_COUNT]; /* bytes, rounded up, before what does not fit is lost */
    int64_t max_delay;                  /* ticks */
} ts_tstd_figures;

/* Private from here on. */
typedef struct ts_tstd_unit {
    int64_t decode_time;
    int64_t size; /* fluid of it that has entered TB so far, headers too for audio */
    uint64_t packet_index;
} ts_tstd_unit;

typedef struct ts_tstd_part {
    int64_t other; /* fluid: what does not leave TB for the next buffer, and so on */
    int64_t header;
    int64_t data;
} ts_tstd_part;

typedef struct ts_tstd_header {
    int64_t ahead; /* fluid in MB between it and the header before */
    int64_t size;
} ts_tstd_header;

typedef struct ts_tstd {
    ts_tstd_params params;
    ts_tstd_sink sink;
    void *context;
    ts_tstd_figures figures;            /* without max_fill, which ts_tstd_get_figures knows */
    int64_t size[TS_TSTD_BUFFER_COUNT]; /* fluid, as all that follows but times */
    int64_t fill[TS_TSTD_BUFFER_COUNT];
    int64_t max_fill[TS_TSTD_BUFFER_COUNT];
    double leak_share; /* Rbx over Rx */
    int64_t now;
    int64_t last_empty[TS_TSTD_BUFFER_COUNT];
    uint64_t packet_index;
    bool started;
    bool has_unit;     /* bytes belong to a unit; before the first they end at TB */
    bool unit_decoded; /* the one that is coming in was due already, and is late if more comes */
    bool unit_late;    /* and more came */
    bool overflowed[TS_TSTD_BUFFER_COUNT];  /* by the last packet */
    bool overflowing[TS_TSTD_BUFFER_COUNT]; /* by the packet before it */
    int64_t debt;                           /* of units decoded too early: leaves as it comes */
    int64_t waiting;                        /* data in MB behind its last header */
    int64_t header_fill;                    /* PES headers in MB */
    size_t part_first, part_count;
    size_t header_first, header_count;
    size_t unit_first, unit_count;
    ts_tstd_part parts[TS_TSTD_PACKETS];
    ts_tstd_header headers[TS_TSTD_HEADERS];
    ts_tstd_unit units[TS_TSTD_UNITS];
} ts_tstd;

/* Sizes and rates by clause; what is not told is labelled in assumed. */
ts_tstd_params ts_tstd_get_params(const ts_tstd_stream *stream);

/* TS_BAD_ARGUMENT if a rate is not within 1 kbit/s and 2^30 bit/s, or a size above 2^31. */
ts_status ts_tstd_init(ts_tstd *tstd, const ts_tstd_params *params, ts_tstd_sink sink,
                       void *context);
/* One packet of the PID (of the program's system PIDs), in stream order. */
void ts_tstd_feed(ts_tstd *tstd, const ts_tstd_packet *packet);
/* Goes on to a stream time without a packet: units due are decoded. */
void ts_tstd_advance(ts_tstd *tstd, int64_t time);
/* Empties all buffers, at a break of the program's clock; figures stay. */
void ts_tstd_restart(ts_tstd *tstd);
ts_tstd_figures ts_tstd_get_figures(const ts_tstd *tstd);
/* What a buffer holds now, in bytes, rounded up. */
int64_t ts_tstd_get_fill(const ts_tstd *tstd, ts_tstd_buffer buffer);

#endif
