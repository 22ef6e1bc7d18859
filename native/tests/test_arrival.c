#include "tsloom/arrival.h"

#include <string.h>

#include "check.h"
#include "tsloom/packet.h"

enum { STAMP_MAX = (1 << TS_ARRIVAL_STAMP_BITS) - 1 };

static ts_arrivals arrivals;

static void unwraps(size_t count, const uint32_t *stamps, const int64_t *wanted) {
    int64_t time[8];
    ts_arrivals_init(&arrivals);
    ts_arrivals_unwrap(&arrivals, stamps, count, time);
    for (size_t i = 0; i < count; i++) {
        CHECK(time[i] == wanted[i]);
    }
    for (size_t i = 0, same = 0; i < count; i++, same++) {
        ts_arrivals_init(&arrivals);
        ts_arrivals_unwrap(&arrivals, stamps, i, time);
        ts_arrivals_unwrap(&arrivals, stamps + i, count - i, time + i);
        CHECK(memcmp(time, wanted, count * sizeof *time) == 0);
    }
}

static void stamps_wrap_after_30_bits_whatever_stands_above_them(void) {
    const uint32_t stamps[] = {STAMP_MAX - 9u, 0xC0000000u, 20u | 0x40000000u, 19u, 25u};
    const int64_t wanted[] = {STAMP_MAX - 9, STAMP_MAX + 1, STAMP_MAX + 21, STAMP_MAX + 21,
                              STAMP_MAX + 27};
    unwraps(5, stamps, wanted);
}

static void a_packet_without_a_stamp_has_no_time(void) {
    const uint32_t stamps[] = {0, 100, 0, 130};
    const int64_t wanted[] = {TS_NO_ARRIVAL, 100, TS_NO_ARRIVAL, 130};
    unwraps(4, stamps, wanted);
}

static void a_long_step_back_is_a_wrap(void) {
    const uint32_t stamps[] = {(uint32_t)TS_PCR_HZ + 50u, 51u, 49u};
    const int64_t first = TS_PCR_HZ + 50;
    const int64_t wanted[] = {first, first, first};
    unwraps(2, stamps, wanted);
    const uint32_t far[] = {(uint32_t)TS_PCR_HZ + 50u, 48u};
    const int64_t round[] = {first, STAMP_MAX + 1 + 48};
    unwraps(2, far, round);
}

/* What is settled with packets at these offsets, of bytes consumed up to there. */
static ts_batch settle(const uint32_t *offsets, size_t count, size_t consumed) {
    ts_batch batch;
    ts_batch_init(&batch);
    batch.first_index = 1000;
    CHECK(ts_arrivals_reserve(&arrivals, count + 1) == TS_OK);
    if (count > 0) {
        memcpy(arrivals.offset, offsets, count * sizeof *offsets);
    }
    const ts_sync_result result = {.count = count, .consumed = consumed};
    ts_arrivals_settle(&arrivals, &result, &batch);
    return batch;
}

static void packets_arrive_with_the_datagram_that_they_begin_in(void) {
    ts_arrivals_init(&arrivals);
    const ts_datagram first[] = {{0, 376, 1000}, {376, 100, 2000}};
    const ts_datagram more[] = {{0, 200, 3000}, {200, 0, 5000}, {200, 188, 0}};
    const uint32_t offsets[] = {0, 188, 376};
    CHECK(ts_arrivals_add(&arrivals, 0, first, 2) == TS_OK);
    ts_batch batch = settle(offsets, 2, 376);
    CHECK(batch.arrival_clock == TS_ARRIVAL_RECEIVED && batch.arrival_count == 2);
    CHECK(ts_batch_get_arrival(&batch, 1000) == 27 && ts_batch_get_arrival(&batch, 1001) == 27);
    CHECK(ts_batch_get_arrival(&batch, 999) == TS_NO_ARRIVAL);
    CHECK(ts_batch_get_arrival(&batch, 1002) == TS_NO_ARRIVAL);
    /* 100 bytes of the second datagram wait. */
    CHECK(ts_arrivals_add(&arrivals, 100, more, 3) == TS_OK);
    const uint32_t next[] = {0, 188, 300, 487};
    batch = settle(next, 4, 488);
    CHECK(ts_batch_get_arrival(&batch, 1000) == 54 && ts_batch_get_arrival(&batch, 1001) == 81);
    CHECK(ts_batch_get_arrival(&batch, 1002) == TS_NO_ARRIVAL);
    CHECK(ts_batch_get_arrival(&batch, 1003) == TS_NO_ARRIVAL);
    batch = settle(NULL, 0, 0);
    CHECK(batch.arrival_count == 0);
    ts_arrivals_free(&arrivals);
}

static void nanoseconds_since_1970_keep_their_ticks(void) {
    ts_arrivals_init(&arrivals);
    const int64_t ns = INT64_C(4102444800) * 1000000000 + 999; /* the year 2100 */
    const ts_datagram one = {0, 188, ns};
    const uint32_t offset = 0;
    CHECK(ts_arrivals_add(&arrivals, 0, &one, 1) == TS_OK);
    ts_batch batch = settle(&offset, 1, 188);
    CHECK(ts_batch_get_arrival(&batch, 1000) == INT64_C(4102444800) * 27000000 + 26);
    ts_arrivals_free(&arrivals);
}

int main(void) {
    stamps_wrap_after_30_bits_whatever_stands_above_them();
    a_packet_without_a_stamp_has_no_time();
    a_long_step_back_is_a_wrap();
    packets_arrive_with_the_datagram_that_they_begin_in();
    nanoseconds_since_1970_keep_their_ticks();
    return CHECK_RESULT;
}
