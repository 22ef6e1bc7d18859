#include "tsloom/crc32.h"

#include "tsloom/packet.h"

/* The CRC is linear: an entry of a table is the sum of the entries of its index's single bits.
 * Table k holds the remainders of a byte that has k more bytes after it, so that its bit b stands
 * for the power 32 + 8 * k + b of x. */
#define BIT(n, b, power) (((((n) >> (b)) & 1u) != 0u) ? (power) : 0u)
#define E1(n, p0, p1, p2, p3, p4, p5, p6, p7)                                                      \
    BIT(n, 0, p0) ^ BIT(n, 1, p1) ^ BIT(n, 2, p2) ^ BIT(n, 3, p3) ^ BIT(n, 4, p4) ^                \
        BIT(n, 5, p5) ^ BIT(n, 6, p6) ^ BIT(n, 7, p7)
#define E4(n, ...)                                                                                 \
    E1((n), __VA_ARGS__), E1((n) + 1u, __VA_ARGS__), E1((n) + 2u, __VA_ARGS__),                    \
        E1((n) + 3u, __VA_ARGS__)
#define E16(n, ...)                                                                                \
    E4((n), __VA_ARGS__), E4((n) + 4u, __VA_ARGS__), E4((n) + 8u, __VA_ARGS__),                    \
        E4((n) + 12u, __VA_ARGS__)
#define E64(n, ...)                                                                                \
    E16((n), __VA_ARGS__), E16((n) + 16u, __VA_ARGS__), E16((n) + 32u, __VA_ARGS__),               \
        E16((n) + 48u, __VA_ARGS__)
#define TABLE(...)                                                                                 \
    { E64(0u, __VA_ARGS__), E64(64u, __VA_ARGS__), E64(128u, __VA_ARGS__), E64(192u, __VA_ARGS__) }

enum { SLICES = 16 };

static const uint32_t table[SLICES][256] = {
    TABLE(0x04C11DB7u, 0x09823B6Eu, 0x130476DCu, 0x2608EDB8u, 0x4C11DB70u, 0x9823B6E0u, 0x34867077u,
          0x690CE0EEu),
    TABLE(0xD219C1DCu, 0xA0F29E0Fu, 0x452421A9u, 0x8A484352u, 0x10519B13u, 0x20A33626u, 0x41466C4Cu,
          0x828CD898u),
    TABLE(0x01D8AC87u, 0x03B1590Eu, 0x0762B21Cu, 0x0EC56438u, 0x1D8AC870u, 0x3B1590E0u, 0x762B21C0u,
          0xEC564380u),
    TABLE(0xDC6D9AB7u, 0xBC1A28D9u, 0x7CF54C05u, 0xF9EA980Au, 0xF7142DA3u, 0xEAE946F1u, 0xD1139055u,
          0xA6E63D1Du),
    TABLE(0x490D678Du, 0x921ACF1Au, 0x20F48383u, 0x41E90706u, 0x83D20E0Cu, 0x036501AFu, 0x06CA035Eu,
          0x0D9406BCu),
    TABLE(0x1B280D78u, 0x36501AF0u, 0x6CA035E0u, 0xD9406BC0u, 0xB641CA37u, 0x684289D9u, 0xD08513B2u,
          0xA5CB3AD3u),
    TABLE(0x4F576811u, 0x9EAED022u, 0x399CBDF3u, 0x73397BE6u, 0xE672F7CCu, 0xC824F22Fu, 0x9488F9E9u,
          0x2DD0EE65u),
    TABLE(0x5BA1DCCAu, 0xB743B994u, 0x6A466E9Fu, 0xD48CDD3Eu, 0xADD8A7CBu, 0x5F705221u, 0xBEE0A442u,
          0x79005533u),
    TABLE(0xF200AA66u, 0xE0C0497Bu, 0xC5418F41u, 0x8E420335u, 0x18451BDDu, 0x308A37BAu, 0x61146F74u,
          0xC228DEE8u),
    TABLE(0x8090A067u, 0x05E05D79u, 0x0BC0BAF2u, 0x178175E4u, 0x2F02EBC8u, 0x5E05D790u, 0xBC0BAF20u,
          0x7CD643F7u),
    TABLE(0xF9AC87EEu, 0xF798126Bu, 0xEBF13961u, 0xD3236F75u, 0xA287C35Du, 0x41CE9B0Du, 0x839D361Au,
          0x03FB7183u),
    TABLE(0x07F6E306u, 0x0FEDC60Cu, 0x1FDB8C18u, 0x3FB71830u, 0x7F6E3060u, 0xFEDC60C0u, 0xF979DC37u,
          0xF632A5D9u),
    TABLE(0xE8A45605u, 0xD589B1BDu, 0xAFD27ECDu, 0x5B65E02Du, 0xB6CBC05Au, 0x69569D03u, 0xD2AD3A06u,
          0xA19B69BBu),
    TABLE(0x47F7CEC1u, 0x8FEF9D82u, 0x1B1E26B3u, 0x363C4D66u, 0x6C789ACCu, 0xD8F13598u, 0xB5237687u,
          0x6E87F0B9u),
    TABLE(0xDD0FE172u, 0xBEDEDF53u, 0x797CA311u, 0xF2F94622u, 0xE13391F3u, 0xC6A63E51u, 0x898D6115u,
          0x17DBDF9Du),
    TABLE(0x2FB7BF3Au, 0x5F6F7E74u, 0xBEDEFCE8u, 0x797CE467u, 0xF2F9C8CEu, 0xE1328C2Bu, 0xC6A405E1u,
          0x89891675u),
};

uint32_t ts_crc32_bytewise(uint32_t crc, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        crc = (crc << 8) ^ table[0][(crc >> 24) ^ bytes[i]];
    }
    return crc;
}

static inline uint32_t slice_word(uint32_t word, const uint32_t (*first)[256]) {
    return first[0][word & 0xFFu] ^ first[1][(word >> 8) & 0xFFu] ^ first[2][(word >> 16) & 0xFFu] ^
           first[3][word >> 24];
}

uint32_t ts_crc32_slicing(uint32_t crc, const uint8_t *bytes, size_t size) {
    while (size >= SLICES) {
        crc = slice_word(crc ^ ts_load_be32(bytes), table + 12) ^
              slice_word(ts_load_be32(bytes + 4), table + 8) ^
              slice_word(ts_load_be32(bytes + 8), table + 4) ^
              slice_word(ts_load_be32(bytes + 12), table);
        bytes += SLICES;
        size -= SLICES;
    }
    return ts_crc32_bytewise(crc, bytes, size);
}

/* Below this the folding costs more than it saves. */
enum { CLMUL_MIN_SIZE = 64 };

uint32_t ts_crc32_update(uint32_t crc, const uint8_t *bytes, size_t size) {
    if (size >= CLMUL_MIN_SIZE && ts_crc32_has_clmul()) {
        return ts_crc32_clmul(crc, bytes, size);
    }
    return ts_crc32_slicing(crc, bytes, size);
}

uint32_t ts_crc32(const uint8_t *bytes, size_t size) {
    return ts_crc32_update(TS_CRC32_START, bytes, size);
}
