/* A phase-locked loop of second order over PCRs at uneven spacing (ETSI TR 101 290, annex I).
 *
 * Its error is the phase behind a Butterworth high-pass of second order, s^2 / (s^2 + sqrt(2) w s +
 * w^2), by the bilinear transform: with t = w * dt and d = 4 + 2 sqrt(2) t + t^2 the phase is
 * corrected by 4 sqrt(2) t / d of what was predicted wrongly, the rate by 4 t^2 / d of it, and 4 /
 * d of it is the filter's output. Only differences between neighbours are used, so nothing loses
 * precision over days. */
#include "pcr_measure_internal.h"

#include "tsloom/packet.h"

#define SQRT_2 1.4142135623730951
#define PI 3.141592653589793
/* A PCR so many rms off the line, and beyond the limit, is one PCR's error and not the clock's:
 * the loop follows only if the next one stands off to the same side. */
#define OUTLIER_RMS 6.0
/* Of running mean square, in samples. */
#define MEMORY 64.0
/* What an interval may differ from the rate before PCR errors no longer explain it. */
#define UNEVEN_TICKS 675.0
#define UNEVEN_SHARE 0.001
#define TRIM_ROUNDS 8
/* Least squares over a time T corrects the rate as a loop of sqrt(6) / T does. */
#define START_WIDTH 2.449489742783178

void ts_pcr_loop_init(ts_pcr_loop *loop, ts_pcr_kind kind, double filter_hz, int64_t limit_ns,
                      double step_limit) {
    loop->kind = kind;
    loop->omega = 2 * PI * filter_hz / (double)TS_PCR_HZ;
    loop->limit = (double)limit_ns * 0.027;
    loop->step_limit = step_limit;
    loop->locked = false;
    loop->waiting = 0;
}

static double magnitude(double value) {
    return value < 0 ? -value : value;
}

static bool is_outlier(const ts_pcr_loop *loop, double error) {
    const double square = error * error;
    return square > loop->limit * loop->limit &&
           square > OUTLIER_RMS * OUTLIER_RMS * loop->mean_square;
}

static bool is_uneven(double change, double ticks) {
    const double share = UNEVEN_SHARE * ticks;
    return magnitude(change) > (share > UNEVEN_TICKS ? share : UNEVEN_TICKS);
}

static void note_interval(ts_pcr_measure *measure, const ts_pcr_loop *loop, bool uneven) {
    if (loop->kind == TS_PCR_ACCURACY) {
        ts_pcr_note_interval(measure, uneven);
    }
}

/* Before the loop has run for long its rate is known from few PCRs: a wider filter, as wide as
 * least squares over all of them would make it, finds the rate first. */
static double theta_of(const ts_pcr_loop *loop, double ticks) {
    const double narrow = loop->omega * ticks;
    const double wide = START_WIDTH * ticks / loop->elapsed;
    return narrow > wide ? narrow : wide;
}

static void forget(ts_pcr_loop *loop, double error) {
    double square = error * error;
    double most = OUTLIER_RMS * OUTLIER_RMS * loop->mean_square;
    if (most < loop->limit * loop->limit) {
        most = loop->limit * loop->limit;
    }
    loop->mean_square += ((square < most ? square : most) - loop->mean_square) / MEMORY;
}

typedef struct tracked {
    bool joined; /* false: the point stands so far off the line that it is no part of it */
    bool uneven; /* its interval differs from the rate */
    double deviation;
} tracked;

static tracked track(ts_pcr_loop *loop, const ts_pcr_point *point) {
    const double span = (double)(point->position - loop->last.position);
    const double ticks = loop->slope * span;
    const double change = (double)(point->time - loop->last.time) - ticks;
    const double error = loop->residual + change;
    if (!(ticks > 0) || magnitude(error) > loop->step_limit) {
        return (tracked){false, true, error};
    }
    tracked result = {true, is_uneven(change, ticks), error};
    const int sign = error < 0 ? -1 : 1;
    const bool outlier = is_outlier(loop, error);
    loop->residual = error;
    if (!outlier || loop->held_sign == sign) {
        const double theta = theta_of(loop, ticks);
        const double divisor = 4 + 2 * SQRT_2 * theta + theta * theta;
        result.deviation = error * (4 / divisor);
        loop->residual -= error * (4 * SQRT_2 * theta / divisor);
        loop->slope += error * (4 * theta * theta / divisor) / span;
    }
    loop->held_sign = outlier ? sign : 0;
    loop->elapsed += ticks;
    loop->last = *point;
    forget(loop, error);
    return result;
}

static bool judge(ts_pcr_measure *measure, ts_pcr_loop *loop, const ts_pcr_point *point) {
    const tracked result = track(loop, point);
    if (result.joined) {
        ts_pcr_note_verdict(measure, loop->kind, point->packet_index, result.deviation);
        note_interval(measure, loop, result.uneven);
    }
    return result.joined;
}

/* A line in the coordinates of the window's first point. */
typedef struct line {
    double offset;
    double slope;
    double mean_square;
    size_t count;
} line;

static double residual_of(const ts_pcr_loop *loop, size_t index, const line *fit) {
    const ts_pcr_point *point = &loop->window[index];
    return (double)(point->time - loop->window[0].time) - fit->offset -
           fit->slope * (double)(point->position - loop->window[0].position);
}

/* Least squares, as a correction of the line given; only points within reach of that line count.
 * Weights fall off to both ends, so that jitter which does not fit the window a whole number of
 * times hardly tilts the line. */
static line fit_line(const ts_pcr_loop *loop, const line *guess, double reach_square) {
    double n = 0, x1 = 0, x2 = 0, r1 = 0, xr = 0, r2 = 0;
    size_t count = 0;
    for (size_t i = 0; i < loop->waiting; i++) {
        const double r = residual_of(loop, i, guess);
        if (r * r > reach_square) {
            continue;
        }
        const double weight = (double)(2 * i + 1) * (double)(2 * (loop->waiting - i) - 1);
        const double x = (double)(loop->window[i].position - loop->window[0].position);
        n += weight;
        x1 += weight * x;
        x2 += weight * x * x;
        r1 += weight * r;
        xr += weight * x * r;
        r2 += weight * r * r;
        count++;
    }
    const double determinant = n * x2 - x1 * x1;
    if (count < TS_PCR_WINDOW_LEAST || !(determinant > 0)) {
        return *guess;
    }
    const double slope = (n * xr - x1 * r1) / determinant;
    const double offset = (r1 - slope * x1) / n;
    const double left = (r2 - slope * xr - offset * r1) / n;
    return (line){guess->offset + offset, guess->slope + slope, left > 0 ? left : 0, count};
}

/* PCRs far off are left out, round by round, until all that remain agree. */
static line fit_window(const ts_pcr_loop *loop) {
    const ts_pcr_point *first = &loop->window[0];
    const ts_pcr_point *last = &loop->window[loop->waiting - 1];
    line fit = {0, (double)(last->time - first->time) / (double)(last->position - first->position),
                0, 0};
    fit = fit_line(loop, &fit, 1e300);
    for (int round = 0; round < TRIM_ROUNDS; round++) {
        double reach = 9 * fit.mean_square;
        double least = loop->limit * loop->limit;
        line next = fit_line(loop, &fit, reach > least ? reach : least);
        bool settled = next.count == fit.count;
        fit = next;
        if (settled) {
            break;
        }
    }
    return fit;
}

static void start(ts_pcr_loop *loop, const ts_pcr_point *point) {
    loop->locked = false;
    loop->window[0] = *point;
    loop->waiting = 1;
}

/* All of the window is held against its line. The loop runs over it too, so that it is in step with
 * the jitter where its own verdicts begin. */
static void judge_window(ts_pcr_measure *measure, ts_pcr_loop *loop) {
    const line fit = fit_window(loop);
    const ts_pcr_point *last = &loop->window[loop->waiting - 1];
    const size_t count = loop->waiting;
    loop->slope = fit.slope;
    loop->residual = 0;
    loop->mean_square = fit.mean_square;
    loop->held_sign = 0;
    loop->last = loop->window[0];
    loop->elapsed = fit.slope * (double)(last->position - loop->last.position);
    loop->locked = fit.slope > 0;
    loop->waiting = 0;
    for (size_t i = 0; i < count; i++) {
        const ts_pcr_point *point = &loop->window[i];
        if (!(fit.slope > 0)) {
            ts_pcr_note_unjudged(measure, loop->kind, point->packet_index);
            continue;
        }
        const double deviation = residual_of(loop, i, &fit);
        ts_pcr_note_verdict(measure, loop->kind, point->packet_index, deviation);
        if (i > 0) {
            const double span = (double)(point->position - point[-1].position);
            const double change = (double)(point->time - point[-1].time) - fit.slope * span;
            note_interval(measure, loop, is_uneven(change, fit.slope * span));
            loop->locked = loop->locked && track(loop, point).joined;
        } else {
            loop->residual = deviation;
        }
    }
    loop->elapsed = fit.slope * (double)(last->position - loop->window[0].position);
}

void ts_pcr_loop_close(ts_pcr_measure *measure, ts_pcr_loop *loop) {
    if (!loop->locked && loop->waiting >= TS_PCR_WINDOW_LEAST) {
        judge_window(measure, loop);
    }
    for (size_t i = 0; i < loop->waiting; i++) {
        ts_pcr_note_unjudged(measure, loop->kind, loop->window[i].packet_index);
    }
    loop->waiting = 0;
    loop->locked = false;
}

/* While a window fills its own mean rate must do. */
static bool breaks_window(const ts_pcr_loop *loop, const ts_pcr_point *point) {
    const ts_pcr_point *first = &loop->window[0];
    const ts_pcr_point *last = &loop->window[loop->waiting - 1];
    if (loop->waiting < 2) {
        return false;
    }
    double rate = (double)(last->time - first->time) / (double)(last->position - first->position);
    double change =
        (double)(point->time - last->time) - rate * (double)(point->position - last->position);
    return magnitude(change) > loop->step_limit;
}

void ts_pcr_loop_feed(ts_pcr_measure *measure, ts_pcr_loop *loop, const ts_pcr_point *point) {
    if (!loop->locked && loop->waiting == 0) {
        start(loop, point);
        return;
    }
    if (loop->locked ? !judge(measure, loop, point) : breaks_window(loop, point)) {
        if (loop->kind == TS_PCR_ACCURACY) {
            ts_pcr_note_restart(measure);
        }
        ts_pcr_loop_close(measure, loop);
        start(loop, point);
        return;
    }
    if (!loop->locked) {
        loop->window[loop->waiting++] = *point;
        if (loop->waiting == TS_PCR_WINDOW) {
            judge_window(measure, loop);
        }
    }
}
