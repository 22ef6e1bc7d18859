#include <stdlib.h>
#include <string.h>

#include "insert_internal.h"

/* Sections that came by longer ago are left out: the stream's time has leapt. */
#define LAG_MAX_TICKS TS_PCR_HZ
/* Apart from the ids of the caller. */
#define FIRST_ID (UINT64_C(1) << 62)

ts_status ts_inserter_set_carousel(ts_inserter *inserter, ts_carousel *carousel, int64_t patience,
                                   size_t kept) {
    ts_insert_carousel *taken = &inserter->carousel;
    ts_insert_event *events = kept == 0 ? NULL : calloc(kept, sizeof *events);
    if (kept > 0 && events == NULL) {
        return TS_NO_MEMORY;
    }
    free(taken->kept);
    taken->source = carousel;
    taken->until = INT64_MIN;
    taken->patience = patience;
    taken->kept = events;
    taken->kept_capacity = kept;
    return TS_OK;
}

void ts_inserter_set_until(ts_inserter *inserter, int64_t until) {
    inserter->carousel.until = until;
    insert_set_wake_index(inserter);
}

int64_t insert_get_carousel_due(const ts_inserter *inserter) {
    const ts_insert_carousel *taken = &inserter->carousel;
    if (taken->source == NULL || taken->source->due >= taken->until) {
        return INT64_MAX;
    }
    return taken->source->due;
}

bool insert_is_gone(const ts_inserter *inserter, const ts_insert_item *item) {
    return item->serial != 0 && inserter->carousel.source->slots[item->slot].serial != item->serial;
}

void insert_begin(ts_inserter *inserter, ts_insert_item *item) {
    if (item->serial != 0) {
        const ts_carousel_slot *slot = &inserter->carousel.source->slots[item->slot];
        memcpy(inserter->carousel.section, slot->section, slot->size);
        item->size = slot->size;
    }
}

static ts_insert_item make_item(ts_inserter *inserter, const ts_carousel_due *due, int64_t now) {
    ts_insert_carousel *taken = &inserter->carousel;
    const ts_carousel_slot *slot = &taken->source->slots[due->slot];
    return (ts_insert_item){.id = FIRST_ID + taken->taken++,
                            .due = due->due,
                            .deadline = (due->due > now ? due->due : now) + taken->patience,
                            .section = taken->section,
                            .size = slot->size,
                            .pid = slot->pid,
                            .group = slot->group,
                            .wake = due->due,
                            .serial = slot->serial,
                            .slot = due->slot};
}

/* Watched, so that no section of the stream's own is torn apart. */
static ts_status watch(ts_inserter *inserter, const ts_insert_item *item) {
    if (item->group >= inserter->group_capacity) {
        ts_status status = insert_reserve_groups(inserter, (size_t)item->group + 1);
        if (status != TS_OK) {
            return status;
        }
    }
    if (inserter->demux.role[item->pid] & TS_ROLE_SECTIONS) {
        return TS_OK;
    }
    ts_status status = ts_demux_watch(&inserter->demux, item->pid);
    insert_follow(inserter);
    return status;
}

ts_status insert_take_due(ts_inserter *inserter, int64_t now) {
    const ts_insert_carousel *taken = &inserter->carousel;
    if (insert_get_carousel_due(inserter) > now) {
        return TS_OK;
    }
    if (taken->source->due < now - LAG_MAX_TICKS) {
        ts_carousel_skip_to(taken->source, now - LAG_MAX_TICKS);
    }
    const int64_t until = now < taken->until ? now : taken->until - 1;
    ts_carousel_due due;
    ts_status status = TS_OK;
    while (status == TS_OK && ts_carousel_take(taken->source, until, &due)) {
        const ts_insert_item item = make_item(inserter, &due, now);
        const bool ready = item.due <= now;
        status = watch(inserter, &item);
        if (status == TS_OK) {
            status = insert_push(ready ? &inserter->ready : &inserter->waiting, &item, ready);
        }
    }
    return status;
}

ts_status insert_settle(ts_inserter *inserter, const ts_insert_item *item,
                        const ts_insert_event *event) {
    ts_insert_carousel *taken = &inserter->carousel;
    if (item->serial == 0 || taken->tells) {
        return insert_report(inserter, event);
    }
    if (taken->kept_capacity > 0) {
        taken->kept[(taken->confirmed + taken->failed) % taken->kept_capacity] = *event;
    }
    if (event->kind == TS_INSERT_CONFIRMED) {
        taken->confirmed++;
    } else {
        taken->failed++;
    }
    return TS_OK;
}

size_t ts_inserter_count_kept(const ts_inserter *inserter) {
    const ts_insert_carousel *taken = &inserter->carousel;
    const uint64_t count = taken->confirmed + taken->failed;
    return count < taken->kept_capacity ? (size_t)count : taken->kept_capacity;
}

const ts_insert_event *ts_inserter_get_kept(const ts_inserter *inserter, size_t index) {
    const ts_insert_carousel *taken = &inserter->carousel;
    const uint64_t first =
        taken->confirmed + taken->failed - ts_inserter_count_kept(inserter) + index;
    return &taken->kept[first % taken->kept_capacity];
}
