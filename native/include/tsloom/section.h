/* Sections in transport packets: ISO/IEC 13818-1, 2.4.4.
 *
 * The assembler is fed the packets of one PID and hands each section over as its last byte comes.
 * What it cannot finish it drops, and says so; whatever stands around a defect is kept. It looks
 * neither at CRC_32 nor at what a section says. */
#ifndef TSLOOM_SECTION_H
#define TSLOOM_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/packet.h"

enum {
    TS_SECTION_MAX = 4096,           /* bytes of a private or SI section, header included */
    TS_SECTION_HEADER_SIZE = 3,      /* table_id to section_length */
    TS_SECTION_LONG_HEADER_SIZE = 8, /* table_id to last_section_number */
    TS_SECTION_CRC_SIZE = 4,
    TS_SECTION_LENGTH_MAX = 4093, /* 2.4.4.11 */
    TS_SECTION_STUFFING = 0xFF    /* 2.4.4: where a table_id is expected, up to the packet's end */
};

typedef enum ts_section_kind {
    TS_SECTION_COMPLETE,
    TS_SECTION_INCOMPLETE /* dropped */
} ts_section_kind;

typedef enum ts_section_drop {
    TS_SECTION_DROP_NONE,
    TS_SECTION_DROP_CONTINUITY,      /* packets are missing */
    TS_SECTION_DROP_EARLY_START,     /* pointer_field starts a section before the last one's end */
    TS_SECTION_DROP_TRANSPORT_ERROR, /* a packet with transport_error_indicator is missing */
    TS_SECTION_DROP_ADAPTATION,      /* a packet whose adaptation field runs over it is missing */
    TS_SECTION_DROP_POINTER,         /* pointer_field points beyond the packet */
    TS_SECTION_DROP_LENGTH,          /* section_length above TS_SECTION_LENGTH_MAX */
    TS_SECTION_DROP_SCRAMBLED,       /* the payload is scrambled */
    TS_SECTION_DROP_ENDED            /* the stream ended, see ts_section_assembler_flush */
} ts_section_drop;

/* bytes is valid during the call only. A drop carries what there was, which may be nothing. */
typedef struct ts_section_report {
    ts_section_kind kind;
    ts_section_drop reason;
    const uint8_t *bytes;
    size_t size;
    uint64_t first_packet; /* index of the packet with the first byte */
    uint64_t last_packet;  /* with the last byte; of a drop: where it was noticed */
} ts_section_report;

typedef void (*ts_section_sink)(void *context, const ts_section_report *report);

typedef struct ts_section_assembler {
    uint8_t buffer[TS_SECTION_MAX];
    size_t size; /* bytes of the section in progress, 0 when there is none */
    uint64_t first_packet;
    uint8_t last[TS_PACKET_SIZE]; /* the last packet that was used, to know its duplicate */
    ts_section_drop damage;       /* why a packet since then could not be used */
    bool started;                 /* last is filled */
    bool duplicated;              /* last has had its duplicate */
    bool scrambled;               /* last was scrambled */
} ts_section_assembler;

void ts_section_assembler_init(ts_section_assembler *assembler);
/* One packet of the PID. packet_index is carried into the reports. */
void ts_section_assembler_feed(ts_section_assembler *assembler, const uint8_t *packet,
                               uint64_t packet_index, ts_section_sink sink, void *context);
/* The packets of one PID among those of a batch; TS_PID_COUNT takes all for packets of one PID.
 * Reads packets, position and first_index; where position is NULL, the packets followed each other.
 */
void ts_section_assembler_feed_batch(ts_section_assembler *assembler, uint16_t pid,
                                     const ts_batch *batch, ts_section_sink sink, void *context);
/* The stream has ended: a section in progress is dropped. The assembler may be fed anew. */
void ts_section_assembler_flush(ts_section_assembler *assembler, uint64_t packet_index,
                                ts_section_sink sink, void *context);

/* Header fields. The first four take 3 bytes, the others 8 and section_syntax_indicator 1. */
static inline uint8_t ts_section_get_table_id(const uint8_t *section) {
    return section[0];
}

static inline bool ts_section_has_syntax(const uint8_t *section) {
    return (section[1] & 0x80u) != 0;
}

static inline bool ts_section_get_private_indicator(const uint8_t *section) {
    return (section[1] & 0x40u) != 0;
}

static inline uint16_t ts_section_get_section_length(const uint8_t *section) {
    return ts_load_be16(section + 1) & 0x0FFFu;
}

static inline uint16_t ts_section_get_table_id_extension(const uint8_t *section) {
    return ts_load_be16(section + 3);
}

static inline uint8_t ts_section_get_version_number(const uint8_t *section) {
    return (section[5] >> 1) & 0x1Fu;
}

static inline bool ts_section_get_current_next_indicator(const uint8_t *section) {
    return (section[5] & 1u) != 0;
}

static inline uint8_t ts_section_get_section_number(const uint8_t *section) {
    return section[6];
}

static inline uint8_t ts_section_get_last_section_number(const uint8_t *section) {
    return section[7];
}

/* Packets that carry one section: it begins in a packet of its own with pointer_field 0, and
 * stuffing fills the last one. */
size_t ts_section_get_packet_count(size_t section_size);
/* Writes the packet that carries the section's bytes from offset on and returns the offset of the
 * next one: size after the last packet. */
size_t ts_section_put_packet(const uint8_t *section, size_t size, size_t offset, uint16_t pid,
                             uint8_t continuity_counter, uint8_t packet[TS_PACKET_SIZE]);

#endif
