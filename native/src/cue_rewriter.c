#include "tsloom/cue_rewriter.h"

#include <stdlib.h>
#include <string.h>

#include "cue_rewriter_internal.h"
#include "tsloom/crc32.h"
#include "tsloom/psi.h"
#include "tsloom/scte35.h"

/* Places in a splice_info_section (9.6). */
enum { PROTOCOL_VERSION_OFFSET = 3, PTS_ADJUSTMENT_OFFSET = 4 };

static ts_status collect(ts_cue_rewriter *stage, const ts_demux_section *section) {
    const ts_section_report *report = section->report;
    if (stage->section_count == stage->section_capacity) {
        const size_t capacity = stage->section_capacity ? stage->section_capacity * 2 : 4;
        ts_passing_section *sections = realloc(stage->sections, capacity * sizeof *sections);
        if (sections == NULL) {
            return TS_NO_MEMORY;
        }
        stage->sections = sections;
        stage->section_capacity = capacity;
    }
    ts_passing_section *passing = &stage->sections[stage->section_count++];
    memcpy(passing->bytes, report->bytes, report->size);
    passing->size = report->size;
    passing->is_asked = stage->asked[ts_section_get_table_id(report->bytes)];
    passing->crc_ok = section->crc_ok;
    passing->has_time = section->has_time;
    passing->verdict = TS_CUE_KEEP;
    passing->pid = section->pid;
    passing->packet_index = report->last_packet;
    passing->stream_time = section->stream_time;
    passing->pts_90khz = section->pts_90khz;
    return TS_OK;
}

static ts_status on_section(void *context, const ts_demux_section *section) {
    ts_cue_rewriter *stage = context;
    return section->report->kind == TS_SECTION_COMPLETE && section->pid == stage->reading
               ? collect(stage, section)
               : TS_OK;
}

ts_status ts_cue_rewriter_init(ts_cue_rewriter *stage, uint16_t program_number) {
    memset(stage, 0, sizeof *stage);
    stage->program_number = program_number;
    stage->room = TS_ROOM_NULLS_THEN_ADD;
    stage->reading = TS_PID_NULL;
    stage->asked[SCTE35_TABLE_ID] = 1;
    ts_rewriter_init(&stage->rewriter);
    return ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                         on_section, stage);
}

void ts_cue_rewriter_free(ts_cue_rewriter *stage) {
    ts_demux_free(&stage->demux);
    ts_rewriter_free(&stage->rewriter);
    free(stage->changes);
    free(stage->sections);
    free(stage->dropped);
    stage->changes = NULL;
    stage->sections = NULL;
    stage->dropped = NULL;
}

ts_status ts_cue_rewriter_name(ts_cue_rewriter *stage, uint16_t pid) {
    const ts_status status = ts_demux_watch(&stage->demux, pid);
    if (status == TS_OK) {
        stage->named[pid] = 1;
    }
    return status;
}

ts_status ts_cue_rewriter_set_offset(ts_cue_rewriter *stage, uint64_t pts_offset,
                                     uint64_t packet_index) {
    if (pts_offset >= TS_PTS_MODULUS) {
        return TS_BAD_ARGUMENT;
    }
    if (packet_index == 0) {
        stage->pts_offset = pts_offset;
        return TS_OK;
    }
    if (stage->change_count == stage->change_capacity) {
        const size_t capacity = stage->change_capacity ? stage->change_capacity * 2 : 8;
        ts_offset_change *changes = realloc(stage->changes, capacity * sizeof *changes);
        if (changes == NULL) {
            return TS_NO_MEMORY;
        }
        stage->changes = changes;
        stage->change_capacity = capacity;
    }
    size_t at = stage->change_count++;
    for (; at > 0 && stage->changes[at - 1].packet_index > packet_index; at--) {
        stage->changes[at] = stage->changes[at - 1];
    }
    stage->changes[at] = (ts_offset_change){packet_index, pts_offset};
    return TS_OK;
}

static void follow_offset(ts_cue_rewriter *stage, uint64_t packet_index) {
    size_t done = 0;
    while (done < stage->change_count && stage->changes[done].packet_index <= packet_index) {
        stage->pts_offset = stage->changes[done++].pts_offset;
    }
    if (done > 0) {
        stage->change_count -= done;
        memmove(stage->changes, stage->changes + done,
                stage->change_count * sizeof *stage->changes);
    }
}

ts_status ts_cue_rewriter_answer(ts_cue_rewriter *stage, size_t section, ts_cue_verdict verdict,
                                 const uint8_t *bytes, size_t size) {
    if (section >= stage->section_count || !stage->sections[section].is_asked ||
        (verdict == TS_CUE_REPLACE && (size == 0 || size > TS_SECTION_MAX))) {
        return TS_BAD_ARGUMENT;
    }
    ts_passing_section *passing = &stage->sections[section];
    passing->verdict = verdict;
    if (verdict == TS_CUE_REPLACE) {
        memcpy(passing->bytes, bytes, size);
        passing->size = size;
        passing->crc_ok = psi_check_crc(bytes, size) == TS_OK;
    }
    return TS_OK;
}

/* pts_adjustment stays in the clear where the rest is encrypted, and CRC_32 is over what is sent
 * (9.6, 11): both can be written anew without a key. */
static void restamp(ts_cue_rewriter *stage, ts_passing_section *passing) {
    uint8_t *bytes = passing->bytes;
    uint8_t *field = bytes + PTS_ADJUSTMENT_OFFSET;
    if (stage->pts_offset == 0 || !passing->crc_ok || passing->size < SCTE35_SECTION_SIZE_MIN ||
        ts_section_get_table_id(bytes) != SCTE35_TABLE_ID || bytes[PROTOCOL_VERSION_OFFSET] != 0) {
        return;
    }
    uint64_t adjustment = ((uint64_t)(field[0] & 1u) << 32) | ts_load_be32(field + 1);
    adjustment = (adjustment + stage->pts_offset) & (TS_PTS_MODULUS - 1);
    field[0] = (uint8_t)((field[0] & 0xFEu) | adjustment >> 32);
    ts_store_be32(field + 1, (uint32_t)adjustment);
    const size_t end = passing->size - TS_SECTION_CRC_SIZE;
    ts_store_be32(bytes + end, ts_crc32(bytes, end));
    stage->restamped_sections++;
}

/* Sends what the sections have become. */
static void settle_sections(ts_cue_rewriter *stage, uint16_t pid) {
    for (size_t i = 0; i < stage->section_count; i++) {
        ts_passing_section *passing = &stage->sections[i];
        if (passing->verdict == TS_CUE_REMOVE) {
            stage->removed_sections++;
            continue;
        }
        stage->replaced_sections += passing->verdict == TS_CUE_REPLACE;
        if (passing->is_asked) {
            restamp(stage, passing);
        }
        ts_rewriter_push(&stage->rewriter, pid, passing->bytes, passing->size);
    }
    stage->section_count = 0;
}

static bool is_selected(const ts_cue_rewriter *stage, uint16_t pid) {
    const bool is_of_program =
        stage->program_number == 0 || stage->demux.cue_owner[pid] == stage->program_number;
    return stage->named[pid] ||
           (!stage->named_only && (stage->demux.role[pid] & TS_ROLE_CUES) && is_of_program);
}

/* A PID is taken over where a section starts: what has begun before goes on as it came. */
static ts_status take_over(ts_cue_rewriter *stage, uint16_t pid, uint32_t header) {
    if (ts_rewriter_has(&stage->rewriter, pid) || !(header & TS_HEADER_PUSI)) {
        return TS_OK;
    }
    stage->taken[stage->taken_count++] = pid;
    const ts_status status =
        ts_rewriter_take_over(&stage->rewriter, pid, pid, ts_header_get_payload_cc(header));
    stage->taken_count -= status != TS_OK;
    return status;
}

/* An adaptation field alone: it stays, and the counter stands (2.4.3.3). */
static void pass_adaptation(ts_cue_rewriter *stage, ts_batch *batch, size_t index) {
    const ts_section_queue *queue =
        &stage->rewriter.pid[ts_header_get_pid(batch->header[index])]->queue;
    batch->header[index] =
        (batch->header[index] & ~TS_HEADER_CC) | ((queue->continuity_counter - 1u) & TS_HEADER_CC);
    ts_store_be32(batch->packets + index * TS_PACKET_SIZE, batch->header[index]);
}

/* Puts what the packet's sections have become in its place. */
static ts_status fill(ts_cue_rewriter *stage, ts_batch *batch, size_t index) {
    const uint16_t pid = ts_header_get_pid(batch->header[index]);
    const uint64_t packet_index = batch->first_index + batch->position[index];
    follow_offset(stage, packet_index);
    settle_sections(stage, pid);
    ts_rewriter_fill(&stage->rewriter, batch, index);
    cue_note_backlog(stage, pid, packet_index);
    if (stage->has_backlog && ts_header_get_pid(batch->header[index]) == TS_PID_NULL) {
        const ts_status status = cue_serve_backlog(stage, batch, index);
        if (status != TS_OK) {
            return status;
        }
    }
    const bool is_free = ts_header_get_pid(batch->header[index]) == TS_PID_NULL;
    return is_free && stage->drops_freed ? cue_drop(stage, index) : TS_OK;
}

static bool has_question(const ts_cue_rewriter *stage) {
    bool found = false;
    for (size_t i = 0; i < stage->section_count; i++) {
        found = found || stage->sections[i].is_asked;
    }
    return found && stage->asks;
}

/* A packet of a PID that is taken over, or of one that tells of programs and clocks. */
static ts_status read_packet(ts_cue_rewriter *stage, ts_batch *batch, size_t index) {
    const uint32_t header = batch->header[index];
    const uint16_t pid = ts_header_get_pid(header);
    const uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    const uint64_t packet_index = batch->first_index + batch->position[index];
    const bool has_sections = ts_header_has_cc(header) && (header & TS_HEADER_PAYLOAD) &&
                              !(header & TS_HEADER_SCRAMBLING) && is_selected(stage, pid);
    ts_status status = has_sections ? take_over(stage, pid, header) : TS_OK;
    if (status != TS_OK) {
        return status;
    }
    const bool is_taken = ts_rewriter_has(&stage->rewriter, pid);
    stage->reading = has_sections && is_taken ? pid : TS_PID_NULL;
    status = ts_demux_feed_packet(&stage->demux, packet, header, packet_index);
    if (status != TS_OK || !is_taken || !ts_header_has_cc(header)) {
        return status;
    }
    if (has_sections) {
        return has_question(stage) ? TS_WANTS_CONTROL : fill(stage, batch, index);
    }
    if (is_selected(stage, pid) && !(header & TS_HEADER_PAYLOAD)) {
        pass_adaptation(stage, batch, index);
    } else {
        stage->lost_sections += stage->rewriter.pid[pid]->queue.section_count;
        ts_rewriter_pass(&stage->rewriter, batch, index);
    }
    return TS_OK;
}

static ts_status process_packet(ts_cue_rewriter *stage, ts_batch *batch, size_t index) {
    const uint32_t header = batch->header[index];
    const uint16_t pid = ts_header_get_pid(header);
    const uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    ts_status status = TS_OK;
    if (stage->resumed) {
        stage->resumed = false;
        status = fill(stage, batch, index);
    } else if (stage->demux.role[pid] != 0 || ts_rewriter_has(&stage->rewriter, pid) ||
               ((header & TS_HEADER_ADAPTATION) && ts_packet_has_pcr(packet))) {
        status = read_packet(stage, batch, index);
    }
    if (status == TS_WANTS_CONTROL) {
        stage->resumed = true;
    }
    stage->last_index = batch->first_index + batch->position[index];
    return status == TS_OK && stage->has_backlog ? cue_serve_backlog(stage, batch, index) : status;
}

ts_status ts_cue_rewriter_process(void *state, ts_batch *batch) {
    ts_cue_rewriter *stage = state;
    for (; stage->at < batch->count; stage->at++) {
        const ts_status status = process_packet(stage, batch, stage->at);
        if (status != TS_OK) {
            return status;
        }
    }
    stage->at = 0;
    cue_edit_batch(stage, batch);
    return TS_OK;
}

/* What still waits for room leaves, if packets may be added. */
ts_status ts_cue_rewriter_finish(void *state, ts_batch *batch) {
    ts_cue_rewriter *stage = state;
    if (batch->count == 0) {
        batch->first_index = stage->last_index;
    }
    for (size_t i = 0; i < stage->taken_count; i++) {
        ts_section_queue *queue = &stage->rewriter.pid[stage->taken[i]]->queue;
        if (stage->room == TS_ROOM_NULLS) {
            stage->lost_sections += queue->section_count;
            ts_section_queue_clear(queue);
        }
        while (!ts_section_queue_is_empty(queue)) {
            const ts_status status = ts_batch_reserve(batch, batch->count + 1);
            if (status != TS_OK) {
                return status;
            }
            uint8_t *packet = batch->packets + batch->count * TS_PACKET_SIZE;
            ts_section_queue_pop(queue, packet);
            batch->header[batch->count] = ts_load_be32(packet);
            batch->position[batch->count] =
                batch->count > 0 ? batch->position[batch->count - 1] : 0;
            batch->count++;
        }
    }
    return TS_OK;
}
