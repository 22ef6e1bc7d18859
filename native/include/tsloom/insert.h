/* The one way into a stream: sections with a due time and a deadline, put in earliest deadline
 * first, spaced on their PID, each confirmed or failed with its reason.
 *
 * Times are stream times of one program's clock. Room is made by replacing null packets, by adding
 * packets behind those that come in, or not at all; packets that the stage itself frees (of a PMT
 * that it writes anew) count as null packets. A section never stands within another one of its PID.
 */
#ifndef TSLOOM_INSERT_H
#define TSLOOM_INSERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/carousel.h"
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
    TS_INSERT_PID_CLASH,     /* wants control: the PID is in use; the PMT does not announce it */
    TS_INSERT_PMT_FULL,      /* the PMT with the PID would be above 1024 bytes */
    TS_INSERT_ALARM,         /* wants control: the time of an alarm has come */
    TS_INSERT_SDT,           /* wants control: an SDT names the stream */
    TS_INSERT_UTC            /* wants control: a TDT or TOT says what time it is */
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
    bool added;  /* packets were added for it */
    uint64_t id; /* of the section or the alarm */
    /* Of a section: its first packet, in the stage's output. Of an alarm: the packet in the output
     * at which it rang. Of all else: the input packet that told. */
    uint64_t packet_index;
    uint64_t last_packet_index;
    int64_t stream_time; /* of the first packet */
    uint64_t pts_90khz;  /* the clock's reading there */
} ts_insert_event;

enum { TS_INSERT_GROUPS_MAX = 1 << 20 };

typedef struct ts_insert_item {
    uint64_t id;
    int64_t due;
    int64_t deadline;
    int64_t interval; /* 0: once */
    uint8_t *section; /* NULL: an alarm */
    size_t size;
    uint16_t pid;
    uint32_t group;     /* sections of one are group_spacing apart; 0: of none */
    bool wants_control; /* as soon as it has left or failed: something else waits for it */
    /* The stage's own. */
    int64_t wake;    /* looked at from then on: due, or later where the PID is not free */
    uint64_t serial; /* of a section of the carousel; 0: it is none */
    size_t slot;     /* and where that is on it */
    size_t sent;
    bool added;
    uint64_t first_packet;
    int64_t first_time;
} ts_insert_item;

typedef struct ts_item_heap {
    ts_insert_item *items;
    size_t count;
    size_t capacity;
} ts_item_heap;

/* Sections that are taken from a carousel as they come by. */
typedef struct ts_insert_carousel {
    ts_carousel *source; /* NULL: there is none */
    int64_t until;       /* what comes by from then on is not taken yet */
    int64_t patience;    /* from the due time of a section to its deadline */
    bool tells;          /* each is an event; else they are counted, and the last of them kept */
    uint64_t taken;
    uint64_t confirmed;
    uint64_t failed;
    ts_insert_event *kept; /* a ring */
    size_t kept_capacity;
    uint8_t section[TS_SECTION_MAX]; /* the one that is leaving, whatever becomes of it there */
} ts_insert_carousel;

/* What the stream's own SI says of it, where that is followed. */
typedef struct ts_insert_si {
    bool sdt_followed;
    bool time_followed;
    bool has_pat;
    bool has_sdt;
    uint16_t pat_transport_stream_id;
    uint16_t transport_stream_id; /* of the SDT of the actual stream, as is the next */
    uint16_t original_network_id;
    uint8_t utc_time[5]; /* of the last TDT or TOT (EN 300 468, annex C) */
    uint8_t tot[1024];   /* the last one */
    size_t tot_size;
} ts_insert_si;

typedef struct ts_inserter {
    ts_demux demux;
    ts_rewriter rewriter;
    ts_room room;
    uint16_t program_number; /* 0: the first that has a PMT */
    ts_item_heap waiting;    /* by wake */
    ts_item_heap ready;      /* by deadline */
    ts_insert_item current;  /* chosen, not ended; section is NULL when there is none */
    uint64_t wake_index;     /* input packet index from which a null packet is wanted */
    uint64_t other_index;    /* and from which any other packet is looked at */
    int64_t spacing[TS_PID_COUNT];
    int64_t free_from[TS_PID_COUNT]; /* a PID's next section not before this time */
    int64_t group_spacing;    /* from the end of a section to the begin of its group's next */
    int64_t *group_free_from; /* by group */
    size_t group_capacity;
    uint8_t concern[TS_PID_COUNT]; /* why packets of a PID are looked at */
    uint64_t role_changes;         /* of demux, up to which concern is true */
    uint8_t passed[TS_PID_COUNT];  /* low byte of the last header if that was not looked at */
    uint8_t counter[TS_PID_COUNT]; /* of the next packet that is put in */
    uint8_t shift[TS_PID_COUNT]; /* packets put in: what is added to the counters of passing ones */
    uint8_t joined[TS_PID_COUNT]; /* the counter goes on from a packet of the PID's own */
    uint8_t parted[TS_PID_COUNT]; /* one was put in behind the last that passed */
    uint8_t in_use[TS_PID_COUNT];
    uint8_t replaced[TS_PID_COUNT]; /* what comes on the PID is read, and goes */
    ts_insert_si si;
    ts_insert_carousel carousel;
    /* What the PMT is to gain; pid 0 for nothing. */
    uint16_t announced_pid;
    uint8_t announcement[512]; /* program_info descriptors, then ES_info */
    size_t program_info_size;
    size_t es_info_size;
    bool has_announced;
    bool has_clashed;
    bool has_raised;        /* version_numbers are one above the input's from now on */
    int64_t backlog_since;  /* time at which the PMT began to wait for more room than its own */
    uint16_t pmt_pid;       /* written anew; TS_PID_NULL while there is none */
    ts_section_queue spare; /* sections that ended in this packet before its PID was taken over */
    /* State between calls. */
    uint64_t out_base; /* packets that have left before this batch */
    size_t at;
    bool resumed;
    const ts_clock *clock; /* of the program; NULL while it has not started */
    bool has_started;      /* the clock has been told of */
    bool has_moved;        /* the PCRs come on another PID: to be told of at the next of them */
    uint16_t clock_pid;
    uint64_t clock_breaks;
    ts_insert_event *events;
    size_t event_count;
    size_t event_capacity;
    ts_status status;
} ts_inserter;

ts_status ts_inserter_init(ts_inserter *inserter, ts_room room, uint16_t program_number);
void ts_inserter_free(ts_inserter *inserter);
/* Before the first packet: the program's PMT gains the PID, with stream_type 0x86, these
 * descriptors, and a raised version_number. TS_BAD_ARGUMENT if a slice is no whole number of
 * descriptors. */
ts_status ts_inserter_announce(ts_inserter *inserter, uint16_t pid, psi_slice program_info,
                               psi_slice es_info);
/* Before the first packet: what the PID carries is read, and becomes null packets. */
ts_status ts_inserter_replace(ts_inserter *inserter, uint16_t pid);
/* Before the first packet: SDTs are read and told of; TDT and TOT are. */
ts_status ts_inserter_follow_sdt(ts_inserter *inserter);
ts_status ts_inserter_follow_time(ts_inserter *inserter);
/* The section is copied. group is below TS_INSERT_GROUPS_MAX; one that is held up by its group gets
 * as much later a deadline, and does not repeat. interval above 0 repeats it until
 * it is cancelled, whether the one before was confirmed or has failed. */
ts_status ts_inserter_queue(ts_inserter *inserter, const ts_insert_item *item);
/* Wants control at the first packet whose stream time is that or later. Cancelled like a section.
 */
ts_status ts_inserter_set_alarm(ts_inserter *inserter, uint64_t id, int64_t time);
/* Takes back what has not begun to leave; TS_NOT_FOUND if there is nothing. What has begun is
 * ended, and not repeated. */
ts_status ts_inserter_cancel(ts_inserter *inserter, uint64_t id);
/* Before the first packet. Sections that are due are taken from the carousel by themselves: of
 * those that came by, up to carousel.until, which is INT64_MIN at first. They wait so long for null
 * packets. It is the caller's, and changes between calls only: one that waits leaves as it is by
 * then, and not if it is gone. The last `kept` events are kept where they are not told. */
ts_status ts_inserter_set_carousel(ts_inserter *inserter, ts_carousel *carousel, int64_t patience,
                                   size_t kept);
/* The carousel, or how far it is taken from, has changed. */
void ts_inserter_set_until(ts_inserter *inserter, int64_t until);
/* How many events are kept, and the one so many after the oldest. */
size_t ts_inserter_count_kept(const ts_inserter *inserter);
const ts_insert_event *ts_inserter_get_kept(const ts_inserter *inserter, size_t index);
void ts_inserter_clear_events(ts_inserter *inserter);
/* The clock that times are of; NULL while it has not started. */
const ts_clock *ts_inserter_get_clock(const ts_inserter *inserter);
/* A stage: state is a ts_inserter. */
ts_status ts_inserter_process(void *inserter, ts_batch *batch);
ts_status ts_inserter_finish(void *inserter, ts_batch *batch);

#endif
