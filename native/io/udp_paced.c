#include "tsloom/udp_paced.h"

#include "tsloom/packet.h"
#include "udp_cut.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

static int64_t get_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int sleep_until(int64_t at_ns) {
    struct timespec at = {.tv_sec = (time_t)(at_ns / 1000000000),
                          .tv_nsec = (long)(at_ns % 1000000000)};
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* Without this a sleep ends up to 50 us late so that others' may end with it. */
static int sharpen_timer(void) {
    int slack_ns = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    (void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    return slack_ns;
}

static void restore_timer(int slack_ns) {
    if (slack_ns > 0) {
        (void)prctl(PR_SET_TIMERSLACK, slack_ns, 0, 0, 0);
    }
}

int ts_udp_paced_init(ts_udp_paced *paced, uint64_t bitrate_bps) {
    memset(paced, 0, sizeof *paced);
    ts_pace_init(&paced->pace, bitrate_bps);
    void *mapping = mmap(NULL, TS_UDP_HOLD_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        return errno;
    }
    paced->hold = mapping;
    return 0;
}

void ts_udp_paced_free(ts_udp_paced *paced) {
    if (paced->hold) {
        (void)munmap(paced->hold, TS_UDP_HOLD_BYTES);
        paced->hold = NULL;
    }
}

/* One run over packets that follow each other in memory. */
typedef struct paced_run {
    ts_udp_paced *paced;
    ts_udp_sender *sender;
    int64_t end_ns;      /* of the time slice */
    uint64_t first;      /* index of the first packet */
    ts_pace_time *plans; /* of what is cut */
    ts_udp_cut cut;
} paced_run;

/* Feeds the pace as far as needed to tell the time of a packet of this run. */
static void settle(paced_run *run, uint64_t index) {
    ts_pace *pace = &run->paced->pace;
    uint64_t end = run->first + run->cut.size / TS_PACKET_SIZE;
    while (index >= pace->fed && pace->fed < end) {
        size_t offset = (size_t)(pace->fed - run->first) * TS_PACKET_SIZE;
        (void)ts_pace_feed(pace, run->cut.packets + offset, (size_t)(end - pace->fed));
    }
}

/* Plans the datagram cut last, unless it was planned before a time slice ended. */
static ts_pace_time plan_last(paced_run *run, int64_t now_ns) {
    ts_udp_paced *paced = run->paced;
    if (!paced->planned) {
        unsigned last = run->cut.count - 1;
        uint64_t index = run->first + run->cut.starts[last] / TS_PACKET_SIZE;
        if (last == 0 && run->sender->partial_bytes) {
            index = paced->partial_index;
        }
        settle(run, index);
        paced->plan = ts_pace_plan(&paced->pace, index, now_ns);
        paced->planned = true;
        /* All that is sent has been fed. */
        settle(run, run->first + run->cut.ends[last] / TS_PACKET_SIZE - 1);
    }
    return paced->plan;
}

static int send_due(paced_run *run, unsigned count, int64_t now_ns, size_t *taken) {
    unsigned done = 0;
    int error = ts_udp_cut_send(&run->cut, run->sender, count, &done, taken);
    for (unsigned i = 0; i < done; i++) {
        ts_pace_note_departure(&run->paced->pace, &run->plans[i], now_ns);
    }
    if (done < count) {
        run->paced->planned = false;
    }
    return error;
}

/* Cuts datagrams for as long as they are due. leave_ns is the time of one that is not; it stays
 * planned. */
static unsigned gather_due(paced_run *run, int64_t now_ns, int64_t *leave_ns) {
    unsigned due = 0;
    *leave_ns = 0;
    while (due < TS_UDP_BATCH && ts_udp_cut_next(&run->cut, run->sender)) {
        ts_pace_time plan = plan_last(run, now_ns);
        if (plan.leave_ns > now_ns + TS_UDP_GATHER_NS) {
            *leave_ns = plan.leave_ns;
            break;
        }
        run->paced->planned = false;
        run->plans[due++] = plan;
    }
    return due;
}

/* Sends what fills datagrams; with finished, all of that has left. */
static int send_full(paced_run *run, size_t *taken, bool *finished) {
    *finished = false;
    for (;;) {
        int64_t now_ns = get_now();
        int64_t leave_ns;
        unsigned due = gather_due(run, now_ns, &leave_ns);
        int error = send_due(run, due, now_ns, taken);
        if (error) {
            return error;
        }
        if (due == 0 && leave_ns == 0) {
            *finished = true;
            return 0;
        }
        if (now_ns >= run->end_ns) {
            return 0;
        }
        if (leave_ns != 0) {
            error = sleep_until(leave_ns < run->end_ns ? leave_ns : run->end_ns);
        }
        if (error) {
            return error;
        }
    }
}

static void keep_rest(paced_run *run, size_t *taken) {
    ts_udp_paced *paced = run->paced;
    ts_udp_sender *sender = run->sender;
    while (*taken < run->cut.size) {
        bool empty = sender->partial_bytes == 0;
        ts_udp_keep_rest(sender, run->cut.packets + *taken, TS_PACKET_SIZE);
        if (empty) {
            paced->partial_index = run->first + *taken / TS_PACKET_SIZE;
        }
        *taken += TS_PACKET_SIZE;
    }
    settle(run, run->first + run->cut.size / TS_PACKET_SIZE - 1);
}

static int send_run(ts_udp_paced *paced, ts_udp_sender *sender, const uint8_t *packets, size_t size,
                    int64_t end_ns, size_t *taken) {
    ts_pace_time plans[TS_UDP_BATCH];
    paced_run run = {.paced = paced, .sender = sender, .end_ns = end_ns, .first = paced->index};
    bool finished;
    *taken = 0;
    if (size == 0) {
        return 0;
    }
    run.plans = plans;
    ts_udp_cut_init(&run.cut, packets, size);
    int error = send_full(&run, taken, &finished);
    if (!error && finished) {
        keep_rest(&run, taken);
    }
    paced->index += *taken / TS_PACKET_SIZE;
    return error;
}

static int send_held(ts_udp_paced *paced, ts_udp_sender *sender, int64_t end_ns) {
    size_t taken;
    int error = send_run(paced, sender, paced->hold + paced->hold_start,
                         paced->hold_end - paced->hold_start, end_ns, &taken);
    paced->hold_start += taken;
    paced->holding = paced->hold_start < paced->hold_end;
    return error;
}

/* Before the rate is known: looks for it in the new packets, and holds them if it is not there. */
static bool hold_back(ts_udp_paced *paced, const uint8_t *packets, size_t size) {
    ts_pace *pace = &paced->pace;
    size_t held = paced->hold_end - paced->hold_start;
    uint64_t first = paced->index + held / TS_PACKET_SIZE;
    uint64_t end = first + size / TS_PACKET_SIZE;
    while (!ts_pace_has_rate(pace) && pace->fed < end) {
        size_t offset = (size_t)(pace->fed - first) * TS_PACKET_SIZE;
        (void)ts_pace_feed(pace, packets + offset, (size_t)(end - pace->fed));
    }
    int64_t now_ns = get_now();
    if (!paced->holding) {
        paced->hold_since_ns = now_ns;
    }
    if (ts_pace_has_rate(pace) || size > TS_UDP_HOLD_BYTES - paced->hold_end ||
        now_ns - paced->hold_since_ns > TS_UDP_HOLD_NS) {
        paced->hurried = true;
        return false;
    }
    memcpy(paced->hold + paced->hold_end, packets, size);
    paced->hold_end += size;
    paced->holding = true;
    return true;
}

int ts_udp_paced_send(ts_udp_paced *paced, ts_udp_sender *sender, const uint8_t *packets,
                      size_t size, int64_t slice_ns, size_t *taken) {
    *taken = 0;
    if (!ts_udp_sender_is_open(sender)) {
        return EBADF;
    }
    if (size % TS_PACKET_SIZE != 0) {
        return EINVAL;
    }
    if (!paced->hurried && size && hold_back(paced, packets, size)) {
        *taken = size;
        return 0;
    }
    int slack_ns = sharpen_timer();
    int64_t end_ns = get_now() + slice_ns;
    int error = 0;
    if (paced->holding) {
        error = send_held(paced, sender, end_ns);
    }
    if (!error && !paced->holding) {
        error = send_run(paced, sender, packets, size, end_ns, taken);
    }
    restore_timer(slack_ns);
    return error;
}

/* The partial datagram, at its time. */
static int send_partial(ts_udp_paced *paced, ts_udp_sender *sender, int64_t end_ns, bool *done) {
    int64_t now_ns = get_now();
    if (!paced->planned) {
        paced->plan = ts_pace_plan(&paced->pace, paced->partial_index, now_ns);
        paced->planned = true;
    }
    if (paced->plan.leave_ns > now_ns) {
        bool within = paced->plan.leave_ns <= end_ns;
        int error = sleep_until(within ? paced->plan.leave_ns : end_ns);
        if (error || !within) {
            return error;
        }
    }
    int error = ts_udp_sender_flush(sender);
    if (sender->partial_bytes == 0) {
        ts_pace_note_departure(&paced->pace, &paced->plan, get_now());
        paced->planned = false;
        *done = true;
    }
    return error;
}

int ts_udp_paced_flush(ts_udp_paced *paced, ts_udp_sender *sender, int64_t slice_ns, bool *done) {
    *done = false;
    if (!ts_udp_sender_is_open(sender)) {
        return EBADF;
    }
    int slack_ns = sharpen_timer();
    int64_t end_ns = get_now() + slice_ns;
    int error = 0;
    paced->hurried = true;
    if (paced->holding) {
        error = send_held(paced, sender, end_ns);
    }
    if (!error && !paced->holding) {
        if (sender->partial_bytes) {
            error = send_partial(paced, sender, end_ns, done);
        } else {
            *done = true;
        }
    }
    restore_timer(slack_ns);
    return error;
}
