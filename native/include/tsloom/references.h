/* Which PIDs the PSI refers to, and as what: kept by counting, so that a table that changes costs
 * what it lists. */
#ifndef TSLOOM_REFERENCES_H
#define TSLOOM_REFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/demux.h"

/* How many tables say it. */
typedef struct ts_reference {
    uint16_t elementary; /* elementary_PID */
    uint16_t pcr;        /* PCR_PID */
    uint16_t ca;         /* CA_PID of the CAT or a PMT */
    uint16_t pcr_pid;    /* of an elementary PID's program, as the last PMT has it */
    uint8_t stream_type; /* likewise */
    bool pmt;            /* program_map_PID, as of the last ts_references_update */
    bool network;        /* network_PID */
} ts_reference;

typedef struct ts_kept_table {
    uint8_t *bytes;
    size_t size;
    uint16_t number; /* program_number, of the CAT section_number */
    uint16_t pid;
} ts_kept_table;

typedef struct ts_references {
    ts_reference pid[TS_PID_COUNT];
    ts_kept_table *tables; /* PMTs, and sections of the CAT */
    size_t table_count;
    size_t table_capacity;
    uint64_t changes;
} ts_references;

void ts_references_init(ts_references *references);
void ts_references_free(ts_references *references);
/* Takes in a section that is new: PAT, CAT or PMT in force; others are passed over. The demux has
 * followed it already. */
ts_status ts_references_follow(ts_references *references, const ts_demux *demux,
                               const ts_demux_section *section);
/* Whether PAT, CAT, a PMT or the standard itself (0x0000 to 0x001F, null) gives the PID a meaning.
 */
bool ts_references_has(const ts_references *references, uint16_t pid);

#endif
