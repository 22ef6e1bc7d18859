#include <stdlib.h>
#include <string.h>

#include "input_switch_internal.h"

#define VERSION_MASK 0x3Eu

enum { VERSION = 5 };

static uint16_t get_extension(const uint8_t *section) {
    /* There is one PAT, whichever stream it names. */
    return ts_section_get_table_id(section) == PSI_TABLE_ID_PAT
               ? 0
               : ts_section_get_table_id_extension(section);
}

static bool is_same_table(const uint8_t *a, const uint8_t *b) {
    return ts_section_get_table_id(a) == ts_section_get_table_id(b) &&
           get_extension(a) == get_extension(b);
}

static ts_switched_table *find_table(ts_input_switch *stage, const uint8_t *section) {
    for (size_t i = 0; i < stage->table_count; i++) {
        const uint8_t *there = stage->tables[i].section;
        if (is_same_table(there, section) &&
            ts_section_get_section_number(there) == ts_section_get_section_number(section)) {
            return &stage->tables[i];
        }
    }
    return NULL;
}

static ts_switched_table *add_table(ts_input_switch *stage) {
    if (stage->table_count == stage->table_capacity) {
        size_t capacity = stage->table_capacity * 2 + 8;
        ts_switched_table *tables = realloc(stage->tables, capacity * sizeof *tables);
        if (tables == NULL) {
            return NULL;
        }
        stage->tables = tables;
        stage->table_capacity = capacity;
    }
    ts_switched_table *table = &stage->tables[stage->table_count++];
    memset(table, 0, sizeof *table);
    table->epoch = stage->epoch - 1;
    return table;
}

static bool says_the_same(const ts_switched_table *table, const uint8_t *section, size_t size) {
    return table->size == size && memcmp(table->section, section, VERSION) == 0 &&
           ((table->section[VERSION] ^ section[VERSION]) & ~VERSION_MASK) == 0 &&
           memcmp(table->section + VERSION + 1, section + VERSION + 1,
                  size - VERSION - 1 - TS_SECTION_CRC_SIZE) == 0;
}

/* What the versions of a table are raised by since the switch: told by the first of its sections
 * that comes. */
static uint8_t choose_shift(ts_input_switch *stage, const uint8_t *section, size_t size) {
    const ts_switched_table *last = NULL;
    for (size_t i = 0; i < stage->table_count; i++) {
        const ts_switched_table *table = &stage->tables[i];
        if (table->size == 0 || !is_same_table(table->section, section)) {
            continue;
        }
        if (table->epoch == stage->epoch) {
            return table->shift;
        }
        last = table;
    }
    if (last == NULL) {
        return 0;
    }
    unsigned before = ts_section_get_version_number(last->section);
    unsigned now = ts_section_get_version_number(section);
    /* Of several sections the others may differ. */
    bool single = ts_section_get_last_section_number(section) == 0 &&
                  ts_section_get_last_section_number(last->section) == 0;
    if (single && says_the_same(last, section, size)) {
        return (before - now) & (PSI_VERSION_COUNT - 1u);
    }
    if (single && before != now) {
        return 0;
    }
    stage->raised++;
    return (before + 1u - now) & (PSI_VERSION_COUNT - 1u);
}

static void shift_version(uint8_t *section, size_t size, uint8_t shift) {
    unsigned version = ts_section_get_version_number(section) + shift;
    section[VERSION] =
        (uint8_t)((section[VERSION] & ~VERSION_MASK) | ((version << 1) & VERSION_MASK));
    psi_seal(section, size);
}

static ts_status take_table(ts_input_switch *stage, uint16_t pid, const uint8_t *section,
                            size_t size) {
    uint8_t out[PSI_SECTION_MAX];
    ts_switched_table *table = find_table(stage, section);
    bool current = ts_section_get_current_next_indicator(section);
    if (table == NULL) {
        if (!current || stage->table_count == TS_SWITCH_TABLES_MAX) {
            ts_rewriter_push(&stage->rewriter, pid, section, size);
            return TS_OK;
        }
        table = add_table(stage);
        if (table == NULL) {
            return TS_NO_MEMORY;
        }
    }
    if (table->epoch != stage->epoch && current) {
        table->shift = choose_shift(stage, section, size);
        table->epoch = stage->epoch;
    }
    memcpy(out, section, size);
    shift_version(out, size, table->shift);
    if (current) {
        memcpy(table->section, out, size);
        table->size = (uint16_t)size;
        table->pid = pid;
    }
    ts_rewriter_push(&stage->rewriter, pid, out, size);
    return TS_OK;
}

static bool is_section_type(uint8_t stream_type) {
    return stream_type == 0x05 || (stream_type >= 0x0A && stream_type <= 0x0D) ||
           stream_type == 0x14 || stream_type == 0x16 || stream_type == 0x86;
}

static void note_section_pids(ts_input_switch *stage, const uint8_t *pmt) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (is_section_type(stream.stream_type)) {
            stage->carries_sections[stream.elementary_pid] = true;
        }
    }
}

ts_status input_switch_take_section(void *context, const ts_demux_section *section) {
    ts_input_switch *stage = context;
    const ts_section_report *report = section->report;
    if (report->kind != TS_SECTION_COMPLETE) {
        return TS_OK;
    }
    bool is_pat = (section->role & TS_ROLE_PAT) && section->crc_ok &&
                  psi_pat_check(report->bytes, report->size) == TS_OK;
    bool is_pmt = (section->role & TS_ROLE_PMT) && section->crc_ok &&
                  psi_pmt_check(report->bytes, report->size) == TS_OK;
    if (!is_pat && !is_pmt) {
        ts_rewriter_push(&stage->rewriter, section->pid, report->bytes, report->size);
        return TS_OK;
    }
    if (is_pmt && section->is_new) {
        note_section_pids(stage, report->bytes);
    }
    return take_table(stage, section->pid, report->bytes, report->size);
}

static bool is_on_air(const ts_input_switch *stage, const ts_switched_table *table) {
    if (ts_section_get_table_id(table->section) == PSI_TABLE_ID_PAT) {
        return true;
    }
    const ts_program *program =
        ts_demux_find_program(&stage->demux, ts_section_get_table_id_extension(table->section));
    return program != NULL && program->pmt_pid == table->pid;
}

void input_switch_repeat_tables(ts_input_switch *stage) {
    for (size_t i = 0; i < stage->table_count; i++) {
        const ts_switched_table *table = &stage->tables[i];
        if (is_on_air(stage, table)) {
            ts_rewriter_push(&stage->rewriter, table->pid, table->section, table->size);
        }
    }
}
