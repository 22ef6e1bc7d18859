/* The parts of the remultiplexer: time line, slots, programs. */
#ifndef TSLOOM_REMUX_INTERNAL_H
#define TSLOOM_REMUX_INTERNAL_H

#include "tsloom/packet.h"
#include "tsloom/remux.h"

/* What is known of an entry. */
enum {
    ENTRY_PLAIN,
    ENTRY_NULL,    /* held while there is no clock only */
    ENTRY_PCR,     /* of another program than the reference */
    ENTRY_ANCHOR,  /* the reference's: its time is exact */
    ENTRY_REPEATED /* of the reference, and tells nothing new */
};

/* Ticks that a slot may be before a packet's time: twice what a PCR may be wrong by (ISO/IEC
 * 13818-1, 2.4.2.2), so that a stream at the output's own rate keeps its slots. */
enum { SLOT_TOLERANCE = 27, LATE_MAX = 256, TIME_PARTS = 256 };

static inline bool remux_has_pcr(const uint8_t *packet, uint32_t header) {
    return (header & TS_HEADER_ADAPTATION) && !(header & TS_HEADER_TEI) &&
           ts_packet_has_pcr(packet);
}

static inline const uint8_t *remux_get_packet(const ts_remux *remux, size_t nth) {
    return nth < remux->stored ? remux->store + nth * TS_PACKET_SIZE
                               : remux->input->packets + remux->entries[nth].at * TS_PACKET_SIZE;
}

ts_status remux_report(ts_remux *remux, ts_remux_kind kind, uint16_t pid, uint64_t packet_index,
                       int64_t value);

/* remux_line.c: times. */

/* What the packet's PCR is to the time line. May start, move and break it. */
ts_status remux_take_pcr(ts_remux *remux, const uint8_t *packet, uint16_t pid, uint64_t index,
                         uint8_t *kind);
/* The reference has come in the last packet held: those before it are timed. */
void remux_set_times(ts_remux *remux);
/* Time goes on without a PCR: all that is held is timed, up to this packet. */
ts_status remux_extrapolate(ts_remux *remux, uint64_t index);
/* The service's PCR_PID may be another one. */
ts_status remux_find_reference(ts_remux *remux, uint64_t index);
/* The other clock is the reference, if there is one. */
ts_status remux_fall_back(ts_remux *remux, uint64_t index);
/* The input counts its packets anew. */
void remux_restart_index(ts_remux *remux, uint64_t index);

/* remux_place.c: slots. */

void remux_set_bitrate(ts_remux *remux, uint64_t bitrate);
/* Those that are timed leave, as far as the bitrate is known. */
ts_status remux_place(ts_remux *remux);
/* All that is held leaves as it came. */
ts_status remux_pass(ts_remux *remux);
/* Slots are filled up to a time, and what waits leaves. */
ts_status remux_place_end(ts_remux *remux, int64_t time, uint64_t index);
ts_status remux_put(ts_remux *remux, const uint8_t *packet, uint32_t header);

/* remux_space.c: transport buffers of sections. */

/* Is the packet to wait for its PID's transport buffer? */
bool remux_must_wait(const ts_remux *remux, uint16_t pid);
uint64_t remux_get_leak(const ts_remux *remux, uint16_t pid);
/* A packet of the PID leaves in this slot. */
void remux_fill_buffer(ts_remux *remux, uint16_t pid, uint64_t leak);
void remux_push_late(ts_remux *remux, const uint8_t *packet, uint32_t header);
/* One may leave now, or must; it does (all: the first one, whatever its time). */
bool remux_has_late(const ts_remux *remux);
ts_status remux_put_late(ts_remux *remux, bool all);
/* The output's time has jumped. */
void remux_reset_buffers(ts_remux *remux);

/* remux_program.c: PCRs. */

ts_status remux_observe(ts_remux *remux, const ts_remux_entry *entry, const uint8_t *packet);
/* The packet has been put into this slot: its PCR is written anew. */
void remux_restamp(ts_remux *remux, uint8_t *packet, uint32_t header);
/* Is it the second copy of a packet, an added PCR being between them? They must follow each other
 * (2.4.3.3). */
bool remux_is_parted_repeat(const ts_remux *remux, const uint8_t *packet, uint32_t header);
/* A packet with the PCR of the program that waits longest; not if the slot is taken from a packet
 * and the input itself has so long an interval. */
ts_status remux_add_pcr(ts_remux *remux, int64_t now, bool takes_slot);

#endif
