/* Spacing of sections: a decoder's transport buffer takes 512 bytes of a PID and leaks at a fixed
 * rate (ISO/IEC 13818-1, 2.4.2.3, TBsys). A packet that would run it over waits for a later slot,
 * those of other PIDs pass it by. */
#include <string.h>

#include "remux_internal.h"

enum { BUFFER_SIZE = 512, SI_PID_LAST = 0x1F };

/* A packet leaves then, whatever the buffer: of a PID that carries more than the leak rate all
 * would come late else. */
#define WAIT_MOST (TS_PCR_HZ / 10)

uint64_t remux_get_leak(const ts_remux *remux, uint16_t pid) {
    if (pid <= TS_PID_CAT || (remux->demux.role[pid] & TS_ROLE_PMT)) {
        return remux->settings.psi_leak;
    }
    return pid >= TS_PID_NIT && pid <= SI_PID_LAST ? remux->settings.si_leak : 0;
}

static int64_t get_leak_time(uint64_t bytes, uint64_t leak) {
    return (int64_t)(bytes * 8 * (uint64_t)TS_PCR_HZ / leak);
}

/* When the PID's buffer has room for one packet more. */
static int64_t get_free_from(const ts_remux *remux, uint16_t pid) {
    const uint64_t leak = remux_get_leak(remux, pid);
    return leak == 0 ? INT64_MIN
                     : remux->empty_at[pid] - get_leak_time(BUFFER_SIZE - TS_PACKET_SIZE, leak);
}

bool remux_must_wait(const ts_remux *remux, uint16_t pid) {
    return remux->late_count < LATE_MAX &&
           (remux->waiting[pid] > 0 || remux->slot_time < get_free_from(remux, pid));
}

void remux_fill_buffer(ts_remux *remux, uint16_t pid, uint64_t leak) {
    const int64_t now = remux->slot_time;
    const int64_t empty = remux->empty_at[pid] > now ? remux->empty_at[pid] : now;
    const int64_t most = now + get_leak_time(BUFFER_SIZE, leak);
    const int64_t next = empty + get_leak_time(TS_PACKET_SIZE, leak);
    remux->empty_at[pid] = next < most ? next : most;
}

void remux_reset_buffers(ts_remux *remux) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        remux->empty_at[pid] = INT64_MIN / 2;
    }
    remux->late_from = INT64_MIN;
}

static int64_t get_time(const ts_remux *remux, const ts_remux_late *late) {
    const int64_t from = get_free_from(remux, ts_header_get_pid(late->header));
    return from < late->deadline ? from : late->deadline;
}

static void set_late_from(ts_remux *remux) {
    remux->late_from = INT64_MAX;
    for (size_t i = 0; i < remux->late_count; i++) {
        const int64_t time = get_time(remux, &remux->lates[i]);
        remux->late_from = time < remux->late_from ? time : remux->late_from;
    }
}

void remux_push_late(ts_remux *remux, const uint8_t *packet, uint32_t header) {
    ts_remux_late *late = &remux->lates[remux->late_count++];
    late->deadline = remux->slot_time + WAIT_MOST;
    late->header = header;
    memcpy(late->packet, packet, TS_PACKET_SIZE);
    remux->waiting[ts_header_get_pid(header)]++;
    remux->counters.spaced++;
    set_late_from(remux);
}

bool remux_has_late(const ts_remux *remux) {
    return remux->late_count > 0 && remux->slot_time >= remux->late_from;
}

ts_status remux_put_late(ts_remux *remux, bool all) {
    size_t at = 0;
    while (!all && at < remux->late_count &&
           get_time(remux, &remux->lates[at]) > remux->slot_time) {
        at++;
    }
    if (at == remux->late_count) {
        set_late_from(remux);
        return TS_OK;
    }
    const ts_remux_late late = remux->lates[at];
    const uint16_t pid = ts_header_get_pid(late.header);
    remux->late_count--;
    memmove(&remux->lates[at], &remux->lates[at + 1],
            (remux->late_count - at) * sizeof *remux->lates);
    remux->waiting[pid]--;
    remux->counters.crowded += remux->slot_time < get_free_from(remux, pid);
    const uint64_t leak = remux_get_leak(remux, pid);
    if (leak > 0) {
        remux_fill_buffer(remux, pid, leak);
    }
    set_late_from(remux);
    return remux_put(remux, late.packet, late.header);
}
