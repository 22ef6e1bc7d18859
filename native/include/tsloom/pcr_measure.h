/* What the PCRs of one PID are worth: ETSI TR 101 290, 5.3.2 and annex I.
 *
 * A PCR is held against the line that its neighbours make: over byte position for PCR_AC, over
 * arrival time for PCR_OJ. The line is that of a phase-locked loop of second order; what it does
 * not follow is the high-passed deviation, -3 dB at the demarcation frequency. A loop that starts
 * waits for TS_PCR_WINDOW PCRs, fits a line to them by least squares, and holds them all against
 * it: so verdicts come late at a start, but none is left out and all come in order.
 *
 * All figures depend on the sequence of PCRs alone. Nothing is allocated. */
#ifndef TSLOOM_PCR_MEASURE_H
#define TSLOOM_PCR_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/clock.h"

/* Demarcation frequencies MGF1, MGF2, MGF3 (annex I). */
#define TS_PCR_MGF1_HZ 0.01
#define TS_PCR_MGF2_HZ 0.1
#define TS_PCR_MGF3_HZ 1.0
#define TS_PCR_FILTER_HZ_MIN 1e-4
#define TS_PCR_FILTER_HZ_MAX 10.0
/* The PCR's packet has no arrival time: TS_NO_ARRIVAL. */
#define TS_PCR_NO_ARRIVAL INT64_MIN

enum {
    TS_PCR_WINDOW = 128,       /* samples that a start waits for */
    TS_PCR_WINDOW_LEAST = 4,   /* a break before so many leaves them without a verdict */
    TS_PCR_AC_LIMIT_NS = 500,  /* ISO/IEC 13818-1, 2.4.2.2 */
    TS_PCR_OJ_LIMIT_NS = 25000 /* ISO/IEC 13818-9, annex on real-time interfaces */
};

/* Bins of intervals: backward, none, then (0, 10] ms, (10, 20] ms ... (90, 100] ms, and above.
 * The upper edge belongs to the bin: what is above 40 or 100 ms breaks that limit. */
enum {
    TS_PCR_BIN_BACKWARD,
    TS_PCR_BIN_ZERO,
    TS_PCR_BIN_FIRST,
    TS_PCR_BIN_ABOVE = TS_PCR_BIN_FIRST + 10,
    TS_PCR_BIN_COUNT
};

typedef enum ts_pcr_rate {
    TS_PCR_RATE_UNKNOWN,  /* fewer than three intervals were compared */
    TS_PCR_RATE_CONSTANT, /* PCR_AC is exact */
    TS_PCR_RATE_VARIABLE  /* byte position does not tell time: PCR_AC is an estimate */
} ts_pcr_rate;

typedef enum ts_pcr_kind { TS_PCR_ACCURACY, TS_PCR_OVERALL_JITTER } ts_pcr_kind;

typedef struct ts_pcr_verdict {
    ts_pcr_kind kind;
    bool known; /* false: the PCR stood between two breaks that left too few to compare */
    bool error; /* known, and beyond the limit either way */
    uint64_t packet_index;
    double deviation_ns; /* positive: the PCR says a later time than the line */
} ts_pcr_verdict;

/* Called for each PCR and kind, in order; the verdict is valid during the call. */
typedef void (*ts_pcr_sink)(void *context, const ts_pcr_verdict *verdict);

typedef struct ts_pcr_config {
    double filter_hz;         /* 0 asks for MGF2; others are clamped to MIN ... MAX */
    int64_t ac_limit_ns;      /* 0 asks for TS_PCR_AC_LIMIT_NS */
    int64_t oj_limit_ns;      /* 0 asks for TS_PCR_OJ_LIMIT_NS */
    int64_t jump_limit_ticks; /* a longer interval is a jump; 0 asks for one second */
    ts_pcr_sink sink;         /* or NULL */
    void *context;
} ts_pcr_config;

/* Deviations in ns. The root of sum_squares over count is the rms, max - min the peak-to-peak. */
typedef struct ts_pcr_deviations {
    uint64_t count;
    uint64_t errors;
    uint64_t worst_index; /* packet index of worst, which is the first so far from 0 */
    double worst;
    double min;
    double max;
    double sum_squares;
    uint64_t unjudged;
} ts_pcr_deviations;

/* PCR time minus arrival time against arrival time: moments of a parabola, in seconds. */
typedef struct ts_pcr_moments {
    uint64_t count;
    int64_t first_arrival;
    int64_t first_time;
    double u[5]; /* sums of powers of arrival time since the first */
    double y[3]; /* sums of the difference, times those powers */
    double span;
    double last;
    double min;
    double max;
} ts_pcr_moments;

typedef struct ts_pcr_figures {
    uint64_t pcr_count;
    uint64_t interval_count; /* intervals without a break in between: min, max and sum are theirs */
    int64_t interval_min;    /* 27 MHz ticks */
    int64_t interval_max;
    int64_t interval_sum;
    uint64_t bins[TS_PCR_BIN_COUNT]; /* all intervals but those over an announced discontinuity */
    uint64_t discontinuities;        /* announced */
    uint64_t jumps;                  /* not announced: backward, or above the jump limit */
    uint64_t restarts;               /* of PCR_AC, by a step of more than 10 ms against position */
    uint64_t compared_intervals;     /* against the rate ... */
    uint64_t uneven_intervals;       /* ... and what differed more than PCR errors do */
    ts_pcr_deviations accuracy;
    ts_pcr_deviations jitter;
    ts_pcr_moments moments;
} ts_pcr_figures;

typedef struct ts_pcr_frequency {
    double offset_hz;         /* of 27 MHz, against the arrival clock: mean over the span */
    double offset_variance;   /* what jitter leaves open, in Hz squared */
    double drift_mhz_per_s;   /* of that frequency, in mHz per second */
    double drift_variance;    /* in (mHz/s) squared */
    double span_s;            /* between the first arrival and the last */
    double arrival_drift_ns;  /* PCR minus arrival, last against first */
    double arrival_drift_min; /* least and greatest on the way, in ns */
    double arrival_drift_max;
} ts_pcr_frequency;

/* Private from here on: one line, and what waits for it. */
typedef struct ts_pcr_point {
    uint64_t packet_index;
    int64_t time;     /* PCR, unwrapped */
    int64_t position; /* packets or arrival ticks */
} ts_pcr_point;

typedef struct ts_pcr_loop {
    ts_pcr_kind kind;
    double omega; /* of the filter, in rad per tick */
    double limit; /* ticks */
    double step_limit;
    double slope;       /* ticks per unit of position */
    double residual;    /* of the last point, after the loop's correction */
    double elapsed;     /* ticks that the loop has run, its window included */
    double mean_square; /* running, of what the line leaves */
    ts_pcr_point last;
    int held_sign; /* of the last point, if it stood so far off that the loop did not follow */
    bool locked;
    size_t waiting;
    ts_pcr_point window[TS_PCR_WINDOW];
} ts_pcr_loop;

typedef struct ts_pcr_measure {
    ts_pcr_config config;
    bool started;
    uint64_t pcr_27mhz;
    ts_pcr_point last;
    int64_t arrival; /* the last known, and the time of the PCR that came then */
    int64_t arrival_time;
    ts_pcr_figures total;    /* since the start */
    ts_pcr_figures interval; /* since ts_pcr_measure_reset_interval */
    ts_pcr_loop position_loop;
    ts_pcr_loop arrival_loop;
} ts_pcr_measure;

/* A config of NULL asks for all defaults. */
void ts_pcr_measure_init(ts_pcr_measure *measure, const ts_pcr_config *config);
/* One PCR, in stream order. arrival_27mhz counts the receiver's clock, or is TS_PCR_NO_ARRIVAL.
 * What it is to the ones before: as ts_clock_feed says it. */
ts_clock_event ts_pcr_measure_feed(ts_pcr_measure *measure, uint64_t packet_index,
                                   uint64_t pcr_27mhz, bool discontinuity_indicator,
                                   int64_t arrival_27mhz);
/* The stream ends: verdicts on what waits. PCRs after it start anew. */
void ts_pcr_measure_finish(ts_pcr_measure *measure);
/* Verdicts count in the interval in which they are known. */
void ts_pcr_measure_reset_interval(ts_pcr_measure *measure);

/* An interval is uneven where its time differs from its packets at the loop's rate by more than
 * 25 us, or 0.1 % if that is more; the rate is variable if more than one in twenty is. */
ts_pcr_rate ts_pcr_figures_get_rate(const ts_pcr_figures *figures);
/* False where there are no arrival times, or fewer than three. */
bool ts_pcr_figures_get_frequency(const ts_pcr_figures *figures, ts_pcr_frequency *frequency);

#endif
