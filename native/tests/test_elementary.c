#include "elementary_bench.h"

enum { FRAME = 3600 };

static void feed_pictures(head_bench *b, const char *types, size_t piece) {
    for (size_t i = 0; types[i] != 0; i++) {
        head_pes(b, 1000 + i * FRAME);
        HEAD_PUT(b, DELIMITER);
        if (types[i] == 'I') {
            HEAD_PUT(b, SPS_FRAMES SLICE_IDR);
        } else if (types[i] == 'P') {
            HEAD_PUT(b, SLICE_P1);
        } else {
            HEAD_PUT(b, SLICE_B2);
        }
        head_fill(b, 0xA5, 300);
        head_feed(b, piece);
    }
    ts_elementary_end(&b->e);
}

static void groups_of_pictures_are_counted_from_one_idr_to_the_next(void) {
    static const size_t pieces[] = {176, 182, 40, 7, 1};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        head_bench b;
        head_begin(&b, TS_ELEMENTARY_AVC);
        /* One byte a packet: what is read of a PES packet is bounded, and then only the delimiter
         * tells. */
        const bool is_whole = pieces[i] > 1;
        feed_pictures(&b, "PBIPBBIPBI", pieces[i]);
        CHECK(b.e.frames == 10);
        CHECK(!is_whole || (b.e.idr_pictures == 3 && b.e.gop.count == 2));
        CHECK(!is_whole || (b.e.gop.shortest == 3 && b.e.gop.longest == 4));
        CHECK(!is_whole || strcmp(b.e.gop.last_structure, "IPB") == 0);
        CHECK(!is_whole || strcmp(b.e.gop.structure, "I") == 0);
        CHECK(!is_whole || b.e.pictures[TS_PICTURE_B] == 4);
        CHECK(!is_whole || (b.e.idr_interval.count == 2 && b.e.idr_interval.shortest == 3 * FRAME &&
                            b.e.idr_interval.longest == 4 * FRAME));
        CHECK(!is_whole || (b.e.format.changes == 1 && b.e.format.size == 9));
        CHECK(b.e.unaligned == 0 && b.e.losses == 0);
    }
}

static void a_packet_with_the_slice_is_the_last_that_is_wanted(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_AVC);
    head_pes(&b, 0);
    HEAD_PUT(&b, DELIMITER SPS_FRAMES SLICE_IDR);
    head_fill(&b, 0xA5, 900);
    head_feed(&b, 176);
    CHECK(b.fed == 1 && b.e.frames == 1);
}

static void a_long_sei_message_is_passed_over(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_AVC);
    head_pes(&b, 0);
    HEAD_PUT(&b, DELIMITER SPS_FRAMES "\0\0\1\x06\x05\xFF\xFF\xFF\xFF\xFF\xFF\x20");
    head_fill(&b, 0x33, 1550);
    HEAD_PUT(&b, "\x80" SLICE_IDR);
    head_fill(&b, 0xA5, 100);
    head_feed(&b, 176);
    CHECK(b.e.frames == 1 && b.e.idr_pictures == 1 && b.e.format.size == 9);
}

static void two_fields_are_one_frame(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_AVC);
    for (unsigned i = 0; i < 3; i++) {
        head_pes(&b, i * FRAME);
        HEAD_PUT(&b, DELIMITER SPS_FIELDS SLICE_TOP);
        head_fill(&b, 0xA5, 40);
        head_feed(&b, 176);
        head_pes(&b, i * FRAME + FRAME / 2);
        HEAD_PUT(&b, DELIMITER SLICE_BOTTOM);
        head_fill(&b, 0xA5, 40);
        head_feed(&b, 176);
    }
    CHECK(b.e.frames == 3 && b.e.field_pictures == 6 && b.e.gop.count == 2);
    CHECK(b.e.gop.longest == 1 && b.e.decode_interval.longest == FRAME);
}

static void a_group_with_a_loss_in_it_does_not_count(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_AVC);
    feed_pictures(&b, "IPB", 176);
    ts_elementary_lose(&b.e);
    feed_pictures(&b, "PIPI", 176);
    CHECK(b.e.gop.count == 1 && b.e.gop.last == 2 && b.e.losses == 1);
    CHECK(b.e.idr_interval.count == 1);
}

static void a_packet_that_is_missing_within_the_head_is_a_loss(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_AVC);
    uint8_t packet[TS_PACKET_SIZE];
    head_pes(&b, 0);
    HEAD_PUT(&b, DELIMITER SPS_FRAMES);
    head_make_packet(&b, packet, b.unit, b.size, true);
    CHECK(ts_elementary_feed(&b.e, packet));
    CHECK(ts_elementary_feed(&b.e, packet)); /* its duplicate changes nothing */
    CHECK(b.e.pes_packets == 1);
    b.counter++;
    head_make_packet(&b, packet, (const uint8_t *)SLICE_IDR, sizeof SLICE_IDR - 1, false);
    CHECK(!ts_elementary_feed(&b.e, packet));
    ts_elementary_end(&b.e);
    CHECK(b.e.losses == 1 && b.e.frames == 0);
}

static void scrambled_packets_are_counted_and_not_read(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_AVC);
    uint8_t packet[TS_PACKET_SIZE];
    head_pes(&b, 0);
    HEAD_PUT(&b, DELIMITER SPS_FRAMES SLICE_IDR);
    head_make_packet(&b, packet, b.unit, b.size, true);
    packet[3] |= 0x80u;
    CHECK(!ts_elementary_feed(&b.e, packet));
    head_pes(&b, 0);
    b.unit[6] |= 0x20u; /* PES_scrambling_control */
    HEAD_PUT(&b, DELIMITER SPS_FRAMES SLICE_IDR);
    head_feed(&b, 176);
    CHECK(b.e.scrambled_packets == 2 && b.e.frames == 0 && b.e.format.size == 0);
}

/* sequence_header, sequence_extension (Main@Main, 25 frames a second), a group and a picture. */
#define SEQUENCE "\0\0\1\xB3\x2D\x02\x40\x33\xFF\xFF\xE0\x18\0\0\1\xB5\x14\x8A\0\x01\0\0"
#define CLOSED_GROUP "\0\0\1\xB8\0\x08\0\x40"
#define CODING_EXTENSION(structure) "\0\0\1\xB5\x8F\xFF" structure "\x41\0"
#define CAPTIONS "GA94\3\x42\xFF\xFC\x94\x2C\xFA\x80\x80\xFF"

static void mpeg_video_is_read_as_far_as_its_first_slice(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_MPEG_VIDEO);
    for (unsigned i = 0; i < 3; i++) {
        head_pes(&b, i * FRAME);
        if (i != 1) {
            HEAD_PUT(&b, SEQUENCE CLOSED_GROUP "\0\0\1\0\0\x08\xFF\xF8");
        } else {
            HEAD_PUT(&b, "\0\0\1\0\0\x50\xFF\xF8");
        }
        HEAD_PUT(&b, CODING_EXTENSION("\xF3") "\0\0\1\xB2" CAPTIONS "\0\0\1\1\x13\xF8");
        head_fill(&b, 0xA5, 40);
        head_feed(&b, 176);
    }
    CHECK(b.e.frames == 3 && b.e.gop.count == 1 && b.e.gop.last == 2 && b.e.gop.open_count == 0);
    CHECK(strcmp(b.e.gop.last_structure, "IP") == 0);
    CHECK(b.e.format.size == 22 && b.e.format.changes == 1);
    CHECK(b.e.captions == TS_CAPTIONS_CEA_608 && b.e.caption_messages == 3);
    CHECK(b.e.interlaced == 3 && b.e.field_pictures == 0 && b.e.idr_pictures == 0);
}

static void captions_are_told_apart(void) {
    static const struct {
        const char *cc;
        unsigned captions;
    } cases[] = {
        {"\xFC\x80\x80", 0},                   /* a null pair */
        {"\xF8\x94\x2C", 0},                   /* not valid */
        {"\xFD\x94\x2C", TS_CAPTIONS_CEA_608}, /* field 2 */
        {"\xFF\x03\x22", TS_CAPTIONS_CEA_708},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        head_bench b;
        head_begin(&b, TS_ELEMENTARY_AVC);
        head_pes(&b, 0);
        HEAD_PUT(&b, DELIMITER "\0\0\1\x06\x04\x0E\xB5\0\x31GA94\3\x41\xFF");
        head_put(&b, cases[i].cc, 3);
        HEAD_PUT(&b, "\xFF\x80" SLICE_P1);
        head_fill(&b, 0xA5, 40);
        head_feed(&b, 176);
        CHECK(b.e.captions == cases[i].captions && b.e.caption_messages == 1);
    }
}

#define ADTS "\xFF\xF1\x4C\x80\x20\x1F\xFC\x21"

static void a_header_away_from_the_begin_has_to_come_twice(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_ADTS);
    for (unsigned i = 0; i < 2; i++) {
        CHECK(b.e.format.size == 0);
        head_pes(&b, i * FRAME);
        head_fill(&b, 0x11, 30 + i);
        HEAD_PUT(&b, ADTS);
        head_fill(&b, 0x22, 1000);
        head_feed(&b, 176);
    }
    CHECK(b.e.format.changes == 1 && memcmp(b.e.format.bytes, ADTS, 8) == 0);
    CHECK(b.e.audio_frames == 1 && b.e.audio_frame_bytes == 256);
}

static void a_header_at_the_begin_is_taken_at_once(void) {
    head_bench b;
    head_begin(&b, TS_ELEMENTARY_MPEG_AUDIO);
    head_pes(&b, 0);
    HEAD_PUT(&b, "\xFF\xFD\xA4\x00\x11\x22\x33\x44");
    head_fill(&b, 0x22, 300);
    head_feed(&b, 176);
    CHECK(b.fed == 1 && b.e.format.changes == 1 && b.e.audio_frames == 0);
}

int main(void) {
    groups_of_pictures_are_counted_from_one_idr_to_the_next();
    a_packet_with_the_slice_is_the_last_that_is_wanted();
    a_long_sei_message_is_passed_over();
    two_fields_are_one_frame();
    a_group_with_a_loss_in_it_does_not_count();
    a_packet_that_is_missing_within_the_head_is_a_loss();
    scrambled_packets_are_counted_and_not_read();
    mpeg_video_is_read_as_far_as_its_first_slice();
    captions_are_told_apart();
    a_header_away_from_the_begin_has_to_come_twice();
    a_header_at_the_begin_is_taken_at_once();
    return CHECK_RESULT;
}
