#include "tsloom/references.h"

#include <stdlib.h>
#include <string.h>

#include "tsloom/psi.h"

enum { FIRST_FREE_PID = 0x0020, TABLES_FIRST = 16, TABLES_MAX = TS_PID_COUNT };

void ts_references_init(ts_references *references) {
    memset(references, 0, sizeof *references);
}

void ts_references_free(ts_references *references) {
    for (size_t i = 0; i < references->table_count; i++) {
        free(references->tables[i].bytes);
    }
    free(references->tables);
    references->tables = NULL;
    references->table_count = references->table_capacity = 0;
}

static void count(uint16_t *counter, bool more) {
    if (more && *counter < UINT16_MAX) {
        ++*counter;
    } else if (!more && *counter > 0) {
        --*counter;
    }
}

static void count_ca(ts_references *references, psi_slice loop, bool more) {
    psi_descriptor descriptor;
    uint16_t pid;
    while (psi_descriptor_next(&loop, &descriptor)) {
        if (psi_get_ca_pid(&descriptor, &pid) == TS_OK) {
            count(&references->pid[pid].ca, more);
        }
    }
}

static void count_pmt(ts_references *references, const uint8_t *pmt, bool more) {
    count(&references->pid[psi_pmt_get_pcr_pid(pmt)].pcr, more);
    count_ca(references, psi_pmt_get_program_info(pmt), more);
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        count(&references->pid[stream.elementary_pid].elementary, more);
        count_ca(references, stream.es_info, more);
        if (more) {
            references->pid[stream.elementary_pid].stream_type = stream.stream_type;
            references->pid[stream.elementary_pid].pcr_pid = psi_pmt_get_pcr_pid(pmt);
        }
    }
}

static void count_table(ts_references *references, const ts_kept_table *table, bool more) {
    if (ts_section_get_table_id(table->bytes) == PSI_TABLE_ID_CAT) {
        count_ca(references, psi_cat_get_descriptors(table->bytes), more);
    } else {
        count_pmt(references, table->bytes, more);
    }
}

static void drop_table(ts_references *references, size_t index) {
    count_table(references, &references->tables[index], false);
    free(references->tables[index].bytes);
    references->tables[index] = references->tables[--references->table_count];
}

static ts_status add_room(ts_references *references) {
    if (references->table_count < references->table_capacity) {
        return TS_OK;
    }
    size_t capacity =
        references->table_capacity ? references->table_capacity * 2 : (size_t)TABLES_FIRST;
    ts_kept_table *tables = realloc(references->tables, capacity * sizeof *tables);
    if (tables == NULL) {
        return TS_NO_MEMORY;
    }
    references->tables = tables;
    references->table_capacity = capacity;
    return TS_OK;
}

static ts_status keep_table(ts_references *references, const ts_section_report *report,
                            uint16_t number, uint16_t pid) {
    for (size_t i = 0; i < references->table_count; i++) {
        const ts_kept_table *table = &references->tables[i];
        if (table->number == number &&
            ts_section_get_table_id(table->bytes) == ts_section_get_table_id(report->bytes)) {
            drop_table(references, i);
            break;
        }
    }
    if (references->table_count == TABLES_MAX) {
        return TS_OK;
    }
    uint8_t *bytes = malloc(report->size);
    if (bytes == NULL || add_room(references) != TS_OK) {
        free(bytes);
        return TS_NO_MEMORY;
    }
    memcpy(bytes, report->bytes, report->size);
    ts_kept_table *table = &references->tables[references->table_count++];
    *table = (ts_kept_table){bytes, report->size, number, pid};
    count_table(references, table, true);
    return TS_OK;
}

/* PMTs of programs that the PAT no longer lists, or lists on another PID. */
static void drop_gone_programs(ts_references *references, const ts_demux *demux) {
    for (size_t i = references->table_count; i-- > 0;) {
        const ts_kept_table *table = &references->tables[i];
        if (ts_section_get_table_id(table->bytes) != PSI_TABLE_ID_PMT) {
            continue;
        }
        const ts_program *program = ts_demux_find_program(demux, table->number);
        if (program == NULL || program->pmt_pid != table->pid) {
            drop_table(references, i);
        }
    }
}

static void follow_pat(ts_references *references, const ts_demux *demux, const uint8_t *pat) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        references->pid[pid].pmt = false;
    }
    for (size_t i = 0; i < demux->program_count; i++) {
        references->pid[demux->programs[i].pmt_pid].pmt = true;
    }
    for (size_t i = 0; i < psi_pat_get_count(pat); i++) {
        if (psi_pat_get_program_number(pat, i) == 0) {
            references->pid[psi_pat_get_pid(pat, i)].network = true;
        }
    }
    drop_gone_programs(references, demux);
}

ts_status ts_references_follow(ts_references *references, const ts_demux *demux,
                               const ts_demux_section *section) {
    const uint8_t *bytes = section->report->bytes;
    size_t size = section->report->size;
    if (section->report->kind != TS_SECTION_COMPLETE || !section->is_new || !section->crc_ok ||
        size < TS_SECTION_LONG_HEADER_SIZE || !ts_section_has_syntax(bytes) ||
        !ts_section_get_current_next_indicator(bytes)) {
        return TS_OK;
    }
    ts_status status = TS_OK;
    if (section->pid == TS_PID_PAT && psi_pat_check(bytes, size) == TS_OK) {
        follow_pat(references, demux, bytes);
    } else if (section->pid == TS_PID_CAT && psi_cat_check(bytes, size) == TS_OK) {
        status = keep_table(references, section->report, ts_section_get_section_number(bytes),
                            TS_PID_CAT);
    } else if ((section->role & TS_ROLE_PMT) && psi_pmt_check(bytes, size) == TS_OK) {
        uint16_t number = psi_pmt_get_program_number(bytes);
        const ts_program *program = ts_demux_find_program(demux, number);
        if (program == NULL || program->pmt_pid != section->pid) {
            return TS_OK;
        }
        status = keep_table(references, section->report, number, section->pid);
    } else {
        return TS_OK;
    }
    references->changes++;
    return status;
}

bool ts_references_has(const ts_references *references, uint16_t pid) {
    const ts_reference *reference = &references->pid[pid];
    return pid < FIRST_FREE_PID || pid == TS_PID_NULL || reference->pmt || reference->network ||
           reference->elementary != 0 || reference->pcr != 0 || reference->ca != 0;
}
