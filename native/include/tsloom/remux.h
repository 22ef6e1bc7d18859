/* Remultiplexes at a constant bitrate: input packets keep the time that the PCRs give them, null
 * packets go, each packet leaves in the first slot at or after its time, null packets fill the
 * slots that are free, and every PCR says the time of the slot that it leaves in.
 *
 * Times are those of the reference program's PCRs, interpolated by input packet index between the
 * two around a packet (ISO/IEC 13818-1, 2.4.2.2), so that packets wait for the PCR behind them.
 * What leaves counts packets anew: position k leaves k * 1504 / bitrate seconds after position 0,
 * and clocks behind this stage are exact. */
#ifndef TSLOOM_REMUX_H
#define TSLOOM_REMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tsloom/batch.h"
#include "tsloom/clock.h"
#include "tsloom/demux.h"

typedef enum ts_remux_mode {
    TS_REMUX_CONSTANT, /* the bitrate of the settings */
    TS_REMUX_INPUT,    /* what the input has over its first half second */
    TS_REMUX_VARIABLE  /* null packets go, and nothing else is touched */
} ts_remux_mode;

/* What becomes of packets that would leave more than max_delay behind their time. */
typedef enum ts_remux_overflow { TS_REMUX_DROP, TS_REMUX_DELAY } ts_remux_overflow;

typedef enum ts_remux_kind {
    TS_REMUX_STARTED,        /* value: the bitrate */
    TS_REMUX_NO_CLOCK,       /* packets pass as they come; value: how many had been held */
    TS_REMUX_PCR_LATE,       /* none for max_hold: time goes on at the mean rate; value: packets */
    TS_REMUX_REFERENCE,      /* this PID's PCRs say what time it is from now on */
    TS_REMUX_CLOCK_BROKEN,   /* discontinuity_indicator, or a jump */
    TS_REMUX_PCR_STEP,       /* a program's PCRs left the others'; value: ticks */
    TS_REMUX_DRIFTING,       /* more than two clocks within 30 ppm can; value: parts in 10^9 */
    TS_REMUX_OVERFLOW_BEGAN, /* value: delay in ticks */
    TS_REMUX_OVERFLOW_ENDED, /* value: packets dropped, or delayed for too long */
    TS_REMUX_TIME_SKIPPED    /* the output's time jumped; value: ticks */
} ts_remux_kind;

typedef struct ts_remux_event {
    ts_remux_kind kind;
    uint16_t pid;
    uint64_t packet_index; /* in the input */
    uint64_t slot;         /* packets that had left */
    int64_t value;
} ts_remux_event;

enum { TS_REMUX_BITRATE_MIN = 1000, TS_REMUX_BITRATE_MAX = 2000000000 };

typedef struct ts_remux_settings {
    ts_remux_mode mode;
    ts_remux_overflow overflow;
    uint64_t bitrate;
    uint16_t program_number; /* whose PCRs are the reference; 0: the first that come */
    int64_t max_delay;       /* ticks from a packet's time to its slot */
    int64_t max_hold;        /* ticks for which the next PCR is waited for */
    int64_t pcr_interval;    /* PCRs are added where more would pass; 0: none */
    uint64_t psi_leak;       /* bits a second out of the transport buffer; 0: no spacing */
    uint64_t si_leak;
    size_t max_held;   /* packets while there is no clock */
    uint64_t max_fill; /* null packets added for one that comes in, on the average */
} ts_remux_settings;

/* One clock seen from another: what it reads at the other's times, the noise of single readings
 * taken out. Times here are 256ths of a 27 MHz tick. */
typedef struct ts_drift {
    uint64_t base; /* reading at time 0, below TS_PCR_MODULUS */
    int64_t at;    /* of what follows */
    double offset; /* best estimate: ticks beside base, ticks a second */
    double rate;
    double line; /* what is given out: it follows the estimate */
    double slope;
    double settled; /* the slope, but for what takes it back to the estimate */
    double offset_variance;
    double covariance;
    double rate_variance;
    double noise; /* variance of a reading */
    double readings[2];
    int64_t times[2];
    unsigned count;
    unsigned strikes; /* readings in a row that are far away */
} ts_drift;

typedef struct ts_remux_program {
    ts_drift drift;
    uint64_t pcr; /* last one of the input */
    int64_t time; /* its time, ticks */
    uint64_t due; /* slot by which the next PCR is to leave; UINT64_MAX: none is waited for */
    uint16_t pid;
    uint8_t header; /* low byte of the last header that left */
    uint8_t kept;   /* that of the last packet with payload, and its slot */
    uint64_t kept_slot;
    bool drifting;
} ts_remux_program;

typedef struct ts_remux_entry {
    int64_t time; /* 256ths of a tick */
    uint64_t index;
    uint32_t header;
    uint32_t at; /* in the batch being processed, if it is not in the store */
    uint8_t kind;
} ts_remux_entry;

typedef struct ts_remux_late {
    int64_t deadline;
    uint32_t header;
    uint8_t packet[TS_PACKET_SIZE];
} ts_remux_late;

typedef struct ts_remux_counters {
    uint64_t packets_in;
    uint64_t packets_out;
    uint64_t nulls_dropped;
    uint64_t nulls_added;
    uint64_t dropped;   /* by overflow */
    uint64_t overflows; /* times that it began */
    uint64_t unplaced;  /* passed without a clock */
    uint64_t restamped; /* PCRs */
    uint64_t pcrs_added;
    uint64_t repeats_dropped; /* second copies of a packet behind which a PCR was added */
    uint64_t spaced;       /* sections' packets that left later for the transport buffer's sake */
    uint64_t crowded;      /* and those that found no better place in time */
    int64_t longest_delay; /* ticks */
} ts_remux_counters;

typedef struct ts_remux {
    ts_remux_settings settings;
    ts_remux_counters counters;
    ts_demux demux;
    uint64_t role_changes;
    /* The time line. */
    ts_clock clock; /* of the reference */
    uint16_t clock_pid;
    uint16_t wanted_pid; /* PCR_PID of the service */
    uint16_t spare_pid;  /* the last other one with a PCR */
    uint64_t spare_index;
    uint64_t spare_pcr;
    uint64_t tried_index; /* when a spare one was looked for, while none was there */
    uint64_t last_index;  /* of the input */
    uint64_t line_index;  /* anchor of what is not timed yet */
    int64_t line_time;
    uint64_t pcr_index; /* the reference's last PCR */
    int64_t pcr_time;
    uint64_t mean_ticks; /* of the last seconds: ticks and packets */
    uint64_t mean_packets;
    uint64_t hold_packets;
    bool running; /* times are known */
    bool passing; /* there was no clock for too long */
    bool late;    /* the reference's PCR is */
    /* What is held: entries first to last; the bytes of those before stored are in the store. */
    ts_remux_entry *entries;
    uint8_t *store;
    size_t capacity;
    size_t first;
    size_t timed;
    size_t stored;
    size_t last;
    const ts_batch *input;
    /* Slots: the next one leaves at slot_time + slot_rest / bitrate ticks. */
    ts_batch out;
    uint64_t out_base;
    int64_t slot_time;
    uint64_t slot_rest;
    uint64_t slot_ticks; /* length of a slot: whole ticks, and 1 / bitrate ticks */
    uint64_t slot_part;
    uint64_t credit; /* null packets that may be added */
    uint64_t credit_index;
    bool placed; /* slot_time is anchored */
    bool time_guessed;
    bool overflowing;
    uint64_t overflow_packets;
    /* Spacing: when each PID's transport buffer is empty; those that wait for theirs. */
    int64_t empty_at[TS_PID_COUNT];
    uint16_t waiting[TS_PID_COUNT];
    ts_remux_late *lates;
    size_t late_count;
    int64_t late_from; /* none of them may leave before */
    /* Programs by the PID of their PCRs; 0: none. */
    uint16_t program_of[TS_PID_COUNT];
    ts_remux_program *programs;
    size_t program_count;
    size_t program_capacity;
    uint64_t due; /* the least of the programs' */
    uint64_t interval_slots;
    uint64_t spare; /* null packets of late: so many slots can be taken for PCRs */
    ts_remux_event *events;
    size_t event_count;
    size_t event_capacity;
} ts_remux;

/* TS_BAD_ARGUMENT: a bitrate out of bounds, or a negative time. */
ts_status ts_remux_init(ts_remux *remux, const ts_remux_settings *settings);
void ts_remux_free(ts_remux *remux);
void ts_remux_clear_events(ts_remux *remux);
/* A stage: state is a ts_remux. */
ts_status ts_remux_process(void *remux, ts_batch *batch);
ts_status ts_remux_finish(void *remux, ts_batch *batch);

/* Exact: the clock reads so at that time. */
void ts_drift_pin(ts_drift *drift, uint64_t pcr_27mhz, int64_t time_256ths);
/* One reading more; the first pins it, and so does the second in a row that is more than a quarter
 * of a second away: then true. */
bool ts_drift_feed(ts_drift *drift, uint64_t pcr_27mhz, int64_t time_256ths);
/* What the clock reads at a time: whole ticks and what is beyond them. */
uint64_t ts_drift_read(const ts_drift *drift, int64_t ticks, double beyond);

#endif
