#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

/* A look ahead beyond this (11 hours) is cut: the wake index is computed again by then. */
#define REACH_TICKS (INT64_C(1) << 40)
/* 677 years: what lies beyond is brought here, so that no sum of times leaves 64 bits. */
#define TIME_MAX (INT64_C(1) << 59)

static bool goes_before(const ts_insert_item *a, const ts_insert_item *b, bool by_deadline) {
    int64_t left = by_deadline ? a->deadline : a->wake;
    int64_t right = by_deadline ? b->deadline : b->wake;
    /* Among equals the one that was asked for first: the result does not depend on the heap. */
    return left != right ? left < right : a->id < b->id;
}

ts_status insert_push(ts_item_heap *heap, const ts_insert_item *item, bool by_deadline) {
    if (heap->count == heap->capacity) {
        size_t capacity = heap->capacity ? heap->capacity * 2 : 16;
        ts_insert_item *items = realloc(heap->items, capacity * sizeof *items);
        if (items == NULL) {
            return TS_NO_MEMORY;
        }
        heap->items = items;
        heap->capacity = capacity;
    }
    size_t at = heap->count++;
    while (at > 0 && goes_before(item, &heap->items[(at - 1) / 2], by_deadline)) {
        heap->items[at] = heap->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->items[at] = *item;
    return TS_OK;
}

void insert_release(ts_insert_item *item) {
    if (item->serial == 0) {
        free(item->section);
    }
    item->section = NULL;
}

ts_status insert_hand_over(ts_item_heap *heap, const ts_insert_item *item, bool by_deadline) {
    ts_status status = insert_push(heap, item, by_deadline);
    if (status != TS_OK) {
        ts_insert_item lost = *item;
        insert_release(&lost);
    }
    return status;
}

static void sift_down(ts_item_heap *heap, size_t at, const ts_insert_item *item, bool by_deadline) {
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= heap->count) {
            break;
        }
        if (child + 1 < heap->count &&
            goes_before(&heap->items[child + 1], &heap->items[child], by_deadline)) {
            child++;
        }
        if (!goes_before(&heap->items[child], item, by_deadline)) {
            break;
        }
        heap->items[at] = heap->items[child];
        at = child;
    }
    heap->items[at] = *item;
}

ts_insert_item insert_pop(ts_item_heap *heap, bool by_deadline) {
    ts_insert_item first = heap->items[0];
    ts_insert_item last = heap->items[--heap->count];
    if (heap->count > 0) {
        sift_down(heap, 0, &last, by_deadline);
    }
    return first;
}

static ts_status ring(ts_inserter *inserter, uint64_t id, uint64_t out_index, int64_t now) {
    const ts_insert_event event = {.kind = TS_INSERT_ALARM,
                                   .id = id,
                                   .packet_index = out_index,
                                   .stream_time = now,
                                   .pts_90khz = ts_clock_time_to_pts(inserter->clock, now)};
    inserter->status = TS_WANTS_CONTROL;
    return insert_report(inserter, &event);
}

ts_status insert_wake(ts_inserter *inserter, uint64_t out_index, int64_t now) {
    ts_status status = insert_take_due(inserter, now);
    while (status == TS_OK && inserter->waiting.count > 0 &&
           inserter->waiting.items[0].wake <= now) {
        ts_insert_item item = insert_pop(&inserter->waiting, false);
        status = item.section == NULL ? ring(inserter, item.id, out_index, now)
                                      : insert_hand_over(&inserter->ready, &item, true);
    }
    return status;
}

ts_section_queue *insert_get_backlog(const ts_inserter *inserter) {
    if (inserter->pmt_pid == TS_PID_NULL ||
        !ts_rewriter_has(&inserter->rewriter, inserter->pmt_pid)) {
        return NULL;
    }
    ts_section_queue *queue = &inserter->rewriter.pid[inserter->pmt_pid]->queue;
    return ts_section_queue_is_empty(queue) ? NULL : queue;
}

/* The first packet of that stream time or later, as far as is known. */
static uint64_t find_index(const ts_clock *clock, int64_t time) {
    if (time <= clock->stream_time) {
        return 0;
    }
    if (clock->rate_ticks <= 0) {
        return UINT64_MAX;
    }
    int64_t ahead = time - clock->stream_time;
    uint64_t ticks = (uint64_t)(ahead < REACH_TICKS ? ahead : REACH_TICKS);
    uint64_t rate = (uint64_t)clock->rate_ticks;
    uint64_t whole = ticks / rate * clock->rate_packets;
    uint64_t part = (ticks % rate * clock->rate_packets + rate - 1) / rate;
    return clock->packet_index + whole + part;
}

/* From when on a packet that is not null matters: where one may be added, or a section fails. */
static int64_t get_patience_end(const ts_inserter *inserter) {
    const ts_insert_item *current = &inserter->current;
    if (inserter->room == TS_ROOM_ADD) {
        return INT64_MIN;
    }
    if (current->section != NULL && current->sent > 0) {
        return inserter->room == TS_ROOM_NULLS ? INT64_MAX : INT64_MIN;
    }
    int64_t end = current->section == NULL ? INT64_MAX : current->deadline;
    const ts_item_heap *ready = &inserter->ready;
    return ready->count > 0 && ready->items[0].deadline < end ? ready->items[0].deadline : end;
}

void insert_set_wake_index(ts_inserter *inserter) {
    const ts_clock *clock = inserter->clock;
    const bool backlog = insert_get_backlog(inserter) != NULL;
    inserter->wake_index = backlog ? 0 : UINT64_MAX;
    inserter->other_index = inserter->wake_index;
    if (backlog || clock == NULL) {
        return;
    }
    int64_t wake = insert_get_carousel_due(inserter);
    if (inserter->waiting.count > 0 && inserter->waiting.items[0].wake < wake) {
        wake = inserter->waiting.items[0].wake;
    }
    if (inserter->ready.count > 0 || inserter->current.section != NULL) {
        const int64_t end = get_patience_end(inserter);
        inserter->wake_index = 0;
        inserter->other_index = find_index(clock, wake < end ? wake : end);
    } else if (wake < INT64_MAX) {
        inserter->wake_index = inserter->other_index = find_index(clock, wake);
    }
}

static int64_t bound_time(int64_t time) {
    return time < -TIME_MAX ? -TIME_MAX : time > TIME_MAX ? TIME_MAX : time;
}

ts_status insert_reserve_groups(ts_inserter *inserter, size_t count) {
    size_t capacity = inserter->group_capacity;
    if (count <= capacity) {
        return TS_OK;
    }
    capacity = count < 2 * capacity ? 2 * capacity : count;
    int64_t *grown = realloc(inserter->group_free_from, capacity * sizeof *grown);
    if (grown == NULL) {
        return TS_NO_MEMORY;
    }
    for (size_t i = inserter->group_capacity; i < capacity; i++) {
        grown[i] = INT64_MIN;
    }
    inserter->group_free_from = grown;
    inserter->group_capacity = capacity;
    return TS_OK;
}

ts_status ts_inserter_queue(ts_inserter *inserter, const ts_insert_item *wanted) {
    if (wanted->size < TS_SECTION_HEADER_SIZE || wanted->size > TS_SECTION_MAX ||
        wanted->pid >= TS_PID_NULL || wanted->deadline < wanted->due || wanted->interval < 0 ||
        wanted->group >= TS_INSERT_GROUPS_MAX || (wanted->group != 0 && wanted->interval != 0)) {
        return TS_BAD_ARGUMENT;
    }
    /* Watched, so that no section of the stream's own is torn apart. */
    ts_status status = ts_demux_watch(&inserter->demux, wanted->pid);
    if (status == TS_OK) {
        status = insert_reserve_groups(inserter, (size_t)wanted->group + 1);
    }
    if (status != TS_OK) {
        return status;
    }
    insert_follow(inserter);
    ts_insert_item item = {.id = wanted->id,
                           .due = bound_time(wanted->due),
                           .deadline = bound_time(wanted->deadline),
                           .interval = bound_time(wanted->interval),
                           .section = malloc(wanted->size),
                           .size = wanted->size,
                           .pid = wanted->pid,
                           .group = wanted->group,
                           .wants_control = wanted->wants_control,
                           .wake = bound_time(wanted->due)};
    if (item.section == NULL) {
        return TS_NO_MEMORY;
    }
    memcpy(item.section, wanted->section, item.size);
    status = insert_hand_over(&inserter->waiting, &item, false);
    insert_set_wake_index(inserter);
    return status;
}

ts_status ts_inserter_set_alarm(ts_inserter *inserter, uint64_t id, int64_t time) {
    const ts_insert_item item = {.id = id, .wake = bound_time(time), .pid = TS_PID_NULL};
    ts_status status = insert_push(&inserter->waiting, &item, false);
    insert_set_wake_index(inserter);
    return status;
}

static bool cancel_in(ts_item_heap *heap, uint64_t id, bool by_deadline) {
    bool found = false;
    size_t kept = 0;
    for (size_t i = 0; i < heap->count; i++) {
        if (heap->items[i].id == id) {
            insert_release(&heap->items[i]);
            found = true;
        } else {
            heap->items[kept++] = heap->items[i];
        }
    }
    heap->count = kept;
    for (size_t i = kept / 2; found && i-- > 0;) {
        ts_insert_item item = heap->items[i];
        sift_down(heap, i, &item, by_deadline);
    }
    return found;
}

ts_status ts_inserter_cancel(ts_inserter *inserter, uint64_t id) {
    bool waiting = cancel_in(&inserter->waiting, id, false);
    bool ready = cancel_in(&inserter->ready, id, true);
    ts_insert_item *current = &inserter->current;
    bool chosen = current->section != NULL && current->id == id && current->sent == 0;
    if (chosen) {
        insert_release(current);
    } else if (current->section != NULL && current->id == id) {
        current->interval = 0;
    }
    insert_set_wake_index(inserter);
    return waiting || ready || chosen ? TS_OK : TS_NOT_FOUND;
}

ts_status insert_report(ts_inserter *inserter, const ts_insert_event *event) {
    if (inserter->event_count == inserter->event_capacity) {
        size_t capacity = inserter->event_capacity ? inserter->event_capacity * 2 : 16;
        ts_insert_event *events = realloc(inserter->events, capacity * sizeof *events);
        if (events == NULL) {
            return TS_NO_MEMORY;
        }
        inserter->events = events;
        inserter->event_capacity = capacity;
    }
    inserter->events[inserter->event_count++] = *event;
    return TS_OK;
}

void ts_inserter_clear_events(ts_inserter *inserter) {
    inserter->event_count = 0;
}
