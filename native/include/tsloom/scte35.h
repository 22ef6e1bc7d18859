/* Splice information: ANSI/SCTE 35 2023r1, clauses 9 and 10. Clause numbers are that edition's.
 *
 * Parsing fills flat structs and never fails outright: what can be read is read, and each defect is
 * an issue that knows its field, its clause and its offset. Lists within a command or a descriptor
 * (components, events, audio channels) are checked once by the parser and then read one by one from
 * the offset that it leaves. Nothing is allocated, nothing is kept. */
#ifndef TSLOOM_SCTE35_H
#define TSLOOM_SCTE35_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/status.h"

enum {
    SCTE35_TABLE_ID = 0xFC,
    SCTE35_STREAM_TYPE = 0x86,
    SCTE35_IDENTIFIER_CUEI = 0x43554549,
    SCTE35_CUE_IDENTIFIER_DESCRIPTOR_TAG = 0x8A,
    SCTE35_SECTION_LENGTH_MAX = 4093,
    SCTE35_SECTION_SIZE_MAX = 3 + SCTE35_SECTION_LENGTH_MAX,
    SCTE35_COMMAND_TYPE_OFFSET = 13, /* where encryption starts */
    SCTE35_COMMAND_OFFSET = 14,
    SCTE35_CRC_SIZE = 4,
    SCTE35_SECTION_SIZE_MIN = SCTE35_COMMAND_OFFSET + 2 + SCTE35_CRC_SIZE,
    SCTE35_COMMAND_LENGTH_UNKNOWN = 0xFFF,
    SCTE35_DESCRIPTOR_LENGTH_MAX = 254,
    SCTE35_TIER_ANY = 0xFFF,
    SCTE35_ISSUE_CAPACITY = 64
};

enum { /* splice_command_type, table 7 */
       SCTE35_SPLICE_NULL = 0x00,
       SCTE35_SPLICE_SCHEDULE = 0x04,
       SCTE35_SPLICE_INSERT = 0x05,
       SCTE35_TIME_SIGNAL = 0x06,
       SCTE35_BANDWIDTH_RESERVATION = 0x07,
       SCTE35_PRIVATE_COMMAND = 0xFF
};

enum { /* splice_descriptor_tag, table 16 */
       SCTE35_AVAIL_DESCRIPTOR = 0x00,
       SCTE35_DTMF_DESCRIPTOR = 0x01,
       SCTE35_SEGMENTATION_DESCRIPTOR = 0x02,
       SCTE35_TIME_DESCRIPTOR = 0x03,
       SCTE35_AUDIO_DESCRIPTOR = 0x04
};

enum { SCTE35_UPID_MPU = 0x0C, SCTE35_UPID_MID = 0x0D };

/* What can be wrong. The order is that of the table in scte35_issues.c. */
typedef enum scte35_issue_code {
    SCTE35_ISSUE_NO_SECTION,
    SCTE35_ISSUE_TABLE_ID,
    SCTE35_ISSUE_SECTION_SYNTAX_INDICATOR,
    SCTE35_ISSUE_SECTION_LENGTH_LIMIT,
    SCTE35_ISSUE_SECTION_LENGTH_SHORT,
    SCTE35_ISSUE_SECTION_TRUNCATED,
    SCTE35_ISSUE_BYTES_AFTER_SECTION,
    SCTE35_ISSUE_CRC,
    SCTE35_ISSUE_PROTOCOL_VERSION,
    SCTE35_ISSUE_ENCRYPTED,
    SCTE35_ISSUE_E_CRC,
    SCTE35_ISSUE_COMMAND_LENGTH_UNKNOWN,
    SCTE35_ISSUE_COMMAND_LENGTH_UNUSABLE,
    SCTE35_ISSUE_COMMAND_LENGTH_OVERRUN,
    SCTE35_ISSUE_COMMAND_TYPE,
    SCTE35_ISSUE_COMMAND_TRUNCATED,
    SCTE35_ISSUE_COMMAND_SURPLUS,
    SCTE35_ISSUE_LOOP_LENGTH_MISSING,
    SCTE35_ISSUE_LOOP_LENGTH_OVERRUN,
    SCTE35_ISSUE_LOOP_RESIDUE,
    SCTE35_ISSUE_ALIGNMENT_STUFFING,
    SCTE35_ISSUE_DESCRIPTOR_OVERRUN,
    SCTE35_ISSUE_DESCRIPTOR_LENGTH_LIMIT,
    SCTE35_ISSUE_IDENTIFIER_MISSING,
    SCTE35_ISSUE_DESCRIPTOR_TAG,
    SCTE35_ISSUE_DESCRIPTOR_TRUNCATED,
    SCTE35_ISSUE_DESCRIPTOR_SURPLUS,
    SCTE35_ISSUE_DTMF_CHARS,
    SCTE35_ISSUE_UPID_LENGTH,
    SCTE35_ISSUE_UPID_TYPE,
    SCTE35_ISSUE_MID_OVERRUN,
    SCTE35_ISSUE_SUB_SEGMENTS_MISSING,
    SCTE35_ISSUE_SUB_SEGMENTS_UNEXPECTED,
    SCTE35_ISSUE_MORE, /* never in a list: stands for those that found no room */
    SCTE35_ISSUE_CODE_COUNT
} scte35_issue_code;

typedef struct scte35_issue {
    scte35_issue_code code;
    uint32_t offset; /* bytes from the start of the section */
    uint32_t value;  /* of the field, or how many bytes the issue is about */
} scte35_issue;

typedef struct scte35_issues {
    scte35_issue items[SCTE35_ISSUE_CAPACITY];
    size_t count;
    size_t lost; /* issues that found no room */
} scte35_issues;

typedef struct scte35_issue_text {
    const char *name;
    const char *field;
    const char *clause;
    const char *text;
    bool is_error; /* breaks the clause; the others are legal or legacy, but worth a word */
    ts_status status;
} scte35_issue_text;

const scte35_issue_text *scte35_get_issue_text(scte35_issue_code code);
void scte35_add_issue(scte35_issues *issues, scte35_issue_code code, size_t offset, size_t value);

typedef enum scte35_crc_state {
    SCTE35_CRC_ABSENT,
    SCTE35_CRC_GOOD,
    SCTE35_CRC_BAD
} scte35_crc_state;

typedef struct scte35_splice_time { /* 9.8.1 */
    bool time_specified_flag;
    uint64_t pts_time;
} scte35_splice_time;

typedef struct scte35_break_duration { /* 9.8.2 */
    bool auto_return;
    uint64_t duration;
} scte35_break_duration;

typedef struct scte35_component { /* of splice_insert (a time unless immediate) */
    uint8_t component_tag;
    scte35_splice_time splice_time;
} scte35_component;

typedef struct scte35_event_component { /* of splice_schedule */
    uint8_t component_tag;
    uint32_t utc_splice_time;
} scte35_event_component;

/* splice_insert, 9.7.3, and one event of splice_schedule, 9.7.2: the same fields but for the time.
 */
typedef struct scte35_event {
    uint32_t splice_event_id;
    bool splice_event_cancel_indicator;
    bool event_id_compliance_flag; /* 0 is compliant */
    bool out_of_network_indicator;
    bool program_splice_flag;
    bool duration_flag;
    bool splice_immediate_flag;     /* splice_insert */
    scte35_splice_time splice_time; /* splice_insert, program mode */
    uint32_t utc_splice_time;       /* splice_schedule, program mode */
    scte35_break_duration break_duration;
    uint16_t unique_program_id;
    uint8_t avail_num;
    uint8_t avails_expected;
    uint8_t component_count;
    size_t components_offset;
} scte35_event;

typedef struct scte35_section { /* 9.6 */
    size_t size;                /* bytes that are there, never more than section_length says */
    size_t fields_size;         /* bytes of the header that could be read */
    uint8_t table_id;
    bool section_syntax_indicator;
    bool private_indicator;
    uint8_t sap_type;
    uint16_t section_length;
    uint8_t protocol_version;
    bool encrypted_packet;
    uint8_t encryption_algorithm;
    uint64_t pts_adjustment;
    uint8_t cw_index;
    uint16_t tier;
    uint16_t splice_command_length;
    uint8_t splice_command_type;
    uint16_t descriptor_loop_length;
    uint32_t e_crc_32;
    uint32_t crc_32;
    scte35_crc_state crc_state;
    bool has_header;     /* all up to and with splice_command_length */
    bool has_command;    /* the command could be read to its end */
    bool has_loop;       /* descriptor_loop_length is there */
    size_t payload_end;  /* where CRC_32 starts, or the bytes end */
    size_t command_end;  /* as splice_command_length says, surplus included */
    size_t loop_offset;  /* of the first descriptor */
    size_t loop_end;     /* clamped; alignment_stuffing starts here */
    size_t stuffing_end; /* where E_CRC_32 or CRC_32 starts */
    scte35_event splice_insert;
    scte35_splice_time splice_time; /* time_signal */
    uint8_t splice_count;           /* splice_schedule */
    size_t events_offset;           /* splice_schedule */
    uint32_t identifier;            /* private_command */
    size_t private_offset;          /* private_command: the bytes up to command_end */
} scte35_section;

/* Reads a section that is in the clear, or the clear fields of an encrypted one. */
void scte35_parse_section(const uint8_t *bytes, size_t size, scte35_section *section,
                          scte35_issues *issues);
/* Reads a section whose bytes from splice_command_type through E_CRC_32 have been decrypted in
 * place (11.1): CRC_32, which covers the cipher text, is left alone and E_CRC_32 checked. */
void scte35_parse_decrypted(const uint8_t *bytes, size_t size, scte35_section *section,
                            scte35_issues *issues);

/* The next one of a list that the parser has checked; offset moves on. */
void scte35_read_event(const uint8_t *bytes, size_t *offset, scte35_event *event);
void scte35_read_component(const uint8_t *bytes, size_t *offset, bool splice_immediate_flag,
                           scte35_component *component);
void scte35_read_event_component(const uint8_t *bytes, size_t *offset,
                                 scte35_event_component *component);

typedef struct scte35_segmentation { /* 10.3.3 */
    uint32_t segmentation_event_id;
    bool segmentation_event_cancel_indicator;
    bool segmentation_event_id_compliance_indicator; /* 0 is compliant */
    bool program_segmentation_flag;
    bool segmentation_duration_flag;
    bool delivery_not_restricted_flag;
    bool web_delivery_allowed_flag;
    bool no_regional_blackout_flag;
    bool archive_allowed_flag;
    uint8_t device_restrictions;
    bool has_sub_segments;
    uint8_t component_count;
    uint8_t segmentation_upid_type;
    uint8_t segmentation_upid_length;
    uint8_t segmentation_type_id;
    uint8_t segment_num;
    uint8_t segments_expected;
    uint8_t sub_segment_num;
    uint8_t sub_segments_expected;
    uint64_t segmentation_duration;
    size_t components_offset;
    size_t upid_offset;
} scte35_segmentation;

typedef struct scte35_segmentation_component {
    uint8_t component_tag;
    uint64_t pts_offset;
} scte35_segmentation_component;

typedef struct scte35_audio_channel { /* 10.3.5 */
    uint8_t component_tag;
    uint8_t iso_code[3];
    uint8_t bit_stream_mode;
    uint8_t num_channels;
    bool full_srvc_audio;
} scte35_audio_channel;

typedef enum scte35_descriptor_kind {
    SCTE35_KIND_AVAIL,
    SCTE35_KIND_DTMF,
    SCTE35_KIND_SEGMENTATION,
    SCTE35_KIND_TIME,
    SCTE35_KIND_AUDIO,
    SCTE35_KIND_PRIVATE,   /* another identifier, a tag that CUEI does not define, or malformed */
    SCTE35_KIND_UNREADABLE /* too short for an identifier */
} scte35_descriptor_kind;

typedef struct scte35_descriptor { /* 10.2 */
    scte35_descriptor_kind kind;
    size_t offset;      /* of splice_descriptor_tag */
    size_t body_offset; /* after identifier, or after the length where there is none */
    size_t end;         /* clamped to the loop */
    bool is_whole;      /* end is where descriptor_length says */
    uint8_t splice_descriptor_tag;
    uint32_t identifier;
    uint32_t provider_avail_id; /* avail */
    uint8_t preroll;            /* DTMF */
    uint8_t dtmf_count;
    uint64_t tai_seconds; /* time */
    uint32_t tai_ns;
    uint16_t utc_offset;
    uint8_t audio_count;
    scte35_segmentation segmentation;
} scte35_descriptor;

/* The descriptor at *offset, which moves on to the next. False at the loop's end; a last byte too
 * few for a descriptor is an issue, and *offset stays there. */
bool scte35_next_descriptor(const uint8_t *bytes, size_t *offset, size_t loop_end,
                            scte35_descriptor *descriptor, scte35_issues *issues);
void scte35_read_segmentation_component(const uint8_t *bytes, size_t *offset,
                                        scte35_segmentation_component *component);
void scte35_read_audio_channel(const uint8_t *bytes, size_t *offset, scte35_audio_channel *channel);

/* One UPID of a MID: type, length, bytes (10.3.3.4). False where no whole one is left. */
bool scte35_next_mid_upid(const uint8_t *bytes, size_t size, size_t *offset, uint8_t *type,
                          size_t *upid_offset, size_t *upid_size);
/* Bytes that table 22 fixes for the type, or -1 where the length varies. */
int scte35_get_upid_length(uint8_t segmentation_upid_type);
bool scte35_is_upid_type_known(uint8_t segmentation_upid_type);
/* Types whose segments have sub segments (table 23). */
bool scte35_has_sub_segments(uint8_t segmentation_type_id);

/* Whether CRC_32 is right, and splice_command_type or -1 where it cannot be read (encrypted,
 * another protocol_version, too short, no splice_info_section). */
typedef struct scte35_glance {
    int16_t splice_command_type;
    bool crc_ok;
} scte35_glance;

scte35_glance scte35_peek(const uint8_t *bytes, size_t size);
/* The same for count sections, each from offsets[i] to the next offset, the last to size. Offsets
 * that fall or pass the end give a glance of nothing. */
void scte35_peek_all(const uint8_t *bytes, size_t size, const int64_t *offsets, size_t count,
                     uint8_t *crc_ok, int16_t *splice_command_type);

/* Writing. A writer that runs out of room writes no more and says so at the end. */
typedef struct scte35_writer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    bool is_full;
} scte35_writer;

void scte35_writer_init(scte35_writer *writer, uint8_t *bytes, size_t capacity);
void scte35_write_bytes(scte35_writer *writer, const uint8_t *bytes, size_t size);
void scte35_write_u8(scte35_writer *writer, uint32_t value);
void scte35_write_u32(scte35_writer *writer, uint32_t value);

/* Everything before the command; lengths and CRC_32 are filled in by the functions below. */
void scte35_write_header(scte35_writer *writer, const scte35_section *section);
void scte35_write_splice_time(scte35_writer *writer, const scte35_splice_time *splice_time);
/* An event up to its components, and what follows them. Nothing follows a cancelled one's head. */
void scte35_write_insert_head(scte35_writer *writer, const scte35_event *insert);
void scte35_write_event_head(scte35_writer *writer, const scte35_event *event);
void scte35_write_event_tail(scte35_writer *writer, const scte35_event *event);
void scte35_write_component(scte35_writer *writer, const scte35_component *component,
                            bool splice_immediate_flag);
void scte35_write_event_component(scte35_writer *writer, const scte35_event_component *component);
/* After the command: its length goes into the header, room is left for descriptor_loop_length. */
void scte35_finish_command(scte35_writer *writer);
/* Writes tag, room for the length and identifier; returns where the descriptor begins. */
size_t scte35_begin_descriptor(scte35_writer *writer, uint8_t splice_descriptor_tag,
                               uint32_t identifier);
/* TS_BAD_LENGTH where the descriptor is longer than descriptor_length can be. */
ts_status scte35_finish_descriptor(scte35_writer *writer, size_t begin);
void scte35_write_dtmf(scte35_writer *writer, uint8_t preroll, const uint8_t *chars, size_t count);
void scte35_write_segmentation_head(scte35_writer *writer, const scte35_segmentation *segmentation);
void scte35_write_segmentation_component(scte35_writer *writer,
                                         const scte35_segmentation_component *component);
void scte35_write_segmentation_tail(scte35_writer *writer, const scte35_segmentation *segmentation,
                                    const uint8_t *upid);
void scte35_write_time(scte35_writer *writer, uint64_t tai_seconds, uint32_t tai_ns,
                       uint16_t utc_offset);
void scte35_write_audio_head(scte35_writer *writer, uint8_t audio_count);
void scte35_write_audio_channel(scte35_writer *writer, const scte35_audio_channel *channel);
/* After the last descriptor: fills descriptor_loop_length, which begins at loop_length_offset. */
void scte35_finish_loop(scte35_writer *writer, size_t loop_length_offset);
/* For encryption: stuffing of 0xFF up to whole blocks of 8 bytes, then E_CRC_32 (11.1). */
void scte35_write_e_crc(scte35_writer *writer);
/* section_length and CRC_32. TS_NO_ROOM where the section would pass its limit. */
ts_status scte35_finish_section(scte35_writer *writer);
/* Puts the fields before splice_command_length anew into a whole section, every other bit kept, and
 * CRC_32 with them. */
ts_status scte35_patch_header(uint8_t *bytes, size_t size, const scte35_section *section);

#endif
