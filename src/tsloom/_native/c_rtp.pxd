"""What tsloom/rtp.h declares."""

from libc.stddef cimport size_t
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from tsloom._native.c_arrival cimport ts_datagram
from tsloom._native.c_ip_measure cimport ts_ip_measure
from tsloom._native.c_udp cimport ts_udp_pieces, ts_udp_receiver, ts_udp_sender


cdef extern from "tsloom/rtp.h" nogil:
    const int TS_RTP_PAYLOAD_TYPE_MP2T
    const int TS_RTP_FEC_SIZE_MAX

    ctypedef struct ts_rtp_counters:
        uint64_t *received
        uint64_t malformed
        uint64_t lost
        uint64_t duplicate
        uint64_t reordered
        uint64_t late
        uint64_t resyncs
        uint64_t odd

    ctypedef struct ts_rtp_ring:
        bint started
        uint32_t ssrc
        unsigned int taken_count
        ts_datagram *taken
        ts_rtp_counters counters

    ctypedef struct ts_rtp_fec:
        uint64_t received
        uint64_t malformed
        uint64_t repaired

    ctypedef struct ts_rtp_receiver:
        ts_rtp_ring ring
        ts_rtp_fec fec
        ts_ip_measure measure[2]

    int ts_rtp_receiver_add_fec(ts_rtp_receiver *receiver, ts_udp_receiver *columns,
                                ts_udp_receiver *rows)

    int ts_rtp_receiver_init(ts_rtp_receiver *receiver, ts_udp_receiver *first,
                             ts_udp_receiver *second, uint32_t window, int64_t wait_ns,
                             uint8_t payload_type)
    void ts_rtp_receiver_free(ts_rtp_receiver *receiver)
    int ts_rtp_receive(ts_rtp_receiver *receiver, uint8_t *buffer, size_t capacity,
                       int64_t timeout_ns, size_t *received)

    ctypedef struct ts_rtp_fec_encoder:
        pass

    int ts_rtp_fec_encoder_init(ts_rtp_fec_encoder *encoder, uint32_t columns, uint32_t rows,
                                ts_udp_sender *column_socket, ts_udp_sender *row_socket)
    void ts_rtp_fec_encoder_free(ts_rtp_fec_encoder *encoder)
    void ts_rtp_fec_encoder_flush(ts_rtp_fec_encoder *encoder)

    ctypedef struct ts_rtp_packetizer:
        ts_udp_sender *second
        ts_rtp_fec_encoder *fec
        uint8_t payload_type
        uint32_t ssrc

    int ts_rtp_packetizer_init(ts_rtp_packetizer *packetizer, uint8_t payload_type)
    int ts_rtp_send(void *context, ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                    unsigned int count, unsigned int *done)
