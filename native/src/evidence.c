#include "tsloom/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "evidence_internal.h"
#include "tsloom/packet.h"
#include "tsloom/pes.h"

enum {
    KEEP_ALL = 1u << 0, /* not known to carry PES packets */
    KEEP_NEW = 1u << 1, /* its first two packets have not come */
    BLOCK_HEAD = 2 * sizeof(uint32_t)
};

ts_status ts_collector_init(ts_collector *collector) {
    memset(collector, 0, sizeof *collector);
    memset(collector->rule, KEEP_ALL | KEEP_NEW, sizeof collector->rule);
    collector->rule[TS_PID_NULL] = KEEP_NEW;
    ts_status status = ts_continuity_init(&collector->continuity);
    ts_continuity_watch_starts(&collector->continuity);
    return status;
}

void ts_collector_free(ts_collector *collector) {
    ts_continuity_free(&collector->continuity);
    free(collector->marked);
    free(collector->bytes);
    collector->marked = NULL;
    collector->bytes = NULL;
    collector->size = collector->bytes_capacity = collector->capacity = 0;
}

static ts_status reserve(ts_collector *collector, size_t packets) {
    if (collector->capacity < packets) {
        /* Twice: what continuity lists, and all that is kept. */
        ts_marked *marked = realloc(collector->marked, 2 * packets * sizeof *marked);
        if (marked == NULL) {
            return TS_NO_MEMORY;
        }
        collector->marked = marked;
        collector->capacity = packets;
    }
    size_t most =
        BLOCK_HEAD + packets * (2 * sizeof(uint32_t) + sizeof(ts_marked) + TS_PACKET_SIZE);
    if (collector->bytes_capacity - collector->size < most) {
        size_t capacity = collector->bytes_capacity * 2 + most;
        uint8_t *bytes = realloc(collector->bytes, capacity);
        if (bytes == NULL) {
            return TS_NO_MEMORY;
        }
        collector->bytes = bytes;
        collector->bytes_capacity = capacity;
    }
    return TS_OK;
}

/* Scrambled units cannot be told apart; there is nothing in them to be read either. */
static void learn(ts_collector *collector, uint32_t header, const uint8_t *packet) {
    uint8_t *rule = &collector->rule[ts_header_get_pid(header)];
    if (!(header & TS_HEADER_PUSI) || !(header & TS_HEADER_PAYLOAD) || (header & TS_HEADER_TEI)) {
        return;
    }
    size_t offset = ts_packet_get_payload_offset(packet);
    bool is_pes = (header & TS_HEADER_SCRAMBLING) ||
                  pes_has_start_code(packet + offset, TS_PACKET_SIZE - offset);
    *rule = (uint8_t)((*rule & KEEP_NEW) | (is_pes ? 0u : (unsigned)KEEP_ALL));
}

/* The first packet with a counter is judged by what came before it, and the second may be that
 * one's duplicate. */
static uint8_t settle(ts_collector *collector, uint32_t header) {
    uint16_t pid = ts_header_get_pid(header);
    if (collector->settled[pid] == 2) {
        return 0;
    }
    if (ts_header_has_cc(header) || (pid == TS_PID_NULL && !(header & TS_HEADER_TEI))) {
        collector->settled[pid]++;
        if (collector->settled[pid] == 2) {
            collector->rule[pid] &= (uint8_t)~KEEP_NEW;
        }
    }
    return 1;
}

/* Merges what continuity has listed with what the rules keep. */
static size_t choose(ts_collector *collector, const ts_batch *batch, size_t listed,
                     ts_marked *kept) {
    const ts_marked *marked = collector->marked;
    const ts_pid_state *states = collector->continuity.pid;
    size_t next = 0;
    size_t count = 0;
    for (uint32_t i = 0; i < batch->count; i++) {
        uint32_t header = batch->header[i];
        uint16_t pid = ts_header_get_pid(header);
        bool is_listed = next < listed && marked[next].index == i;
        if (!is_listed && collector->rule[pid] == 0 && states[pid].last_index != i) {
            continue;
        }
        kept[count] = is_listed ? marked[next] : (ts_marked){.index = i};
        next += is_listed;
        learn(collector, header, batch->packets + (size_t)i * TS_PACKET_SIZE);
        kept[count].unsettled = settle(collector, header);
        count++;
    }
    return count;
}

static void put(ts_collector *collector, const void *bytes, size_t size) {
    memcpy(collector->bytes + collector->size, bytes, size);
    collector->size += size;
}

ts_status ts_collector_take(ts_collector *collector, const ts_batch *batch,
                            const uint32_t *timestamp) {
    ts_status status = reserve(collector, batch->count);
    if (status != TS_OK || batch->count == 0) {
        return status;
    }
    ts_marked *kept = collector->marked + batch->count;
    size_t listed =
        ts_continuity_check_some(&collector->continuity, batch, 0, batch->count, collector->marked);
    size_t count = choose(collector, batch, listed, kept);
    ts_continuity_leave(&collector->continuity, batch);
    const uint32_t stamped = timestamp != NULL ? TS_EVIDENCE_STAMPED : 0;
    const uint32_t head[2] = {(uint32_t)batch->count | stamped, (uint32_t)count};
    put(collector, head, sizeof head);
    put(collector, batch->header, batch->count * sizeof *batch->header);
    if (timestamp != NULL) {
        put(collector, timestamp, batch->count * sizeof *timestamp);
    }
    put(collector, kept, count * sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        put(collector, batch->packets + (size_t)kept[i].index * TS_PACKET_SIZE, TS_PACKET_SIZE);
    }
    collector->packets += batch->count;
    return TS_OK;
}
