/* The one way into a stream: sections with a due time and a deadline, put in earliest deadline
 * first, spaced on their PID, each confirmed or failed with its reason.
 *
 * Times are stream times of one program's clock. Room is made by replacing null packets, by adding
 * packets, or not at all; packets that the stage itself frees (of a PMT that it writes anew) count
 * as null packets. */
#ifndef TSLOOM_INSERT_H
#define TSLOOM_INSERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/demux.h"
#include "tsloom/psi.h"
#include "tsloom/rewriter.h"

typedef enum ts_room {
    TS_ROOM_NULLS,          /* null packets only; a section that finds none by its deadline fails */
    TS_ROOM_NULLS_THEN_ADD, /* null packets until the deadline, then a packet is added */
    TS_ROOM_ADD             /* packets are added as soon as a section is due */
} ts_room;

typedef enum ts_insert_kind {
    TS_INSERT_CONFIRMED,
    TS_INSERT_FAILED,
    TS_INSERT_CLOCK_STARTED, /* wants control: times can be computed now */
    TS_INSERT_CLOCK_BROKEN,  /* wants control: the relation of time to PTS has changed */
    TS_INSERT_ANNOUNCED,     /* the PMT now carries the PID */
    TS_INSERT_PID_CLASH,     /* wants control: the PID is in use */
    TS_INSERT_PMT_FULL       /* the PMT with the PID would be above 1024 bytes */
} ts_insert_kind;

typedef enum ts_insert_reason {
    TS_INSERT_NO_REASON,
    TS_INSERT_NO_NULL_PACKET, /* before the deadline */
    TS_INSERT_STREAM_ENDED
} ts_insert_reason;

typedef struct ts_insert_event {
    ts_insert_kind kind;
    ts_insert_reason reason;
    uint16_t pid;
    bool added;            /* packets were added for it */
    uint64_t id;           /* of the section */
    uint64_t packet_index; /* in the stage's output: first packet of the section */
    uint64_t last_packet_index;
    int64_t stream_time; /* of the first packet */
    uint64_t pts_90khz;  /* the clock's reading there */
} ts_insert_event;

typedef struct ts_insert_item {
    uint64_t id;
    int64_t due;
    int64_t deadline;
    int64_t interval; /* 0: once */
    int64_t window;   /* from due to deadline */
    uint8_t *section;
    size_t size;
    size_t sent;
    uint16_t pid;
    bool added;
    uint64_t first_packet;
    int64_t first_time;
} ts_insert_item;

typedef struct ts_item_heap {
    ts_insert_item *items;
    size_t count;
    size_t capacity;
} ts_item_heap;

/* A section of ours has 23 packets at most: so many of the stream's own can wait for its end. */
enum { TS_INSERT_HELD = 24 };

typedef struct ts_added_packet {
    size_t before; /* index in the batch */
    uint8_t packet[TS_PACKET_SIZE];
} ts_added_packet;

typedef struct ts_inserter {
    ts_demux demux;
    ts_rewriter rewriter;
    ts_room room;
    uint16_t program_number; /* 0: the first that has a PMT */
    ts_item_heap waiting;    /* by due */
    ts_item_heap ready;      /* by deadline */
    ts_insert_item current;  /* begun, not ended; section is NULL when there is none */
    uint64_t wake_index;     /* input packet index at which something becomes due */
    int64_t spacing[TS_PID_COUNT];
    int64_t free_from[TS_PID_COUNT]; /* a PID's next section not before this time */
    uint8_t counter[TS_PID_COUNT];   /* of the next packet with payload */
    uint8_t owned[TS_PID_COUNT];     /* counters of passing packets are written anew */
    uint8_t concern[TS_PID_COUNT];   /* why packets of a PID are looked at */
    uint64_t role_changes;           /* of demux, up to which concern is true */
    const ts_clock *clock;           /* of the program; NULL while it has not started */
    uint8_t in_use[TS_PID_COUNT];
    /* What the PMT is to gain; pid 0 for nothing. */
    uint16_t announced_pid;
    uint8_t announcement[512]; /* program_info descriptors, then ES_info */
    size_t program_info_size;
    size_t es_info_size;
    bool has_announced;
    bool has_listed; /* the PMT names the PID for cues by itself */
    bool has_clashed;
    int64_t backlog_since; /* time at which the PMT began to wait for more room than its own */
    uint16_t pmt_pid;      /* written anew; TS_PID_NULL while there is none */
    /* Packets of the stream's own that wait until a section on their PID has ended. */
    uint8_t held[TS_INSERT_HELD][TS_PACKET_SIZE];
    size_t held_count;
    uint16_t held_pid;
    /* Of the packet looked at: a section went on over its begin. */
    uint16_t passing_pid;
    bool is_inside;
    /* State between calls. */
    uint64_t out_base;   /* packets that have left before this batch */
    uint64_t next_index; /* input packet index behind the last one */
    size_t at;
    bool resumed;
    bool has_started; /* the clock has been told of */
    uint64_t clock_breaks;
    ts_added_packet *added;
    size_t added_count;
    size_t added_capacity;
    ts_insert_event *events;
    size_t event_count;
    size_t event_capacity;
    ts_status status;
} ts_inserter;

ts_status ts_inserter_init(ts_inserter *inserter, ts_room room, uint16_t program_number);
void ts_inserter_free(ts_inserter *inserter);
/* Before the first packet: the program's PMT gains the PID, with stream_type 0x86, these
 * descriptors, and a raised version_number. */
ts_status ts_inserter_announce(ts_inserter *inserter, uint16_t pid, psi_slice program_info,
                               psi_slice es_info);
/* The section is copied. interval above 0 repeats it until it is cancelled. */
ts_status ts_inserter_queue(ts_inserter *inserter, const ts_insert_item *item);
/* Takes back what has not begun to leave; TS_NOT_FOUND if nothing did. */
ts_status ts_inserter_cancel(ts_inserter *inserter, uint64_t id);
void ts_inserter_clear_events(ts_inserter *inserter);
/* The clock that times are of; NULL while it has not started. */
const ts_clock *ts_inserter_get_clock(const ts_inserter *inserter);
/* A stage: state is a ts_inserter. */
ts_status ts_inserter_process(void *inserter, ts_batch *batch);
ts_status ts_inserter_finish(void *inserter, ts_batch *batch);

#endif
