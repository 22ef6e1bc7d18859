/* Between the insert_*.c files. */
#ifndef TSLOOM_INSERT_INTERNAL_H
#define TSLOOM_INSERT_INTERNAL_H

#include "tsloom/insert.h"

/* Why packets of a PID are looked at. */
enum {
    CONCERN_NEW = 1u << 0,
    CONCERN_READ = 1u << 1,
    CONCERN_CLOCK = 1u << 2,
    CONCERN_NULL = 1u << 3
};

/* insert_scan.c: the first packet from one on whose index is as wanted, or behind it; the batch's
 * count if there is none. */
size_t insert_find_index(const ts_batch *batch, size_t at, uint64_t wanted);
/* The first packet from one on that may tell something, or be wanted as a null packet; end if there
 * is none. What passes is noted. */
size_t insert_find_concern(ts_inserter *inserter, const ts_batch *batch, size_t at, size_t end);

/* insert.c: which PIDs concern the stage may have changed. */
void insert_follow(ts_inserter *inserter);

/* insert_queue.c: heaps of sections. */
ts_status insert_push(ts_item_heap *heap, const ts_insert_item *item, bool by_deadline);
/* The same for one that is in no heap: given up where there is no memory. */
ts_status insert_hand_over(ts_item_heap *heap, const ts_insert_item *item, bool by_deadline);
ts_insert_item insert_pop(ts_item_heap *heap, bool by_deadline);
/* Of a section of its own: gives it up. */
void insert_release(ts_insert_item *item);
/* Room for so many groups. */
ts_status insert_reserve_groups(ts_inserter *inserter, size_t count);
/* Moves what is due from waiting to ready. */
ts_status insert_wake(ts_inserter *inserter, uint64_t out_index, int64_t now);
/* The packet at which the next section becomes due, as far as is known. */
void insert_set_wake_index(ts_inserter *inserter);
const ts_program *insert_get_program(const ts_inserter *inserter);
/* Packets of the PMT that wait for more room than its own; NULL if none do. */
ts_section_queue *insert_get_backlog(const ts_inserter *inserter);
ts_status insert_report(ts_inserter *inserter, const ts_insert_event *event);

/* insert_carousel.c: what is due of the carousel becomes ready, or waits for its group. */
ts_status insert_take_due(ts_inserter *inserter, int64_t now);
/* When the next one comes by; INT64_MAX if none is taken. */
int64_t insert_get_carousel_due(const ts_inserter *inserter);
/* Is it of a section that the carousel does not have any more? */
bool insert_is_gone(const ts_inserter *inserter, const ts_insert_item *item);
/* It begins to leave, as it is now. */
void insert_begin(ts_inserter *inserter, ts_insert_item *item);
/* It has left, or failed. */
ts_status insert_settle(ts_inserter *inserter, const ts_insert_item *item,
                        const ts_insert_event *event);

/* insert_psi.c: what the program's PMT gains. */
ts_status insert_on_section(void *context, const ts_demux_section *section);

/* insert_room.c: packets in, room made. */
ts_status insert_serve(ts_inserter *inserter, ts_batch *batch, size_t index);
/* A packet of the stream's own is about to pass on the PID of the section that is under way: the
 * rest of that leaves ahead of it, or all of it once more later where no packets may be added. */
ts_status insert_give_way(ts_inserter *inserter, ts_batch *batch, size_t index);

#endif
