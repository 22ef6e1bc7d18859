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
    if (psi_remap(report->bytes, report->size, stage->target, out, sizeof out, &size) == TS_OK) {
        ts_rewriter_push(&stage->rewriter, section->pid, out, size);
    } else {
        ts_rewriter_push(&stage->rewriter, section->pid, report->bytes, report->size);
    }
    return TS_OK;
}

enum { CONCERN_SECTIONS = 1u << 0, CONCERN_MOVED = 1u << 1, CONCERN_TARGET = 1u << 2 };

ts_status ts_pid_remap_init(ts_pid_remap *stage) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        stage->target[pid] = (uint16_t)pid;
    }
    memset(stage->concern, 0, sizeof stage->concern);
    ts_rewriter_init(&stage->rewriter);
    stage->role_changes = 0;
    stage->remapped = 0;
    stage->clashes = 0;
    ts_status status = ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS, on_section, stage);
    return status == TS_OK ? ts_demux_watch(&stage->demux, TS_PID_CAT) : status;
}

void ts_pid_remap_free(ts_pid_remap *stage) {
    ts_demux_free(&stage->demux);
    ts_rewriter_free(&stage->rewriter);
}

void ts_pid_remap_set(ts_pid_remap *stage, uint16_t pid, uint16_t target) {
    if (pid != target) {
        stage->target[pid] = target;
        stage->concern[pid] |= CONCERN_MOVED;
        stage->concern[target] |= CONCERN_TARGET;
    }
}

/* A PID whose sections were written anew once stays so, whatever the PAT says later. */
static void follow_roles(ts_pid_remap *stage) {
    if (stage->role_changes == stage->demux.role_changes) {
        return;
    }
    stage->role_changes = stage->demux.role_changes;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        stage->concern[pid] |= stage->demux.role[pid] != 0 ? CONCERN_SECTIONS : 0;
    }
}

static ts_status rewrite_packet(ts_pid_remap *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    if (stage->demux.role[pid] == 0) {
        ts_rewriter_pass(&stage->rewriter, batch, index);
        return TS_OK;
    }
    ts_status status = ts_rewriter_take_over(&stage->rewriter, pid, stage->target[pid],
                                             ts_header_get_payload_cc(header));
    if (status == TS_OK) {
        status = ts_demux_feed_packet(&stage->demux, batch->packets + index * TS_PACKET_SIZE,
                                      header, batch->first_index + batch->position[index]);
    }
    if (status == TS_OK) {
        ts_rewriter_fill(&stage->rewriter, batch, index);
        follow_roles(stage);
    }
    return status;
}

static void renumber(ts_pid_remap *stage, ts_batch *batch, size_t index, uint16_t target) {
    uint32_t header = ts_header_set_pid(batch->header[index], target);
    batch->header[index] = header;
    ts_store_be32(batch->packets + index * TS_PACKET_SIZE, header);
    stage->remapped++;
}

static ts_status process_packet(ts_pid_remap *stage, ts_batch *batch, size_t index) {
    uint16_t pid = ts_header_get_pid(batch->header[index]);
    unsigned concern = stage->concern[pid];
    stage->clashes += concern == CONCERN_TARGET;
    bool has_sections = stage->demux.role[pid] != 0 || ts_rewriter_has(&stage->rewriter, pid);
    if ((concern & CONCERN_SECTIONS) && has_sections) {
        return rewrite_packet(stage, batch, index);
    }
    if (concern & CONCERN_MOVED) {
        renumber(stage, batch, index, stage->target[pid]);
    }
    return TS_OK;
}

ts_status ts_pid_remap_process(void *state, ts_batch *batch) {
    ts_pid_remap *stage = state;
    uint32_t listed[TS_LIST_MAX];
    follow_roles(stage);
    for (size_t from = 0; from < batch->count;) {
        size_t rest = batch->count - from;
        size_t end = rest > TS_LIST_MAX ? from + TS_LIST_MAX : batch->count;
        size_t count = ts_scan_list(batch->header, from, end, stage->concern, listed);
        uint64_t roles = stage->role_changes;
        from = end;
        for (size_t i = 0; i < count; i++) {
            ts_status status = process_packet(stage, batch, listed[i]);
            if (status != TS_OK) {
                return status;
            }
            if (roles != stage->role_changes) {
                /* Other PIDs are of concern from here on. */
                from = (size_t)listed[i] + 1;
                break;
            }
        }
    }
    return TS_OK;
}
