/* Makes one clean stream of what several inputs give in turn. At a mark the packets come from
 * another input: counters go on, the first PCR of each PID says that the time base is another one
 * (ISO/IEC 13818-1, 2.4.3.5), tables that differ differ in version too, and of each PID the new
 * input leaves from a payload unit's start on, behind the PCR that it counts by. Packets keep their
 * places: what may not leave becomes a null packet. */
#ifndef TSLOOM_INPUT_SWITCH_H
#define TSLOOM_INPUT_SWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/demux.h"
#include "tsloom/psi.h"
#include "tsloom/rewriter.h"
#include "tsloom/status.h"

enum {
    /* Packets of a PID: one that begins no payload unit in so many, or whose clock does not come,
     * waits no longer; nor does it at the next switch. */
    TS_SWITCH_WAIT_MAX = 4096,
    TS_SWITCH_TABLES_MAX = 1024 /* sections of PAT and PMTs that are compared */
};

typedef struct ts_switch_mark {
    uint64_t packet_index; /* in the input, of the first packet from elsewhere */
    /* 0: from another input. Else there is none: of the null packets that come, PAT and PMTs take
     * the first and so many further on. */
    uint32_t psi_every;
} ts_switch_mark;

typedef struct ts_switched_pid {
    uint16_t flags;
    uint16_t waited;
    uint16_t startless; /* packets since the last that began a payload unit, up to the most */
    uint8_t counter;    /* of the last packet that left */
    uint8_t shift;      /* what is added to the input's counters */
} ts_switched_pid;

/* A section of PAT or PMT as it left last. */
typedef struct ts_switched_table {
    uint16_t pid;
    uint16_t size;
    uint32_t epoch; /* the switch since which shift holds */
    uint8_t shift;  /* what is added to the input's version_number */
    uint8_t section[PSI_SECTION_MAX];
} ts_switched_table;

typedef struct ts_input_switch {
    ts_demux demux;
    ts_rewriter rewriter;
    ts_switched_pid pid[TS_PID_COUNT];
    bool carries_sections[TS_PID_COUNT];
    ts_switched_table *tables;
    size_t table_count;
    size_t table_capacity;
    ts_switch_mark *marks; /* that are still to come, in order */
    size_t mark_count;
    size_t mark_capacity;
    uint64_t role_changes; /* of demux, up to which flags are true */
    uint32_t epoch;        /* switches so far */
    uint32_t psi_every;    /* not 0: there is no input */
    uint32_t psi_wait;     /* null packets before the tables leave again */
    bool has_clock;        /* some PCR has come since the switch */
    uint64_t withheld;     /* packets that became null packets */
    uint64_t announced;    /* PCRs that got discontinuity_indicator */
    uint64_t raised;       /* tables whose version_number was raised */
} ts_input_switch;

ts_status ts_input_switch_init(ts_input_switch *stage);
void ts_input_switch_free(ts_input_switch *stage);
/* Before the packet passes; marks are given in the order of their packets. */
ts_status ts_input_switch_mark(ts_input_switch *stage, ts_switch_mark mark);
/* A stage: state is a ts_input_switch. */
ts_status ts_input_switch_process(void *stage, ts_batch *batch);

#endif
