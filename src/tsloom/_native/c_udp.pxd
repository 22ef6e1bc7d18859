"""What tsloom/udp.h declares."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_arrival cimport ts_datagram
from tsloom._native.c_status cimport ts_status


cdef extern from "<sys/socket.h>" nogil:
    ctypedef unsigned short sa_family_t

    cdef struct sockaddr:
        sa_family_t sa_family

    const int AF_UNSPEC


cdef extern from "<netinet/in.h>" nogil:
    const int INET6_ADDRSTRLEN


cdef extern from "tsloom/udp.h" nogil:
    const int TS_UDP_BATCH
    const int TS_UDP_DATAGRAM_MAX
    const int TS_UDP_PKT_SIZE

    ctypedef union ts_udp_address:
        sockaddr any

    ts_status ts_udp_address_set(ts_udp_address *address, const char *text, uint16_t port,
                                 uint32_t scope_id)
    void ts_udp_address_get_text(const ts_udp_address *address, char *text)
    uint16_t ts_udp_address_get_port(const ts_udp_address *address)
    bint ts_udp_address_is_multicast(const ts_udp_address *address)
    int ts_udp_find_interface(const ts_udp_address *address, unsigned int *index)

    ctypedef enum ts_udp_step:
        TS_UDP_SOCKET
        TS_UDP_OPTION
        TS_UDP_INTERFACE
        TS_UDP_BIND
        TS_UDP_JOIN
        TS_UDP_CONNECT

    ctypedef struct ts_udp_receiver_config:
        ts_udp_address local
        ts_udp_address source
        unsigned int interface
        int rcvbuf_bytes
        bint reuse
        bint dual_stack
        int64_t gather_ns

    ctypedef ts_datagram ts_udp_datagram

    ctypedef struct ts_udp_receiver_counters:
        uint64_t bytes
        uint64_t datagrams
        uint64_t odd_datagrams
        uint64_t kernel_drops

    ctypedef struct ts_udp_receiver:
        int fd
        int rcvbuf_bytes
        unsigned int datagram_count
        ts_udp_datagram *datagrams
        ts_udp_receiver_counters counters

    int ts_udp_receiver_open(ts_udp_receiver *receiver, const ts_udp_receiver_config *config,
                             ts_udp_step *step)
    void ts_udp_receiver_close(ts_udp_receiver *receiver)
    int ts_udp_receiver_get_local(const ts_udp_receiver *receiver, ts_udp_address *local)
    void ts_udp_receiver_update_drops(ts_udp_receiver *receiver)
    int ts_udp_receive(ts_udp_receiver *receiver, uint8_t *buffer, size_t capacity,
                       int64_t timeout_ns, size_t *received)

    ctypedef struct ts_udp_sender_config:
        ts_udp_address remote
        ts_udp_address local
        unsigned int interface
        int ttl
        int tos
        int loop
        int sndbuf_bytes
        uint32_t pkt_size
        bint drop_null
        bint segments

    ctypedef struct ts_udp_sender_counters:
        uint64_t bytes
        uint64_t datagrams
        uint64_t refused
        uint64_t lost_datagrams
        uint64_t null_packets
        int last_errno

    ctypedef struct ts_udp_pieces:
        uint32_t count

    cdef struct ts_udp_sender
    ctypedef int ts_udp_transport(void *context, ts_udp_sender *sender,
                                  const ts_udp_pieces *datagrams, unsigned int count,
                                  unsigned int *done)

    cdef struct ts_udp_sender:
        int fd
        ts_udp_transport *transport
        void *transport_context
        int sndbuf_bytes
        bint drop_null
        ts_udp_sender_counters counters

    int ts_udp_sender_open(ts_udp_sender *sender, const ts_udp_sender_config *config,
                           ts_udp_step *step)
    void ts_udp_sender_close(ts_udp_sender *sender)
    void ts_udp_sender_init(ts_udp_sender *sender, uint32_t pkt_size, ts_udp_transport *transport,
                            void *context)
    int ts_udp_send(ts_udp_sender *sender, const uint8_t *packets, size_t size, size_t *taken)
    int ts_udp_sender_flush(ts_udp_sender *sender)
