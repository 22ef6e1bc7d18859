#include "udp_cut.h"

#include "tsloom/packet.h"

#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <time.h>

enum {
    REFUSALS_MAX = 8, /* in a row, of one datagram */
    WAITS_MAX = 100,  /* for room, of one datagram: a second in all ... */
    WAIT_MS = 10,     /* ... in steps that let a signal through */
    /* Datagrams and bytes of one message that the system cuts, and the pieces that it reads of it.
     */
    SEGMENTS_MAX = 48,
    SEGMENTED_MAX = 65000,
    PIECES_MAX = 512
};

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

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

static size_t measure(const ts_udp_pieces *datagram) {
    size_t size = 0;
    for (uint32_t i = 0; i < datagram->count; i++) {
        size += datagram->pieces[i].iov_len;
    }
    return size;
}

/* Messages of a batch: of so many datagrams each, from the one in hand on. */
typedef struct messages {
    struct mmsghdr headers[TS_UDP_BATCH];
    unsigned datagrams[TS_UDP_BATCH];
    unsigned count;
    union {
        struct cmsghdr aligned;
        uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
    } segment_size[TS_UDP_BATCH];
} messages;

/* How many datagrams the next message has: all but the last are of one size, and the pieces of all
 * stand one behind the other. */
static unsigned count_segments(const ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                               unsigned left) {
    const size_t size = measure(datagrams);
    size_t total = size;
    size_t pieces = datagrams->count;
    unsigned count = 1;
    size_t last = size;
    while (sender->segments && count < left && count < SEGMENTS_MAX && last == size) {
        const ts_udp_pieces *next = &datagrams[count];
        last = measure(next);
        total += last;
        pieces += next->count;
        if (next->pieces != next[-1].pieces + next[-1].count || last > size || last == 0 ||
            total > SEGMENTED_MAX || pieces > PIECES_MAX) {
            break;
        }
        count++;
    }
    return count;
}

static void prepare_message(messages *made, unsigned n, const ts_udp_pieces *datagrams,
                            unsigned count) {
    struct msghdr *header = &made->headers[n].msg_hdr;
    *header = (struct msghdr){.msg_iov = (struct iovec *)(uintptr_t)datagrams->pieces};
    for (unsigned i = 0; i < count; i++) {
        header->msg_iovlen += datagrams[i].count;
    }
    made->datagrams[n] = count;
    if (count == 1) {
        return;
    }
    header->msg_control = &made->segment_size[n];
    header->msg_controllen = sizeof made->segment_size[n].bytes;
    struct cmsghdr *control = CMSG_FIRSTHDR(header);
    control->cmsg_level = IPPROTO_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    const uint16_t size = (uint16_t)measure(datagrams);
    memcpy(CMSG_DATA(control), &size, sizeof size);
}

static void prepare_messages(messages *made, const ts_udp_sender *sender,
                             const ts_udp_pieces *datagrams, unsigned count) {
    made->count = 0;
    for (unsigned first = 0; first < count;) {
        const unsigned segments = count_segments(sender, datagrams + first, count - first);
        prepare_message(made, made->count++, datagrams + first, segments);
        first += segments;
    }
}

static void count_sent(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count) {
    sender->counters.datagrams += count;
    for (unsigned i = 0; i < count; i++) {
        sender->counters.bytes += measure(&datagrams[i]);
    }
}

/* No system before Linux 4.18 cuts, nor a device without checksums, nor what is larger than the
 * link takes: each datagram is a message then. */
static bool is_uncut(const ts_udp_sender *sender, int error) {
    return sender->segments && (error == EIO || error == EINVAL || error == EMSGSIZE ||
                                error == ENOPROTOOPT || error == EOPNOTSUPP);
}

int ts_udp_send_datagrams(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *done) {
    if (sender->transport) {
        return sender->transport(sender->transport_context, sender, datagrams, count, done);
    }
    return ts_udp_send_to_socket(sender, datagrams, count, done);
}

/* Sends some of the datagrams; 0 if none went. */
static unsigned send_some(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *first_message) {
    messages made;
    prepare_messages(&made, sender, datagrams, count);
    *first_message = made.datagrams[0];
    const int sent = sendmmsg(sender->fd, made.headers, made.count, MSG_DONTWAIT);
    unsigned gone = 0;
    for (int i = 0; i < sent; i++) {
        gone += made.datagrams[i];
    }
    count_sent(sender, datagrams, gone);
    return gone;
}

int ts_udp_send_to_socket(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *done) {
    obstacles met = {0, 0};
    *done = 0;
    while (*done < count) {
        unsigned turned_away;
        const unsigned gone = send_some(sender, datagrams + *done, count - *done, &turned_away);
        *done += gone;
        if (gone > 0) {
            met = (obstacles){0, 0};
            continue;
        }
        const int error = errno;
        if (turned_away > 1 && is_uncut(sender, error)) {
            sender->segments = false;
            continue;
        }
        const verdict next = judge(sender, error, &met);
        if (next == GIVE_UP_SENDING) {
            return errno == EINTR ? EINTR : error;
        }
        if (next == GIVE_UP_DATAGRAM) {
            sender->counters.lost_datagrams += turned_away;
            sender->counters.last_errno = error;
            *done += turned_away;
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
