#include "tsloom/pcr_measure.h"

#include "pcr_measure_internal.h"
#include "tsloom/packet.h"

/* Bounds for hostile input that keep differences and sums within 64 bits. */
#define TIME_MAX (INT64_C(1) << 61)
#define JUMP_LIMIT_MAX (TS_PCR_HZ * 3600)
#define POSITION_STEP_MAX (UINT64_C(1) << 36)
#define POSITION_MAX (UINT64_C(1) << 62)
#define BIN_TICKS (TS_PCR_HZ / 100)
#define RATE_LEAST_INTERVALS 3u
#define RATE_UNEVEN_SHARE 20u

static double clamp_filter(double hz) {
    if (!(hz > 0)) {
        return TS_PCR_MGF2_HZ;
    }
    if (hz < TS_PCR_FILTER_HZ_MIN) {
        return TS_PCR_FILTER_HZ_MIN;
    }
    return hz < TS_PCR_FILTER_HZ_MAX ? hz : TS_PCR_FILTER_HZ_MAX;
}

static int64_t limit_or(int64_t limit, int64_t otherwise, int64_t most) {
    if (limit <= 0) {
        return otherwise;
    }
    return limit < most ? limit : most;
}

void ts_pcr_measure_init(ts_pcr_measure *measure, const ts_pcr_config *config) {
    *measure = (ts_pcr_measure){.arrival = TS_PCR_NO_ARRIVAL};
    ts_pcr_config *own = &measure->config;
    if (config != NULL) {
        *own = *config;
    }
    own->filter_hz = clamp_filter(own->filter_hz);
    own->ac_limit_ns = limit_or(own->ac_limit_ns, TS_PCR_AC_LIMIT_NS, INT64_C(1000000000));
    own->oj_limit_ns = limit_or(own->oj_limit_ns, TS_PCR_OJ_LIMIT_NS, INT64_C(1000000000));
    own->jump_limit_ticks = limit_or(own->jump_limit_ticks, TS_PCR_HZ, JUMP_LIMIT_MAX);
    ts_pcr_loop_init(&measure->position_loop, TS_PCR_ACCURACY, own->filter_hz, own->ac_limit_ns,
                     TS_PCR_STEP_TICKS);
    ts_pcr_loop_init(&measure->arrival_loop, TS_PCR_OVERALL_JITTER, own->filter_hz,
                     own->oj_limit_ns, TS_PCR_ARRIVAL_STEP_TICKS);
}

void ts_pcr_measure_reset_interval(ts_pcr_measure *measure) {
    measure->interval = (ts_pcr_figures){0};
}

static ts_pcr_deviations *deviations_of(ts_pcr_figures *figures, ts_pcr_kind kind) {
    return kind == TS_PCR_ACCURACY ? &figures->accuracy : &figures->jitter;
}

static void add_deviation(ts_pcr_deviations *sums, const ts_pcr_verdict *verdict) {
    const double value = verdict->deviation_ns;
    if (sums->count == 0 || value < sums->min) {
        sums->min = value;
    }
    if (sums->count == 0 || value > sums->max) {
        sums->max = value;
    }
    if (sums->count == 0 || value * value > sums->worst * sums->worst) {
        sums->worst = value;
        sums->worst_index = verdict->packet_index;
    }
    sums->count++;
    sums->errors += verdict->error;
    sums->sum_squares += value * value;
}

static void tell(const ts_pcr_measure *measure, const ts_pcr_verdict *verdict) {
    if (measure->config.sink != NULL) {
        measure->config.sink(measure->config.context, verdict);
    }
}

void ts_pcr_note_verdict(ts_pcr_measure *measure, ts_pcr_kind kind, uint64_t packet_index,
                         double deviation) {
    const double ns = deviation * (1000.0 / 27.0);
    const double limit = (double)(kind == TS_PCR_ACCURACY ? measure->config.ac_limit_ns
                                                          : measure->config.oj_limit_ns);
    const ts_pcr_verdict verdict = {kind, true, ns > limit || ns < -limit, packet_index, ns};
    add_deviation(deviations_of(&measure->total, kind), &verdict);
    add_deviation(deviations_of(&measure->interval, kind), &verdict);
    tell(measure, &verdict);
}

void ts_pcr_note_unjudged(ts_pcr_measure *measure, ts_pcr_kind kind, uint64_t packet_index) {
    const ts_pcr_verdict verdict = {kind, false, false, packet_index, 0};
    deviations_of(&measure->total, kind)->unjudged++;
    deviations_of(&measure->interval, kind)->unjudged++;
    tell(measure, &verdict);
}

void ts_pcr_note_interval(ts_pcr_measure *measure, bool uneven) {
    measure->total.compared_intervals++;
    measure->interval.compared_intervals++;
    measure->total.uneven_intervals += uneven;
    measure->interval.uneven_intervals += uneven;
}

void ts_pcr_note_restart(ts_pcr_measure *measure) {
    measure->total.restarts++;
    measure->interval.restarts++;
    ts_pcr_note_interval(measure, true);
}

static void add_moments(ts_pcr_moments *moments, int64_t time, int64_t arrival) {
    if (moments->count == 0) {
        moments->first_arrival = arrival;
        moments->first_time = time;
    }
    const int64_t elapsed = arrival - moments->first_arrival;
    const int64_t ahead = (time - moments->first_time) - elapsed;
    const double u = (double)elapsed / (double)TS_PCR_HZ;
    const double y = (double)ahead / (double)TS_PCR_HZ;
    double power = 1;
    for (int i = 0; i < 5; i++) {
        moments->u[i] += power;
        if (i < 3) {
            moments->y[i] += y * power;
        }
        power *= u;
    }
    moments->count++;
    moments->span = u;
    moments->last = y;
    moments->min = y < moments->min ? y : moments->min;
    moments->max = y > moments->max ? y : moments->max;
}

static void add_interval(ts_pcr_figures *figures, int64_t ticks) {
    if (figures->interval_count == 0 || ticks < figures->interval_min) {
        figures->interval_min = ticks;
    }
    if (figures->interval_count == 0 || ticks > figures->interval_max) {
        figures->interval_max = ticks;
    }
    figures->interval_count++;
    figures->interval_sum += ticks;
}

static size_t bin_of(uint64_t delta) {
    if (delta > TS_PCR_MODULUS / 2) {
        return TS_PCR_BIN_BACKWARD;
    }
    if (delta == 0) {
        return TS_PCR_BIN_ZERO;
    }
    uint64_t bin = (delta - 1) / (uint64_t)BIN_TICKS;
    return bin < 10 ? TS_PCR_BIN_FIRST + (size_t)bin : TS_PCR_BIN_ABOVE;
}

static void count_interval(ts_pcr_figures *figures, ts_clock_event event, uint64_t delta) {
    figures->pcr_count++;
    if (event == TS_CLOCK_DISCONTINUITY) {
        figures->discontinuities++;
    } else if (event != TS_CLOCK_STARTED) {
        figures->bins[bin_of(delta)]++;
        if (event == TS_CLOCK_JUMPED) {
            figures->jumps++;
        } else {
            add_interval(figures, (int64_t)delta);
        }
    }
}

static bool is_arrival_usable(const ts_pcr_measure *measure, int64_t arrival) {
    return arrival > -TIME_MAX && arrival < TIME_MAX &&
           (measure->arrival == TS_PCR_NO_ARRIVAL || arrival > measure->arrival);
}

static int64_t scale(double slope, int64_t span) {
    const double ticks = slope * (double)span;
    return ticks > 0 && ticks < (double)JUMP_LIMIT_MAX ? (int64_t)ticks : 0;
}

/* Over a break the time line goes on as the arrival clock says, else at the last rate. */
static int64_t bridge(const ts_pcr_measure *measure, int64_t position, int64_t arrival) {
    if (measure->arrival != TS_PCR_NO_ARRIVAL && is_arrival_usable(measure, arrival)) {
        const double slope = measure->arrival_loop.locked ? measure->arrival_loop.slope : 1;
        return scale(slope, arrival - measure->arrival);
    }
    const ts_pcr_loop *loop = &measure->position_loop;
    return loop->locked ? scale(loop->slope, position - measure->last.position) : 0;
}

static int64_t bound(int64_t time) {
    return time < TIME_MAX ? time : TIME_MAX;
}

/* The arrival clock has jumped: both sets of moments go on where they were. */
static void skip_arrival_jump(ts_pcr_measure *measure, int64_t step) {
    if (step > (int64_t)TS_PCR_ARRIVAL_STEP_TICKS || step < -(int64_t)TS_PCR_ARRIVAL_STEP_TICKS) {
        measure->total.moments.first_time += step;
        measure->interval.moments.first_time += step;
    }
}

static void measure_arrival(ts_pcr_measure *measure, const ts_pcr_point *point, int64_t arrival) {
    if (!is_arrival_usable(measure, arrival)) {
        return;
    }
    const ts_pcr_point seen = {point->packet_index, point->time, arrival};
    if (measure->arrival != TS_PCR_NO_ARRIVAL) {
        skip_arrival_jump(measure,
                          (point->time - measure->arrival_time) - (arrival - measure->arrival));
    }
    measure->arrival = arrival;
    measure->arrival_time = point->time;
    add_moments(&measure->total.moments, point->time, arrival);
    add_moments(&measure->interval.moments, point->time, arrival);
    ts_pcr_loop_feed(measure, &measure->arrival_loop, &seen);
}

ts_clock_event ts_pcr_measure_feed(ts_pcr_measure *measure, uint64_t packet_index,
                                   uint64_t pcr_27mhz, bool discontinuity_indicator,
                                   int64_t arrival_27mhz) {
    const uint64_t pcr = pcr_27mhz % TS_PCR_MODULUS;
    const uint64_t delta = (pcr + TS_PCR_MODULUS - measure->pcr_27mhz) % TS_PCR_MODULUS;
    const uint64_t index = packet_index < POSITION_MAX ? packet_index : POSITION_MAX;
    const uint64_t packets = index - (uint64_t)measure->last.position;
    ts_pcr_point point = {packet_index, measure->last.time, (int64_t)index};
    ts_clock_event event = TS_CLOCK_STARTED;
    if (measure->started) {
        event = discontinuity_indicator                              ? TS_CLOCK_DISCONTINUITY
                : delta > (uint64_t)measure->config.jump_limit_ticks ? TS_CLOCK_JUMPED
                                                                     : TS_CLOCK_CONTINUED;
    }
    count_interval(&measure->total, event, delta);
    count_interval(&measure->interval, event, delta);
    if (event == TS_CLOCK_CONTINUED) {
        point.time = bound(point.time + (int64_t)delta);
    } else if (event != TS_CLOCK_STARTED) {
        point.time = bound(point.time + bridge(measure, point.position, arrival_27mhz));
        ts_pcr_loop_close(measure, &measure->position_loop);
        ts_pcr_loop_close(measure, &measure->arrival_loop);
    }
    if (measure->started && packets > POSITION_STEP_MAX) {
        ts_pcr_loop_close(measure, &measure->position_loop);
    }
    if (!measure->started || packets != 0) {
        ts_pcr_loop_feed(measure, &measure->position_loop, &point);
    }
    measure_arrival(measure, &point, arrival_27mhz);
    measure->started = true;
    measure->pcr_27mhz = pcr;
    measure->last = point;
    return event;
}

void ts_pcr_measure_finish(ts_pcr_measure *measure) {
    ts_pcr_loop_close(measure, &measure->position_loop);
    ts_pcr_loop_close(measure, &measure->arrival_loop);
    measure->started = false;
}

ts_pcr_rate ts_pcr_figures_get_rate(const ts_pcr_figures *figures) {
    if (figures->compared_intervals < RATE_LEAST_INTERVALS) {
        return TS_PCR_RATE_UNKNOWN;
    }
    return figures->uneven_intervals > figures->compared_intervals / RATE_UNEVEN_SHARE
               ? TS_PCR_RATE_VARIABLE
               : TS_PCR_RATE_CONSTANT;
}

/* The coefficient of u^2 in the parabola, with u scaled to 0 ... 1: Cramer's rule on the normal
 * equations, whose determinant is then far from 0. */
static double curvature(const ts_pcr_moments *moments) {
    double u[5];
    double y[3];
    double power = 1;
    for (int i = 0; i < 5; i++) {
        u[i] = moments->u[i] / power;
        if (i < 3) {
            y[i] = moments->y[i] / power;
        }
        power *= moments->span;
    }
    const double a = u[1] * u[3] - u[2] * u[2];
    const double b = u[0] * u[3] - u[1] * u[2];
    const double c = u[0] * u[2] - u[1] * u[1];
    const double determinant = u[2] * a - u[3] * b + u[4] * c;
    return determinant > 0 ? (y[0] * a - y[1] * b + y[2] * c) / determinant : 0;
}

bool ts_pcr_figures_get_frequency(const ts_pcr_figures *figures, ts_pcr_frequency *frequency) {
    const ts_pcr_moments *moments = &figures->moments;
    *frequency = (ts_pcr_frequency){0};
    if (moments->count < 3 || !(moments->span > 0)) {
        return false;
    }
    const double n = moments->u[0];
    const double *u = moments->u;
    const double span = moments->span;
    const double slope = (n * moments->y[1] - u[1] * moments->y[0]) / (n * u[2] - u[1] * u[1]);
    const double hz = (double)TS_PCR_HZ;
    const ts_pcr_deviations *jitter = &figures->jitter;
    const double noise =
        jitter->count ? jitter->sum_squares * 1e-18 / (double)jitter->count * hz * hz / n : 0;
    frequency->offset_hz = slope * hz;
    frequency->drift_mhz_per_s = 2e3 * hz * curvature(moments) / (span * span);
    /* Of a line and of a parabola through evenly spaced points of equal noise. */
    frequency->offset_variance = noise * 12 / (span * span);
    frequency->drift_variance = noise * 4e6 * 180 / (span * span * span * span);
    frequency->span_s = span;
    frequency->arrival_drift_ns = moments->last * 1e9;
    frequency->arrival_drift_min = moments->min * 1e9;
    frequency->arrival_drift_max = moments->max * 1e9;
    return true;
}
