#include "udp_cut.h"

#include "tsloom/packet.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum {
    REFUSALS_MAX = 8, /* in a row, of one datagram */
    WAITS_MAX = 100,  /* for room, of one datagram: a second in all ... */
    WAIT_MS = 10      /* ... in steps that let a signal through */
};

typedef enum verdict { TRY_AGAIN, GIVE_UP_DATAGRAM, GIVE_UP_SENDING } verdict;

/* How often the datagram in hand was turned away, and why. */
typedef struct obstacles {
    unsigned refusals;
    unsigned waits;
} obstacles;

static verdict wait_for_room(const ts_udp_sender *sender, int error, obstacles *met) {
    if (++met->waits > WAITS_MAX) {
        return GIVE_UP_DATAGRAM;
    }
    /* With ENOBUFS it is the link's queue that is full, of which poll knows nothing. */
    struct pollfd waited = {.fd = sender->fd, .events = error == ENOBUFS ? 0 : POLLOUT};
    return poll(&waited, 1, WAIT_MS) < 0 ? GIVE_UP_SENDING : TRY_AGAIN;
}

static verdict judge(ts_udp_sender *sender, int error, obstacles *met) {
    switch (error) {
    case ECONNREFUSED:
        /* Tells of an earlier datagram; this one was not sent. */
        sender->counters.refused++;
        return ++met->refusals > REFUSALS_MAX ? GIVE_UP_DATAGRAM : TRY_AGAIN;
    case EAGAIN:
    case ENOBUFS:
    case ENOMEM:
        return wait_for_room(sender, error, met);
    case EINTR:
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
    case EDESTADDRREQ:
        return GIVE_UP_SENDING;
    default:
        /* No route, link down, a firewall: may pass, and a stream does not wait for it. */
        return GIVE_UP_DATAGRAM;
    }
}

static void count_sent(ts_udp_sender *sender, const ts_udp_pieces *datagram) {
    sender->counters.datagrams++;
    for (uint32_t i = 0; i < datagram->count; i++) {
        sender->counters.bytes += datagram->pieces[i].iov_len;
    }
}

static void prepare_messages(struct mmsghdr *messages, const ts_udp_pieces *datagrams,
                             unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        messages[i].msg_len = 0;
        messages[i].msg_hdr =
            (struct msghdr){.msg_iov = (struct iovec *)(uintptr_t)datagrams[i].pieces,
                            .msg_iovlen = datagrams[i].count};
    }
}

int ts_udp_send_datagrams(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *done) {
    if (sender->transport) {
        return sender->transport(sender->transport_context, sender, datagrams, count, done);
    }
    return ts_udp_send_to_socket(sender, datagrams, count, done);
}

int ts_udp_send_to_socket(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *done) {
    struct mmsghdr messages[TS_UDP_BATCH];
    obstacles met = {0, 0};
    *done = 0;
    prepare_messages(messages, datagrams, count);
    while (*done < count) {
        int sent = sendmmsg(sender->fd, messages + *done, count - *done, MSG_DONTWAIT);
        if (sent > 0) {
            for (int i = 0; i < sent; i++) {
                count_sent(sender, &datagrams[(*done)++]);
            }
            met = (obstacles){0, 0};
            continue;
        }
        int error = errno;
        verdict next = judge(sender, error, &met);
        if (next == GIVE_UP_SENDING) {
            return errno == EINTR ? EINTR : error;
        }
        if (next == GIVE_UP_DATAGRAM) {
            sender->counters.lost_datagrams++;
            sender->counters.last_errno = error;
            (*done)++;
            met = (obstacles){0, 0};
        }
    }
    return 0;
}

int ts_udp_send(ts_udp_sender *sender, const uint8_t *packets, size_t size, size_t *taken) {
    ts_udp_cut cut;
    *taken = 0;
    if (!ts_udp_sender_is_open(sender)) {
        return EBADF;
    }
    if (size % TS_PACKET_SIZE != 0) {
        return EINVAL;
    }
    ts_udp_cut_init(&cut, packets, size);
    for (;;) {
        while (ts_udp_cut_next(&cut, sender)) {
        }
        if (cut.count == 0) {
            break;
        }
        int error = ts_udp_cut_send(&cut, sender, cut.count, NULL, taken);
        if (error) {
            return error;
        }
    }
    ts_udp_keep_rest(sender, packets + *taken, size - *taken);
    *taken = size;
    return 0;
}

int ts_udp_sender_flush(ts_udp_sender *sender) {
    if (!ts_udp_sender_is_open(sender)) {
        return EBADF;
    }
    if (sender->partial_bytes == 0) {
        return 0;
    }
    struct iovec piece = {sender->partial, sender->partial_bytes};
    ts_udp_pieces datagram = {&piece, 1};
    unsigned done;
    int error = ts_udp_send_datagrams(sender, &datagram, 1, &done);
    if (done) {
        sender->partial_bytes = 0;
    }
    return error;
}
