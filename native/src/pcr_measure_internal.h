/* The line that a PCR is held against, shared by pcr_loop.c and pcr_measure.c. */
#ifndef TSLOOM_PCR_MEASURE_INTERNAL_H
#define TSLOOM_PCR_MEASURE_INTERNAL_H

#include "tsloom/pcr_measure.h"

/* Beyond this step against byte position the line before says nothing of what follows. */
#define TS_PCR_STEP_TICKS 270000.0
/* Networks may hold packets for long; beyond one second the arrival clock itself has jumped. */
#define TS_PCR_ARRIVAL_STEP_TICKS 27000000.0

void ts_pcr_loop_init(ts_pcr_loop *loop, ts_pcr_kind kind, double filter_hz, int64_t limit_ns,
                      double step_limit);
/* Positions must rise from point to point, until the loop is closed. */
void ts_pcr_loop_feed(ts_pcr_measure *measure, ts_pcr_loop *loop, const ts_pcr_point *point);
/* Judges what waits; the next point starts a new line. */
void ts_pcr_loop_close(ts_pcr_measure *measure, ts_pcr_loop *loop);

/* What the loop tells, in ticks. */
void ts_pcr_note_verdict(ts_pcr_measure *measure, ts_pcr_kind kind, uint64_t packet_index,
                         double deviation);
void ts_pcr_note_unjudged(ts_pcr_measure *measure, ts_pcr_kind kind, uint64_t packet_index);
void ts_pcr_note_interval(ts_pcr_measure *measure, bool uneven);
void ts_pcr_note_restart(ts_pcr_measure *measure);

#endif
