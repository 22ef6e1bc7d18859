/* Follows a stream's structure: PAT to PMTs to what they name, each program's clock, and the
 * sections of every PID that is watched. Tables take effect at the packet that completes them. */
#ifndef TSLOOM_DEMUX_H
#define TSLOOM_DEMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/clock.h"
#include "tsloom/packet.h"
#include "tsloom/section.h"

/* What a PID is watched for. */
enum {
    TS_ROLE_PAT = 1u << 0,
    TS_ROLE_PMT = 1u << 1,
    TS_ROLE_CUES = 1u << 2,    /* stream_type 0x86 in a PMT */
    TS_ROLE_SECTIONS = 1u << 3 /* the caller asked */
};

enum { TS_STREAM_TYPE_SCTE35 = 0x86 };

/* What is followed by itself. */
enum { TS_FOLLOW_PROGRAMS = 1u << 0, TS_FOLLOW_CUES = 1u << 1, TS_FOLLOW_CLOCKS = 1u << 2 };

typedef struct ts_program {
    uint16_t program_number;
    uint16_t pmt_pid;
    uint16_t pcr_pid;       /* TS_PID_NULL until a PMT has told */
    uint8_t section_number; /* of the PAT section that lists it */
    bool has_pmt;
} ts_program;

/* A section as it ends, or as it is dropped. */
typedef struct ts_demux_section {
    const ts_section_report *report;
    uint16_t pid;
    uint8_t role;
    bool crc_ok;   /* also true where the table has no CRC_32 */
    bool is_new;   /* differs from the last one of its PID, table_id, extension and number */
    bool has_time; /* the clock of its program has started */
    int64_t stream_time;
    uint64_t pts_90khz;
} ts_demux_section;

typedef ts_status (*ts_demux_hook)(void *context, const ts_demux_section *section);

typedef struct ts_seen_section {
    uint64_t key; /* 0: free */
    uint32_t crc;
    uint32_t size;
} ts_seen_section;

typedef struct ts_demux {
    uint8_t role[TS_PID_COUNT];
    uint16_t clock_pid[TS_PID_COUNT]; /* PCR_PID of the program that a PID belongs to */
    uint16_t cue_owner[TS_PID_COUNT]; /* program_number whose PMT names the cue PID */
    ts_section_assembler *assembler[TS_PID_COUNT];
    ts_clock *clock[TS_PID_COUNT]; /* by PCR PID */
    uint16_t reference_pid;        /* the first PCR PID: the clock of PIDs without a program */
    unsigned follow;
    ts_program *programs;
    size_t program_count;
    size_t program_capacity;
    ts_seen_section *seen;
    size_t seen_count;
    size_t seen_capacity;
    ts_demux_hook hook;
    void *context;
    uint64_t role_changes; /* how often the table of roles has changed */
    ts_status status;      /* of the hook or of memory, since the last feed */
    uint16_t feeding;      /* PID of the packet being fed */
} ts_demux;

ts_status ts_demux_init(ts_demux *demux, unsigned follow, ts_demux_hook hook, void *context);
void ts_demux_free(ts_demux *demux);
ts_status ts_demux_watch(ts_demux *demux, uint16_t pid);
/* One packet, given its header word and input packet index. */
ts_status ts_demux_feed_packet(ts_demux *demux, const uint8_t *packet, uint32_t header,
                               uint64_t packet_index);
/* The packets of a batch from one index on. */
ts_status ts_demux_feed(ts_demux *demux, const ts_batch *batch, size_t from);
const ts_program *ts_demux_find_program(const ts_demux *demux, uint16_t program_number);
/* The clock that a PID's sections are timed by; NULL while there is none. */
const ts_clock *ts_demux_get_clock(const ts_demux *demux, uint16_t pid);

#endif
