#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

/* A PMT that has outgrown its own packets waits so long for a null packet before one is added. */
#define PMT_PATIENCE_TICKS (TS_PCR_HZ / 100)

/* So long after its deadline a section waits for one of the stream's own on its PID to end. */
#define BUSY_PATIENCE_TICKS TS_PCR_HZ
/* Spacing beyond this never ends. */
#define SPACING_MAX (INT64_C(1) << 59)

static const int64_t NO_DEADLINE = INT64_MAX;

static uint64_t get_out_index(const ts_inserter *inserter, const ts_batch *batch, size_t index) {
    return inserter->out_base + index + batch->added_count;
}

static int64_t get_now(const ts_clock *clock, const ts_batch *batch, size_t index) {
    return clock == NULL ? 0
                         : ts_clock_get_time(clock, batch->first_index + batch->position[index]);
}

static uint8_t take_counter(ts_inserter *inserter, uint16_t pid) {
    if (ts_rewriter_has(&inserter->rewriter, pid)) {
        return ts_rewriter_take_counter(&inserter->rewriter, pid);
    }
    uint8_t counter = inserter->counter[pid];
    inserter->counter[pid] = (counter + 1u) & TS_HEADER_CC;
    inserter->shift[pid] = (inserter->shift[pid] + 1u) & TS_HEADER_CC;
    inserter->parted[pid] = 1;
    return counter;
}

static void put_item_packet(ts_inserter *inserter, uint8_t *packet, uint64_t out_index,
                            int64_t now) {
    ts_insert_item *item = &inserter->current;
    if (item->sent == 0) {
        insert_begin(inserter, item);
        item->first_packet = out_index;
        item->first_time = now;
    }
    item->sent = ts_section_put_packet(item->section, item->size, item->sent, item->pid,
                                       take_counter(inserter, item->pid), packet);
}

/* One that repeats comes back; any other is done with. */
static ts_status repeat_item(ts_inserter *inserter, ts_insert_item *item, int64_t now) {
    if (item->interval == 0) {
        insert_release(item);
        return TS_OK;
    }
    int64_t window = item->deadline - item->due;
    item->due += item->interval;
    item->due = item->due > now ? item->due : now + 1;
    item->deadline = item->due + window;
    item->wake = item->due;
    item->sent = 0;
    item->added = false;
    return insert_hand_over(&inserter->waiting, item, false);
}

static int64_t bound_spacing(int64_t spacing) {
    return spacing < SPACING_MAX ? spacing : SPACING_MAX;
}

/* A group's spacing counts from the last packet's end, a PID's from its begin. */
static void keep_distance(ts_inserter *inserter, const ts_insert_item *item, int64_t now) {
    const ts_clock *clock = inserter->clock;
    int64_t packet =
        clock->rate_packets == 0
            ? 0
            : (clock->rate_ticks + (int64_t)clock->rate_packets - 1) / (int64_t)clock->rate_packets;
    inserter->free_from[item->pid] = now + bound_spacing(inserter->spacing[item->pid]);
    if (item->group != 0) {
        inserter->group_free_from[item->group] =
            now + packet + bound_spacing(inserter->group_spacing);
    }
}

/* The section has left. */
static ts_status end_item(ts_inserter *inserter, uint64_t out_index, int64_t now) {
    ts_insert_item item = inserter->current;
    const ts_clock *clock = inserter->clock;
    ts_insert_event event = {.kind = TS_INSERT_CONFIRMED,
                             .pid = item.pid,
                             .added = item.added,
                             .id = item.id,
                             .packet_index = item.first_packet,
                             .last_packet_index = out_index,
                             .stream_time = item.first_time,
                             .pts_90khz = ts_clock_time_to_pts(clock, item.first_time)};
    inserter->current.section = NULL;
    inserter->status = item.wants_control ? TS_WANTS_CONTROL : inserter->status;
    keep_distance(inserter, &item, now);
    ts_status status = insert_settle(inserter, &item, &event);
    ts_status repeated = repeat_item(inserter, &item, now);
    return status == TS_OK ? repeated : status;
}

static ts_status fail_item(ts_inserter *inserter, ts_insert_item *item, int64_t now) {
    inserter->status = item->wants_control ? TS_WANTS_CONTROL : inserter->status;
    ts_insert_event event = {.kind = TS_INSERT_FAILED,
                             .reason = TS_INSERT_NO_NULL_PACKET,
                             .pid = item->pid,
                             .id = item->id,
                             .stream_time = now};
    ts_status status = insert_settle(inserter, item, &event);
    ts_status repeated = repeat_item(inserter, item, now);
    return status == TS_OK ? repeated : status;
}

/* Another section is under way on the PID: nothing may stand in its middle. */
static bool is_busy(const ts_inserter *inserter, uint16_t pid) {
    const ts_rewritten_pid *rewritten = inserter->rewriter.pid[pid];
    if (rewritten != NULL && !rewritten->passing) {
        return rewritten->queue.sent > 0;
    }
    const ts_section_assembler *assembler = inserter->demux.assembler[pid];
    return assembler != NULL && assembler->size > 0;
}

/* The time from which a PID is free for the section; now or before if it is. */
static int64_t get_free_time(const ts_inserter *inserter, const ts_insert_item *item, int64_t now) {
    int64_t free_from = inserter->free_from[item->pid];
    bool waits = now <= item->deadline + BUSY_PATIENCE_TICKS && is_busy(inserter, item->pid);
    return waits && free_from <= now ? now + 1 : free_from;
}

/* Is the section's group not free yet? Then it is due, and wanted, so much later. */
static bool is_held_up(const ts_inserter *inserter, ts_insert_item *item, int64_t now) {
    int64_t free_from = item->group == 0 ? INT64_MIN : inserter->group_free_from[item->group];
    if (free_from <= now) {
        return false;
    }
    item->deadline += free_from - item->due;
    item->due = free_from;
    item->wake = free_from;
    return true;
}

/* The ready section with the earliest deadline whose PID is free becomes the current one, in the
 * place of one that has not begun. */
static ts_status choose(ts_inserter *inserter, int64_t now) {
    ts_status status = TS_OK;
    if (inserter->current.section != NULL && inserter->current.sent == 0) {
        ts_insert_item put_back = inserter->current;
        inserter->current.section = NULL;
        status = insert_hand_over(&inserter->ready, &put_back, true);
    }
    while (status == TS_OK && inserter->current.section == NULL && inserter->ready.count > 0) {
        ts_insert_item item = insert_pop(&inserter->ready, true);
        if (insert_is_gone(inserter, &item)) {
            continue;
        }
        int64_t free_time = get_free_time(inserter, &item, now);
        if (is_held_up(inserter, &item, now)) {
            status = insert_hand_over(&inserter->waiting, &item, false);
        } else if (inserter->room == TS_ROOM_NULLS && item.deadline < now) {
            status = fail_item(inserter, &item, now);
        } else if (free_time > now) {
            item.wake = free_time;
            status = insert_hand_over(&inserter->waiting, &item, false);
        } else {
            inserter->current = item;
        }
    }
    return status;
}

static bool may_add(const ts_inserter *inserter, int64_t deadline, int64_t now) {
    return inserter->room == TS_ROOM_ADD ||
           (inserter->room == TS_ROOM_NULLS_THEN_ADD && deadline <= now);
}

/* Fills one packet with what is most urgent. The packet's output index is given. */
static ts_status put_packet(ts_inserter *inserter, uint8_t *packet, bool pmt, uint64_t out_index,
                            int64_t now) {
    if (pmt) {
        ts_section_queue_pop(insert_get_backlog(inserter), packet);
        inserter->backlog_since = now;
        return TS_OK;
    }
    put_item_packet(inserter, packet, out_index, now);
    return inserter->current.sent == inserter->current.size ? end_item(inserter, out_index, now)
                                                            : TS_OK;
}

/* What is most urgent now. */
typedef struct urgency {
    bool any;
    bool pmt; /* it is the PMT's */
    int64_t deadline;
} urgency;

static urgency get_urgency(const ts_inserter *inserter, const ts_clock *clock, int64_t now) {
    bool backlog = insert_get_backlog(inserter) != NULL;
    bool item = inserter->current.section != NULL && clock != NULL;
    int64_t pmt_deadline = backlog ? inserter->backlog_since + PMT_PATIENCE_TICKS : NO_DEADLINE;
    int64_t item_deadline = NO_DEADLINE;
    if (item) {
        /* A section that has begun is ended at once. */
        item_deadline = inserter->current.sent > 0 ? now : inserter->current.deadline;
    }
    bool torn = item && inserter->current.sent > 0 && inserter->current.pid == inserter->pmt_pid;
    bool pmt = backlog && pmt_deadline <= item_deadline && !torn;
    return (urgency){backlog || item, pmt, pmt ? pmt_deadline : item_deadline};
}

/* Puts a packet in the place of the one at index, if that is null, or behind it. */
static ts_status make_room(ts_inserter *inserter, ts_batch *batch, size_t index, urgency most,
                           int64_t now) {
    uint64_t out_index = get_out_index(inserter, batch, index);
    if (ts_header_get_pid(batch->header[index]) == TS_PID_NULL) {
        uint8_t *slot = batch->packets + index * TS_PACKET_SIZE;
        ts_status status = put_packet(inserter, slot, most.pmt, out_index, now);
        batch->header[index] = ts_load_be32(slot);
        return status;
    }
    if (!may_add(inserter, most.deadline, now)) {
        return TS_OK;
    }
    uint8_t *slot = ts_batch_add(batch, index + 1);
    if (slot == NULL) {
        return TS_NO_MEMORY;
    }
    inserter->current.added = inserter->current.added || !most.pmt;
    return put_packet(inserter, slot, most.pmt, out_index + 1, now);
}

ts_status insert_serve(ts_inserter *inserter, ts_batch *batch, size_t index) {
    const ts_clock *clock = inserter->clock;
    int64_t now = get_now(clock, batch, index);
    ts_status status =
        clock == NULL ? TS_OK : insert_wake(inserter, get_out_index(inserter, batch, index), now);
    if (status == TS_OK && clock != NULL) {
        status = choose(inserter, now);
    }
    const urgency most = get_urgency(inserter, clock, now);
    return status == TS_OK && most.any ? make_room(inserter, batch, index, most, now) : status;
}

ts_status insert_give_way(ts_inserter *inserter, ts_batch *batch, size_t index) {
    const ts_clock *clock = inserter->clock;
    const ts_insert_item *item = &inserter->current;
    ts_status status = TS_OK;
    if (clock == NULL || inserter->room == TS_ROOM_NULLS) {
        inserter->current.sent = 0;
        return TS_OK;
    }
    int64_t now = get_now(clock, batch, index);
    while (status == TS_OK && item->section != NULL) {
        uint64_t out_index = get_out_index(inserter, batch, index);
        uint8_t *slot = ts_batch_add(batch, index);
        inserter->current.added = true;
        status = slot == NULL ? TS_NO_MEMORY : put_packet(inserter, slot, false, out_index, now);
    }
    return status;
}
