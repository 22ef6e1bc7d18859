/* Packets of any content: no report may lie, and each ends a section that was really there. */
#include <stdlib.h>
#include <string.h>

#include "tsloom/section.h"

typedef struct ledger {
    uint64_t packet_index;
    size_t reported; /* bytes in reports */
} ledger;

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

static void audit(void *context, const ts_section_report *report) {
    ledger *l = context;
    uint8_t copy[TS_SECTION_MAX];
    require(report->size <= TS_SECTION_MAX);
    require(report->first_packet <= report->last_packet);
    require(report->last_packet == l->packet_index);
    memcpy(copy, report->bytes, report->size);
    l->reported += report->size;
    if (report->kind == TS_SECTION_COMPLETE) {
        require(report->reason == TS_SECTION_DROP_NONE);
        require(report->size ==
                (size_t)TS_SECTION_HEADER_SIZE + ts_section_get_section_length(copy));
    } else {
        require(report->reason != TS_SECTION_DROP_NONE);
    }
}

/* A copy on the heap, so that a read beyond the packet is seen. */
static void feed(ts_section_assembler *assembler, const uint8_t *packet, ledger *l) {
    uint8_t *copy = malloc(TS_PACKET_SIZE);
    require(copy != NULL);
    memcpy(copy, packet, TS_PACKET_SIZE);
    ts_section_assembler_feed(assembler, copy, l->packet_index, audit, l);
    free(copy);
    l->packet_index++;
}

/* What the packetizer writes, the assembler reads, whatever came before. */
static void round_trip(ts_section_assembler *assembler, const uint8_t *data, size_t size,
                       ledger *l) {
    uint8_t section[TS_SECTION_MAX] = {0};
    uint8_t packet[TS_PACKET_SIZE];
    const size_t section_size = size < 4 ? 4 : size < TS_SECTION_MAX ? size : TS_SECTION_MAX;
    if (size != 0) {
        memcpy(section, data, size < section_size ? size : section_size);
    }
    section[0] = 0x80;
    section[1] = (uint8_t)((section_size - TS_SECTION_HEADER_SIZE) >> 8);
    section[2] = (uint8_t)(section_size - TS_SECTION_HEADER_SIZE);
    ts_section_assembler_flush(assembler, l->packet_index, audit, l);
    l->reported = 0;
    size_t offset = 0;
    for (uint8_t counter = 0; offset < section_size; counter++) {
        offset = ts_section_put_packet(section, section_size, offset, 0x100, counter, packet);
        feed(assembler, packet, l);
    }
    require(l->reported == section_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ts_section_assembler *assembler = malloc(sizeof *assembler);
    ledger l = {0, 0};
    require(assembler != NULL);
    ts_section_assembler_init(assembler);
    for (size_t at = 0; at + TS_PACKET_SIZE <= size; at += TS_PACKET_SIZE) {
        feed(assembler, data + at, &l);
    }
    require(l.reported <= size);
    round_trip(assembler, data, size, &l);
    free(assembler);
    return 0;
}
