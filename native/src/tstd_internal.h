/* The main buffers of the decoder model, shared by tstd.c and tstd_buffers.c. */
#ifndef TSLOOM_TSTD_INTERNAL_H
#define TSLOOM_TSTD_INTERNAL_H

#include "tsloom/tstd.h"

/* 1 bit/s moves one of these in a tick. */
#define TS_TSTD_FLUID_PER_BYTE INT64_C(216000000)

/* A time span goes by in which so much enters TB. */
void ts_tstd_step(ts_tstd *tstd, int64_t ticks, int64_t inflow);
/* Bytes of the unit that is coming in, or of one that was decoded before they came. */
void ts_tstd_add_to_unit(ts_tstd *tstd, int64_t fluid);
/* The oldest unit leaves at its DTS. */
void ts_tstd_decode_unit(ts_tstd *tstd);
void ts_tstd_tell(const ts_tstd *tstd, ts_tstd_event_kind kind, ts_tstd_buffer buffer,
                  uint64_t packet_index, int64_t amount, int64_t limit);

#endif
