/* Keeps the sections that a demultiplexer reports until the control plane takes them. */
#ifndef TSLOOM_RECORDER_H
#define TSLOOM_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/demux.h"

/* What is kept. */
typedef enum ts_record_policy {
    TS_RECORD_CHANGES, /* a table's section when it is new or differs; every cue; every drop */
    TS_RECORD_ALL      /* every section */
} ts_record_policy;

typedef struct ts_section_record {
    uint64_t first_packet;
    uint64_t last_packet;
    int64_t stream_time;
    uint64_t pts_90khz;
    size_t offset; /* into bytes */
    size_t size;
    uint16_t pid;
    uint8_t role;
    uint8_t reason; /* ts_section_drop; 0 for a whole section */
    bool crc_ok;
    bool is_new;
    bool has_time;
} ts_section_record;

typedef struct ts_recorder {
    ts_record_policy policy;
    ts_section_record *records;
    size_t record_count;
    size_t record_capacity;
    uint8_t *bytes;
    size_t byte_count;
    size_t byte_capacity;
    uint64_t sections; /* whole ones seen, kept or not */
    uint64_t crc_errors;
    uint64_t drops;
} ts_recorder;

void ts_recorder_init(ts_recorder *recorder, ts_record_policy policy);
void ts_recorder_free(ts_recorder *recorder);
void ts_recorder_clear(ts_recorder *recorder);
/* A ts_demux_hook: context is a ts_recorder. */
ts_status ts_recorder_keep(void *recorder, const ts_demux_section *section);

#endif
