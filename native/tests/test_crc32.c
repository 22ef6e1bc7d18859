#include "tsloom/crc32.h"

#include "check.h"

enum { BUFFER = 4096 + 64 };

/* Annex A's shift register, one bit at a time. */
static uint32_t shift_register(uint32_t crc, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            const uint32_t in = (bytes[i] >> (7u - bit)) & 1u;
            const uint32_t out = crc >> 31;
            crc = (crc << 1) ^ ((in ^ out) != 0 ? 0x04C11DB7u : 0u);
        }
    }
    return crc;
}

static void fill(uint8_t *bytes, size_t size) {
    uint32_t state = 12345;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

static void known_answer_is_met(void) {
    const uint8_t *digits = (const uint8_t *)"123456789";
    CHECK(ts_crc32(digits, 9) == 0x0376E6E7u);
    CHECK(ts_crc32(digits, 0) == TS_CRC32_START);
}

static void every_way_equals_the_shift_register(void) {
    uint8_t bytes[BUFFER];
    fill(bytes, sizeof bytes);
    for (size_t size = 0; size <= 4096; size += size < 300 ? 1 : 61) {
        for (size_t offset = 0; offset < 17; offset += 4) {
            const uint8_t *from = bytes + offset;
            const uint32_t start = (uint32_t)size * 0x9E3779B9u;
            const uint32_t expected = shift_register(start, from, size);
            CHECK(ts_crc32_bytewise(start, from, size) == expected);
            CHECK(ts_crc32_slicing(start, from, size) == expected);
            CHECK(ts_crc32_update(start, from, size) == expected);
            if (ts_crc32_has_clmul()) {
                CHECK(ts_crc32_clmul(start, from, size) == expected);
            }
        }
    }
}

static void pieces_make_the_whole(void) {
    uint8_t bytes[1000];
    fill(bytes, sizeof bytes);
    const uint32_t whole = ts_crc32(bytes, sizeof bytes);
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        const uint32_t first = ts_crc32_update(TS_CRC32_START, bytes, cut);
        CHECK(ts_crc32_update(first, bytes + cut, sizeof bytes - cut) == whole);
    }
}

static void every_single_bit_error_shows(void) {
    uint8_t bytes[188];
    fill(bytes, sizeof bytes);
    const uint32_t good = ts_crc32(bytes, sizeof bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        CHECK(ts_crc32(bytes, sizeof bytes) != good);
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}

int main(void) {
    known_answer_is_met();
    every_way_equals_the_shift_register();
    pieces_make_the_whole();
    every_single_bit_error_shows();
    return CHECK_RESULT;
}
