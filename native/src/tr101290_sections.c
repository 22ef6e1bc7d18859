/* Tables: which table_id may stand on which PID, how often, how close. */
#include <stdlib.h>

#include "tr101290_internal.h"
#include "tsloom/packet.h"

enum {
    PID_RST = 0x0013,
    TABLE_PAT = 0x00,
    TABLE_CAT = 0x01,
    TABLE_PMT = 0x02,
    TABLE_EIT_FIRST_SCHEDULE = 0x50,
    TABLE_EIT_LAST = 0x6F,
    TABLE_ST = 0x72,
    TABLES_FIRST = 64,
    TABLES_MAX = 65536,
    ANY_NUMBER = 0x100 /* of the key: the table, whatever the section_number */
};

typedef enum ts_repetition {
    TABLE_AS_A_WHOLE, /* any section of the table_id */
    EACH_SECTION
} ts_repetition;

/* TR 101 290, 5.2.3, tables 3.1 to 3.8; EN 300 468, 5.1.4. */
typedef struct ts_table_rule {
    uint16_t pid;
    uint8_t table_id;
    uint8_t last_table_id;
    ts_repetition repetition;
    ts_limit limit;
    uint64_t late;  /* indicators of too long an interval */
    uint64_t close; /* of too short a gap */
} ts_table_rule;

#define NIT (BIT(TS_NIT_ERROR) | BIT(TS_NIT_ACTUAL))
#define SDT (BIT(TS_SDT_ERROR) | BIT(TS_SDT_ACTUAL))
#define EIT (BIT(TS_EIT_ERROR) | BIT(TS_EIT_ACTUAL))
#define SI BIT(TS_SI_REPETITION)

static const ts_table_rule rules[] = {
    {TS_PID_NIT, 0x40, 0x40, TABLE_AS_A_WHOLE, TS_LIMIT_NIT_ACTUAL, NIT | SI,
     BIT(TS_NIT_ACTUAL) | SI},
    {TS_PID_NIT, 0x41, 0x41, EACH_SECTION, TS_LIMIT_NIT_OTHER, BIT(TS_NIT_OTHER) | SI, SI},
    {TS_PID_SDT, 0x42, 0x42, TABLE_AS_A_WHOLE, TS_LIMIT_SDT_ACTUAL, SDT | SI,
     BIT(TS_SDT_ACTUAL) | SI},
    {TS_PID_SDT, 0x46, 0x46, EACH_SECTION, TS_LIMIT_SDT_OTHER, BIT(TS_SDT_OTHER) | SI, SI},
    {TS_PID_SDT, 0x4A, 0x4A, EACH_SECTION, TS_LIMIT_BAT, SI, SI},
    {TS_PID_EIT, 0x4E, 0x4E, EACH_SECTION, TS_LIMIT_EIT_ACTUAL, EIT | SI, BIT(TS_EIT_ACTUAL) | SI},
    {TS_PID_EIT, 0x4F, 0x4F, EACH_SECTION, TS_LIMIT_EIT_OTHER, BIT(TS_EIT_OTHER) | SI, SI},
    {TS_PID_EIT, TABLE_EIT_FIRST_SCHEDULE, TABLE_EIT_LAST, EACH_SECTION, TS_LIMIT_EIT_SCHEDULE, SI,
     SI},
    {PID_RST, 0x71, 0x71, TABLE_AS_A_WHOLE, TS_LIMIT_COUNT, 0, BIT(TS_RST_ERROR) | SI},
    {TS_PID_TDT, 0x70, 0x70, TABLE_AS_A_WHOLE, TS_LIMIT_TDT, BIT(TS_TDT_ERROR) | SI,
     BIT(TS_TDT_ERROR) | SI},
    {TS_PID_TDT, 0x73, 0x73, TABLE_AS_A_WHOLE, TS_LIMIT_TOT, SI, SI},
};
enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

static const ts_table_rule *find_rule(const ts_sighting *sighting) {
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (rules[i].pid == sighting->pid && sighting->table_id >= rules[i].table_id &&
            sighting->table_id <= rules[i].last_table_id) {
            return &rules[i];
        }
    }
    return NULL;
}

/* Indicators of a table_id that does not belong on the PID. */
static uint64_t get_intruder(uint16_t pid) {
    switch (pid) {
    case TS_PID_PAT:
        return BIT(TS_PAT_ERROR) | BIT(TS_PAT_ERROR_2);
    case TS_PID_CAT:
        return BIT(TS_CAT_ERROR);
    case TS_PID_NIT:
        return NIT;
    case TS_PID_SDT:
        return SDT;
    case TS_PID_EIT:
        return EIT;
    case PID_RST:
        return BIT(TS_RST_ERROR);
    case TS_PID_TDT:
        return BIT(TS_TDT_ERROR);
    default:
        return 0;
    }
}

static size_t find_slot(const ts_judged_table *tables, size_t capacity, uint64_t key) {
    uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(hash >> 32) & (capacity - 1);
    while (tables[slot].key != 0 && tables[slot].key != key) {
        slot = (slot + 1) & (capacity - 1);
    }
    return slot;
}

static bool grow_tables(ts_tr101290 *tr) {
    size_t capacity = tr->table_capacity ? tr->table_capacity * 2 : (size_t)TABLES_FIRST;
    if (capacity > TABLES_MAX * 2) {
        return false;
    }
    ts_judged_table *tables = calloc(capacity, sizeof *tables);
    if (tables == NULL) {
        tr->status = TS_NO_MEMORY;
        return false;
    }
    for (size_t i = 0; i < tr->table_capacity; i++) {
        if (tr->tables[i].key != 0) {
            tables[find_slot(tables, capacity, tr->tables[i].key)] = tr->tables[i];
        }
    }
    free(tr->tables);
    tr->tables = tables;
    tr->table_capacity = capacity;
    return true;
}

/* NULL where there are too many: those are not judged. */
static ts_judged_table *find_table(ts_tr101290 *tr, const ts_sighting *at, unsigned number) {
    if (tr->table_count * 2 >= tr->table_capacity && !grow_tables(tr)) {
        return NULL;
    }
    uint64_t key = (UINT64_C(1) << 63) | ((uint64_t)at->pid << 40) |
                   ((uint64_t)at->table_id << 32) | ((uint64_t)at->table_id_extension << 16) |
                   number;
    ts_judged_table *table = &tr->tables[find_slot(tr->tables, tr->table_capacity, key)];
    if (table->key == 0) {
        *table = (ts_judged_table){.key = key, .end = INT64_MIN, .timer = TS_TIMER_NONE};
        tr->table_count++;
    }
    return table;
}

/* EN 300 468, 5.1.4: from the last byte of one section to the first byte of the next. */
static void judge_gap(ts_tr101290 *tr, const ts_sighting *at, const ts_table_rule *rule) {
    unsigned number = tr->same_number_gap ? at->section_number : (unsigned)ANY_NUMBER;
    ts_judged_table *table = find_table(tr, at, number);
    if (table == NULL) {
        return;
    }
    int64_t begin = ts_timeline_get_time(tr->timeline, at->first_packet);
    int64_t limit = tr->limit[TS_LIMIT_SECTION_GAP];
    if (table->end != INT64_MIN && begin - table->end < limit) {
        tr_raise(tr, rule->close, at, begin - table->end, limit);
    }
    table->end = tr->now;
}

static ts_timer make_timer(const ts_tr101290 *tr, const ts_table_rule *rule) {
    return (ts_timer){.indicators = rule->late,
                      .last = tr->now,
                      .limit = rule->limit == TS_LIMIT_COUNT ? 0 : tr->limit[rule->limit],
                      .pid = rule->pid,
                      .table_id = rule->table_id};
}

/* 3.6.c once more, where the partner was there: while it is late this one still comes. */
static void miss_partner(ts_tr101290 *tr, const ts_sighting *at, ts_timer *timer) {
    if (timer->late && !(timer->indicators & BIT(TS_EIT_PF))) {
        timer->indicators |= BIT(TS_EIT_PF);
        tr_raise(tr, BIT(TS_EIT_PF), at, tr->now - timer->last, timer->limit);
    }
}

/* 3.6.c: section 0 without section 1, or the other way round. */
static void want_partner(ts_tr101290 *tr, const ts_sighting *at, const ts_table_rule *rule) {
    if ((at->table_id != 0x4E && at->table_id != 0x4F) || at->section_number > 1) {
        return;
    }
    ts_judged_table *partner = find_table(tr, at, at->section_number ^ 1u);
    if (partner == NULL) {
        return;
    }
    if (partner->timer != TS_TIMER_NONE) {
        miss_partner(tr, at, &tr->timers.timer[partner->timer]);
        return;
    }
    ts_timer timer = make_timer(tr, rule);
    timer.indicators = BIT(TS_EIT_PF);
    timer.table_id = at->table_id;
    timer.table_id_extension = at->table_id_extension;
    partner->timer = tr_add_timer(tr, &timer);
}

static void judge_interval(ts_tr101290 *tr, const ts_sighting *at, const ts_table_rule *rule) {
    ts_sighting key = *at;
    unsigned number = at->section_number;
    if (rule->repetition == TABLE_AS_A_WHOLE) {
        key.table_id_extension = 0;
        number = ANY_NUMBER + 1;
    }
    ts_judged_table *table = find_table(tr, &key, number);
    if (table == NULL) {
        return;
    }
    if (table->timer == TS_TIMER_NONE) {
        ts_timer timer = make_timer(tr, rule);
        timer.table_id = at->table_id;
        timer.table_id_extension = key.table_id_extension;
        table->timer = tr_add_timer(tr, &timer);
        return;
    }
    tr->timers.timer[table->timer].indicators = rule->late;
    ts_timers_refresh(&tr->timers, table->timer, tr->now);
}

/* A stream with any DVB SI has to have these (EN 300 468, 5.1.3), from its start on. */
static void want_si(ts_tr101290 *tr) {
    tr->has_si = true;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        uint8_t table_id = rules[i].table_id;
        if (table_id != 0x40 && table_id != 0x42 && table_id != 0x70) {
            continue;
        }
        const ts_sighting key = {.pid = rules[i].pid, .table_id = table_id};
        ts_judged_table *table = find_table(tr, &key, ANY_NUMBER + 1);
        if (table != NULL && table->timer == TS_TIMER_NONE) {
            ts_timer timer = make_timer(tr, &rules[i]);
            timer.last = tr->start;
            table->timer = tr_add_timer(tr, &timer);
        }
    }
}

static void see_si(ts_tr101290 *tr, const ts_sighting *at) {
    if (!tr->has_si) {
        want_si(tr);
    }
    const ts_table_rule *rule = find_rule(at);
    if (rule == NULL) {
        return;
    }
    judge_gap(tr, at, rule);
    judge_interval(tr, at, rule);
    want_partner(tr, at, rule);
}

static bool belongs(const ts_sighting *at) {
    return get_intruder(at->pid) == 0 || find_rule(at) != NULL ||
           (at->pid >= TS_PID_NIT && at->table_id == TABLE_ST) ||
           (at->pid == TS_PID_PAT && at->table_id == TABLE_PAT) ||
           (at->pid == TS_PID_CAT && at->table_id == TABLE_CAT);
}

void tr_see_section(ts_tr101290 *tr, const ts_sighting *sighting) {
    if (!belongs(sighting)) {
        tr_raise(tr, get_intruder(sighting->pid), sighting, sighting->table_id, 0);
    }
    if (sighting->pid == TS_PID_CAT && sighting->table_id == TABLE_CAT) {
        tr->has_cat = true;
        ts_timers_stop(&tr->timers, tr->cat_timer);
    }
    if (!tr->has_time) {
        return;
    }
    if (sighting->pid == TS_PID_PAT && sighting->table_id == TABLE_PAT) {
        ts_timers_refresh(&tr->timers, tr->pat_timer, tr->now);
    } else if (sighting->table_id == TABLE_PMT) {
        ts_timers_refresh(&tr->timers, tr->pid[sighting->pid].pmt_timer, tr->now);
    } else if (sighting->pid >= TS_PID_NIT && sighting->pid <= TS_PID_TDT) {
        see_si(tr, sighting);
    }
}

/* 2.2: PAT, CAT, PMT, NIT, EIT, BAT, SDT, TOT. */
void tr_see_crc_error(ts_tr101290 *tr, const ts_sighting *sighting) {
    bool is_pmt = tr->references->pid[sighting->pid].pmt;
    if (is_pmt || sighting->pid <= TS_PID_CAT ||
        (sighting->pid >= TS_PID_NIT && sighting->pid <= TS_PID_TDT)) {
        tr_raise(tr, BIT(TS_CRC_ERROR), sighting, 1, 0);
    }
}
