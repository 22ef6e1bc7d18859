#include "elementary_internal.h"

enum { LONGEST_PREFIX = 31, EMULATION_PREVENTION = 3 };

elementary_bits elementary_begin_bits(const uint8_t *bytes, size_t size) {
    return (elementary_bits){.bytes = bytes, .bit_count = size * 8};
}

uint32_t elementary_get_bits(elementary_bits *bits, unsigned count) {
    if (count > bits->bit_count - bits->at) {
        bits->overrun = true;
        bits->at = bits->bit_count;
        return 0;
    }
    uint64_t value = 0;
    const size_t end = bits->at + count;
    for (size_t byte = bits->at >> 3; byte << 3 < end; byte++) {
        value = value << 8 | bits->bytes[byte];
    }
    value >>= (8u - (end & 7u)) & 7u;
    bits->at = end;
    return (uint32_t)(value & ((UINT64_C(1) << count) - 1u));
}

/* ISO/IEC 14496-10, 9.1 */
uint32_t elementary_get_ue(elementary_bits *bits) {
    unsigned zeros = 0;
    while (elementary_get_bits(bits, 1) == 0) {
        if (bits->overrun || ++zeros > LONGEST_PREFIX) {
            bits->overrun = true;
            return 0;
        }
    }
    return (UINT32_C(1) << zeros) - 1u + elementary_get_bits(bits, zeros);
}

size_t elementary_unescape(const uint8_t *bytes, size_t size, uint8_t *out, size_t capacity) {
    unsigned zeros = 0;
    size_t written = 0;
    for (size_t i = 0; i < size && written < capacity; i++) {
        if (zeros >= 2 && bytes[i] == EMULATION_PREVENTION) {
            zeros = 0;
            continue;
        }
        zeros = bytes[i] == 0 ? zeros + 1 : 0;
        out[written++] = bytes[i];
    }
    return written;
}
