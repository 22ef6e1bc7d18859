/* A clock seen from another, by a Kalman filter of two states: offset and rate. Readings that are
 * exact to a tick or so are followed at once, a drift is known after two of them. Readings that
 * jitter, as those of a variable bitrate do, move a line that stays smooth: it bends a little at
 * each, and never steps. */
#include "tsloom/packet.h"
#include "tsloom/remux.h"

#define SUB 256
#define TICKS_PER_SECOND 27e6
/* Two clocks within 30 ppm each, and readings that are whole ticks. */
#define RATE_VARIANCE (810.0 * 810.0)
#define NOISE_MIN 0.25
/* How the rate itself may wander: well above the 75 mHz/s that ISO/IEC 13818-1 2.4.2.1 allows. */
#define RATE_WANDER 0.01
#define RATE_MAX (TICKS_PER_SECOND / 10)
/* Readings that jitter by less than 300 ns are followed at first; later those that are exact to a
 * tick only. */
#define FAIR_NOISE 64.0
#define QUIET_NOISE 1.0
#define QUIET_STEP 1.0
#define ACQUIRING 8
/* A second reading beyond 300 ppm is jitter until the third has told. */
#define SECOND_READING_RATE 8100.0
/* Readings that bend by so many times the variance that was thought were no exact ones. */
#define SURPRISE 16.0
/* The line is bent only where jitter does not explain that it is off, by so many deviations: the
 * jitter of a variable bitrate is not white. */
#define DEVIATIONS 5
/* How it goes after the estimate then: within seconds, 10 ppm, and a twentieth of a tick a reading.
 */
#define SLEW_SECONDS 4.0
#define SLEW_RATE 270.0
#define SLEW_BEND 0.05
#define STEP_LIMIT (TICKS_PER_SECOND / 4)

static int64_t floor_ticks(double value) {
    const int64_t whole = (int64_t)value;
    return (double)whole > value ? whole - 1 : whole;
}

static double magnitude(double value) {
    return value < 0 ? -value : value;
}

static double clamp(double value, double most) {
    return value > most ? most : value < -most ? -most : value;
}

/* Nothing of it within so many deviations, and nearly all of it far beyond. */
static double beyond_deviations(double value, double variance) {
    const double least = DEVIATIONS * DEVIATIONS * variance;
    return value * value <= least ? 0 : value - least / value;
}

static uint64_t wrap(int64_t ticks) {
    const int64_t rest = ticks % (int64_t)TS_PCR_MODULUS;
    return (uint64_t)(rest < 0 ? rest + (int64_t)TS_PCR_MODULUS : rest);
}

static int64_t whole_ticks(int64_t time) {
    return time >= 0 ? time / SUB : -((SUB - 1 - time) / SUB);
}

/* The reading beside base. */
static double get_offset(const ts_drift *drift, uint64_t pcr, int64_t time) {
    const int64_t ticks = whole_ticks(time);
    int64_t beside = (int64_t)((wrap((int64_t)pcr - ticks % (int64_t)TS_PCR_MODULUS) +
                                TS_PCR_MODULUS - drift->base) %
                               TS_PCR_MODULUS);
    if (beside >= (int64_t)(TS_PCR_MODULUS / 2)) {
        beside -= (int64_t)TS_PCR_MODULUS;
    }
    return (double)beside - (double)(time - ticks * SUB) / SUB;
}

static double get_seconds(const ts_drift *drift, int64_t time) {
    return (double)(time - drift->at) / SUB / TICKS_PER_SECOND;
}

void ts_drift_pin(ts_drift *drift, uint64_t pcr_27mhz, int64_t time_256ths) {
    const int64_t ticks = whole_ticks(time_256ths);
    const bool known = drift->count > 0;
    const double noise = known ? drift->noise : NOISE_MIN;
    *drift = (ts_drift){.base = wrap((int64_t)pcr_27mhz - ticks % (int64_t)TS_PCR_MODULUS),
                        .at = time_256ths,
                        .rate = drift->rate,
                        .slope = drift->rate,
                        .settled = drift->rate,
                        .offset_variance = noise,
                        .rate_variance = known ? drift->rate_variance : RATE_VARIANCE,
                        .noise = noise,
                        .count = 1};
    drift->offset = drift->line = -(double)(time_256ths - ticks * SUB) / SUB;
    drift->readings[0] = drift->offset;
    drift->times[0] = time_256ths;
}

/* What was learned of readings that seemed exact is not known after all. */
static void doubt(ts_drift *drift, double noise) {
    drift->rate = drift->slope = drift->settled = 0;
    drift->offset_variance = noise;
    drift->covariance = 0;
    drift->rate_variance = RATE_VARIANCE;
}

/* How much readings jitter, whatever the drift: three of them on a line do not. */
static void measure_noise(ts_drift *drift, double reading, int64_t time) {
    const double span = (double)(time - drift->times[0]) / SUB / TICKS_PER_SECOND;
    const double moved = reading - drift->readings[0];
    double sample = 0;
    if (drift->count == 1) {
        const double drifts = SECOND_READING_RATE * span + 8;
        sample = magnitude(moved) > drifts ? moved * moved / 2 : drift->noise;
    } else {
        const double before = (double)(drift->times[0] - drift->times[1]) / SUB / TICKS_PER_SECOND;
        const double ratio = span / before;
        const double bend = moved - (drift->readings[0] - drift->readings[1]) * ratio;
        sample = bend * bend / (1 + (1 + ratio) * (1 + ratio) + ratio * ratio);
    }
    if (drift->count < ACQUIRING && sample > SURPRISE * drift->noise) {
        doubt(drift, sample);
    }
    drift->noise += sample > drift->noise ? sample - drift->noise : (sample - drift->noise) / 16;
    drift->noise = drift->noise > NOISE_MIN ? drift->noise : NOISE_MIN;
    drift->readings[1] = drift->readings[0];
    drift->times[1] = drift->times[0];
    drift->readings[0] = reading;
    drift->times[0] = time;
}

static void estimate(ts_drift *drift, double span, double innovation) {
    drift->offset_variance += span * (2 * drift->covariance + span * drift->rate_variance);
    drift->covariance += span * drift->rate_variance;
    drift->rate_variance += RATE_WANDER * span;
    const double variance = drift->offset_variance + drift->noise;
    const double offset_gain = drift->offset_variance / variance;
    const double rate_gain = drift->covariance / variance;
    drift->offset += drift->rate * span + offset_gain * innovation;
    drift->rate = clamp(drift->rate + rate_gain * innovation, RATE_MAX);
    drift->rate_variance -= rate_gain * drift->covariance;
    drift->covariance *= 1 - offset_gain;
    drift->offset_variance *= 1 - offset_gain;
}

static void follow(ts_drift *drift, double span) {
    drift->line += drift->slope * span;
    const double gap = drift->offset - drift->line;
    const bool acquires = drift->count < ACQUIRING && drift->noise <= FAIR_NOISE;
    if (acquires || (drift->noise <= QUIET_NOISE && magnitude(gap) <= QUIET_STEP)) {
        drift->line = drift->offset;
        drift->slope = drift->settled = drift->rate;
        return;
    }
    drift->settled += beyond_deviations(drift->rate - drift->settled, drift->rate_variance);
    const double left = beyond_deviations(gap, drift->offset_variance);
    const double wanted = drift->settled + clamp(left / SLEW_SECONDS, SLEW_RATE);
    drift->slope = clamp(drift->slope + clamp(wanted - drift->slope, SLEW_BEND / span), RATE_MAX);
}

bool ts_drift_feed(ts_drift *drift, uint64_t pcr_27mhz, int64_t time_256ths) {
    if (drift->count == 0) {
        ts_drift_pin(drift, pcr_27mhz, time_256ths);
        return false;
    }
    const double span = get_seconds(drift, time_256ths);
    const double reading = get_offset(drift, pcr_27mhz, time_256ths);
    if (magnitude(reading - drift->line - drift->slope * span) > STEP_LIMIT) {
        if (++drift->strikes < 2) {
            return false;
        }
        ts_drift_pin(drift, pcr_27mhz, time_256ths);
        return true;
    }
    drift->strikes = 0;
    if (span <= 0) {
        return false;
    }
    measure_noise(drift, reading, time_256ths);
    const double innovation = reading - drift->offset - drift->rate * span;
    estimate(drift, span, innovation);
    drift->at = time_256ths;
    drift->count += drift->count < ACQUIRING;
    follow(drift, span);
    return false;
}

uint64_t ts_drift_read(const ts_drift *drift, int64_t ticks, double beyond) {
    /* A double holds the ticks beside base, and a long time, to far less than a tick. */
    const double span = ((double)(ticks - whole_ticks(drift->at)) + beyond) / TICKS_PER_SECOND;
    const double offset = drift->line + drift->slope * span + beyond;
    const int64_t whole = floor_ticks(offset + 0.5);
    return (drift->base + wrap(ticks) + wrap(whole)) % TS_PCR_MODULUS;
}
