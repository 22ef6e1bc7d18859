/* CRC-32 by carry-less multiplication: 64 bytes are folded forward at a time. A 128-bit remainder
 * H * x^64 + L moves n bits on as H * (x^(n + 64) mod P) + L * (x^n mod P); the 16 bytes that are
 * left in the end are congruent to all that was folded and go through the tables. */
#include "tsloom/crc32.h"

#include "tsloom/packet.h"

#define X_128 0xE8A45605u
#define X_192 0xC5B9CD4Cu
#define X_512 0xE6228B11u
#define X_576 0x8833794Cu

enum { LANE = 16, STRIDE = 64 };

#if defined(__x86_64__)

#include <immintrin.h>

#define CLMUL_TARGET __attribute__((target("pclmul,ssse3")))
typedef __m128i lane;

bool ts_crc32_has_clmul(void) {
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("ssse3");
}

/* The first byte is the most significant coefficient: bytes stand the other way round. */
CLMUL_TARGET static inline lane swap_bytes(lane value) {
    const lane order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm_shuffle_epi8(value, order);
}

CLMUL_TARGET static inline lane load(const uint8_t *bytes) {
    return swap_bytes(_mm_loadu_si128((const lane *)(const void *)bytes));
}

CLMUL_TARGET static inline void store(uint8_t *bytes, lane value) {
    _mm_storeu_si128((lane *)(void *)bytes, swap_bytes(value));
}

CLMUL_TARGET static inline lane add(lane a, lane b) {
    return _mm_xor_si128(a, b);
}

CLMUL_TARGET static inline lane add_crc(lane value, uint32_t crc) {
    return _mm_xor_si128(value, _mm_set_epi32((int)crc, 0, 0, 0));
}

CLMUL_TARGET static inline lane make_factors(uint32_t high, uint32_t low) {
    return _mm_set_epi64x((long long)high, (long long)low);
}

CLMUL_TARGET static inline lane fold(lane value, lane factors) {
    return _mm_xor_si128(_mm_clmulepi64_si128(value, factors, 0x11),
                         _mm_clmulepi64_si128(value, factors, 0x00));
}

#elif defined(__aarch64__)

#include <arm_neon.h>
#include <sys/auxv.h>

#define CLMUL_TARGET __attribute__((target("+crypto")))
typedef uint64x2_t lane;

bool ts_crc32_has_clmul(void) {
    const unsigned long hwcap_pmull = 1ul << 4;
    return (getauxval(AT_HWCAP) & hwcap_pmull) != 0;
}

CLMUL_TARGET static inline lane swap_bytes(uint8x16_t value) {
    const uint8x16_t swapped = vrev64q_u8(value);
    return vreinterpretq_u64_u8(vextq_u8(swapped, swapped, 8));
}

CLMUL_TARGET static inline lane load(const uint8_t *bytes) {
    return swap_bytes(vld1q_u8(bytes));
}

CLMUL_TARGET static inline void store(uint8_t *bytes, lane value) {
    vst1q_u8(bytes, vreinterpretq_u8_u64(swap_bytes(vreinterpretq_u8_u64(value))));
}

CLMUL_TARGET static inline lane add(lane a, lane b) {
    return veorq_u64(a, b);
}

CLMUL_TARGET static inline lane add_crc(lane value, uint32_t crc) {
    return veorq_u64(value, vcombine_u64(vcreate_u64(0), vcreate_u64((uint64_t)crc << 32)));
}

CLMUL_TARGET static inline lane make_factors(uint32_t high, uint32_t low) {
    return vcombine_u64(vcreate_u64(low), vcreate_u64(high));
}

CLMUL_TARGET static inline lane fold(lane value, lane factors) {
    const poly128_t high =
        vmull_p64((poly64_t)vgetq_lane_u64(value, 1), (poly64_t)vgetq_lane_u64(factors, 1));
    const poly128_t low =
        vmull_p64((poly64_t)vgetq_lane_u64(value, 0), (poly64_t)vgetq_lane_u64(factors, 0));
    return veorq_u64(vreinterpretq_u64_p128(high), vreinterpretq_u64_p128(low));
}

#endif

#if defined(CLMUL_TARGET)

CLMUL_TARGET uint32_t ts_crc32_clmul(uint32_t crc, const uint8_t *bytes, size_t size) {
    if (size < STRIDE) {
        return ts_crc32_slicing(crc, bytes, size);
    }
    lane a = add_crc(load(bytes), crc);
    lane b = load(bytes + 16);
    lane c = load(bytes + 32);
    lane d = load(bytes + 48);
    const lane by_stride = make_factors(X_576, X_512);
    const lane by_lane = make_factors(X_192, X_128);
    for (bytes += STRIDE, size -= STRIDE; size >= STRIDE; bytes += STRIDE, size -= STRIDE) {
        a = add(fold(a, by_stride), load(bytes));
        b = add(fold(b, by_stride), load(bytes + 16));
        c = add(fold(c, by_stride), load(bytes + 32));
        d = add(fold(d, by_stride), load(bytes + 48));
    }
    lane rest = add(fold(a, by_lane), b);
    rest = add(fold(rest, by_lane), c);
    rest = add(fold(rest, by_lane), d);
    for (; size >= LANE; bytes += LANE, size -= LANE) {
        rest = add(fold(rest, by_lane), load(bytes));
    }
    uint8_t folded[LANE];
    store(folded, rest);
    return ts_crc32_slicing(ts_crc32_slicing(0, folded, LANE), bytes, size);
}

#else

bool ts_crc32_has_clmul(void) {
    return false;
}

uint32_t ts_crc32_clmul(uint32_t crc, const uint8_t *bytes, size_t size) {
    return ts_crc32_slicing(crc, bytes, size);
}

#endif
