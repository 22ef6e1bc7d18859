#include "insert_internal.h"

enum {
    /* From a header's adaptation_field_control to CONCERN_CLOCK. */
    CLOCK_SHIFT = 3,
    GROUP = 4
};

size_t insert_find_index(const ts_batch *batch, size_t at, uint64_t wanted) {
    const uint32_t *position = batch->position;
    size_t end = batch->count;
    if (at == end || batch->first_index + position[at] >= wanted) {
        return at;
    }
    if (batch->first_index + position[end - 1] < wanted) {
        return end;
    }
    const uint32_t target = (uint32_t)(wanted - batch->first_index);
    /* Where no packet was dropped it is so far from here. */
    const size_t guess = at + (target - position[at]);
    if (guess < end && position[guess] >= target) {
        end = guess;
        at = position[guess - 1] < target ? guess - 1 : at;
    }
    while (at + 1 < end) {
        size_t middle = at + (end - at) / 2;
        if (position[middle] < target) {
            at = middle;
        } else {
            end = middle;
        }
    }
    return end;
}

static uint32_t get_pid(uint32_t header) {
    return (header & TS_HEADER_PID_MASK) >> 8;
}

/* CONCERN_CLOCK where there is an adaptation field. */
static unsigned get_clock(uint32_t header) {
    return header >> CLOCK_SHIFT & CONCERN_CLOCK;
}

/* Four at a time, with one branch for all: which PIDs come when cannot be guessed. */
size_t insert_find_concern(ts_inserter *inserter, const ts_batch *batch, size_t at, size_t end) {
    const uint32_t *restrict headers = batch->header;
    const uint8_t *restrict concern = inserter->concern;
    uint8_t *restrict passed = inserter->passed;
    const bool wants_nulls = inserter->wake_index < inserter->other_index;
    const unsigned always = CONCERN_NEW | CONCERN_READ | (wants_nulls ? CONCERN_NULL : 0u);
    /* Before there is a clock, any packet may have its first PCR. */
    const unsigned any = inserter->clock == NULL ? CONCERN_CLOCK : 0;
    for (; at + GROUP <= end; at += GROUP) {
        const uint32_t a = headers[at];
        const uint32_t b = headers[at + 1];
        const uint32_t c = headers[at + 2];
        const uint32_t d = headers[at + 3];
        const unsigned found = (concern[get_pid(a)] & (always | get_clock(a))) |
                               (concern[get_pid(b)] & (always | get_clock(b))) |
                               (concern[get_pid(c)] & (always | get_clock(c))) |
                               (concern[get_pid(d)] & (always | get_clock(d)));
        if (found != 0 || any != 0) {
            break;
        }
        passed[get_pid(a)] = (uint8_t)a;
        passed[get_pid(b)] = (uint8_t)b;
        passed[get_pid(c)] = (uint8_t)c;
        passed[get_pid(d)] = (uint8_t)d;
    }
    for (; at < end; at++) {
        if ((concern[get_pid(headers[at])] | any) & (always | get_clock(headers[at]))) {
            break;
        }
        passed[get_pid(headers[at])] = (uint8_t)headers[at];
    }
    return at;
}
