#include "tsloom/tr101290.h"

#include <stdlib.h>
#include <string.h>

#include "tr101290_internal.h"
#include "tsloom/packet.h"

#define MS (TS_PCR_HZ / 1000)
enum { OCCURRENCES_FIRST = 64 };

/* TR 101 290, 5.2; BAT and TOT by EN 300 468, 5.1.4. EIT schedule has no limit there. */
static const int64_t default_limits[TS_LIMIT_COUNT] = {
    [TS_LIMIT_PAT] = 500 * MS,
    [TS_LIMIT_PMT] = 500 * MS,
    [TS_LIMIT_PID] = 5000 * MS,
    [TS_LIMIT_PCR_REPETITION] = 100 * MS,
    [TS_LIMIT_PCR_DISCONTINUITY] = 100 * MS,
    [TS_LIMIT_PTS] = 700 * MS,
    [TS_LIMIT_CAT] = 500 * MS,
    [TS_LIMIT_NIT_ACTUAL] = 10000 * MS,
    [TS_LIMIT_NIT_OTHER] = 10000 * MS,
    [TS_LIMIT_BAT] = 10000 * MS,
    [TS_LIMIT_SDT_ACTUAL] = 2000 * MS,
    [TS_LIMIT_SDT_OTHER] = 10000 * MS,
    [TS_LIMIT_EIT_ACTUAL] = 2000 * MS,
    [TS_LIMIT_EIT_OTHER] = 10000 * MS,
    [TS_LIMIT_EIT_SCHEDULE] = 0,
    [TS_LIMIT_TDT] = 30000 * MS,
    [TS_LIMIT_TOT] = 30000 * MS,
    [TS_LIMIT_SECTION_GAP] = 25 * MS,
    [TS_LIMIT_UNREFERENCED] = 500 * MS,
};

void ts_tr101290_init(ts_tr101290 *tr, const ts_timeline *timeline, const ts_references *references,
                      const ts_continuity *continuity) {
    memset(tr, 0, sizeof *tr);
    memcpy(tr->limit, default_limits, sizeof tr->limit);
    ts_timers_init(&tr->timers);
    tr->timeline = timeline;
    tr->references = references;
    tr->continuity = continuity;
    tr->pat_packet_timer = tr->pat_timer = tr->cat_timer = TS_TIMER_NONE;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        ts_judged_pid *judged = &tr->pid[pid];
        judged->pcr_timer = judged->pts_timer = TS_TIMER_NONE;
        judged->presence_timer = judged->pmt_timer = TS_TIMER_NONE;
    }
}

void ts_tr101290_free(ts_tr101290 *tr) {
    ts_timers_free(&tr->timers);
    free(tr->occurrences.items);
    free(tr->recent.items);
    free(tr->tables);
    tr->tables = NULL;
    tr->table_count = tr->table_capacity = 0;
    tr->occurrences = tr->recent = (ts_occurrence_list){NULL, 0, 0};
}

static void list_occurrence(ts_tr101290 *tr, ts_occurrence_list *list, const ts_occurrence *what) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : (size_t)OCCURRENCES_FIRST;
        ts_occurrence *grown = realloc(list->items, capacity * sizeof *grown);
        if (grown == NULL) {
            tr->status = TS_NO_MEMORY;
            return;
        }
        list->items = grown;
        list->capacity = capacity;
    }
    list->items[list->count++] = *what;
}

static int64_t floor_second(int64_t time) {
    return time / TS_PCR_HZ - (time % TS_PCR_HZ < 0);
}

static void count_in_second(ts_indicator_state *state, const ts_occurrence *what) {
    int64_t second = what->has_time ? floor_second(what->time) : 0;
    /* When a limit was passed is known behind what came meanwhile: seconds never run back. */
    if (second > state->second || state->count == 1) {
        state->second = second;
        state->in_second = 0;
        state->recently_in_second = 0;
    }
    state->in_second++;
    state->recently_in_second++;
    if (state->in_second > state->peak) {
        state->peak = state->in_second;
    }
    if (state->recently_in_second > state->recent_peak) {
        state->recent_peak = state->recently_in_second;
    }
}

void ts_tr101290_raise(ts_tr101290 *tr, uint64_t indicators, const ts_occurrence *what) {
    for (unsigned indicator = 0; indicators != 0; indicator++, indicators >>= 1) {
        if (!(indicators & 1u)) {
            continue;
        }
        ts_indicator_state *state = &tr->state[indicator];
        ts_occurrence occurrence = *what;
        occurrence.indicator = (uint8_t)indicator;
        state->count++;
        state->last_time = what->time;
        count_in_second(state, what);
        if (state->listed < TS_OCCURRENCES_MAX) {
            state->listed++;
            list_occurrence(tr, &tr->occurrences, &occurrence);
        }
        if (state->recently_listed < TS_OCCURRENCES_MAX) {
            state->recently_listed++;
            list_occurrence(tr, &tr->recent, &occurrence);
        }
    }
}

void ts_tr101290_begin_interval(ts_tr101290 *tr) {
    tr->recent.count = 0;
    for (size_t i = 0; i < TS_INDICATOR_COUNT; i++) {
        tr->state[i].recently_listed = 0;
        tr->state[i].recently_in_second = tr->state[i].recent_peak = 0;
    }
}

void tr_raise(ts_tr101290 *tr, uint64_t indicators, const ts_sighting *at, int64_t seen,
              int64_t allowed) {
    const ts_occurrence what = {.packet_index = at->packet_index,
                                .time = tr->now,
                                .seen = seen,
                                .allowed = allowed,
                                .pid = at->pid,
                                .table_id_extension = at->table_id_extension,
                                .table_id = at->table_id,
                                .has_time = tr->has_time};
    ts_tr101290_raise(tr, indicators, &what);
}

uint32_t tr_add_timer(ts_tr101290 *tr, const ts_timer *timer) {
    uint32_t index;
    ts_status status = ts_timers_add(&tr->timers, timer, &index);
    tr->status = tr->status == TS_OK ? status : tr->status;
    return index;
}

bool ts_tr101290_is_late(const ts_tr101290 *tr, ts_indicator indicator) {
    for (uint32_t i = 0; tr->timers.late != 0 && i < tr->timers.count; i++) {
        const ts_timer *timer = &tr->timers.timer[i];
        if (timer->late && (timer->indicators & BIT(indicator))) {
            return true;
        }
    }
    return false;
}

static void on_late(void *context, const ts_timer *timer) {
    ts_tr101290 *tr = context;
    const ts_occurrence what = {.packet_index = tr->packet_index,
                                .time = timer->last + timer->limit,
                                .seen = tr->now - timer->last,
                                .allowed = timer->limit,
                                .pid = timer->pid,
                                .table_id_extension = timer->table_id_extension,
                                .table_id = timer->table_id,
                                .has_time = true};
    uint64_t indicators = timer->indicators;
    if (indicators & BIT(TS_PCR_REPETITION)) {
        tr->pid[timer->pid].pcr_was_late = true;
    }
    ts_tr101290_raise(tr, indicators, &what);
}

static void move_on(ts_tr101290 *tr, uint64_t packet_index) {
    tr->packet_index = packet_index;
    tr->has_time = tr->timeline->has_time;
    if (!tr->has_time) {
        return;
    }
    int64_t time = ts_timeline_get_time(tr->timeline, packet_index);
    if (!tr->started) {
        tr->started = true;
        tr->now = tr->start = time;
        const ts_timer packets = {.indicators = BIT(TS_PAT_ERROR),
                                  .last = time,
                                  .limit = tr->limit[TS_LIMIT_PAT],
                                  .pid = TS_PID_PAT};
        ts_timer sections = packets;
        sections.indicators = BIT(TS_PAT_ERROR_2);
        tr->pat_packet_timer = tr_add_timer(tr, &packets);
        tr->pat_timer = tr_add_timer(tr, &sections);
    }
    tr->now = time > tr->now ? time : tr->now;
    ts_timers_expire(&tr->timers, tr->now, on_late, tr);
}

static void see(ts_tr101290 *tr, const ts_sighting *sighting) {
    switch ((ts_sighting_kind)sighting->kind) {
    case TS_SIGHT_BLOCK:
        tr_see_block(tr, sighting);
        break;
    case TS_SIGHT_FIRST:
        tr_see_first(tr, sighting);
        break;
    case TS_SIGHT_CONTINUITY:
        tr_raise(tr, BIT(TS_CONTINUITY_ERROR), sighting, (int64_t)sighting->value, 0);
        break;
    case TS_SIGHT_TRANSPORT_ERROR:
        tr_raise(tr, BIT(TS_TRANSPORT_ERROR), sighting, 1, 0);
        break;
    case TS_SIGHT_SCRAMBLED:
        tr_see_scrambled(tr, sighting);
        break;
    case TS_SIGHT_PAT_PACKET:
        ts_timers_refresh(&tr->timers, tr->pat_packet_timer, tr->now);
        break;
    case TS_SIGHT_PCR:
        tr_see_pcr(tr, sighting);
        break;
    case TS_SIGHT_PTS:
        tr_see_pts(tr, sighting);
        break;
    case TS_SIGHT_SECTION:
        tr_see_section(tr, sighting);
        break;
    case TS_SIGHT_CRC_ERROR:
        tr_see_crc_error(tr, sighting);
        break;
    }
}

ts_status ts_tr101290_see(ts_tr101290 *tr, const ts_sighting *sighting) {
    tr->status = TS_OK;
    move_on(tr, sighting->packet_index);
    see(tr, sighting);
    return tr->status;
}
