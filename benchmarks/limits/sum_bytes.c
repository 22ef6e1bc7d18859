/* The limit of any work in RAM: each byte is read and added up, nothing else is done. */
#include <stddef.h>
#include <stdint.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

enum { BLOCK = 64 };

#if defined(__SSE2__)
static uint64_t sum_blocks(const uint8_t *bytes, size_t blocks) {
    __m128i zero = _mm_setzero_si128(), sums[4] = {zero, zero, zero, zero};
    for (size_t i = 0; i < blocks; i++) {
        const __m128i *at = (const __m128i *)(const void *)(bytes + i * BLOCK);
        for (size_t lane = 0; lane < 4; lane++) {
            sums[lane] = _mm_add_epi64(sums[lane], _mm_sad_epu8(_mm_loadu_si128(at + lane), zero));
        }
    }
    uint64_t parts[8];
    for (size_t lane = 0; lane < 4; lane++) {
        _mm_storeu_si128((__m128i *)(void *)(parts + 2 * lane), sums[lane]);
    }
    return parts[0] + parts[1] + parts[2] + parts[3] + parts[4] + parts[5] + parts[6] + parts[7];
}
#elif defined(__ARM_NEON)
static uint64_t sum_blocks(const uint8_t *bytes, size_t blocks) {
    uint64x2_t sums[4] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};
    for (size_t i = 0; i < blocks; i++) {
        for (size_t lane = 0; lane < 4; lane++) {
            uint8x16_t part = vld1q_u8(bytes + i * BLOCK + 16 * lane);
            sums[lane] = vpadalq_u32(sums[lane], vpaddlq_u16(vpaddlq_u8(part)));
        }
    }
    uint64x2_t all = vaddq_u64(vaddq_u64(sums[0], sums[1]), vaddq_u64(sums[2], sums[3]));
    return vgetq_lane_u64(all, 0) + vgetq_lane_u64(all, 1);
}
#else
static uint64_t sum_blocks(const uint8_t *bytes, size_t blocks) {
    uint64_t sum = 0;
    for (size_t i = 0; i < blocks * BLOCK; i++) {
        sum += bytes[i];
    }
    return sum;
}
#endif

uint64_t sum_bytes(const uint8_t *bytes, size_t size);

uint64_t sum_bytes(const uint8_t *bytes, size_t size) {
    uint64_t sum = sum_blocks(bytes, size / BLOCK);
    for (size_t i = size / BLOCK * BLOCK; i < size; i++) {
        sum += bytes[i];
    }
    return sum;
}
