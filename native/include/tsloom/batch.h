/* A batch: packets in one buffer with the columns that one scan makes of their headers.
 * Stages edit batches in place and keep the columns true. Packets that a stage adds stand beside
 * until somebody needs them in their places: whoever does has the batch settled first. */
#ifndef TSLOOM_BATCH_H
#define TSLOOM_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "tsloom/packet.h"
#include "tsloom/status.h"

typedef struct ts_added_packet {
    size_t before; /* index in the batch, or its count */
    uint8_t packet[TS_PACKET_SIZE];
} ts_added_packet;

/* Whose clock tells when packets arrived. */
typedef enum ts_arrival_clock {
    TS_ARRIVAL_UNKNOWN,
    TS_ARRIVAL_M2TS,    /* arrival_time_stamp in front of each packet */
    TS_ARRIVAL_RECEIVED /* the system's, when it received the datagram */
} ts_arrival_clock;

/* The packet has no arrival time. */
#define TS_NO_ARRIVAL INT64_MIN

typedef struct ts_batch {
    uint8_t *packets;   /* TS_PACKET_SIZE apart */
    uint32_t *header;   /* header word of each packet */
    uint32_t *position; /* input packet index of each, counted from first_index */
    size_t count;
    size_t capacity;        /* packets that the three buffers hold */
    uint64_t first_index;   /* input packet index that positions count from */
    ts_added_packet *added; /* by where they belong */
    size_t added_count;
    size_t added_capacity;
    /* Of the input's packets, be they still in the batch or not: 27 MHz ticks or TS_NO_ARRIVAL. The
     * memory is not the batch's. */
    const int64_t *arrival;
    uint64_t arrival_first; /* input packet index of the first of them */
    size_t arrival_count;   /* 0: the input does not tell */
    ts_arrival_clock arrival_clock;
} ts_batch;

void ts_batch_init(ts_batch *batch);
/* Room for so many packets; what is there is kept. TS_NO_MEMORY leaves the batch as it was. */
ts_status ts_batch_reserve(ts_batch *batch, size_t capacity);
void ts_batch_free(ts_batch *batch);

/* Room for a packet before that index, behind all that was added before; NULL without memory. */
uint8_t *ts_batch_add(ts_batch *batch, size_t before);
/* Moves what was added to its place. Each is of the time of the packet that it stands behind. */
ts_status ts_batch_settle(ts_batch *batch);
/* The same packets and columns in memory of the caller's, for count + added_count of them. */
void ts_batch_copy(const ts_batch *batch, uint8_t *packets, uint32_t *header, uint32_t *position);
/* No packets. */
void ts_batch_clear(ts_batch *batch);

/* Positions of packets that are all there: 0, 1, 2 ... */
void ts_batch_number(ts_batch *batch);

/* The batch is made of so many packets of the input, which arrived at these times. */
void ts_batch_set_arrival(ts_batch *batch, ts_arrival_clock clock, const int64_t *arrival,
                          size_t count);
int64_t ts_batch_get_arrival(const ts_batch *batch, uint64_t packet_index);

/* Fills header and position for the packets; bad_index (may be NULL) is the first without sync
 * byte. */
ts_status ts_batch_scan(ts_batch *batch, size_t *bad_index);

/* The scan itself: header words of count packets. Returns the index of the first packet whose sync
 * byte is wrong, or count. */
size_t ts_scan_headers(const uint8_t *packets, size_t count, uint32_t *header);
enum { TS_LIST_MAX = 256 };
/* Indices of the packets, from one on up to another at most TS_LIST_MAX further, whose PID's entry
 * in the table is not 0. Returns how many there are. No branch depends on the order of PIDs. */
size_t ts_scan_list(const uint32_t *header, size_t from, size_t to, const uint8_t *table,
                    uint32_t index[TS_LIST_MAX]);
/* Columns out of header words; each takes count elements. */
void ts_scan_pids(const uint32_t *header, size_t count, uint16_t *pid);
void ts_scan_field(const uint32_t *header, size_t count, unsigned shift, uint32_t mask,
                   uint8_t *field);
/* Indices and values of the PCRs (opcr: of the OPCRs); both arrays hold count elements at the most
 * needed. Returns how many there are. */
size_t ts_scan_pcrs(const uint8_t *packets, const uint32_t *header, size_t count, uint32_t *index,
                    uint64_t *pcr_27mhz);
size_t ts_scan_opcrs(const uint8_t *packets, const uint32_t *header, size_t count, uint32_t *index,
                     uint64_t *opcr_27mhz);

#endif
