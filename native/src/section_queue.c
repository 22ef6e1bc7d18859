#include "tsloom/section_queue.h"

#include <string.h>

void ts_section_queue_init(ts_section_queue *queue, uint16_t pid) {
    queue->byte_count = 0;
    queue->section_count = 0;
    queue->sent = 0;
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
