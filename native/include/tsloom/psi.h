/* Program specific information: ISO/IEC 13818-1, 2.4.4. PAT, CAT and PMT sections are read where
 * they lie; edits copy a section and seal the copy, keeping every bit that they do not mean to
 * change, reserved ones too.
 *
 * Call the table's check first: the getters trust what it has found good. */
#ifndef TSLOOM_PSI_H
#define TSLOOM_PSI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/section.h"
#include "tsloom/status.h"

enum {
    PSI_TABLE_ID_PAT = 0x00,
    PSI_TABLE_ID_CAT = 0x01,
    PSI_TABLE_ID_PMT = 0x02,
    PSI_TABLE_ID_TSDT = 0x03,
    PSI_SECTION_MAX = 1024, /* bytes of a section of these tables (2.4.4.5, 2.4.4.7, 2.4.4.9) */
    PSI_TAG_REGISTRATION = 0x05,
    PSI_TAG_CA = 0x09,
    PSI_NO_PCR_PID = 0x1FFF, /* PCR_PID of a program without PCR (2.4.4.10) */
    PSI_VERSION_COUNT = 32
};

/* Sections ---------------------------------------------------------------------------------- */

/* CRC_32 of a section that ends in one, whatever its syntax: TS_BAD_LENGTH, TS_BAD_CRC. */
ts_status psi_check_crc(const uint8_t *section, size_t size);
/* A whole section of the long syntax: section_length is its size and within its table's limit,
 * section_syntax_indicator is 1, section_number is not above last_section_number, CRC_32 matches.
 * TS_BAD_LENGTH, TS_BAD_SYNTAX, TS_BAD_CRC, in this order. */
ts_status psi_check_section(const uint8_t *section, size_t size);
/* Sets section_length and CRC_32 to what the size and the other bytes ask for. TS_BAD_LENGTH if no
 * section with CRC_32 can have this size. */
ts_status psi_seal(uint8_t *section, size_t size);
/* version_number + 1, modulo 32. The section wants to be sealed afterwards. */
void psi_raise_version(uint8_t *section);

/* Descriptors (2.6) ------------------------------------------------------------------------- */

typedef struct psi_slice {
    const uint8_t *bytes;
    size_t size;
} psi_slice;

typedef struct psi_descriptor {
    uint8_t descriptor_tag;
    uint8_t descriptor_length;
    const uint8_t *data; /* behind descriptor_length */
} psi_descriptor;

/* Takes the first descriptor off the loop. False at its end, and where a descriptor would run over
 * it: then the loop keeps the bytes that are none. */
bool psi_descriptor_next(psi_slice *loop, psi_descriptor *descriptor);
/* True if the loop holds a descriptor of just these bytes. */
bool psi_has_descriptor(psi_slice loop, const psi_descriptor *wanted);

/* Program association table (2.4.4.3) ------------------------------------------------------- */

ts_status psi_pat_check(const uint8_t *section, size_t size);
size_t psi_pat_get_count(const uint8_t *section);
/* Of the index-th entry. program_number 0 means that the PID is the network_PID. */
uint16_t psi_pat_get_program_number(const uint8_t *section, size_t index);
uint16_t psi_pat_get_pid(const uint8_t *section, size_t index);

/* Conditional access table (2.4.4.6) -------------------------------------------------------- */

ts_status psi_cat_check(const uint8_t *section, size_t size);
psi_slice psi_cat_get_descriptors(const uint8_t *section);
/* CA_PID of a CA_descriptor (2.6.16); TS_NOT_FOUND of any other, TS_BAD_LENGTH if it has none. */
ts_status psi_get_ca_pid(const psi_descriptor *descriptor, uint16_t *ca_pid);

/* Program map table (2.4.4.8) --------------------------------------------------------------- */

typedef struct psi_elementary_stream {
    uint8_t stream_type;
    uint16_t elementary_pid;
    psi_slice es_info;
} psi_elementary_stream;

/* Also that program_info_length and every ES_info_length stay within their loops. */
ts_status psi_pmt_check(const uint8_t *section, size_t size);
uint16_t psi_pmt_get_program_number(const uint8_t *section);
uint16_t psi_pmt_get_pcr_pid(const uint8_t *section);
psi_slice psi_pmt_get_program_info(const uint8_t *section);
psi_slice psi_pmt_get_elementary_streams(const uint8_t *section);
/* Takes the first entry off the loop; false at its end. */
bool psi_elementary_stream_next(psi_slice *loop, psi_elementary_stream *stream);

/* Edits ------------------------------------------------------------------------------------- */

/* Each checks the section first and answers with that status; the result is written to out, which
 * may not overlap in. version_number stays. TS_NO_ROOM if the result is above PSI_SECTION_MAX or
 * capacity. */

/* The PAT with only the programs that are listed; its network_PID stays. */
ts_status psi_pat_keep(const uint8_t *in, size_t size, const uint16_t *program_numbers,
                       size_t program_count, uint8_t *out, size_t capacity, size_t *out_size);
/* A PAT, CAT or PMT with map[pid] for each PID in it: of programs and network, PCR_PID (0x1FFF
 * stays), elementary PIDs, and CA_PID of CA_descriptors. TS_BAD_ARGUMENT of any other table, and
 * for a map that leads above 0x1FFF. */
ts_status psi_remap(const uint8_t *in, size_t size, const uint16_t map[TS_PID_COUNT], uint8_t *out,
                    size_t capacity, size_t *out_size);
/* What psi_pmt_append adds. */
typedef struct psi_pmt_addition {
    psi_slice program_info; /* descriptors; those that are there already are not repeated */
    psi_elementary_stream stream;
} psi_pmt_addition;

/* The PMT with one elementary stream more, at the end. TS_BAD_ARGUMENT if its PID is there already
 * or a slice is no whole number of descriptors. */
ts_status psi_pmt_append(const uint8_t *in, size_t size, const psi_pmt_addition *addition,
                         uint8_t *out, size_t capacity, size_t *out_size);
/* The PMT without the elementary streams of this PID; TS_NOT_FOUND if it has none. PCR_PID stays.
 */
ts_status psi_pmt_remove(const uint8_t *in, size_t size, uint16_t elementary_pid, uint8_t *out,
                         size_t capacity, size_t *out_size);

#endif
