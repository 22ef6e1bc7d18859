/* What each issue is called, which field and clause of ANSI/SCTE 35 2023r1 it is about. */
#include "tsloom/scte35.h"

#define ISSUE(name, field, clause, text, is_error, status)                                         \
    { name, field, clause, text, is_error, status }

static const scte35_issue_text issue_texts[SCTE35_ISSUE_CODE_COUNT] = {
    [SCTE35_ISSUE_NO_SECTION] =
        ISSUE("no_section", "table_id", "9.6", "no bytes of a section", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_TABLE_ID] =
        ISSUE("table_id", "table_id", "9.6.1", "is not 0xFC", true, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_SECTION_SYNTAX_INDICATOR] =
        ISSUE("section_syntax_indicator", "section_syntax_indicator", "9.6.1",
              "is 1, but a splice_info_section is a short section", true, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_SECTION_LENGTH_LIMIT] = ISSUE("section_length_limit", "section_length", "9.6.1",
                                                "is over 4093", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_SECTION_LENGTH_SHORT] =
        ISSUE("section_length_short", "section_length", "9.6",
              "is too small for the fields that every section has", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_SECTION_TRUNCATED] = ISSUE("section_truncated", "section_length", "9.6.1",
                                             "says more bytes than there are", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_BYTES_AFTER_SECTION] =
        ISSUE("bytes_after_section", "section_length", "9.6.1", "leaves bytes that are no stuffing",
              false, TS_BAD_LENGTH),
    [SCTE35_ISSUE_CRC] = ISSUE("crc_32", "CRC_32", "9.6.1", "does not match", true, TS_BAD_CRC),
    [SCTE35_ISSUE_PROTOCOL_VERSION] =
        ISSUE("protocol_version", "protocol_version", "9.6.1",
              "is not 0: the bytes follow another syntax", true, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_ENCRYPTED] = ISSUE("encrypted", "encrypted_packet", "11.1",
                                     "is 1 and no key was given", false, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_E_CRC] = ISSUE("e_crc_32", "E_CRC_32", "9.6.1",
                                 "does not match: a wrong key or damage", true, TS_BAD_CRC),
    [SCTE35_ISSUE_COMMAND_LENGTH_UNKNOWN] =
        ISSUE("splice_command_length_unknown", "splice_command_length", "9.6.1",
              "is 0xFFF, as legacy equipment writes it", false, TS_BAD_LENGTH),
    [SCTE35_ISSUE_COMMAND_LENGTH_UNUSABLE] =
        ISSUE("splice_command_length_unusable", "splice_command_length", "9.6.1",
              "is 0xFFF for a command whose syntax has no length of its own", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_COMMAND_LENGTH_OVERRUN] =
        ISSUE("splice_command_length_overrun", "splice_command_length", "9.6.1",
              "runs over the section's end", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_COMMAND_TYPE] = ISSUE("splice_command_type", "splice_command_type", "9.6.1",
                                        "is reserved", true, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_COMMAND_TRUNCATED] =
        ISSUE("splice_command_truncated", "splice_command_length", "9.7",
              "is too small for the command", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_COMMAND_SURPLUS] = ISSUE("splice_command_surplus", "splice_command_length", "9.7",
                                           "leaves bytes after the command", false, TS_BAD_LENGTH),
    [SCTE35_ISSUE_LOOP_LENGTH_MISSING] =
        ISSUE("descriptor_loop_length_missing", "descriptor_loop_length", "9.6",
              "is beyond the section's end", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_LOOP_LENGTH_OVERRUN] =
        ISSUE("descriptor_loop_length_overrun", "descriptor_loop_length", "9.6.1",
              "runs over the section's end", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_LOOP_RESIDUE] = ISSUE("descriptor_loop_residue", "descriptor_loop_length", "10.2",
                                        "leaves a byte that is no descriptor", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_ALIGNMENT_STUFFING] =
        ISSUE("alignment_stuffing", "alignment_stuffing", "9.6.1",
              "is there though the section is in the clear", false, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_DESCRIPTOR_OVERRUN] = ISSUE("descriptor_overrun", "descriptor_length", "10.2.1",
                                              "runs over the descriptor loop", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_DESCRIPTOR_LENGTH_LIMIT] = ISSUE("descriptor_length_limit", "descriptor_length",
                                                   "10.2.1", "is over 254", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_IDENTIFIER_MISSING] =
        ISSUE("identifier_missing", "identifier", "10.2.1",
              "does not fit into the descriptor's length", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_DESCRIPTOR_TAG] = ISSUE("splice_descriptor_tag", "splice_descriptor_tag", "10.1",
                                          "is not one that \"CUEI\" defines", false, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_DESCRIPTOR_TRUNCATED] =
        ISSUE("descriptor_truncated", "descriptor_length", "10.3",
              "is too small for the descriptor's fields", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_DESCRIPTOR_SURPLUS] =
        ISSUE("descriptor_surplus", "descriptor_length", "10.3",
              "leaves bytes after the descriptor's fields", false, TS_BAD_LENGTH),
    [SCTE35_ISSUE_DTMF_CHARS] = ISSUE("dtmf_char", "DTMF_char", "10.3.2",
                                      "is not one of 0 to 9, * and #", true, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_UPID_LENGTH] =
        ISSUE("segmentation_upid_length", "segmentation_upid_length", "10.3.3.1",
              "is not what the UPID type fixes", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_UPID_TYPE] = ISSUE("segmentation_upid_type", "segmentation_upid_type", "10.3.3.1",
                                     "is reserved", false, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_MID_OVERRUN] = ISSUE("mid_overrun", "segmentation_upid", "10.3.3.4",
                                       "holds a UPID that runs over the MID", true, TS_BAD_LENGTH),
    [SCTE35_ISSUE_SUB_SEGMENTS_MISSING] =
        ISSUE("sub_segments_missing", "sub_segment_num", "10.3.3.1",
              "is not there, though the segmentation type has sub segments", false, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_SUB_SEGMENTS_UNEXPECTED] =
        ISSUE("sub_segments_unexpected", "sub_segment_num", "10.3.3.1",
              "is there, though the segmentation type has no sub segments", false, TS_BAD_SYNTAX),
    [SCTE35_ISSUE_MORE] = ISSUE("more", "splice_info_section", "9.6",
                                "has more defects, which are only counted", true, TS_BAD_SYNTAX),
};

const scte35_issue_text *scte35_get_issue_text(scte35_issue_code code) {
    return &issue_texts[code < SCTE35_ISSUE_CODE_COUNT ? code : SCTE35_ISSUE_NO_SECTION];
}

void scte35_add_issue(scte35_issues *issues, scte35_issue_code code, size_t offset, size_t value) {
    if (issues->count == SCTE35_ISSUE_CAPACITY) {
        issues->lost++;
        return;
    }
    scte35_issue *issue = &issues->items[issues->count++];
    issue->code = code;
    issue->offset = (uint32_t)offset;
    issue->value = (uint32_t)value;
}
