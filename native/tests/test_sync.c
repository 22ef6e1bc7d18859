#include "sync_bench.h"

#include "check.h"

static const size_t UNITS[] = {188, 192, 204};

/* Packets without a second 0x47 in them; numbered in their last bytes. */
static void add_packets(byte_run *in, size_t unit, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t number = (uint32_t)(in->size & 0x3FFFFFFF);
        uint8_t head[4];
        ts_store_be32(head, number & 0x3F3F3F3Fu);
        if (unit == 192) {
            add_bytes(in, head, 4);
        }
        add_fill(in, TS_SYNC_BYTE, 1);
        add_fill(in, 0x11, TS_PACKET_SIZE - 5);
        add_bytes(in, head, 4);
        add_fill(in, 0x22, unit == 204 ? 16 : 0);
    }
}

static size_t count_packets(const sync_outcome *outcome) {
    return outcome->packets.size / TS_PACKET_SIZE;
}

static void check_event(const sync_outcome *outcome, size_t index, ts_sync_kind kind,
                        uint64_t offset_bytes, uint64_t packet_index, uint64_t length) {
    CHECK(index < count_events(outcome));
    if (index < count_events(outcome)) {
        const ts_sync_event wanted = {kind, offset_bytes, packet_index, length};
        CHECK(same_event(get_event(outcome, index), &wanted));
    }
}

static void every_packet_size_is_found(void) {
    for (size_t i = 0; i < 3; i++) {
        byte_run in = {0};
        add_packets(&in, UNITS[i], 20);
        sync_outcome outcome = sync_whole(&in);
        CHECK(count_packets(&outcome) == 20);
        CHECK(count_events(&outcome) == 1);
        check_event(&outcome, 0, TS_SYNC_ACQUIRED, 0, 0, UNITS[i]);
        free_outcome(&outcome);
        free_run(&in);
    }
}

static void timestamps_of_192_byte_packets_are_kept(void) {
    byte_run in = {0};
    add_packets(&in, 192, 12);
    sync_outcome outcome = sync_whole(&in);
    const uint32_t *timestamps = (const uint32_t *)(const void *)outcome.timestamps.bytes;
    CHECK(outcome.timestamps.size == 12 * sizeof *timestamps);
    for (size_t i = 0; i < 12; i++) {
        CHECK(timestamps[i] == ((i * 192) & 0x3F3F3F3Fu));
    }
    free_outcome(&outcome);
    free_run(&in);
}

static void leading_and_trailing_bytes_are_skipped_and_told(void) {
    byte_run in = {0};
    add_fill(&in, 0x33, 100);
    add_packets(&in, 188, 10);
    add_fill(&in, 0x33, 50);
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 10);
    CHECK(count_events(&outcome) == 4);
    check_event(&outcome, 0, TS_SYNC_SKIPPED, 0, 0, 100);
    check_event(&outcome, 1, TS_SYNC_ACQUIRED, 100, 0, 188);
    check_event(&outcome, 2, TS_SYNC_LOST, 1980, 10, 0);
    check_event(&outcome, 3, TS_SYNC_SKIPPED, 1980, 10, 50);
    free_outcome(&outcome);
    free_run(&in);
}

static void one_bad_sync_byte_costs_its_packet_only(void) {
    byte_run in = {0};
    add_packets(&in, 188, 20);
    in.bytes[7 * 188] = 0x46;
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 19);
    CHECK(count_events(&outcome) == 2);
    check_event(&outcome, 1, TS_SYNC_BAD_SYNC_BYTE, 7 * 188, 7, 188);
    free_outcome(&outcome);
    free_run(&in);
}

static void two_bad_sync_bytes_lose_and_five_good_ones_acquire(void) {
    byte_run in = {0};
    add_packets(&in, 188, 30);
    in.bytes[7 * 188] = 0x46;
    in.bytes[8 * 188] = 0x46;
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 28);
    check_event(&outcome, 1, TS_SYNC_LOST, 7 * 188, 7, 0);
    check_event(&outcome, 2, TS_SYNC_SKIPPED, 7 * 188, 7, 2 * 188);
    check_event(&outcome, 3, TS_SYNC_ACQUIRED, 9 * 188, 7, 188);
    CHECK(count_events(&outcome) == 4);
    free_outcome(&outcome);
    free_run(&in);
}

static void a_packet_cut_short_is_skipped_and_the_next_is_kept(void) {
    for (size_t unit = 0; unit < 3; unit++) {
        byte_run in = {0};
        add_packets(&in, UNITS[unit], 10);
        in.size -= 60;
        const size_t cut = in.size;
        add_packets(&in, UNITS[unit], 10);
        sync_outcome outcome = sync_whole(&in);
        CHECK(count_packets(&outcome) == 19);
        check_event(&outcome, 1, TS_SYNC_LOST, 9 * UNITS[unit], 9, 0);
        check_event(&outcome, 2, TS_SYNC_SKIPPED, 9 * UNITS[unit], 9, UNITS[unit] - 60);
        check_event(&outcome, 3, TS_SYNC_ACQUIRED, cut, 9, UNITS[unit]);
        free_outcome(&outcome);
        free_run(&in);
    }
}

static void bytes_put_between_packets_cost_none(void) {
    byte_run in = {0};
    add_packets(&in, 188, 10);
    add_fill(&in, 0x33, 500);
    add_packets(&in, 188, 10);
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 20);
    check_event(&outcome, 2, TS_SYNC_SKIPPED, 1880, 10, 500);
    free_outcome(&outcome);
    free_run(&in);
}

static void the_packet_size_may_change(void) {
    byte_run in = {0};
    add_packets(&in, 204, 10);
    add_packets(&in, 188, 10);
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 20);
    check_event(&outcome, count_events(&outcome) - 1, TS_SYNC_ACQUIRED, 2040, 10, 188);
    free_outcome(&outcome);
    free_run(&in);
}

static void few_packets_are_enough_when_they_are_all_there_is(void) {
    for (size_t count = 1; count < 5; count++) {
        for (size_t unit = 0; unit < 3; unit++) {
            byte_run in = {0};
            add_packets(&in, UNITS[unit], count);
            sync_outcome outcome = sync_whole(&in);
            CHECK(count_packets(&outcome) == count);
            free_outcome(&outcome);
            free_run(&in);
        }
    }
}

static void the_last_packet_needs_no_reed_solomon_bytes(void) {
    byte_run in = {0};
    add_packets(&in, 204, 10);
    in.size -= 16;
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 10);
    CHECK(count_events(&outcome) == 1);
    free_outcome(&outcome);
    free_run(&in);
}

static void noise_gives_no_packet(void) {
    byte_run in = {0};
    add_fill(&in, 0x00, 5000);
    for (size_t at = 0; at < in.size; at += 100) {
        in.bytes[at] = TS_SYNC_BYTE;
    }
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 0);
    CHECK(count_events(&outcome) == 1);
    check_event(&outcome, 0, TS_SYNC_SKIPPED, 0, 0, 5000);
    free_outcome(&outcome);
    free_run(&in);
}

static void nothing_gives_nothing(void) {
    byte_run in = {0};
    sync_outcome outcome = sync_whole(&in);
    CHECK(count_packets(&outcome) == 0 && count_events(&outcome) == 0);
    free_outcome(&outcome);
}

/* A stream with every defect above, cut in many ways. */
static byte_run make_damaged(void) {
    byte_run in = {0};
    add_fill(&in, 0x47, 3);
    add_packets(&in, 188, 9);
    add_fill(&in, 0x33, 77);
    add_packets(&in, 188, 12);
    in.bytes[in.size - 5 * 188] = 0;
    in.size -= 61;
    add_packets(&in, 204, 9);
    in.bytes[in.size - 3 * 204] = 1;
    in.bytes[in.size - 2 * 204] = 1;
    add_packets(&in, 192, 9);
    add_fill(&in, 0x33, 190);
    add_packets(&in, 188, 2);
    add_fill(&in, 0x47, 40);
    return in;
}

static void packets_and_events_do_not_depend_on_the_cuts(void) {
    byte_run in = make_damaged();
    sync_outcome whole = sync_whole(&in);
    CHECK(count_packets(&whole) > 30);
    for (size_t cut = 1; cut < 2500; cut += cut < 250 ? 1 : 53) {
        const size_t cuts[2] = {cut, 188};
        sync_outcome pieces = sync_bytes(&in, cuts, 1 + cut % 2);
        CHECK(same_outcome(&whole, &pieces));
        CHECK(pieces.leftover_max <= TS_SYNC_LEFTOVER_MAX);
        free_outcome(&pieces);
    }
    free_outcome(&whole);
    free_run(&in);
}

static void every_byte_is_a_packet_s_or_skipped(void) {
    byte_run in = make_damaged();
    for (size_t size = 0; size <= in.size; size += 97) {
        byte_run part = {in.bytes, size, in.capacity};
        sync_outcome outcome = {0};
        byte_run rest = {0};
        ts_sync_init(&outcome.sync);
        sync_piece(&outcome, &rest, part.bytes, part.size, true);
        CHECK(outcome.sync.offset_bytes == size);
        CHECK(outcome.sync.skipped_bytes + outcome.packets.size <= size);
        CHECK(outcome.sync.packet_count == count_packets(&outcome));
        ts_sync_free(&outcome.sync);
        free_outcome(&outcome);
        free_run(&rest);
    }
    free_run(&in);
}

enum { DATAGRAMS = 60, IN_EACH = 7 };

/* Datagrams of seven packets, some of which are junk, too short, or have bad sync bytes. */
static size_t make_damaged_datagrams(byte_run *in, size_t *sizes, uint32_t *seed) {
    size_t damaged = 0;
    for (size_t i = 0; i < DATAGRAMS; i++) {
        const size_t start = in->size;
        *seed = *seed * 1664525u + 1013904223u;
        const uint32_t chance = *seed >> 16;
        sizes[i] = IN_EACH * TS_PACKET_SIZE;
        add_packets(in, TS_PACKET_SIZE, IN_EACH);
        if (i < 2 || chance % 4 != 0) {
            continue;
        }
        damaged++;
        const size_t which = chance / 16 % IN_EACH;
        if (chance / 4 % 4 == 0) {
            memset(in->bytes + start, 0x22, sizes[i]);
        } else if (chance / 4 % 4 == 1) {
            sizes[i] -= 1 + chance / 16 % 1000;
            in->size = start + sizes[i];
        } else {
            in->bytes[start + which * TS_PACKET_SIZE] = 0x23;
            in->bytes[start + (chance / 128 % 2 ? 0 : which) * TS_PACKET_SIZE] = 0x23;
        }
    }
    return damaged;
}

static void datagrams_leave_at_once_and_else_it_is_the_same(void) {
    uint32_t seed = 1;
    for (size_t round = 0; round < 500; round++) {
        byte_run in = {0};
        size_t sizes[DATAGRAMS];
        const size_t damaged = make_damaged_datagrams(&in, sizes, &seed);
        sync_outcome whole = sync_whole(&in);
        sync_outcome pieces = sync_pieces(&in, sizes, DATAGRAMS, true);
        CHECK(same_outcome(&whole, &pieces));
        CHECK(damaged > 0 || pieces.leftover_max == 0);
        CHECK(pieces.leftover_max <= TS_SYNC_LEFTOVER_MAX);
        free_outcome(&whole);
        free_outcome(&pieces);
        free_run(&in);
    }
}

static void whole_datagrams_leave_nothing_behind(void) {
    byte_run in = {0};
    const size_t size = IN_EACH * TS_PACKET_SIZE;
    add_packets(&in, TS_PACKET_SIZE, 100 * IN_EACH);
    sync_outcome pieces = sync_pieces(&in, &size, 1, true);
    CHECK(pieces.leftover_max == 0 && count_packets(&pieces) == 100 * IN_EACH);
    free_outcome(&pieces);
    free_run(&in);
}

int main(void) {
    every_packet_size_is_found();
    timestamps_of_192_byte_packets_are_kept();
    leading_and_trailing_bytes_are_skipped_and_told();
    one_bad_sync_byte_costs_its_packet_only();
    two_bad_sync_bytes_lose_and_five_good_ones_acquire();
    a_packet_cut_short_is_skipped_and_the_next_is_kept();
    bytes_put_between_packets_cost_none();
    the_packet_size_may_change();
    few_packets_are_enough_when_they_are_all_there_is();
    the_last_packet_needs_no_reed_solomon_bytes();
    noise_gives_no_packet();
    nothing_gives_nothing();
    packets_and_events_do_not_depend_on_the_cuts();
    every_byte_is_a_packet_s_or_skipped();
    datagrams_leave_at_once_and_else_it_is_the_same();
    whole_datagrams_leave_nothing_behind();
    return CHECK_RESULT;
}
