#include "tsloom/elementary_stage.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_FREE_PID = 0x0010, NO_COUNTER = 0xFF };

static ts_status follow_stream(ts_elementary_stage *stage, const psi_elementary_stream *stream) {
    const uint16_t pid = stream->elementary_pid;
    const ts_elementary_kind kind = ts_elementary_find_kind(stream);
    if (pid < FIRST_FREE_PID || pid == TS_PID_NULL || kind == TS_ELEMENTARY_NONE) {
        return TS_OK;
    }
    if (stage->stream[pid] == NULL) {
        stage->stream[pid] = malloc(sizeof *stage->stream[pid]);
        if (stage->stream[pid] == NULL) {
            return TS_NO_MEMORY;
        }
        ts_elementary_init(stage->stream[pid], kind);
        stage->listed[pid] = 1;
        stage->role_changes = UINT64_MAX; /* the list of packets is to be made anew */
    } else if (stage->stream[pid]->kind != kind) {
        ts_elementary_init(stage->stream[pid], kind);
    }
    return TS_OK;
}

static ts_status on_section(void *context, const ts_demux_section *section) {
    ts_elementary_stage *stage = context;
    const ts_section_report *report = section->report;
    if (report->kind != TS_SECTION_COMPLETE || !section->crc_ok || !section->is_new ||
        !(section->role & TS_ROLE_PMT) || psi_pmt_check(report->bytes, report->size) != TS_OK ||
        !ts_section_get_current_next_indicator(report->bytes)) {
        return TS_OK;
    }
    const ts_program *program =
        ts_demux_find_program(&stage->demux, psi_pmt_get_program_number(report->bytes));
    if (program == NULL || program->pmt_pid != section->pid) {
        return TS_OK;
    }
    psi_slice loop = psi_pmt_get_elementary_streams(report->bytes);
    psi_elementary_stream stream;
    ts_status status = TS_OK;
    while (status == TS_OK && psi_elementary_stream_next(&loop, &stream)) {
        status = follow_stream(stage, &stream);
    }
    return status;
}

static void list_roles(ts_elementary_stage *stage) {
    stage->role_changes = stage->demux.role_changes;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        stage->listed[pid] = stage->demux.role[pid] != 0 || stage->stream[pid] != NULL;
    }
}

ts_status ts_elementary_stage_init(ts_elementary_stage *stage) {
    memset(stage, 0, sizeof *stage);
    memset(stage->counter, NO_COUNTER, sizeof stage->counter);
    const ts_status status = ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS, on_section, stage);
    list_roles(stage);
    return status;
}

void ts_elementary_stage_free(ts_elementary_stage *stage) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (stage->stream[pid] != NULL) {
            free(stage->stream[pid]);
            stage->stream[pid] = NULL;
        }
    }
    ts_demux_free(&stage->demux);
}

/* 2.4.3.3. Returns false of a packet that tells nothing. */
static bool follow_continuity(ts_elementary_stage *stage, uint16_t pid, uint32_t header) {
    const uint8_t counter = ts_header_get_cc(header);
    const uint8_t last = stage->counter[pid];
    if (!(header & TS_HEADER_PAYLOAD) || (header & TS_HEADER_TEI) || counter == last) {
        return false;
    }
    if (last != NO_COUNTER && counter != ((last + 1u) & TS_HEADER_CC)) {
        ts_elementary_lose(stage->stream[pid]);
        stage->wanting[pid] = 0;
    }
    stage->counter[pid] = counter;
    return true;
}

static ts_status read_packet(ts_elementary_stage *stage, const ts_batch *batch, size_t index) {
    const uint32_t header = batch->header[index];
    const uint16_t pid = ts_header_get_pid(header);
    const uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    if (stage->stream[pid] != NULL && follow_continuity(stage, pid, header) &&
        ((header & TS_HEADER_PUSI) || stage->wanting[pid])) {
        stage->wanting[pid] = ts_elementary_feed(stage->stream[pid], packet);
    }
    return stage->demux.role[pid] == 0
               ? TS_OK
               : ts_demux_feed_packet(&stage->demux, packet, header,
                                      batch->first_index + batch->position[index]);
}

ts_status ts_elementary_stage_process(void *state, ts_batch *batch) {
    return ts_elementary_stage_process_some(state, batch, 0, batch->count);
}

ts_status ts_elementary_stage_process_some(ts_elementary_stage *stage, const ts_batch *batch,
                                           size_t from, size_t end) {
    while (from < end) {
        uint32_t index[TS_LIST_MAX];
        const size_t to = end - from < TS_LIST_MAX ? end : from + TS_LIST_MAX;
        const size_t count = ts_scan_list(batch->header, from, to, stage->listed, index);
        from = to;
        for (size_t i = 0; i < count; i++) {
            const ts_status status = read_packet(stage, batch, index[i]);
            if (status != TS_OK) {
                return status;
            }
            if (stage->role_changes != stage->demux.role_changes) {
                list_roles(stage);
                from = (size_t)index[i] + 1; /* a table has named PIDs that were not looked at */
                break;
            }
        }
    }
    return TS_OK;
}
