#include "tsloom/service_filter.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/psi.h"

enum { FIXED_PIDS = 0x20 }; /* PSI and DVB SI (EN 300 468, table 1) */

static void forget_pids(ts_service_filter *stage) {
    for (size_t pid = FIXED_PIDS; pid < TS_PID_NULL; pid++) {
        stage->filter.keeps[pid] = 0;
    }
}

static void keep_pid(ts_service_filter *stage, uint16_t pid) {
    stage->filter.keeps[pid] = 1;
}

static void keep_ca_pids(ts_service_filter *stage, psi_slice loop) {
    psi_descriptor descriptor;
    uint16_t ca_pid;
    while (psi_descriptor_next(&loop, &descriptor)) {
        if (psi_get_ca_pid(&descriptor, &ca_pid) == TS_OK) {
            keep_pid(stage, ca_pid);
        }
    }
}

static void keep_program(ts_service_filter *stage, const uint8_t *pmt) {
    keep_pid(stage, psi_pmt_get_pcr_pid(pmt));
    keep_ca_pids(stage, psi_pmt_get_program_info(pmt));
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        keep_pid(stage, stream.elementary_pid);
        keep_ca_pids(stage, stream.es_info);
    }
}

/* The PIDs of all kept programs, from the PAT and the last PMT of each. */
static void collect_pids(ts_service_filter *stage) {
    forget_pids(stage);
    for (size_t i = 0; i < stage->program_count; i++) {
        const ts_program *program = ts_demux_find_program(&stage->demux, stage->program_numbers[i]);
        if (program == NULL) {
            stage->services[i].pmt_size = 0;
            continue;
        }
        keep_pid(stage, program->pmt_pid);
        if (stage->services[i].pmt_size > 0) {
            keep_program(stage, stage->services[i].pmt);
        }
    }
}

static void store_pmt(ts_service_filter *stage, const ts_demux_section *section) {
    const ts_section_report *report = section->report;
    uint16_t program_number = psi_pmt_get_program_number(report->bytes);
    const ts_program *program = ts_demux_find_program(&stage->demux, program_number);
    if (program == NULL || program->pmt_pid != section->pid) {
        return;
    }
    for (size_t i = 0; i < stage->program_count; i++) {
        if (stage->program_numbers[i] == program_number) {
            memcpy(stage->services[i].pmt, report->bytes, report->size);
            stage->services[i].pmt_size = report->size;
        }
    }
}

static void write_pat(ts_service_filter *stage, const ts_section_report *report) {
    uint8_t out[PSI_SECTION_MAX];
    size_t size;
    if (psi_pat_keep(report->bytes, report->size, stage->program_numbers, stage->program_count, out,
                     sizeof out, &size) == TS_OK) {
        ts_rewriter_push(&stage->rewriter, TS_PID_PAT, out, size);
    }
}

static ts_status on_section(void *context, const ts_demux_section *section) {
    ts_service_filter *stage = context;
    const ts_section_report *report = section->report;
    if (report->kind != TS_SECTION_COMPLETE || !section->crc_ok) {
        return TS_OK;
    }
    bool current = ts_section_get_current_next_indicator(report->bytes);
    if (section->role & TS_ROLE_PAT) {
        if (psi_pat_check(report->bytes, report->size) == TS_OK) {
            write_pat(stage, report);
            if (section->is_new && current) {
                collect_pids(stage);
            }
        }
    } else if (section->is_new && psi_pmt_check(report->bytes, report->size) == TS_OK && current) {
        store_pmt(stage, section);
        collect_pids(stage);
    }
    return TS_OK;
}

ts_status ts_service_filter_init(ts_service_filter *stage, const uint16_t *program_numbers,
                                 size_t program_count) {
    ts_filter_init(&stage->filter);
    ts_rewriter_init(&stage->rewriter);
    forget_pids(stage);
    stage->program_count = program_count;
    stage->program_numbers = malloc((program_count + 1) * sizeof *program_numbers);
    stage->services = calloc(program_count + 1, sizeof *stage->services);
    ts_status status = ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS, on_section, stage);
    if (stage->program_numbers == NULL || stage->services == NULL) {
        return TS_NO_MEMORY;
    }
    memcpy(stage->program_numbers, program_numbers, program_count * sizeof *program_numbers);
    return status;
}

void ts_service_filter_free(ts_service_filter *stage) {
    ts_demux_free(&stage->demux);
    ts_rewriter_free(&stage->rewriter);
    free(stage->program_numbers);
    free(stage->services);
    stage->services = NULL;
    stage->program_numbers = NULL;
}

static ts_status read_packet(ts_service_filter *stage, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    const uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    if (ts_header_get_pid(header) == TS_PID_PAT) {
        ts_status status = ts_rewriter_take_over(&stage->rewriter, TS_PID_PAT, TS_PID_PAT,
                                                 ts_header_get_payload_cc(header));
        if (status != TS_OK) {
            return status;
        }
    }
    return ts_demux_feed_packet(&stage->demux, packet, header,
                                batch->first_index + batch->position[index]);
}

ts_status ts_service_filter_process(void *state, ts_batch *batch) {
    ts_service_filter *stage = state;
    size_t from = 0;
    size_t into = 0;
    for (size_t i = 0; i < batch->count; i++) {
        uint16_t pid = ts_header_get_pid(batch->header[i]);
        if (stage->demux.role[pid] == 0) {
            continue;
        }
        into = ts_filter_span(&stage->filter, batch, from, i, into);
        from = i;
        ts_status status = read_packet(stage, batch, i);
        if (status != TS_OK) {
            return status;
        }
        if (pid == TS_PID_PAT) {
            ts_rewriter_fill(&stage->rewriter, batch, i);
        }
    }
    batch->count = ts_filter_span(&stage->filter, batch, from, batch->count, into);
    return TS_OK;
}
