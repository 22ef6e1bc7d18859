#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

/* A PMT that has outgrown its own packets waits so long for a null packet before one is added. */
#define PMT_PATIENCE_TICKS (TS_PCR_HZ / 100)

static const int64_t NO_DEADLINE = INT64_MAX;

static uint64_t get_out_index(const ts_inserter *inserter, size_t index) {
    return inserter->out_base + index + inserter->added_count;
}

static void put_item_packet(ts_inserter *inserter, uint8_t *packet, uint64_t out_index,
                            int64_t now) {
    ts_insert_item *item = &inserter->current;
    uint8_t counter = inserter->counter[item->pid];
    if (item->sent == 0) {
        item->first_packet = out_index;
        item->first_time = now;
    }
    item->sent =
        ts_section_put_packet(item->section, item->size, item->sent, item->pid, counter, packet);
    inserter->counter[item->pid] = (counter + 1) & 15u;
}

/* A section that repeats comes back an interval later; any other is done with. */
static ts_status repeat_item(ts_inserter *inserter, ts_insert_item *item, int64_t now) {
    if (item->interval == 0) {
        free(item->section);
        return TS_OK;
    }
    item->due += item->interval;
    item->due = item->due > now ? item->due : now + 1;
    item->deadline = item->due + item->window;
    item->sent = 0;
    item->added = false;
    ts_status status = insert_push(&inserter->waiting, item, false);
    if (status != TS_OK) {
        free(item->section);
    }
    return status;
}

/* The section has left: it is confirmed. */
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
                             .pts_90khz =
                                 clock == NULL ? 0 : ts_clock_time_to_pts(clock, item.first_time)};
    inserter->current.section = NULL;
    inserter->free_from[item.pid] = now + inserter->spacing[item.pid];
    ts_status status = insert_report(inserter, &event);
    return status == TS_OK ? repeat_item(inserter, &item, now) : status;
}

static ts_status fail_item(ts_inserter *inserter, ts_insert_item *item, ts_insert_reason reason,
                           int64_t now) {
    ts_insert_event event = {.kind = TS_INSERT_FAILED,
                             .reason = reason,
                             .pid = item->pid,
                             .id = item->id,
                             .stream_time = now};
    ts_status status = insert_report(inserter, &event);
    return status == TS_OK ? repeat_item(inserter, item, now) : status;
}

/* Leaves the section that may go next at the front of the ready ones: the one with the earliest
 * deadline whose PID is free. It is taken from there with its first packet, so that until then
 * another can overtake it, its deadline can pass, and it can be cancelled. */
static ts_status choose(ts_inserter *inserter, int64_t now) {
    while (inserter->current.section == NULL && inserter->ready.count > 0) {
        const ts_insert_item *first = &inserter->ready.items[0];
        int64_t free_from = inserter->free_from[first->pid];
        bool late = inserter->room == TS_ROOM_NULLS && first->deadline < now;
        bool blocked = now < free_from || insert_is_busy(inserter, first->pid, now);
        if (!late && !blocked) {
            return TS_OK;
        }
        ts_insert_item item = insert_pop(&inserter->ready, true);
        ts_status status;
        if (late) {
            status = fail_item(inserter, &item, TS_INSERT_NO_NULL_PACKET, now);
        } else {
            item.due = free_from > now ? free_from : now + 1;
            status = insert_push(&inserter->waiting, &item, false);
        }
        if (status != TS_OK) {
            return status;
        }
    }
    return TS_OK;
}

static bool may_add(const ts_inserter *inserter, int64_t deadline, int64_t now) {
    return inserter->room == TS_ROOM_ADD ||
           (inserter->room == TS_ROOM_NULLS_THEN_ADD && deadline <= now);
}

static uint8_t *add_packet(ts_inserter *inserter, size_t before) {
    if (inserter->added_count == inserter->added_capacity) {
        size_t capacity = inserter->added_capacity ? inserter->added_capacity * 2 : 64;
        ts_added_packet *added = realloc(inserter->added, capacity * sizeof *added);
        if (added == NULL) {
            return NULL;
        }
        inserter->added = added;
        inserter->added_capacity = capacity;
    }
    inserter->added[inserter->added_count].before = before;
    return inserter->added[inserter->added_count++].packet;
}

static void put_pmt_packet(ts_inserter *inserter, uint8_t *packet, int64_t now) {
    ts_section_queue_pop(insert_get_backlog(inserter), packet);
    inserter->backlog_since = now;
}

ts_status insert_put_section(ts_inserter *inserter, uint8_t *packet, bool added, uint64_t out_index,
                             int64_t now) {
    if (inserter->current.section == NULL) {
        inserter->current = insert_pop(&inserter->ready, true);
    }
    inserter->current.added = inserter->current.added || added;
    put_item_packet(inserter, packet, out_index, now);
    return inserter->current.sent == inserter->current.size ? end_item(inserter, out_index, now)
                                                            : TS_OK;
}

/* What is most urgent, and by when it has to leave. */
typedef struct choice {
    enum { NOTHING, PMT, SECTION, HELD } what;
    int64_t deadline;
} choice;

/* Before a packet of this PID. */
static choice get_most_urgent(const ts_inserter *inserter, uint16_t pid, int64_t now) {
    choice chosen = {NOTHING, NO_DEADLINE};
    if (inserter->current.section != NULL && inserter->clock != NULL) {
        chosen = (choice){SECTION, now}; /* one that has begun is ended at once */
    } else if (inserter->held_count > 0) {
        chosen = (choice){HELD, now};
    } else if (inserter->ready.count > 0 && inserter->clock != NULL) {
        chosen = (choice){SECTION, inserter->ready.items[0].deadline};
    }
    /* The PMT's own packets are filled as they come. */
    bool waits = insert_get_backlog(inserter) != NULL && !ts_rewriter_has(&inserter->rewriter, pid);
    int64_t pmt_deadline = inserter->backlog_since + PMT_PATIENCE_TICKS;
    if (waits && pmt_deadline <= chosen.deadline) {
        chosen = (choice){PMT, pmt_deadline};
    }
    return chosen;
}

/* A packet of it, before the one looked at or in place of it. */
static ts_status place(ts_inserter *inserter, ts_batch *batch, size_t index, const choice *chosen,
                       int64_t now) {
    bool replace = ts_header_get_pid(batch->header[index]) == TS_PID_NULL;
    uint64_t out_index = get_out_index(inserter, index);
    uint8_t *slot = replace ? batch->packets + index * TS_PACKET_SIZE : add_packet(inserter, index);
    ts_status status = TS_OK;
    if (slot == NULL) {
        return TS_NO_MEMORY;
    }
    if (chosen->what == PMT) {
        put_pmt_packet(inserter, slot, now);
    } else if (chosen->what == HELD) {
        insert_release(inserter, slot);
    } else {
        status = insert_put_section(inserter, slot, !replace, out_index, now);
    }
    if (replace) {
        batch->header[index] = ts_load_be32(slot);
    }
    return status;
}

ts_status insert_serve(ts_inserter *inserter, ts_batch *batch, size_t index) {
    const ts_clock *clock = inserter->clock;
    int64_t now =
        clock == NULL ? 0 : ts_clock_get_time(clock, batch->first_index + batch->position[index]);
    ts_status status = clock == NULL ? TS_OK : insert_wake(inserter, now);
    status = status == TS_OK && clock != NULL ? choose(inserter, now) : status;
    if (status != TS_OK) {
        return status;
    }
    uint16_t pid = ts_header_get_pid(batch->header[index]);
    const choice chosen = get_most_urgent(inserter, pid, now);
    bool has_room = pid == TS_PID_NULL || may_add(inserter, chosen.deadline, now);
    if (chosen.what != NOTHING && has_room) {
        return place(inserter, batch, index, &chosen, now);
    }
    return TS_OK;
}

/* Shifts the batch apart from its end, so that each packet moves once. */
ts_status insert_expand(ts_inserter *inserter, ts_batch *batch) {
    size_t rest = inserter->added_count;
    if (rest == 0) {
        return TS_OK;
    }
    ts_status status = ts_batch_reserve(batch, batch->count + rest);
    if (status != TS_OK) {
        return status;
    }
    size_t end = batch->count;
    batch->count += rest;
    while (rest > 0) {
        const ts_added_packet *added = &inserter->added[rest - 1];
        size_t from = added->before;
        size_t into = from + rest;
        size_t moved = end - from;
        memmove(batch->packets + into * TS_PACKET_SIZE, batch->packets + from * TS_PACKET_SIZE,
                moved * TS_PACKET_SIZE);
        memmove(batch->header + into, batch->header + from, moved * sizeof *batch->header);
        memmove(batch->position + into, batch->position + from, moved * sizeof *batch->position);
        memcpy(batch->packets + (into - 1) * TS_PACKET_SIZE, added->packet, TS_PACKET_SIZE);
        batch->header[into - 1] = ts_load_be32(added->packet);
        batch->position[into - 1] = batch->position[into];
        end = from;
        rest--;
    }
    inserter->added_count = 0;
    return TS_OK;
}
