/* The PES packet header: ISO/IEC 13818-1, 2.4.3.6 and 2.4.3.7. All take the payload of a transport
 * packet with payload_unit_start_indicator, and its size; they read nothing beyond it. */
#ifndef TSLOOM_PES_H
#define TSLOOM_PES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/status.h"

enum {
    PES_HEADER_SIZE = 6,          /* packet_start_code_prefix to PES_packet_length */
    PES_OPTIONAL_HEADER_SIZE = 9, /* to PES_header_data_length */
    PES_TIMESTAMP_SIZE = 5,
    PES_STREAM_ID_PROGRAM_STREAM_MAP = 0xBC,
    PES_STREAM_ID_PRIVATE_1 = 0xBD,
    PES_STREAM_ID_PADDING = 0xBE,
    PES_STREAM_ID_PRIVATE_2 = 0xBF,
    PES_STREAM_ID_ECM = 0xF0,
    PES_STREAM_ID_EMM = 0xF1,
    PES_STREAM_ID_DSMCC = 0xF2,
    PES_STREAM_ID_H222_1_TYPE_E = 0xF8,
    PES_STREAM_ID_EXTENDED = 0xFD,
    PES_STREAM_ID_PROGRAM_STREAM_DIRECTORY = 0xFF
};

/* packet_start_code_prefix and room for the fixed header. What follows asks for it first. */
bool pes_has_start_code(const uint8_t *pes, size_t size);
uint8_t pes_get_stream_id(const uint8_t *pes);
/* 0 means "not given", which video is allowed. */
uint16_t pes_get_packet_length(const uint8_t *pes);

/* True if the stream_id has the optional header and its nine bytes are there, led in by '10'. */
bool pes_has_optional_header(const uint8_t *pes, size_t size);
/* Bytes before the PES_packet_data_byte; may be above size, since the header may go on in the next
 * packet. TS_BAD_SYNTAX if this is no PES packet. */
ts_status pes_get_header_size(const uint8_t *pes, size_t size, size_t *header_size);

/* What PTS_DTS_flags say. */
bool pes_has_pts(const uint8_t *pes, size_t size);
bool pes_has_dts(const uint8_t *pes, size_t size);
/* 33 bits at 90 kHz. TS_NOT_FOUND if the header has none. TS_BAD_LENGTH if it ends before it.
 * TS_BAD_SYNTAX if the lead bits, a marker_bit or PTS_DTS_flags are wrong: the value is set to the
 * 33 bits all the same (but of the forbidden flags '01', which promise none). */
ts_status pes_get_pts(const uint8_t *pes, size_t size, uint64_t *pts_90khz);
ts_status pes_get_dts(const uint8_t *pes, size_t size, uint64_t *dts_90khz);

#endif
