/* Packet synchronisation: finds packets in bytes (ISO/IEC 13818-1, annex G.1; TR 101
 * 290, 1.1, 1.2).
 *
 * Five sync bytes in a row, 188, 192 or 204 bytes apart, acquire; two bad ones in a row lose. One
 * bad sync byte within lock costs its own packet only. A packet is handed on once the sync byte
 * behind it was seen, so that one cut short in the middle is skipped and the one behind it is kept.
 */
#ifndef TSLOOM_SYNC_H
#define TSLOOM_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/status.h"

enum {
    TS_SYNC_ACQUIRE = 5,
    TS_UNIT_MAX = 204,                                         /* packet with Reed-Solomon bytes */
    TS_SYNC_LEFTOVER_MAX = TS_UNIT_MAX * (TS_SYNC_ACQUIRE + 3) /* bytes a take can leave behind */
};

typedef enum ts_sync_kind {
    TS_SYNC_ACQUIRED, /* length: packet size */
    TS_SYNC_LOST,
    TS_SYNC_SKIPPED,      /* length: bytes that belong to no packet */
    TS_SYNC_BAD_SYNC_BYTE /* length: size of the one packet that is skipped */
} ts_sync_kind;

typedef struct ts_sync_event {
    ts_sync_kind kind;
    uint64_t offset_bytes; /* in the whole input */
    uint64_t packet_index; /* of the next packet that is handed on */
    uint64_t length;
} ts_sync_event;

typedef struct ts_sync {
    size_t unit; /* bytes from one packet to the next: 188, 192, 204; 0 before the first lock */
    bool locked;
    bool ahead;            /* the last packet left before the sync byte behind it was seen */
    uint64_t offset_bytes; /* input offset of the next byte to look at */
    uint64_t packet_count; /* handed on */
    uint64_t junk_offset;  /* start of the run of bytes being skipped */
    uint64_t junk_length;
    uint64_t skipped_bytes;
    uint64_t losses;
    uint64_t bad_sync_bytes;
    ts_sync_event *events; /* since the last clear */
    size_t event_count;
    size_t event_capacity;
} ts_sync;

void ts_sync_init(ts_sync *sync);
void ts_sync_free(ts_sync *sync);
void ts_sync_clear_events(ts_sync *sync);

/* Where packets go: to the front of the buffer they came in. */
typedef struct ts_sync_result {
    size_t count;    /* packets now at the front of the buffer, 188 bytes each */
    size_t consumed; /* bytes done with; the rest is to be offered again, more bytes behind it */
    bool stamped;    /* the column of time stamps was written: some packets have one */
} ts_sync_result;

/* Columns of the packets, each of size / 188 elements. */
typedef struct ts_sync_columns {
    uint32_t *header; /* header words */
    uint32_t
        *timestamp;   /* the four bytes before each 192-byte packet, 0 for other sizes; or NULL */
    uint32_t *offset; /* of the packet's sync byte in the bytes as they were; or NULL */
} ts_sync_columns;

/* Takes the packets out of size bytes, fewer than 4 GiB. */
ts_status ts_sync_take(ts_sync *sync, uint8_t *buffer, size_t size, const ts_sync_columns *columns,
                       ts_sync_result *result);
/* The same where the last byte is a packet's, as at the end of a datagram: within lock nothing
 * waits for what comes next. */
ts_status ts_sync_take_whole(ts_sync *sync, uint8_t *buffer, size_t size,
                             const ts_sync_columns *columns, ts_sync_result *result);
/* The same at the end of the input, where nothing follows: consumes all. */
ts_status ts_sync_finish(ts_sync *sync, uint8_t *buffer, size_t size,
                         const ts_sync_columns *columns, ts_sync_result *result);

#endif
