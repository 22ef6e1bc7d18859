#include <stdlib.h>
#include <string.h>

#include "demux_internal.h"
#include "tsloom/crc32.h"
#include "tsloom/psi.h"

/* So many sections are remembered; beyond, each counts as new: a bound for hostile input. */
enum { SEEN_MAX = 65536, SEEN_FIRST = 256 };
/* More programs than PIDs there cannot be, but in hostile input. */
enum { PROGRAMS_MAX = TS_PID_COUNT, PROGRAMS_FIRST = 16 };

static size_t seen_slot(const ts_seen_section *seen, size_t capacity, uint64_t key) {
    uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(hash >> 32) & (capacity - 1);
    while (seen[slot].key != 0 && seen[slot].key != key) {
        slot = (slot + 1) & (capacity - 1);
    }
    return slot;
}

static bool grow_seen(ts_demux *demux) {
    size_t capacity = demux->seen_capacity ? demux->seen_capacity * 2 : SEEN_FIRST;
    if (capacity > SEEN_MAX * 2) {
        return false;
    }
    ts_seen_section *seen = calloc(capacity, sizeof *seen);
    if (seen == NULL) {
        return false;
    }
    for (size_t i = 0; i < demux->seen_capacity; i++) {
        if (demux->seen[i].key != 0) {
            seen[seen_slot(seen, capacity, demux->seen[i].key)] = demux->seen[i];
        }
    }
    free(demux->seen);
    demux->seen = seen;
    demux->seen_capacity = capacity;
    return true;
}

static uint64_t make_key(uint16_t pid, uint8_t table_id) {
    return (UINT64_C(1) << 63) | ((uint64_t)pid << 40) | ((uint64_t)table_id << 32);
}

static uint64_t get_key(uint16_t pid, const uint8_t *section, size_t size) {
    uint64_t key = make_key(pid, ts_section_get_table_id(section));
    if (!ts_section_has_syntax(section) || size < TS_SECTION_LONG_HEADER_SIZE) {
        return key;
    }
    /* A stream has one PAT: one of another transport_stream_id takes its place. */
    if (pid != TS_PID_PAT) {
        key |= (uint64_t)ts_section_get_table_id_extension(section) << 16;
    }
    return key | ((uint64_t)ts_section_get_section_number(section) << 8) |
           (ts_section_get_current_next_indicator(section) ? 1u : 0u);
}

bool demux_is_new(ts_demux *demux, uint16_t pid, const uint8_t *section, size_t size) {
    if (demux->seen_count * 2 >= demux->seen_capacity && !grow_seen(demux)) {
        return true;
    }
    uint64_t key = get_key(pid, section, size);
    ts_seen_section *slot = &demux->seen[seen_slot(demux->seen, demux->seen_capacity, key)];
    /* It was held against the section's bytes. */
    bool has_crc = ts_section_has_syntax(section) && size >= TS_SECTION_CRC_SIZE;
    uint32_t crc = has_crc ? ts_load_be32(section + size - TS_SECTION_CRC_SIZE) : 0;
    bool known = has_crc && slot->key == key && slot->crc == crc && slot->size == size;
    demux->seen_count += slot->key == 0;
    *slot = (ts_seen_section){key, crc, (uint32_t)size};
    return !known;
}

/* What was taken in by this section is given up: should the same one come again, it is new. */
static void forget_section(ts_demux *demux, uint64_t key) {
    if (demux->seen_capacity > 0) {
        demux->seen[seen_slot(demux->seen, demux->seen_capacity, key)].size = 0;
    }
}

static void forget_pmt(ts_demux *demux, const ts_program *program) {
    forget_section(demux, make_key(program->pmt_pid, PSI_TABLE_ID_PMT) |
                              ((uint64_t)program->program_number << 16) | 1u);
}

static ts_status add_program(ts_demux *demux, uint16_t program_number, uint16_t pmt_pid,
                             uint8_t section_number) {
    for (size_t i = 0; i < demux->program_count; i++) {
        ts_program *program = &demux->programs[i];
        if (program->program_number == program_number) {
            program->section_number = section_number;
            if (program->pmt_pid != pmt_pid) {
                program->pmt_pid = pmt_pid;
                program->has_pmt = false;
                forget_pmt(demux, program);
            }
            return TS_OK;
        }
    }
    if (demux->program_count == PROGRAMS_MAX) {
        return TS_OK;
    }
    if (demux->program_count == demux->program_capacity) {
        size_t capacity = demux->program_capacity ? demux->program_capacity * 2 : PROGRAMS_FIRST;
        ts_program *programs = realloc(demux->programs, capacity * sizeof *programs);
        if (programs == NULL) {
            return TS_NO_MEMORY;
        }
        demux->programs = programs;
        demux->program_capacity = capacity;
    }
    const ts_program program = {program_number, pmt_pid, TS_PID_NULL, section_number, false};
    demux->programs[demux->program_count++] = program;
    /* Its PMT may have passed before, on another program's PMT PID. */
    forget_pmt(demux, &program);
    return TS_OK;
}

static bool is_listed(const uint8_t *pat, uint16_t program_number) {
    for (size_t i = 0; i < psi_pat_get_count(pat); i++) {
        if (psi_pat_get_program_number(pat, i) == program_number) {
            return true;
        }
    }
    return false;
}

static void drop_programs(ts_demux *demux, const uint8_t *pat) {
    uint8_t number = ts_section_get_section_number(pat);
    uint8_t last = ts_section_get_last_section_number(pat);
    size_t kept = 0;
    for (size_t i = 0; i < demux->program_count; i++) {
        const ts_program *program = &demux->programs[i];
        bool gone = program->section_number > last ||
                    (program->section_number == number && !is_listed(pat, program->program_number));
        if (!gone) {
            demux->programs[kept++] = *program;
        }
    }
    demux->program_count = kept;
    for (unsigned gone = last + 1u; gone <= UINT8_MAX; gone++) {
        forget_section(demux, make_key(TS_PID_PAT, PSI_TABLE_ID_PAT) | (uint64_t)gone << 8 | 1u);
    }
}

/* Which PIDs carry PMTs, from the programs there are now. */
static ts_status watch_pmts(ts_demux *demux) {
    demux->role_changes++;
    bool is_pmt_pid[TS_PID_COUNT] = {false};
    ts_status status = TS_OK;
    for (size_t i = 0; i < demux->program_count && status == TS_OK; i++) {
        uint16_t pid = demux->programs[i].pmt_pid;
        is_pmt_pid[pid] = demux_may_watch(pid);
        status = is_pmt_pid[pid] ? demux_add_role(demux, pid, TS_ROLE_PMT) : TS_OK;
    }
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (!is_pmt_pid[pid]) {
            demux->role[pid] &= (uint8_t)~TS_ROLE_PMT;
        }
    }
    return status;
}

/* Cue PIDs of programs that are gone. */
static void drop_orphaned_cues(ts_demux *demux) {
    uint8_t is_there[(UINT16_MAX + 1) / 8] = {0};
    for (size_t i = 0; i < demux->program_count; i++) {
        uint16_t number = demux->programs[i].program_number;
        is_there[number / 8] |= (uint8_t)(1u << number % 8);
    }
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        uint16_t owner = demux->cue_owner[pid];
        bool is_owned = (is_there[owner / 8] & 1u << owner % 8) != 0;
        if ((demux->role[pid] & TS_ROLE_CUES) && !is_owned) {
            demux->role[pid] &= (uint8_t)~TS_ROLE_CUES;
        }
    }
}

static ts_status follow_pat(ts_demux *demux, const uint8_t *pat) {
    drop_programs(demux, pat);
    for (size_t i = 0; i < psi_pat_get_count(pat); i++) {
        uint16_t number = psi_pat_get_program_number(pat, i);
        ts_status status = number == 0 ? TS_OK
                                       : add_program(demux, number, psi_pat_get_pid(pat, i),
                                                     ts_section_get_section_number(pat));
        if (status != TS_OK) {
            return status;
        }
    }
    drop_orphaned_cues(demux);
    return watch_pmts(demux);
}

static bool lists_cues(const uint8_t *pmt, uint16_t pid) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == pid && stream.stream_type == TS_STREAM_TYPE_SCTE35) {
            return true;
        }
    }
    return false;
}

/* The program's cue PIDs but those that its PMT still lists. */
static void drop_cues(ts_demux *demux, uint16_t program_number, const uint8_t *pmt) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if ((demux->role[pid] & TS_ROLE_CUES) && demux->cue_owner[pid] == program_number &&
            !lists_cues(pmt, (uint16_t)pid)) {
            demux->role[pid] &= (uint8_t)~TS_ROLE_CUES;
        }
    }
}

static ts_status follow_cues(ts_demux *demux, const uint8_t *pmt, const ts_program *program) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.stream_type != TS_STREAM_TYPE_SCTE35 ||
            !demux_may_watch(stream.elementary_pid)) {
            continue;
        }
        demux->cue_owner[stream.elementary_pid] = program->program_number;
        demux->clock_pid[stream.elementary_pid] = program->pcr_pid;
        ts_status status = demux_add_role(demux, stream.elementary_pid, TS_ROLE_CUES);
        if (status != TS_OK) {
            return status;
        }
    }
    return TS_OK;
}

static bool is_clock_of_others(const ts_demux *demux, const ts_program *program, uint16_t pcr_pid) {
    for (size_t i = 0; i < demux->program_count; i++) {
        const ts_program *other = &demux->programs[i];
        if (other != program && other->has_pmt && other->pcr_pid == pcr_pid) {
            return true;
        }
    }
    return false;
}

/* The program's time line goes on where its PCRs come on another PID; unless that one's clock is
 * another program's already. */
static ts_status move_clock(ts_demux *demux, const ts_program *program, uint16_t pcr_pid) {
    const ts_clock *before = demux->clock[program->pcr_pid];
    if (before == NULL || pcr_pid == program->pcr_pid || pcr_pid == PSI_NO_PCR_PID ||
        is_clock_of_others(demux, program, pcr_pid)) {
        return TS_OK;
    }
    ts_status status = demux_want_clock(demux, pcr_pid);
    if (status == TS_OK) {
        ts_clock_carry_on(demux->clock[pcr_pid], before);
    }
    return status;
}

static ts_status follow_pmt(ts_demux *demux, const uint8_t *pmt, uint16_t pid) {
    for (size_t i = 0; i < demux->program_count; i++) {
        ts_program *program = &demux->programs[i];
        if (program->pmt_pid != pid || program->program_number != psi_pmt_get_program_number(pmt)) {
            continue;
        }
        demux->role_changes++;
        drop_cues(demux, program->program_number, pmt);
        ts_status status = move_clock(demux, program, psi_pmt_get_pcr_pid(pmt));
        program->pcr_pid = psi_pmt_get_pcr_pid(pmt);
        program->has_pmt = true;
        demux->clock_pid[pid] = program->pcr_pid;
        if (status == TS_OK && (demux->follow & TS_FOLLOW_CUES)) {
            status = follow_cues(demux, pmt, program);
        }
        return status;
    }
    return TS_OK;
}

ts_status demux_follow(ts_demux *demux, const ts_demux_section *section) {
    const uint8_t *bytes = section->report->bytes;
    size_t size = section->report->size;
    if (!(demux->follow & TS_FOLLOW_PROGRAMS) || !ts_section_has_syntax(bytes) ||
        size < TS_SECTION_LONG_HEADER_SIZE || !ts_section_get_current_next_indicator(bytes)) {
        return TS_OK;
    }
    if ((section->role & TS_ROLE_PAT) && psi_pat_check(bytes, size) == TS_OK) {
        return follow_pat(demux, bytes);
    }
    if ((section->role & TS_ROLE_PMT) && psi_pmt_check(bytes, size) == TS_OK) {
        return follow_pmt(demux, bytes, section->pid);
    }
    return TS_OK;
}
