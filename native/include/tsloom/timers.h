/* Deadlines: what has to come again within a limit. They run out by any clock that moves, so that
 * what has gone for good is noticed too. */
#ifndef TSLOOM_TIMERS_H
#define TSLOOM_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/status.h"

enum { TS_TIMER_NONE = UINT32_MAX, TS_TIMERS_MAX = 65536 };

typedef struct ts_timer {
    uint64_t indicators; /* what is raised when it runs out, a bit each */
    int64_t last;        /* when it came last */
    int64_t limit;
    uint16_t pid;
    uint16_t table_id_extension;
    uint8_t table_id;
    bool active;
    bool late; /* has run out, and what it waits for has not come since */
} ts_timer;

typedef struct ts_timers {
    ts_timer *timer;
    uint32_t count;
    uint32_t capacity;
    uint32_t late; /* how many are late now */
    int64_t next;  /* none runs out before */
} ts_timers;

typedef void (*ts_timer_hook)(void *context, const ts_timer *timer);

void ts_timers_init(ts_timers *timers);
void ts_timers_free(ts_timers *timers);
/* *index is TS_TIMER_NONE where there are TS_TIMERS_MAX already. A limit of 0 never runs out. */
ts_status ts_timers_add(ts_timers *timers, const ts_timer *timer, uint32_t *index);
/* It came. */
void ts_timers_refresh(ts_timers *timers, uint32_t index, int64_t now);
/* It need not come any more; a later refresh begins anew. */
void ts_timers_stop(ts_timers *timers, uint32_t index);
/* Calls the hook once for each that runs out before now. */
void ts_timers_expire(ts_timers *timers, int64_t now, ts_timer_hook hook, void *context);

#endif
