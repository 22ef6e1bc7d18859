/* Parsing of splice_info_section() and its commands: ANSI/SCTE 35 2023r1, 9.6 to 9.8. */
#include <string.h>

#include "tsloom/crc32.h"
#include "scte35_reader.h"
#include "tsloom/packet.h"
#include "tsloom/scte35.h"

/* Of splice_info_section(), all before splice_command_type. */
#define PTS_MASK (TS_PTS_MODULUS - 1)

static scte35_splice_time read_splice_time(scte35_reader *reader) {
    scte35_splice_time splice_time = {false, 0};
    if (reader->offset < reader->end && (reader->bytes[reader->offset] & 0x80u)) {
        splice_time.pts_time = scte35_reader_get(reader, 5) & PTS_MASK;
        splice_time.time_specified_flag = !reader->overran;
    } else {
        (void)scte35_reader_take(reader, 1);
    }
    return splice_time;
}

static scte35_break_duration read_break_duration(scte35_reader *reader) {
    uint64_t field = scte35_reader_get(reader, 5);
    return (scte35_break_duration){(field >> 39) != 0, field & PTS_MASK};
}

static void read_event_tail(scte35_reader *reader, scte35_event *event) {
    if (event->duration_flag) {
        event->break_duration = read_break_duration(reader);
    }
    event->unique_program_id = scte35_reader_get_u16(reader);
    event->avail_num = scte35_reader_get_u8(reader);
    event->avails_expected = scte35_reader_get_u8(reader);
}

static void read_insert(scte35_reader *reader, scte35_event *insert) {
    memset(insert, 0, sizeof *insert);
    insert->splice_event_id = scte35_reader_get_u32(reader);
    insert->splice_event_cancel_indicator = (scte35_reader_get_u8(reader) & 0x80u) != 0;
    insert->event_id_compliance_flag = true;
    if (insert->splice_event_cancel_indicator) {
        return;
    }
    uint8_t flags = scte35_reader_get_u8(reader);
    insert->out_of_network_indicator = (flags & 0x80u) != 0;
    insert->program_splice_flag = (flags & 0x40u) != 0;
    insert->duration_flag = (flags & 0x20u) != 0;
    insert->splice_immediate_flag = (flags & 0x10u) != 0;
    insert->event_id_compliance_flag = (flags & 0x08u) != 0;
    if (insert->program_splice_flag) {
        if (!insert->splice_immediate_flag) {
            insert->splice_time = read_splice_time(reader);
        }
    } else {
        insert->component_count = scte35_reader_get_u8(reader);
        insert->components_offset = reader->offset;
        for (unsigned i = 0; i < insert->component_count && !reader->overran; i++) {
            (void)scte35_reader_take(reader, 1);
            if (!insert->splice_immediate_flag) {
                (void)read_splice_time(reader);
            }
        }
    }
    read_event_tail(reader, insert);
}

static void read_event(scte35_reader *reader, scte35_event *event) {
    memset(event, 0, sizeof *event);
    event->splice_event_id = scte35_reader_get_u32(reader);
    uint8_t indicators = scte35_reader_get_u8(reader);
    event->splice_event_cancel_indicator = (indicators & 0x80u) != 0;
    event->event_id_compliance_flag = (indicators & 0x40u) != 0;
    if (event->splice_event_cancel_indicator) {
        return;
    }
    uint8_t flags = scte35_reader_get_u8(reader);
    event->out_of_network_indicator = (flags & 0x80u) != 0;
    event->program_splice_flag = (flags & 0x40u) != 0;
    event->duration_flag = (flags & 0x20u) != 0;
    if (event->program_splice_flag) {
        event->utc_splice_time = scte35_reader_get_u32(reader);
    } else {
        event->component_count = scte35_reader_get_u8(reader);
        event->components_offset = reader->offset;
        (void)scte35_reader_take(reader, 5u * event->component_count);
    }
    read_event_tail(reader, event);
}

void scte35_read_event(const uint8_t *bytes, size_t *offset, scte35_event *event) {
    scte35_reader reader = {bytes, *offset, SCTE35_SECTION_SIZE_MAX, false};
    read_event(&reader, event);
    *offset = reader.offset;
}

void scte35_read_component(const uint8_t *bytes, size_t *offset, bool splice_immediate_flag,
                           scte35_component *component) {
    scte35_reader reader = {bytes, *offset, SCTE35_SECTION_SIZE_MAX, false};
    component->component_tag = scte35_reader_get_u8(&reader);
    component->splice_time = (scte35_splice_time){false, 0};
    if (!splice_immediate_flag) {
        component->splice_time = read_splice_time(&reader);
    }
    *offset = reader.offset;
}

void scte35_read_event_component(const uint8_t *bytes, size_t *offset,
                                 scte35_event_component *component) {
    component->component_tag = bytes[*offset];
    component->utc_splice_time = ts_load_be32(bytes + *offset + 1);
    *offset += 5;
}

/* True where the command's syntax says by itself where it ends. */
static bool read_command(scte35_reader *reader, scte35_section *section, scte35_issues *issues) {
    switch (section->splice_command_type) {
    case SCTE35_SPLICE_NULL:
    case SCTE35_BANDWIDTH_RESERVATION:
        return true;
    case SCTE35_SPLICE_SCHEDULE: {
        section->splice_count = scte35_reader_get_u8(reader);
        section->events_offset = reader->offset;
        for (unsigned i = 0; i < section->splice_count && !reader->overran; i++) {
            scte35_event event;
            read_event(reader, &event);
        }
        return true;
    }
    case SCTE35_SPLICE_INSERT:
        read_insert(reader, &section->splice_insert);
        return true;
    case SCTE35_TIME_SIGNAL:
        section->splice_time = read_splice_time(reader);
        return true;
    case SCTE35_PRIVATE_COMMAND:
        section->identifier = scte35_reader_get_u32(reader);
        section->private_offset = reader->offset;
        reader->offset = reader->end;
        return false;
    default:
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_TYPE, SCTE35_COMMAND_TYPE_OFFSET,
                         section->splice_command_type);
        section->private_offset = reader->offset;
        reader->offset = reader->end;
        return false;
    }
}

/* The command within its length; leaves command_end. False where the loop cannot be found. */
static bool parse_command(const uint8_t *bytes, scte35_section *section, scte35_issues *issues) {
    const size_t length_offset = SCTE35_COMMAND_TYPE_OFFSET - 2;
    const size_t length = section->splice_command_length;
    const size_t room = section->stuffing_end - SCTE35_COMMAND_OFFSET;
    const bool is_length_known = length != SCTE35_COMMAND_LENGTH_UNKNOWN;
    const bool fits = is_length_known && length <= room;
    scte35_reader reader = {bytes, SCTE35_COMMAND_OFFSET,
                            fits ? SCTE35_COMMAND_OFFSET + length : section->stuffing_end, false};
    if (!is_length_known) {
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_LENGTH_UNKNOWN, length_offset, length);
    } else if (!fits) {
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_LENGTH_OVERRUN, length_offset, length);
    }
    const bool ends_by_itself = read_command(&reader, section, issues);
    section->command_end = fits ? SCTE35_COMMAND_OFFSET + length : reader.offset;
    section->has_command = !reader.overran;
    if (reader.overran) {
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_TRUNCATED, SCTE35_COMMAND_OFFSET, length);
    } else if (!fits && !ends_by_itself) {
        section->has_command = false;
        if (!is_length_known) {
            scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_LENGTH_UNUSABLE, length_offset, length);
        }
    } else if (fits && reader.offset < section->command_end) {
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_SURPLUS, reader.offset,
                         section->command_end - reader.offset);
    }
    return fits || (!is_length_known && section->has_command);
}

static void parse_loop_bounds(const uint8_t *bytes, scte35_section *section,
                              scte35_issues *issues) {
    if (section->stuffing_end - section->command_end < 2) {
        scte35_add_issue(issues, SCTE35_ISSUE_LOOP_LENGTH_MISSING, section->command_end, 0);
        return;
    }
    section->has_loop = true;
    section->loop_offset = section->command_end + 2;
    section->descriptor_loop_length = ts_load_be16(bytes + section->command_end);
    section->loop_end = section->loop_offset + section->descriptor_loop_length;
    if (section->loop_end > section->stuffing_end) {
        scte35_add_issue(issues, SCTE35_ISSUE_LOOP_LENGTH_OVERRUN, section->command_end,
                         section->descriptor_loop_length);
        section->loop_end = section->stuffing_end;
    }
}

/* splice_command_type up to the CRCs, in the clear. */
static void parse_payload(const uint8_t *bytes, scte35_section *section, scte35_issues *issues) {
    if (section->stuffing_end <= SCTE35_COMMAND_TYPE_OFFSET) {
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_TRUNCATED, section->stuffing_end, 0);
        return;
    }
    section->splice_command_type = bytes[SCTE35_COMMAND_TYPE_OFFSET];
    if (!parse_command(bytes, section, issues)) {
        return;
    }
    parse_loop_bounds(bytes, section, issues);
}

static void parse_fixed_fields(const uint8_t *bytes, scte35_section *section) {
    uint64_t field = ((uint64_t)ts_load_be32(bytes + 4) << 8) | bytes[8];
    section->encrypted_packet = (field >> 39) != 0;
    section->encryption_algorithm = (uint8_t)((field >> 33) & 0x3Fu);
    section->pts_adjustment = field & PTS_MASK;
    section->cw_index = bytes[9];
    section->tier = (uint16_t)(ts_load_be16(bytes + 10) >> 4);
    section->splice_command_length = ts_load_be16(bytes + 11) & 0xFFFu;
    section->has_header = true;
}

static void check_size(const uint8_t *bytes, size_t size, scte35_section *section,
                       scte35_issues *issues) {
    const size_t whole = 3u + section->section_length;
    if (section->section_length > SCTE35_SECTION_LENGTH_MAX) {
        scte35_add_issue(issues, SCTE35_ISSUE_SECTION_LENGTH_LIMIT, 1, section->section_length);
    }
    if (whole < SCTE35_SECTION_SIZE_MIN) {
        scte35_add_issue(issues, SCTE35_ISSUE_SECTION_LENGTH_SHORT, 1, section->section_length);
    }
    section->size = whole < size ? whole : size;
    if (size < whole) {
        scte35_add_issue(issues, SCTE35_ISSUE_SECTION_TRUNCATED, 1, whole - size);
    }
    size_t after = section->size;
    while (after < size && bytes[after] == 0xFF) {
        after++;
    }
    if (after < size) {
        scte35_add_issue(issues, SCTE35_ISSUE_BYTES_AFTER_SECTION, section->size,
                         size - section->size);
    }
}

/* table_id up to section_length. False where the bytes are no splice_info_section. */
static bool parse_start(const uint8_t *bytes, size_t size, scte35_section *section,
                        scte35_issues *issues) {
    memset(section, 0, sizeof *section);
    section->size = size;
    if (size < 3) {
        scte35_add_issue(issues, SCTE35_ISSUE_NO_SECTION, 0, size);
        return false;
    }
    section->table_id = bytes[0];
    section->section_syntax_indicator = (bytes[1] & 0x80u) != 0;
    section->private_indicator = (bytes[1] & 0x40u) != 0;
    section->sap_type = (bytes[1] >> 4) & 3u;
    section->section_length = ts_load_be16(bytes + 1) & 0xFFFu;
    if (section->table_id != SCTE35_TABLE_ID) {
        scte35_add_issue(issues, SCTE35_ISSUE_TABLE_ID, 0, section->table_id);
        return false;
    }
    if (section->section_syntax_indicator) {
        scte35_add_issue(issues, SCTE35_ISSUE_SECTION_SYNTAX_INDICATOR, 1, 1);
    }
    return true;
}

/* Up to splice_command_length, and where the payload ends. False where no more can be read. */
static bool parse_header(const uint8_t *bytes, size_t size, scte35_section *section,
                         scte35_issues *issues) {
    if (!parse_start(bytes, size, section, issues)) {
        return false;
    }
    check_size(bytes, size, section, issues);
    section->payload_end = section->size;
    if (section->size == 3u + section->section_length && section->size > 3 + SCTE35_CRC_SIZE) {
        section->payload_end -= SCTE35_CRC_SIZE;
        section->crc_32 = ts_load_be32(bytes + section->payload_end);
        section->crc_state = SCTE35_CRC_BAD; /* until it has been checked */
    }
    section->stuffing_end = section->payload_end;
    section->command_end = section->loop_end = section->payload_end;
    section->protocol_version = section->size > 3 ? bytes[3] : 0;
    if (section->protocol_version != 0) {
        scte35_add_issue(issues, SCTE35_ISSUE_PROTOCOL_VERSION, 3, section->protocol_version);
        return false;
    }
    if (section->payload_end < SCTE35_COMMAND_TYPE_OFFSET) {
        return false;
    }
    parse_fixed_fields(bytes, section);
    return true;
}

static void check_crc(const uint8_t *bytes, scte35_section *section, scte35_issues *issues) {
    if (section->crc_state == SCTE35_CRC_ABSENT) {
        return;
    }
    if (ts_crc32(bytes, section->size) == 0) {
        section->crc_state = SCTE35_CRC_GOOD;
    } else {
        scte35_add_issue(issues, SCTE35_ISSUE_CRC, section->payload_end, section->crc_32);
    }
}

void scte35_parse_section(const uint8_t *bytes, size_t size, scte35_section *section,
                          scte35_issues *issues) {
    const bool readable = parse_header(bytes, size, section, issues);
    check_crc(bytes, section, issues);
    if (!readable) {
        return;
    }
    if (section->encrypted_packet) {
        scte35_add_issue(issues, SCTE35_ISSUE_ENCRYPTED, 4, section->encryption_algorithm);
        return;
    }
    parse_payload(bytes, section, issues);
    if (section->has_loop && section->loop_end < section->stuffing_end) {
        scte35_add_issue(issues, SCTE35_ISSUE_ALIGNMENT_STUFFING, section->loop_end,
                         section->stuffing_end - section->loop_end);
    }
}

void scte35_parse_decrypted(const uint8_t *bytes, size_t size, scte35_section *section,
                            scte35_issues *issues) {
    if (!parse_header(bytes, size, section, issues)) {
        return;
    }
    section->crc_state = SCTE35_CRC_ABSENT; /* said by whoever saw the cipher text */
    if (section->payload_end < SCTE35_COMMAND_OFFSET + SCTE35_CRC_SIZE) {
        scte35_add_issue(issues, SCTE35_ISSUE_COMMAND_TRUNCATED, section->payload_end, 0);
        return;
    }
    const uint8_t *payload = bytes + SCTE35_COMMAND_TYPE_OFFSET;
    section->stuffing_end = section->payload_end - SCTE35_CRC_SIZE;
    section->e_crc_32 = ts_load_be32(bytes + section->stuffing_end);
    if (ts_crc32(payload, section->payload_end - SCTE35_COMMAND_TYPE_OFFSET) != 0) {
        scte35_add_issue(issues, SCTE35_ISSUE_E_CRC, section->stuffing_end, section->e_crc_32);
        return;
    }
    parse_payload(bytes, section, issues);
}

scte35_glance scte35_peek(const uint8_t *bytes, size_t size) {
    scte35_glance glance = {-1, false};
    if (size < 3 || bytes[0] != SCTE35_TABLE_ID) {
        return glance;
    }
    const size_t whole = 3u + (ts_load_be16(bytes + 1) & 0xFFFu);
    if (whole > size || whole < SCTE35_SECTION_SIZE_MIN) {
        return glance;
    }
    glance.crc_ok = ts_crc32(bytes, whole) == 0;
    if (bytes[3] == 0 && !(bytes[4] & 0x80u)) {
        glance.splice_command_type = bytes[SCTE35_COMMAND_TYPE_OFFSET];
    }
    return glance;
}

void scte35_peek_all(const uint8_t *bytes, size_t size, const int64_t *offsets, size_t count,
                     uint8_t *crc_ok, int16_t *splice_command_type) {
    for (size_t i = 0; i < count; i++) {
        const int64_t begin = offsets[i];
        const int64_t end = i + 1 < count ? offsets[i + 1] : (int64_t)size;
        scte35_glance glance = {-1, false};
        if (begin >= 0 && begin <= end && end <= (int64_t)size) {
            glance = scte35_peek(bytes + begin, (size_t)(end - begin));
        }
        crc_ok[i] = glance.crc_ok;
        splice_command_type[i] = glance.splice_command_type;
    }
}
