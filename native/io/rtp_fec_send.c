#include "tsloom/rtp.h"

#include "udp_cut.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEC_HEADER_SIZE = 16,
    PAYLOAD_TYPE_FEC = 96,
    LEAST_ROW = 4 /* ST 2022-1: rows of fewer datagrams carry no FEC */
};

int ts_rtp_fec_encoder_init(ts_rtp_fec_encoder *encoder, uint32_t columns, uint32_t rows,
                            ts_udp_sender *column_socket, ts_udp_sender *row_socket) {
    memset(encoder, 0, sizeof *encoder);
    if (columns == 0 || rows == 0 || columns > UINT8_MAX || rows > UINT8_MAX) {
        return EINVAL;
    }
    encoder->sums = calloc(2 * (size_t)columns + 1, sizeof *encoder->sums);
    if (!encoder->sums) {
        return ENOMEM;
    }
    encoder->columns = columns;
    encoder->rows = rows;
    encoder->sockets[TS_RTP_FEC_COLUMNS] = column_socket;
    encoder->sockets[TS_RTP_FEC_ROWS] = row_socket;
    return 0;
}

void ts_rtp_fec_encoder_free(ts_rtp_fec_encoder *encoder) {
    free(encoder->sums);
    encoder->sums = NULL;
}

static void store_be16(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* The columns of the matrix in hand, those of the one before, and the row in hand. */
static ts_rtp_fec_sum *get_column(ts_rtp_fec_encoder *encoder, uint32_t column) {
    return &encoder->sums[column];
}

static ts_rtp_fec_sum *get_complete(ts_rtp_fec_encoder *encoder, uint32_t column) {
    return &encoder->sums[encoder->columns + column];
}

static ts_rtp_fec_sum *get_row(ts_rtp_fec_encoder *encoder) {
    return &encoder->sums[2 * (size_t)encoder->columns];
}

static void clear(ts_rtp_fec_sum *sum) {
    memset(sum->payload, 0, sum->size);
    sum->count = sum->size = sum->length = sum->timestamp = 0;
    sum->payload_type = 0;
}

static void add_payload(ts_rtp_fec_sum *sum, const ts_udp_pieces *datagram) {
    uint32_t at = 0;
    for (uint32_t i = 1; i < datagram->count; i++) {
        const uint8_t *bytes = datagram->pieces[i].iov_base;
        size_t size = datagram->pieces[i].iov_len;
        size_t room = TS_RTP_FEC_SIZE_MAX - at;
        size = size < room ? size : room;
        for (size_t n = 0; n < size; n++) {
            sum->payload[at + n] ^= bytes[n];
        }
        at += (uint32_t)size;
    }
    sum->length ^= at;
    sum->size = at > sum->size ? at : sum->size;
}

static void add(ts_rtp_fec_sum *sum, const ts_rtp_header *header, const ts_udp_pieces *datagram) {
    if (sum->count++ == 0) {
        sum->base = header->sequence_number;
    }
    sum->payload_type ^= header->payload_type;
    sum->timestamp ^= header->timestamp;
    add_payload(sum, datagram);
}

/* SMPTE ST 2022-1, 8.4: RFC 2733's header and its extension. */
static void put_fec_header(uint8_t *bytes, const ts_rtp_fec_sum *sum, ts_rtp_fec_kind kind,
                           uint32_t offset) {
    store_be16(bytes, sum->base);
    store_be16(bytes + 2, sum->length);
    bytes[4] = (uint8_t)(0x80 | sum->payload_type); /* E, PT recovery */
    memset(bytes + 5, 0, 3);                        /* mask */
    store_be16(bytes + 8, sum->timestamp >> 16);
    store_be16(bytes + 10, sum->timestamp & 0xFFFF);
    bytes[12] = kind == TS_RTP_FEC_ROWS ? 0x40 : 0; /* N, D, type: exclusive or, index */
    bytes[13] = (uint8_t)offset;
    bytes[14] = (uint8_t)sum->count;
    bytes[15] = 0;
}

static void send_sum(ts_rtp_fec_encoder *encoder, ts_rtp_fec_sum *sum, ts_rtp_fec_kind kind) {
    uint8_t head[TS_RTP_HEADER_SIZE + FEC_HEADER_SIZE];
    const ts_rtp_header header = {.payload_type = PAYLOAD_TYPE_FEC,
                                  .sequence_number = encoder->sequence_number[kind]++,
                                  .timestamp = encoder->timestamp};
    ts_rtp_put_header(head, &header);
    put_fec_header(head + TS_RTP_HEADER_SIZE, sum, kind,
                   kind == TS_RTP_FEC_COLUMNS ? encoder->columns : 1);
    struct iovec pieces[] = {{head, sizeof head}, {sum->payload, sum->size}};
    const ts_udp_pieces datagram = {pieces, 2};
    unsigned done;
    /* What the system does not take is in the socket's counters: media never waits for FEC. */
    (void)ts_udp_send_to_socket(encoder->sockets[kind], &datagram, 1, &done);
    clear(sum);
}

static void send_column(ts_rtp_fec_encoder *encoder) {
    if (encoder->complete > 0) {
        uint32_t column = encoder->columns - encoder->complete--;
        send_sum(encoder, get_complete(encoder, column), TS_RTP_FEC_COLUMNS);
    }
}

static void end_matrix(ts_rtp_fec_encoder *encoder) {
    ts_rtp_fec_encoder_flush(encoder);
    for (uint32_t column = 0; column < encoder->columns; column++) {
        ts_rtp_fec_sum *now_complete = get_column(encoder, column);
        *get_complete(encoder, column) = *now_complete;
        clear(now_complete);
    }
    encoder->complete = encoder->columns;
    encoder->filled = 0;
}

void ts_rtp_fec_encoder_add(ts_rtp_fec_encoder *encoder, const ts_rtp_header *header,
                            const ts_udp_pieces *datagram) {
    encoder->timestamp = header->timestamp;
    add(get_column(encoder, encoder->filled % encoder->columns), header, datagram);
    if (encoder->columns >= LEAST_ROW) {
        ts_rtp_fec_sum *row = get_row(encoder);
        add(row, header, datagram);
        if (row->count == encoder->columns) {
            send_sum(encoder, row, TS_RTP_FEC_ROWS);
        }
    }
    encoder->filled++;
    /* Spread over the next matrix, so that a burst does not take media and FEC at once. */
    if (encoder->filled % encoder->rows == 0) {
        send_column(encoder);
    }
    if (encoder->filled == encoder->columns * encoder->rows) {
        end_matrix(encoder);
    }
}

void ts_rtp_fec_encoder_flush(ts_rtp_fec_encoder *encoder) {
    while (encoder->complete > 0) {
        send_column(encoder);
    }
}
