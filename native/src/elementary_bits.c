#include "elementary_internal.h"

enum { LONGEST_PREFIX = 31, EMULATION_PREVENTION = 3 };

elementary_bits elementary_begin_bits(const uint8_t *bytes, size_t size) {
    return (elementary_bits){.bytes = bytes, .bit_count = size * 8};
}

uint32_t elementary_get_bits(elementary_bits *bits, unsigned count) {
    uint32_t value = 0;
    while (count-- > 0) {
        value <<= 1;
        if (bits->at < bits->bit_count) {
            value |= (uint32_t)bits->bytes[bits->at >> 3] >> (7u - (bits->at & 7u)) & 1u;
            bits->at++;
        } else {
            bits->overrun = true;
        }
    }
    return value;
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
