#include "tsloom/random_access.h"

#include "stream_bench.h"

#include "check.h"

enum { PMT = 0x30, OTHER_PMT = 0x31, VIDEO = 0x100, AUDIO = 0x101, MPEG2 = 0x02, AVC = 0x1B };
enum { HEVC = 0x24, UNIT_MAX = 2000 };

static const uint64_t NO_PTS = UINT64_MAX;

typedef struct scan_bench {
    stream *s;
    uint8_t unit[UNIT_MAX]; /* the PES packet that is being made */
    size_t size;
    bool indicated;
    uint8_t scrambling;
    ts_random_access_point points[64];
    size_t count;
} scan_bench;

static void add_psi(scan_bench *b, uint8_t version, uint16_t type) {
    const pid_pair programs[] = {{1, PMT}};
    const pid_pair streams[] = {{type, VIDEO}, {0x0F, AUDIO}};
    const section_bytes pat = make_pat(version, programs, 1);
    const section_bytes pmt = make_pmt(1, version, AUDIO, 0, streams, 2);
    stream_add_table(b->s, TS_PID_PAT, &pat);
    stream_add_table(b->s, PMT, &pmt);
}

static void begin(scan_bench *b, uint16_t type) {
    memset(b, 0, sizeof *b);
    b->s = stream_begin();
    add_psi(b, 0, type);
    stream_add_pcr(b->s, AUDIO, 0);
    stream_add_pcr(b->s, AUDIO, 27000);
}

static void put(scan_bench *b, const char *bytes, size_t size) {
    memcpy(b->unit + b->size, bytes, size);
    b->size += size;
}

#define PUT(b, bytes) put(b, bytes, sizeof(bytes) - 1)

static void put_filler(scan_bench *b, size_t size) {
    memset(b->unit + b->size, 0xA5, size);
    b->size += size;
}

static void begin_pes(scan_bench *b, uint64_t pts) {
    b->size = 0;
    if (pts == NO_PTS) {
        PUT(b, "\0\0\1\xE0\0\0\x80\0\0");
        return;
    }
    PUT(b, "\0\0\1\xE0\0\0\x80\x80\5");
    uint8_t *field = b->unit + b->size;
    field[0] = (uint8_t)(0x21u | (pts >> 29 & 0x0Eu));
    ts_store_be16(field + 1, (uint16_t)(pts >> 14 | 1u));
    ts_store_be16(field + 3, (uint16_t)(pts << 1 | 1u));
    b->size += PES_TIMESTAMP_SIZE;
}

/* One packet with so much of the PES packet as is wanted, at most 176 bytes; returns its index. */
static size_t add_piece(scan_bench *b, const uint8_t *bytes, size_t size, bool starts) {
    uint8_t *packet = stream_add_adaptation(b->s, VIDEO, (uint8_t)(183 - size));
    packet[1] |= starts ? 0x40u : 0u;
    packet[3] |= b->scrambling;
    if (183 - size > 0) {
        packet[5] = starts && b->indicated ? 0x40u : 0u;
    }
    memcpy(packet + TS_PACKET_SIZE - size, bytes, size);
    return b->s->count - 1;
}

/* The PES packet in packets of so many bytes; returns the first one's index. */
static size_t add_pes(scan_bench *b, size_t piece) {
    const size_t first = b->s->count;
    for (size_t at = 0; at < b->size; at += piece) {
        const size_t size = b->size - at < piece ? b->size - at : piece;
        add_piece(b, b->unit + at, size, at == 0);
    }
    return first;
}

typedef struct taking {
    ts_random_access *stage;
    scan_bench *b;
} taking;

static void take_points(taking *t) {
    for (size_t i = 0; i < t->stage->point_count && t->b->count < 64; i++) {
        t->b->points[t->b->count++] = t->stage->points[i];
    }
    ts_random_access_clear_points(t->stage);
}

static void scan(scan_bench *b, size_t cut, uint16_t program_number) {
    ts_random_access *stage = must(malloc(sizeof *stage));
    taking t = {stage, b};
    b->count = 0;
    CHECK(ts_random_access_init(stage, program_number) == TS_OK);
    for (size_t at = 0; at < b->s->count; at += cut) {
        ts_batch batch;
        ts_batch_init(&batch);
        load_batch(&batch, b->s, at, b->s->count - at < cut ? b->s->count - at : cut);
        CHECK(ts_random_access_process(stage, &batch) == TS_OK);
        take_points(&t);
        ts_batch_free(&batch);
    }
    ts_random_access_free(stage);
    free(stage);
}

static bool is_point(const scan_bench *b, size_t index, ts_random_access_kind kind,
                     size_t packet_index, uint64_t pts) {
    const ts_random_access_point *point = &b->points[index];
    return index < b->count && point->kind == kind && point->packet_index == packet_index &&
           point->program_number == 1 && point->pid == VIDEO && point->has_pts == (pts != NO_PTS) &&
           (pts == NO_PTS || point->pts_90khz == pts);
}

static void end(scan_bench *b) {
    stream_end(b->s);
}

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

#define AVC_AUD "\0\0\0\1\x09\x10"
#define AVC_SPS "\0\0\0\1\x67\x64\0\x1F"
#define AVC_PPS "\0\0\1\x68\xEE"
#define AVC_IDR "\0\0\1\x65\x88\x84"
#define AVC_IDR_LATER "\0\0\1\x65\x11\x22" /* first_mb_in_slice is not 0 */
#define AVC_P "\0\0\1\x41\x9A\x02"

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
    an_i_picture_is_a_point_from_its_sequence_header_on();
    pictures_in_one_pes_packet_share_no_pts();
    the_second_field_of_a_frame_is_no_point_of_its_own();
    an_idr_picture_is_one_point_whatever_its_slices();
    several_access_units_in_one_pes_packet_are_told_apart();
    a_recovery_point_is_told_if_it_is_one_at_once();
    each_hevc_irap_is_told_by_its_kind();
    other_layers_of_hevc_are_no_points();
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
