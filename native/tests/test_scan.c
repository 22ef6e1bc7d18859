#include "stream_bench.h"

#include "check.h"

enum { COUNT = 300 };

/* Packets of every kind of header and adaptation field, with a sync byte. */
static stream *make_packets(void) {
    stream *s = stream_begin();
    uint32_t state = 1;
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t packet[TS_PACKET_SIZE];
        for (size_t at = 0; at < sizeof packet; at++) {
            state = state * 1664525u + 1013904223u;
            packet[at] = (uint8_t)(state >> 24);
        }
        packet[0] = TS_SYNC_BYTE;
        packet[4] = (uint8_t)(i % 4 == 0 ? packet[4] : packet[4] % 20);
        stream_append(s, packet, 1);
    }
    return s;
}

static void columns_say_what_the_headers_say(void) {
    stream *s = make_packets();
    for (size_t count = 0; count <= COUNT; count += 13) {
        uint32_t *header = must(malloc((count + 1) * sizeof *header));
        uint16_t *pid = must(malloc((count + 1) * sizeof *pid));
        uint8_t *field = must(malloc(count + 1));
        CHECK(ts_scan_headers(s->packets, count, header) == count);
        ts_scan_pids(header, count, pid);
        ts_scan_field(header, count, 6, 3, field);
        for (size_t i = 0; i < count; i++) {
            const uint8_t *packet = stream_at(s, i);
            CHECK(pid[i] == ((packet[1] & 0x1F) << 8 | packet[2]));
            CHECK(field[i] == packet[3] >> 6);
            CHECK(ts_header_get_cc(header[i]) == (packet[3] & 15));
        }
        free(header);
        free(pid);
        free(field);
    }
    stream_end(s);
}

static void the_first_wrong_sync_byte_is_named(void) {
    stream *s = make_packets();
    uint32_t header[COUNT];
    for (size_t bad = 0; bad < COUNT; bad++) {
        stream_at(s, bad)[0] = 0x48;
        stream_at(s, COUNT - 1)[0] = 0;
        CHECK(ts_scan_headers(s->packets, COUNT, header) == bad);
        CHECK(ts_scan_headers(s->packets, bad, header) == bad);
        stream_at(s, bad)[0] = TS_SYNC_BYTE;
    }
    stream_end(s);
}

/* Where the adaptation field has the clock: 0 if it has none (2.4.3.4). */
static size_t find_clock(const uint8_t *packet, unsigned flag) {
    const bool has_field = (packet[3] & 0x20) != 0;
    size_t at = 6;
    if (!has_field || packet[4] == 0 || packet[4] > 183 || !(packet[5] & flag)) {
        return 0;
    }
    at += flag == 0x08 && (packet[5] & 0x10) ? 6 : 0;
    return at + 6 <= 5u + packet[4] ? at : 0;
}

static uint64_t read_clock(const uint8_t *field) {
    uint64_t base = 0;
    for (size_t bit = 0; bit < 33; bit++) {
        base = base << 1 | ((unsigned)field[bit / 8] >> (7 - bit % 8) & 1u);
    }
    return base * 300 + (uint64_t)((field[4] & 1) << 8 | field[5]);
}

typedef size_t (*clock_scan)(const uint8_t *, const uint32_t *, size_t, uint32_t *, uint64_t *);

static void check_clocks(const stream *s, unsigned flag, clock_scan scan) {
    uint32_t header[COUNT];
    uint32_t index[COUNT];
    uint64_t value[COUNT];
    ts_scan_headers(s->packets, COUNT, header);
    const size_t found = scan(s->packets, header, COUNT, index, value);
    size_t at = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const uint8_t *packet = stream_at(s, i);
        const size_t field = find_clock(packet, flag);
        if (field != 0) {
            CHECK(at < found && index[at] == i && value[at] == read_clock(packet + field));
            at++;
        }
    }
    CHECK(at == found && found > 10);
}

static void clocks_are_found_where_they_fit(void) {
    stream *s = make_packets();
    check_clocks(s, 0x10, ts_scan_pcrs);
    check_clocks(s, 0x08, ts_scan_opcrs);
    stream_end(s);
}

static void an_adaptation_field_stays_within_its_packet(void) {
    uint8_t packet[TS_PACKET_SIZE] = {TS_SYNC_BYTE};
    for (unsigned control = 0; control < 4; control++) {
        for (unsigned length = 0; length < 256; length++) {
            packet[3] = (uint8_t)(control << 4);
            packet[4] = (uint8_t)length;
            packet[5] = 0xFF;
            const bool has_field = control >= 2;
            const size_t room = control == 3 ? 182 : 183;
            CHECK(ts_packet_get_payload_offset(packet) <= TS_PACKET_SIZE);
            CHECK(ts_packet_has_adaptation_overrun(packet) == (has_field && length > room));
            CHECK(ts_packet_has_pcr(packet) == (has_field && length >= 7 && length <= 183));
            CHECK(ts_packet_has_opcr(packet) == (has_field && length >= 13 && length <= 183));
        }
    }
}

static void a_batch_grows_and_keeps_what_it_has(void) {
    ts_batch batch;
    ts_batch_init(&batch);
    CHECK(ts_batch_scan(&batch, NULL) == TS_OK);
    CHECK(ts_batch_reserve(&batch, 3) == TS_OK);
    stream *s = make_packets();
    memcpy(batch.packets, s->packets, 3 * TS_PACKET_SIZE);
    batch.count = 3;
    CHECK(ts_batch_scan(&batch, NULL) == TS_OK);
    CHECK(ts_batch_reserve(&batch, 2) == TS_OK && batch.capacity == 3);
    CHECK(ts_batch_reserve(&batch, 5000) == TS_OK && batch.capacity == 5000);
    CHECK(batch.count == 3 && memcmp(batch.packets, s->packets, 3 * TS_PACKET_SIZE) == 0);
    CHECK(batch.position[2] == 2 && batch.header[2] == ts_load_be32(stream_at(s, 2)));
    CHECK(ts_batch_reserve(&batch, SIZE_MAX) == TS_NO_MEMORY);
    CHECK(batch.capacity == 5000 && batch.count == 3);
    ts_batch_free(&batch);
    ts_batch_free(&batch);
    stream_end(s);
}

static void a_batch_with_a_wrong_sync_byte_says_where(void) {
    stream *s = make_packets();
    ts_batch batch;
    size_t bad = 0;
    ts_batch_init(&batch);
    load_batch(&batch, s, 0, COUNT);
    CHECK(ts_batch_scan(&batch, &bad) == TS_OK && bad == COUNT);
    batch.packets[100 * TS_PACKET_SIZE] = 0;
    CHECK(ts_batch_scan(&batch, &bad) == TS_BAD_SYNC && bad == 100);
    ts_batch_free(&batch);
    stream_end(s);
}

int main(void) {
    columns_say_what_the_headers_say();
    the_first_wrong_sync_byte_is_named();
    clocks_are_found_where_they_fit();
    an_adaptation_field_stays_within_its_packet();
    a_batch_grows_and_keeps_what_it_has();
    a_batch_with_a_wrong_sync_byte_says_where();
    return CHECK_RESULT;
}
