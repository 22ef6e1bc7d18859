#include "tsloom/carousel.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"
#include "tsloom/section.h"

/* What one packet more of a section is taken to last, where no limit says it. */
#define PACKET_TICKS (TS_PCR_HZ / 4000)
/* Each packet carries so much of a section. */
enum { PAYLOAD_SIZE = TS_PACKET_SIZE - TS_HEADER_SIZE };
#define PERIOD_MIN (TS_PCR_HZ / 1000)
/* 1,300 years and 52 days: no sum of them leaves 64 bits. */
#define ORIGIN_MAX (INT64_C(1) << 60)
#define PERIOD_MAX (INT64_C(1) << 47)

void ts_carousel_init(ts_carousel *carousel, int64_t spacing, int64_t packet_ticks) {
    *carousel = (ts_carousel){
        .spacing = spacing, .packet_ticks = packet_ticks, .free_from = INT64_MIN, .due = INT64_MAX};
    for (size_t i = 0; i < TS_CAROUSEL_RINGS; i++) {
        carousel->ring[i].period = TS_PCR_HZ;
        carousel->ring[i].due = INT64_MAX;
    }
}

void ts_carousel_free(ts_carousel *carousel) {
    for (size_t i = 0; i < TS_CAROUSEL_RINGS; i++) {
        free(carousel->ring[i].slots);
    }
    for (size_t i = 0; i < carousel->slot_count; i++) {
        free(carousel->slots[i].section);
    }
    free(carousel->slots);
    free(carousel->group_free_from);
    ts_carousel_init(carousel, 0, 0);
}

/* period * place / 2^32, rounded down. */
static int64_t get_part(int64_t period, uint32_t place) {
    uint64_t whole = (uint64_t)period >> 32;
    uint64_t rest = (uint64_t)period & UINT32_MAX;
    return (int64_t)(whole * place + (rest * place >> 32));
}

static void find_due(ts_carousel *carousel, ts_carousel_ring *ring) {
    if (ring->count == 0) {
        ring->due = INT64_MAX;
        return;
    }
    const ts_carousel_slot *slot = &carousel->slots[ring->slots[ring->at]];
    ring->due = ring->origin + get_part(ring->period, slot->place);
}

static void find_next(ts_carousel *carousel) {
    carousel->due = INT64_MAX;
    for (size_t i = 0; i < carousel->ring_count; i++) {
        if (carousel->ring[i].due < carousel->due) {
            carousel->due = carousel->ring[i].due;
            carousel->next = i;
        }
    }
}

/* The first that stands no earlier on the ring. */
static size_t find_place(const ts_carousel *carousel, const ts_carousel_ring *ring,
                         uint32_t place) {
    size_t low = 0;
    size_t high = ring->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (carousel->slots[ring->slots[middle]].place < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static ts_status reserve_ring(ts_carousel_ring *ring) {
    if (ring->count < ring->capacity) {
        return TS_OK;
    }
    size_t capacity = ring->capacity ? ring->capacity * 2 : 64;
    size_t *slots = realloc(ring->slots, capacity * sizeof *slots);
    if (slots == NULL) {
        return TS_NO_MEMORY;
    }
    ring->slots = slots;
    ring->capacity = capacity;
    return TS_OK;
}

static ts_status reserve_slot(ts_carousel *carousel) {
    if (carousel->first_free < carousel->slot_count ||
        carousel->slot_count < carousel->slot_capacity) {
        return TS_OK;
    }
    size_t capacity = carousel->slot_capacity ? carousel->slot_capacity * 2 : 64;
    ts_carousel_slot *slots = realloc(carousel->slots, capacity * sizeof *slots);
    if (slots == NULL) {
        return TS_NO_MEMORY;
    }
    carousel->slots = slots;
    carousel->slot_capacity = capacity;
    return TS_OK;
}

static ts_status reserve_group(ts_carousel *carousel, uint32_t group) {
    if (group < carousel->group_capacity) {
        return TS_OK;
    }
    size_t capacity = (size_t)group * 2 + 64;
    int64_t *grown = realloc(carousel->group_free_from, capacity * sizeof *grown);
    if (grown == NULL) {
        return TS_NO_MEMORY;
    }
    for (size_t i = carousel->group_capacity; i < capacity; i++) {
        grown[i] = INT64_MIN;
    }
    carousel->group_free_from = grown;
    carousel->group_capacity = capacity;
    return TS_OK;
}

static size_t take_slot(ts_carousel *carousel) {
    size_t slot = carousel->first_free;
    if (slot < carousel->slot_count) {
        carousel->first_free = carousel->slots[slot].next_free;
        return slot;
    }
    slot = carousel->slot_count++;
    carousel->first_free = carousel->slot_count;
    return slot;
}

static bool is_section_size(size_t size) {
    return size >= TS_SECTION_HEADER_SIZE && size <= TS_SECTION_MAX;
}

static uint8_t *copy_section(const uint8_t *section, size_t size) {
    uint8_t *copy = malloc(size);
    if (copy != NULL) {
        memcpy(copy, section, size);
    }
    return copy;
}

static void add_to_ring(ts_carousel *carousel, size_t slot) {
    ts_carousel_ring *ring = &carousel->ring[carousel->slots[slot].ring];
    size_t at = find_place(carousel, ring, carousel->slots[slot].place);
    memmove(ring->slots + at + 1, ring->slots + at, (ring->count - at) * sizeof *ring->slots);
    ring->slots[at] = slot;
    ring->count++;
    /* What has come by in this turn does not come again. */
    ring->at += at < ring->at;
    find_due(carousel, ring);
    find_next(carousel);
}

ts_status ts_carousel_put(ts_carousel *carousel, const ts_carousel_section *wanted, size_t *slot) {
    if (!is_section_size(wanted->size) || wanted->pid >= TS_PID_NULL ||
        wanted->ring >= TS_CAROUSEL_RINGS || wanted->group >= TS_CAROUSEL_GROUPS_MAX) {
        return TS_BAD_ARGUMENT;
    }
    uint8_t *section = NULL;
    if (reserve_ring(&carousel->ring[wanted->ring]) != TS_OK || reserve_slot(carousel) != TS_OK ||
        reserve_group(carousel, wanted->group) != TS_OK ||
        (section = copy_section(wanted->section, wanted->size)) == NULL) {
        return TS_NO_MEMORY;
    }
    *slot = take_slot(carousel);
    if (wanted->ring >= carousel->ring_count) {
        carousel->ring_count = (size_t)wanted->ring + 1;
    }
    carousel->slots[*slot] = (ts_carousel_slot){.section = section,
                                                .size = wanted->size,
                                                .serial = ++carousel->last_serial,
                                                .place = wanted->place,
                                                .group = wanted->group,
                                                .pid = wanted->pid,
                                                .ring = wanted->ring};
    add_to_ring(carousel, *slot);
    return TS_OK;
}

static bool is_in_use(const ts_carousel *carousel, size_t slot) {
    return slot < carousel->slot_count && carousel->slots[slot].section != NULL;
}

ts_status ts_carousel_replace(ts_carousel *carousel, size_t slot, const uint8_t *section,
                              size_t size) {
    if (!is_in_use(carousel, slot) || !is_section_size(size)) {
        return TS_BAD_ARGUMENT;
    }
    uint8_t *copy = copy_section(section, size);
    if (copy == NULL) {
        return TS_NO_MEMORY;
    }
    free(carousel->slots[slot].section);
    carousel->slots[slot].section = copy;
    carousel->slots[slot].size = size;
    return TS_OK;
}

ts_status ts_carousel_remove(ts_carousel *carousel, size_t slot) {
    if (!is_in_use(carousel, slot)) {
        return TS_BAD_ARGUMENT;
    }
    ts_carousel_slot *gone = &carousel->slots[slot];
    ts_carousel_ring *ring = &carousel->ring[gone->ring];
    size_t at = find_place(carousel, ring, gone->place);
    while (ring->slots[at] != slot) {
        at++;
    }
    ring->count--;
    memmove(ring->slots + at, ring->slots + at + 1, (ring->count - at) * sizeof *ring->slots);
    if (at < ring->at) {
        ring->at--;
    } else if (ring->at == ring->count) {
        ring->at = 0;
        ring->origin += ring->period;
    }
    free(gone->section);
    *gone = (ts_carousel_slot){.next_free = carousel->first_free};
    carousel->first_free = slot;
    find_due(carousel, ring);
    find_next(carousel);
    return TS_OK;
}

ts_status ts_carousel_set_turn(ts_carousel *carousel, size_t ring, int64_t origin, int64_t period) {
    if (ring >= TS_CAROUSEL_RINGS || period < PERIOD_MIN || period > PERIOD_MAX ||
        origin < -ORIGIN_MAX || origin > ORIGIN_MAX) {
        return TS_BAD_ARGUMENT;
    }
    carousel->ring[ring].origin = origin;
    carousel->ring[ring].period = period;
    find_due(carousel, &carousel->ring[ring]);
    find_next(carousel);
    return TS_OK;
}

static int64_t later(int64_t one, int64_t other) {
    return one > other ? one : other;
}

/* When a section that has come by is to leave. */
static int64_t find_start(ts_carousel *carousel, const ts_carousel_slot *slot, int64_t due) {
    const int64_t packets = (int64_t)((slot->size + PAYLOAD_SIZE) / PAYLOAD_SIZE);
    int64_t *group = slot->group ? &carousel->group_free_from[slot->group] : NULL;
    int64_t start = group == NULL ? due : later(due, *group);
    int64_t end = start + packets * PACKET_TICKS;
    if (carousel->packet_ticks > 0) {
        start = later(start, carousel->free_from);
        end = carousel->free_from = start + packets * carousel->packet_ticks;
    }
    if (group != NULL) {
        *group = end + carousel->spacing;
    }
    return start;
}

static void turn_on(ts_carousel *carousel, ts_carousel_ring *ring) {
    if (++ring->at == ring->count) {
        ring->at = 0;
        ring->origin += ring->period;
    }
    find_due(carousel, ring);
}

bool ts_carousel_take(ts_carousel *carousel, int64_t until, ts_carousel_due *due) {
    if (carousel->due > until || carousel->due == INT64_MAX) {
        return false;
    }
    ts_carousel_ring *ring = &carousel->ring[carousel->next];
    due->slot = ring->slots[ring->at];
    due->due = find_start(carousel, &carousel->slots[due->slot], ring->due);
    turn_on(carousel, ring);
    find_next(carousel);
    return true;
}

static void skip_in_ring(ts_carousel *carousel, ts_carousel_ring *ring, int64_t time) {
    if (ring->count == 0 || ring->due >= time) {
        return;
    }
    if (time - ring->origin >= ring->period) {
        ring->origin += (time - ring->origin) / ring->period * ring->period;
        ring->at = 0;
        find_due(carousel, ring);
    }
    while (ring->due < time) {
        turn_on(carousel, ring);
    }
}

void ts_carousel_skip_to(ts_carousel *carousel, int64_t time) {
    for (size_t i = 0; i < TS_CAROUSEL_RINGS; i++) {
        skip_in_ring(carousel, &carousel->ring[i], time);
    }
    find_next(carousel);
    carousel->free_from = later(carousel->free_from, time);
}
