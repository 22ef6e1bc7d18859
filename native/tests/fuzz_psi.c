/* Sections and PES headers of any content: nothing is read beyond its end, and what an edit gives
 * is a good section. The first byte says what is done with the rest. */
#include <stdlib.h>
#include <string.h>

#include "tsloom/pes.h"
#include "tsloom/psi.h"

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

/* Reads every byte, so that the sanitizer sees one that is not there. */
static void touch(const uint8_t *bytes, size_t size) {
    volatile uint8_t last = 0;
    for (size_t i = 0; i < size; i++) {
        last = bytes[i];
    }
    (void)last;
}

static void walk_descriptors(psi_slice loop) {
    const psi_slice whole = loop;
    psi_descriptor descriptor;
    uint16_t ca_pid = 0;
    while (psi_descriptor_next(&loop, &descriptor)) {
        touch(descriptor.data, descriptor.descriptor_length);
        require(psi_has_descriptor(whole, &descriptor));
        require(psi_get_ca_pid(&descriptor, &ca_pid) != TS_OK || ca_pid < TS_PID_COUNT);
    }
}

static void walk_pmt(const uint8_t *section) {
    psi_slice loop = psi_pmt_get_elementary_streams(section);
    psi_elementary_stream stream;
    walk_descriptors(psi_pmt_get_program_info(section));
    while (psi_elementary_stream_next(&loop, &stream)) {
        walk_descriptors(stream.es_info);
    }
    require(loop.size == 0);
}

static void check_result(ts_status status, const uint8_t *out, size_t size) {
    if (status == TS_OK) {
        require(size <= PSI_SECTION_MAX && psi_check_section(out, size) == TS_OK);
        require(out[0] != PSI_TABLE_ID_PMT || psi_pmt_check(out, size) == TS_OK);
        require(out[0] != PSI_TABLE_ID_PAT || psi_pat_check(out, size) == TS_OK);
    }
}

static void edit(const uint8_t *section, size_t size, const uint8_t *data, size_t data_size) {
    uint8_t *out = malloc(PSI_SECTION_MAX);
    uint16_t *map = malloc(TS_PID_COUNT * sizeof *map);
    size_t out_size = 0;
    const uint16_t programs[] = {1, 2, 0x0101};
    const size_t half = data_size / 2;
    const psi_pmt_addition addition = {{data, half}, {0x86, 500, {data + half, data_size - half}}};
    require(out != NULL && map != NULL);
    for (unsigned pid = 0; pid < TS_PID_COUNT; pid++) {
        map[pid] = (uint16_t)(pid ^ 0x15A5u);
    }
    check_result(psi_pat_keep(section, size, programs, 3, out, PSI_SECTION_MAX, &out_size), out,
                 out_size);
    check_result(psi_remap(section, size, map, out, PSI_SECTION_MAX, &out_size), out, out_size);
    check_result(psi_pmt_remove(section, size, 0x0101, out, PSI_SECTION_MAX, &out_size), out,
                 out_size);
    check_result(psi_pmt_append(section, size, &addition, out, PSI_SECTION_MAX, &out_size), out,
                 out_size);
    free(map);
    free(out);
}

static void use_section(uint8_t *section, size_t size) {
    if (psi_pmt_check(section, size) == TS_OK) {
        walk_pmt(section);
    }
    if (psi_cat_check(section, size) == TS_OK) {
        walk_descriptors(psi_cat_get_descriptors(section));
    }
    if (psi_pat_check(section, size) == TS_OK) {
        for (size_t i = 0; i < psi_pat_get_count(section); i++) {
            require(psi_pat_get_pid(section, i) < TS_PID_COUNT);
        }
    }
}

static void use_pes(const uint8_t *pes, size_t size) {
    uint64_t value = 0;
    size_t header_size = 0;
    (void)pes_get_pts(pes, size, &value);
    require(value < TS_PTS_MODULUS);
    (void)pes_get_dts(pes, size, &value);
    require(value < TS_PTS_MODULUS);
    (void)pes_get_header_size(pes, size, &header_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) {
        return 0;
    }
    const uint8_t choice = data[0];
    data++;
    size--;
    uint8_t *section = malloc(size);
    require(section != NULL);
    memcpy(section, data, size);
    use_pes(section, size);
    use_section(section, size);
    /* A fuzzer guesses no CRC_32: sealed, the same bytes get further. */
    if ((choice & 1u) && psi_seal(section, size) == TS_OK) {
        use_section(section, size);
        edit(section, size, data, size < 40 ? size : 40);
    }
    free(section);
    return 0;
}
