/* PCRs of any value at any place: each gets at most one verdict of a kind, in order, and no figure
 * is anything but a number. */
#include <stdlib.h>
#include <string.h>

#include "tsloom/packet.h"
#include "tsloom/pcr_measure.h"

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

typedef struct seen {
    uint64_t verdicts[2];
} seen;

static void note(void *context, const ts_pcr_verdict *verdict) {
    seen *counts = context;
    counts->verdicts[verdict->kind]++;
    require(verdict->deviation_ns > -1e12 && verdict->deviation_ns < 1e12);
}

static void check_figures(const ts_pcr_measure *measure, const seen *counts, uint64_t fed) {
    const ts_pcr_deviations *accuracy = &measure->total.accuracy;
    require(measure->total.pcr_count == fed);
    require(counts->verdicts[0] <= fed && counts->verdicts[1] <= fed);
    require(counts->verdicts[0] == accuracy->count + accuracy->unjudged);
    ts_pcr_frequency frequency;
    if (ts_pcr_figures_get_frequency(&measure->total, &frequency)) {
        require(frequency.offset_hz == frequency.offset_hz);
        require(frequency.drift_mhz_per_s == frequency.drift_mhz_per_s);
    }
}

/* Where the last PCR was, and when. */
typedef struct place {
    uint64_t index;
    uint64_t pcr;
    uint64_t arrival;
} place;

static void feed(ts_pcr_measure *measure, const uint8_t *at, place *now) {
    const uint8_t flags = at[2];
    const unsigned shift = (flags & 0x10) ? (flags >> 5) * 8u : 0;
    int64_t arrival = TS_PCR_NO_ARRIVAL;
    now->index += (uint64_t)ts_load_be16(at) << shift;
    now->pcr += (uint64_t)ts_load_be32(at + 3) << shift;
    now->arrival += (uint64_t)ts_load_be32(at + 7) << shift;
    if (flags & 2) {
        memcpy(&arrival, &now->arrival, sizeof arrival);
    }
    ts_pcr_measure_feed(measure, now->index, now->pcr, (flags & 1) != 0, arrival);
    if (flags & 4) {
        ts_pcr_measure_reset_interval(measure);
    }
    if ((flags & 0x0F) == 8) {
        ts_pcr_measure_finish(measure);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Twelve bytes a PCR: step in packets, flags, step of the PCR, step of arrival. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    seen counts = {{0, 0}};
    if (size < 1) {
        return 0;
    }
    const double filters[] = {0, TS_PCR_MGF1_HZ, TS_PCR_MGF3_HZ, 1e300};
    const ts_pcr_config config = {.filter_hz = filters[bytes[0] % 4],
                                  .jump_limit_ticks = (bytes[0] & 4) ? INT64_MAX : 0,
                                  .sink = note,
                                  .context = &counts};
    ts_pcr_measure measure;
    ts_pcr_measure_init(&measure, &config);
    place now = {0, 0, 0};
    uint64_t fed = 0;
    for (const uint8_t *at = bytes + 1; (size_t)(bytes + size - at) >= 12; at += 12) {
        feed(&measure, at, &now);
        fed++;
    }
    ts_pcr_measure_finish(&measure);
    check_figures(&measure, &counts, fed);
    return 0;
}
