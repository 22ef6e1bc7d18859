#include <string.h>

#include "insert_internal.h"

/* A section of the stream's own that has not ended after so long will not end: it waits no more. */
#define STALLED_TICKS TS_PCR_HZ

void insert_note_counter(ts_inserter *inserter, uint32_t header) {
    if (!(header & TS_HEADER_TEI)) {
        inserter->counter[ts_header_get_pid(header)] = (uint8_t)((header + 1) & TS_HEADER_CC);
    }
}

static uint32_t renumber(ts_inserter *inserter, uint8_t *packet) {
    uint32_t header = ts_load_be32(packet);
    uint16_t pid = ts_header_get_pid(header);
    bool payload = (header & TS_HEADER_PAYLOAD) != 0;
    uint8_t counter = inserter->counter[pid];
    header = (header & ~TS_HEADER_CC) | (payload ? counter : (counter - 1u) & 15u);
    inserter->counter[pid] = (uint8_t)((counter + payload) & 15u);
    packet[3] = (uint8_t)header;
    return header;
}

bool insert_is_busy(const ts_inserter *inserter, uint16_t pid, int64_t now) {
    const ts_section_assembler *assembler = inserter->demux.assembler[pid];
    if (inserter->held_count > 0 && inserter->held_pid == pid) {
        return true;
    }
    bool open = assembler != NULL && assembler->size > 0;
    /* What is put in stands before the packet that was just read. */
    open = pid == inserter->passing_pid ? inserter->is_inside : open;
    return open &&
           now - ts_clock_get_time(inserter->clock, assembler->first_packet) < STALLED_TICKS;
}

uint32_t insert_release(ts_inserter *inserter, uint8_t *packet) {
    memcpy(packet, inserter->held[0], TS_PACKET_SIZE);
    inserter->held_count--;
    memmove(inserter->held[0], inserter->held[1], inserter->held_count * TS_PACKET_SIZE);
    return renumber(inserter, packet);
}

ts_status insert_share(ts_inserter *inserter, ts_batch *batch, size_t index, int64_t now) {
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    uint16_t pid = ts_header_get_pid(batch->header[index]);
    bool begun = inserter->current.section != NULL && inserter->current.pid == pid;
    bool behind = inserter->held_count > 0 && inserter->held_pid == pid;
    ts_status status = TS_OK;
    if ((!begun && !behind) || inserter->held_count == TS_INSERT_HELD) {
        batch->header[index] = renumber(inserter, packet);
        return TS_OK;
    }
    memcpy(inserter->held[inserter->held_count++], packet, TS_PACKET_SIZE);
    inserter->held_pid = pid;
    if (begun) {
        uint64_t out_index = inserter->out_base + index + inserter->added_count;
        status = insert_put_section(inserter, packet, false, out_index, now);
        batch->header[index] = ts_load_be32(packet);
    } else {
        batch->header[index] = insert_release(inserter, packet);
    }
    return status;
}

/* The rest of a section that has begun, where packets may be added, and what was held for it. */
ts_status insert_end(ts_inserter *inserter, ts_batch *batch) {
    size_t most = TS_INSERT_HELD + ts_section_get_packet_count(TS_SECTION_MAX);
    ts_status status = ts_batch_reserve(batch, batch->count + most);
    int64_t now =
        inserter->clock == NULL ? 0 : ts_clock_get_time(inserter->clock, inserter->next_index);
    bool may_add = inserter->room != TS_ROOM_NULLS && inserter->clock != NULL;
    batch->first_index = inserter->next_index;
    while (status == TS_OK) {
        uint8_t *packet = batch->packets + batch->count * TS_PACKET_SIZE;
        if (inserter->current.section != NULL && may_add) {
            uint64_t out_index = inserter->out_base + batch->count;
            status = insert_put_section(inserter, packet, true, out_index, now);
        } else if (inserter->held_count > 0) {
            insert_release(inserter, packet);
        } else {
            break;
        }
        batch->header[batch->count] = ts_load_be32(packet);
        batch->position[batch->count++] = 0;
    }
    return status;
}
