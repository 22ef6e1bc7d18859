#include "tsloom/demux.h"

#include <stdlib.h>
#include <string.h>

#include "demux_internal.h"
#include "tsloom/psi.h"

enum { FIRST_FREE_PID = 0x0010, TABLE_ID_TOT = 0x73, TABLE_ID_SPLICE = 0xFC };

ts_status ts_demux_init(ts_demux *demux, unsigned follow, ts_demux_hook hook, void *context) {
    memset(demux, 0, sizeof *demux);
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        demux->clock_pid[pid] = TS_PID_NULL;
    }
    demux->reference_pid = TS_PID_NULL;
    demux->follow = follow;
    demux->hook = hook;
    demux->context = context;
    if (!(follow & TS_FOLLOW_PROGRAMS)) {
        return TS_OK;
    }
    return demux_add_role(demux, TS_PID_PAT, TS_ROLE_PAT);
}

void ts_demux_free(ts_demux *demux) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        /* Few PIDs have either. */
        if (demux->assembler[pid] != NULL) {
            free(demux->assembler[pid]);
            demux->assembler[pid] = NULL;
        }
        if (demux->clock[pid] != NULL) {
            free(demux->clock[pid]);
            demux->clock[pid] = NULL;
        }
    }
    free(demux->programs);
    free(demux->seen);
    demux->programs = NULL;
    demux->program_count = demux->program_capacity = 0;
    demux->seen = NULL;
    demux->seen_count = demux->seen_capacity = 0;
}

ts_status demux_add_role(ts_demux *demux, uint16_t pid, uint8_t role) {
    if (demux->assembler[pid] == NULL) {
        demux->assembler[pid] = malloc(sizeof *demux->assembler[pid]);
        if (demux->assembler[pid] == NULL) {
            return TS_NO_MEMORY;
        }
    }
    if (demux->role[pid] == 0) {
        ts_section_assembler_init(demux->assembler[pid]);
    }
    demux->role_changes += (demux->role[pid] & role) != role;
    demux->role[pid] |= role;
    return TS_OK;
}

ts_status ts_demux_watch(ts_demux *demux, uint16_t pid) {
    return pid < TS_PID_NULL ? demux_add_role(demux, pid, TS_ROLE_SECTIONS) : TS_BAD_ARGUMENT;
}

const ts_program *ts_demux_find_program(const ts_demux *demux, uint16_t program_number) {
    for (size_t i = 0; i < demux->program_count; i++) {
        if (demux->programs[i].program_number == program_number) {
            return &demux->programs[i];
        }
    }
    return NULL;
}

const ts_clock *ts_demux_get_clock(const ts_demux *demux, uint16_t pid) {
    uint16_t pcr_pid = demux->clock_pid[pid];
    if (pcr_pid == TS_PID_NULL) {
        pcr_pid = demux->reference_pid;
    }
    return demux->clock[pcr_pid];
}

static bool has_crc(const uint8_t *section) {
    uint8_t table_id = ts_section_get_table_id(section);
    return ts_section_has_syntax(section) || table_id == TABLE_ID_TOT ||
           table_id == TABLE_ID_SPLICE;
}

static void describe_time(const ts_demux *demux, ts_demux_section *section) {
    const ts_clock *clock = ts_demux_get_clock(demux, section->pid);
    section->has_time = clock != NULL && clock->started;
    if (section->has_time) {
        section->stream_time = ts_clock_get_time(clock, section->report->last_packet);
        section->pts_90khz = ts_clock_time_to_pts(clock, section->stream_time);
    }
}

static void on_report(void *context, const ts_section_report *report) {
    ts_demux *demux = context;
    uint16_t pid = demux->feeding;
    ts_demux_section section = {.report = report, .pid = pid, .role = demux->role[pid]};
    if (report->kind == TS_SECTION_COMPLETE) {
        section.crc_ok =
            !has_crc(report->bytes) || psi_check_crc(report->bytes, report->size) == TS_OK;
        section.is_new = !section.crc_ok || demux_is_new(demux, pid, report->bytes, report->size);
        if (section.crc_ok && section.is_new) {
            ts_status followed = demux_follow(demux, &section);
            demux->status = demux->status == TS_OK ? followed : demux->status;
        }
    }
    describe_time(demux, &section);
    if (demux->hook != NULL) {
        ts_status hooked = demux->hook(demux->context, &section);
        demux->status = demux->status == TS_OK ? hooked : demux->status;
    }
}

ts_status demux_want_clock(ts_demux *demux, uint16_t pcr_pid) {
    if (demux->clock[pcr_pid] != NULL) {
        return TS_OK;
    }
    ts_clock *clock = malloc(sizeof *clock);
    if (clock == NULL) {
        return TS_NO_MEMORY;
    }
    ts_clock_init(clock, 0);
    demux->clock[pcr_pid] = clock;
    return TS_OK;
}

static ts_status feed_clock(ts_demux *demux, const uint8_t *packet, uint16_t pid,
                            uint64_t packet_index) {
    ts_status status = demux_want_clock(demux, pid);
    if (status != TS_OK) {
        return status;
    }
    if (demux->reference_pid == TS_PID_NULL) {
        demux->reference_pid = pid;
    }
    ts_clock_feed(demux->clock[pid], packet_index, ts_packet_get_pcr(packet),
                  ts_packet_has_discontinuity(packet));
    return TS_OK;
}

ts_status ts_demux_feed_packet(ts_demux *demux, const uint8_t *packet, uint32_t header,
                               uint64_t packet_index) {
    uint16_t pid = ts_header_get_pid(header);
    demux->status = TS_OK;
    if ((demux->follow & TS_FOLLOW_CLOCKS) && (header & TS_HEADER_ADAPTATION) &&
        !(header & TS_HEADER_TEI) && pid != TS_PID_NULL && ts_packet_has_pcr(packet)) {
        demux->status = feed_clock(demux, packet, pid, packet_index);
    }
    if (demux->role[pid] != 0) {
        demux->feeding = pid;
        ts_section_assembler_feed(demux->assembler[pid], packet, packet_index, on_report, demux);
    }
    return demux->status;
}

ts_status ts_demux_feed(ts_demux *demux, const ts_batch *batch, size_t from) {
    uint32_t clocks = demux->follow & TS_FOLLOW_CLOCKS ? TS_HEADER_ADAPTATION : 0;
    for (size_t i = from; i < batch->count; i++) {
        uint32_t header = batch->header[i];
        if (demux->role[ts_header_get_pid(header)] == 0 &&
            !((header & clocks) && ts_packet_has_pcr(batch->packets + i * TS_PACKET_SIZE))) {
            continue;
        }
        ts_status status = ts_demux_feed_packet(demux, batch->packets + i * TS_PACKET_SIZE, header,
                                                batch->first_index + batch->position[i]);
        if (status != TS_OK) {
            return status;
        }
    }
    return TS_OK;
}

bool demux_may_watch(uint16_t pid) {
    return pid >= FIRST_FREE_PID && pid < TS_PID_NULL;
}
