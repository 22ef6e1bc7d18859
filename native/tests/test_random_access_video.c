#include "random_access_bench.h"

#define SEQUENCE "\0\0\1\xB3\x2D\1\xE0\x34\xFF\xFF\xE0\x18"
#define GROUP "\0\0\1\xB8\0\x08\0\x40"
#define PICTURE(reference, type) "\0\0\1\0" reference type "\xFF\xF8"
#define SLICE "\0\0\1\1\x13\xF8"
#define I_TYPE "\x08" /* two bits of temporal_reference, picture_coding_type */
#define P_TYPE "\x10"
#define I_SECOND "\x48"

static void an_i_picture_is_a_point_from_its_sequence_header_on(void) {
    scan_bench b;
    begin(&b, MPEG2);
    begin_pes(&b, 3600);
    PUT(&b, SEQUENCE GROUP PICTURE("\0", I_TYPE) SLICE);
    put_filler(&b, 400);
    const size_t first = add_pes(&b, 176);
    begin_pes(&b, 7200);
    PUT(&b, PICTURE("\1", P_TYPE) SLICE);
    add_pes(&b, 176);
    begin_pes(&b, UINT64_C(0x1FFFFFFFF));
    PUT(&b, PICTURE("\2", I_TYPE) SLICE);
    const size_t second = add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2);
    CHECK(is_point(&b, 0, TS_RANDOM_ACCESS_I_PICTURE, first, 3600));
    CHECK(is_point(&b, 1, TS_RANDOM_ACCESS_I_PICTURE, second, UINT64_C(0x1FFFFFFFF)));
    CHECK(b.points[0].has_sequence_header && !b.points[1].has_sequence_header);
    /* A packet a millisecond: the first PCR stands in packet 2. */
    CHECK(b.points[0].has_time && b.points[0].stream_time == 2 * 27000);
    CHECK(b.points[0].presentation_time == 3600 * 300);
    end(&b);
}

/* 2.4.3.7: the PTS is of the picture whose start code is the first in the PES packet. */
static void pictures_in_one_pes_packet_share_no_pts(void) {
    scan_bench b;
    begin(&b, MPEG2);
    begin_pes(&b, 100);
    PUT(&b, PICTURE("\0", I_TYPE) SLICE PICTURE("\1", P_TYPE) SLICE PICTURE("\2", I_TYPE) SLICE);
    put_filler(&b, 300);
    PUT(&b, SEQUENCE); /* its picture is in the next PES packet */
    const size_t first = add_pes(&b, 176);
    const size_t last = b.s->count - 1;
    begin_pes(&b, 200);
    PUT(&b, PICTURE("\3", I_TYPE) SLICE PICTURE("\4", I_TYPE) SLICE);
    const size_t next = add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 1);
    CHECK(b.count == 4);
    CHECK(is_point(&b, 0, TS_RANDOM_ACCESS_I_PICTURE, first, 100));
    CHECK(is_point(&b, 1, TS_RANDOM_ACCESS_I_PICTURE, first, NO_PTS));
    CHECK(is_point(&b, 2, TS_RANDOM_ACCESS_I_PICTURE, last, 200));
    CHECK(is_point(&b, 3, TS_RANDOM_ACCESS_I_PICTURE, next, NO_PTS));
    end(&b);
}

static void the_second_field_of_a_frame_is_no_point_of_its_own(void) {
    scan_bench b;
    begin(&b, MPEG2);
    begin_pes(&b, 100);
    PUT(&b, SEQUENCE PICTURE("\0", I_SECOND) SLICE PICTURE("\0", I_SECOND) SLICE);
    add_pes(&b, 176);
    begin_pes(&b, 200);
    PUT(&b, PICTURE("\0", I_SECOND) SLICE PICTURE("\0", I_SECOND) SLICE);
    add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2);
    CHECK(b.points[0].pts_90khz == 100 && b.points[1].pts_90khz == 200);
    end(&b);
}

static void an_idr_picture_is_one_point_whatever_its_slices(void) {
    scan_bench b;
    begin(&b, AVC);
    b.indicated = true;
    begin_pes(&b, 9000);
    PUT(&b, AVC_AUD AVC_SPS AVC_PPS AVC_IDR);
    put_filler(&b, 300);
    PUT(&b, AVC_IDR_LATER);
    put_filler(&b, 300);
    PUT(&b, AVC_IDR_LATER);
    const size_t first = add_pes(&b, 170);
    b.indicated = false;
    begin_pes(&b, 12600);
    PUT(&b, AVC_AUD AVC_P);
    add_pes(&b, 170);
    begin_pes(&b, 16200);
    PUT(&b, AVC_IDR); /* neither delimiter nor parameter sets */
    const size_t second = add_pes(&b, 170);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2);
    CHECK(is_point(&b, 0, TS_RANDOM_ACCESS_IDR, first, 9000));
    CHECK(is_point(&b, 1, TS_RANDOM_ACCESS_IDR, second, 16200));
    CHECK(b.points[0].has_sequence_header && b.points[0].random_access_indicator);
    CHECK(!b.points[1].has_sequence_header && !b.points[1].random_access_indicator);
    end(&b);
}

static void several_access_units_in_one_pes_packet_are_told_apart(void) {
    scan_bench b;
    begin(&b, AVC);
    begin_pes(&b, 100);
    PUT(&b, AVC_AUD AVC_P);
    put_filler(&b, 500);
    PUT(&b, AVC_AUD AVC_SPS AVC_PPS AVC_IDR);
    put_filler(&b, 200);
    PUT(&b, AVC_IDR); /* first_mb_in_slice 0: another picture */
    add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 2 && !b.points[0].has_pts && !b.points[1].has_pts);
    CHECK(b.points[0].has_sequence_header && !b.points[1].has_sequence_header);
    CHECK(b.points[0].packet_index < b.points[1].packet_index);
    end(&b);
}

/* A buffering_period of two bytes, and a recovery_point with this first byte. */
#define AVC_SEI(recovery) "\0\0\1\x06\0\2\x80\x40\6\1" recovery "\x80"

static void a_recovery_point_is_told_if_it_is_one_at_once(void) {
    scan_bench b;
    begin(&b, AVC);
    begin_pes(&b, 100);
    PUT(&b, AVC_AUD AVC_SPS AVC_SEI("\xC4") AVC_P);
    const size_t first = add_pes(&b, 1);
    begin_pes(&b, 200);
    PUT(&b, AVC_AUD AVC_SEI("\x44") AVC_P); /* recovery_frame_cnt 1 */
    add_pes(&b, 176);
    begin_pes(&b, 300);
    PUT(&b, AVC_AUD "\0\0\1\x06\5\4\0\0\3\0\6\6\1\xC4\x80" AVC_P);
    const size_t third = add_pes(&b, 176);
    begin_pes(&b, 400);
    PUT(&b, AVC_AUD AVC_SEI("\xC4") AVC_IDR AVC_AUD "\0\0\1\x06\xFF\6\1\xC4\x80" AVC_P);
    const size_t fourth = add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 3);
    CHECK(is_point(&b, 0, TS_RANDOM_ACCESS_RECOVERY_POINT, first + 15, 100));
    CHECK(is_point(&b, 1, TS_RANDOM_ACCESS_RECOVERY_POINT, third, 300));
    CHECK(is_point(&b, 2, TS_RANDOM_ACCESS_IDR, fourth, 400));
    end(&b);
}

#define HEVC_AUD "\0\0\0\1\x46\1\x10"
#define HEVC_SPS "\0\0\1\x42\1\1"

static void each_hevc_irap_is_told_by_its_kind(void) {
    for (unsigned type = 0; type < 32; type++) {
        scan_bench b;
        begin(&b, HEVC);
        begin_pes(&b, 100);
        PUT(&b, HEVC_AUD HEVC_SPS "\0\0\1");
        const char slice[] = {(char)(type << 1), 1, (char)0xAF, 0x40};
        put(&b, slice, sizeof slice);
        PUT(&b, "\0\0\1");
        const char later[] = {(char)(type << 1), 1, 0x2F, 0x40};
        put(&b, later, sizeof later);
        const size_t first = add_pes(&b, 176);
        scan(&b, SIZE_MAX / 2, 0);
        const bool is_irap = type >= 16 && type <= 21;
        CHECK(b.count == is_irap);
        CHECK(!is_irap ||
              is_point(&b, 0, (ts_random_access_kind)(type - 16 + TS_RANDOM_ACCESS_BLA_W_LP), first,
                       100));
        CHECK(!is_irap || b.points[0].has_sequence_header);
        end(&b);
    }
}

static void other_layers_of_hevc_are_no_points(void) {
    scan_bench b;
    begin(&b, HEVC);
    begin_pes(&b, 100);
    PUT(&b, HEVC_AUD "\0\0\1\x26\x09\xAF");
    add_pes(&b, 176);
    scan(&b, SIZE_MAX / 2, 0);
    CHECK(b.count == 0);
    end(&b);
}

int main(void) {
    an_i_picture_is_a_point_from_its_sequence_header_on();
    pictures_in_one_pes_packet_share_no_pts();
    the_second_field_of_a_frame_is_no_point_of_its_own();
    an_idr_picture_is_one_point_whatever_its_slices();
    several_access_units_in_one_pes_packet_are_told_apart();
    a_recovery_point_is_told_if_it_is_one_at_once();
    each_hevc_irap_is_told_by_its_kind();
    other_layers_of_hevc_are_no_points();
    return CHECK_RESULT;
}
