#include "tsloom/tstd.h"

#include "check.h"
#include "tsloom/packet.h"

enum { EVENTS = 64 };

typedef struct log {
    size_t count;
    ts_tstd_event events[EVENTS];
} log;

static void note(void *context, const ts_tstd_event *event) {
    log *events = context;
    if (events->count < EVENTS) {
        events->events[events->count++] = *event;
    }
}

static ts_tstd make(ts_tstd_codec codec, log *events) {
    const ts_tstd_stream stream = {.codec = codec, .profile = 4, .level = 8};
    const ts_tstd_params params = ts_tstd_get_params(&stream);
    ts_tstd tstd;
    events->count = 0;
    CHECK(ts_tstd_init(&tstd, &params, note, events) == TS_OK);
    return tstd;
}

static void feed(ts_tstd *tstd, uint64_t index, int64_t time, int64_t duration, uint8_t header,
                 const ts_tstd_unit_start *unit) {
    const uint8_t data = (uint8_t)(184 - header);
    const ts_tstd_packet packet = {index, time, duration, header, data, unit, unit != NULL};
    ts_tstd_feed(tstd, &packet);
}

/* TBsys of 512 bytes gives way at 1 Mbit/s, 1 byte in 216 ticks. */
static void three_system_packets_at_once_do_not_fit(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_SECTIONS, &events);
    feed(&tstd, 7, 0, 0, 0, NULL);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_TB) == 188);
    feed(&tstd, 8, 0, 0, 0, NULL);
    CHECK(events.count == 0);
    feed(&tstd, 9, 0, 0, 0, NULL);
    CHECK(events.count == 1 && events.events[0].kind == TS_TSTD_OVERFLOW);
    CHECK(events.events[0].packet_index == 9 && events.events[0].amount == 564);
    CHECK(events.events[0].limit == 512 && events.events[0].buffer == TS_TSTD_TB);
    feed(&tstd, 10, 0, 0, 0, NULL); /* the same run */
    CHECK(tstd.figures.overflows[TS_TSTD_TB] == 1);
    CHECK(tstd.figures.overflow_packets[TS_TSTD_TB] == 2);
}

static void spaced_to_the_tick_they_fit(void) {
    log events;
    const int64_t step = (3 * 188 - 512) * 216 / 2;
    for (int64_t short_of = 0; short_of < 2; short_of++) {
        ts_tstd tstd = make(TS_TSTD_SECTIONS, &events);
        for (int64_t i = 0; i < 3; i++) {
            feed(&tstd, (uint64_t)i, i == 2 ? 2 * step - short_of : i * step, 0, 0, NULL);
        }
        CHECK(ts_tstd_get_figures(&tstd).max_fill[TS_TSTD_TB] == 512 + short_of);
        CHECK(events.count == (size_t)short_of);
    }
}

/* Rbx of 80 kbit/s against 184 bytes of sections a packet: B gains 169 bytes a packet, and the
 * tenth is too much for its 1536. */
static void systems_fill_b(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_SECTIONS, &events);
    for (uint64_t i = 0; i < 12 && events.count == 0; i++) {
        feed(&tstd, i, (int64_t)i * 188 * 216, 0, 0, NULL);
    }
    CHECK(events.count == 1 && events.events[0].buffer == TS_TSTD_B);
    CHECK(events.events[0].limit == 1536);
    CHECK(events.events[0].packet_index == 9);
}

static void a_unit_leaves_at_its_time(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_MPEG_AUDIO, &events);
    const ts_tstd_unit_start first = {0, 2700000};
    const ts_tstd_unit_start second = {0, 5400000};
    feed(&tstd, 0, 0, 1000, 14, &first);
    feed(&tstd, 1, 100000, 1000, 14, &second);
    ts_tstd_advance(&tstd, 2699999);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_B) == 368);
    ts_tstd_advance(&tstd, 2700000);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_B) == 184);
    ts_tstd_advance(&tstd, 5400000);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_B) == 0);
    CHECK(tstd.figures.units == 2 && tstd.figures.underflows == 0);
    CHECK(tstd.figures.max_delay == 5300000 && events.count == 0);
}

static void what_comes_after_its_time_is_late_and_gone(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_MPEG_AUDIO, &events);
    const ts_tstd_unit_start unit = {0, 100000};
    feed(&tstd, 3, 0, 0, 14, &unit);
    feed(&tstd, 4, 200000, 0, 0, NULL);
    feed(&tstd, 5, 300000, 0, 0, NULL);
    ts_tstd_advance(&tstd, 600000);
    CHECK(tstd.figures.underflows == 1 && events.count == 1);
    CHECK(events.events[0].kind == TS_TSTD_UNDERFLOW && events.events[0].packet_index == 4);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_B) == 0);
}

static void a_long_wait_is_a_delay(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_MPEG2_VIDEO, &events);
    const ts_tstd_unit_start due = {0, TS_PCR_HZ + 500};
    const ts_tstd_unit_start late = {0, 2 * TS_PCR_HZ + 1};
    feed(&tstd, 1, 500, 1000, 14, &due);
    CHECK(events.count == 0);
    feed(&tstd, 2, TS_PCR_HZ, 1000, 14, &late);
    CHECK(events.count == 1 && events.events[0].kind == TS_TSTD_DELAY);
    CHECK(events.events[0].packet_index == 2 && events.events[0].amount == TS_PCR_HZ + 1);
    CHECK(tstd.figures.delays == 1 && tstd.figures.max_delay == TS_PCR_HZ + 1);
}

/* 1 Mbit/s is 664.9 packets a second: with as many TB is never empty. */
static void a_tb_that_is_never_empty_is_told_once_a_second(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_SECTIONS, &events);
    tstd.params.rbx_bps = tstd.params.rx_bps;
    const int64_t step = 188 * 216;
    feed(&tstd, 0, 0, 0, 0, NULL);
    for (int64_t i = 1; i < 2000; i++) {
        feed(&tstd, (uint64_t)i, i * step - 1, 0, 0, NULL);
    }
    CHECK(tstd.figures.not_empty[TS_TSTD_TB] == 3 && events.count == 3);
    CHECK(events.events[0].kind == TS_TSTD_NOT_EMPTY && events.events[0].buffer == TS_TSTD_TB);
}

static void a_pes_header_leaves_mb_with_the_byte_behind_it(void) {
    log events;
    ts_tstd tstd = make(TS_TSTD_MPEG2_VIDEO, &events);
    const ts_tstd_unit_start unit = {0, TS_PCR_HZ};
    feed(&tstd, 0, 0, 0, 19, &unit);
    ts_tstd_advance(&tstd, 1000000);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_MB) == 0);
    CHECK(ts_tstd_get_fill(&tstd, TS_TSTD_EB) == 165);
    CHECK(tstd.header_count == 0 && tstd.header_fill == 0);
}

static void parameters_come_from_the_clauses(void) {
    const ts_tstd_stream sd = {
        .codec = TS_TSTD_MPEG2_VIDEO, .profile = 4, .level = 8, .buffer_bits = 1835008};
    ts_tstd_params params = ts_tstd_get_params(&sd);
    CHECK(params.rx_bps == 18000000 && params.rbx_bps == 15000000 && params.assumed == 0);
    CHECK(params.size[TS_TSTD_EB] == 229376);
    CHECK(params.size[TS_TSTD_MB] == 60000 / 8 + 20000 / 8);
    const ts_tstd_stream hd = {.codec = TS_TSTD_AVC, .profile = 77, .level = 40};
    params = ts_tstd_get_params(&hd);
    CHECK(params.rx_bps == 24000000 && params.size[TS_TSTD_EB] == 3750000);
    CHECK(params.assumed == TS_TSTD_ASSUMED_BUFFER);
    const ts_tstd_stream surround = {.codec = TS_TSTD_AAC, .channels = 6};
    params = ts_tstd_get_params(&surround);
    CHECK(params.rx_bps == 5529600 && params.size[TS_TSTD_B] == 8976 && params.assumed == 0);
    const ts_tstd_stream fast = {.codec = TS_TSTD_SECTIONS, .bitrate_bps = 100000000};
    CHECK(ts_tstd_get_params(&fast).rbx_bps == 200000);
    const ts_tstd_stream still = {.codec = TS_TSTD_HEVC, .still = true};
    params = ts_tstd_get_params(&still);
    CHECK(params.delay_limit == 60 * TS_PCR_HZ);
    CHECK(params.assumed == (TS_TSTD_ASSUMED_LEVEL | TS_TSTD_ASSUMED_BUFFER));
    params.rx_bps = 0;
    ts_tstd tstd;
    CHECK(ts_tstd_init(&tstd, &params, NULL, NULL) == TS_BAD_ARGUMENT);
}

int main(void) {
    three_system_packets_at_once_do_not_fit();
    spaced_to_the_tick_they_fit();
    systems_fill_b();
    a_unit_leaves_at_its_time();
    what_comes_after_its_time_is_late_and_gone();
    a_long_wait_is_a_delay();
    a_tb_that_is_never_empty_is_told_once_a_second();
    a_pes_header_leaves_mb_with_the_byte_behind_it();
    parameters_come_from_the_clauses();
    return CHECK_RESULT;
}
