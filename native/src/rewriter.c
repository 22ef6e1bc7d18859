#include "tsloom/rewriter.h"

#include <stdlib.h>
#include <string.h>

void ts_rewriter_init(ts_rewriter *rewriter) {
    memset(rewriter, 0, sizeof *rewriter);
}

void ts_rewriter_free(ts_rewriter *rewriter) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        /* Few PIDs have one. */
        if (rewriter->pid[pid] != NULL) {
            free(rewriter->pid[pid]);
            rewriter->pid[pid] = NULL;
        }
    }
}

ts_status ts_rewriter_take_over(ts_rewriter *rewriter, uint16_t pid, uint16_t target_pid,
                                uint8_t continuity_counter) {
    if (rewriter->pid[pid] != NULL) {
        return TS_OK;
    }
    ts_rewritten_pid *rewritten = malloc(sizeof *rewritten);
    if (rewritten == NULL) {
        return TS_NO_MEMORY;
    }
    ts_section_queue_init(&rewritten->queue, target_pid);
    rewritten->queue.continuity_counter = continuity_counter;
    rewritten->passing = false;
    rewritten->shift = 0;
    rewriter->pid[pid] = rewritten;
    return TS_OK;
}

void ts_rewriter_push(ts_rewriter *rewriter, uint16_t pid, const uint8_t *section, size_t size) {
    ts_section_queue *queue = &rewriter->pid[pid]->queue;
    ts_status status = ts_section_queue_replace(queue, section, size);
    if (status == TS_NOT_FOUND) {
        status = ts_section_queue_push(queue, section, size);
    }
    rewriter->overflows += status != TS_OK;
}

/* The adaptation field alone, stretched over the packet: no payload, so the counter stays. */
static void keep_adaptation(uint8_t *packet, const ts_section_queue *queue) {
    size_t end = ts_packet_get_payload_offset(packet);
    memset(packet + end, 0xFF, TS_PACKET_SIZE - end);
    packet[4] = TS_PACKET_SIZE - TS_HEADER_SIZE - 1;
    ts_store_be32(packet, ((uint32_t)TS_SYNC_BYTE << 24) | ((uint32_t)queue->pid << 8) |
                              TS_HEADER_ADAPTATION | ((queue->continuity_counter - 1u) & 15u));
}

void ts_rewriter_fill(ts_rewriter *rewriter, ts_batch *batch, size_t index) {
    uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    ts_rewritten_pid *rewritten = rewriter->pid[ts_header_get_pid(batch->header[index])];
    rewritten->passing = false;
    if (!(batch->header[index] & TS_HEADER_TEI) && ts_packet_has_pcr(packet)) {
        keep_adaptation(packet, &rewritten->queue);
    } else if (!ts_section_queue_is_empty(&rewritten->queue)) {
        ts_section_queue_pop(&rewritten->queue, packet);
    } else {
        ts_packet_put_null(packet);
    }
    batch->header[index] = ts_load_be32(packet);
}

void ts_rewriter_pass(ts_rewriter *rewriter, ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    ts_rewritten_pid *rewritten = rewriter->pid[ts_header_get_pid(header)];
    ts_section_queue *queue = &rewritten->queue;
    bool counts = ts_header_has_cc(header);
    ts_section_queue_clear(queue);
    if (counts && !rewritten->passing) {
        rewritten->passing = true;
        rewritten->shift = queue->continuity_counter - ts_header_get_payload_cc(header);
    }
    header = ts_header_set_pid(header, queue->pid);
    header = (header & ~TS_HEADER_CC) | ((header + rewritten->shift) & TS_HEADER_CC);
    if (counts) {
        queue->continuity_counter = (header + 1u) & TS_HEADER_CC;
    }
    batch->header[index] = header;
    ts_store_be32(batch->packets + index * TS_PACKET_SIZE, header);
}

uint8_t ts_rewriter_take_counter(ts_rewriter *rewriter, uint16_t pid) {
    ts_rewritten_pid *rewritten = rewriter->pid[pid];
    uint8_t counter = rewritten->queue.continuity_counter;
    rewritten->queue.continuity_counter = (counter + 1u) & TS_HEADER_CC;
    rewritten->shift++;
    return counter;
}
