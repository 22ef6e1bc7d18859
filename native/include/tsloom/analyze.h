/* Counts what a stream is made of, in one pass over each batch's columns. */
#ifndef TSLOOM_ANALYZE_H
#define TSLOOM_ANALYZE_H

#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/continuity.h"
#include "tsloom/demux.h"
#include "tsloom/recorder.h"

/* The first events of the stream are kept, so many that which ones does not depend on when they are
 * looked at; more are counted only. */
enum { TS_ANALYZER_EVENTS = 10000 };

typedef struct ts_pid_counters {
    uint64_t continuity_errors;
    uint64_t duplicates;
    uint64_t transport_errors;
    uint64_t discontinuities;
    uint64_t adaptation_errors; /* adaptation_field_length beyond the packet */
} ts_pid_counters;

typedef struct ts_stream_event {
    uint64_t packet_index;
    uint16_t pid;
    uint16_t
        marks; /* the one TS_MARK_ that it is about, or 0: adaptation field beyond the packet */
    uint8_t missing;
} ts_stream_event;

typedef struct ts_analyzer {
    ts_continuity continuity;
    ts_demux demux;
    ts_recorder recorder;
    ts_pid_counters counters[TS_PID_COUNT];
    ts_marked *marked;
    size_t marked_capacity;
    uint64_t packets;
    uint64_t role_changes; /* of demux, up to which continuity watches its PIDs */
    ts_stream_event events[TS_ANALYZER_EVENTS];
    size_t event_count;
    uint64_t lost_events;
} ts_analyzer;

ts_status ts_analyzer_init(ts_analyzer *analyzer);
void ts_analyzer_free(ts_analyzer *analyzer);
/* A stage that changes nothing: state is a ts_analyzer. */
ts_status ts_analyzer_process(void *analyzer, ts_batch *batch);

#endif
