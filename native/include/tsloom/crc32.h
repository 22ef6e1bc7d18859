/* CRC_32 of sections: ISO/IEC 13818-1, annex A (polynomial 0x04C11DB7, most significant bit first,
 * start value all ones, no final inversion). Over a section with its CRC_32 the result is 0. */
#ifndef TSLOOM_CRC32_H
#define TSLOOM_CRC32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TS_CRC32_START 0xFFFFFFFFu

uint32_t ts_crc32(const uint8_t *bytes, size_t size);
/* Goes on from the CRC of the bytes before; TS_CRC32_START at the beginning. */
uint32_t ts_crc32_update(uint32_t crc, const uint8_t *bytes, size_t size);

/* The ways that ts_crc32_update chooses from, each with its arguments and its answer. */
uint32_t ts_crc32_bytewise(uint32_t crc, const uint8_t *bytes, size_t size);
uint32_t ts_crc32_slicing(uint32_t crc, const uint8_t *bytes, size_t size);
/* Carry-less multiplication: only where ts_crc32_has_clmul says that this processor has it. */
uint32_t ts_crc32_clmul(uint32_t crc, const uint8_t *bytes, size_t size);
bool ts_crc32_has_clmul(void);

#endif
