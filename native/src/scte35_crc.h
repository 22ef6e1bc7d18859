#ifndef TSLOOM_SCTE35_CRC_H
#define TSLOOM_SCTE35_CRC_H
#include <stddef.h>
#include <stdint.h>
static inline uint32_t ts_crc32(const uint8_t *bytes, size_t size) {
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 0x80000000u) ? (crc << 1) ^ 0x04C11DB7u : crc << 1;
        }
    }
    return crc;
}
#endif
