/* A reader of big-endian fields that never passes its end: what it reads beyond is 0, and it
 * remembers that it was asked to. Private to the SCTE 35 codec. */
#ifndef TSLOOM_SCTE35_READER_H
#define TSLOOM_SCTE35_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct scte35_reader {
    const uint8_t *bytes;
    size_t offset;
    size_t end;
    bool overran;
} scte35_reader;

static inline bool scte35_reader_take(scte35_reader *reader, size_t size) {
    if (size > reader->end - reader->offset) {
        reader->offset = reader->end;
        reader->overran = true;
        return false;
    }
    reader->offset += size;
    return true;
}

static inline uint64_t scte35_reader_get(scte35_reader *reader, size_t size) {
    uint64_t value = 0;
    if (scte35_reader_take(reader, size)) {
        const uint8_t *field = reader->bytes + reader->offset - size;
        for (size_t i = 0; i < size; i++) {
            value = (value << 8) | field[i];
        }
    }
    return value;
}

static inline uint8_t scte35_reader_get_u8(scte35_reader *reader) {
    return (uint8_t)scte35_reader_get(reader, 1);
}

static inline uint16_t scte35_reader_get_u16(scte35_reader *reader) {
    return (uint16_t)scte35_reader_get(reader, 2);
}

static inline uint32_t scte35_reader_get_u32(scte35_reader *reader) {
    return (uint32_t)scte35_reader_get(reader, 4);
}

#endif
