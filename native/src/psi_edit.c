#include "tsloom/psi.h"

#include <string.h>

enum { PAT_ENTRY = 4, PMT_PCR_PID = 8, PMT_INFO_LENGTH = 10, ES_HEADER = 5 };

/* The section as it grows; what does not fit is remembered, not written. */
typedef struct writer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    bool full;
} writer;

static writer start_writing(uint8_t *out, size_t capacity) {
    const writer w = {out, 0, capacity < PSI_SECTION_MAX ? capacity : PSI_SECTION_MAX, false};
    return w;
}

static void put(writer *w, const uint8_t *bytes, size_t size) {
    if (w->full || size > w->capacity - w->size) {
        w->full = true;
        return;
    }
    if (size != 0) {
        memcpy(w->bytes + w->size, bytes, size);
    }
    w->size += size;
}

static void put_until(writer *w, const uint8_t **from, const uint8_t *end) {
    put(w, *from, (size_t)(end - *from));
    *from = end;
}

static ts_status finish(writer *w, size_t *out_size) {
    const uint8_t no_crc[TS_SECTION_CRC_SIZE] = {0};
    put(w, no_crc, sizeof no_crc);
    if (w->full) {
        return TS_NO_ROOM;
    }
    *out_size = w->size;
    return psi_seal(w->bytes, w->size);
}

static bool contains(const uint16_t *values, size_t count, uint16_t value) {
    for (size_t i = 0; i < count; i++) {
        if (values[i] == value) {
            return true;
        }
    }
    return false;
}

ts_status psi_pat_keep(const uint8_t *in, size_t size, const uint16_t *program_numbers,
                       size_t program_count, uint8_t *out, size_t capacity, size_t *out_size) {
    const ts_status status = psi_pat_check(in, size);
    if (status != TS_OK) {
        return status;
    }
    writer w = start_writing(out, capacity);
    put(&w, in, TS_SECTION_LONG_HEADER_SIZE);
    for (size_t i = 0; i < psi_pat_get_count(in); i++) {
        const uint16_t program_number = psi_pat_get_program_number(in, i);
        if (program_number == 0 || contains(program_numbers, program_count, program_number)) {
            put(&w, in + TS_SECTION_LONG_HEADER_SIZE + PAT_ENTRY * i, PAT_ENTRY);
        }
    }
    return finish(&w, out_size);
}

/* PIDs are remapped where they stand in the copy: two bytes with three bits of something else. */
typedef struct remapping {
    const uint16_t *map;
    const uint8_t *in;
    uint8_t *out;
    ts_status status;
} remapping;

static void remap_field(remapping *r, const uint8_t *field) {
    uint8_t *target = r->out + (field - r->in);
    const uint16_t pid = r->map[ts_load_be16(field) & 0x1FFFu];
    if (pid >= TS_PID_COUNT) {
        r->status = TS_BAD_ARGUMENT;
        return;
    }
    ts_store_be16(target, (uint16_t)((ts_load_be16(field) & 0xE000u) | pid));
}

static void remap_descriptors(remapping *r, psi_slice loop) {
    psi_descriptor descriptor;
    uint16_t ca_pid;
    while (psi_descriptor_next(&loop, &descriptor)) {
        if (psi_get_ca_pid(&descriptor, &ca_pid) == TS_OK) {
            remap_field(r, descriptor.data + 2);
        }
    }
}

static void remap_pat(remapping *r) {
    for (size_t i = 0; i < psi_pat_get_count(r->in); i++) {
        remap_field(r, r->in + TS_SECTION_LONG_HEADER_SIZE + PAT_ENTRY * i + 2);
    }
}

static void remap_pmt(remapping *r) {
    if (psi_pmt_get_pcr_pid(r->in) != PSI_NO_PCR_PID) {
        remap_field(r, r->in + PMT_PCR_PID);
    }
    remap_descriptors(r, psi_pmt_get_program_info(r->in));
    psi_slice loop = psi_pmt_get_elementary_streams(r->in);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        remap_field(r, stream.es_info.bytes - ES_HEADER + 1);
        remap_descriptors(r, stream.es_info);
    }
}

static ts_status check_remappable(const uint8_t *in, size_t size) {
    const ts_status status = psi_check_section(in, size);
    if (status != TS_OK) {
        return status;
    }
    switch (ts_section_get_table_id(in)) {
    case PSI_TABLE_ID_PAT:
        return psi_pat_check(in, size);
    case PSI_TABLE_ID_CAT:
        return psi_cat_check(in, size);
    case PSI_TABLE_ID_PMT:
        return psi_pmt_check(in, size);
    default:
        return TS_BAD_ARGUMENT;
    }
}

ts_status psi_remap(const uint8_t *in, size_t size, const uint16_t map[TS_PID_COUNT], uint8_t *out,
                    size_t capacity, size_t *out_size) {
    const ts_status status = check_remappable(in, size);
    if (status != TS_OK) {
        return status;
    }
    if (size > capacity) {
        return TS_NO_ROOM;
    }
    memcpy(out, in, size);
    remapping r = {map, in, out, TS_OK};
    if (ts_section_get_table_id(in) == PSI_TABLE_ID_PAT) {
        remap_pat(&r);
    } else if (ts_section_get_table_id(in) == PSI_TABLE_ID_PMT) {
        remap_pmt(&r);
    } else {
        remap_descriptors(&r, psi_cat_get_descriptors(in));
    }
    if (r.status != TS_OK) {
        return r.status;
    }
    *out_size = size;
    return psi_seal(out, size);
}

static bool is_descriptor_loop(psi_slice loop) {
    psi_descriptor descriptor;
    while (psi_descriptor_next(&loop, &descriptor)) {
    }
    return loop.size == 0;
}

static bool has_elementary_pid(const uint8_t *section, uint16_t elementary_pid) {
    psi_slice loop = psi_pmt_get_elementary_streams(section);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == elementary_pid) {
            return true;
        }
    }
    return false;
}

static ts_status check_addition(const uint8_t *in, size_t size, const psi_pmt_addition *addition) {
    const psi_elementary_stream *stream = &addition->stream;
    if (stream->elementary_pid >= TS_PID_COUNT || !is_descriptor_loop(addition->program_info) ||
        !is_descriptor_loop(stream->es_info)) {
        return TS_BAD_ARGUMENT;
    }
    const ts_status status = psi_pmt_check(in, size);
    if (status != TS_OK) {
        return status;
    }
    if (has_elementary_pid(in, stream->elementary_pid)) {
        return TS_BAD_ARGUMENT;
    }
    return stream->es_info.size <= PSI_SECTION_MAX ? TS_OK : TS_NO_ROOM;
}

static void put_missing_descriptors(writer *w, psi_slice there, psi_slice added) {
    psi_descriptor descriptor;
    while (psi_descriptor_next(&added, &descriptor)) {
        if (!psi_has_descriptor(there, &descriptor)) {
            put(w, descriptor.data - 2, 2u + descriptor.descriptor_length);
        }
    }
}

static void put_stream(writer *w, const psi_elementary_stream *stream) {
    uint8_t header[ES_HEADER] = {stream->stream_type};
    ts_store_be16(header + 1, (uint16_t)(0xE000u | stream->elementary_pid));
    ts_store_be16(header + 3, (uint16_t)(0xF000u | stream->es_info.size));
    put(w, header, sizeof header);
    put(w, stream->es_info.bytes, stream->es_info.size);
}

ts_status psi_pmt_append(const uint8_t *in, size_t size, const psi_pmt_addition *addition,
                         uint8_t *out, size_t capacity, size_t *out_size) {
    const ts_status status = check_addition(in, size, addition);
    if (status != TS_OK) {
        return status;
    }
    const psi_slice info = psi_pmt_get_program_info(in);
    const psi_slice streams = psi_pmt_get_elementary_streams(in);
    psi_slice rest = info;
    psi_descriptor descriptor;
    while (psi_descriptor_next(&rest, &descriptor)) {
    }
    writer w = start_writing(out, capacity);
    const uint8_t *from = in;
    /* Ahead of bytes that are no descriptor, which would swallow what comes behind them. */
    put_until(&w, &from, rest.bytes);
    const size_t before = w.size;
    put_missing_descriptors(&w, info, addition->program_info);
    const size_t info_length = info.size + (w.size - before);
    put_until(&w, &from, streams.bytes + streams.size);
    put_stream(&w, &addition->stream);
    if (!w.full) {
        ts_store_be16(out + PMT_INFO_LENGTH,
                      (uint16_t)((ts_load_be16(in + PMT_INFO_LENGTH) & 0xF000u) | info_length));
    }
    return finish(&w, out_size);
}

ts_status psi_pmt_remove(const uint8_t *in, size_t size, uint16_t elementary_pid, uint8_t *out,
                         size_t capacity, size_t *out_size) {
    const ts_status status = psi_pmt_check(in, size);
    if (status != TS_OK) {
        return status;
    }
    if (!has_elementary_pid(in, elementary_pid)) {
        return TS_NOT_FOUND;
    }
    writer w = start_writing(out, capacity);
    psi_slice loop = psi_pmt_get_elementary_streams(in);
    const uint8_t *from = in;
    put_until(&w, &from, loop.bytes);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == elementary_pid) {
            from = loop.bytes;
        } else {
            put_until(&w, &from, loop.bytes);
        }
    }
    return finish(&w, out_size);
}
