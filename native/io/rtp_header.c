#include "tsloom/rtp.h"

#include "tsloom/packet.h"

static uint32_t load_be16(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static void store_be32(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

/* RFC 3550, 5.1 and 5.3.1 */
ts_status ts_rtp_parse(const uint8_t *datagram, size_t size, ts_rtp_header *header) {
    if (size < TS_RTP_HEADER_SIZE || size > TS_UDP_DATAGRAM_MAX) {
        return TS_BAD_LENGTH;
    }
    if (datagram[0] >> 6 != 2) {
        return TS_BAD_SYNTAX;
    }
    size_t start = TS_RTP_HEADER_SIZE + 4 * (size_t)(datagram[0] & 0x0F);
    if (datagram[0] & 0x10) {
        if (start + 4 > size) {
            return TS_BAD_LENGTH;
        }
        start += 4 + 4 * (size_t)load_be16(datagram + start + 2);
    }
    if (start > size) {
        return TS_BAD_LENGTH;
    }
    size_t padding = 0;
    if (datagram[0] & 0x20) {
        padding = datagram[size - 1];
        if (padding == 0 || padding > size - start) {
            return TS_BAD_LENGTH;
        }
    }
    header->marker = datagram[1] >> 7;
    header->payload_type = datagram[1] & 0x7F;
    header->sequence_number = (uint16_t)load_be16(datagram + 2);
    header->timestamp = ts_load_be32(datagram + 4);
    header->ssrc = ts_load_be32(datagram + 8);
    header->payload_offset = (uint32_t)start;
    header->payload_size = (uint32_t)(size - start - padding);
    return TS_OK;
}

void ts_rtp_put_header(uint8_t *bytes, const ts_rtp_header *header) {
    bytes[0] = 0x80;
    bytes[1] = (uint8_t)((header->marker ? 0x80 : 0) | (header->payload_type & 0x7F));
    bytes[2] = (uint8_t)(header->sequence_number >> 8);
    bytes[3] = (uint8_t)header->sequence_number;
    store_be32(bytes + 4, header->timestamp);
    store_be32(bytes + 8, header->ssrc);
}
