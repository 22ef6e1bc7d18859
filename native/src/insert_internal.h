/* Between the insert_*.c files. */
#ifndef TSLOOM_INSERT_INTERNAL_H
#define TSLOOM_INSERT_INTERNAL_H

#include "tsloom/insert.h"

/* insert.c: which PIDs concern the stage has changed. */
void insert_follow(ts_inserter *inserter);

/* insert_queue.c: heaps of sections. */
ts_status insert_push(ts_item_heap *heap, const ts_insert_item *item, bool by_deadline);
ts_insert_item insert_pop(ts_item_heap *heap, bool by_deadline);
/* Moves what is due from waiting to ready. */
ts_status insert_wake(ts_inserter *inserter, int64_t now);
/* The packet at which the next section becomes due, as far as is known. */
void insert_set_wake_index(ts_inserter *inserter);
/* Packets of the PMT that wait for more room than its own; NULL if none do. */
ts_section_queue *insert_get_backlog(const ts_inserter *inserter);
ts_status insert_report(ts_inserter *inserter, const ts_insert_event *event);

/* insert_psi.c: what the program's PMT gains. */
ts_status insert_on_section(void *context, const ts_demux_section *section);

/* insert_share.c: PIDs that the stream uses too. One row of continuity_counters serves both, and no
 * section stands in the middle of another. */
/* Remembers what follows the counter of a packet that is not renumbered. */
void insert_note_counter(ts_inserter *inserter, uint32_t header);
/* A section of the stream's own is under way, or its packets wait for one of ours to end. */
bool insert_is_busy(const ts_inserter *inserter, uint16_t pid, int64_t now);
/* The first packet that was held, into its place; gives its header. */
uint32_t insert_release(ts_inserter *inserter, uint8_t *packet);
/* A packet of the stream's own on such a PID: renumbered, or held while a section of ours ends. */
ts_status insert_share(ts_inserter *inserter, ts_batch *batch, size_t index, int64_t now);
/* At the end of the input. */
ts_status insert_end(ts_inserter *inserter, ts_batch *batch);

/* insert_room.c: packets in, room made. */
/* Fills a packet with the section that has begun, or with the first of those that are ready. */
ts_status insert_put_section(ts_inserter *inserter, uint8_t *packet, bool added, uint64_t out_index,
                             int64_t now);
ts_status insert_serve(ts_inserter *inserter, ts_batch *batch, size_t index);
ts_status insert_expand(ts_inserter *inserter, ts_batch *batch);

#endif
