from libc.stdint cimport int16_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from tsloom._native.c_status cimport ts_status


cdef extern from "tsloom/scte35.h" nogil:
    enum:
        SCTE35_TABLE_ID
        SCTE35_STREAM_TYPE
        SCTE35_IDENTIFIER_CUEI
        SCTE35_CUE_IDENTIFIER_DESCRIPTOR_TAG
        SCTE35_SECTION_SIZE_MAX
        SCTE35_COMMAND_TYPE_OFFSET
        SCTE35_COMMAND_OFFSET
        SCTE35_CRC_SIZE
        SCTE35_COMMAND_LENGTH_UNKNOWN
        SCTE35_TIER_ANY
        SCTE35_SPLICE_NULL
        SCTE35_SPLICE_SCHEDULE
        SCTE35_SPLICE_INSERT
        SCTE35_TIME_SIGNAL
        SCTE35_BANDWIDTH_RESERVATION
        SCTE35_PRIVATE_COMMAND
        SCTE35_AVAIL_DESCRIPTOR
        SCTE35_DTMF_DESCRIPTOR
        SCTE35_SEGMENTATION_DESCRIPTOR
        SCTE35_TIME_DESCRIPTOR
        SCTE35_AUDIO_DESCRIPTOR
        SCTE35_UPID_MPU
        SCTE35_UPID_MID

    ctypedef enum scte35_issue_code:
        SCTE35_ISSUE_MORE

    ctypedef struct scte35_issue:
        scte35_issue_code code
        uint32_t offset
        uint32_t value

    ctypedef struct scte35_issues:
        scte35_issue items[64]
        size_t count
        size_t lost

    ctypedef struct scte35_issue_text:
        const char *name
        const char *field
        const char *clause
        const char *text
        bint is_error
        ts_status status

    const scte35_issue_text *scte35_get_issue_text(scte35_issue_code code)
    void scte35_add_issue(scte35_issues *issues, scte35_issue_code code, size_t offset,
                          size_t value)

    ctypedef enum scte35_crc_state:
        SCTE35_CRC_ABSENT
        SCTE35_CRC_GOOD
        SCTE35_CRC_BAD

    ctypedef struct scte35_splice_time:
        bint time_specified_flag
        uint64_t pts_time

    ctypedef struct scte35_break_duration:
        bint auto_return
        uint64_t duration

    ctypedef struct scte35_component:
        uint8_t component_tag
        scte35_splice_time splice_time

    ctypedef struct scte35_event_component:
        uint8_t component_tag
        uint32_t utc_splice_time

    ctypedef struct scte35_event:
        uint32_t splice_event_id
        bint splice_event_cancel_indicator
        bint event_id_compliance_flag
        bint out_of_network_indicator
        bint program_splice_flag
        bint duration_flag
        bint splice_immediate_flag
        scte35_splice_time splice_time
        uint32_t utc_splice_time
        scte35_break_duration break_duration
        uint16_t unique_program_id
        uint8_t avail_num
        uint8_t avails_expected
        uint8_t component_count
        size_t components_offset

    ctypedef struct scte35_section:
        size_t size
        uint8_t table_id
        bint section_syntax_indicator
        bint private_indicator
        uint8_t sap_type
        uint16_t section_length
        uint8_t protocol_version
        bint encrypted_packet
        uint8_t encryption_algorithm
        uint64_t pts_adjustment
        uint8_t cw_index
        uint16_t tier
        uint16_t splice_command_length
        uint8_t splice_command_type
        uint16_t descriptor_loop_length
        uint32_t e_crc_32
        uint32_t crc_32
        scte35_crc_state crc_state
        bint has_header
        bint has_command
        bint has_loop
        size_t payload_end
        size_t command_end
        size_t loop_offset
        size_t loop_end
        size_t stuffing_end
        scte35_event splice_insert
        scte35_splice_time splice_time
        uint8_t splice_count
        size_t events_offset
        uint32_t identifier
        size_t private_offset

    void scte35_parse_section(const uint8_t *bytes, size_t size, scte35_section *section,
                              scte35_issues *issues)
    void scte35_parse_decrypted(const uint8_t *bytes, size_t size, scte35_section *section,
                                scte35_issues *issues)
    void scte35_read_event(const uint8_t *bytes, size_t *offset, scte35_event *event)
    void scte35_read_component(const uint8_t *bytes, size_t *offset, bint splice_immediate_flag,
                               scte35_component *component)
    void scte35_read_event_component(const uint8_t *bytes, size_t *offset,
                                     scte35_event_component *component)

    ctypedef struct scte35_segmentation:
        uint32_t segmentation_event_id
        bint segmentation_event_cancel_indicator
        bint segmentation_event_id_compliance_indicator
        bint program_segmentation_flag
        bint segmentation_duration_flag
        bint delivery_not_restricted_flag
        bint web_delivery_allowed_flag
        bint no_regional_blackout_flag
        bint archive_allowed_flag
        uint8_t device_restrictions
        bint has_sub_segments
        uint8_t component_count
        uint8_t segmentation_upid_type
        uint8_t segmentation_upid_length
        uint8_t segmentation_type_id
        uint8_t segment_num
        uint8_t segments_expected
        uint8_t sub_segment_num
        uint8_t sub_segments_expected
        uint64_t segmentation_duration
        size_t components_offset
        size_t upid_offset

    ctypedef struct scte35_segmentation_component:
        uint8_t component_tag
        uint64_t pts_offset

    ctypedef struct scte35_audio_channel:
        uint8_t component_tag
        uint8_t iso_code[3]
        uint8_t bit_stream_mode
        uint8_t num_channels
        bint full_srvc_audio

    ctypedef enum scte35_descriptor_kind:
        SCTE35_KIND_AVAIL
        SCTE35_KIND_DTMF
        SCTE35_KIND_SEGMENTATION
        SCTE35_KIND_TIME
        SCTE35_KIND_AUDIO
        SCTE35_KIND_PRIVATE
        SCTE35_KIND_UNREADABLE

    ctypedef struct scte35_descriptor:
        scte35_descriptor_kind kind
        size_t offset
        size_t body_offset
        size_t end
        bint is_whole
        uint8_t splice_descriptor_tag
        uint32_t identifier
        uint32_t provider_avail_id
        uint8_t preroll
        uint8_t dtmf_count
        uint64_t tai_seconds
        uint32_t tai_ns
        uint16_t utc_offset
        uint8_t audio_count
        scte35_segmentation segmentation

    bint scte35_next_descriptor(const uint8_t *bytes, size_t *offset, size_t loop_end,
                                scte35_descriptor *descriptor, scte35_issues *issues)
    void scte35_read_segmentation_component(const uint8_t *bytes, size_t *offset,
                                            scte35_segmentation_component *component)
    void scte35_read_audio_channel(const uint8_t *bytes, size_t *offset,
                                   scte35_audio_channel *channel)
    bint scte35_next_mid_upid(const uint8_t *bytes, size_t size, size_t *offset, uint8_t *type,
                              size_t *upid_offset, size_t *upid_size)
    int scte35_get_upid_length(uint8_t segmentation_upid_type)
    bint scte35_is_upid_type_known(uint8_t segmentation_upid_type)
    bint scte35_has_sub_segments(uint8_t segmentation_type_id)

    ctypedef struct scte35_glance:
        int16_t splice_command_type
        bint crc_ok

    scte35_glance scte35_peek(const uint8_t *bytes, size_t size)
    void scte35_peek_all(const uint8_t *bytes, size_t size, const int64_t *offsets, size_t count,
                         uint8_t *crc_ok, int16_t *splice_command_type)

    ctypedef struct scte35_writer:
        uint8_t *bytes
        size_t size
        size_t capacity
        bint is_full

    void scte35_writer_init(scte35_writer *writer, uint8_t *bytes, size_t capacity)
    void scte35_write_bytes(scte35_writer *writer, const uint8_t *bytes, size_t size)
    void scte35_write_u8(scte35_writer *writer, uint32_t value)
    void scte35_write_u32(scte35_writer *writer, uint32_t value)
    void scte35_write_header(scte35_writer *writer, const scte35_section *section)
    void scte35_write_splice_time(scte35_writer *writer, const scte35_splice_time *splice_time)
    void scte35_write_insert_head(scte35_writer *writer, const scte35_event *insert)
    void scte35_write_event_head(scte35_writer *writer, const scte35_event *event)
    void scte35_write_event_tail(scte35_writer *writer, const scte35_event *event)
    void scte35_write_component(scte35_writer *writer, const scte35_component *component,
                                bint splice_immediate_flag)
    void scte35_write_event_component(scte35_writer *writer,
                                      const scte35_event_component *component)
    void scte35_finish_command(scte35_writer *writer)
    size_t scte35_begin_descriptor(scte35_writer *writer, uint8_t splice_descriptor_tag,
                                   uint32_t identifier)
    ts_status scte35_finish_descriptor(scte35_writer *writer, size_t begin)
    void scte35_write_dtmf(scte35_writer *writer, uint8_t preroll, const uint8_t *chars,
                           size_t count)
    void scte35_write_segmentation_head(scte35_writer *writer,
                                        const scte35_segmentation *segmentation)
    void scte35_write_segmentation_component(scte35_writer *writer,
                                             const scte35_segmentation_component *component)
    void scte35_write_segmentation_tail(scte35_writer *writer,
                                        const scte35_segmentation *segmentation,
                                        const uint8_t *upid)
    void scte35_write_time(scte35_writer *writer, uint64_t tai_seconds, uint32_t tai_ns,
                           uint16_t utc_offset)
    void scte35_write_audio_head(scte35_writer *writer, uint8_t audio_count)
    void scte35_write_audio_channel(scte35_writer *writer, const scte35_audio_channel *channel)
    void scte35_finish_loop(scte35_writer *writer, size_t loop_length_offset)
    void scte35_write_e_crc(scte35_writer *writer)
    ts_status scte35_finish_section(scte35_writer *writer)
    ts_status scte35_patch_header(uint8_t *bytes, size_t size, const scte35_section *section)
