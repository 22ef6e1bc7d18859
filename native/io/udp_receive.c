#include "tsloom/udp.h"

#include "tsloom/packet.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <time.h>

enum { GAPS_AVERAGED = 8, GAPS_OF_SILENCE = 4 };

/* Room for one message's timestamp and drop counter. */
typedef union control_room {
    struct cmsghdr header;
    uint8_t bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
} control_room;

/* One call of recvmmsg: each datagram goes to its slot of the caller's buffer, and what is longer
 * than that to the overflow room. */
typedef struct receive_call {
    struct mmsghdr messages[TS_UDP_BATCH];
    struct iovec parts[TS_UDP_BATCH][2];
    control_room controls[TS_UDP_BATCH];
} receive_call;

static bool is_whole_packets(const uint8_t *bytes, size_t size) {
    if (size == 0 || size % TS_PACKET_SIZE != 0) {
        return false;
    }
    for (size_t offset = 0; offset < size; offset += TS_PACKET_SIZE) {
        if (bytes[offset] != TS_SYNC_BYTE) {
            return false;
        }
    }
    return true;
}

/* The socket's counter has 32 bits and wraps. */
static void note_drops(ts_udp_receiver *receiver, uint32_t reading) {
    receiver->counters.kernel_drops += (uint32_t)(reading - receiver->drop_mark);
    receiver->drop_mark = reading;
}

void ts_udp_receiver_update_drops(ts_udp_receiver *receiver) {
    uint32_t figures[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof figures;
    if (receiver->fd >= 0 &&
        getsockopt(receiver->fd, SOL_SOCKET, SO_MEMINFO, figures, &size) == 0) {
        note_drops(receiver, figures[SK_MEMINFO_DROPS]);
    }
}

static int64_t read_control(ts_udp_receiver *receiver, struct msghdr *message) {
    int64_t arrival_ns = 0;
    for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one; one = CMSG_NXTHDR(message, one)) {
        if (one->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (one->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(one), sizeof stamp);
            arrival_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
        } else if (one->cmsg_type == SO_RXQ_OVFL) {
            uint32_t reading;
            memcpy(&reading, CMSG_DATA(one), sizeof reading);
            note_drops(receiver, reading);
        }
    }
    return arrival_ns;
}

/* The socket's own timeout spares a poll per datagram. */
static int set_timeout(ts_udp_receiver *receiver, int64_t timeout_ns) {
    if (timeout_ns == 0 || timeout_ns == receiver->timeout_ns) {
        return 0;
    }
    int64_t microseconds = (timeout_ns + 999) / 1000;
    struct timeval value = {.tv_sec = (time_t)(microseconds / 1000000),
                            .tv_usec = (suseconds_t)(microseconds % 1000000)};
    if (setsockopt(receiver->fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) != 0) {
        return errno;
    }
    receiver->timeout_ns = timeout_ns;
    return 0;
}

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A signal ends it, as it ends the receive. */
static void gather(const ts_udp_receiver *receiver) {
    if (receiver->gap_ns < receiver->gather_ns) {
        int64_t until = receiver->received_ns + receiver->gather_ns;
        const struct timespec time = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    }
}

/* A silence counts as a few gaps: it says nothing about what comes after it. */
static void note_gap(ts_udp_receiver *receiver, int count) {
    if (receiver->gather_ns == 0 || count <= 0) {
        return;
    }
    int64_t now = now_ns();
    int64_t gap = (now - receiver->received_ns) / count;
    int64_t most = GAPS_OF_SILENCE * receiver->gather_ns;
    receiver->gap_ns += ((gap < most ? gap : most) - receiver->gap_ns) / GAPS_AVERAGED;
    receiver->received_ns = now;
}

static void prepare_call(const ts_udp_receiver *receiver, receive_call *call, uint8_t *buffer,
                         unsigned count) {
    size_t slot = receiver->slot_bytes;
    for (unsigned i = 0; i < count; i++) {
        call->parts[i][0] = (struct iovec){buffer + i * slot, slot};
        call->parts[i][1] = (struct iovec){receiver->overflow + (size_t)i * TS_UDP_DATAGRAM_MAX,
                                           TS_UDP_DATAGRAM_MAX - slot};
        call->messages[i].msg_len = 0;
        call->messages[i].msg_hdr =
            (struct msghdr){.msg_iov = call->parts[i],
                            .msg_iovlen = 2,
                            .msg_control = call->controls[i].bytes,
                            .msg_controllen = sizeof call->controls[i].bytes};
    }
}

/* Puts one datagram into the table of this receive, and counts it. */
static void list_datagram(ts_udp_receiver *receiver, const uint8_t *buffer, size_t offset,
                          uint32_t size, int64_t arrival_ns) {
    receiver->datagrams[receiver->datagram_count++] =
        (ts_udp_datagram){(uint32_t)offset, size, arrival_ns};
    receiver->counters.datagrams++;
    receiver->counters.bytes += size;
    if (!is_whole_packets(buffer + offset, size)) {
        receiver->counters.odd_datagrams++;
    }
}

/* All datagrams fit their slots: close the gaps between them. */
static size_t close_gaps(ts_udp_receiver *receiver, receive_call *call, uint8_t *buffer,
                         unsigned count) {
    size_t end = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t size = call->messages[i].msg_len;
        const uint8_t *slot = call->parts[i][0].iov_base;
        if (buffer + end != slot) {
            memmove(buffer + end, slot, size);
        }
        list_datagram(receiver, buffer, end, size,
                      read_control(receiver, &call->messages[i].msg_hdr));
        end += size;
    }
    return end;
}

/* Some datagram is longer than its slot: put all aside in order, to be handed out from there. */
static void set_aside(ts_udp_receiver *receiver, receive_call *call, unsigned count) {
    size_t end = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t size = call->messages[i].msg_len;
        size_t slot = call->parts[i][0].iov_len;
        size_t head = size < slot ? size : slot;
        memcpy(receiver->pending + end, call->parts[i][0].iov_base, head);
        memcpy(receiver->pending + end + head, call->parts[i][1].iov_base, size - head);
        receiver->pending_size[i] = size;
        receiver->pending_arrival_ns[i] = read_control(receiver, &call->messages[i].msg_hdr);
        end += size;
    }
    receiver->pending_offset = 0;
    receiver->pending_first = 0;
    receiver->pending_count = count;
}

static size_t hand_out_pending(ts_udp_receiver *receiver, uint8_t *buffer, size_t capacity) {
    size_t end = 0;
    while (receiver->pending_first < receiver->pending_count) {
        unsigned i = receiver->pending_first;
        uint32_t size = receiver->pending_size[i];
        if (size > capacity - end) {
            return end;
        }
        memcpy(buffer + end, receiver->pending + receiver->pending_offset, size);
        list_datagram(receiver, buffer, end, size, receiver->pending_arrival_ns[i]);
        receiver->pending_offset += size;
        receiver->pending_first++;
        end += size;
    }
    receiver->pending_first = receiver->pending_count = 0;
    return end;
}

/* Slots follow the datagrams, so that usual ones need no moving: as long as the longest of the last
 * batch, the usual size at least. */
static bool fit_slots(ts_udp_receiver *receiver, const receive_call *call, unsigned count) {
    uint32_t longest = TS_UDP_PKT_SIZE;
    for (unsigned i = 0; i < count; i++) {
        uint32_t size = call->messages[i].msg_len;
        longest = size > longest ? size : longest;
    }
    bool fits = longest <= receiver->slot_bytes;
    receiver->slot_bytes = longest;
    return fits;
}

int ts_udp_receive(ts_udp_receiver *receiver, uint8_t *buffer, size_t capacity, int64_t timeout_ns,
                   size_t *received) {
    *received = 0;
    receiver->datagram_count = 0;
    if (receiver->fd < 0) {
        return EBADF;
    }
    if (capacity < TS_UDP_DATAGRAM_MAX) {
        return EINVAL;
    }
    if (receiver->pending_count) {
        *received = hand_out_pending(receiver, buffer, capacity);
        return 0;
    }
    int error = set_timeout(receiver, timeout_ns);
    if (error) {
        return error;
    }
    if (timeout_ns) {
        gather(receiver);
    }
    receive_call call;
    size_t slots = capacity / receiver->slot_bytes;
    unsigned count = slots < TS_UDP_BATCH ? (unsigned)slots : TS_UDP_BATCH;
    prepare_call(receiver, &call, buffer, count);
    int flags = timeout_ns == 0 ? MSG_DONTWAIT : MSG_WAITFORONE;
    int got = recvmmsg(receiver->fd, call.messages, count, flags, NULL);
    note_gap(receiver, got);
    if (got < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
    }
    if (fit_slots(receiver, &call, (unsigned)got)) {
        *received = close_gaps(receiver, &call, buffer, (unsigned)got);
    } else {
        set_aside(receiver, &call, (unsigned)got);
        *received = hand_out_pending(receiver, buffer, capacity);
    }
    return 0;
}
