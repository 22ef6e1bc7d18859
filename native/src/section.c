#include "tsloom/section.h"

#include <string.h>

/* What the packet in hand needs to be told to the sink. */
typedef struct feeding {
    ts_section_assembler *assembler;
    uint64_t packet_index;
    ts_section_sink sink;
    void *context;
} feeding;

void ts_section_assembler_init(ts_section_assembler *assembler) {
    assembler->size = 0;
    assembler->first_packet = 0;
    assembler->damage = TS_SECTION_DROP_NONE;
    assembler->started = false;
    assembler->duplicated = false;
    assembler->scrambled = false;
    memset(assembler->last, 0, sizeof assembler->last);
}

static void report_complete(const feeding *f, const uint8_t *bytes, size_t size,
                            uint64_t first_packet) {
    const ts_section_report report = {TS_SECTION_COMPLETE, TS_SECTION_DROP_NONE, bytes, size,
                                      first_packet,        f->packet_index};
    f->sink(f->context, &report);
}

/* Gives up the section in progress; also the way to report a defect that found none. */
static void drop(const feeding *f, ts_section_drop reason) {
    ts_section_assembler *a = f->assembler;
    const ts_section_report report = {TS_SECTION_INCOMPLETE,
                                      reason,
                                      a->buffer,
                                      a->size,
                                      a->size != 0 ? a->first_packet : f->packet_index,
                                      f->packet_index};
    a->size = 0;
    f->sink(f->context, &report);
}

static void drop_if_begun(const feeding *f, ts_section_drop reason) {
    if (f->assembler->size != 0) {
        drop(f, reason);
    }
}

/* Bytes of the section whose header begins there; only the header while that is incomplete. */
static size_t get_wanted(const uint8_t *bytes, size_t size) {
    return size < TS_SECTION_HEADER_SIZE
               ? (size_t)TS_SECTION_HEADER_SIZE
               : (size_t)TS_SECTION_HEADER_SIZE + ts_section_get_section_length(bytes);
}

/* Takes bytes for the section in progress and returns how many; all of them unless it ended, by
 * completion or by a length that cannot be. */
static size_t continue_section(const feeding *f, const uint8_t *bytes, size_t size) {
    ts_section_assembler *a = f->assembler;
    size_t taken = 0;
    for (;;) {
        const size_t wanted = get_wanted(a->buffer, a->size);
        if (wanted > TS_SECTION_MAX) {
            drop(f, TS_SECTION_DROP_LENGTH);
            return size;
        }
        if (a->size >= wanted) {
            const size_t complete = a->size;
            a->size = 0;
            report_complete(f, a->buffer, complete, a->first_packet);
            return taken;
        }
        if (taken == size) {
            return taken;
        }
        const size_t missing = wanted - a->size;
        const size_t piece = missing < size - taken ? missing : size - taken;
        memcpy(a->buffer + a->size, bytes + taken, piece);
        a->size += piece;
        taken += piece;
    }
}

/* Sections that begin at the front of the bytes, one after the other. */
static void start_sections(const feeding *f, const uint8_t *bytes, size_t size) {
    ts_section_assembler *a = f->assembler;
    while (size != 0 && bytes[0] != TS_SECTION_STUFFING) {
        const size_t wanted = get_wanted(bytes, size);
        if (size >= TS_SECTION_HEADER_SIZE && wanted <= size) {
            report_complete(f, bytes, wanted, f->packet_index);
            bytes += wanted;
            size -= wanted;
            continue;
        }
        a->first_packet = f->packet_index;
        continue_section(f, bytes, size);
        return;
    }
}

/* 2.4.3.3: the packet may be sent once more; all but the PCR is the same then. */
static bool is_repeated(const ts_section_assembler *a, const uint8_t *packet) {
    const size_t offset = ts_packet_get_payload_offset(packet);
    return memcmp(a->last, packet, TS_HEADER_SIZE) == 0 &&
           ts_packet_get_payload_offset(a->last) == offset &&
           ts_packet_has_discontinuity(a->last) == ts_packet_has_discontinuity(packet) &&
           memcmp(a->last + offset, packet + offset, TS_PACKET_SIZE - offset) == 0;
}

/* True if the packet is to be passed over as a duplicate. A sender whose continuity_counter stands
 * still repeats more than once: that is read again once nothing is in progress. */
static bool pass_duplicate(ts_section_assembler *a, const uint8_t *packet) {
    if (!a->started || !is_repeated(a, packet)) {
        return false;
    }
    if (a->duplicated && a->size == 0) {
        return false;
    }
    a->duplicated = true;
    return true;
}

/* Compares the packet's continuity_counter with the last one's and remembers the packet. */
static void follow_continuity(const feeding *f, const uint8_t *packet) {
    ts_section_assembler *a = f->assembler;
    const unsigned expected = (a->last[3] + 1u) & 0x0Fu;
    if (a->started && (packet[3] & 0x0Fu) != expected) {
        drop_if_begun(f,
                      a->damage != TS_SECTION_DROP_NONE ? a->damage : TS_SECTION_DROP_CONTINUITY);
    }
    a->damage = TS_SECTION_DROP_NONE;
    a->started = true;
    a->duplicated = false;
    memcpy(a->last, packet, TS_PACKET_SIZE);
}

static void feed_unit_start(const feeding *f, const uint8_t *payload, size_t size) {
    ts_section_assembler *a = f->assembler;
    const size_t pointer = payload[0];
    payload += 1;
    size -= 1;
    if (pointer >= size) {
        /* The end of the section in progress may still be here: CRC_32 will tell. */
        if (a->size != 0) {
            continue_section(f, payload, size);
        }
        drop(f, TS_SECTION_DROP_POINTER);
        return;
    }
    if (a->size != 0) {
        continue_section(f, payload, pointer);
        drop_if_begun(f, TS_SECTION_DROP_EARLY_START);
    }
    start_sections(f, payload + pointer, size - pointer);
}

/* A packet that cannot be used is taken as missing: if it belonged to the PID, the next
 * continuity_counter shows it; if its PID was damaged, nothing is lost. */
static ts_section_drop find_damage(const uint8_t *packet) {
    if (packet[1] & 0x80u) {
        return TS_SECTION_DROP_TRANSPORT_ERROR;
    }
    if (ts_packet_has_adaptation_overrun(packet)) {
        return TS_SECTION_DROP_ADAPTATION;
    }
    return TS_SECTION_DROP_NONE;
}

void ts_section_assembler_feed(ts_section_assembler *assembler, const uint8_t *packet,
                               uint64_t packet_index, ts_section_sink sink, void *context) {
    const feeding f = {assembler, packet_index, sink, context};
    const ts_section_drop damage = find_damage(packet);
    if (damage != TS_SECTION_DROP_NONE) {
        assembler->damage = damage;
        return;
    }
    if (!(packet[3] & TS_HEADER_PAYLOAD) || pass_duplicate(assembler, packet)) {
        return;
    }
    follow_continuity(&f, packet);
    const bool was_scrambled = assembler->scrambled;
    assembler->scrambled = (packet[3] & TS_HEADER_SCRAMBLING) != 0;
    if (assembler->scrambled) {
        if (!was_scrambled || assembler->size != 0) {
            drop(&f, TS_SECTION_DROP_SCRAMBLED);
        }
        return;
    }
    const size_t offset = ts_packet_get_payload_offset(packet);
    const uint8_t *payload = packet + offset;
    const size_t size = TS_PACKET_SIZE - offset;
    if (packet[1] & 0x40u) {
        feed_unit_start(&f, payload, size);
    } else if (assembler->size != 0) {
        continue_section(&f, payload, size);
    }
}

void ts_section_assembler_feed_batch(ts_section_assembler *assembler, uint16_t pid,
                                     const ts_batch *batch, ts_section_sink sink, void *context) {
    for (size_t i = 0; i < batch->count; i++) {
        const uint8_t *packet = batch->packets + i * TS_PACKET_SIZE;
        if (pid < TS_PID_COUNT && ts_header_get_pid(ts_load_be32(packet)) != pid) {
            continue;
        }
        const uint64_t offset = batch->position != NULL ? batch->position[i] : i;
        ts_section_assembler_feed(assembler, packet, batch->first_index + offset, sink, context);
    }
}

void ts_section_assembler_flush(ts_section_assembler *assembler, uint64_t packet_index,
                                ts_section_sink sink, void *context) {
    const feeding f = {assembler, packet_index, sink, context};
    drop_if_begun(&f, TS_SECTION_DROP_ENDED);
    ts_section_assembler_init(assembler);
}

enum { PAYLOAD_MAX = TS_PACKET_SIZE - TS_HEADER_SIZE };

size_t ts_section_get_packet_count(size_t section_size) {
    return section_size == 0 ? 0 : section_size / PAYLOAD_MAX + 1;
}

size_t ts_section_put_packet(const uint8_t *section, size_t size, size_t offset, uint16_t pid,
                             uint8_t continuity_counter, uint8_t packet[TS_PACKET_SIZE]) {
    const uint32_t start = offset == 0 ? TS_HEADER_PUSI : 0u;
    size_t used = TS_HEADER_SIZE;
    ts_store_be32(packet, ts_header_set_pid((uint32_t)TS_SYNC_BYTE << 24 | start |
                                                TS_HEADER_PAYLOAD | (continuity_counter & 0x0Fu),
                                            pid));
    if (start) {
        packet[used++] = 0; /* pointer_field */
    }
    const size_t left = offset < size ? size - offset : 0;
    const size_t piece = left < TS_PACKET_SIZE - used ? left : TS_PACKET_SIZE - used;
    memcpy(packet + used, section + offset, piece);
    memset(packet + used + piece, TS_SECTION_STUFFING, TS_PACKET_SIZE - used - piece);
    return offset + piece;
}
