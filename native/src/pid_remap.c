#include "tsloom/pid_remap.h"

#include <string.h>

#include "tsloom/psi.h"

/* A section that cannot be edited, damaged or of another table, goes on as it came. */
static ts_status on_section(void *context, const ts_demux_section *section) {
    ts_pid_remap *stage = context;
    const ts_section_report *report = section->report;
    uint8_t out[PSI_SECTION_MAX];
    size_t size;
    if (report->kind != TS_SECTION_COMPLETE) {
        return TS_OK;
    }
    if (psi_remap(report->bytes, report->size, stage->filter.target, out, sizeof out, &size) ==
        TS_OK) {
        ts_rewriter_push(&stage->rewriter, section->pid, out, size);
    } else {
        ts_rewriter_push(&stage->rewriter, section->pid, report->bytes, report->size);
    }
    return TS_OK;
}

ts_status ts_pid_remap_init(ts_pid_remap *stage) {
    ts_filter_init(&stage->filter);
    ts_rewriter_init(&stage->rewriter);
    memset(stage->is_target, 0, sizeof stage->is_target);
    stage->clashes = 0;
    ts_status status = ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS, on_section, stage);
    return status == TS_OK ? ts_demux_watch(&stage->demux, TS_PID_CAT) : status;
}

void ts_pid_remap_free(ts_pid_remap *stage) {
    ts_demux_free(&stage->demux);
    ts_rewriter_free(&stage->rewriter);
}

void ts_pid_remap_set(ts_pid_remap *stage, uint16_t pid, uint16_t target) {
    stage->filter.target[pid] = target;
    stage->is_target[target] |= target != pid;
}

static ts_status rewrite_packet(ts_pid_remap *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    if (stage->demux.role[pid] == 0) {
        ts_rewriter_pass(&stage->rewriter, batch, index);
        return TS_OK;
    }
    ts_status status = ts_rewriter_take_over(&stage->rewriter, pid, stage->filter.target[pid],
                                             ts_header_get_payload_cc(header));
    if (status == TS_OK) {
        status = ts_demux_feed_packet(&stage->demux, batch->packets + index * TS_PACKET_SIZE,
                                      header, batch->first_index + batch->position[index]);
    }
    if (status == TS_OK) {
        ts_rewriter_fill(&stage->rewriter, batch, index);
    }
    return status;
}

ts_status ts_pid_remap_process(void *state, ts_batch *batch) {
    ts_pid_remap *stage = state;
    size_t from = 0;
    for (size_t i = 0; i < batch->count; i++) {
        uint16_t pid = ts_header_get_pid(batch->header[i]);
        stage->clashes += stage->is_target[pid] && stage->filter.target[pid] == pid;
        if (stage->demux.role[pid] == 0 && !ts_rewriter_has(&stage->rewriter, pid)) {
            continue;
        }
        ts_filter_span(&stage->filter, batch, from, i, from);
        ts_status status = rewrite_packet(stage, batch, i);
        if (status != TS_OK) {
            return status;
        }
        from = i + 1;
    }
    ts_filter_span(&stage->filter, batch, from, batch->count, from);
    return TS_OK;
}
