#include "tsloom/analyze.h"

#include <stdlib.h>
#include <string.h>

#include "analyze_internal.h"
#include "tsloom/packet.h"

ts_status ts_analyzer_init(ts_analyzer *analyzer) {
    memset(analyzer, 0, sizeof *analyzer);
    ts_recorder_init(&analyzer->recorder, TS_RECORD_CHANGES);
    ts_references_init(&analyzer->references);
    ts_timeline_init(&analyzer->timeline, analyzer_take_sighting, analyzer);
    ts_tr101290_init(&analyzer->tr, &analyzer->timeline, &analyzer->references,
                     &analyzer->continuity);
    analyzer->marked = malloc(TS_ANALYZER_BLOCK * sizeof *analyzer->marked);
    const ts_status statuses[] = {
        ts_continuity_init(&analyzer->continuity),
        ts_bitrates_init(&analyzer->bitrates, TS_PCR_HZ),
        ts_demux_init(&analyzer->demux, TS_FOLLOW_PROGRAMS | TS_FOLLOW_CUES | TS_FOLLOW_CLOCKS,
                      analyzer_take_section, analyzer),
        analyzer->marked == NULL ? TS_NO_MEMORY : TS_OK,
    };
    ts_continuity_watch_starts(&analyzer->continuity);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (statuses[i] != TS_OK) {
            return statuses[i];
        }
    }
    return TS_OK;
}

void ts_analyzer_free(ts_analyzer *analyzer) {
    free(analyzer->marked);
    analyzer->marked = NULL;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (analyzer->timestamps[pid] != NULL) {
            free(analyzer->timestamps[pid]);
            analyzer->timestamps[pid] = NULL;
        }
        if (analyzer->pcr[pid] != NULL) {
            free(analyzer->pcr[pid]);
            analyzer->pcr[pid] = NULL;
        }
    }
    if (analyzer->buffers != NULL) {
        ts_buffers_free(analyzer->buffers);
        free(analyzer->buffers);
        analyzer->buffers = NULL;
    }
    if (analyzer->formats != NULL) {
        ts_elementary_stage_free(analyzer->formats);
        free(analyzer->formats);
        analyzer->formats = NULL;
    }
    ts_continuity_free(&analyzer->continuity);
    ts_bitrates_free(&analyzer->bitrates);
    ts_tr101290_free(&analyzer->tr);
    ts_timeline_free(&analyzer->timeline);
    ts_references_free(&analyzer->references);
    ts_demux_free(&analyzer->demux);
    ts_recorder_free(&analyzer->recorder);
}

ts_status ts_analyzer_model_buffers(ts_analyzer *analyzer) {
    if (analyzer->buffers == NULL) {
        analyzer->buffers = malloc(sizeof *analyzer->buffers);
        if (analyzer->buffers == NULL) {
            return TS_NO_MEMORY;
        }
        ts_buffers_init(analyzer->buffers, &analyzer->timeline, &analyzer->references,
                        &analyzer->tr);
    }
    return TS_OK;
}

ts_status ts_analyzer_read_formats(ts_analyzer *analyzer) {
    if (analyzer->formats != NULL) {
        return TS_OK;
    }
    analyzer->formats = malloc(sizeof *analyzer->formats);
    return analyzer->formats == NULL ? TS_NO_MEMORY : ts_elementary_stage_init(analyzer->formats);
}

static ts_status read_formats(ts_analyzer *analyzer, const ts_batch *batch, size_t to) {
    size_t from = analyzer->formats_done;
    if (analyzer->formats == NULL) {
        return TS_OK;
    }
    analyzer->formats_done = to;
    return ts_elementary_stage_process_some(analyzer->formats, batch, from, to);
}

static void watch_sections(ts_analyzer *analyzer) {
    if (analyzer->role_changes == analyzer->demux.role_changes) {
        return;
    }
    analyzer->role_changes = analyzer->demux.role_changes;
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (analyzer->demux.role[pid] != 0) {
            ts_continuity_watch(&analyzer->continuity, (uint16_t)pid);
        }
    }
}

/* Packets go to the decoder model in order, each before a section that ends in it takes effect. */
static ts_status model_packets(ts_analyzer *analyzer, const ts_batch *batch, size_t to) {
    size_t from = analyzer->modelled;
    if (analyzer->buffers == NULL || from >= to) {
        return TS_OK;
    }
    analyzer->modelled = to;
    return ts_buffers_queue(analyzer->buffers, batch, from, to);
}

static ts_status take_marked(ts_analyzer *analyzer, const ts_batch *batch, size_t to,
                             const ts_marked *marked) {
    ts_status status = model_packets(analyzer, batch, marked->index);
    status = status == TS_OK ? analyzer_take_marked(analyzer, batch, to, marked) : status;
    if (analyzer->buffers == NULL || status != TS_OK) {
        return status;
    }
    analyzer->modelled = (size_t)marked->index + 1;
    return ts_buffers_queue_listed(analyzer->buffers, batch, marked);
}

static ts_status feed_demux(ts_analyzer *analyzer, const ts_batch *batch, size_t index) {
    ts_status modelled = model_packets(analyzer, batch, index + 1);
    if (modelled != TS_OK) {
        return modelled;
    }
    uint32_t header = batch->header[index];
    if (analyzer->demux.role[ts_header_get_pid(header)] == 0) {
        if (!(header & TS_HEADER_ADAPTATION)) {
            return TS_OK;
        }
    } else {
        ts_status status = analyzer_note_section_packet(analyzer, batch, index);
        if (status != TS_OK) {
            return status;
        }
    }
    return ts_demux_feed_packet(&analyzer->demux, batch->packets + index * TS_PACKET_SIZE, header,
                                batch->first_index + batch->position[index]);
}

/* Sections stand in listed packets only, until a table names new PIDs: what follows in the block is
 * then looked through in full. */
static ts_status take_block(ts_analyzer *analyzer, const ts_batch *batch, size_t to,
                            const ts_marked *marked, size_t listed) {
    size_t begin = to;
    for (size_t i = 0; i < listed; i++) {
        size_t index = marked[i].index;
        for (size_t between = begin; between < index; between++) {
            ts_status status = feed_demux(analyzer, batch, between);
            if (status != TS_OK) {
                return status;
            }
        }
        ts_status status = take_marked(analyzer, batch, to, &marked[i]);
        status = status == TS_OK ? feed_demux(analyzer, batch, index) : status;
        if (status != TS_OK) {
            return status;
        }
        if (begin <= index || analyzer->demux.role_changes != analyzer->role_changes) {
            begin = index + 1;
        }
    }
    for (; begin < to; begin++) {
        ts_status status = feed_demux(analyzer, batch, begin);
        if (status != TS_OK) {
            return status;
        }
    }
    return model_packets(analyzer, batch, to);
}

static ts_status end_block(ts_analyzer *analyzer) {
    ts_tr101290_end_block(&analyzer->tr, analyzer->packets);
    const bool arrived = analyzer->last_arrival != TS_NO_ARRIVAL;
    const ts_sighting block = {.packet_index = analyzer->last_index,
                               .value = analyzer->packets,
                               .arrival = analyzer->last_arrival,
                               .pid = TS_PID_NULL,
                               .kind = TS_SIGHT_BLOCK,
                               .flags = arrived ? (uint8_t)TS_SIGHT_ARRIVED : 0};
    ts_status status = ts_timeline_see(&analyzer->timeline, &block);
    if (analyzer->timeline.by_arrival && analyzer->timeline.measured) {
        ts_bitrates_see(&analyzer->bitrates, analyzer->timeline.clock.stream_time,
                        analyzer->packets, &analyzer->continuity, NULL, 0);
    }
    return status;
}

/* How far the block reaches that the analyzer stands in, or the part of it that an interval may end
 * with. */
static size_t find_block_end(const ts_analyzer *analyzer, const ts_batch *batch, size_t from) {
    size_t step = analyzer->interval_ticks == 0 ? (size_t)TS_ANALYZER_BLOCK
                                                : (size_t)TS_ANALYZER_INTERVAL_STEP;
    size_t room = step - (size_t)(analyzer->packets % step);
    return batch->count - from < room ? batch->count : from + room;
}

static ts_status take_piece(ts_analyzer *analyzer, const ts_batch *batch, size_t from, size_t to,
                            const ts_marked *marked, size_t listed) {
    analyzer->counted = analyzer->packets + (to - from);
    analyzer->modelled = from;
    ts_status status = take_block(analyzer, batch, to, marked, listed);
    analyzer->packets = analyzer->counted;
    analyzer->last_index = batch->first_index + batch->position[to - 1];
    analyzer->last_arrival = ts_batch_get_arrival(batch, analyzer->last_index);
    if (batch->arrival_count > 0) {
        analyzer->arrival_clock = batch->arrival_clock;
    }
    if (status == TS_OK && analyzer->packets % TS_ANALYZER_BLOCK == 0) {
        status = end_block(analyzer);
    }
    return status;
}

ts_status ts_analyzer_process(void *state, ts_batch *batch) {
    ts_analyzer *analyzer = state;
    ts_status status = TS_OK;
    size_t to;
    for (size_t from = analyzer->done; from < batch->count && status == TS_OK; from = to) {
        to = find_block_end(analyzer, batch, from);
        watch_sections(analyzer);
        size_t listed =
            ts_continuity_check_some(&analyzer->continuity, batch, from, to, analyzer->marked);
        status = take_piece(analyzer, batch, from, to, analyzer->marked, listed);
        if (status == TS_OK && analyzer_ends_interval(analyzer)) {
            analyzer->done = to;
            status = read_formats(analyzer, batch, to);
            return status == TS_OK ? TS_WANTS_CONTROL : status;
        }
    }
    status = status == TS_OK ? read_formats(analyzer, batch, batch->count) : status;
    analyzer->done = analyzer->formats_done = 0;
    ts_continuity_leave(&analyzer->continuity, batch);
    return status;
}

ts_status analyzer_replay(ts_analyzer *analyzer, const ts_batch *batch, ts_marked *marked,
                          size_t listed) {
    ts_status status = TS_OK;
    size_t begin = 0;
    size_t to;
    for (size_t from = 0; from < batch->count && status == TS_OK; from = to) {
        to = find_block_end(analyzer, batch, from);
        size_t end = begin;
        while (end < listed && marked[end].index < to) {
            end++;
        }
        watch_sections(analyzer);
        ts_continuity_replay(&analyzer->continuity, batch, from, to, marked + begin, end - begin);
        status = take_piece(analyzer, batch, from, to, marked + begin, end - begin);
        begin = end;
    }
    ts_continuity_leave(&analyzer->continuity, batch);
    return status;
}

ts_status ts_analyzer_finish(ts_analyzer *analyzer) {
    for (size_t pid = 0; pid < TS_PID_COUNT; pid++) {
        if (analyzer->pcr[pid] != NULL) {
            ts_pcr_measure_finish(&analyzer->pcr[pid]->measure);
        }
    }
    ts_status status = ts_timeline_flush(&analyzer->timeline);
    return status == TS_OK && analyzer->buffers != NULL ? ts_buffers_settle(analyzer->buffers)
                                                        : status;
}
