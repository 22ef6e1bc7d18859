/* A UDP sender whose datagrams leave when their packets are due (tsloom/pace.h).
 *
 * The caller's thread sleeps, by absolute time on CLOCK_MONOTONIC and with a timer slack of 1 ns
 * while it is in here. */
#ifndef TSLOOM_UDP_PACED_H
#define TSLOOM_UDP_PACED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/pace.h"
#include "tsloom/udp.h"

/* What is held back at the start until the rate is known, and for how long. */
#define TS_UDP_HOLD_BYTES ((size_t)4096 * 1024)
#define TS_UDP_HOLD_NS INT64_C(1000000000)

/* Datagrams due within this time leave together: it is less than a sleep takes to wake up. */
#define TS_UDP_GATHER_NS INT64_C(20000)

typedef struct ts_udp_paced {
    ts_pace pace;
    uint64_t index;         /* of the packet that comes next, as the pace counts them */
    uint64_t partial_index; /* of the first packet in the sender's partial datagram */
    ts_pace_time plan;      /* of the next datagram */
    bool planned;
    bool hurried;  /* nothing is held back any more */
    bool holding;  /* something is, or was and has not left yet */
    uint8_t *hold; /* mapping */
    size_t hold_start;
    size_t hold_end;
    int64_t hold_since_ns;
} ts_udp_paced;

/* bitrate_bps 0: by PCR. */
int ts_udp_paced_init(ts_udp_paced *paced, uint64_t bitrate_bps);
/* May be called twice. */
void ts_udp_paced_free(ts_udp_paced *paced);

/* As ts_udp_send, each datagram at its time; returns after slice_ns even if not all is taken. */
int ts_udp_paced_send(ts_udp_paced *paced, ts_udp_sender *sender, const uint8_t *packets,
                      size_t size, int64_t slice_ns, size_t *taken);
/* Sends all that is held or waits for its datagram to fill, each at its time; done says whether it
 * has all left within slice_ns. */
int ts_udp_paced_flush(ts_udp_paced *paced, ts_udp_sender *sender, int64_t slice_ns, bool *done);

#endif
