#include "tsloom/rtp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEC_HEADER_SIZE = 16 /* SMPTE ST 2022-1: RFC 2733's with its extension */
};

int ts_rtp_fec_init(ts_rtp_fec *fec) {
    memset(fec, 0, sizeof *fec);
    fec->entries = calloc(TS_RTP_FEC_HELD, sizeof *fec->entries);
    return fec->entries ? 0 : ENOMEM;
}

void ts_rtp_fec_free(ts_rtp_fec *fec) {
    free(fec->entries);
    fec->entries = NULL;
}

static uint16_t load_be16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

void ts_rtp_fec_push(ts_rtp_fec *fec, const ts_rtp_ring *ring, const uint8_t *datagram,
                     size_t size) {
    ts_rtp_header rtp;
    if (!ring->started) {
        return;
    }
    if (ts_rtp_parse(datagram, size, &rtp) != TS_OK || rtp.payload_size < FEC_HEADER_SIZE ||
        rtp.payload_size > FEC_HEADER_SIZE + TS_RTP_FEC_SIZE_MAX) {
        fec->malformed++;
        return;
    }
    const uint8_t *header = datagram + rtp.payload_offset;
    uint32_t offset = header[13];
    uint32_t count = header[14];
    /* Type 0 is the exclusive or; the span has to lie within the ring. */
    if (!offset || !count || (header[12] >> 3 & 7) != 0 || offset * count > ring->capacity) {
        fec->malformed++;
        return;
    }
    ts_rtp_fec_entry *entry = &fec->entries[fec->next];
    fec->next = (fec->next + 1) % TS_RTP_FEC_HELD;
    fec->received++;
    entry->used = true;
    entry->base = ts_rtp_ring_extend(ring, load_be16(header));
    entry->offset = offset;
    entry->count = count;
    entry->length_recovery = load_be16(header + 2);
    entry->size = rtp.payload_size - FEC_HEADER_SIZE;
    memcpy(entry->payload, header + FEC_HEADER_SIZE, entry->size);
}

/* How many of its datagrams are not there; missing is one of them. */
static uint32_t count_missing(const ts_rtp_fec_entry *entry, const ts_rtp_ring *ring,
                              uint64_t *missing) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        uint64_t number = entry->base + (uint64_t)i * entry->offset;
        if (!ts_rtp_ring_has(ring, number)) {
            *missing = number;
            count++;
        }
    }
    return count;
}

/* Leaves the lost payload in the entry; its size, or 0 where the parts contradict each other. */
static uint32_t recover(ts_rtp_fec_entry *entry, const ts_rtp_ring *ring, uint64_t missing) {
    uint32_t length = entry->length_recovery;
    for (uint32_t i = 0; i < entry->count; i++) {
        uint64_t number = entry->base + (uint64_t)i * entry->offset;
        if (number == missing) {
            continue;
        }
        uint32_t size;
        const uint8_t *payload = ts_rtp_ring_get(ring, number, &size);
        length ^= size;
        uint32_t common = size < entry->size ? size : entry->size;
        for (uint32_t at = 0; at < common; at++) {
            entry->payload[at] ^= payload[at];
        }
    }
    return length <= entry->size ? length : 0;
}

static bool repair_with(ts_rtp_fec *fec, ts_rtp_fec_entry *entry, ts_rtp_ring *ring) {
    uint64_t missing = 0;
    uint64_t last = entry->base + (uint64_t)(entry->count - 1) * entry->offset;
    uint32_t count = count_missing(entry, ring, &missing);
    bool is_past = last < ring->next || ring->highest - entry->base >= ring->capacity;
    if (count == 1 && missing >= ring->next && missing <= ring->highest && !is_past) {
        entry->used = false;
        uint32_t size = recover(entry, ring, missing);
        if (size) {
            ring->stamp_ns = 0;
            ts_rtp_ring_place(ring, missing, entry->payload, size);
            ring->counters.reordered--;
            fec->repaired++;
            return true;
        }
        fec->malformed++;
    } else if (count == 0 || is_past) {
        entry->used = false;
    }
    return false;
}

void ts_rtp_fec_repair(ts_rtp_fec *fec, ts_rtp_ring *ring) {
    bool again = fec->entries && ring->started && ring->next <= ring->highest;
    /* One repaired may be what another one lacked: rows help columns, and columns rows. */
    while (again) {
        again = false;
        for (unsigned i = 0; i < TS_RTP_FEC_HELD; i++) {
            ts_rtp_fec_entry *entry = &fec->entries[i];
            again |= entry->used && repair_with(fec, entry, ring);
        }
    }
}
