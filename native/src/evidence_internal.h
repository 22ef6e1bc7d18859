/* Between evidence.c and evidence_replay.c. */
#ifndef TSLOOM_EVIDENCE_INTERNAL_H
#define TSLOOM_EVIDENCE_INTERNAL_H

#include <stdint.h>

/* In a block's count of packets: behind the header words stand time stamps. */
#define TS_EVIDENCE_STAMPED (UINT32_C(1) << 31)

#endif
