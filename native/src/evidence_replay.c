/* Evidence, back through an analyzer. */
#include <stdlib.h>
#include <string.h>

#include "analyze_internal.h"
#include "evidence_internal.h"
#include "tsloom/evidence.h"
#include "tsloom/packet.h"

enum { BLOCK_PACKETS_MAX = 1 << 20 };

typedef struct block {
    size_t count;
    size_t kept_count;
    bool stamped;
    const uint8_t *headers;
    const uint8_t *timestamps;
    const uint8_t *marked;
    const uint8_t *packets;
} block;

static ts_status read_block(const uint8_t *bytes, size_t size, size_t *offset, block *b) {
    uint32_t head[2];
    size_t left = size - *offset;
    if (left < sizeof head) {
        return TS_BAD_LENGTH;
    }
    memcpy(head, bytes + *offset, sizeof head);
    b->stamped = (head[0] & TS_EVIDENCE_STAMPED) != 0;
    b->count = head[0] & ~TS_EVIDENCE_STAMPED;
    b->kept_count = head[1];
    if (b->count == 0 || b->count > BLOCK_PACKETS_MAX || b->kept_count > b->count) {
        return TS_BAD_LENGTH;
    }
    const size_t columns = b->stamped ? 2 : 1;
    size_t whole = sizeof head + columns * b->count * sizeof(uint32_t) +
                   b->kept_count * (sizeof(ts_marked) + TS_PACKET_SIZE);
    if (left < whole) {
        return TS_BAD_LENGTH;
    }
    b->headers = bytes + *offset + sizeof head;
    b->timestamps = b->headers + b->count * sizeof(uint32_t);
    b->marked = b->headers + columns * b->count * sizeof(uint32_t);
    b->packets = b->marked + b->kept_count * sizeof(ts_marked);
    *offset += whole;
    return TS_OK;
}

static void unpack_arrivals(const block *b, ts_arrivals *arrivals, ts_batch *batch) {
    const ts_sync_result all = {.count = b->count, .stamped = b->stamped};
    if (b->stamped) {
        memcpy(arrivals->timestamp, b->timestamps, b->count * sizeof(uint32_t));
    }
    ts_arrivals_settle(arrivals, &all, batch);
}

/* Packets at their places; of those that are not kept the header only. */
static ts_status unpack(const block *b, const ts_marked *kept, ts_arrivals *arrivals,
                        ts_batch *batch) {
    uint64_t first_index = batch->first_index;
    ts_status status = ts_batch_reserve(batch, b->count);
    status = status == TS_OK ? ts_arrivals_reserve(arrivals, b->count) : status;
    if (status != TS_OK) {
        return status;
    }
    memcpy(batch->header, b->headers, b->count * sizeof(uint32_t));
    batch->count = b->count;
    batch->first_index = first_index;
    ts_batch_number(batch);
    unpack_arrivals(b, arrivals, batch);
    for (size_t i = 0; i < b->kept_count; i++) {
        if (kept[i].index >= b->count || (i > 0 && kept[i].index <= kept[i - 1].index)) {
            return TS_BAD_LENGTH;
        }
        memcpy(batch->packets + (size_t)kept[i].index * TS_PACKET_SIZE,
               b->packets + i * TS_PACKET_SIZE, TS_PACKET_SIZE);
    }
    return TS_OK;
}

/* Whether every packet of a PID that carries sections is there. */
static bool has_sections(const ts_analyzer *analyzer, const ts_batch *batch, const ts_marked *kept,
                         size_t kept_count) {
    size_t next = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (next < kept_count && kept[next].index == i) {
            next++;
        } else if (analyzer->demux.role[ts_header_get_pid(batch->header[i])] != 0) {
            return false;
        }
    }
    return true;
}

ts_status ts_evidence_replay(ts_analyzer *analyzer, const uint8_t *bytes, size_t size,
                             size_t *offset, ts_arrivals *arrivals, ts_batch *batch) {
    block b;
    ts_status status = read_block(bytes, size, offset, &b);
    if (status != TS_OK) {
        return status;
    }
    ts_marked *kept = malloc((b.kept_count + 1) * sizeof *kept);
    if (kept == NULL) {
        return TS_NO_MEMORY;
    }
    memcpy(kept, b.marked, b.kept_count * sizeof *kept);
    status = unpack(&b, kept, arrivals, batch);
    if (status == TS_OK && !has_sections(analyzer, batch, kept, b.kept_count)) {
        status = TS_NOT_FOUND;
    }
    if (status == TS_OK) {
        status = analyzer_replay(analyzer, batch, kept, b.kept_count);
    }
    if (status == TS_OK && !has_sections(analyzer, batch, kept, b.kept_count)) {
        status = TS_NOT_FOUND;
    }
    free(kept);
    return status;
}
