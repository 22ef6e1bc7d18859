/* Splice information that is in the stream already (ANSI/SCTE 35 2023r1, 9.6): restamped, replaced
 * or removed as it passes.
 *
 * The PIDs are those that PMTs list with stream_type 0x86, of one program or of all, and those that
 * are named. A section leaves in the packet that completes it; of one that wants more packets than
 * that, the others follow in null packets, or in added ones. Packets that are no longer needed
 * become null packets or are dropped. Whatever else is on the PIDs stays: other tables, sections of
 * another protocol_version, sections whose CRC_32 is wrong. */
#ifndef TSLOOM_CUE_REWRITER_H
#define TSLOOM_CUE_REWRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/demux.h"
#include "tsloom/insert.h"
#include "tsloom/rewriter.h"
#include "tsloom/section.h"

typedef enum ts_cue_verdict { TS_CUE_KEEP, TS_CUE_REPLACE, TS_CUE_REMOVE } ts_cue_verdict;

/* A section that has ended in the packet at which the stage stands. */
typedef struct ts_passing_section {
    uint8_t bytes[TS_SECTION_MAX];
    size_t size;
    bool is_asked; /* of a table that is asked about; what is not is kept */
    bool crc_ok;
    bool has_time;
    ts_cue_verdict verdict;
    uint16_t pid;
    uint64_t packet_index;
    int64_t stream_time;
    uint64_t pts_90khz;
} ts_passing_section;

typedef struct ts_offset_change {
    uint64_t packet_index; /* sections that end in this packet or later */
    uint64_t pts_offset;
} ts_offset_change;

typedef struct ts_cue_rewriter {
    ts_demux demux;
    ts_rewriter rewriter;
    /* Settings, before the first packet. */
    uint16_t program_number; /* 0: all */
    uint8_t named[TS_PID_COUNT];
    ts_room room;       /* for what outgrows its packets */
    bool drops_freed;   /* or makes null packets of them */
    bool asks;          /* stops for an answer at each section of the tables in asked */
    bool named_only;    /* PIDs that PMTs list are let alone */
    uint8_t asked[256]; /* by table_id; at first splice information alone */
    /* Added to every pts_adjustment, modulo 2^33. */
    uint64_t pts_offset;
    ts_offset_change *changes;
    size_t change_count;
    size_t change_capacity;
    /* Sections that wait for an answer. */
    ts_passing_section *sections;
    size_t section_count;
    size_t section_capacity;
    uint16_t reading; /* the PID whose sections are collected; TS_PID_NULL for none */
    /* PIDs that are taken over. */
    uint16_t taken[TS_PID_COUNT];
    size_t taken_count;
    bool has_backlog; /* packets wait for room */
    int64_t backlog_since;
    /* State between calls. */
    size_t at;
    bool resumed;
    uint64_t last_index;
    /* What the batch gains and loses. */
    size_t *dropped;
    size_t dropped_count;
    size_t dropped_capacity;
    uint64_t restamped_sections;
    uint64_t replaced_sections;
    uint64_t removed_sections;
    uint64_t lost_sections; /* that found no room before the stream ended */
} ts_cue_rewriter;

ts_status ts_cue_rewriter_init(ts_cue_rewriter *stage, uint16_t program_number);
void ts_cue_rewriter_free(ts_cue_rewriter *stage);
/* Before the first packet: this PID too, whatever the PMTs say of it. */
ts_status ts_cue_rewriter_name(ts_cue_rewriter *stage, uint16_t pid);
/* The offset of all sections that end in this packet or later; at once where packet_index is 0. */
ts_status ts_cue_rewriter_set_offset(ts_cue_rewriter *stage, uint64_t pts_offset,
                                     uint64_t packet_index);
/* While the stage wants control: what becomes of a section. TS_BAD_ARGUMENT if there is no such
 * section or the bytes that replace it are not of a section's size. */
ts_status ts_cue_rewriter_answer(ts_cue_rewriter *stage, size_t section, ts_cue_verdict verdict,
                                 const uint8_t *bytes, size_t size);
/* A stage: state is a ts_cue_rewriter. */
ts_status ts_cue_rewriter_process(void *stage, ts_batch *batch);
ts_status ts_cue_rewriter_finish(void *stage, ts_batch *batch);

#endif
