/* The time line of a whole stream, for measuring: what is seen waits until the next PCR tells when
 * it was.
 *
 * One PCR PID is the reference. Between two of its PCRs time is interpolated by packet index, so
 * that a change of the bitrate moves nothing. Should its PCRs stop, time goes on by the packet
 * count at the last rate, and another PCR PID, if there is one, takes over the same time line.
 * Where no PCR comes at all, the times at which packets arrived do, from one block to the next. */
#ifndef TSLOOM_TIMELINE_H
#define TSLOOM_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/clock.h"
#include "tsloom/status.h"

typedef enum ts_sighting_kind {
    TS_SIGHT_BLOCK,      /* the end of a block of packets; value: how many passed so far */
    TS_SIGHT_FIRST,      /* the first packet of a PID */
    TS_SIGHT_CONTINUITY, /* value: packets missing modulo 16 */
    TS_SIGHT_TRANSPORT_ERROR,
    TS_SIGHT_SCRAMBLED, /* transport_scrambling_control is not 00: at its change, and at every
                           packet of a PID that carries sections */
    TS_SIGHT_PAT_PACKET,
    TS_SIGHT_PCR,      /* value: the PCR */
    TS_SIGHT_PTS,      /* value: the PTS */
    TS_SIGHT_SECTION,  /* whole, its CRC_32 right where it has one */
    TS_SIGHT_CRC_ERROR /* whole, its CRC_32 wrong */
} ts_sighting_kind;

enum { TS_SIGHT_DISCONTINUITY = 1u << 0, TS_SIGHT_ARRIVED = 1u << 1 /* arrival is known */ };

/* Something that was seen. Sections: packet_index is their last packet. */
typedef struct ts_sighting {
    uint64_t packet_index;
    uint64_t first_packet; /* of a section */
    uint64_t value;
    int64_t arrival; /* of PCRs and of the last packet of a block */
    uint16_t pid;
    uint16_t table_id_extension;
    uint8_t kind;
    uint8_t table_id;
    uint8_t section_number;
    uint8_t flags;
} ts_sighting;

enum { TS_TIMELINE_ANCHORS = 64 };

/* Where a PCR of the reference has put a packet. */
typedef struct ts_timeline_anchor {
    uint64_t packet_index;
    int64_t time;
} ts_timeline_anchor;

typedef struct ts_timeline ts_timeline;

/* Called in the order of the stream. Times are 27 MHz ticks from the reference's first PCR on. */
typedef ts_status (*ts_timeline_sink)(void *context, const ts_sighting *sighting);

struct ts_timeline {
    ts_clock clock;
    uint16_t reference_pid; /* TS_PID_NULL until the first PCR, and while it goes by arrival */
    uint16_t other_pid;     /* the PCR PID seen last that is not the reference */
    uint64_t other_index;
    bool by_arrival;  /* no PCR moves: blocks and their arrival are the reference */
    bool has_arrival; /* at arrival_index a packet had arrived at this time */
    int64_t arrival;
    uint64_t arrival_index;
    uint64_t block_index; /* of the last block's end */
    bool measured;        /* two PCRs have told a rate */
    bool has_time;        /* of what the sink gets: false before any PCR can tell */
    bool doubted;         /* the last interval was taken for a jump */
    uint64_t switches;    /* of the reference */
    ts_timeline_anchor anchors[TS_TIMELINE_ANCHORS]; /* the last ones, a ring */
    size_t anchor_count;                             /* all there were */
    ts_sighting *waiting;
    size_t waiting_count;
    size_t waiting_capacity;
    ts_timeline_sink sink;
    void *context;
};

void ts_timeline_init(ts_timeline *timeline, ts_timeline_sink sink, void *context);
void ts_timeline_free(ts_timeline *timeline);
/* Takes a sighting; those that a PCR has settled go to the sink. */
ts_status ts_timeline_see(ts_timeline *timeline, const ts_sighting *sighting);
/* Hands on all that waits, by the last rate: at the end, or when a report is wanted. */
ts_status ts_timeline_flush(ts_timeline *timeline);
/* Time of a packet as the sink is to read it: of the sighting in hand or one before it. */
int64_t ts_timeline_get_time(const ts_timeline *timeline, uint64_t packet_index);

#endif
