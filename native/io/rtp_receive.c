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
    ts_ip_measure_init(&receiver->measure[0]);
    ts_ip_measure_init(&receiver->measure[1]);
    receiver->legs[0] = first;
    receiver->legs[1] = second;
    return 0;
}

int ts_rtp_receiver_add_fec(ts_rtp_receiver *receiver, ts_udp_receiver *columns,
                            ts_udp_receiver *rows) {
    int error = ts_rtp_fec_init(&receiver->fec);
    if (!error) {
        receiver->fec_sockets[0] = columns;
        receiver->fec_sockets[1] = rows;
    }
    return error;
}

void ts_rtp_receiver_free(ts_rtp_receiver *receiver) {
    ts_rtp_fec_free(&receiver->fec);
    if (receiver->scratch) {
        (void)munmap(receiver->scratch, SCRATCH_SIZE);
        receiver->scratch = NULL;
    }
    ts_rtp_ring_free(&receiver->ring);
}

/* What was lost is known when it is given up, and is lost on all legs: the first one tells. */
static void measure(ts_rtp_receiver *receiver, unsigned leg, const ts_udp_datagram *datagram) {
    const uint64_t lost = leg == 0 ? receiver->ring.counters.lost - receiver->lost : 0;
    const uint32_t header = TS_RTP_HEADER_SIZE;
    const uint32_t size = datagram->size > header ? datagram->size - header : 0;
    receiver->lost += lost;
    ts_ip_measure_see(&receiver->measure[leg], datagram->arrival_ns, size, lost);
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
        ts_rtp_ring_push(&receiver->ring, leg, receiver->scratch + datagram->offset, datagram->size,
                         datagram->arrival_ns, now_ns);
        *received +=
            ts_rtp_ring_take(&receiver->ring, buffer + *received, capacity - *received, now_ns);
        measure(receiver, leg, datagram);
    }
    return error;
}

static int receive_fec(ts_rtp_receiver *receiver) {
    int error = 0;
    for (unsigned n = 0; !error && receiver->fec.entries && n < TS_RTP_FEC_SOCKETS; n++) {
        ts_udp_receiver *udp = receiver->fec_sockets[n];
        size_t size;
        error = ts_udp_receive(udp, receiver->scratch, SCRATCH_SIZE, 0, &size);
        for (unsigned i = 0; !error && i < udp->datagram_count; i++) {
            ts_rtp_fec_push(&receiver->fec, &receiver->ring,
                            receiver->scratch + udp->datagrams[i].offset, udp->datagrams[i].size);
        }
    }
    ts_rtp_fec_repair(&receiver->fec, &receiver->ring);
    return error;
}

/* Until one of the sockets has something. */
static int wait_for_any(const ts_rtp_receiver *receiver, int64_t timeout_ns) {
    const ts_udp_receiver *all[] = {receiver->legs[0], receiver->legs[1], receiver->fec_sockets[0],
                                    receiver->fec_sockets[1]};
    struct pollfd waited[sizeof all / sizeof all[0]];
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000),
                               .tv_nsec = (long)(timeout_ns % 1000000000)};
    nfds_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i]) {
            waited[count++] = (struct pollfd){.fd = all[i]->fd, .events = POLLIN};
            /* Datagrams that are kept from an earlier batch do not show in poll. */
            timeout_ns = all[i]->pending_count ? 0 : timeout_ns;
        }
    }
    return timeout_ns && ppoll(waited, count, &timeout, NULL) < 0 ? errno : 0;
}

int ts_rtp_receive(ts_rtp_receiver *receiver, uint8_t *buffer, size_t capacity, int64_t timeout_ns,
                   size_t *received) {
    *received = 0;
    if (capacity < TS_UDP_DATAGRAM_MAX) {
        return EINVAL;
    }
    int64_t now_ns = get_now();
    ts_rtp_ring_begin_take(&receiver->ring);
    *received = ts_rtp_ring_take(&receiver->ring, buffer, capacity, now_ns);
    if (*received) {
        return 0;
    }
    int64_t wait_ns = ts_rtp_ring_get_wait(&receiver->ring, now_ns, timeout_ns);
    if (!receiver->legs[1] && !receiver->fec.entries) {
        return receive_leg(receiver, 0, buffer, capacity, wait_ns, received);
    }
    int error = wait_for_any(receiver, wait_ns);
    for (unsigned leg = 0; !error && leg < TS_RTP_LEGS && receiver->legs[leg]; leg++) {
        error = receive_leg(receiver, leg, buffer, capacity, 0, received);
    }
    if (!error) {
        error = receive_fec(receiver);
        *received +=
            ts_rtp_ring_take(&receiver->ring, buffer + *received, capacity - *received, get_now());
    }
    return *received ? 0 : error;
}
