/* Intervals of a report: when they end, and what begins anew with them. */
#include "analyze_internal.h"
#include "tsloom/packet.h"

void ts_analyzer_set_interval(ts_analyzer *analyzer, int64_t ticks) {
    analyzer->interval_ticks = analyzer->interval_end = ticks;
}

void ts_analyzer_begin_interval(ts_analyzer *analyzer) {
    analyzer->interval_due = false;
    ts_tr101290_begin_interval(&analyzer->tr);
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (analyzer->timestamps[pid] != NULL) {
            ts_timestamps_go_on(&analyzer->timestamps[pid][TS_SPAN_INTERVAL]);
        }
        if (analyzer->pcr[pid] != NULL) {
            ts_pcr_measure_reset_interval(&analyzer->pcr[pid]->measure);
        }
    }
}

bool analyzer_ends_interval(ts_analyzer *analyzer) {
    const ts_tr101290 *tr = &analyzer->tr;
    if (analyzer->interval_ticks == 0 || !tr->started || tr->now < analyzer->interval_end ||
        analyzer->packets % TS_ANALYZER_INTERVAL_STEP != 0) {
        return false;
    }
    const int64_t passed = tr->now - analyzer->interval_end;
    analyzer->interval_end += (passed / analyzer->interval_ticks + 1) * analyzer->interval_ticks;
    analyzer->interval_due = true;
    return true;
}
