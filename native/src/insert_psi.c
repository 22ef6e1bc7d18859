#include <string.h>

#include "insert_internal.h"

ts_status ts_inserter_announce(ts_inserter *inserter, uint16_t pid, psi_slice program_info,
                               psi_slice es_info) {
    if (pid < 0x10 || pid >= TS_PID_NULL ||
        program_info.size + es_info.size > sizeof inserter->announcement) {
        return TS_BAD_ARGUMENT;
    }
    if (program_info.size > 0) {
        memcpy(inserter->announcement, program_info.bytes, program_info.size);
    }
    if (es_info.size > 0) {
        memcpy(inserter->announcement + program_info.size, es_info.bytes, es_info.size);
    }
    inserter->program_info_size = program_info.size;
    inserter->es_info_size = es_info.size;
    inserter->announced_pid = pid;
    return TS_OK;
}

static void note_use(ts_inserter *inserter, const uint8_t *pmt) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    inserter->in_use[psi_pmt_get_pcr_pid(pmt)] = 1;
    while (psi_elementary_stream_next(&loop, &stream)) {
        inserter->in_use[stream.elementary_pid] = 1;
    }
}

static bool lists_cues(const ts_inserter *inserter, const uint8_t *pmt) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == inserter->announced_pid) {
            return stream.stream_type == TS_STREAM_TYPE_SCTE35;
        }
    }
    return false;
}

static bool names_pid(const uint8_t *pmt, uint16_t pid) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == pid) {
            return true;
        }
    }
    return psi_pmt_get_pcr_pid(pmt) == pid;
}

static ts_status clash(ts_inserter *inserter) {
    if (inserter->has_clashed) {
        return TS_OK;
    }
    inserter->has_clashed = true;
    ts_insert_event event = {.kind = TS_INSERT_PID_CLASH, .pid = inserter->announced_pid};
    inserter->status = TS_WANTS_CONTROL;
    return insert_report(inserter, &event);
}

static ts_status note_announced(ts_inserter *inserter, ts_insert_kind kind, uint64_t packet_index) {
    if (inserter->has_announced) {
        return TS_OK;
    }
    inserter->has_announced = true;
    ts_insert_event event = {
        .kind = kind, .pid = inserter->announced_pid, .packet_index = packet_index};
    return insert_report(inserter, &event);
}

/* The program's PMT with the PID; as it came if the PID is there already. */
static ts_status write_pmt(ts_inserter *inserter, const ts_demux_section *section) {
    const ts_section_report *report = section->report;
    uint8_t copy[PSI_SECTION_MAX];
    uint8_t out[PSI_SECTION_MAX];
    size_t size = report->size;
    memcpy(copy, report->bytes, size);
    if (lists_cues(inserter, copy)) {
        inserter->has_listed = true;
        ts_rewriter_push(&inserter->rewriter, section->pid, copy, size);
        return note_announced(inserter, TS_INSERT_ANNOUNCED, report->last_packet);
    }
    if ((inserter->in_use[inserter->announced_pid] && !inserter->has_announced) ||
        names_pid(copy, inserter->announced_pid)) {
        ts_rewriter_push(&inserter->rewriter, section->pid, copy, size);
        return clash(inserter);
    }
    psi_raise_version(copy);
    psi_seal(copy, size);
    psi_pmt_addition addition = {
        {inserter->announcement, inserter->program_info_size},
        {TS_STREAM_TYPE_SCTE35,
         inserter->announced_pid,
         {inserter->announcement + inserter->program_info_size, inserter->es_info_size}}};
    ts_status status = psi_pmt_append(copy, size, &addition, out, sizeof out, &size);
    if (status != TS_OK) {
        ts_rewriter_push(&inserter->rewriter, section->pid, report->bytes, report->size);
        return note_announced(inserter, TS_INSERT_PMT_FULL, report->last_packet);
    }
    ts_rewriter_push(&inserter->rewriter, section->pid, out, size);
    return note_announced(inserter, TS_INSERT_ANNOUNCED, report->last_packet);
}

static ts_status take_over_pmt(ts_inserter *inserter, uint16_t pid) {
    inserter->pmt_pid = pid;
    return ts_rewriter_take_over(&inserter->rewriter, pid, pid,
                                 (inserter->counter[pid] - 1u) & TS_HEADER_CC);
}

/* A table says of a PID that was announced already that it is another's. */
static ts_status note_other_use(ts_inserter *inserter) {
    return inserter->has_announced && !inserter->has_listed ? clash(inserter) : TS_OK;
}

static ts_status note_pat(ts_inserter *inserter) {
    ts_status status = TS_OK;
    for (size_t i = 0; i < inserter->demux.program_count && status == TS_OK; i++) {
        uint16_t pmt_pid = inserter->demux.programs[i].pmt_pid;
        inserter->in_use[pmt_pid] = 1;
        status = pmt_pid == inserter->announced_pid ? note_other_use(inserter) : TS_OK;
    }
    return status;
}

static ts_status on_pmt(ts_inserter *inserter, const ts_demux_section *section) {
    const ts_section_report *report = section->report;
    bool is_pmt = section->crc_ok && psi_pmt_check(report->bytes, report->size) == TS_OK;
    uint16_t program_number = is_pmt ? psi_pmt_get_program_number(report->bytes) : 0;
    if (is_pmt) {
        note_use(inserter, report->bytes);
        if (inserter->program_number == 0) {
            inserter->program_number = program_number;
        }
    }
    bool is_ours = is_pmt && program_number == inserter->program_number;
    if (inserter->announced_pid == 0) {
        return TS_OK;
    }
    if (is_ours && !ts_rewriter_has(&inserter->rewriter, section->pid)) {
        ts_status status = take_over_pmt(inserter, section->pid);
        if (status != TS_OK) {
            return status;
        }
    }
    if (is_ours) {
        return write_pmt(inserter, section);
    }
    if (ts_rewriter_has(&inserter->rewriter, section->pid)) {
        ts_rewriter_push(&inserter->rewriter, section->pid, report->bytes, report->size);
    }
    return is_pmt && names_pid(report->bytes, inserter->announced_pid) ? note_other_use(inserter)
                                                                       : TS_OK;
}

ts_status insert_on_section(void *context, const ts_demux_section *section) {
    ts_inserter *inserter = context;
    if (section->report->kind != TS_SECTION_COMPLETE) {
        return TS_OK;
    }
    if (section->role & TS_ROLE_PAT) {
        return note_pat(inserter);
    }
    bool is_read =
        (section->role & TS_ROLE_PMT) || ts_rewriter_has(&inserter->rewriter, section->pid);
    return is_read ? on_pmt(inserter, section) : TS_OK;
}
