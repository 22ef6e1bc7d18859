#include "tsloom/rewriter.h"

#include <stdlib.h>
#include <string.h>

void ts_rewriter_init(ts_rewriter *rewriter) {
    memset(rewriter, 0, sizeof *rewriter);
}

void ts_rewriter_free(ts_rewriter *rewriter) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        free(rewriter->queue[pid]);
        rewriter->queue[pid] = NULL;
    }
}

ts_status ts_rewriter_take_over(ts_rewriter *rewriter, uint16_t pid, uint16_t target_pid,
                                uint8_t continuity_counter) {
    if (rewriter->queue[pid] != NULL) {
        return TS_OK;
    }
    ts_section_queue *queue = malloc(sizeof *queue);
    if (queue == NULL) {
        return TS_NO_MEMORY;
    }
    ts_section_queue_init(queue, target_pid);
    queue->continuity_counter = continuity_counter;
    rewriter->queue[pid] = queue;
    return TS_OK;
}

void ts_rewriter_push(ts_rewriter *rewriter, uint16_t pid, const uint8_t *section, size_t size) {
    if (ts_section_queue_push(rewriter->queue[pid], section, size) != TS_OK) {
        rewriter->overflows++;
    }
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
    ts_section_queue *queue = rewriter->queue[ts_header_get_pid(batch->header[index])];
    if (ts_packet_has_pcr(packet)) {
        keep_adaptation(packet, queue);
    } else if (!ts_section_queue_is_empty(queue)) {
        ts_section_queue_pop(queue, packet);
    } else {
        ts_packet_put_null(packet);
    }
    batch->header[index] = ts_load_be32(packet);
}
