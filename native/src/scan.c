#include "tsloom/batch.h"
#include "tsloom/packet.h"

/* One cache line of three is wanted from each packet, a stride the hardware prefetcher follows
 * badly: asking 32 packets ahead made the scan 1.5 times faster, wide gathers made it slower. */
enum { PREFETCH_PACKETS = 32, BLOCK = 64 };

static size_t scan_block(const uint8_t *packets, size_t count, uint32_t *header) {
    uint32_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *packet = packets + i * TS_PACKET_SIZE;
        __builtin_prefetch(packet + (size_t)PREFETCH_PACKETS * TS_PACKET_SIZE);
        uint32_t word = ts_load_be32(packet);
        header[i] = word;
        wrong |= (word >> 24) ^ TS_SYNC_BYTE;
    }
    if (wrong == 0) {
        return count;
    }
    size_t good = 0;
    while (good < count && ts_header_has_sync(header[good])) {
        good++;
    }
    return good;
}

size_t ts_scan_headers(const uint8_t *packets, size_t count, uint32_t *header) {
    for (size_t start = 0; start < count; start += BLOCK) {
        size_t length = count - start < BLOCK ? count - start : BLOCK;
        size_t good = scan_block(packets + start * TS_PACKET_SIZE, length, header + start);
        if (good < length) {
            return start + good;
        }
    }
    return count;
}

size_t ts_scan_list(const uint32_t *header, size_t from, size_t to, const uint8_t *table,
                    uint32_t index[TS_LIST_MAX]) {
    size_t listed = 0;
    for (size_t i = from; i < to; i++) {
        index[listed] = (uint32_t)i;
        listed += table[ts_header_get_pid(header[i])] != 0;
    }
    return listed;
}

void ts_scan_pids(const uint32_t *header, size_t count, uint16_t *pid) {
    for (size_t i = 0; i < count; i++) {
        pid[i] = (uint16_t)((header[i] >> 8) & 0x1FFFu);
    }
}

void ts_scan_field(const uint32_t *header, size_t count, unsigned shift, uint32_t mask,
                   uint8_t *field) {
    for (size_t i = 0; i < count; i++) {
        field[i] = (uint8_t)((header[i] >> shift) & mask);
    }
}

size_t ts_scan_pcrs(const uint8_t *packets, const uint32_t *header, size_t count, uint32_t *index,
                    uint64_t *pcr_27mhz) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (header[i] & TS_HEADER_ADAPTATION) {
            const uint8_t *packet = packets + i * TS_PACKET_SIZE;
            if (ts_packet_has_pcr(packet)) {
                index[found] = (uint32_t)i;
                pcr_27mhz[found++] = ts_packet_get_pcr(packet);
            }
        }
    }
    return found;
}

size_t ts_scan_opcrs(const uint8_t *packets, const uint32_t *header, size_t count, uint32_t *index,
                     uint64_t *opcr_27mhz) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (header[i] & TS_HEADER_ADAPTATION) {
            const uint8_t *packet = packets + i * TS_PACKET_SIZE;
            if (ts_packet_has_opcr(packet)) {
                index[found] = (uint32_t)i;
                opcr_27mhz[found++] = ts_packet_get_opcr(packet);
            }
        }
    }
    return found;
}
