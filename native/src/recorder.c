#include "tsloom/recorder.h"

#include <stdlib.h>
#include <string.h>

void ts_recorder_init(ts_recorder *recorder, ts_record_policy policy) {
    *recorder = (ts_recorder){.policy = policy};
}

void ts_recorder_free(ts_recorder *recorder) {
    free(recorder->records);
    free(recorder->bytes);
    ts_recorder_init(recorder, recorder->policy);
}

void ts_recorder_clear(ts_recorder *recorder) {
    recorder->record_count = 0;
    recorder->byte_count = 0;
}

static ts_status reserve(ts_recorder *recorder, size_t bytes) {
    if (recorder->record_count == recorder->record_capacity) {
        size_t capacity = recorder->record_capacity ? recorder->record_capacity * 2 : 32;
        ts_section_record *records = realloc(recorder->records, capacity * sizeof *records);
        if (records == NULL) {
            return TS_NO_MEMORY;
        }
        recorder->records = records;
        recorder->record_capacity = capacity;
    }
    if (recorder->byte_capacity - recorder->byte_count < bytes) {
        size_t capacity = recorder->byte_capacity * 2 + bytes + TS_SECTION_MAX;
        uint8_t *room = realloc(recorder->bytes, capacity);
        if (room == NULL) {
            return TS_NO_MEMORY;
        }
        recorder->bytes = room;
        recorder->byte_capacity = capacity;
    }
    return TS_OK;
}

static bool is_wanted(const ts_recorder *recorder, const ts_demux_section *section) {
    return recorder->policy == TS_RECORD_ALL || section->is_new ||
           section->report->kind != TS_SECTION_COMPLETE || (section->role & TS_ROLE_CUES);
}

ts_status ts_recorder_keep(void *context, const ts_demux_section *section) {
    ts_recorder *recorder = context;
    const ts_section_report *report = section->report;
    bool whole = report->kind == TS_SECTION_COMPLETE;
    recorder->sections += whole;
    recorder->crc_errors += whole && !section->crc_ok;
    recorder->drops += !whole;
    if (!is_wanted(recorder, section)) {
        return TS_OK;
    }
    ts_status status = reserve(recorder, report->size);
    if (status != TS_OK) {
        return status;
    }
    if (report->size > 0) {
        memcpy(recorder->bytes + recorder->byte_count, report->bytes, report->size);
    }
    recorder->records[recorder->record_count++] =
        (ts_section_record){.first_packet = report->first_packet,
                            .last_packet = report->last_packet,
                            .stream_time = section->stream_time,
                            .pts_90khz = section->pts_90khz,
                            .offset = recorder->byte_count,
                            .size = report->size,
                            .pid = section->pid,
                            .role = section->role,
                            .reason = (uint8_t)report->reason,
                            .crc_ok = section->crc_ok,
                            .is_new = section->is_new,
                            .has_time = section->has_time};
    recorder->byte_count += report->size;
    return TS_OK;
}
