/* The core's scan as a library of one function, so that it is timed without Python around it. */
#include <stdlib.h>
#include <string.h>

#include "tsloom/batch.h"
#include "tsloom/continuity.h"

enum { BATCH_PACKETS = 2048 };

typedef struct scan_answer {
    uint64_t packets;
    uint64_t pcrs;
    uint64_t continuity_errors;
    uint64_t pid_sum; /* of all PIDs, so that no column can be left out */
} scan_answer;

typedef struct columns {
    uint32_t header[BATCH_PACKETS];
    uint32_t position[BATCH_PACKETS];
    uint16_t pid[BATCH_PACKETS];
    uint8_t continuity_counter[BATCH_PACKETS];
    uint32_t pcr_index[BATCH_PACKETS];
    uint64_t pcr_27mhz[BATCH_PACKETS];
    ts_marked marked[BATCH_PACKETS];
} columns;

int scan_columns(const uint8_t *packets, size_t count, scan_answer *answer);

static void scan_batch(columns *into, ts_continuity *continuity, uint8_t *packets, size_t count,
                       scan_answer *answer) {
    ts_batch batch = {.packets = packets,
                      .header = into->header,
                      .position = into->position,
                      .count = count,
                      .capacity = count};
    answer->packets += ts_scan_headers(packets, count, into->header);
    ts_scan_pids(into->header, count, into->pid);
    ts_scan_field(into->header, count, 0, 15, into->continuity_counter);
    answer->pcrs += ts_scan_pcrs(packets, into->header, count, into->pcr_index, into->pcr_27mhz);
    size_t marked = ts_continuity_check(continuity, &batch, into->marked);
    for (size_t i = 0; i < marked; i++) {
        answer->continuity_errors += (into->marked[i].marks & TS_MARK_CONTINUITY_ERROR) != 0;
    }
    for (size_t i = 0; i < count; i++) {
        answer->pid_sum += into->pid[i];
    }
}

int scan_columns(const uint8_t *packets, size_t count, scan_answer *answer) {
    columns *into = malloc(sizeof *into);
    ts_continuity *continuity = malloc(sizeof *continuity);
    memset(answer, 0, sizeof *answer);
    if (into == NULL || continuity == NULL || ts_continuity_init(continuity) != TS_OK) {
        free(into);
        free(continuity);
        return -1;
    }
    for (size_t at = 0; at < count; at += BATCH_PACKETS) {
        size_t length = count - at < BATCH_PACKETS ? count - at : BATCH_PACKETS;
        /* The batch is written by stages, never by the scan. */
        scan_batch(into, continuity, (uint8_t *)(packets + at * TS_PACKET_SIZE), length, answer);
    }
    ts_continuity_free(continuity);
    free(continuity);
    free(into);
    return 0;
}
