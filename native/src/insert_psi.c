#include <string.h>

#include "insert_internal.h"

static bool is_descriptor_loop(psi_slice loop) {
    psi_descriptor descriptor;
    while (psi_descriptor_next(&loop, &descriptor)) {
    }
    return loop.size == 0;
}

ts_status ts_inserter_announce(ts_inserter *inserter, uint16_t pid, psi_slice program_info,
                               psi_slice es_info) {
    if (pid < 0x10 || pid >= TS_PID_NULL || program_info.size > sizeof inserter->announcement ||
        es_info.size > sizeof inserter->announcement - program_info.size ||
        !is_descriptor_loop(program_info) || !is_descriptor_loop(es_info)) {
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
    inserter->has_announced = false;
    inserter->has_clashed = false;
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

/* What a PMT says of a PID. */
typedef enum mention { NOT_MENTIONED, MENTIONED_FOR_CUES, MENTIONED_OTHERWISE } mention;

static mention find_mention(const uint8_t *pmt, uint16_t pid) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == pid) {
            return stream.stream_type == TS_STREAM_TYPE_SCTE35 ? MENTIONED_FOR_CUES
                                                               : MENTIONED_OTHERWISE;
        }
    }
    return psi_pmt_get_pcr_pid(pmt) == pid ? MENTIONED_OTHERWISE : NOT_MENTIONED;
}

static ts_status clash(ts_inserter *inserter, uint64_t packet_index) {
    if (inserter->has_clashed) {
        return TS_OK;
    }
    inserter->has_clashed = true;
    ts_insert_event event = {
        .kind = TS_INSERT_PID_CLASH, .pid = inserter->announced_pid, .packet_index = packet_index};
    inserter->status = TS_WANTS_CONTROL;
    return insert_report(inserter, &event);
}

/* A table says only now, the PID being announced, that it is another program's. */
static ts_status note_other_use(ts_inserter *inserter, uint64_t packet_index) {
    return inserter->has_raised ? clash(inserter, packet_index) : TS_OK;
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

/* Once a version_number was raised, all that follow are, or two PMTs would bear the same one. */
static void raise_version(ts_inserter *inserter, uint8_t *pmt, size_t size) {
    if (inserter->has_raised) {
        psi_raise_version(pmt);
        psi_seal(pmt, size);
    }
}

static ts_status append(const ts_inserter *inserter, const uint8_t *pmt, size_t size, uint8_t *out,
                        size_t *out_size) {
    uint8_t copy[PSI_SECTION_MAX];
    const uint8_t *es_info = inserter->announcement + inserter->program_info_size;
    const psi_pmt_addition addition = {
        {inserter->announcement, inserter->program_info_size},
        {TS_STREAM_TYPE_SCTE35, inserter->announced_pid, {es_info, inserter->es_info_size}}};
    memcpy(copy, pmt, size);
    psi_raise_version(copy);
    psi_seal(copy, size);
    return psi_pmt_append(copy, size, &addition, out, PSI_SECTION_MAX, out_size);
}

/* The program's PMT with the PID; as it came if the PID is there already, or cannot be. */
static ts_status write_pmt(ts_inserter *inserter, const ts_demux_section *section) {
    const ts_section_report *report = section->report;
    uint64_t packet_index = report->last_packet;
    uint8_t out[PSI_SECTION_MAX];
    size_t size = report->size;
    mention how = find_mention(report->bytes, inserter->announced_pid);
    bool in_use = inserter->in_use[inserter->announced_pid] && !inserter->has_announced;
    bool clashes = how == MENTIONED_OTHERWISE || (how == NOT_MENTIONED && in_use);
    bool appended = how == NOT_MENTIONED && !in_use &&
                    append(inserter, report->bytes, report->size, out, &size) == TS_OK;
    if (appended) {
        inserter->has_raised = true;
    } else {
        size = report->size;
        memcpy(out, report->bytes, size);
        raise_version(inserter, out, size);
    }
    ts_rewriter_push(&inserter->rewriter, section->pid, out, size);
    if (clashes) {
        return clash(inserter, packet_index);
    }
    bool announced = appended || how == MENTIONED_FOR_CUES;
    return note_announced(inserter, announced ? TS_INSERT_ANNOUNCED : TS_INSERT_PMT_FULL,
                          packet_index);
}

static ts_status take_over_pmt(ts_inserter *inserter, uint16_t pid) {
    ts_rewriter *rewriter = &inserter->rewriter;
    uint16_t before = inserter->pmt_pid;
    if (ts_rewriter_has(rewriter, before) && !(inserter->demux.role[before] & TS_ROLE_PMT)) {
        ts_section_queue_clear(&rewriter->pid[before]->queue);
    }
    inserter->pmt_pid = pid;
    insert_follow(inserter);
    return ts_rewriter_take_over(rewriter, pid, pid, inserter->counter[pid]);
}

/* The program's PMT PID is taken over before its first packet, where it is known which program it
 * is that is meant: then no PMT is cut off that has begun to leave. */
static ts_status on_pat(ts_inserter *inserter, uint64_t packet_index) {
    const ts_demux *demux = &inserter->demux;
    for (size_t i = 0; i < demux->program_count; i++) {
        inserter->in_use[demux->programs[i].pmt_pid] = 1;
        if (demux->programs[i].pmt_pid == inserter->announced_pid) {
            ts_status status = note_other_use(inserter, packet_index);
            if (status != TS_OK) {
                return status;
            }
        }
    }
    const ts_program *program = insert_get_program(inserter);
    if (program == NULL && inserter->program_number == 0 && demux->program_count == 1) {
        program = &demux->programs[0];
    }
    if (program == NULL || inserter->announced_pid == 0 ||
        !(demux->role[program->pmt_pid] & TS_ROLE_PMT)) {
        return TS_OK;
    }
    return take_over_pmt(inserter, program->pmt_pid);
}

/* Takes over in mid-packet: what ended in it before leaves with it. */
static ts_status take_over_late(ts_inserter *inserter, uint16_t pid) {
    ts_status status = take_over_pmt(inserter, pid);
    if (status == TS_OK) {
        ts_section_queue *queue = &inserter->rewriter.pid[pid]->queue;
        inserter->spare.continuity_counter = queue->continuity_counter;
        *queue = inserter->spare;
    }
    return status;
}

static ts_status on_pmt(ts_inserter *inserter, const ts_demux_section *section) {
    const ts_section_report *report = section->report;
    const ts_program *program = insert_get_program(inserter);
    uint16_t pid = section->pid;
    bool is_pmt = section->crc_ok && psi_pmt_check(report->bytes, report->size) == TS_OK;
    uint16_t program_number = is_pmt ? psi_pmt_get_program_number(report->bytes) : 0;
    if (is_pmt) {
        note_use(inserter, report->bytes);
    }
    if (is_pmt && inserter->program_number == 0) {
        program = ts_demux_find_program(&inserter->demux, program_number);
        bool is_its_own = program != NULL && program->pmt_pid == pid && program->has_pmt;
        inserter->program_number = is_its_own ? program_number : 0;
    }
    if (inserter->announced_pid == 0) {
        return TS_OK;
    }
    bool is_ours = is_pmt && program != NULL && program->pmt_pid == pid &&
                   program_number == inserter->program_number;
    if (is_ours && !ts_rewriter_has(&inserter->rewriter, pid)) {
        ts_status status = take_over_late(inserter, pid);
        if (status != TS_OK) {
            return status;
        }
    }
    if (is_ours) {
        return write_pmt(inserter, section);
    }
    if (ts_rewriter_has(&inserter->rewriter, pid)) {
        ts_rewriter_push(&inserter->rewriter, pid, report->bytes, report->size);
    } else {
        ts_section_queue_push(&inserter->spare, report->bytes, report->size);
    }
    bool mentioned =
        is_pmt && find_mention(report->bytes, inserter->announced_pid) != NOT_MENTIONED;
    return mentioned ? note_other_use(inserter, report->last_packet) : TS_OK;
}

ts_status ts_inserter_replace(ts_inserter *inserter, uint16_t pid) {
    if (pid < 0x10 || pid >= TS_PID_NULL || pid == inserter->announced_pid) {
        return TS_BAD_ARGUMENT;
    }
    ts_status status = ts_demux_watch(&inserter->demux, pid);
    if (status == TS_OK) {
        status = ts_rewriter_take_over(&inserter->rewriter, pid, pid, 0);
    }
    inserter->replaced[pid] = status == TS_OK;
    return status;
}

ts_status ts_inserter_follow_sdt(ts_inserter *inserter) {
    inserter->si.sdt_followed = true;
    return ts_demux_watch(&inserter->demux, TS_PID_SDT);
}

ts_status ts_inserter_follow_time(ts_inserter *inserter) {
    inserter->si.time_followed = true;
    return ts_demux_watch(&inserter->demux, TS_PID_TDT);
}

static ts_status tell_si(ts_inserter *inserter, const ts_demux_section *section,
                         ts_insert_kind kind) {
    uint64_t packet_index = section->report->last_packet;
    const ts_clock *clock = inserter->clock;
    const ts_insert_event event = {.kind = kind,
                                   .pid = section->pid,
                                   .packet_index = packet_index,
                                   .stream_time =
                                       clock == NULL ? 0 : ts_clock_get_time(clock, packet_index)};
    inserter->status = TS_WANTS_CONTROL;
    return insert_report(inserter, &event);
}

/* EN 300 468, 5.2.3 */
static ts_status on_sdt(ts_inserter *inserter, const ts_demux_section *section) {
    const uint8_t *sdt = section->report->bytes;
    ts_insert_si *si = &inserter->si;
    enum { TABLE_ID_ACTUAL = 0x42, IDS_END = 10 };
    if (sdt[0] != TABLE_ID_ACTUAL || section->report->size < IDS_END + 5 || !section->crc_ok) {
        return TS_OK;
    }
    uint16_t transport_stream_id = ts_load_be16(sdt + 3);
    uint16_t original_network_id = ts_load_be16(sdt + 8);
    if (si->has_sdt && si->transport_stream_id == transport_stream_id &&
        si->original_network_id == original_network_id) {
        return TS_OK;
    }
    si->has_sdt = true;
    si->transport_stream_id = transport_stream_id;
    si->original_network_id = original_network_id;
    return tell_si(inserter, section, TS_INSERT_SDT);
}

/* EN 300 468, 5.2.5 and 5.2.6 */
static ts_status on_time_table(ts_inserter *inserter, const ts_demux_section *section) {
    const uint8_t *table = section->report->bytes;
    enum { TABLE_ID_TDT = 0x70, TABLE_ID_TOT = 0x73, TIME_AT = 3, TDT_SIZE = 8 };
    bool has_time = (table[0] == TABLE_ID_TDT && section->report->size == TDT_SIZE) ||
                    (table[0] == TABLE_ID_TOT && section->report->size > TDT_SIZE);
    if (!has_time || !section->crc_ok) {
        return TS_OK;
    }
    memcpy(inserter->si.utc_time, table + TIME_AT, sizeof inserter->si.utc_time);
    if (table[0] == TABLE_ID_TOT && section->report->size <= sizeof inserter->si.tot) {
        memcpy(inserter->si.tot, table, section->report->size);
        inserter->si.tot_size = section->report->size;
    }
    return tell_si(inserter, section, TS_INSERT_UTC);
}

static ts_status on_si(ts_inserter *inserter, const ts_demux_section *section) {
    if (section->pid == TS_PID_SDT && inserter->si.sdt_followed) {
        return on_sdt(inserter, section);
    }
    const bool is_time = section->pid == TS_PID_TDT && inserter->si.time_followed;
    return is_time ? on_time_table(inserter, section) : TS_OK;
}

static void note_pat(ts_inserter *inserter, const ts_demux_section *section) {
    if (section->crc_ok && section->report->size >= TS_SECTION_LONG_HEADER_SIZE) {
        inserter->si.has_pat = true;
        inserter->si.pat_transport_stream_id = ts_load_be16(section->report->bytes + 3);
    }
}

ts_status insert_on_section(void *context, const ts_demux_section *section) {
    ts_inserter *inserter = context;
    if (section->report->kind != TS_SECTION_COMPLETE) {
        return TS_OK;
    }
    if (section->role & TS_ROLE_PAT) {
        note_pat(inserter, section);
        return on_pat(inserter, section->report->last_packet);
    }
    return section->role & TS_ROLE_PMT ? on_pmt(inserter, section) : on_si(inserter, section);
}
