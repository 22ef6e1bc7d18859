"""What tsloom/srt_library.h and tsloom/srt.h declare."""

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from tsloom._native.c_udp cimport ts_udp_address, ts_udp_pieces, ts_udp_sender


cdef extern from "tsloom/srt_library.h" nogil:
    ctypedef int32_t ts_srt_id

    const int TS_SRT_NONE
    const int TS_SRT_IN
    const int TS_SRT_OUT
    const int TS_SRT_EASYNCRCV
    const int TS_SRT_CONNECTED
    const int TS_SRT_CONNECTING
    const int TS_SRT_STREAMID

    ctypedef struct ts_srt_stats:
        int64_t pkt_sent_total
        int64_t pkt_recv_total
        int pkt_snd_loss_total
        int pkt_rcv_loss_total
        int pkt_retrans_total
        int pkt_snd_drop_total
        int pkt_rcv_drop_total
        int pkt_rcv_undecrypt_total
        uint64_t byte_sent_total
        uint64_t byte_recv_total
        double mbps_send_rate
        double mbps_recv_rate
        int64_t pkt_rcv_belated
        int pkt_flight_size
        double ms_rtt
        double mbps_bandwidth
        int ms_snd_buf
        int ms_snd_tsb_pd_delay
        int ms_rcv_buf
        int ms_rcv_tsb_pd_delay
        int pkt_rcv_filter_supply_total
        int pkt_rcv_filter_loss_total
        int64_t pkt_sent_unique_total
        int64_t pkt_recv_unique_total

    ctypedef struct ts_srt_library:
        void *handle
        uint32_t (*getversion)()
        unsigned int (*getsockstate)(ts_srt_id id)
        int (*getrejectreason)(ts_srt_id id)
        int (*getsockflag)(ts_srt_id id, unsigned int option, void *value, int *size)
        int (*setsockflag)(ts_srt_id id, unsigned int option, const void *value, int size)
        int (*bstats)(ts_srt_id id, ts_srt_stats *stats, int clear)
        int (*getlasterror)(int *system_errno)
        const char *(*getlasterror_str)()

    const char *ts_srt_library_load(ts_srt_library *library, const char *name)
    void ts_srt_library_end(ts_srt_library *library)


cdef extern from "tsloom/srt.h" nogil:
    const int TS_SRT_MESSAGE_MAX
    const int TS_SRT_STREAMID_MAX
    const int TS_SRT_PASSPHRASE_MAX
    const int TS_SRT_PKT_SIZE

    ctypedef struct ts_srt_counters:
        uint64_t bytes
        uint64_t messages
        uint64_t odd_messages

    ctypedef struct ts_srt_socket:
        const ts_srt_library *srt
        ts_srt_id id
        ts_srt_counters counters

    int ts_srt_create(ts_srt_socket *opened, const ts_srt_library *srt)
    void ts_srt_close(ts_srt_socket *opened)
    int ts_srt_bind(ts_srt_socket *opened, const ts_udp_address *local)
    int ts_srt_connect(ts_srt_socket *opened, const ts_udp_address *remote)
    int ts_srt_get_peer(const ts_srt_socket *opened, ts_udp_address *peer)
    int ts_srt_get_local(const ts_srt_socket *opened, ts_udp_address *local)
    bint ts_srt_wait(ts_srt_socket *opened, int events, int64_t timeout_ms)
    int ts_srt_receive(ts_srt_socket *opened, uint8_t *buffer, size_t capacity,
                       int64_t timeout_ms, size_t *received)

    ctypedef struct ts_srt_access_entry:
        char *streamid
        char *passphrase

    # The C fields are atomic; this module's compiler is told so by the header alone.
    ctypedef struct ts_srt_access:
        const ts_srt_library *srt
        ts_srt_access_entry *entries
        size_t count
        bint gives
        int room
        unsigned int refused_streamids
        unsigned int refused_full

    int ts_srt_listen(ts_srt_socket *opened, ts_srt_access *access, int backlog)
    int ts_srt_accept(ts_srt_socket *listener, ts_srt_socket *accepted)

    ctypedef struct ts_srt_peer:
        ts_srt_id id
        bint broken
        uint64_t dropped_messages

    ctypedef struct ts_srt_fan:
        const ts_srt_library *srt
        ts_srt_peer *peers
        unsigned int count
        unsigned int capacity
        bint waits

    int ts_srt_fan_send(void *context, ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                        unsigned int count, unsigned int *done)
    size_t ts_srt_fan_get_pending(const ts_srt_fan *fan)
