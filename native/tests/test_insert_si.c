/* The inserter: what it reads of the stream's own SI, and what it takes the place of. */
#include "insert_bench.h"

#include "check.h"

enum { TABLE_ID_SDT = 0x42, TABLE_ID_SDT_OTHER = 0x46, TABLE_ID_TDT = 0x70, TABLE_ID_TOT = 0x73 };

static const program_shape SHAPE = {200, 5, 0, 5};

static section_bytes make_sdt(uint8_t table_id, uint16_t transport_stream_id,
                              uint16_t original_network_id) {
    section_bytes sdt;
    begin_section(&sdt, table_id, transport_stream_id, 0);
    put_word(&sdt, original_network_id);
    sdt.bytes[sdt.size++] = 0xFF;
    end_section(&sdt);
    return sdt;
}

/* size: of the section in all; the five bytes of UTC_time are first, and up. */
static section_bytes make_time(uint8_t table_id, uint8_t first, size_t size) {
    section_bytes table = {.size = 3};
    table.bytes[0] = table_id;
    table.bytes[1] = 0x70;
    table.bytes[2] = (uint8_t)(size - 3);
    while (table.size < size) {
        table.bytes[table.size] = (uint8_t)(first + table.size - 3);
        table.size++;
    }
    if (table_id == TABLE_ID_TOT && psi_seal(table.bytes, table.size) != TS_OK) {
        abort();
    }
    return table;
}

static insert_bench begin_following(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    CHECK(ts_inserter_follow_sdt(b.stage) == TS_OK);
    CHECK(ts_inserter_follow_time(b.stage) == TS_OK);
    add_program(b.in, SHAPE);
    return b;
}

static void an_sdt_is_told_of_when_its_ids_are_new(void) {
    insert_bench b = begin_following();
    const section_bytes tables[] = {make_sdt(TABLE_ID_SDT_OTHER, 9, 9),
                                    make_sdt(TABLE_ID_SDT, 7, 2), make_sdt(TABLE_ID_SDT, 7, 2),
                                    make_sdt(TABLE_ID_SDT, 8, 2)};
    for (size_t i = 0; i < 4; i++) {
        stream_add_table(b.in, TS_PID_SDT, &tables[i]);
    }
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_SDT) == 2);
    CHECK(bench_event(&b, TS_INSERT_SDT, 0).packet_index == 201);
    CHECK(bench_event(&b, TS_INSERT_SDT, 0).stream_time == bench_time(201));
    CHECK(bench_event(&b, TS_INSERT_SDT, 1).packet_index == 203);
    CHECK(b.stage->si.has_sdt && b.stage->si.transport_stream_id == 8);
    CHECK(b.stage->si.original_network_id == 2);
    CHECK(b.stage->si.has_pat && b.stage->si.pat_transport_stream_id == 1);
    bench_end(&b);
}

static void a_damaged_sdt_and_one_that_is_too_short_tell_nothing(void) {
    insert_bench b = begin_following();
    section_bytes bad = make_sdt(TABLE_ID_SDT, 7, 2);
    bad.bytes[9] ^= 1;
    stream_add_table(b.in, TS_PID_SDT, &bad);
    begin_section(&bad, TABLE_ID_SDT, 7, 0);
    end_section(&bad);
    stream_add_table(b.in, TS_PID_SDT, &bad);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_SDT) == 0 && !b.stage->si.has_sdt);
    bench_end(&b);
}

static void tdt_and_tot_say_the_time(void) {
    insert_bench b = begin_following();
    const section_bytes tdt = make_time(TABLE_ID_TDT, 0x10, 8);
    const section_bytes tot = make_time(TABLE_ID_TOT, 0x20, 14);
    stream_add_table(b.in, TS_PID_TDT, &tdt);
    stream_add_table(b.in, TS_PID_TDT, &tot);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_UTC) == 2);
    CHECK(bench_event(&b, TS_INSERT_UTC, 0).packet_index == 200);
    CHECK(bench_event(&b, TS_INSERT_UTC, 0).stream_time == bench_time(200));
    CHECK(memcmp(b.stage->si.utc_time, tot.bytes + 3, 5) == 0);
    CHECK(b.stage->si.tot_size == tot.size);
    CHECK(memcmp(b.stage->si.tot, tot.bytes, tot.size) == 0);
    bench_end(&b);
}

static void a_time_table_of_a_wrong_size_or_with_a_wrong_crc_says_nothing(void) {
    insert_bench b = begin_following();
    section_bytes tables[] = {make_time(TABLE_ID_TDT, 1, 9), make_time(TABLE_ID_TDT, 1, 7),
                              make_time(TABLE_ID_TOT, 1, 8), make_time(TABLE_ID_TOT, 1, 14),
                              make_time(0x71, 1, 8)};
    tables[3].bytes[5] ^= 1;
    for (size_t i = 0; i < 5; i++) {
        stream_add_table(b.in, TS_PID_TDT, &tables[i]);
    }
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_UTC) == 0 && b.stage->si.tot_size == 0);
    bench_end(&b);
}

static void nothing_is_told_where_nobody_asks(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    add_program(b.in, SHAPE);
    const section_bytes sdt = make_sdt(TABLE_ID_SDT, 7, 2);
    const section_bytes tdt = make_time(TABLE_ID_TDT, 1, 8);
    stream_add_table(b.in, TS_PID_SDT, &sdt);
    stream_add_table(b.in, TS_PID_TDT, &tdt);
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_SDT) == 0 && bench_count(&b, TS_INSERT_UTC) == 0);
    CHECK(same_streams(b.in, b.out));
    bench_end(&b);
}

static void what_comes_on_a_replaced_pid_is_read_and_goes(void) {
    insert_bench b = begin_following();
    CHECK(ts_inserter_replace(b.stage, TS_PID_TDT) == TS_OK);
    const section_bytes tdt = make_time(TABLE_ID_TDT, 0x10, 8);
    for (size_t i = 0; i < 3; i++) {
        stream_add_table(b.in, TS_PID_TDT, &tdt);
        stream_add_many(b.in, BENCH_VIDEO, 20);
    }
    bench_plan(&b, 205, 900, 50)->item.pid = TS_PID_TDT;
    bench_plan(&b, 230, 900, 400)->item.pid = TS_PID_TDT;
    bench_run_all(&b);
    CHECK(bench_count(&b, TS_INSERT_UTC) == 3);
    CHECK(bench_count(&b, TS_INSERT_CONFIRMED) == 1);
    CHECK(b.out->count == b.in->count);
    /* The first stands in the place of the second TDT; of the other two packets there was one. */
    CHECK(bench_event(&b, TS_INSERT_CONFIRMED, 0).packet_index == 221);
    CHECK(count_pid(b.out, TS_PID_TDT) == 2);
    CHECK(count_continuity_errors(b.out) == 0);
    bench_end(&b);
}

static void a_pcr_on_a_replaced_pid_stays(void) {
    insert_bench b = begin_following();
    CHECK(ts_inserter_replace(b.stage, TS_PID_EIT) == TS_OK);
    stream_add_pcr(b.in, TS_PID_EIT, 12345);
    stream_add_many(b.in, TS_PID_EIT, 4);
    bench_run_all(&b);
    CHECK(count_pid(b.out, TS_PID_EIT) == 1);
    CHECK(ts_packet_has_pcr(stream_at(b.out, 200)));
    bench_end(&b);
}

static void some_pids_cannot_be_replaced(void) {
    insert_bench b = bench_begin(TS_ROOM_NULLS, 1);
    CHECK(bench_announce(&b) == TS_OK);
    CHECK(ts_inserter_replace(b.stage, BENCH_CUES) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_replace(b.stage, TS_PID_PAT) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_replace(b.stage, 0x0F) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_replace(b.stage, TS_PID_NULL) == TS_BAD_ARGUMENT);
    CHECK(ts_inserter_replace(b.stage, TS_PID_EIT) == TS_OK);
    bench_end(&b);
}

int main(void) {
    an_sdt_is_told_of_when_its_ids_are_new();
    a_damaged_sdt_and_one_that_is_too_short_tell_nothing();
    tdt_and_tot_say_the_time();
    a_time_table_of_a_wrong_size_or_with_a_wrong_crc_says_nothing();
    nothing_is_told_where_nobody_asks();
    what_comes_on_a_replaced_pid_is_read_and_goes();
    a_pcr_on_a_replaced_pid_stays();
    some_pids_cannot_be_replaced();
    return CHECK_RESULT;
}
