/* continuity_counter by ISO/IEC 13818-1, 2.4.3.3, checked at the speed of reading headers.
 *
 * Each PID keeps the header word that comes next if nothing happens. A packet that agrees costs one
 * comparison; all others are judged in full and listed, so that later steps look at those only. */
#ifndef TSLOOM_CONTINUITY_H
#define TSLOOM_CONTINUITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/packet.h"

/* Why a packet is listed. */
enum {
    TS_MARK_FIRST = 1u << 0,            /* the first of its PID without transport error */
    TS_MARK_CONTINUITY_ERROR = 1u << 1, /* wrong counter, or a third occurrence */
    TS_MARK_DUPLICATE = 1u << 2,        /* the one repetition that the standard allows */
    TS_MARK_DISCONTINUITY = 1u << 3,    /* discontinuity_indicator set */
    TS_MARK_TRANSPORT_ERROR = 1u << 4,
    TS_MARK_ADAPTATION = 1u << 5, /* has an adaptation field */
    TS_MARK_SCRAMBLING = 1u << 6, /* transport_scrambling_control differs from the packet before */
    TS_MARK_START = 1u << 7       /* payload_unit_start_indicator, where starts are watched */
};

typedef struct ts_marked {
    uint32_t index;    /* in the batch */
    uint16_t marks;    /* 0: listed because its PID is watched */
    uint8_t missing;   /* of a continuity error: packets lost modulo 16, 0 for a repetition */
    uint8_t unsettled; /* what came before has a say in the marks, see ts_continuity_replay */
} ts_marked;

/* What every packet of the PID looks at: half a cache line. */
typedef struct ts_pid_state {
    uint32_t expected; /* header word that comes next */
    uint32_t mask;     /* bits of it that must agree */
    uint64_t packets;
    uint32_t last_index; /* of the last packet, in the batch being checked */
    uint8_t seen;
    uint8_t started;  /* a packet without transport error has set the counter */
    uint8_t repeated; /* the last packet was a duplicate */
    uint8_t payload;  /* the last packet had payload */
    uint8_t watched;
    uint8_t good; /* a packet without transport error has come */
    uint8_t reserved[6];
} ts_pid_state;

/* Packets are scrambled from one change of transport_scrambling_control to the next. */
typedef struct ts_pid_scrambling {
    uint64_t packets; /* up to the last change */
    uint64_t from;    /* count of the PID's packets at the last change */
} ts_pid_scrambling;

typedef struct ts_continuity {
    ts_pid_state pid[TS_PID_COUNT];
    ts_pid_scrambling scrambling[TS_PID_COUNT];
    uint16_t active[TS_PID_COUNT]; /* PIDs seen, in order of appearance */
    size_t active_count;
    uint32_t start;                   /* TS_HEADER_PUSI where starts are watched, else 0 */
    uint8_t (*saved)[TS_PACKET_SIZE]; /* each PID's last packet of the batch before */
} ts_continuity;

ts_status ts_continuity_init(ts_continuity *continuity);
void ts_continuity_free(ts_continuity *continuity);
/* From the next batch on all packets of the PID are listed. */
void ts_continuity_watch(ts_continuity *continuity, uint16_t pid);
/* From the next packet on, those with payload_unit_start_indicator are listed. */
void ts_continuity_watch_starts(ts_continuity *continuity);
uint64_t ts_continuity_get_scrambled(const ts_continuity *continuity, uint16_t pid);
/* Judges a batch; marked holds batch->count elements. Returns how many it lists, in order. */
size_t ts_continuity_check(ts_continuity *continuity, const ts_batch *batch, ts_marked *marked);
/* The same piece by piece, in order, while the batch stays as it is: its packets from one index up
 * to another. ts_continuity_leave ends the batch. */
size_t ts_continuity_check_some(ts_continuity *continuity, const ts_batch *batch, size_t from,
                                size_t to, ts_marked *marked);
/* Takes over what another check has found in a piece of the stream that it saw from its own start:
 * a list of the batch's packets from one index up to another that holds all it listed, and each
 * PID's first two, unsettled, which are judged anew. Of packets that are not listed the headers are
 * looked at only. */
void ts_continuity_replay(ts_continuity *continuity, const ts_batch *batch, size_t from, size_t to,
                          ts_marked *marked, size_t listed);
void ts_continuity_leave(ts_continuity *continuity, const ts_batch *batch);

/* Makes the counters of what leaves right: 2.4.3.3 for every PID in turn, duplicates kept. */
typedef struct ts_continuity_repair {
    ts_continuity input;
    ts_marked *marked;
    size_t marked_capacity;
    uint8_t shift[TS_PID_COUNT]; /* what is added to a PID's counters */
    uint8_t enabled[TS_PID_COUNT];
    uint32_t shifted;  /* PIDs whose shift is not 0 */
    uint64_t repaired; /* packets rewritten */
} ts_continuity_repair;

ts_status ts_continuity_repair_init(ts_continuity_repair *repair);
void ts_continuity_repair_free(ts_continuity_repair *repair);
void ts_continuity_repair_enable(ts_continuity_repair *repair, uint16_t pid);
ts_status ts_continuity_repair_process(void *repair, ts_batch *batch);

/* Counts what is wrong and changes nothing. */
typedef struct ts_continuity_count {
    ts_continuity input;
    ts_marked *marked;
    size_t marked_capacity;
    uint64_t errors;
    uint64_t transport_errors; /* packets with transport_error_indicator */
} ts_continuity_count;

ts_status ts_continuity_count_init(ts_continuity_count *count);
void ts_continuity_count_free(ts_continuity_count *count);
ts_status ts_continuity_count_process(void *count, ts_batch *batch);

#endif
