/* Cutting packets into datagrams, without copying them; private to native/io. */
#ifndef TSLOOM_UDP_CUT_H
#define TSLOOM_UDP_CUT_H

#include "tsloom/udp.h"

enum { TS_UDP_PIECES = 1024 }; /* more than the packets of the longest datagram */

/* A batch of datagrams cut from the sender's partial one and from the caller's packets. */
typedef struct ts_udp_cut {
    const uint8_t *packets;
    size_t size;
    size_t end;           /* how far the packets are cut */
    uint32_t count;       /* datagrams that are complete */
    uint32_t piece_count; /* used by them */
    ts_udp_pieces datagrams[TS_UDP_BATCH];
    size_t starts[TS_UDP_BATCH];         /* where the first of its packets here stands */
    size_t ends[TS_UDP_BATCH];           /* how far the packets are cut after each datagram */
    uint32_t null_packets[TS_UDP_BATCH]; /* left out on the way to each datagram's end */
    struct iovec pieces[TS_UDP_PIECES];
} ts_udp_cut;

void ts_udp_cut_init(ts_udp_cut *cut, const uint8_t *packets, size_t size);
/* Cuts one more datagram; false where the packets do not fill one, or the batch is full. */
bool ts_udp_cut_next(ts_udp_cut *cut, const ts_udp_sender *sender);
/* Sends the first count of what is cut and drops the rest, to be cut again. done (may be NULL)
 * tells how many are gone; taken is how far the packets are done with. */
int ts_udp_cut_send(ts_udp_cut *cut, ts_udp_sender *sender, unsigned count, unsigned *done,
                    size_t *taken);
/* Keeps packets that fill no datagram in the sender's partial one. */
void ts_udp_keep_rest(ts_udp_sender *sender, const uint8_t *packets, size_t size);

#endif
