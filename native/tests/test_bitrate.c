#include "tsloom/bitrate.h"

#include "stream_bench.h"

#include "check.h"
#include "tsloom/packet.h"

enum { PID = 0x100, RARE = 0x200, LATE = 0x300 };

static ts_continuity continuity;
static ts_bitrates bitrates;
static uint64_t packets;

static void begin(int64_t window) {
    CHECK(ts_continuity_init(&continuity) == TS_OK);
    CHECK(ts_bitrates_init(&bitrates, window) == TS_OK);
    packets = 0;
}

static void end(void) {
    ts_continuity_free(&continuity);
    ts_bitrates_free(&bitrates);
}

/* Packets of a PID pass, as continuity counts them. */
static void pass(uint16_t pid, size_t count) {
    stream *s = stream_begin();
    ts_marked marked[16];
    stream_add_many(s, pid, 1);
    ts_batch batch;
    ts_batch_init(&batch);
    for (size_t i = 0; i < count; i++) {
        load_batch(&batch, s, 0, 1);
        batch.header[0] = (batch.header[0] & ~15u) | (continuity.pid[pid].packets & 15u);
        (void)ts_continuity_check_some(&continuity, &batch, 0, 1, marked);
    }
    ts_continuity_leave(&continuity, &batch);
    ts_batch_free(&batch);
    stream_end(s);
    packets += count;
}

static void see(int64_t time) {
    ts_bitrates_see(&bitrates, time, packets, &continuity, NULL, 0);
}

static double bps(uint64_t count, int64_t ticks) {
    return (double)count * 188 * 8 * (double)TS_PCR_HZ / (double)ticks;
}

static void a_window_is_the_first_pcr_that_is_far_enough(void) {
    begin(1000);
    see(50);
    pass(PID, 10);
    see(1049);
    CHECK(bitrates.total.windows == 0);
    pass(PID, 5);
    see(1250);
    CHECK(bitrates.total.windows == 1 && bitrates.total.last_bps == bps(15, 1200));
    pass(PID, 3);
    see(2250);
    CHECK(bitrates.total.most_bps == bps(15, 1200) && bitrates.total.least_bps == bps(3, 1000));
    CHECK(bitrates.point_count == 2 && bitrates.points[1].from == 1250);
    CHECK(bitrates.points[0].packets[0] == 15 && bitrates.points[1].packets[0] == 3);
    end();
}

static void each_pid_has_its_own_and_one_that_pauses_had_none(void) {
    begin(1000);
    see(0);
    pass(PID, 8);
    pass(RARE, 2);
    see(1000);
    pass(PID, 8);
    see(2000);
    pass(LATE, 4);
    see(3000);
    CHECK(bitrates.pid[RARE].windows == 3 && bitrates.pid[RARE].least_bps == 0);
    CHECK(bitrates.pid[RARE].most_bps == bps(2, 1000));
    CHECK(bitrates.pid[PID].last_bps == 0 && bitrates.pid[LATE].windows == 1);
    CHECK(bitrates.pid[LATE].last_bps == bps(4, 1000));
    end();
}

/* Packets behind the PCR were counted already: they belong to the next window. */
static void packets_ahead_count_in_the_next_window(void) {
    begin(1000);
    see(0);
    pass(PID, 10);
    const uint32_t ahead[] = {ts_header_set_pid(0, PID), ts_header_set_pid(0, PID)};
    ts_bitrates_see(&bitrates, 1000, packets - 2, &continuity, ahead, 2);
    CHECK(bitrates.pid[PID].last_bps == bps(8, 1000));
    pass(PID, 1);
    see(2000);
    CHECK(bitrates.pid[PID].last_bps == bps(3, 1000) && bitrates.total.last_bps == bps(3, 1000));
    end();
}

static void a_series_of_any_length_loses_no_packet(void) {
    begin(1000);
    see(0);
    for (int64_t i = 1; i <= 5 * TS_BITRATE_POINTS; i++) {
        pass(PID, 1);
        see(i * 1000);
    }
    uint64_t counted = 0;
    int64_t at = 0;
    for (size_t i = 0; i < bitrates.point_count; i++) {
        CHECK(bitrates.points[i].from == at);
        at = bitrates.points[i].to;
        counted += bitrates.points[i].packets[0];
    }
    CHECK(bitrates.point_count <= TS_BITRATE_POINTS && counted == packets);
    CHECK(at == INT64_C(5000) * TS_BITRATE_POINTS);
    end();
}

static void more_pids_than_slots_share_the_last(void) {
    begin(1000);
    see(0);
    for (uint16_t i = 0; i < 100; i++) {
        pass((uint16_t)(0x400 + i), 1);
    }
    see(1000);
    CHECK(bitrates.points[0].packets[0] == 1);
    CHECK(bitrates.points[0].packets[TS_BITRATE_SLOTS - 1] == 100 - (TS_BITRATE_SLOTS - 1));
    end();
}

static void a_break_leaves_no_window(void) {
    begin(1000);
    see(0);
    pass(PID, 10);
    ts_bitrates_break(&bitrates);
    see(5000);
    CHECK(bitrates.total.windows == 0);
    pass(PID, 4);
    see(6000);
    CHECK(bitrates.total.last_bps == bps(4, 1000));
    end();
}

int main(void) {
    a_window_is_the_first_pcr_that_is_far_enough();
    each_pid_has_its_own_and_one_that_pauses_had_none();
    packets_ahead_count_in_the_next_window();
    a_series_of_any_length_loses_no_packet();
    more_pids_than_slots_share_the_last();
    a_break_leaves_no_window();
    return CHECK_RESULT;
}
