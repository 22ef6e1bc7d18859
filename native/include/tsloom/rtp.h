/* RTP that carries transport packets (RFC 3550, RFC 2250), over the UDP sockets of udp.h.
 *
 * One ring indexed by sequence number puts datagrams into order, drops what came twice, and merges
 * the two legs of SMPTE ST 2022-7. */
#ifndef TSLOOM_RTP_H
#define TSLOOM_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/ip_measure.h"
#include "tsloom/status.h"
#include "tsloom/udp.h"

enum {
    TS_RTP_HEADER_SIZE = 12,
    TS_RTP_PAYLOAD_TYPE_MP2T = 33,
    TS_RTP_LEGS = 2,
    TS_RTP_TAKEN_MAX = 1024,   /* payloads that one take hands out */
    TS_RTP_RING_MAX = 16384,   /* slots; sequence numbers are told apart up to half their range */
    TS_RTP_MISORDER_MAX = 100, /* RFC 3550, A.1: what is further back or ahead is a jump */
    TS_RTP_DROPOUT_MAX = 3000
};

typedef struct ts_rtp_header {
    bool marker;
    uint8_t payload_type;
    uint16_t sequence_number;
    uint32_t timestamp;
    uint32_t ssrc;
    uint32_t payload_offset;
    uint32_t payload_size;
} ts_rtp_header;

/* TS_BAD_SYNTAX: not version 2; TS_BAD_LENGTH: CSRC list, extension or padding run over the end. */
ts_status ts_rtp_parse(const uint8_t *datagram, size_t size, ts_rtp_header *header);
/* Writes TS_RTP_HEADER_SIZE bytes; of the header's fields the payload's place is not used. */
void ts_rtp_put_header(uint8_t *bytes, const ts_rtp_header *header);

typedef struct ts_rtp_counters {
    uint64_t received[TS_RTP_LEGS]; /* datagrams that are RTP of the stream */
    uint64_t malformed;             /* no RTP, or of another payload type */
    uint64_t lost;                  /* sequence numbers given up */
    uint64_t duplicate;
    uint64_t reordered; /* came behind a later one, in time */
    uint64_t late;      /* came when it had been given up */
    uint64_t resyncs;   /* SSRC changed, or the sequence number jumped */
    uint64_t odd;       /* payloads that are not whole 188-byte packets */
} ts_rtp_counters;

typedef struct ts_rtp_slot {
    int64_t arrival_ns;
    int64_t stamp_ns; /* by the kernel; 0 where it did not, or FEC made the payload */
    uint64_t number;  /* extended sequence number; of the last one here where it is not filled */
    uint32_t size;
    bool filled;
    bool used; /* number means something */
} ts_rtp_slot;

typedef struct ts_rtp_ring {
    ts_rtp_slot *slots;
    uint8_t *payloads; /* TS_UDP_DATAGRAM_MAX bytes a slot; only pages that are used take memory */
    uint32_t capacity; /* a power of two */
    uint32_t window;   /* so many later ones end the wait for a missing one */
    int64_t wait_ns;   /* and so does this time */
    uint8_t payload_type;
    bool started;
    uint32_t ssrc;
    uint16_t shift;   /* from a sequence number to the lowest bits of its extended one */
    uint64_t next;    /* the number that leaves next */
    int64_t now_ns;   /* of the last push */
    int64_t stamp_ns; /* the kernel's of the datagram in hand */
    uint64_t highest; /* seen so far */
    int64_t gap_since_ns;
    uint64_t gap_number;
    bool in_gap;
    /* One datagram that does not fit the stream: the next of its kind makes it the stream. */
    bool doubted;
    uint32_t doubted_ssrc;
    uint16_t doubted_number;
    uint32_t doubted_size;
    uint8_t *doubted_payload;
    uint32_t taken_size;
    unsigned taken_count; /* since ts_rtp_ring_begin_take */
    ts_datagram taken[TS_RTP_TAKEN_MAX];
    ts_rtp_counters counters;
} ts_rtp_ring;

/* 0 or an errno. */
int ts_rtp_ring_init(ts_rtp_ring *ring, uint32_t window, int64_t wait_ns, uint8_t payload_type);
/* May be called twice. */
void ts_rtp_ring_free(ts_rtp_ring *ring);

/* stamp_ns is the kernel's, for who takes the payload; or 0. */
void ts_rtp_ring_push(ts_rtp_ring *ring, unsigned leg, const uint8_t *datagram, size_t size,
                      int64_t stamp_ns, int64_t now_ns);
/* The list of what was taken begins anew, and so does the buffer that its offsets count in. */
void ts_rtp_ring_begin_take(ts_rtp_ring *ring);
/* Payloads in order, as many as there is room for, each with its place in the list. */
size_t ts_rtp_ring_take(ts_rtp_ring *ring, uint8_t *buffer, size_t capacity, int64_t now_ns);
/* How long until a wait ends: at most longest_ns, which is the answer where nothing waits. */
int64_t ts_rtp_ring_get_wait(const ts_rtp_ring *ring, int64_t now_ns, int64_t longest_ns);

/* For who repairs: whether a number has come, be it gone already; its payload, still there. */
bool ts_rtp_ring_has(const ts_rtp_ring *ring, uint64_t number);
const uint8_t *ts_rtp_ring_get(const ts_rtp_ring *ring, uint64_t number, uint32_t *size);
/* The extended form of a sequence number near the highest seen. */
uint64_t ts_rtp_ring_extend(const ts_rtp_ring *ring, uint16_t sequence_number);
/* As if it had been received. */
void ts_rtp_ring_place(ts_rtp_ring *ring, uint64_t number, const uint8_t *payload, uint32_t size);

/* Forward error correction of SMPTE ST 2022-1: each FEC datagram is the exclusive or of NA media
 * datagrams, OFFSET numbers apart from each other. */
enum { TS_RTP_FEC_HELD = 64, TS_RTP_FEC_SIZE_MAX = 2048, TS_RTP_FEC_SOCKETS = 2 };

typedef struct ts_rtp_fec_entry {
    bool used;
    uint64_t base; /* of the first media datagram */
    uint32_t offset;
    uint32_t count;
    uint16_t length_recovery;
    uint32_t size;
    uint8_t payload[TS_RTP_FEC_SIZE_MAX];
} ts_rtp_fec_entry;

typedef struct ts_rtp_fec {
    ts_rtp_fec_entry *entries; /* NULL: none is wanted */
    unsigned next;             /* the entry to fill: the oldest */
    uint64_t received;
    uint64_t malformed;
    uint64_t repaired;
} ts_rtp_fec;

/* 0 or an errno. */
int ts_rtp_fec_init(ts_rtp_fec *fec);
void ts_rtp_fec_free(ts_rtp_fec *fec);
void ts_rtp_fec_push(ts_rtp_fec *fec, const ts_rtp_ring *ring, const uint8_t *datagram,
                     size_t size);
/* Puts what can be made good into the ring. */
void ts_rtp_fec_repair(ts_rtp_fec *fec, ts_rtp_ring *ring);

typedef struct ts_rtp_receiver {
    ts_udp_receiver *legs[TS_RTP_LEGS];               /* the second one may be NULL */
    ts_udp_receiver *fec_sockets[TS_RTP_FEC_SOCKETS]; /* columns and rows, or NULL */
    ts_rtp_ring ring;
    ts_rtp_fec fec;
    ts_ip_measure measure[TS_RTP_LEGS]; /* of the datagrams of each, as they arrive */
    uint64_t lost;                      /* of the ring, as far as the first leg has told */
    uint8_t *scratch;                   /* mapping */
} ts_rtp_receiver;

int ts_rtp_receiver_init(ts_rtp_receiver *receiver, ts_udp_receiver *first, ts_udp_receiver *second,
                         uint32_t window, int64_t wait_ns, uint8_t payload_type);
/* From now on with the FEC datagrams of these sockets. 0 or an errno. */
int ts_rtp_receiver_add_fec(ts_rtp_receiver *receiver, ts_udp_receiver *columns,
                            ts_udp_receiver *rows);
void ts_rtp_receiver_free(ts_rtp_receiver *receiver);
/* As ts_udp_receive. */
int ts_rtp_receive(ts_rtp_receiver *receiver, uint8_t *buffer, size_t capacity, int64_t timeout_ns,
                   size_t *received);

typedef enum ts_rtp_fec_kind { TS_RTP_FEC_COLUMNS, TS_RTP_FEC_ROWS } ts_rtp_fec_kind;

/* The exclusive or of media datagrams so far. */
typedef struct ts_rtp_fec_sum {
    uint32_t count;
    uint32_t base; /* sequence number of the first */
    uint32_t length;
    uint32_t timestamp;
    uint32_t size; /* of the longest */
    uint8_t payload_type;
    uint8_t payload[TS_RTP_FEC_SIZE_MAX];
} ts_rtp_fec_sum;

/* Sends the FEC of a matrix of columns and rows. Rows leave when they are complete, columns one by
 * one during the next matrix. Payloads have TS_RTP_FEC_SIZE_MAX bytes at the most. */
typedef struct ts_rtp_fec_encoder {
    ts_udp_sender *sockets[TS_RTP_FEC_SOCKETS];
    ts_rtp_fec_sum *sums;
    uint32_t columns;
    uint32_t rows;
    uint32_t filled;   /* media datagrams of the matrix in hand */
    uint32_t complete; /* columns of the one before that have not left */
    uint32_t timestamp;
    uint16_t sequence_number[TS_RTP_FEC_SOCKETS];
} ts_rtp_fec_encoder;

/* 0 or an errno. */
int ts_rtp_fec_encoder_init(ts_rtp_fec_encoder *encoder, uint32_t columns, uint32_t rows,
                            ts_udp_sender *column_socket, ts_udp_sender *row_socket);
void ts_rtp_fec_encoder_free(ts_rtp_fec_encoder *encoder);
/* Takes a media datagram that was sent, whose first piece is its RTP header. */
void ts_rtp_fec_encoder_add(ts_rtp_fec_encoder *encoder, const ts_rtp_header *header,
                            const ts_udp_pieces *datagram);
/* Sends the columns that are complete. */
void ts_rtp_fec_encoder_flush(ts_rtp_fec_encoder *encoder);

typedef struct ts_rtp_packetizer {
    ts_udp_sender *second;   /* the other leg, or NULL */
    ts_rtp_fec_encoder *fec; /* or NULL */
    uint8_t payload_type;
    uint16_t sequence_number; /* of the next datagram */
    uint32_t ssrc;
    uint32_t timestamp_offset;
} ts_rtp_packetizer;

/* Sequence numbers and timestamps begin at random (RFC 3550, 5.1). 0 or an errno. */
int ts_rtp_packetizer_init(ts_rtp_packetizer *packetizer, uint8_t payload_type);
/* ts_udp_transport; the context is a ts_rtp_packetizer. */
int ts_rtp_send(void *context, ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                unsigned count, unsigned *done);

#endif
