#include "tsloom/rtp.h"

#include "tsloom/packet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Room in front of the first number, so that what comes before it is not below zero. */
#define FIRST_NUMBER (UINT64_C(1) << 32)

static size_t get_mapping_size(const ts_rtp_ring *ring) {
    return ((size_t)ring->capacity + 1) * TS_UDP_DATAGRAM_MAX;
}

int ts_rtp_ring_init(ts_rtp_ring *ring, uint32_t window, int64_t wait_ns, uint8_t payload_type) {
    memset(ring, 0, sizeof *ring);
    ring->window = window < TS_RTP_RING_MAX / 2 ? window : TS_RTP_RING_MAX / 2;
    ring->wait_ns = wait_ns;
    ring->payload_type = payload_type;
    ring->capacity = 256;
    while (ring->capacity < 2 * ring->window) {
        ring->capacity *= 2;
    }
    ring->slots = calloc(ring->capacity, sizeof *ring->slots);
    if (!ring->slots) {
        return ENOMEM;
    }
    void *mapping = mmap(NULL, get_mapping_size(ring), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        int error = errno;
        free(ring->slots);
        ring->slots = NULL;
        return error;
    }
    ring->payloads = mapping;
    ring->doubted_payload = ring->payloads + (size_t)ring->capacity * TS_UDP_DATAGRAM_MAX;
    return 0;
}

void ts_rtp_ring_free(ts_rtp_ring *ring) {
    if (ring->payloads) {
        (void)munmap(ring->payloads, get_mapping_size(ring));
        ring->payloads = NULL;
    }
    free(ring->slots);
    ring->slots = NULL;
}

static ts_rtp_slot *get_slot(const ts_rtp_ring *ring, uint64_t number) {
    return &ring->slots[number & (ring->capacity - 1)];
}

static uint8_t *get_payload(const ts_rtp_ring *ring, uint64_t number) {
    return ring->payloads + (size_t)(number & (ring->capacity - 1)) * TS_UDP_DATAGRAM_MAX;
}

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

static void store(ts_rtp_ring *ring, uint64_t number, const uint8_t *payload, uint32_t size) {
    ts_rtp_slot *slot = get_slot(ring, number);
    *slot = (ts_rtp_slot){.arrival_ns = ring->now_ns,
                          .stamp_ns = ring->stamp_ns,
                          .number = number,
                          .size = size,
                          .filled = true,
                          .used = true};
    memcpy(get_payload(ring, number), payload, size);
    if (!is_whole_packets(payload, size)) {
        ring->counters.odd++;
    }
}

/* The reader is behind by more than the ring holds, or the window has moved on: drops one. */
static void give_up_next(ts_rtp_ring *ring) {
    ts_rtp_slot *slot = get_slot(ring, ring->next);
    if (slot->filled && slot->number == ring->next) {
        slot->filled = false;
    } else {
        /* Whoever comes for this place has been given up, not seen twice. */
        slot->used = false;
    }
    ring->counters.lost++;
    ring->next++;
}

void ts_rtp_ring_place(ts_rtp_ring *ring, uint64_t number, const uint8_t *payload, uint32_t size) {
    if (number < ring->next) {
        const ts_rtp_slot *slot = get_slot(ring, number);
        bool seen = slot->used && slot->number == number;
        ring->counters.duplicate += seen;
        ring->counters.late += !seen;
        return;
    }
    const ts_rtp_slot *slot = get_slot(ring, number);
    if (slot->filled && slot->number == number) {
        ring->counters.duplicate++;
        return;
    }
    while (number - ring->next >= ring->capacity) {
        give_up_next(ring);
    }
    if (number < ring->highest) {
        ring->counters.reordered++;
    } else {
        ring->highest = number;
    }
    store(ring, number, payload, size);
}

/* What is held leaves first; the new numbers follow on it, so that none seems to be missing. */
static void restart(ts_rtp_ring *ring, const ts_rtp_header *header) {
    uint64_t number = ring->started ? ring->highest + 1 : FIRST_NUMBER;
    ring->counters.resyncs += ring->started;
    if (!ring->started) {
        ring->next = number;
    }
    ring->started = true;
    ring->ssrc = header->ssrc;
    ring->shift = (uint16_t)(number - header->sequence_number);
    ring->highest = number;
}

static void doubt(ts_rtp_ring *ring, const ts_rtp_header *header, const uint8_t *payload) {
    ring->doubted = true;
    ring->doubted_ssrc = header->ssrc;
    ring->doubted_number = header->sequence_number;
    ring->doubted_size = header->payload_size;
    memcpy(ring->doubted_payload, payload, header->payload_size);
}

static bool confirms(const ts_rtp_ring *ring, const ts_rtp_header *header) {
    return ring->doubted && header->ssrc == ring->doubted_ssrc &&
           header->sequence_number == (uint16_t)(ring->doubted_number + 1);
}

bool ts_rtp_ring_has(const ts_rtp_ring *ring, uint64_t number) {
    const ts_rtp_slot *slot = get_slot(ring, number);
    return slot->used && slot->number == number;
}

const uint8_t *ts_rtp_ring_get(const ts_rtp_ring *ring, uint64_t number, uint32_t *size) {
    *size = get_slot(ring, number)->size;
    return get_payload(ring, number);
}

uint64_t ts_rtp_ring_extend(const ts_rtp_ring *ring, uint16_t sequence_number) {
    uint16_t shifted = (uint16_t)(sequence_number + ring->shift);
    int16_t distance = (int16_t)(uint16_t)(shifted - (uint16_t)ring->highest);
    return ring->highest + (uint64_t)(int64_t)distance;
}

static bool is_jump(const ts_rtp_ring *ring, int32_t distance) {
    int32_t behind = TS_RTP_MISORDER_MAX > (int32_t)ring->capacity ? TS_RTP_MISORDER_MAX
                                                                   : (int32_t)ring->capacity;
    int32_t ahead = behind > TS_RTP_DROPOUT_MAX ? behind : TS_RTP_DROPOUT_MAX;
    return distance < -behind || distance > ahead;
}

void ts_rtp_ring_push(ts_rtp_ring *ring, unsigned leg, const uint8_t *datagram, size_t size,
                      int64_t stamp_ns, int64_t now_ns) {
    ts_rtp_header header;
    ring->now_ns = now_ns;
    ring->stamp_ns = stamp_ns;
    if (ts_rtp_parse(datagram, size, &header) != TS_OK ||
        header.payload_type != ring->payload_type) {
        ring->counters.malformed++;
        return;
    }
    ring->counters.received[leg]++;
    const uint8_t *payload = datagram + header.payload_offset;
    if (!ring->started) {
        restart(ring, &header);
    }
    uint64_t number = ts_rtp_ring_extend(ring, header.sequence_number);
    int32_t distance = (int32_t)(int64_t)(number - ring->highest);
    if (header.ssrc == ring->ssrc && !is_jump(ring, distance)) {
        ts_rtp_ring_place(ring, number, payload, header.payload_size);
        return;
    }
    if (!confirms(ring, &header)) {
        doubt(ring, &header, payload);
        return;
    }
    ring->doubted = false;
    ts_rtp_header first = header;
    first.sequence_number = ring->doubted_number;
    restart(ring, &first);
    ts_rtp_ring_place(ring, ring->highest, ring->doubted_payload, ring->doubted_size);
    ts_rtp_ring_place(ring, ring->highest + 1, payload, header.payload_size);
}

static bool is_filled(const ts_rtp_ring *ring, uint64_t number) {
    const ts_rtp_slot *slot = get_slot(ring, number);
    return slot->filled && slot->number == number;
}

/* Whether the number that leaves next is waited for no longer. */
static bool is_given_up(ts_rtp_ring *ring, int64_t now_ns) {
    if (!ring->in_gap || ring->gap_number != ring->next) {
        uint64_t behind = ring->next + 1;
        while (behind < ring->highest && !is_filled(ring, behind)) {
            behind++;
        }
        ring->in_gap = true;
        ring->gap_number = ring->next;
        ring->gap_since_ns = get_slot(ring, behind)->arrival_ns;
    }
    return ring->highest - ring->next > ring->window ||
           now_ns - ring->gap_since_ns >= ring->wait_ns;
}

void ts_rtp_ring_begin_take(ts_rtp_ring *ring) {
    ring->taken_count = 0;
    ring->taken_size = 0;
}

static void list_taken(ts_rtp_ring *ring, const ts_rtp_slot *slot) {
    ring->taken[ring->taken_count++] = (ts_datagram){ring->taken_size, slot->size, slot->stamp_ns};
    ring->taken_size += slot->size;
}

size_t ts_rtp_ring_take(ts_rtp_ring *ring, uint8_t *buffer, size_t capacity, int64_t now_ns) {
    size_t end = 0;
    bool gave_up = false;
    while (ring->started && ring->next <= ring->highest) {
        ts_rtp_slot *slot = get_slot(ring, ring->next);
        if (is_filled(ring, ring->next)) {
            if (slot->size > capacity - end || ring->taken_count == TS_RTP_TAKEN_MAX) {
                return end;
            }
            list_taken(ring, slot);
            memcpy(buffer + end, get_payload(ring, ring->next), slot->size);
            end += slot->size;
            slot->filled = false;
            ring->next++;
            gave_up = false;
            continue;
        }
        /* A burst that is lost is given up as one. */
        if (!gave_up && !is_given_up(ring, now_ns)) {
            return end;
        }
        gave_up = true;
        give_up_next(ring);
    }
    ring->in_gap = false;
    return end;
}

int64_t ts_rtp_ring_get_wait(const ts_rtp_ring *ring, int64_t now_ns, int64_t longest_ns) {
    if (!ring->started || ring->next > ring->highest) {
        return longest_ns;
    }
    int64_t left = ring->in_gap ? ring->gap_since_ns + ring->wait_ns - now_ns : 0;
    left = left > 0 ? left : 0;
    return left < longest_ns ? left : longest_ns;
}
