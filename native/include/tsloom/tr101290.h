/* The indicators of ETSI TR 101 290, 5.2, judged from what a time line hands on.
 *
 * Everything that must come again has a timer, which any later sighting can run out: what vanishes
 * for good is noticed like what comes late. An absence counts once, at the moment the limit was
 * passed, and lasts until what is missed comes again. */
#ifndef TSLOOM_TR101290_H
#define TSLOOM_TR101290_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/continuity.h"
#include "tsloom/references.h"
#include "tsloom/timeline.h"
#include "tsloom/timers.h"

/* In the order of the guideline. */
typedef enum ts_indicator {
    TS_SYNC_LOSS,          /* 1.1 */
    TS_SYNC_BYTE_ERROR,    /* 1.2 */
    TS_PAT_ERROR,          /* 1.3 */
    TS_PAT_ERROR_2,        /* 1.3.a */
    TS_CONTINUITY_ERROR,   /* 1.4 */
    TS_PMT_ERROR,          /* 1.5 */
    TS_PMT_ERROR_2,        /* 1.5.a */
    TS_PID_ERROR,          /* 1.6 */
    TS_TRANSPORT_ERROR,    /* 2.1 */
    TS_CRC_ERROR,          /* 2.2 */
    TS_PCR_ERROR,          /* 2.3 */
    TS_PCR_REPETITION,     /* 2.3.a */
    TS_PCR_DISCONTINUITY,  /* 2.3.b */
    TS_PCR_ACCURACY_ERROR, /* 2.4 */
    TS_PTS_ERROR,          /* 2.5 */
    TS_CAT_ERROR,          /* 2.6 */
    TS_NIT_ERROR,          /* 3.1 */
    TS_NIT_ACTUAL,         /* 3.1.a */
    TS_NIT_OTHER,          /* 3.1.b */
    TS_SI_REPETITION,      /* 3.2 */
    TS_BUFFER_ERROR,       /* 3.3 */
    TS_UNREFERENCED_PID,   /* 3.4 */
    TS_UNREFERENCED_PID_2, /* 3.4.a */
    TS_SDT_ERROR,          /* 3.5 */
    TS_SDT_ACTUAL,         /* 3.5.a */
    TS_SDT_OTHER,          /* 3.5.b */
    TS_EIT_ERROR,          /* 3.6 */
    TS_EIT_ACTUAL,         /* 3.6.a */
    TS_EIT_OTHER,          /* 3.6.b */
    TS_EIT_PF,             /* 3.6.c */
    TS_RST_ERROR,          /* 3.7 */
    TS_TDT_ERROR,          /* 3.8 */
    TS_EMPTY_BUFFER,       /* 3.9 */
    TS_DATA_DELAY,         /* 3.10 */
    TS_INDICATOR_COUNT
} ts_indicator;

#define TS_INDICATOR_BIT(indicator) (UINT64_C(1) << (indicator))

/* In 27 MHz ticks; 0 switches the check off. */
typedef enum ts_limit {
    TS_LIMIT_PAT,
    TS_LIMIT_PMT,
    TS_LIMIT_PID,
    TS_LIMIT_PCR_REPETITION,
    TS_LIMIT_PCR_DISCONTINUITY,
    TS_LIMIT_PTS,
    TS_LIMIT_CAT,
    TS_LIMIT_NIT_ACTUAL,
    TS_LIMIT_NIT_OTHER,
    TS_LIMIT_BAT,
    TS_LIMIT_SDT_ACTUAL,
    TS_LIMIT_SDT_OTHER,
    TS_LIMIT_EIT_ACTUAL,
    TS_LIMIT_EIT_OTHER,
    TS_LIMIT_EIT_SCHEDULE,
    TS_LIMIT_TDT,
    TS_LIMIT_TOT,
    TS_LIMIT_SECTION_GAP, /* the least from one section of a sub-table to the next */
    TS_LIMIT_UNREFERENCED,
    TS_LIMIT_COUNT
} ts_limit;

/* Of each indicator so many occurrences are listed; more are counted. */
enum { TS_OCCURRENCES_MAX = 1000 };

typedef struct ts_occurrence {
    uint64_t packet_index; /* of the packet at fault, or at which it was noticed */
    int64_t time;          /* 27 MHz; of an absence, when the limit was passed */
    int64_t seen;          /* ticks, packets or ns, as the indicator measures */
    int64_t allowed;
    uint16_t pid;
    uint16_t table_id_extension;
    uint8_t table_id;
    uint8_t indicator;
    bool has_time;
} ts_occurrence;

typedef struct ts_occurrence_list {
    ts_occurrence *items;
    size_t count;
    size_t capacity;
} ts_occurrence_list;

typedef struct ts_indicator_state {
    uint64_t count;
    int64_t last_time;
    int64_t second;     /* of stream time, that in_second counts in */
    uint64_t in_second; /* occurrences in it */
    uint64_t peak;      /* in any second */
    uint32_t listed;
    uint32_t recently_listed; /* these since ts_tr101290_begin_interval */
    uint64_t recently_in_second;
    uint64_t recent_peak;
} ts_indicator_state;

/* What is known of a PID. */
typedef struct ts_judged_pid {
    int64_t unreferenced_since;
    uint64_t pcr_27mhz;
    uint32_t pcr_timer;
    uint32_t pts_timer;
    uint32_t presence_timer;
    uint32_t pmt_timer;
    bool has_pcr;
    bool pcr_was_late; /* 2.3 has counted this gap */
    bool suspect;      /* waits for a reference, or has waited in vain */
    bool accused;
    bool was_named; /* a table has named it before: counts if it is still sent */
    bool is_new;    /* among the suspects: its packets up to the block's end do not tell */
} ts_judged_pid;

typedef struct ts_judged_table {
    uint64_t key; /* 0: free */
    int64_t end;  /* last byte of its last section */
    uint32_t timer;
} ts_judged_table;

typedef struct ts_tr101290 {
    int64_t limit[TS_LIMIT_COUNT];
    bool same_number_gap; /* count TS_LIMIT_SECTION_GAP between sections of one number only */
    ts_indicator_state state[TS_INDICATOR_COUNT];
    ts_occurrence_list occurrences; /* the first ones */
    ts_occurrence_list recent;      /* the first ones of the interval */
    ts_timers timers;
    const ts_timeline *timeline;
    const ts_references *references;
    const ts_continuity *continuity;
    ts_judged_pid pid[TS_PID_COUNT];
    ts_judged_table *tables;
    size_t table_count;
    size_t table_capacity;
    uint64_t reference_changes;     /* up to which pid has its timers */
    uint16_t watched[TS_PID_COUNT]; /* PIDs with timers of their presence */
    size_t watched_count;
    uint64_t watched_packets[TS_PID_COUNT]; /* of each, when it was looked for last */
    uint64_t present[TS_PID_COUNT];         /* packets of the stream when it was found last */
    uint16_t known[TS_PID_COUNT];           /* PIDs whose first packet was judged */
    size_t known_count;
    uint16_t suspects[TS_PID_COUNT];
    size_t suspect_count;
    int64_t now;   /* of the sighting in hand; never runs backwards */
    int64_t start; /* of the first packet */
    uint64_t packet_index;
    bool started;
    bool has_time;
    bool has_si;       /* a section has come on a PID of DVB SI */
    bool has_cat;      /* a CAT section has come */
    bool is_scrambled; /* a scrambled packet has come */
    bool cat_missed;
    uint32_t pat_packet_timer;
    uint32_t pat_timer;
    uint32_t cat_timer;
    ts_status status; /* of memory, since the last sighting */
} ts_tr101290;

void ts_tr101290_init(ts_tr101290 *tr, const ts_timeline *timeline, const ts_references *references,
                      const ts_continuity *continuity);
void ts_tr101290_free(ts_tr101290 *tr);
/* A block of packets has ended, so many since the start: finds out at once which PIDs were in it.
 * The block is judged as the time line hands it on. */
void ts_tr101290_end_block(ts_tr101290 *tr, uint64_t packets);
/* What the time line hands on. */
ts_status ts_tr101290_see(ts_tr101290 *tr, const ts_sighting *sighting);
/* An occurrence that another machine has found. */
void ts_tr101290_raise(ts_tr101290 *tr, uint64_t indicators, const ts_occurrence *what);
/* An interval of the report ends: what is recent begins anew, and nothing else does. */
void ts_tr101290_begin_interval(ts_tr101290 *tr);
/* Whether an absence that the indicator counts goes on. */
bool ts_tr101290_is_late(const ts_tr101290 *tr, ts_indicator indicator);

#endif
