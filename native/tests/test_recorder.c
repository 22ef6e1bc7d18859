#include "tsloom/recorder.h"

#include <string.h>

#include "check.h"

static uint8_t section_bytes[TS_SECTION_MAX];

static ts_section_report make_report(ts_section_kind kind, size_t size) {
    memset(section_bytes, (int)(size & 0xFF), sizeof section_bytes);
    const ts_section_drop reason =
        kind == TS_SECTION_COMPLETE ? TS_SECTION_DROP_NONE : TS_SECTION_DROP_CONTINUITY;
    return (ts_section_report){kind, reason, section_bytes, size, 10, 12};
}

static ts_demux_section make_section(const ts_section_report *report, bool is_new, uint8_t role) {
    return (ts_demux_section){.report = report,
                              .pid = 0x12,
                              .role = role,
                              .crc_ok = true,
                              .is_new = is_new,
                              .has_time = true,
                              .stream_time = 77,
                              .pts_90khz = 88};
}

static void records_carry_all_that_was_told(void) {
    ts_recorder recorder;
    ts_recorder_init(&recorder, TS_RECORD_CHANGES);
    const ts_section_report report = make_report(TS_SECTION_COMPLETE, 300);
    const ts_demux_section section = make_section(&report, true, TS_ROLE_SECTIONS);
    CHECK(ts_recorder_keep(&recorder, &section) == TS_OK);
    CHECK(recorder.record_count == 1 && recorder.byte_count == 300);
    const ts_section_record *record = &recorder.records[0];
    CHECK(record->first_packet == 10 && record->last_packet == 12 && record->size == 300);
    CHECK(record->stream_time == 77 && record->pts_90khz == 88 && record->has_time);
    CHECK(record->pid == 0x12 && record->role == TS_ROLE_SECTIONS && record->reason == 0);
    CHECK(record->crc_ok && record->is_new);
    CHECK(memcmp(recorder.bytes + record->offset, section_bytes, 300) == 0);
    ts_recorder_free(&recorder);
}

/* New ones, cues and drops; the counts are of all. */
static void changes_cues_and_drops_are_kept(void) {
    ts_recorder recorder;
    ts_recorder_init(&recorder, TS_RECORD_CHANGES);
    const ts_section_report whole = make_report(TS_SECTION_COMPLETE, 30);
    const ts_section_report drop = make_report(TS_SECTION_INCOMPLETE, 0);
    const ts_demux_section sections[] = {
        make_section(&whole, true, TS_ROLE_PAT), make_section(&whole, false, TS_ROLE_PAT),
        make_section(&whole, false, TS_ROLE_CUES), make_section(&drop, false, TS_ROLE_PAT)};
    for (size_t i = 0; i < 4; i++) {
        CHECK(ts_recorder_keep(&recorder, &sections[i]) == TS_OK);
    }
    CHECK(recorder.record_count == 3 && recorder.byte_count == 60);
    CHECK(recorder.sections == 3 && recorder.drops == 1 && recorder.crc_errors == 0);
    CHECK(recorder.records[2].reason == TS_SECTION_DROP_CONTINUITY &&
          recorder.records[2].size == 0);
    ts_recorder_free(&recorder);
}

static void every_section_is_kept_where_asked_for(void) {
    ts_recorder recorder;
    ts_recorder_init(&recorder, TS_RECORD_ALL);
    for (size_t size = 3; size <= TS_SECTION_MAX; size += 13) {
        const ts_section_report report = make_report(TS_SECTION_COMPLETE, size);
        ts_demux_section section = make_section(&report, false, TS_ROLE_PAT);
        section.crc_ok = size % 2 == 0;
        CHECK(ts_recorder_keep(&recorder, &section) == TS_OK);
    }
    CHECK(recorder.record_count == recorder.sections);
    CHECK(recorder.crc_errors == (recorder.sections + 1) / 2);
    for (size_t i = 0; i < recorder.record_count; i++) {
        const ts_section_record *record = &recorder.records[i];
        CHECK(record->size == 3 + 13 * i);
        CHECK(recorder.bytes[record->offset] == (record->size & 0xFF));
        CHECK(recorder.bytes[record->offset + record->size - 1] == (record->size & 0xFF));
    }
    ts_recorder_free(&recorder);
}

static void what_was_taken_makes_room(void) {
    ts_recorder recorder;
    ts_recorder_init(&recorder, TS_RECORD_ALL);
    const ts_section_report report = make_report(TS_SECTION_COMPLETE, 4000);
    const ts_demux_section section = make_section(&report, false, TS_ROLE_PAT);
    for (size_t i = 0; i < 50; i++) {
        CHECK(ts_recorder_keep(&recorder, &section) == TS_OK);
        CHECK(recorder.record_count == 1 && recorder.byte_count == 4000);
        ts_recorder_clear(&recorder);
    }
    CHECK(recorder.record_count == 0 && recorder.sections == 50);
    ts_recorder_free(&recorder);
    CHECK(recorder.policy == TS_RECORD_ALL);
    ts_recorder_free(&recorder);
}

int main(void) {
    records_carry_all_that_was_told();
    changes_cues_and_drops_are_kept();
    every_section_is_kept_where_asked_for();
    what_was_taken_makes_room();
    return CHECK_RESULT;
}
