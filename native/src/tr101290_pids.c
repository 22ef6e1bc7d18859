/* PIDs: PCR, PTS, presence, references, scrambling. */
#include "tr101290_internal.h"
#include "tsloom/packet.h"

static ts_timer make_timer(const ts_tr101290 *tr, ts_indicator indicator, ts_limit limit,
                           uint16_t pid) {
    return (ts_timer){
        .indicators = BIT(indicator), .last = tr->now, .limit = tr->limit[limit], .pid = pid};
}

void tr_see_first(ts_tr101290 *tr, const ts_sighting *sighting) {
    ts_judged_pid *judged = &tr->pid[sighting->pid];
    tr->known[tr->known_count++] = sighting->pid;
    if (!judged->suspect && !ts_references_has(tr->references, sighting->pid)) {
        judged->suspect = judged->is_new = true;
        judged->unreferenced_since = tr->now;
        tr->suspects[tr->suspect_count++] = sighting->pid;
    }
}

void tr_see_scrambled(ts_tr101290 *tr, const ts_sighting *sighting) {
    if (sighting->pid == TS_PID_PAT) {
        tr_raise(tr, BIT(TS_PAT_ERROR) | BIT(TS_PAT_ERROR_2), sighting, 1, 0);
    } else if (tr->references->pid[sighting->pid].pmt) {
        tr_raise(tr, BIT(TS_PMT_ERROR) | BIT(TS_PMT_ERROR_2), sighting, 1, 0);
    }
    /* 5.2.2: PTS are only accessible if the packets are not scrambled. */
    ts_timers_stop(&tr->timers, tr->pid[sighting->pid].pts_timer);
    /* The CAT may come behind the first scrambled packet. */
    if (!tr->is_scrambled && !tr->has_cat && tr->has_time) {
        tr->is_scrambled = true;
        ts_timer timer = make_timer(tr, TS_CAT_ERROR, TS_LIMIT_CAT, TS_PID_CAT);
        timer.table_id = 1;
        tr->cat_timer = tr_add_timer(tr, &timer);
    }
}

/* 2.3.b: the values; 2.3.a, how far they stand apart in the stream, is a timer's. */
void tr_see_pcr(ts_tr101290 *tr, const ts_sighting *sighting) {
    ts_judged_pid *judged = &tr->pid[sighting->pid];
    bool wanted = tr->references->pid[sighting->pid].pcr != 0;
    if (judged->has_pcr && wanted && !(sighting->flags & TS_SIGHT_DISCONTINUITY)) {
        int64_t difference =
            (int64_t)((sighting->value % TS_PCR_MODULUS + TS_PCR_MODULUS - judged->pcr_27mhz) %
                      TS_PCR_MODULUS);
        if (difference >= (int64_t)(TS_PCR_MODULUS / 2)) {
            difference -= (int64_t)TS_PCR_MODULUS;
        }
        int64_t limit = tr->limit[TS_LIMIT_PCR_DISCONTINUITY];
        if (limit != 0 && (difference < 0 || difference > limit)) {
            uint64_t both = judged->pcr_was_late ? 0 : BIT(TS_PCR_ERROR);
            tr_raise(tr, BIT(TS_PCR_DISCONTINUITY) | both, sighting, difference, limit);
        }
    }
    judged->has_pcr = true;
    judged->pcr_was_late = false;
    judged->pcr_27mhz = sighting->value % TS_PCR_MODULUS;
    if (wanted && tr->has_time) {
        if (judged->pcr_timer == TS_TIMER_NONE) {
            ts_timer timer =
                make_timer(tr, TS_PCR_REPETITION, TS_LIMIT_PCR_REPETITION, sighting->pid);
            timer.indicators |= BIT(TS_PCR_ERROR);
            judged->pcr_timer = tr_add_timer(tr, &timer);
        }
        ts_timers_refresh(&tr->timers, judged->pcr_timer, tr->now);
    }
}

void tr_see_pts(ts_tr101290 *tr, const ts_sighting *sighting) {
    ts_judged_pid *judged = &tr->pid[sighting->pid];
    if (!tr->has_time || tr->references->pid[sighting->pid].elementary == 0) {
        return;
    }
    if (judged->pts_timer == TS_TIMER_NONE) {
        const ts_timer timer = make_timer(tr, TS_PTS_ERROR, TS_LIMIT_PTS, sighting->pid);
        judged->pts_timer = tr_add_timer(tr, &timer);
    }
    ts_timers_refresh(&tr->timers, judged->pts_timer, tr->now);
}

static void want(ts_tr101290 *tr, uint32_t *index, bool wanted, const ts_timer *timer) {
    if (!wanted) {
        ts_timers_stop(&tr->timers, *index);
    } else if (*index == TS_TIMER_NONE) {
        *index = tr_add_timer(tr, timer);
    } else if (!tr->timers.timer[*index].active) {
        ts_timers_refresh(&tr->timers, *index, tr->now);
    }
}

static void watch(ts_tr101290 *tr, uint16_t pid) {
    const ts_reference *reference = &tr->references->pid[pid];
    ts_judged_pid *judged = &tr->pid[pid];
    bool is_elementary = reference->elementary != 0;
    bool is_pcr = reference->pcr != 0 && pid != TS_PID_NULL;
    ts_timer presence = make_timer(tr, TS_PID_ERROR, TS_LIMIT_PID, pid);
    ts_timer pcr = make_timer(tr, TS_PCR_REPETITION, TS_LIMIT_PCR_REPETITION, pid);
    pcr.indicators |= BIT(TS_PCR_ERROR);
    ts_timer pmt = make_timer(tr, TS_PMT_ERROR, TS_LIMIT_PMT, pid);
    pmt.indicators |= BIT(TS_PMT_ERROR_2);
    pmt.table_id = 2;
    want(tr, &judged->presence_timer, is_elementary || is_pcr, &presence);
    want(tr, &judged->pcr_timer, is_pcr, &pcr);
    want(tr, &judged->pmt_timer, reference->pmt, &pmt);
    if (!is_elementary) {
        ts_timers_stop(&tr->timers, judged->pts_timer);
    }
    if (is_elementary || is_pcr) {
        tr->watched[tr->watched_count++] = pid;
    }
}

/* A PID that no table names any more is given time anew, to be named or to end. */
static void suspect(ts_tr101290 *tr, uint16_t pid) {
    ts_judged_pid *judged = &tr->pid[pid];
    bool is_suspect = !ts_references_has(tr->references, pid);
    if (!is_suspect) {
        judged->suspect = judged->accused = false;
        return;
    }
    if (!judged->suspect) {
        judged->suspect = judged->was_named = judged->is_new = true;
        judged->unreferenced_since = tr->now;
    }
    if (!judged->accused) {
        tr->suspects[tr->suspect_count++] = pid;
    }
}

static void take_references(ts_tr101290 *tr) {
    tr->reference_changes = tr->references->changes;
    tr->watched_count = 0;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        watch(tr, (uint16_t)pid);
    }
    tr->suspect_count = 0;
    for (size_t i = 0; i < tr->known_count; i++) {
        suspect(tr, tr->known[i]);
    }
}

static void look_for(ts_tr101290 *tr, uint16_t pid, uint64_t packets) {
    uint64_t count = tr->continuity->pid[pid].packets;
    if (count != tr->watched_packets[pid]) {
        tr->watched_packets[pid] = count;
        tr->present[pid] = packets;
    }
}

void ts_tr101290_end_block(ts_tr101290 *tr, uint64_t packets) {
    for (size_t i = 0; i < tr->watched_count; i++) {
        look_for(tr, tr->watched[i], packets);
    }
    for (size_t i = 0; i < tr->suspect_count; i++) {
        ts_judged_pid *judged = &tr->pid[tr->suspects[i]];
        if (judged->is_new) {
            judged->is_new = false;
            tr->watched_packets[tr->suspects[i]] = tr->continuity->pid[tr->suspects[i]].packets;
        } else {
            look_for(tr, tr->suspects[i], packets);
        }
    }
}

static void refresh_present(ts_tr101290 *tr, const ts_sighting *block) {
    for (size_t i = 0; i < tr->watched_count; i++) {
        uint16_t pid = tr->watched[i];
        if (tr->present[pid] >= block->value) {
            ts_timers_refresh(&tr->timers, tr->pid[pid].presence_timer, tr->now);
        }
    }
}

static void accuse_suspects(ts_tr101290 *tr, const ts_sighting *at) {
    int64_t limit = tr->limit[TS_LIMIT_UNREFERENCED];
    size_t kept = 0;
    for (size_t i = 0; i < tr->suspect_count; i++) {
        uint16_t pid = tr->suspects[i];
        ts_judged_pid *judged = &tr->pid[pid];
        int64_t waited = tr->now - judged->unreferenced_since;
        bool has_ended = judged->was_named && tr->present[pid] < at->value;
        if (limit == 0 || waited <= limit || has_ended) {
            tr->suspects[kept++] = pid;
            continue;
        }
        judged->accused = true;
        ts_sighting found = *at;
        found.pid = pid;
        tr_raise(tr, BIT(TS_UNREFERENCED_PID) | BIT(TS_UNREFERENCED_PID_2), &found, waited, limit);
    }
    tr->suspect_count = kept;
}

void tr_see_block(ts_tr101290 *tr, const ts_sighting *sighting) {
    if (!tr->has_time) {
        return;
    }
    if (tr->reference_changes != tr->references->changes) {
        take_references(tr);
    }
    refresh_present(tr, sighting);
    accuse_suspects(tr, sighting);
}
