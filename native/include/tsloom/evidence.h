/* What an analysis needs of a piece of a stream, without knowing what came before it: the header of
 * every packet, and the few packets that say more than their header.
 *
 * The evidence of consecutive pieces, replayed in order, gives an analyzer all that the packets
 * themselves would: so pieces can be read at the same time and joined exactly. Kept are the packets
 * that continuity lists (adaptation fields, starts of payload units, defects), all of PIDs that do
 * not carry PES packets as far as the piece has shown, each PID's first two, and each PID's last
 * one in a block, which the next may have to be compared with. */
#ifndef TSLOOM_EVIDENCE_H
#define TSLOOM_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "tsloom/analyze.h"
#include "tsloom/arrival.h"
#include "tsloom/batch.h"
#include "tsloom/continuity.h"

typedef struct ts_collector {
    ts_continuity continuity;
    ts_marked *marked;
    size_t capacity; /* of marked */
    uint8_t rule[TS_PID_COUNT];
    uint8_t settled[TS_PID_COUNT]; /* packets with a counter, up to two */
    uint8_t *bytes;                /* the evidence: blocks one after the other */
    size_t size;
    size_t bytes_capacity;
    uint64_t packets;
} ts_collector;

ts_status ts_collector_init(ts_collector *collector);
void ts_collector_free(ts_collector *collector);
/* Adds a block. timestamp, one for each packet, is what arrival is told from; or NULL. */
ts_status ts_collector_take(ts_collector *collector, const ts_batch *batch,
                            const uint32_t *timestamp);

/* Runs the analyzer over the block at an offset of the evidence and moves the offset behind it.
 * The batch is room for the packets; its first_index is the packet index of the block's first.
 * Arrivals unwrap the time stamps of the whole stream.
 * TS_BAD_LENGTH if the bytes are no block. TS_NOT_FOUND if a packet is missing that the tables of
 * the stream ask for: then the piece is to be analysed by itself. */
ts_status ts_evidence_replay(ts_analyzer *analyzer, const uint8_t *bytes, size_t size,
                             size_t *offset, ts_arrivals *arrivals, ts_batch *batch);

#endif
