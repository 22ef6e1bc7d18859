#include "random_access_bench.h"

/* Every way to cut the same bytes into packets gives the same point. */
static void start_codes_may_lie_across_packets(void) {
    for (size_t piece = 1; piece <= 176; piece++) {
        scan_bench b;
        begin(&b, AVC);
        begin_pes(&b, 9000);
        put_filler(&b, 3);
        PUT(&b, AVC_AUD AVC_SPS AVC_PPS AVC_IDR);
        add_pes(&b, piece);
        scan(&b, 7, 0);
        /* The delimiter's start code: 14 bytes of header, 3 of the access unit before, a zero. */
        CHECK(b.count == 1 && is_point(&b, 0, TS_RANDOM_ACCESS_IDR, 4 + 18 / piece, 9000));
        end(&b);
    }
}

/* 2.4.3.7: an access unit commences where its first byte is, be its start code cut in two. */
static void a_start_code_across_pes_packets_belongs_to_the_first(void) {
    scan_bench b;
    begin(&b, AVC);
    begin_pes(&b, 100);
    put_filler(&b, 20);
    PUT(&b, "\0\0");
    const size_t first = add_pes(&b, 176);
    begin_pes(&b, 200);
    PUT(&b, "\1\x09\x10" AVC_SPS AVC_IDR AVC_AUD AVC_IDR);
    const size_t second = add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2);
    CHECK(is_point(&b, 0, TS_RANDOM_ACCESS_IDR, first, 100));
    CHECK(is_point(&b, 1, TS_RANDOM_ACCESS_IDR, second, 200));
    end(&b);
}

static void a_packet_sent_twice_is_read_once(void) {
    scan_bench b;
    begin(&b, AVC);
    begin_pes(&b, 100);
    PUT(&b, AVC_AUD "\0");
    const size_t first = add_pes(&b, 176);
    stream_repeat(b.s);
    b.size = 0;
    PUT(&b, "\0\1\x65\x88");
    add_piece(&b, b.unit, b.size, false);
    stream_repeat(b.s);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 1 && is_point(&b, 0, TS_RANDOM_ACCESS_IDR, first, 100));
    end(&b);
}

static void a_loss_costs_its_access_unit_and_no_other(void) {
    scan_bench b;
    begin(&b, AVC);
    begin_pes(&b, 100);
    PUT(&b, AVC_AUD AVC_SPS);
    put_filler(&b, 300);
    PUT(&b, AVC_IDR AVC_AUD AVC_IDR);
    add_pes(&b, 176);
    b.s->count--; /* the last packet, with both slices, is lost */
    begin_pes(&b, 200);
    PUT(&b, AVC_IDR);
    add_pes(&b, 176);
    b.s->counter[VIDEO]++; /* one that was not begun by a PES packet */
    b.size = 0;
    PUT(&b, AVC_IDR AVC_AUD AVC_IDR);
    add_piece(&b, b.unit, b.size, false);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2 && b.points[0].pts_90khz == 200 && !b.points[1].has_pts);
    end(&b);
}

static void scrambled_packets_tell_by_their_indicator_alone(void) {
    scan_bench b;
    begin(&b, AVC);
    b.scrambling = 0x80;
    b.indicated = true;
    begin_pes(&b, 100);
    PUT(&b, AVC_AUD AVC_IDR);
    const size_t first = add_pes(&b, 176);
    b.indicated = false;
    add_pes(&b, 176);
    b.scrambling = 0;
    b.indicated = true;
    begin_pes(&b, 300);
    b.unit[6] |= 0x10; /* PES_scrambling_control: the header is in the clear */
    PUT(&b, AVC_AUD AVC_IDR);
    const size_t second = add_pes(&b, 176);
    begin_pes(&b, 400); /* the first packet in the clear, the others not */
    PUT(&b, AVC_AUD AVC_SPS);
    const size_t third = add_pes(&b, 176);
    b.scrambling = 0xC0;
    add_piece(&b, b.unit, 100, false);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 3);
    CHECK(is_point(&b, 0, TS_RANDOM_ACCESS_INDICATOR, first, NO_PTS));
    CHECK(is_point(&b, 1, TS_RANDOM_ACCESS_INDICATOR, second, 300));
    CHECK(is_point(&b, 2, TS_RANDOM_ACCESS_INDICATOR, third, 400));
    end(&b);
}

static void add_idr(scan_bench *b, uint64_t pts) {
    begin_pes(b, pts);
    PUT(b, AVC_AUD AVC_IDR);
    add_pes(b, 176);
}

static void the_pmt_says_what_is_video(void) {
    scan_bench b;
    begin(&b, 0x06);
    add_idr(&b, 100);
    add_psi(&b, 1, AVC);
    add_idr(&b, 200);
    add_psi(&b, 2, HEVC);
    add_idr(&b, 300);
    add_psi(&b, 3, AVC);
    add_idr(&b, 400);
    add_psi(&b, 4, 0x0F);
    add_idr(&b, 500);
    scan(&b, SIZE_MAX / 2, 1);
    CHECK(b.count == 2 && b.points[0].pts_90khz == 200 && b.points[1].pts_90khz == 400);
    scan(&b, SIZE_MAX / 2, 2);
    CHECK(b.count == 0);
    end(&b);
}

static void video_of_two_programs_stays_while_one_has_it(void) {
    scan_bench b;
    begin(&b, AVC);
    const pid_pair both[] = {{1, PMT}, {2, OTHER_PMT}};
    const pid_pair second[] = {{2, OTHER_PMT}};
    const pid_pair streams[] = {{AVC, VIDEO}};
    const section_bytes pat = make_pat(1, both, 2);
    const section_bytes pmt = make_pmt(2, 0, AUDIO, 0, streams, 1);
    const section_bytes later = make_pat(2, second, 1);
    stream_add_table(b.s, TS_PID_PAT, &pat);
    stream_add_table(b.s, OTHER_PMT, &pmt);
    add_idr(&b, 100);
    stream_add_table(b.s, TS_PID_PAT, &later);
    add_idr(&b, 200);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2 && b.points[0].program_number == 1 && b.points[1].program_number == 2);
    end(&b);
}

static void without_a_pcr_there_is_no_time(void) {
    scan_bench b;
    begin(&b, AVC);
    b.s->count -= 2;
    add_idr(&b, 100);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 1 && !b.points[0].has_time && b.points[0].has_pts);
    end(&b);
}

int main(void) {
    start_codes_may_lie_across_packets();
    a_start_code_across_pes_packets_belongs_to_the_first();
    a_packet_sent_twice_is_read_once();
    a_loss_costs_its_access_unit_and_no_other();
    scrambled_packets_tell_by_their_indicator_alone();
    the_pmt_says_what_is_video();
    video_of_two_programs_stays_while_one_has_it();
    without_a_pcr_there_is_no_time();
    return CHECK_RESULT;
}
