#include "tsloom/random_access.h"

#include <stdlib.h>
#include <string.h>

#include "random_access_internal.h"
#include "tsloom/psi.h"

enum { FIRST_POINTS = 64 };

static void drop_video(ts_random_access *stage, uint16_t pid) {
    free(stage->video[pid]);
    stage->video[pid] = NULL;
}

static size_t find_owner(const ts_video_stream *video, uint16_t program_number) {
    size_t at = 0;
    while (at < video->program_count && video->programs[at] != program_number) {
        at++;
    }
    return at;
}

static void drop_owner(ts_random_access *stage, uint16_t pid, size_t owner) {
    ts_video_stream *video = stage->video[pid];
    if (--video->program_count == 0) {
        drop_video(stage, pid);
        return;
    }
    memmove(video->programs + owner, video->programs + owner + 1,
            (video->program_count - owner) * sizeof video->programs[0]);
}

static ts_status follow_stream(ts_random_access *stage, uint16_t program_number,
                               const psi_elementary_stream *stream) {
    uint16_t pid = stream->elementary_pid;
    if (pid == TS_PID_NULL || !random_access_is_video(stream->stream_type)) {
        return TS_OK;
    }
    if (stage->video[pid] == NULL) {
        stage->video[pid] = calloc(1, sizeof *stage->video[pid]);
        if (stage->video[pid] == NULL) {
            return TS_NO_MEMORY;
        }
        stage->video[pid]->stream_type = stream->stream_type;
        random_access_lose(stage->video[pid]);
    }
    ts_video_stream *video = stage->video[pid];
    const size_t owner = find_owner(video, program_number);
    if (owner == 0 && video->stream_type != stream->stream_type) {
        video->stream_type = stream->stream_type;
        video->state = TS_VIDEO_OUTSIDE;
        random_access_lose(video);
    }
    if (owner == video->program_count && owner < TS_VIDEO_PROGRAMS_MAX) {
        video->programs[video->program_count++] = program_number;
    }
    return TS_OK;
}

static bool lists_video(const uint8_t *pmt, uint16_t pid) {
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    while (psi_elementary_stream_next(&loop, &stream)) {
        if (stream.elementary_pid == pid && random_access_is_video(stream.stream_type)) {
            return true;
        }
    }
    return false;
}

static ts_status follow_pmt(ts_random_access *stage, const ts_demux_section *section) {
    const uint8_t *pmt = section->report->bytes;
    uint16_t number = psi_pmt_get_program_number(pmt);
    const ts_program *program = ts_demux_find_program(&stage->demux, number);
    if (program == NULL || program->pmt_pid != section->pid ||
        (stage->program_number != 0 && stage->program_number != number)) {
        return TS_OK;
    }
    for (uint16_t pid = 0; pid < TS_PID_COUNT; pid++) {
        const ts_video_stream *video = stage->video[pid];
        const size_t owner = video == NULL ? 0 : find_owner(video, number);
        if (video != NULL && owner < video->program_count && !lists_video(pmt, pid)) {
            drop_owner(stage, pid, owner);
        }
    }
    psi_slice loop = psi_pmt_get_elementary_streams(pmt);
    psi_elementary_stream stream;
    ts_status status = TS_OK;
    while (status == TS_OK && psi_elementary_stream_next(&loop, &stream)) {
        status = follow_stream(stage, number, &stream);
    }
    return status;
}

/* The programs that are gone own nothing any more. */
static void follow_pat(ts_random_access *stage) {
    for (uint16_t pid = 0; pid < TS_PID_COUNT; pid++) {
        for (size_t i = stage->video[pid] == NULL ? 0 : stage->video[pid]->program_count;
             i-- > 0;) {
            const uint16_t number = stage->video[pid]->programs[i];
            if (ts_demux_find_program(&stage->demux, number) == NULL) {
                drop_owner(stage, pid, i);
            }
        }
    }
}

static ts_status on_section(void *context, const ts_demux_section *section) {
    ts_random_access *stage = context;
    const ts_section_report *report = section->report;
    if (report->kind != TS_SECTION_COMPLETE || !section->crc_ok || !section->is_new) {
        return TS_OK;
    }
    if (section->role & TS_ROLE_PAT) {
        follow_pat(stage);
        return TS_OK;
    }
    return psi_pmt_check(report->bytes, report->size) == TS_OK &&
                   ts_section_get_current_next_indicator(report->bytes)
               ? follow_pmt(stage, section)
               : TS_OK;
}

ts_status ts_random_access_init(ts_random_access *stage, uint16_t program_number) {
    memset(stage, 0, sizeof *stage);
    stage->program_number = program_number;
    return ts_demux_init(&stage->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CLOCKS, on_section, stage);
}

void ts_random_access_free(ts_random_access *stage) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        drop_video(stage, (uint16_t)pid);
    }
    free(stage->points);
    stage->points = NULL;
    stage->point_count = stage->point_capacity = 0;
    ts_demux_free(&stage->demux);
}

void ts_random_access_clear_points(ts_random_access *stage) {
    stage->point_count = 0;
}

static const ts_clock *get_clock(const random_access_packet *at) {
    const ts_program *program = ts_demux_find_program(&at->stage->demux, at->video->programs[0]);
    const ts_clock *clock = program == NULL ? NULL : at->stage->demux.clock[program->pcr_pid];
    return clock != NULL && clock->started ? clock : NULL;
}

void random_access_set_time(const random_access_packet *at, ts_random_access_point *point) {
    const ts_clock *clock = get_clock(at);
    point->has_time = clock != NULL;
    point->stream_time = clock == NULL ? 0 : ts_clock_get_time(clock, point->packet_index);
}

void random_access_report(const random_access_packet *at, const ts_random_access_point *point) {
    ts_random_access *stage = at->stage;
    const ts_clock *clock = get_clock(at);
    if (stage->point_count == stage->point_capacity) {
        size_t capacity = stage->point_capacity ? stage->point_capacity * 2 : FIRST_POINTS;
        ts_random_access_point *points = realloc(stage->points, capacity * sizeof *points);
        if (points == NULL) {
            stage->status = TS_NO_MEMORY;
            return;
        }
        stage->points = points;
        stage->point_capacity = capacity;
    }
    ts_random_access_point *kept = &stage->points[stage->point_count++];
    *kept = *point;
    if (kept->has_time && kept->has_pts && clock != NULL) {
        kept->presentation_time = ts_clock_pts_to_time(clock, kept->pts_90khz);
    }
}

/* What follows is scrambled: random_access_indicator is all there will be of the access unit that
 * has begun, and of the one that commences in this PES packet. */
static void report_indicator(const random_access_packet *at) {
    if (at->video->begun && at->video->point.random_access_indicator) {
        at->video->point.kind = TS_RANDOM_ACCESS_INDICATOR;
        random_access_report(at, &at->video->point);
        at->video->begun = false;
    }
    const ts_video_timing *timing = &at->video->timing[at->video->pes_packet & 1u];
    if (!timing->random_access_indicator) {
        return;
    }
    ts_random_access_point point = {.kind = TS_RANDOM_ACCESS_INDICATOR,
                                    .program_number = at->video->programs[0],
                                    .pid = at->pid,
                                    .has_pts = timing->has_pts,
                                    .random_access_indicator = true,
                                    .packet_index = at->video->pes_begin,
                                    .pts_90khz = timing->pts_90khz};
    random_access_set_time(at, &point);
    random_access_report(at, &point);
}

static void begin_pes(const random_access_packet *at) {
    ts_video_stream *video = at->video;
    video->pes_packet++;
    video->timing[video->pes_packet & 1u] =
        (ts_video_timing){.random_access_indicator = video->indicated};
    video->indicated = false;
    video->pes_begin = at->packet_index;
    video->state = TS_VIDEO_HEADER;
    video->header_seen = 0;
    video->header_wanted = PES_OPTIONAL_HEADER_SIZE;
    video->lost = false;
}

static void end_header(const random_access_packet *at) {
    ts_video_stream *video = at->video;
    const uint8_t *header = video->header;
    const size_t kept =
        video->header_seen < sizeof video->header ? video->header_seen : sizeof video->header;
    ts_video_timing *timing = &video->timing[video->pes_packet & 1u];
    const ts_status status = pes_get_pts(header, kept, &timing->pts_90khz);
    /* Lead and marker bits that are wrong do not make the PTS another one. */
    timing->has_pts = status == TS_OK || (status == TS_BAD_SYNTAX && pes_has_pts(header, kept));
    video->state = TS_VIDEO_PAYLOAD;
    if (header[6] & 0x30u) { /* PES_scrambling_control */
        report_indicator(at);
        random_access_lose(video);
        video->state = TS_VIDEO_SCRAMBLED;
    }
}

/* Takes what belongs to the PES packet's header and returns how much that is. */
static size_t read_header(const random_access_packet *at, const uint8_t *bytes, size_t size) {
    ts_video_stream *video = at->video;
    size_t used = 0;
    while (used < size && video->header_seen < video->header_wanted) {
        if (video->header_seen < sizeof video->header) {
            video->header[video->header_seen] = bytes[used];
        }
        video->header_seen++;
        used++;
        if (video->header_seen != PES_OPTIONAL_HEADER_SIZE) {
            continue;
        }
        if (!pes_has_optional_header(video->header, PES_OPTIONAL_HEADER_SIZE)) {
            random_access_lose(video);
            video->state = TS_VIDEO_OUTSIDE;
            return used;
        }
        video->header_wanted += video->header[8];
    }
    if (video->header_seen == video->header_wanted) {
        end_header(at);
    }
    return used;
}

static void read_scrambled(const random_access_packet *at, bool starts) {
    ts_video_stream *video = at->video;
    if (starts) {
        begin_pes(at);
    }
    if (video->state != TS_VIDEO_OUTSIDE && video->state != TS_VIDEO_SCRAMBLED) {
        report_indicator(at);
    }
    random_access_lose(video);
    video->state = TS_VIDEO_SCRAMBLED;
}

/* 2.4.3.3: a packet may be sent once more; all but its PCR is the same then. */
static bool is_duplicate(const ts_video_stream *video, const uint8_t *packet) {
    const size_t offset = ts_packet_get_payload_offset(packet);
    return video->started && memcmp(video->last, packet, TS_HEADER_SIZE) == 0 &&
           ts_packet_get_payload_offset(video->last) == offset &&
           memcmp(video->last + offset, packet + offset, TS_PACKET_SIZE - offset) == 0;
}

static void follow_continuity(ts_video_stream *video, const uint8_t *packet) {
    const unsigned expected = (video->last[3] + 1u) & 0x0Fu;
    if (!video->started || (packet[3] & 0x0Fu) != expected) {
        random_access_lose(video);
        video->state = video->state == TS_VIDEO_HEADER ? TS_VIDEO_OUTSIDE : video->state;
    }
    video->started = true;
    memcpy(video->last, packet, TS_PACKET_SIZE);
}

static void read_packet(const random_access_packet *at, const uint8_t *packet) {
    ts_video_stream *video = at->video;
    if ((packet[1] & 0x80u) || ts_packet_has_adaptation_overrun(packet)) {
        return; /* the next continuity_counter shows that it is missing */
    }
    const bool has_payload = (packet[3] & 0x10u) != 0;
    if (has_payload && is_duplicate(video, packet)) {
        return;
    }
    video->indicated = video->indicated || ts_packet_has_random_access(packet);
    if (!has_payload) {
        return;
    }
    follow_continuity(video, packet);
    const bool starts = (packet[1] & 0x40u) != 0;
    if (packet[3] & TS_HEADER_SCRAMBLING) {
        read_scrambled(at, starts);
        return;
    }
    if (starts) {
        begin_pes(at);
    }
    const uint8_t *payload = packet + ts_packet_get_payload_offset(packet);
    size_t size = (size_t)(packet + TS_PACKET_SIZE - payload);
    if (video->state == TS_VIDEO_HEADER) {
        const size_t used = read_header(at, payload, size);
        payload += used;
        size -= used;
    }
    if (video->state == TS_VIDEO_PAYLOAD) {
        random_access_read(at, payload, size);
    }
}

ts_status ts_random_access_process(void *state, ts_batch *batch) {
    ts_random_access *stage = state;
    stage->status = TS_OK;
    for (size_t i = 0; i < batch->count; i++) {
        const uint32_t header = batch->header[i];
        const uint16_t pid = ts_header_get_pid(header);
        const uint8_t *packet = batch->packets + i * TS_PACKET_SIZE;
        const bool is_read = stage->demux.role[pid] != 0 || stage->video[pid] != NULL;
        if (!is_read && !((header & TS_HEADER_ADAPTATION) && ts_packet_has_pcr(packet))) {
            continue;
        }
        const uint64_t packet_index = batch->first_index + batch->position[i];
        const ts_status status = ts_demux_feed_packet(&stage->demux, packet, header, packet_index);
        if (status != TS_OK) {
            return status;
        }
        if (stage->video[pid] != NULL) {
            const random_access_packet at = {stage, stage->video[pid], pid, packet_index};
            read_packet(&at, packet);
        }
    }
    return stage->status;
}
