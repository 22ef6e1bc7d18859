#include "tsloom/pace.h"

#include "tsloom/packet.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { STREAM_PACKETS = 40000, PCR_EVERY = 50, PER_DATAGRAM = 7 };

#define SECOND INT64_C(1000000000)
/* 1000 packets a second: a packet a millisecond, 27000 ticks. */
#define PACKET_NS INT64_C(1000000)
#define PACKET_TICKS UINT64_C(27000)

static uint8_t stream[STREAM_PACKETS * TS_PACKET_SIZE];

static void put_pcr(uint8_t *packet, uint16_t pid, uint64_t pcr) {
    uint64_t base = pcr % TS_PCR_MODULUS / 300u;
    uint64_t extension = pcr % 300u;
    ts_store_be32(packet, 0x47000020u | (uint32_t)pid << 8);
    packet[4] = 183;
    packet[5] = 0x10;
    ts_store_be32(packet + 6, (uint32_t)(base >> 1));
    packet[10] = (uint8_t)((base & 1u) << 7 | 0x7Eu | extension >> 8);
    packet[11] = (uint8_t)extension;
}

/* A stream of constant rate; its PCR at packet n is first_pcr + n * PACKET_TICKS. */
static void make_stream(uint64_t first_pcr) {
    for (size_t n = 0; n < STREAM_PACKETS; n++) {
        uint8_t *packet = stream + n * TS_PACKET_SIZE;
        memset(packet, 0xFF, TS_PACKET_SIZE);
        ts_store_be32(packet, 0x471FFF10u);
        if (n % PCR_EVERY == 3) {
            put_pcr(packet, 0x100, first_pcr + n * PACKET_TICKS);
        }
    }
}

/* Times of all datagrams of count packets that come in chunks, sent as planned. */
static size_t plan_all(ts_pace *pace, size_t count, size_t chunk, int64_t *due_ns) {
    size_t datagrams = 0;
    int64_t now_ns = SECOND;
    uint64_t next = 0;
    for (size_t start = 0; start < count; start += chunk) {
        size_t end = start + chunk < count ? start + chunk : count;
        while (next + PER_DATAGRAM <= end) {
            while ((next >= pace->fed || !ts_pace_has_rate(pace)) && pace->fed < end) {
                (void)ts_pace_feed(pace, stream + pace->fed * TS_PACKET_SIZE, end - pace->fed);
            }
            ts_pace_time time = ts_pace_plan(pace, next, now_ns);
            now_ns = time.leave_ns > now_ns ? time.leave_ns : now_ns;
            ts_pace_note_departure(pace, &time, now_ns);
            due_ns[datagrams++] = time.due_ns;
            next += PER_DATAGRAM;
        }
        if (pace->fed < end) {
            (void)ts_pace_feed(pace, stream + pace->fed * TS_PACKET_SIZE, end - pace->fed);
        }
    }
    return datagrams;
}

static int64_t due_times[STREAM_PACKETS];

/* Every datagram but those named has its due time PER_DATAGRAM packets after the one before. */
static void check_even(size_t datagrams, int64_t tolerance_ns) {
    CHECK(due_times[0] == SECOND);
    size_t uneven = 0;
    for (size_t n = 1; n < datagrams; n++) {
        int64_t step_ns = due_times[n] - due_times[n - 1];
        uneven += llabs(step_ns - PER_DATAGRAM * PACKET_NS) > tolerance_ns;
    }
    CHECK(uneven == 0);
}

static void a_constant_rate_gives_even_times(void) {
    const size_t chunks[] = {STREAM_PACKETS, 4096, 700, 101};
    make_stream(12345678);
    for (size_t n = 0; n < sizeof chunks / sizeof *chunks; n++) {
        ts_pace pace;
        ts_pace_init(&pace, 0);
        size_t datagrams = plan_all(&pace, STREAM_PACKETS, chunks[n], due_times);
        CHECK(datagrams == STREAM_PACKETS / PER_DATAGRAM);
        check_even(datagrams, 100);
        CHECK(pace.counters.timed == datagrams);
        CHECK(pace.counters.untimed == 0);
        CHECK(pace.counters.late_max_ns == 0);
        CHECK(pace.counters.error_us[0] == datagrams);
        CHECK(pace.pcr_pid == 0x100);
    }
}

static void times_go_on_over_the_wrap_of_the_pcr(void) {
    ts_pace pace;
    make_stream(TS_PCR_MODULUS - 5u * 27000000u);
    ts_pace_init(&pace, 0);
    check_even(plan_all(&pace, STREAM_PACKETS, 4096, due_times), 100);
    CHECK(pace.counters.discontinuities == 0);
}

static void a_discontinuity_makes_neither_pause_nor_burst(void) {
    const uint64_t jumps[] = {TS_PCR_MODULUS / 2, 3u * 27000000u, TS_PCR_MODULUS - 3u * 27000000u};
    for (size_t n = 0; n < sizeof jumps / sizeof *jumps; n++) {
        for (int announced = 0; announced < 2; announced++) {
            ts_pace pace;
            make_stream(777);
            for (size_t at = 20003; at < STREAM_PACKETS; at += PCR_EVERY) {
                put_pcr(stream + at * TS_PACKET_SIZE, 0x100, jumps[n] + at * PACKET_TICKS);
            }
            if (announced) {
                stream[20003 * TS_PACKET_SIZE + 5] |= 0x80;
            }
            ts_pace_init(&pace, 0);
            check_even(plan_all(&pace, STREAM_PACKETS, 4096, due_times), 100);
            CHECK(pace.counters.discontinuities == 1);
        }
    }
}

static void other_programs_pcrs_do_not_disturb(void) {
    ts_pace pace;
    make_stream(777);
    for (size_t at = 10; at < STREAM_PACKETS; at += PCR_EVERY) {
        put_pcr(stream + at * TS_PACKET_SIZE, 0x200, 99999999u + 2 * at * PACKET_TICKS);
    }
    ts_pace_init(&pace, 0);
    check_even(plan_all(&pace, STREAM_PACKETS, 4096, due_times), 100);
    CHECK(pace.pcr_pid == 0x100);
    CHECK(pace.counters.pid_changes == 0);
}

/* The held PID stops at packet 20000; the other is there all along, half a second behind. */
static void another_pid_takes_over_after_a_second(void) {
    ts_pace pace;
    make_stream(777);
    for (size_t at = 10; at < STREAM_PACKETS; at += PCR_EVERY) {
        put_pcr(stream + at * TS_PACKET_SIZE, 0x200,
                TS_PCR_MODULUS - 13500000u + at * PACKET_TICKS);
        if (at > 20000) {
            ts_store_be32(stream + (at - 7) * TS_PACKET_SIZE, 0x471FFF10u);
        }
    }
    ts_pace_init(&pace, 0);
    check_even(plan_all(&pace, STREAM_PACKETS, 4096, due_times), 100);
    CHECK(pace.pcr_pid == 0x200);
    CHECK(pace.counters.pid_changes == 1);
    CHECK(pace.counters.discontinuities == 0);
}

static void a_pid_with_one_pcr_only_gives_way(void) {
    ts_pace pace;
    make_stream(777);
    put_pcr(stream, 0x300, 5);
    ts_pace_init(&pace, 0);
    check_even(plan_all(&pace, STREAM_PACKETS, STREAM_PACKETS, due_times), 100);
    CHECK(pace.pcr_pid == 0x100);
}

/* One PCR in the middle says a time far off, within what counts as continuous. */
static void a_damaged_pcr_costs_less_than_two_seconds(void) {
    for (uint64_t off = 0; off < 27000000u; off += 2700000u) {
        for (size_t chunk = 500; chunk < 5000; chunk += 777) {
            ts_pace pace;
            make_stream(777);
            put_pcr(stream + 20003 * TS_PACKET_SIZE, 0x100, 777 + 20003 * PACKET_TICKS + off);
            ts_pace_init(&pace, 0);
            size_t datagrams = plan_all(&pace, STREAM_PACKETS, chunk, due_times);
            int64_t whole_ns = (int64_t)(datagrams - 1) * PER_DATAGRAM * PACKET_NS;
            int64_t error_ns = due_times[datagrams - 1] - due_times[0] - whole_ns;
            CHECK(llabs(error_ns) < 2 * SECOND);
            for (size_t n = 1; n < datagrams; n++) {
                CHECK(due_times[n] >= due_times[n - 1]);
                CHECK(due_times[n] - due_times[n - 1] <= SECOND);
            }
        }
    }
}

/* PCRs a quarter second apart, the packets between them now few, now many. */
static size_t make_variable_stream(size_t *positions) {
    size_t count = 0;
    size_t at = 0;
    make_stream(0);
    for (size_t n = 0; n < STREAM_PACKETS; n++) {
        ts_store_be32(stream + n * TS_PACKET_SIZE, 0x471FFF10u);
    }
    while (at < STREAM_PACKETS) {
        put_pcr(stream + at * TS_PACKET_SIZE, 0x100, count * 6750000u);
        positions[count++] = at;
        at += 20 + count * 7919 % 600;
    }
    return count;
}

static size_t positions[STREAM_PACKETS];

static void times_between_two_pcrs_lie_on_a_line(void) {
    ts_pace pace;
    size_t pcrs = make_variable_stream(positions);
    ts_pace_init(&pace, 0);
    size_t datagrams = plan_all(&pace, STREAM_PACKETS, STREAM_PACKETS, due_times);
    size_t interval = 0;
    size_t off = 0;
    for (size_t n = 0; n < datagrams; n++) {
        size_t at = n * PER_DATAGRAM;
        while (interval + 2 < pcrs && at > positions[interval + 1]) {
            interval++;
        }
        double from = (double)positions[interval];
        double share = ((double)at - from) / ((double)positions[interval + 1] - from);
        double expected_ns = 1e9 + 0.25e9 * ((double)interval + share);
        off += at < positions[pcrs - 1] && llabs(due_times[n] - (int64_t)expected_ns) > 100;
    }
    CHECK(off == 0);
}

static void times_never_run_backwards_and_meet_the_pcrs_at_last(void) {
    for (size_t chunk = 50; chunk < 3000; chunk += 111) {
        ts_pace pace;
        size_t pcrs = make_variable_stream(positions);
        ts_pace_init(&pace, 0);
        size_t datagrams = plan_all(&pace, STREAM_PACKETS, chunk, due_times);
        int64_t last_ns = due_times[positions[pcrs - 2] / PER_DATAGRAM] - due_times[0];
        CHECK(llabs(last_ns - (int64_t)(pcrs - 2) * SECOND / 4) < SECOND / 2);
        for (size_t n = 1; n < datagrams; n++) {
            CHECK(due_times[n] >= due_times[n - 1]);
        }
    }
}

/* Before the PCRs end, two stand together that are most of a second apart. */
static void an_odd_last_interval_does_not_stretch_the_rest(void) {
    ts_pace pace;
    make_stream(777);
    for (size_t at = 20000; at < STREAM_PACKETS; at++) {
        ts_store_be32(stream + at * TS_PACKET_SIZE, 0x471FFF10u);
    }
    put_pcr(stream + 20000 * TS_PACKET_SIZE, 0x100, 777 + 20000 * PACKET_TICKS);
    put_pcr(stream + 20020 * TS_PACKET_SIZE, 0x100, 777 + 20000 * PACKET_TICKS + 25000000);
    ts_pace_init(&pace, 0);
    size_t datagrams = plan_all(&pace, STREAM_PACKETS, 4096, due_times);
    int64_t rest_ns = due_times[datagrams - 1] - due_times[20020 / PER_DATAGRAM];
    CHECK(rest_ns < 2 * 20000 * PACKET_NS + 3 * SECOND);
}

static void after_a_leap_times_go_on_evenly(void) {
    ts_pace pace;
    ts_pace_init(&pace, 1504000);
    (void)ts_pace_plan(&pace, 0, SECOND);
    CHECK(ts_pace_plan(&pace, 5000, SECOND).due_ns == SECOND);
    CHECK(ts_pace_plan(&pace, 5007, SECOND).due_ns == SECOND + 7 * PACKET_NS);
    CHECK(ts_pace_plan(&pace, 5807, SECOND).due_ns == SECOND + 807 * PACKET_NS);
    CHECK(pace.counters.leaps == 1);
}

static void packets_without_a_rate_go_at_once(void) {
    ts_pace pace;
    make_stream(777);
    for (size_t at = 0; at < 20000; at++) {
        ts_store_be32(stream + at * TS_PACKET_SIZE, 0x471FFF10u);
    }
    ts_pace_init(&pace, 0);
    size_t datagrams = plan_all(&pace, STREAM_PACKETS, 500, due_times);
    CHECK(due_times[0] == SECOND);
    CHECK(due_times[2000] == SECOND);
    CHECK(due_times[datagrams - 1] - due_times[3000] ==
          (int64_t)(datagrams - 1 - 3000) * PER_DATAGRAM * PACKET_NS);
    CHECK(pace.counters.untimed >= 2857);
    CHECK(pace.counters.untimed + pace.counters.timed == datagrams);
}

static void a_constant_bitrate_needs_no_pcr(void) {
    ts_pace pace;
    ts_pace_init(&pace, 1504000);
    CHECK(ts_pace_has_rate(&pace));
    CHECK(ts_pace_feed(&pace, stream, 1000) == 1000);
    (void)ts_pace_plan(&pace, 0, SECOND);
    CHECK(ts_pace_plan(&pace, 700, SECOND).due_ns == SECOND + 700 * PACKET_NS);
    ts_pace_init(&pace, TS_PACE_BITRATE_MAX + 1);
    (void)ts_pace_plan(&pace, 0, 0);
    int64_t due_ns = 0;
    for (uint64_t index = 0; index < UINT64_C(7000000000); index += 700000000) {
        /* 700 million packets take 105.28 s at 10 Gb/s: longer than is waited at a stretch. */
        due_ns = ts_pace_plan(&pace, index, (int64_t)(index / 100 * 15040)).due_ns;
        CHECK(due_ns == (int64_t)(index / 100 * 15040) || pace.counters.leaps != 0);
    }
    CHECK(pace.counters.leaps == 9);
}

/* 1000 packets a second, planned one by one; the sender loses stall_ns after the first hundred. */
static int64_t plan_with_stall(ts_pace *pace, int64_t stall_ns, int64_t *shortest_ns) {
    int64_t now_ns = 0;
    int64_t last_ns = 0;
    ts_pace_time time = {0, 0, false};
    ts_pace_init(pace, 1504000);
    *shortest_ns = SECOND;
    for (uint64_t index = 0; index < 10000; index++) {
        time = ts_pace_plan(pace, index, now_ns);
        now_ns = time.leave_ns > now_ns ? time.leave_ns : now_ns;
        /* The first hundredth of a second after the stall may leave together. */
        if (index > 130 && now_ns - last_ns < *shortest_ns) {
            *shortest_ns = now_ns - last_ns;
        }
        last_ns = now_ns;
        ts_pace_note_departure(pace, &time, now_ns);
        if (index == 100) {
            now_ns += stall_ns;
        }
    }
    return now_ns - time.due_ns;
}

static void a_delay_is_made_up_at_twice_the_rate_at_most(void) {
    ts_pace pace;
    int64_t shortest_ns;
    CHECK(plan_with_stall(&pace, SECOND / 2, &shortest_ns) == 0);
    CHECK(shortest_ns >= PACKET_NS / 2);
    CHECK(pace.counters.late_anchors == 0);
    CHECK(pace.counters.late_max_ns > SECOND / 2 - 2 * PACKET_NS);
    CHECK(pace.counters.late_max_ns < SECOND / 2 + 2 * PACKET_NS);
    CHECK(pace.due_ns == 9999 * PACKET_NS);
}

static void a_delay_beyond_the_limit_is_not_made_up(void) {
    ts_pace pace;
    int64_t shortest_ns;
    CHECK(plan_with_stall(&pace, 5 * SECOND, &shortest_ns) == 0);
    CHECK(shortest_ns == PACKET_NS);
    CHECK(pace.counters.late_anchors == 1);
    CHECK(pace.due_ns > 9999 * PACKET_NS + 5 * SECOND - 2 * PACKET_NS);
}

static void errors_fall_into_buckets_of_powers_of_two(void) {
    ts_pace pace;
    ts_pace_time time = {SECOND, SECOND, true};
    const int64_t left_ns[] = {0, 999, -999, 1000, 1999, 2000, -3999, 4000, 60 * SECOND};
    ts_pace_init(&pace, 1);
    for (size_t n = 0; n < sizeof left_ns / sizeof *left_ns; n++) {
        ts_pace_note_departure(&pace, &time, SECOND + left_ns[n]);
    }
    CHECK(pace.counters.error_us[0] == 3);
    CHECK(pace.counters.error_us[1] == 2);
    CHECK(pace.counters.error_us[2] == 2);
    CHECK(pace.counters.error_us[3] == 1);
    CHECK(pace.counters.error_us[26] == 1);
    CHECK(pace.counters.late_max_ns == 60 * SECOND);
    CHECK(pace.counters.early_max_ns == 3999);
}

int main(void) {
    a_constant_rate_gives_even_times();
    times_go_on_over_the_wrap_of_the_pcr();
    a_discontinuity_makes_neither_pause_nor_burst();
    other_programs_pcrs_do_not_disturb();
    another_pid_takes_over_after_a_second();
    a_pid_with_one_pcr_only_gives_way();
    a_damaged_pcr_costs_less_than_two_seconds();
    times_between_two_pcrs_lie_on_a_line();
    times_never_run_backwards_and_meet_the_pcrs_at_last();
    an_odd_last_interval_does_not_stretch_the_rest();
    after_a_leap_times_go_on_evenly();
    packets_without_a_rate_go_at_once();
    a_constant_bitrate_needs_no_pcr();
    a_delay_is_made_up_at_twice_the_rate_at_most();
    a_delay_beyond_the_limit_is_not_made_up();
    errors_fall_into_buckets_of_powers_of_two();
    return CHECK_RESULT;
}
