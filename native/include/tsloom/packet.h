/* The transport packet: ISO/IEC 13818-1, 2.4.3.2 and 2.4.3.4.
 * A header word is the packet's first four bytes as one big-endian number. */
#ifndef TSLOOM_PACKET_H
#define TSLOOM_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TS_PACKET_SIZE = 188,
    TS_HEADER_SIZE = 4,
    TS_SYNC_BYTE = 0x47,
    TS_PID_COUNT = 8192,
    TS_PID_PAT = 0x0000,
    TS_PID_CAT = 0x0001,
    TS_PID_NIT = 0x0010,
    TS_PID_SDT = 0x0011,
    TS_PID_EIT = 0x0012,
    TS_PID_TDT = 0x0014,
    TS_PID_NULL = 0x1FFF
};

#define TS_HEADER_TEI 0x00800000u
#define TS_HEADER_PUSI 0x00400000u
#define TS_HEADER_PRIORITY 0x00200000u
#define TS_HEADER_PID_MASK 0x001FFF00u
#define TS_HEADER_SCRAMBLING 0x000000C0u
#define TS_HEADER_ADAPTATION 0x00000020u
#define TS_HEADER_PAYLOAD 0x00000010u
#define TS_HEADER_CC 0x0000000Fu

/* PCR and OPCR: 33 bits of 90 kHz times 300 plus 9 bits of 27 MHz (2.4.3.5). */
#define TS_PTS_MODULUS (UINT64_C(1) << 33)
#define TS_PCR_MODULUS (TS_PTS_MODULUS * 300u)
#define TS_PCR_HZ INT64_C(27000000)
#define TS_PTS_HZ INT64_C(90000)

static inline uint32_t ts_load_be32(const uint8_t *bytes) {
    return ((uint32_t)bytes[0] << 24) | ((uint32_t)bytes[1] << 16) | ((uint32_t)bytes[2] << 8) |
           (uint32_t)bytes[3];
}

static inline void ts_store_be32(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static inline uint16_t ts_load_be16(const uint8_t *bytes) {
    return (uint16_t)(((unsigned)bytes[0] << 8) | bytes[1]);
}

static inline void ts_store_be16(uint8_t *bytes, uint16_t value) {
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline uint16_t ts_header_get_pid(uint32_t header) {
    return (uint16_t)((header >> 8) & 0x1FFFu);
}

static inline uint32_t ts_header_set_pid(uint32_t header, uint16_t pid) {
    return (header & ~TS_HEADER_PID_MASK) | (((uint32_t)pid << 8) & TS_HEADER_PID_MASK);
}

static inline uint8_t ts_header_get_cc(uint32_t header) {
    return (uint8_t)(header & TS_HEADER_CC);
}

/* The counter of a packet with payload in this one's place: without payload the counter stands
 * still (2.4.3.3). */
static inline uint8_t ts_header_get_payload_cc(uint32_t header) {
    return (uint8_t)((header + ((header & TS_HEADER_PAYLOAD) ? 0u : 1u)) & TS_HEADER_CC);
}

/* False of packets whose counter says nothing: with transport_error_indicator, or of the reserved
 * adaptation_field_control '00'. */
static inline bool ts_header_has_cc(uint32_t header) {
    return !(header & TS_HEADER_TEI) && (header & (TS_HEADER_ADAPTATION | TS_HEADER_PAYLOAD)) != 0;
}

static inline bool ts_header_has_sync(uint32_t header) {
    return (header >> 24) == TS_SYNC_BYTE;
}

/* The adaptation field's length byte is there only if adaptation_field_control says so;
 * one that runs over the packet is clamped to its end. */
static inline size_t ts_packet_get_payload_offset(const uint8_t *packet) {
    size_t offset = TS_HEADER_SIZE;
    if (packet[3] & 0x20u) {
        offset += 1u + packet[4];
    }
    return offset <= TS_PACKET_SIZE ? offset : TS_PACKET_SIZE;
}

/* adaptation_field_length is 183 when the packet has no payload, 0 to 182 when it has one
 * (2.4.3.5). */
static inline bool ts_packet_has_adaptation_overrun(const uint8_t *packet) {
    return (packet[3] & 0x20u) && packet[4] > ((packet[3] & 0x10u) ? 182u : 183u);
}

/* Flags byte of the adaptation field, 0 where there is none or it is empty. */
static inline uint8_t ts_packet_get_adaptation_flags(const uint8_t *packet) {
    return ((packet[3] & 0x20u) && packet[4] != 0 && packet[4] <= 183u) ? packet[5] : 0;
}

static inline bool ts_packet_has_discontinuity(const uint8_t *packet) {
    return (ts_packet_get_adaptation_flags(packet) & 0x80u) != 0;
}

static inline bool ts_packet_has_random_access(const uint8_t *packet) {
    return (ts_packet_get_adaptation_flags(packet) & 0x40u) != 0;
}

static inline bool ts_packet_has_pcr(const uint8_t *packet) {
    return (ts_packet_get_adaptation_flags(packet) & 0x10u) != 0 && packet[4] >= 7;
}

static inline bool ts_packet_has_opcr(const uint8_t *packet) {
    return (ts_packet_get_adaptation_flags(packet) & 0x08u) != 0 &&
           packet[4] >= (ts_packet_has_pcr(packet) ? 13 : 7);
}

static inline uint64_t ts_load_pcr(const uint8_t *field) {
    uint64_t base = ((uint64_t)ts_load_be32(field) << 1) | (field[4] >> 7);
    uint64_t extension = (((uint64_t)field[4] & 1u) << 8) | field[5];
    return base * 300u + extension;
}

static inline uint64_t ts_packet_get_pcr(const uint8_t *packet) {
    return ts_load_pcr(packet + 6);
}

static inline uint64_t ts_packet_get_opcr(const uint8_t *packet) {
    return ts_load_pcr(packet + (ts_packet_has_pcr(packet) ? 12 : 6));
}

#endif
