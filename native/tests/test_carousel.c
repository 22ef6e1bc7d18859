/* The carousel: which section comes by when. A slow model that walks all places is the judge. */
#include "tsloom/carousel.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "tsloom/packet.h"

enum { PLACES = 40, RINGS = 3 };

static const int64_t PERIODS[RINGS] = {1000003 * INT64_C(27), 2 * TS_PCR_HZ, 7 * TS_PCR_HZ};
static const uint8_t SECTION[300] = {0x4E, 0xF1, 0x29};

static size_t put(ts_carousel *carousel, uint8_t ring, uint32_t place, uint32_t group) {
    size_t slot = SIZE_MAX;
    const ts_carousel_section wanted = {SECTION, sizeof SECTION, place, group, 0x12, ring};
    CHECK(ts_carousel_put(carousel, &wanted, &slot) == TS_OK);
    return slot;
}

static uint32_t place_of(size_t number) {
    return (uint32_t)(number * 2654435761u);
}

/* So many times a place has come by from time 0 up to another. */
static int64_t count_turns(int64_t period, uint32_t place, int64_t until) {
    int64_t count = 0;
    const double at = (double)period * (double)place / 4294967296.0;
    for (int64_t turn = 0; (int64_t)at + turn * period <= until; turn++) {
        count++;
    }
    return count;
}

static void each_comes_once_a_turn_and_in_order(void) {
    ts_carousel carousel;
    size_t slots[PLACES];
    int64_t seen[PLACES] = {0};
    ts_carousel_init(&carousel, 0, 0);
    for (size_t i = 0; i < PLACES; i++) {
        slots[i] = put(&carousel, (uint8_t)(i % RINGS), place_of(i), 0);
    }
    for (size_t i = 0; i < RINGS; i++) {
        CHECK(ts_carousel_set_turn(&carousel, i, 0, PERIODS[i]) == TS_OK);
    }
    const int64_t end = 60 * TS_PCR_HZ;
    int64_t last = 0;
    for (int64_t until = 0; until <= end; until += 123457) {
        ts_carousel_due due;
        while (ts_carousel_take(&carousel, until < end ? until : end, &due)) {
            CHECK(due.due >= last && due.due <= until && due.due > until - 123457);
            last = due.due;
            for (size_t i = 0; i < PLACES; i++) {
                seen[i] += slots[i] == due.slot;
            }
        }
    }
    for (size_t i = 0; i < PLACES; i++) {
        const int64_t least = count_turns(PERIODS[i % RINGS], place_of(i), end - 123457);
        const int64_t most = count_turns(PERIODS[i % RINGS], place_of(i), end);
        CHECK(seen[i] >= least && seen[i] <= most);
    }
    ts_carousel_free(&carousel);
}

static void sections_of_a_group_are_apart(void) {
    ts_carousel carousel;
    ts_carousel_due due;
    int64_t last = -TS_PCR_HZ;
    ts_carousel_init(&carousel, TS_PCR_HZ / 40, 0);
    for (uint32_t i = 0; i < 30; i++) {
        put(&carousel, 0, i, 7);
    }
    for (size_t i = 0; i < 30; i++) {
        CHECK(ts_carousel_take(&carousel, 0, &due) && due.due - last >= TS_PCR_HZ / 40);
        last = due.due;
    }
    CHECK(!ts_carousel_take(&carousel, 0, &due));
    ts_carousel_free(&carousel);
}

static void under_a_limit_one_leaves_behind_the_other(void) {
    ts_carousel carousel;
    ts_carousel_due due;
    ts_carousel_init(&carousel, 0, 1000);
    for (uint32_t i = 0; i < 30; i++) {
        put(&carousel, 0, i, 0);
    }
    for (int64_t i = 0; i < 30; i++) {
        /* Of two packets each. */
        CHECK(ts_carousel_take(&carousel, 0, &due) && due.due == i * 2000);
    }
    ts_carousel_free(&carousel);
}

static void what_goes_does_not_come_and_its_slot_is_another(void) {
    ts_carousel carousel;
    ts_carousel_due due;
    ts_carousel_init(&carousel, 0, 0);
    const size_t first = put(&carousel, 0, 10, 0);
    const size_t other = put(&carousel, 0, 20, 0);
    const uint64_t serial = carousel.slots[first].serial;
    CHECK(ts_carousel_remove(&carousel, first) == TS_OK);
    CHECK(ts_carousel_remove(&carousel, first) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_replace(&carousel, first, SECTION, 8) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_take(&carousel, 100, &due) && due.slot == other);
    CHECK(!ts_carousel_take(&carousel, 100, &due));
    CHECK(put(&carousel, 1, 5, 0) == first && carousel.slots[first].serial != serial);
    CHECK(ts_carousel_remove(&carousel, first) == TS_OK);
    CHECK(ts_carousel_remove(&carousel, other) == TS_OK && carousel.due == INT64_MAX);
    CHECK(!ts_carousel_take(&carousel, INT64_MAX, &due));
    ts_carousel_free(&carousel);
}

static void the_last_of_a_ring_going_begins_a_turn(void) {
    ts_carousel carousel;
    ts_carousel_due due;
    ts_carousel_init(&carousel, 0, 0);
    put(&carousel, 0, 1u << 30, 0);
    const size_t last = put(&carousel, 0, 1u << 31, 0);
    CHECK(ts_carousel_take(&carousel, TS_PCR_HZ / 4, &due));
    CHECK(ts_carousel_remove(&carousel, last) == TS_OK);
    CHECK(carousel.due == TS_PCR_HZ + TS_PCR_HZ / 4);
    ts_carousel_free(&carousel);
}

static void what_was_skipped_is_left_out_and_the_rest_keeps_its_time(void) {
    ts_carousel carousel;
    ts_carousel_due due;
    const int64_t now = 1000 * TS_PCR_HZ + TS_PCR_HZ / 2;
    ts_carousel_init(&carousel, 0, 0);
    for (uint32_t i = 0; i < 8; i++) {
        put(&carousel, 0, i << 29, 0);
    }
    ts_carousel_skip_to(&carousel, now);
    CHECK(ts_carousel_take(&carousel, now, &due) && due.due == now);
    CHECK(!ts_carousel_take(&carousel, now, &due));
    CHECK(carousel.due == now + TS_PCR_HZ / 8);
    ts_carousel_free(&carousel);
}

static void what_is_out_of_range_is_refused(void) {
    ts_carousel carousel;
    size_t slot;
    const ts_carousel_section good = {SECTION, sizeof SECTION, 0, 0, 0x12, 0};
    ts_carousel_section bad[5] = {good, good, good, good, good};
    bad[0].size = 2;
    bad[1].size = 4097;
    bad[2].pid = TS_PID_NULL;
    bad[3].ring = TS_CAROUSEL_RINGS;
    bad[4].group = TS_CAROUSEL_GROUPS_MAX;
    ts_carousel_init(&carousel, 0, 0);
    for (size_t i = 0; i < 5; i++) {
        CHECK(ts_carousel_put(&carousel, &bad[i], &slot) == TS_BAD_ARGUMENT);
    }
    CHECK(ts_carousel_put(&carousel, &good, &slot) == TS_OK);
    CHECK(ts_carousel_replace(&carousel, slot, SECTION, 2) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_remove(&carousel, 1) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_set_turn(&carousel, TS_CAROUSEL_RINGS, 0, TS_PCR_HZ) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_set_turn(&carousel, 0, 0, 26999) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_set_turn(&carousel, 0, INT64_MAX, TS_PCR_HZ) == TS_BAD_ARGUMENT);
    CHECK(ts_carousel_set_turn(&carousel, 0, 0, INT64_MAX) == TS_BAD_ARGUMENT);
    ts_carousel_free(&carousel);
}

int main(void) {
    each_comes_once_a_turn_and_in_order();
    sections_of_a_group_are_apart();
    under_a_limit_one_leaves_behind_the_other();
    what_goes_does_not_come_and_its_slot_is_another();
    the_last_of_a_ring_going_begins_a_turn();
    what_was_skipped_is_left_out_and_the_rest_keeps_its_time();
    what_is_out_of_range_is_refused();
    return CHECK_RESULT;
}
