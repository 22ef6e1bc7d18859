/* Keeps services: their PMTs, elementary streams, PCRs and ECMs, the PIDs below 0x20 and null
 * packets; the PAT is written anew with the kept programs only. */
#ifndef TSLOOM_SERVICE_FILTER_H
#define TSLOOM_SERVICE_FILTER_H

#include "tsloom/demux.h"
#include "tsloom/filter.h"
#include "tsloom/psi.h"
#include "tsloom/rewriter.h"

typedef struct ts_kept_service {
    size_t pmt_size; /* 0 until there is one */
    uint8_t pmt[PSI_SECTION_MAX];
} ts_kept_service;

typedef struct ts_service_filter {
    ts_demux demux;
    ts_filter filter;
    ts_rewriter rewriter;
    uint16_t *program_numbers; /* kept */
    ts_kept_service *services; /* one for each */
    size_t program_count;
} ts_service_filter;

ts_status ts_service_filter_init(ts_service_filter *stage, const uint16_t *program_numbers,
                                 size_t program_count);
void ts_service_filter_free(ts_service_filter *stage);
/* A stage: state is a ts_service_filter. */
ts_status ts_service_filter_process(void *stage, ts_batch *batch);

#endif
