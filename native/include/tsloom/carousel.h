/* Sections that come round: each class of them is a ring that turns once in its cycle, each section
 * a place on it (TS 101 211, 4.4). Which is next is that of the ring, of a few, which is due first.
 *
 * Sections of a group (a sub-table) are planned apart from each other; under a limit all are, one
 * behind the other. Times are ticks of 27 MHz that never go back.
 */
#ifndef TSLOOM_CAROUSEL_H
#define TSLOOM_CAROUSEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/status.h"

enum { TS_CAROUSEL_RINGS = 16, TS_CAROUSEL_GROUPS_MAX = 1 << 20 };

typedef struct ts_carousel_slot {
    uint8_t *section; /* NULL: the slot is free */
    size_t size;
    uint64_t serial;  /* of no other section that was ever put, and above 0 */
    uint32_t place;   /* on its ring, in parts of a turn of 2^-32 */
    uint32_t group;   /* 0: of none */
    size_t next_free; /* of a slot that is free */
    uint16_t pid;
    uint8_t ring;
} ts_carousel_slot;

typedef struct ts_carousel_ring {
    size_t *slots; /* by place */
    size_t count;
    size_t capacity;
    size_t at;      /* the one that comes next ... */
    int64_t due;    /* ... and when */
    int64_t origin; /* of this turn */
    int64_t period;
} ts_carousel_ring;

typedef struct ts_carousel {
    ts_carousel_ring ring[TS_CAROUSEL_RINGS];
    ts_carousel_slot *slots;
    size_t slot_count;
    size_t slot_capacity;
    size_t first_free; /* of the slots; slot_count: none */
    uint64_t last_serial;
    int64_t *group_free_from; /* by group: the next of its sections leaves no earlier */
    size_t group_capacity;
    int64_t spacing;      /* of a group */
    int64_t packet_ticks; /* that a packet takes under the limit; 0: there is none */
    int64_t free_from;    /* under the limit: the next section leaves no earlier */
    size_t ring_count;    /* the first so many rings have had sections */
    size_t next;          /* the ring that is due first */
    int64_t due;          /* when the next one comes; INT64_MAX: there is none */
} ts_carousel;

/* A section that is to come round; it is copied. */
typedef struct ts_carousel_section {
    const uint8_t *section;
    size_t size;
    uint32_t place;
    uint32_t group;
    uint16_t pid;
    uint8_t ring;
} ts_carousel_section;

typedef struct ts_carousel_due {
    int64_t due; /* it is to leave from then on */
    size_t slot;
} ts_carousel_due;

void ts_carousel_init(ts_carousel *carousel, int64_t spacing, int64_t packet_ticks);
void ts_carousel_free(ts_carousel *carousel);
/* TS_BAD_ARGUMENT if it is no section, or ring, group or PID are out of their range. */
ts_status ts_carousel_put(ts_carousel *carousel, const ts_carousel_section *wanted, size_t *slot);
/* Another section in the same place. */
ts_status ts_carousel_replace(ts_carousel *carousel, size_t slot, const uint8_t *section,
                              size_t size);
ts_status ts_carousel_remove(ts_carousel *carousel, size_t slot);
/* The ring's turn began at origin and takes so long; TS_BAD_ARGUMENT below a millisecond, or where
 * no sum of times would hold it. */
ts_status ts_carousel_set_turn(ts_carousel *carousel, size_t ring, int64_t origin, int64_t period);
/* The next section that comes by up to that time, in the order in which they come by; false if
 * there is none. One that its group or the limit holds up is due later than it came by. */
bool ts_carousel_take(ts_carousel *carousel, int64_t until, ts_carousel_due *due);
/* Leaves out what would have come by before that time. */
void ts_carousel_skip_to(ts_carousel *carousel, int64_t time);

#endif
