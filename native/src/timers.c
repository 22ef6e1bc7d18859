#include "tsloom/timers.h"

#include <stdlib.h>
#include <string.h>

enum { TIMERS_FIRST = 64 };

void ts_timers_init(ts_timers *timers) {
    memset(timers, 0, sizeof *timers);
    timers->next = INT64_MAX;
}

void ts_timers_free(ts_timers *timers) {
    free(timers->timer);
    ts_timers_init(timers);
}

static void bring_forward(ts_timers *timers, const ts_timer *timer) {
    int64_t end = timer->last + timer->limit;
    if (timer->limit != 0 && end < timers->next) {
        timers->next = end;
    }
}

ts_status ts_timers_add(ts_timers *timers, const ts_timer *timer, uint32_t *index) {
    *index = TS_TIMER_NONE;
    if (timers->count == TS_TIMERS_MAX) {
        return TS_OK;
    }
    if (timers->count == timers->capacity) {
        uint32_t capacity = timers->capacity ? timers->capacity * 2 : (uint32_t)TIMERS_FIRST;
        ts_timer *grown = realloc(timers->timer, capacity * sizeof *grown);
        if (grown == NULL) {
            return TS_NO_MEMORY;
        }
        timers->timer = grown;
        timers->capacity = capacity;
    }
    *index = timers->count++;
    timers->timer[*index] = *timer;
    timers->timer[*index].active = true;
    timers->timer[*index].late = false;
    bring_forward(timers, timer);
    return TS_OK;
}

void ts_timers_refresh(ts_timers *timers, uint32_t index, int64_t now) {
    if (index == TS_TIMER_NONE) {
        return;
    }
    ts_timer *timer = &timers->timer[index];
    timers->late -= timer->late;
    bool began_anew = timer->late || !timer->active;
    timer->late = false;
    timer->active = true;
    timer->last = now;
    if (began_anew) {
        bring_forward(timers, timer);
    }
}

void ts_timers_stop(ts_timers *timers, uint32_t index) {
    if (index != TS_TIMER_NONE) {
        timers->late -= timers->timer[index].late;
        timers->timer[index].late = false;
        timers->timer[index].active = false;
    }
}

void ts_timers_expire(ts_timers *timers, int64_t now, ts_timer_hook hook, void *context) {
    if (now <= timers->next) {
        return;
    }
    timers->next = INT64_MAX;
    for (uint32_t i = 0; i < timers->count; i++) {
        ts_timer *timer = &timers->timer[i];
        if (!timer->active || timer->late || timer->limit == 0) {
            continue;
        }
        if (now - timer->last > timer->limit) {
            timer->late = true;
            timers->late++;
            hook(context, timer);
        } else {
            bring_forward(timers, timer);
        }
    }
}
