/* Between input_switch.c and input_switch_tables.c. */
#ifndef TSLOOM_INPUT_SWITCH_INTERNAL_H
#define TSLOOM_INPUT_SWITCH_INTERNAL_H

#include "tsloom/input_switch.h"

enum {
    SWITCH_SEEN = 1u << 0, /* counter is that of a packet that left */
    /* The rest is why packets are looked at. */
    SWITCH_RECOUNT = 1u << 1, /* the next packet sets the shift */
    SWITCH_WAITS = 1u << 2,   /* for a payload unit that starts, and its clock */
    SWITCH_TABLES = 1u << 3,  /* carries PAT or PMTs, or did */
    SWITCH_ALTERED = 1u << 4, /* the last packet left with other bytes than it came with */
    SWITCH_PCR_NEXT = 1u << 5 /* its next PCR is the first since the switch */
};

/* Takes a section of PAT or PMT over into the rewriter. */
ts_status input_switch_take_section(void *stage, const ts_demux_section *section);
/* Queues all tables as they left last. */
void input_switch_repeat_tables(ts_input_switch *stage);

#endif
