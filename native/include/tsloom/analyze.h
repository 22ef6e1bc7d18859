/* Measures a stream in one pass over each batch's columns.
 *
 * Continuity is checked packet by packet; it lists the few packets that say more than that, and
 * only those are looked into. What they say is noted at once where no time is needed for it, and
 * else waits on the time line. Packets are taken in blocks counted from the first one, so that
 * nothing depends on how the stream was cut into batches. */
#ifndef TSLOOM_ANALYZE_H
#define TSLOOM_ANALYZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/bitrate.h"
#include "tsloom/buffers.h"
#include "tsloom/continuity.h"
#include "tsloom/demux.h"
#include "tsloom/elementary_stage.h"
#include "tsloom/pcr_measure.h"
#include "tsloom/recorder.h"
#include "tsloom/references.h"
#include "tsloom/timeline.h"
#include "tsloom/timestamps.h"
#include "tsloom/tr101290.h"

enum {
    /* The first events of the stream are kept, so many that which ones does not depend on when they
     * are looked at; more are counted only. */
    TS_ANALYZER_EVENTS = 10000,
    TS_ANALYZER_BLOCK = 512,
    TS_ANALYZER_INTERVAL_STEP = 64, /* packets; intervals end at a multiple of it */
    TS_ANALYZER_PCR_PIDS = 1024 /* PCRs of more PIDs are not measured: a bound for hostile input */
};

/* What figures are of. */
enum { TS_SPAN_TOTAL, TS_SPAN_INTERVAL, TS_SPANS };

typedef struct ts_analyzer ts_analyzer;

typedef struct ts_measured_pcr {
    ts_pcr_measure measure;
    ts_analyzer *analyzer;
    uint16_t pid;
} ts_measured_pcr;

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

struct ts_analyzer {
    ts_continuity continuity;
    ts_demux demux;
    ts_recorder recorder;
    ts_references references;
    ts_timeline timeline;
    ts_tr101290 tr;
    ts_bitrates bitrates;
    ts_buffers *buffers;                /* NULL: the decoder's buffers are not modelled */
    ts_elementary_stage *formats;       /* NULL: the formats of elementary streams are not read */
    size_t formats_done;                /* packets of the batch that it was handed */
    size_t modelled;                    /* packets of the batch that were handed to it */
    ts_measured_pcr *pcr[TS_PID_COUNT]; /* of PIDs that have had a PCR */
    size_t pcr_pids;
    ts_timestamps *timestamps[TS_PID_COUNT]; /* of PIDs that have had a PTS: TS_SPANS of them */
    ts_pid_counters counters[TS_PID_COUNT];
    ts_marked *marked; /* TS_ANALYZER_BLOCK */
    uint64_t packets;
    uint64_t counted;      /* packets that continuity has counted: those of the piece in hand too */
    uint64_t role_changes; /* of demux, up to which continuity watches its PIDs */
    uint64_t last_index;   /* input packet index of the last packet */
    int64_t last_arrival;  /* of the same, or TS_NO_ARRIVAL */
    ts_arrival_clock arrival_clock; /* that packets have come with */
    ts_stream_event events[TS_ANALYZER_EVENTS];
    size_t event_count;
    uint64_t lost_events;
    int64_t interval_ticks; /* 0: intervals end when somebody says so */
    int64_t interval_end;   /* the stream time at which control is wanted */
    bool interval_due;      /* that time has come */
    size_t done;            /* packets of the batch that were taken before control was wanted */
};

ts_status ts_analyzer_init(ts_analyzer *analyzer);
/* Before the first packet: the decoder's buffers are modelled too. */
ts_status ts_analyzer_model_buffers(ts_analyzer *analyzer);
/* Before the first packet: what elementary streams are is read from their headers too. Evidence
 * does not have those. */
ts_status ts_analyzer_read_formats(ts_analyzer *analyzer);
void ts_analyzer_free(ts_analyzer *analyzer);
/* Before the first packet: process wants control once stream time has come to a multiple of so many
 * ticks. Nothing depends on how the stream is cut. */
void ts_analyzer_set_interval(ts_analyzer *analyzer, int64_t ticks);
/* Figures of the interval begin anew; the totals go on. */
void ts_analyzer_begin_interval(ts_analyzer *analyzer);
/* A stage that changes nothing: state is a ts_analyzer. */
ts_status ts_analyzer_process(void *analyzer, ts_batch *batch);
/* The stream has ended: judges what still waits for a PCR. */
ts_status ts_analyzer_finish(ts_analyzer *analyzer);

#endif
