/* UDP sockets for transport packets: open, receive in batches, send in batches.
 *
 * Of the core's headers only these of native/io make system calls. Functions that do answer 0 or
 * the errno of the call that refused. Addresses are numbers here; names are resolved above. */
#ifndef TSLOOM_UDP_H
#define TSLOOM_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "tsloom/arrival.h"
#include "tsloom/status.h"

enum {
    TS_UDP_BATCH = 64,           /* datagrams in one system call */
    TS_UDP_DATAGRAM_MAX = 65536, /* more than any UDP payload */
    TS_UDP_PKT_SIZE = 7 * 188    /* what everybody sends: fits an Ethernet frame */
};

typedef union ts_udp_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} ts_udp_address;

/* TS_BAD_SYNTAX unless text is a numeric IPv4 or IPv6 address. */
ts_status ts_udp_address_set(ts_udp_address *address, const char *text, uint16_t port,
                             uint32_t scope_id);
/* Writes the numeric form, INET6_ADDRSTRLEN bytes at the most. */
void ts_udp_address_get_text(const ts_udp_address *address, char *text);
uint16_t ts_udp_address_get_port(const ts_udp_address *address);
bool ts_udp_address_is_multicast(const ts_udp_address *address);
socklen_t ts_udp_address_get_size(const ts_udp_address *address);

/* Index of the interface that has this address; 0 and ENODEV where none has. */
int ts_udp_find_interface(const ts_udp_address *address, unsigned *index);

/* Which step of opening was refused. */
typedef enum ts_udp_step {
    TS_UDP_SOCKET,
    TS_UDP_OPTION,
    TS_UDP_INTERFACE,
    TS_UDP_BIND,
    TS_UDP_JOIN,
    TS_UDP_CONNECT
} ts_udp_step;

typedef struct ts_udp_receiver_config {
    ts_udp_address local;  /* the group, or the local address, and the port */
    ts_udp_address source; /* the only sender to listen to; AF_UNSPEC: any */
    unsigned interface;    /* index; 0: the system's choice */
    int rcvbuf_bytes;
    bool reuse;        /* let other sockets have the same port */
    bool dual_stack;   /* local is the IPv6 any address: take IPv4 as well */
    int64_t gather_ns; /* so long datagrams may wait for those behind them; 0: not at all */
} ts_udp_receiver_config;

typedef ts_datagram ts_udp_datagram;

typedef struct ts_udp_receiver_counters {
    uint64_t bytes;
    uint64_t datagrams;
    uint64_t odd_datagrams; /* not whole 188-byte packets, each with its sync byte */
    uint64_t kernel_drops;  /* dropped by the kernel since the socket was opened: buffer full */
} ts_udp_receiver_counters;

typedef struct ts_udp_receiver {
    int fd;
    int rcvbuf_bytes; /* what the system gave */
    int64_t timeout_ns;
    int64_t gather_ns;
    int64_t gap_ns;      /* between datagrams, about */
    int64_t received_ns; /* when the last ones were taken; CLOCK_MONOTONIC */
    uint32_t slot_bytes; /* room per datagram in the caller's buffer: the size last seen */
    uint32_t drop_mark;  /* last reading of the socket's 32-bit drop counter */
    uint8_t *overflow;   /* mapping: for each datagram of a batch what its slot does not hold */
    uint8_t *pending;    /* the same mapping: datagrams kept for the next call, one after another */
    unsigned pending_first;
    unsigned pending_count;
    uint32_t pending_size[TS_UDP_BATCH];
    int64_t pending_arrival_ns[TS_UDP_BATCH];
    size_t pending_offset;
    unsigned datagram_count; /* of the last receive */
    ts_udp_datagram datagrams[TS_UDP_BATCH];
    ts_udp_receiver_counters counters;
} ts_udp_receiver;

/* On error nothing stays open and step (never NULL) says what was refused. */
int ts_udp_receiver_open(ts_udp_receiver *receiver, const ts_udp_receiver_config *config,
                         ts_udp_step *step);
/* May be called twice. */
void ts_udp_receiver_close(ts_udp_receiver *receiver);
int ts_udp_receiver_get_local(const ts_udp_receiver *receiver, ts_udp_address *local);
/* Brings kernel_drops up to date without waiting for a datagram that tells. */
void ts_udp_receiver_update_drops(ts_udp_receiver *receiver);

/* Waits until there is a datagram, then takes all there are, a batch at the most. Their bytes stand
 * one after the other in the buffer, which has room for TS_UDP_DATAGRAM_MAX bytes or more;
 * receiver->datagrams tells them apart. received 0: nothing within timeout_ns (0: does not wait).
 * Where datagrams follow each other within gather_ns, it begins so long after the last receive: one
 * call for several of them costs little more than one for each. */
int ts_udp_receive(ts_udp_receiver *receiver, uint8_t *buffer, size_t capacity, int64_t timeout_ns,
                   size_t *received);

typedef struct ts_udp_sender_config {
    ts_udp_address remote;
    ts_udp_address local; /* address to send from; AF_UNSPEC: the system's choice */
    unsigned interface;   /* index; 0: the system's choice */
    int ttl;              /* of these, -1 leaves the system's setting */
    int tos;
    int loop;
    int sndbuf_bytes;
    uint32_t pkt_size; /* bytes of a full datagram: whole packets, below TS_UDP_DATAGRAM_MAX */
    bool drop_null;
    bool segments; /* many datagrams in one message that the system cuts, where it can */
} ts_udp_sender_config;

typedef struct ts_udp_sender_counters {
    uint64_t bytes;
    uint64_t datagrams;
    uint64_t refused;        /* told by ICMP that nobody listens; the datagram after it was sent */
    uint64_t lost_datagrams; /* the system would not take them: buffers full, no route, link down */
    uint64_t null_packets;   /* left out by drop_null */
    int last_errno;          /* of what was lost */
} ts_udp_sender_counters;

/* One datagram in pieces. */
typedef struct ts_udp_pieces {
    const struct iovec *pieces;
    uint32_t count;
} ts_udp_pieces;

/* What takes the datagrams instead of the sender's own socket, and keeps its counters: a protocol
 * on top of UDP. It answers as ts_udp_send_datagrams does. */
struct ts_udp_sender;
typedef int ts_udp_transport(void *context, struct ts_udp_sender *sender,
                             const ts_udp_pieces *datagrams, unsigned count, unsigned *done);

typedef struct ts_udp_sender {
    int fd;
    ts_udp_transport *transport; /* NULL: the socket */
    void *transport_context;
    uint32_t pkt_size;
    int sndbuf_bytes;
    bool drop_null;
    bool segments;          /* false from the first message on that the system would not cut */
    uint32_t partial_bytes; /* packets that wait for their datagram to fill */
    ts_udp_sender_counters counters;
    uint8_t partial[TS_UDP_DATAGRAM_MAX];
} ts_udp_sender;

int ts_udp_sender_open(ts_udp_sender *sender, const ts_udp_sender_config *config,
                       ts_udp_step *step);
void ts_udp_sender_close(ts_udp_sender *sender);
/* A sender without a socket of its own: its datagrams go to the transport. */
void ts_udp_sender_init(ts_udp_sender *sender, uint32_t pkt_size, ts_udp_transport *transport,
                        void *context);
bool ts_udp_sender_is_open(const ts_udp_sender *sender);

/* Sends full datagrams of the packets; the rest of less than one waits for more. size is a multiple
 * of 188. taken tells how many bytes are done with: all of them unless the answer is EINTR or an
 * errno that ends sending. What the network refuses is counted and gone. */
int ts_udp_send(ts_udp_sender *sender, const uint8_t *packets, size_t size, size_t *taken);
/* Sends what waits, be the datagram full or not. */
int ts_udp_sender_flush(ts_udp_sender *sender);

/* Hands count datagrams, TS_UDP_BATCH at the most, to the transport or the system. done tells how
 * many are gone (sent, or counted as lost); it is less than count with EINTR or an errno that ends
 * sending. */
int ts_udp_send_datagrams(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *done);
/* The same past the transport, which may call it. */
int ts_udp_send_to_socket(ts_udp_sender *sender, const ts_udp_pieces *datagrams, unsigned count,
                          unsigned *done);

#endif
