#include "udp_cut.h"

#include "tsloom/packet.h"

#include <string.h>

static bool is_null(const uint8_t *packet) {
    return ts_header_get_pid(ts_load_be32(packet)) == TS_PID_NULL;
}

void ts_udp_cut_init(ts_udp_cut *cut, const uint8_t *packets, size_t size) {
    cut->packets = packets;
    cut->size = size;
    cut->end = 0;
    cut->count = 0;
    cut->piece_count = 0;
}

/* Bytes from here on that go out together: everything wanted, or up to a null packet. */
static size_t measure_run(const ts_udp_sender *sender, const uint8_t *packets, size_t size) {
    if (!sender->drop_null) {
        return size;
    }
    size_t run = 0;
    while (run < size && !is_null(packets + run)) {
        run += TS_PACKET_SIZE;
    }
    return run;
}

static bool is_full(const ts_udp_cut *cut, const ts_udp_sender *sender) {
    uint32_t most_pieces = sender->pkt_size / TS_PACKET_SIZE + 1;
    return cut->count == TS_UDP_BATCH || cut->piece_count + most_pieces > TS_UDP_PIECES;
}

static void note_datagram(ts_udp_cut *cut, uint32_t piece_count, uint32_t null_packets,
                          size_t start, size_t end) {
    uint32_t n = cut->count++;
    cut->datagrams[n] = (ts_udp_pieces){&cut->pieces[cut->piece_count], piece_count};
    cut->starts[n] = start;
    cut->ends[n] = end;
    cut->null_packets[n] = null_packets;
    cut->piece_count += piece_count;
    cut->end = end;
}

bool ts_udp_cut_next(ts_udp_cut *cut, const ts_udp_sender *sender) {
    if (is_full(cut, sender)) {
        return false;
    }
    struct iovec *pieces = &cut->pieces[cut->piece_count];
    uint32_t used = 0;
    uint32_t null_packets = 0;
    size_t wanted = sender->pkt_size;
    size_t start = cut->end;
    size_t end = cut->end;
    if (cut->count == 0 && sender->partial_bytes) {
        /* sendmmsg only reads, whatever iovec says. */
        pieces[used++] = (struct iovec){(void *)(uintptr_t)sender->partial, sender->partial_bytes};
        wanted -= sender->partial_bytes;
    }
    while (wanted && end < cut->size) {
        size_t left = cut->size - end;
        size_t run = measure_run(sender, cut->packets + end, left < wanted ? left : wanted);
        if (run == 0) {
            end += TS_PACKET_SIZE;
            null_packets++;
            continue;
        }
        if (wanted == sender->pkt_size) {
            start = end;
        }
        pieces[used++] = (struct iovec){(void *)(uintptr_t)(cut->packets + end), run};
        wanted -= run;
        end += run;
    }
    if (wanted) {
        return false;
    }
    note_datagram(cut, used, null_packets, start, end);
    return true;
}

int ts_udp_cut_send(ts_udp_cut *cut, ts_udp_sender *sender, unsigned count, unsigned *done,
                    size_t *taken) {
    unsigned gone = 0;
    int error = 0;
    if (count) {
        error = ts_udp_send_datagrams(sender, cut->datagrams, count, &gone);
    }
    for (unsigned i = 0; i < gone; i++) {
        sender->counters.null_packets += cut->null_packets[i];
        *taken = cut->ends[i];
    }
    if (gone) {
        sender->partial_bytes = 0;
    }
    cut->end = *taken;
    cut->count = 0;
    cut->piece_count = 0;
    if (done) {
        *done = gone;
    }
    return error;
}

void ts_udp_keep_rest(ts_udp_sender *sender, const uint8_t *packets, size_t size) {
    for (size_t offset = 0; offset + TS_PACKET_SIZE <= size; offset += TS_PACKET_SIZE) {
        if (sender->drop_null && is_null(packets + offset)) {
            sender->counters.null_packets++;
            continue;
        }
        memcpy(sender->partial + sender->partial_bytes, packets + offset, TS_PACKET_SIZE);
        sender->partial_bytes += TS_PACKET_SIZE;
    }
}
