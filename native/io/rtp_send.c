#include "tsloom/rtp.h"

#include "udp_cut.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Datagrams with a header in front of each. */
typedef struct headed {
    uint8_t headers[TS_UDP_BATCH][TS_RTP_HEADER_SIZE];
    struct iovec pieces[TS_UDP_PIECES + TS_UDP_BATCH];
    ts_udp_pieces datagrams[TS_UDP_BATCH];
} headed;

int ts_rtp_packetizer_init(ts_rtp_packetizer *packetizer, uint8_t payload_type) {
    uint32_t random[3];
    memset(packetizer, 0, sizeof *packetizer);
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return errno ? errno : EIO;
    }
    packetizer->payload_type = payload_type;
    packetizer->sequence_number = (uint16_t)random[0];
    packetizer->ssrc = random[1];
    packetizer->timestamp_offset = random[2];
    return 0;
}

/* RFC 2250, 2: the target transmission time of the first byte, in 90 kHz. */
static uint32_t get_timestamp(const ts_rtp_packetizer *packetizer) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t ticks = (uint64_t)now.tv_sec * 90000 + (uint64_t)now.tv_nsec * 9 / 100000;
    return (uint32_t)ticks + packetizer->timestamp_offset;
}

/* All but the sequence number are the same in each datagram. */
static void put_headers(ts_rtp_header header, const ts_udp_pieces *datagrams, unsigned count,
                        headed *result) {
    uint16_t first = header.sequence_number;
    struct iovec *piece = result->pieces;
    for (unsigned i = 0; i < count; i++) {
        header.sequence_number = (uint16_t)(first + i);
        ts_rtp_put_header(result->headers[i], &header);
        result->datagrams[i] = (ts_udp_pieces){piece, datagrams[i].count + 1};
        *piece++ = (struct iovec){result->headers[i], TS_RTP_HEADER_SIZE};
        memcpy(piece, datagrams[i].pieces, datagrams[i].count * sizeof *piece);
        piece += datagrams[i].count;
    }
}

int ts_rtp_send(void *context, ts_udp_sender *sender, const ts_udp_pieces *datagrams,
                unsigned count, unsigned *done) {
    ts_rtp_packetizer *packetizer = context;
    headed ready;
    ts_rtp_header header = {.payload_type = packetizer->payload_type,
                            .sequence_number = packetizer->sequence_number,
                            .timestamp = get_timestamp(packetizer),
                            .ssrc = packetizer->ssrc};
    put_headers(header, datagrams, count, &ready);
    uint64_t sent_before = sender->counters.datagrams;
    int error = ts_udp_send_to_socket(sender, ready.datagrams, count, done);
    sender->counters.bytes -= (sender->counters.datagrams - sent_before) * TS_RTP_HEADER_SIZE;
    if (packetizer->second) {
        unsigned doubled;
        (void)ts_udp_send_to_socket(packetizer->second, ready.datagrams, *done, &doubled);
    }
    for (unsigned i = 0; packetizer->fec && i < *done; i++) {
        header.sequence_number = (uint16_t)(packetizer->sequence_number + i);
        ts_rtp_fec_encoder_add(packetizer->fec, &header, &ready.datagrams[i]);
    }
    packetizer->sequence_number = (uint16_t)(packetizer->sequence_number + *done);
    return error;
}
