#include "tsloom/psi.h"

#include <string.h>

#include "tsloom/crc32.h"

enum {
    LONG_MIN = TS_SECTION_LONG_HEADER_SIZE + TS_SECTION_CRC_SIZE,
    PAT_ENTRY = 4,
    PMT_PCR_PID = 8,
    PMT_INFO_LENGTH = 10,
    PMT_INFO = 12,
    ES_HEADER = 5
};

static bool has_whole_length(const uint8_t *section, size_t size) {
    return size >= TS_SECTION_HEADER_SIZE + TS_SECTION_CRC_SIZE &&
           size == (size_t)TS_SECTION_HEADER_SIZE + ts_section_get_section_length(section);
}

ts_status psi_check_crc(const uint8_t *section, size_t size) {
    if (!has_whole_length(section, size)) {
        return TS_BAD_LENGTH;
    }
    /* Taken over CRC_32 too, the remainder of a good section is 0. */
    return ts_crc32(section, size) == 0 ? TS_OK : TS_BAD_CRC;
}

ts_status psi_check_section(const uint8_t *section, size_t size) {
    if (!has_whole_length(section, size) || size > TS_SECTION_MAX ||
        (ts_section_get_table_id(section) <= PSI_TABLE_ID_TSDT && size > PSI_SECTION_MAX)) {
        return TS_BAD_LENGTH;
    }
    if (!ts_section_has_syntax(section)) {
        return TS_BAD_SYNTAX;
    }
    if (size < LONG_MIN) {
        return TS_BAD_LENGTH;
    }
    if (ts_section_get_section_number(section) > ts_section_get_last_section_number(section)) {
        return TS_BAD_SYNTAX;
    }
    return psi_check_crc(section, size);
}

ts_status psi_seal(uint8_t *section, size_t size) {
    if (size < TS_SECTION_HEADER_SIZE + TS_SECTION_CRC_SIZE || size > TS_SECTION_MAX) {
        return TS_BAD_LENGTH;
    }
    const size_t section_length = size - TS_SECTION_HEADER_SIZE;
    section[1] = (uint8_t)((section[1] & 0xF0u) | (section_length >> 8));
    section[2] = (uint8_t)section_length;
    ts_store_be32(section + size - TS_SECTION_CRC_SIZE,
                  ts_crc32(section, size - TS_SECTION_CRC_SIZE));
    return TS_OK;
}

void psi_raise_version(uint8_t *section) {
    const unsigned version = (ts_section_get_version_number(section) + 1u) % PSI_VERSION_COUNT;
    section[5] = (uint8_t)((section[5] & 0xC1u) | (version << 1));
}

bool psi_descriptor_next(psi_slice *loop, psi_descriptor *descriptor) {
    if (loop->size < 2 || loop->size - 2 < loop->bytes[1]) {
        return false;
    }
    descriptor->descriptor_tag = loop->bytes[0];
    descriptor->descriptor_length = loop->bytes[1];
    descriptor->data = loop->bytes + 2;
    loop->bytes += 2u + descriptor->descriptor_length;
    loop->size -= 2u + descriptor->descriptor_length;
    return true;
}

bool psi_has_descriptor(psi_slice loop, const psi_descriptor *wanted) {
    psi_descriptor here;
    while (psi_descriptor_next(&loop, &here)) {
        if (here.descriptor_tag == wanted->descriptor_tag &&
            here.descriptor_length == wanted->descriptor_length &&
            memcmp(here.data, wanted->data, wanted->descriptor_length) == 0) {
            return true;
        }
    }
    return false;
}

static ts_status check_table(const uint8_t *section, size_t size, uint8_t table_id) {
    const ts_status status = psi_check_section(section, size);
    if (status != TS_OK) {
        return status;
    }
    return ts_section_get_table_id(section) == table_id ? TS_OK : TS_BAD_SYNTAX;
}

/* What lies between the long header and CRC_32. */
static psi_slice get_body(const uint8_t *section) {
    const psi_slice body = {section + TS_SECTION_LONG_HEADER_SIZE,
                            ts_section_get_section_length(section) -
                                (size_t)(LONG_MIN - TS_SECTION_HEADER_SIZE)};
    return body;
}

ts_status psi_pat_check(const uint8_t *section, size_t size) {
    const ts_status status = check_table(section, size, PSI_TABLE_ID_PAT);
    if (status != TS_OK) {
        return status;
    }
    return get_body(section).size % PAT_ENTRY == 0 ? TS_OK : TS_BAD_LENGTH;
}

size_t psi_pat_get_count(const uint8_t *section) {
    return get_body(section).size / PAT_ENTRY;
}

uint16_t psi_pat_get_program_number(const uint8_t *section, size_t index) {
    return ts_load_be16(section + TS_SECTION_LONG_HEADER_SIZE + PAT_ENTRY * index);
}

uint16_t psi_pat_get_pid(const uint8_t *section, size_t index) {
    return ts_load_be16(section + TS_SECTION_LONG_HEADER_SIZE + PAT_ENTRY * index + 2) & 0x1FFFu;
}

ts_status psi_cat_check(const uint8_t *section, size_t size) {
    return check_table(section, size, PSI_TABLE_ID_CAT);
}

psi_slice psi_cat_get_descriptors(const uint8_t *section) {
    return get_body(section);
}

ts_status psi_get_ca_pid(const psi_descriptor *descriptor, uint16_t *ca_pid) {
    if (descriptor->descriptor_tag != PSI_TAG_CA) {
        return TS_NOT_FOUND;
    }
    if (descriptor->descriptor_length < 4) {
        return TS_BAD_LENGTH;
    }
    *ca_pid = ts_load_be16(descriptor->data + 2) & 0x1FFFu;
    return TS_OK;
}

static size_t get_info_length(const uint8_t *field) {
    return ts_load_be16(field) & 0x0FFFu;
}

ts_status psi_pmt_check(const uint8_t *section, size_t size) {
    const ts_status status = check_table(section, size, PSI_TABLE_ID_PMT);
    if (status != TS_OK) {
        return status;
    }
    const size_t end = size - TS_SECTION_CRC_SIZE;
    if (end < PMT_INFO || end - PMT_INFO < get_info_length(section + PMT_INFO_LENGTH)) {
        return TS_BAD_LENGTH;
    }
    psi_slice loop = psi_pmt_get_elementary_streams(section);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
    }
    return loop.size == 0 ? TS_OK : TS_BAD_LENGTH;
}

uint16_t psi_pmt_get_program_number(const uint8_t *section) {
    return ts_section_get_table_id_extension(section);
}

uint16_t psi_pmt_get_pcr_pid(const uint8_t *section) {
    return ts_load_be16(section + PMT_PCR_PID) & 0x1FFFu;
}

psi_slice psi_pmt_get_program_info(const uint8_t *section) {
    const psi_slice loop = {section + PMT_INFO, get_info_length(section + PMT_INFO_LENGTH)};
    return loop;
}

psi_slice psi_pmt_get_elementary_streams(const uint8_t *section) {
    const psi_slice body = get_body(section);
    const psi_slice info = psi_pmt_get_program_info(section);
    const uint8_t *first = info.bytes + info.size;
    const psi_slice loop = {first, (size_t)(body.bytes + body.size - first)};
    return loop;
}

bool psi_elementary_stream_next(psi_slice *loop, psi_elementary_stream *stream) {
    if (loop->size < ES_HEADER || loop->size - ES_HEADER < get_info_length(loop->bytes + 3)) {
        return false;
    }
    stream->stream_type = loop->bytes[0];
    stream->elementary_pid = ts_load_be16(loop->bytes + 1) & 0x1FFFu;
    stream->es_info.bytes = loop->bytes + ES_HEADER;
    stream->es_info.size = get_info_length(loop->bytes + 3);
    loop->bytes += ES_HEADER + stream->es_info.size;
    loop->size -= ES_HEADER + stream->es_info.size;
    return true;
}
