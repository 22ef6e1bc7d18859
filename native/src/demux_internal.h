/* Between demux.c and demux_follow.c. */
#ifndef TSLOOM_DEMUX_INTERNAL_H
#define TSLOOM_DEMUX_INTERNAL_H

#include "tsloom/demux.h"

/* Watches the PID for this too. An assembler that begins to be fed (again) begins empty. */
ts_status demux_add_role(ts_demux *demux, uint16_t pid, uint8_t role);
ts_status demux_want_clock(ts_demux *demux, uint16_t pcr_pid);
/* PIDs that a table may point to: not those with a fixed meaning (ISO/IEC 13818-1, table 2-3). */
bool demux_may_watch(uint16_t pid);
/* Remembers the section; false if the last one of its kind was the same. */
bool demux_is_new(ts_demux *demux, uint16_t pid, const uint8_t *section, size_t size);
/* Takes in a good PAT or PMT section. */
ts_status demux_follow(ts_demux *demux, const ts_demux_section *section);

#endif
