/* Which streams are modelled, and what their packets bring. */
#include <stdlib.h>

#include "buffers_internal.h"
#include "tsloom/packet.h"
#include "tsloom/pes.h"

enum { FIRST_FREE_PID = 0x0010, PLAIN_PAYLOAD = TS_PACKET_SIZE - TS_HEADER_SIZE };

/* Models ------------------------------------------------------------------------------------ */

static void open_slot(ts_buffers *buffers, const ts_buffer_model *model) {
    const bool is_plain = model->is_ready && model->header_left == 0;
    const unsigned look = is_plain ? 0 : (unsigned)BUFFERS_SLOT_LOOK;
    buffers->slot[model->pid] = (uint16_t)(buffers->model_of[model->pid] | look);
}

/* NULL where there are too many. */
static ts_status add_model(ts_buffers *buffers, uint16_t pid, const ts_tstd_stream *stream,
                           ts_buffer_model **added) {
    *added = NULL;
    if (buffers->model_count == TS_BUFFERS_MODELS) {
        return TS_OK;
    }
    ts_buffer_model *model = calloc(1, sizeof *model);
    if (model == NULL) {
        return TS_NO_MEMORY;
    }
    model->buffers = buffers;
    model->pid = pid;
    model->pcr_pid = TS_PID_NULL;
    model->stream = *stream;
    model->looks = buffers_count_looks(stream);
    model->is_ready = model->looks == 0;
    buffers->models[buffers->model_count++] = model;
    buffers->model_of[pid] = (uint16_t)buffers->model_count;
    *added = model;
    return TS_OK;
}

static ts_buffer_model *get_model(const ts_buffers *buffers, uint16_t pid) {
    const uint16_t number = buffers->model_of[pid];
    return number == 0 ? NULL : buffers->models[number - 1];
}

static bool is_mpeg_video(ts_tstd_codec codec) {
    return codec == TS_TSTD_MPEG1_VIDEO || codec == TS_TSTD_MPEG2_VIDEO;
}

static ts_status follow_stream(ts_buffers *buffers, const psi_elementary_stream *entry,
                               uint16_t pcr_pid) {
    const uint16_t pid = entry->elementary_pid;
    ts_tstd_stream stream;
    if (pid < FIRST_FREE_PID || pid == TS_PID_NULL || buffers->references->pid[pid].pmt) {
        return TS_OK;
    }
    const unsigned assumed = buffers_describe(entry, &stream);
    ts_buffer_model *model = get_model(buffers, pid);
    if (model == NULL || (model->stream.codec != stream.codec &&
                          !(is_mpeg_video(model->stream.codec) && is_mpeg_video(stream.codec)))) {
        const ts_status status = add_model(buffers, pid, &stream, &model);
        if (model == NULL) {
            return status;
        }
        model->assumed = assumed;
    }
    model->pcr_pid = pcr_pid;
    open_slot(buffers, model);
    return TS_OK;
}

static ts_status follow_program(ts_buffers *buffers, uint16_t pmt_pid) {
    const ts_tstd_stream stream = {.codec = TS_TSTD_SECTIONS};
    ts_buffer_model *model = get_model(buffers, pmt_pid);
    if (pmt_pid < FIRST_FREE_PID || pmt_pid == TS_PID_NULL) {
        return TS_OK;
    }
    if (model == NULL || model->assumed & TS_TSTD_ASSUMED_CODEC ||
        model->stream.codec != TS_TSTD_SECTIONS) {
        if (buffers->system_count == TS_BUFFERS_SYSTEMS) {
            return TS_OK;
        }
        const ts_status status = add_model(buffers, pmt_pid, &stream, &model);
        if (model == NULL) {
            return status;
        }
        buffers->systems[buffers->system_count++] = buffers->model_of[pmt_pid];
    }
    open_slot(buffers, model);
    return TS_OK;
}

static void close_gone_slots(ts_buffers *buffers) {
    for (size_t i = 0; i < buffers->model_count; i++) {
        const uint16_t pid = buffers->models[i]->pid;
        const ts_reference *reference = &buffers->references->pid[pid];
        if (!reference->pmt && reference->elementary == 0) {
            buffers->slot[pid] = 0;
        }
    }
}

ts_status ts_buffers_follow(ts_buffers *buffers, const ts_demux_section *section) {
    if (buffers->references->changes == buffers->reference_changes) {
        return TS_OK;
    }
    buffers->reference_changes = buffers->references->changes;
    close_gone_slots(buffers);
    const uint8_t *pmt = section->report->bytes;
    if (ts_section_get_table_id(pmt) != PSI_TABLE_ID_PMT) {
        return TS_OK;
    }
    ts_status status = follow_program(buffers, section->pid);
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream entry;
    while (status == TS_OK && psi_elementary_stream_next(&loop, &entry)) {
        status = follow_stream(buffers, &entry, psi_pmt_get_pcr_pid(pmt));
    }
    return status;
}

/* Packets ----------------------------------------------------------------------------------- */

static bool read_dts(const uint8_t *pes, size_t size, uint64_t *dts) {
    if (!pes_has_pts(pes, size) || pes_get_pts(pes, size, dts) != TS_OK) {
        return false;
    }
    uint64_t own;
    if (pes_has_dts(pes, size) && pes_get_dts(pes, size, &own) == TS_OK) {
        *dts = own;
    }
    return true;
}

/* A PES packet begins. */
static void read_start(ts_buffer_model *model, const uint8_t *pes, size_t size,
                       buffers_payload *payload) {
    size_t header_size;
    model->header_left = 0;
    if (!pes_has_start_code(pes, size) || pes_get_header_size(pes, size, &header_size) != TS_OK) {
        return;
    }
    payload->header_size = header_size < size ? header_size : size;
    payload->data_size = size - payload->header_size;
    payload->has_unit = read_dts(pes, size, &payload->dts_90khz);
    model->header_left = (uint16_t)(header_size - payload->header_size);
    if (!model->is_ready) {
        model->looks--;
        model->is_ready = buffers_read_parameters(pes + payload->header_size, payload->data_size,
                                                  &model->stream) ||
                          model->looks == 0;
    }
}

static void go_on_with_header(ts_buffer_model *model, buffers_payload *payload) {
    const size_t left = model->header_left;
    payload->header_size = left < payload->data_size ? left : payload->data_size;
    payload->data_size -= payload->header_size;
    model->header_left = (uint16_t)(left - payload->header_size);
}

static bool is_repeated(const ts_marked *marked) {
    return (marked->marks & TS_MARK_DUPLICATE) ||
           ((marked->marks & TS_MARK_CONTINUITY_ERROR) && marked->missing == 0);
}

/* Of a repeated packet nothing goes on behind TB (2.4.2.3). */
ts_status ts_buffers_queue_listed(ts_buffers *buffers, const ts_batch *batch,
                                  const ts_marked *marked) {
    const uint32_t header = batch->header[marked->index];
    const uint16_t pid = ts_header_get_pid(header);
    const unsigned number = buffers->slot[pid] & ~(unsigned)BUFFERS_SLOT_LOOK;
    const uint8_t *packet = batch->packets + (size_t)marked->index * TS_PACKET_SIZE;
    const uint64_t packet_index = batch->first_index + batch->position[marked->index];
    buffers_payload payload = {0};
    if (number == 0 || (header & TS_HEADER_TEI)) {
        return TS_OK;
    }
    if ((header & TS_HEADER_PAYLOAD) && !is_repeated(marked)) {
        const size_t offset =
            header & TS_HEADER_ADAPTATION ? ts_packet_get_payload_offset(packet) : TS_HEADER_SIZE;
        payload.data_size = TS_PACKET_SIZE - offset;
        packet += offset;
    }
    if (number == BUFFERS_SLOT_SYSTEMS) {
        return buffers_push(buffers, packet_index, number, &payload);
    }
    ts_buffer_model *model = buffers->models[number - 1];
    if (marked->marks & TS_MARK_CONTINUITY_ERROR) {
        model->header_left = 0;
    }
    if (model->stream.codec != TS_TSTD_SECTIONS && payload.data_size > 0) {
        if (!(header & TS_HEADER_PUSI)) {
            go_on_with_header(model, &payload);
        } else if (!(header & TS_HEADER_SCRAMBLING)) {
            read_start(model, packet, payload.data_size, &payload);
        }
        open_slot(buffers, model);
    }
    return model->is_ready ? buffers_push(buffers, packet_index, number, &payload) : TS_OK;
}

/* One without adaptation field whose PES header goes on in it, or that comes too early. */
static ts_status look(ts_buffers *buffers, uint16_t pid, uint64_t packet_index,
                      buffers_payload *payload) {
    ts_buffer_model *model = get_model(buffers, pid);
    if (!model->is_ready) {
        return TS_OK;
    }
    go_on_with_header(model, payload);
    open_slot(buffers, model);
    return buffers_push(buffers, packet_index, buffers->model_of[pid], payload);
}

ts_status ts_buffers_queue(ts_buffers *buffers, const ts_batch *batch, size_t from, size_t to) {
    ts_status status = TS_OK;
    for (size_t i = from; i < to && status == TS_OK; i++) {
        const uint32_t header = batch->header[i];
        const uint16_t pid = ts_header_get_pid(header);
        const unsigned slot = buffers->slot[pid];
        if (slot == 0 || (header & TS_HEADER_TEI)) {
            continue;
        }
        buffers_payload payload = {.data_size = header & TS_HEADER_PAYLOAD ? PLAIN_PAYLOAD : 0};
        const uint64_t packet_index = batch->first_index + batch->position[i];
        status = slot & BUFFERS_SLOT_LOOK ? look(buffers, pid, packet_index, &payload)
                                          : buffers_push(buffers, packet_index, slot, &payload);
    }
    return status;
}
