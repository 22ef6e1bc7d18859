#include "tsloom/section_queue.h"

#include <string.h>

#include "tsloom/section.h"

void ts_section_queue_init(ts_section_queue *queue, uint16_t pid) {
    ts_section_queue_clear(queue);
    queue->pid = pid;
    queue->continuity_counter = 0;
}

ts_status ts_section_queue_push(ts_section_queue *queue, const uint8_t *section, size_t size) {
    if (size == 0 || size > UINT16_MAX) {
        return TS_BAD_ARGUMENT;
    }
    if (queue->section_count == TS_SECTION_QUEUE_SECTIONS ||
        TS_SECTION_QUEUE_BYTES - queue->byte_count < size) {
        return TS_NO_ROOM;
    }
    memcpy(queue->bytes + queue->byte_count, section, size);
    queue->byte_count += size;
    queue->sizes[queue->section_count++] = (uint16_t)size;
    return TS_OK;
}

void ts_section_queue_clear(ts_section_queue *queue) {
    queue->byte_count = 0;
    queue->section_count = 0;
    queue->sent = 0;
}

static bool has_identity(const uint8_t *section, size_t size) {
    return size >= TS_SECTION_LONG_HEADER_SIZE && ts_section_has_syntax(section);
}

static bool is_same_section(const uint8_t *a, const uint8_t *b) {
    return ts_section_get_table_id(a) == ts_section_get_table_id(b) &&
           ts_section_get_table_id_extension(a) == ts_section_get_table_id_extension(b) &&
           ts_section_get_section_number(a) == ts_section_get_section_number(b) &&
           ts_section_get_current_next_indicator(a) == ts_section_get_current_next_indicator(b);
}

static ts_status exchange(ts_section_queue *queue, size_t index, size_t offset,
                          const uint8_t *section, size_t size) {
    size_t old = queue->sizes[index];
    size_t behind = offset + old;
    if (TS_SECTION_QUEUE_BYTES - (queue->byte_count - old) < size) {
        return TS_NO_ROOM;
    }
    memmove(queue->bytes + offset + size, queue->bytes + behind, queue->byte_count - behind);
    memcpy(queue->bytes + offset, section, size);
    queue->byte_count = queue->byte_count - old + size;
    queue->sizes[index] = (uint16_t)size;
    return TS_OK;
}

ts_status ts_section_queue_replace(ts_section_queue *queue, const uint8_t *section, size_t size) {
    size_t offset = 0;
    if (!has_identity(section, size)) {
        return TS_NOT_FOUND;
    }
    for (size_t i = 0; i < queue->section_count; i++) {
        const uint8_t *waiting = queue->bytes + offset;
        bool has_begun = i == 0 && queue->sent > 0;
        if (!has_begun && has_identity(waiting, queue->sizes[i]) &&
            is_same_section(waiting, section)) {
            return exchange(queue, i, offset, section, size);
        }
        offset += queue->sizes[i];
    }
    return TS_NOT_FOUND;
}

static void drop_first(ts_section_queue *queue) {
    size_t size = queue->sizes[0];
    memmove(queue->bytes, queue->bytes + size, queue->byte_count - size);
    queue->byte_count -= size;
    queue->section_count--;
    memmove(queue->sizes, queue->sizes + 1, queue->section_count * sizeof queue->sizes[0]);
    queue->sent = 0;
}

/* Copies from the first section as much as fits; returns how much. */
static size_t pour(ts_section_queue *queue, uint8_t *to, size_t room) {
    size_t rest = queue->sizes[0] - queue->sent;
    size_t part = rest < room ? rest : room;
    memcpy(to, queue->bytes + queue->sent, part);
    queue->sent += part;
    if (part == rest) {
        drop_first(queue);
    }
    return part;
}

void ts_section_queue_pop(ts_section_queue *queue, uint8_t packet[TS_PACKET_SIZE]) {
    size_t rest = queue->sent > 0 ? queue->sizes[0] - queue->sent : 0;
    /* A pointer_field is wanted where a section starts in this packet (2.4.4.2). */
    bool starts =
        rest == 0 || (rest < TS_PACKET_SIZE - TS_HEADER_SIZE - 1 && queue->section_count > 1);
    uint32_t header = ((uint32_t)TS_SYNC_BYTE << 24) | (starts ? TS_HEADER_PUSI : 0) |
                      ((uint32_t)queue->pid << 8) | TS_HEADER_PAYLOAD | queue->continuity_counter;
    queue->continuity_counter = (queue->continuity_counter + 1) & 15u;
    ts_store_be32(packet, header);
    size_t at = TS_HEADER_SIZE;
    if (starts) {
        packet[at++] = (uint8_t)rest;
    }
    if (rest > 0) {
        at += pour(queue, packet + at, TS_PACKET_SIZE - at);
    }
    while (starts && at < TS_PACKET_SIZE && queue->section_count > 0) {
        at += pour(queue, packet + at, TS_PACKET_SIZE - at);
    }
    memset(packet + at, 0xFF, TS_PACKET_SIZE - at);
}

void ts_packet_put_null(uint8_t packet[TS_PACKET_SIZE]) {
    ts_store_be32(packet, ((uint32_t)TS_SYNC_BYTE << 24) | ((uint32_t)TS_PID_NULL << 8) |
                              TS_HEADER_PAYLOAD);
    memset(packet + TS_HEADER_SIZE, 0xFF, TS_PACKET_SIZE - TS_HEADER_SIZE);
}
