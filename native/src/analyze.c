#include "tsloom/analyze.h"

#include <stdlib.h>
#include <string.h>

ts_status ts_analyzer_init(ts_analyzer *analyzer) {
    analyzer->marked = NULL;
    analyzer->marked_capacity = 0;
    analyzer->packets = 0;
    analyzer->role_changes = 0;
    analyzer->event_count = 0;
    analyzer->lost_events = 0;
    memset(analyzer->counters, 0, sizeof analyzer->counters);
    ts_recorder_init(&analyzer->recorder, TS_RECORD_CHANGES);
    ts_status status =
        ts_demux_init(&analyzer->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                      ts_recorder_keep, &analyzer->recorder);
    ts_status other = ts_continuity_init(&analyzer->continuity);
    return status == TS_OK ? other : status;
}

void ts_analyzer_free(ts_analyzer *analyzer) {
    free(analyzer->marked);
    analyzer->marked = NULL;
    analyzer->marked_capacity = 0;
    ts_continuity_free(&analyzer->continuity);
    ts_demux_free(&analyzer->demux);
    ts_recorder_free(&analyzer->recorder);
}

static void note_event(ts_analyzer *analyzer, uint64_t packet_index, uint16_t pid, unsigned marks,
                       uint8_t missing) {
    if (analyzer->event_count == TS_ANALYZER_EVENTS) {
        analyzer->lost_events++;
        return;
    }
    analyzer->events[analyzer->event_count++] =
        (ts_stream_event){packet_index, pid, (uint16_t)marks, missing};
}

static void count_marked(ts_analyzer *analyzer, const ts_batch *batch, const ts_marked *marked) {
    uint16_t pid = ts_header_get_pid(batch->header[marked->index]);
    uint64_t packet_index = batch->first_index + batch->position[marked->index];
    ts_pid_counters *counters = &analyzer->counters[pid];
    unsigned marks = marked->marks;
    if (marks == 0) {
        return;
    }
    counters->duplicates += (marks & TS_MARK_DUPLICATE) != 0;
    if (marks & TS_MARK_CONTINUITY_ERROR) {
        counters->continuity_errors++;
        note_event(analyzer, packet_index, pid, TS_MARK_CONTINUITY_ERROR, marked->missing);
    }
    if (marks & TS_MARK_TRANSPORT_ERROR) {
        counters->transport_errors++;
        note_event(analyzer, packet_index, pid, TS_MARK_TRANSPORT_ERROR, 0);
    }
    if (marks & TS_MARK_DISCONTINUITY) {
        counters->discontinuities++;
        note_event(analyzer, packet_index, pid, TS_MARK_DISCONTINUITY, 0);
    }
    if ((marks & TS_MARK_ADAPTATION) &&
        ts_packet_has_adaptation_overrun(batch->packets + (size_t)marked->index * TS_PACKET_SIZE)) {
        counters->adaptation_errors++;
        note_event(analyzer, packet_index, pid, 0, 0);
    }
}

static void watch_sections(ts_analyzer *analyzer) {
    if (analyzer->role_changes == analyzer->demux.role_changes) {
        return;
    }
    analyzer->role_changes = analyzer->demux.role_changes;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (analyzer->demux.role[pid] != 0) {
            ts_continuity_watch(&analyzer->continuity, (uint16_t)pid);
        }
    }
}

/* Sections and PCRs stand in listed packets only, until a table names new PIDs: what follows in the
 * batch is then looked through in full. */
static ts_status feed_demux(ts_analyzer *analyzer, const ts_batch *batch, size_t listed) {
    ts_demux *demux = &analyzer->demux;
    for (size_t i = 0; i < listed; i++) {
        size_t index = analyzer->marked[i].index;
        uint32_t header = batch->header[index];
        if (demux->role[ts_header_get_pid(header)] == 0 && !(header & TS_HEADER_ADAPTATION)) {
            continue;
        }
        ts_status status =
            ts_demux_feed_packet(demux, batch->packets + index * TS_PACKET_SIZE, header,
                                 batch->first_index + batch->position[index]);
        if (status != TS_OK) {
            return status;
        }
        if (demux->role_changes != analyzer->role_changes) {
            return ts_demux_feed(demux, batch, index + 1);
        }
    }
    return TS_OK;
}

ts_status ts_analyzer_process(void *state, ts_batch *batch) {
    ts_analyzer *analyzer = state;
    if (analyzer->marked_capacity < batch->count) {
        ts_marked *marked = realloc(analyzer->marked, batch->count * sizeof *marked);
        if (marked == NULL) {
            return TS_NO_MEMORY;
        }
        analyzer->marked = marked;
        analyzer->marked_capacity = batch->count;
    }
    watch_sections(analyzer);
    size_t listed = ts_continuity_check(&analyzer->continuity, batch, analyzer->marked);
    for (size_t i = 0; i < listed; i++) {
        count_marked(analyzer, batch, &analyzer->marked[i]);
    }
    analyzer->packets += batch->count;
    return feed_demux(analyzer, batch, listed);
}
