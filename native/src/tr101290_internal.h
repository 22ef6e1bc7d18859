/* Between tr101290.c, tr101290_sections.c and tr101290_pids.c. */
#ifndef TSLOOM_TR101290_INTERNAL_H
#define TSLOOM_TR101290_INTERNAL_H

#include "tsloom/tr101290.h"

#define BIT TS_INDICATOR_BIT

/* At the sighting in hand. */
void tr_raise(ts_tr101290 *tr, uint64_t indicators, const ts_sighting *at, int64_t seen,
              int64_t allowed);
uint32_t tr_add_timer(ts_tr101290 *tr, const ts_timer *timer);
void tr_see_section(ts_tr101290 *tr, const ts_sighting *sighting);
void tr_see_crc_error(ts_tr101290 *tr, const ts_sighting *sighting);
void tr_see_first(ts_tr101290 *tr, const ts_sighting *sighting);
void tr_see_pcr(ts_tr101290 *tr, const ts_sighting *sighting);
void tr_see_pts(ts_tr101290 *tr, const ts_sighting *sighting);
void tr_see_block(ts_tr101290 *tr, const ts_sighting *sighting);
void tr_see_scrambled(ts_tr101290 *tr, const ts_sighting *sighting);

#endif
