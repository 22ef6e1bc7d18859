#include "tsloom/rtp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { SCRATCH_SIZE = 4 * TS_UDP_DATAGRAM_MAX };

static int64_t get_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int ts_rtp_receiver_init(ts_rtp_receiver *receiver, ts_udp_receiver *first, ts_udp_receiver *second,
                         uint32_t window, int64_t wait_ns, uint8_t payload_type) {
    memset(receiver, 0, sizeof *receiver);
    int error = ts_rtp_ring_init(&receiver->ring, window, wait_ns, payload_type);
    if (error) {
        return error;
    }
    void *mapping =
        mmap(NULL, SCRATCH_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        error = errno;
        ts_rtp_ring_free(&receiver->ring);
        return error;
    }
    receiver->scratch = mapping;
    receiver->legs[0] = first;
    receiver->legs[1] = second;
    return 0;
}

void ts_rtp_receiver_free(ts_rtp_receiver *receiver) {
    if (receiver->scratch) {
        (void)munmap(receiver->scratch, SCRATCH_SIZE);
        receiver->scratch = NULL;
    }
    ts_rtp_ring_free(&receiver->ring);
}

/* One batch of a leg into the ring; what is in order leaves as it comes. */
static int receive_leg(ts_rtp_receiver *receiver, unsigned leg, uint8_t *buffer, size_t capacity,
                       int64_t timeout_ns, size_t *received) {
    size_t size;
    ts_udp_receiver *udp = receiver->legs[leg];
    int error = ts_udp_receive(udp, receiver->scratch, SCRATCH_SIZE, timeout_ns, &size);
    int64_t now_ns = get_now();
    for (unsigned i = 0; !error && i < udp->datagram_count; i++) {
        const ts_udp_datagram *datagram = &udp->datagrams[i];
        ts_rtp_ring_push(&receiver->ring, leg, receiver->scratch + datagram->offset,
                         datagram->size);
        *received +=
            ts_rtp_ring_take(&receiver->ring, buffer + *received, capacity - *received, now_ns);
    }
    return error;
}

static int wait_for_legs(const ts_rtp_receiver *receiver, int64_t timeout_ns) {
    struct pollfd waited[TS_RTP_LEGS] = {{.fd = receiver->legs[0]->fd, .events = POLLIN},
                                         {.fd = receiver->legs[1]->fd, .events = POLLIN}};
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000),
                               .tv_nsec = (long)(timeout_ns % 1000000000)};
    /* Datagrams that are kept from an earlier batch do not show in poll. */
    if (receiver->legs[0]->pending_count || receiver->legs[1]->pending_count) {
        return 0;
    }
    return ppoll(waited, TS_RTP_LEGS, &timeout, NULL) < 0 ? errno : 0;
}

int ts_rtp_receive(ts_rtp_receiver *receiver, uint8_t *buffer, size_t capacity, int64_t timeout_ns,
                   size_t *received) {
    *received = 0;
    if (capacity < TS_UDP_DATAGRAM_MAX) {
        return EINVAL;
    }
    int64_t now_ns = get_now();
    *received = ts_rtp_ring_take(&receiver->ring, buffer, capacity, now_ns);
    if (*received) {
        return 0;
    }
    int64_t wait_ns = ts_rtp_ring_get_wait(&receiver->ring, now_ns, timeout_ns);
    if (!receiver->legs[1]) {
        return receive_leg(receiver, 0, buffer, capacity, wait_ns, received);
    }
    int error = wait_ns ? wait_for_legs(receiver, wait_ns) : 0;
    for (unsigned leg = 0; !error && leg < TS_RTP_LEGS; leg++) {
        error = receive_leg(receiver, leg, buffer, capacity, 0, received);
    }
    return *received ? 0 : error;
}
