/* Sections waiting to leave on one PID, and the packets that they make (ISO/IEC 13818-1, 2.4.4). */
#ifndef TSLOOM_SECTION_QUEUE_H
#define TSLOOM_SECTION_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/packet.h"
#include "tsloom/status.h"

enum { TS_SECTION_QUEUE_BYTES = 16384, TS_SECTION_QUEUE_SECTIONS = 256 };

typedef struct ts_section_queue {
    uint8_t bytes[TS_SECTION_QUEUE_BYTES];
    uint16_t sizes[TS_SECTION_QUEUE_SECTIONS];
    size_t byte_count;
    size_t section_count;
    size_t sent; /* bytes of the first section that have left */
    uint16_t pid;
    uint8_t continuity_counter; /* of the next packet */
} ts_section_queue;

void ts_section_queue_init(ts_section_queue *queue, uint16_t pid);
/* TS_NO_ROOM: the section is not queued. */
ts_status ts_section_queue_push(ts_section_queue *queue, const uint8_t *section, size_t size);
/* Puts the section in the place of one that waits and differs in content only: of the same
 * table_id, table_id_extension, section_number and current_next_indicator. TS_NOT_FOUND if none
 * does. */
ts_status ts_section_queue_replace(ts_section_queue *queue, const uint8_t *section, size_t size);
/* Nothing waits any more; PID and counter stay. */
void ts_section_queue_clear(ts_section_queue *queue);
static inline bool ts_section_queue_is_empty(const ts_section_queue *queue) {
    return queue->section_count == 0;
}
/* The next packet, as many sections in it as go in. The queue must not be empty. */
void ts_section_queue_pop(ts_section_queue *queue, uint8_t packet[TS_PACKET_SIZE]);

/* Writes a null packet (2.4.3.3). */
void ts_packet_put_null(uint8_t packet[TS_PACKET_SIZE]);

#endif
