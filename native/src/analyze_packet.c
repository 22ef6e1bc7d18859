/* What single packets and sections say. */
#include <stdlib.h>

#include "analyze_internal.h"
#include "tsloom/packet.h"
#include "tsloom/pes.h"

static void note_event(ts_analyzer *analyzer, uint64_t packet_index, uint16_t pid, unsigned marks,
                       uint8_t missing) {
    if (analyzer->event_count == TS_ANALYZER_EVENTS) {
        analyzer->lost_events++;
        return;
    }
    analyzer->events[analyzer->event_count++] =
        (ts_stream_event){packet_index, pid, (uint16_t)marks, missing};
}

static ts_status see(ts_analyzer *analyzer, ts_sighting_kind kind, uint64_t packet_index,
                     uint16_t pid, uint64_t value) {
    const ts_sighting sighting = {
        .packet_index = packet_index, .value = value, .pid = pid, .kind = (uint8_t)kind};
    return ts_timeline_see(&analyzer->timeline, &sighting);
}

/* Errors and announcements. */
static ts_status count_marks(ts_analyzer *analyzer, const ts_batch *batch, const ts_marked *marked,
                             uint64_t packet_index) {
    uint16_t pid = ts_header_get_pid(batch->header[marked->index]);
    ts_pid_counters *counters = &analyzer->counters[pid];
    unsigned marks = marked->marks;
    ts_status status = TS_OK;
    counters->duplicates += (marks & TS_MARK_DUPLICATE) != 0;
    if (marks & TS_MARK_FIRST) {
        status = see(analyzer, TS_SIGHT_FIRST, packet_index, pid, 0);
    }
    if ((marks & TS_MARK_CONTINUITY_ERROR) && status == TS_OK) {
        counters->continuity_errors++;
        note_event(analyzer, packet_index, pid, TS_MARK_CONTINUITY_ERROR, marked->missing);
        status = see(analyzer, TS_SIGHT_CONTINUITY, packet_index, pid, marked->missing);
    }
    if ((marks & TS_MARK_TRANSPORT_ERROR) && status == TS_OK) {
        counters->transport_errors++;
        note_event(analyzer, packet_index, pid, TS_MARK_TRANSPORT_ERROR, 0);
        status = see(analyzer, TS_SIGHT_TRANSPORT_ERROR, packet_index, pid, 0);
    }
    if (marks & TS_MARK_DISCONTINUITY) {
        counters->discontinuities++;
        note_event(analyzer, packet_index, pid, TS_MARK_DISCONTINUITY, 0);
    }
    if ((marks & TS_MARK_ADAPTATION) &&
        ts_packet_has_adaptation_overrun(batch->packets + (size_t)marked->index * TS_PACKET_SIZE)) {
        counters->adaptation_errors++;
        note_event(analyzer, packet_index, pid, 0, 0);
    }
    return status;
}

/* 2.4 is an error where byte position tells time; elsewhere the figures say that they estimate. */
static void take_pcr_verdict(void *context, const ts_pcr_verdict *verdict) {
    const ts_measured_pcr *pcr = context;
    ts_analyzer *analyzer = pcr->analyzer;
    if (verdict->kind != TS_PCR_ACCURACY || !verdict->error ||
        analyzer->references.pid[pcr->pid].pcr == 0 ||
        ts_pcr_figures_get_rate(&pcr->measure.total) != TS_PCR_RATE_CONSTANT) {
        return;
    }
    const ts_occurrence what = {
        .packet_index = verdict->packet_index,
        .time = ts_timeline_get_time(&analyzer->timeline, verdict->packet_index),
        .seen = (int64_t)verdict->deviation_ns,
        .allowed = TS_PCR_AC_LIMIT_NS,
        .pid = pcr->pid,
        .has_time = analyzer->timeline.measured};
    ts_tr101290_raise(&analyzer->tr, TS_INDICATOR_BIT(TS_PCR_ACCURACY_ERROR), &what);
}

static ts_status measure_pcr(ts_analyzer *analyzer, const ts_sighting *sighting) {
    ts_measured_pcr *pcr = analyzer->pcr[sighting->pid];
    if (pcr == NULL) {
        if (analyzer->pcr_pids == TS_ANALYZER_PCR_PIDS) {
            return TS_OK;
        }
        pcr = malloc(sizeof *pcr);
        if (pcr == NULL) {
            return TS_NO_MEMORY;
        }
        pcr->analyzer = analyzer;
        pcr->pid = sighting->pid;
        const ts_pcr_config config = {.sink = take_pcr_verdict, .context = pcr};
        ts_pcr_measure_init(&pcr->measure, &config);
        analyzer->pcr[sighting->pid] = pcr;
        analyzer->pcr_pids++;
    }
    ts_pcr_measure_feed(&pcr->measure, sighting->packet_index, sighting->value,
                        (sighting->flags & TS_SIGHT_DISCONTINUITY) != 0, sighting->arrival);
    return TS_OK;
}

static ts_status take_pcr(ts_analyzer *analyzer, const ts_batch *batch, size_t to, size_t index) {
    const uint8_t *packet = batch->packets + index * TS_PACKET_SIZE;
    const ts_timeline *timeline = &analyzer->timeline;
    ts_sighting sighting = {
        .packet_index = batch->first_index + batch->position[index],
        .value = ts_packet_get_pcr(packet),
        .arrival = ts_batch_get_arrival(batch, batch->first_index + batch->position[index]),
        .pid = ts_header_get_pid(batch->header[index]),
        .kind = TS_SIGHT_PCR,
        .flags = ts_packet_has_discontinuity(packet) ? (uint8_t)TS_SIGHT_DISCONTINUITY : 0};
    if (sighting.arrival != TS_NO_ARRIVAL) {
        sighting.flags |= TS_SIGHT_ARRIVED;
    }
    ts_status status = ts_timeline_see(&analyzer->timeline, &sighting);
    status = status == TS_OK ? measure_pcr(analyzer, &sighting) : status;
    if (sighting.pid == timeline->reference_pid && timeline->measured) {
        uint64_t counted = analyzer->counted - (to - index - 1);
        ts_bitrates_see(&analyzer->bitrates, timeline->clock.stream_time, counted,
                        &analyzer->continuity, batch->header + index + 1, to - index - 1);
    }
    return status;
}

static ts_timestamps *get_timestamps(ts_analyzer *analyzer, uint16_t pid) {
    if (analyzer->timestamps[pid] == NULL) {
        ts_timestamps *timestamps = malloc(TS_SPANS * sizeof *timestamps);
        for (size_t span = 0; span < TS_SPANS && timestamps != NULL; span++) {
            ts_timestamps_init(&timestamps[span]);
        }
        analyzer->timestamps[pid] = timestamps;
    }
    return analyzer->timestamps[pid];
}

static ts_status take_start(ts_analyzer *analyzer, const uint8_t *packet, uint16_t pid,
                            uint64_t packet_index) {
    size_t offset = ts_packet_get_payload_offset(packet);
    const uint8_t *pes = packet + offset;
    size_t size = TS_PACKET_SIZE - offset;
    uint64_t pts;
    uint64_t dts;
    if (!pes_has_pts(pes, size) || pes_get_pts(pes, size, &pts) != TS_OK) {
        return TS_OK;
    }
    ts_timestamps *timestamps = get_timestamps(analyzer, pid);
    if (timestamps == NULL) {
        return TS_NO_MEMORY;
    }
    if (!pes_has_dts(pes, size) || pes_get_dts(pes, size, &dts) != TS_OK) {
        dts = pts;
    }
    for (size_t span = 0; span < TS_SPANS; span++) {
        ts_timestamps_see(&timestamps[span], pts, dts);
    }
    return see(analyzer, TS_SIGHT_PTS, packet_index, pid, pts);
}

ts_status analyzer_take_marked(ts_analyzer *analyzer, const ts_batch *batch, size_t to,
                               const ts_marked *marked) {
    const uint8_t *packet = batch->packets + (size_t)marked->index * TS_PACKET_SIZE;
    uint32_t header = batch->header[marked->index];
    uint16_t pid = ts_header_get_pid(header);
    uint64_t packet_index = batch->first_index + batch->position[marked->index];
    unsigned marks = marked->marks;
    ts_status status = TS_OK;
    if (marks & ~(unsigned)TS_MARK_START) {
        status = count_marks(analyzer, batch, marked, packet_index);
    }
    if (status != TS_OK || (header & TS_HEADER_TEI) || pid == TS_PID_NULL) {
        return status;
    }
    if ((marks & TS_MARK_SCRAMBLING) && (header & TS_HEADER_SCRAMBLING) &&
        analyzer->demux.role[pid] == 0) {
        status = see(analyzer, TS_SIGHT_SCRAMBLED, packet_index, pid, 0);
    }
    if ((marks & TS_MARK_ADAPTATION) && status == TS_OK && ts_packet_has_pcr(packet)) {
        status = take_pcr(analyzer, batch, to, marked->index);
    }
    bool is_clear = (header & TS_HEADER_PAYLOAD) && !(header & TS_HEADER_SCRAMBLING);
    if ((marks & TS_MARK_START) && status == TS_OK && is_clear && !(marks & TS_MARK_DUPLICATE)) {
        status = take_start(analyzer, packet, pid, packet_index);
    }
    return status;
}

ts_status analyzer_note_section_packet(ts_analyzer *analyzer, const ts_batch *batch, size_t index) {
    uint32_t header = batch->header[index];
    uint16_t pid = ts_header_get_pid(header);
    uint64_t packet_index = batch->first_index + batch->position[index];
    if (header & TS_HEADER_TEI) {
        return TS_OK;
    }
    ts_status status = TS_OK;
    if (header & TS_HEADER_SCRAMBLING) {
        status = see(analyzer, TS_SIGHT_SCRAMBLED, packet_index, pid, 0);
    }
    if (pid == TS_PID_PAT && status == TS_OK) {
        status = see(analyzer, TS_SIGHT_PAT_PACKET, packet_index, pid, 0);
    }
    return status;
}

static ts_status see_section(ts_analyzer *analyzer, const ts_demux_section *section) {
    const uint8_t *bytes = section->report->bytes;
    ts_sighting sighting = {.packet_index = section->report->last_packet,
                            .first_packet = section->report->first_packet,
                            .pid = section->pid,
                            .kind = section->crc_ok ? (uint8_t)TS_SIGHT_SECTION
                                                    : (uint8_t)TS_SIGHT_CRC_ERROR,
                            .table_id = ts_section_get_table_id(bytes)};
    if (ts_section_has_syntax(bytes) && section->report->size >= TS_SECTION_LONG_HEADER_SIZE) {
        sighting.table_id_extension = ts_section_get_table_id_extension(bytes);
        sighting.section_number = ts_section_get_section_number(bytes);
    }
    return ts_timeline_see(&analyzer->timeline, &sighting);
}

ts_status analyzer_take_section(void *context, const ts_demux_section *section) {
    ts_analyzer *analyzer = context;
    ts_status status = ts_recorder_keep(&analyzer->recorder, section);
    if (status != TS_OK || section->report->kind != TS_SECTION_COMPLETE) {
        return status;
    }
    status = ts_references_follow(&analyzer->references, &analyzer->demux, section);
    if (status == TS_OK && analyzer->buffers != NULL) {
        status = ts_buffers_follow(analyzer->buffers, section);
    }
    return status == TS_OK ? see_section(analyzer, section) : status;
}

static void compare_with_clock(ts_analyzer *analyzer, const ts_sighting *sighting) {
    const ts_reference *reference = &analyzer->references.pid[sighting->pid];
    const ts_clock *clock = analyzer->demux.clock[reference->pcr_pid];
    if (reference->elementary != 0 && clock != NULL && clock->rate_packets != 0) {
        int64_t time = ts_clock_get_time(clock, sighting->packet_index);
        for (size_t span = 0; span < TS_SPANS; span++) {
            ts_timestamps_compare(&analyzer->timestamps[sighting->pid][span], sighting->value,
                                  ts_clock_time_to_pts(clock, time));
        }
    }
}

ts_status analyzer_take_sighting(void *context, const ts_sighting *sighting) {
    ts_analyzer *analyzer = context;
    if (sighting->kind == TS_SIGHT_PTS) {
        compare_with_clock(analyzer, sighting);
    }
    if (analyzer->buffers != NULL) {
        ts_status status = ts_buffers_see(analyzer->buffers, sighting);
        if (status != TS_OK) {
            return status;
        }
    }
    return ts_tr101290_see(&analyzer->tr, sighting);
}
