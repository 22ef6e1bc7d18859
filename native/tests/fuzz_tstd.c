/* Packets of any timing and units of any time: no fill leaves its bounds, and every byte of a unit
 * is in exactly one place. */
#include <stdlib.h>

#include "tsloom/packet.h"
#include "tsloom/tstd.h"

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

static void check_balance(const ts_tstd *tstd) {
    const bool is_video = tstd->params.kind == TS_TSTD_VIDEO;
    int64_t in_units = 0;
    int64_t on_the_way = tstd->fill[TS_TSTD_EB] + tstd->fill[TS_TSTD_B] - tstd->header_fill;
    for (size_t i = 0; i < tstd->unit_count; i++) {
        const ts_tstd_unit *unit = &tstd->units[(tstd->unit_first + i) % TS_TSTD_UNITS];
        require(unit->size >= 0);
        in_units += unit->size;
    }
    int64_t in_tb = 0;
    for (size_t i = 0; i < tstd->part_count; i++) {
        const ts_tstd_part *part = &tstd->parts[(tstd->part_first + i) % TS_TSTD_PACKETS];
        on_the_way += part->data + (is_video ? 0 : part->header);
        in_tb += part->data + part->header + part->other;
    }
    require(in_tb == tstd->fill[TS_TSTD_TB]);
    require(tstd->params.kind == TS_TSTD_SYSTEMS || in_units + tstd->debt == on_the_way);
    for (int i = 0; i < TS_TSTD_BUFFER_COUNT; i++) {
        require(tstd->fill[i] >= 0);
        require(i == TS_TSTD_MB || tstd->fill[i] <= tstd->size[i]);
    }
    require(tstd->debt >= 0 && tstd->waiting >= 0 && tstd->header_fill >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ten bytes a packet: step, flags, duration, PES header, data, distance of the DTS. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 5) {
        return 0;
    }
    const ts_tstd_stream stream = {.codec = (ts_tstd_codec)(bytes[0] % 11),
                                   .profile = bytes[1] % 10,
                                   .level = bytes[2],
                                   .high_tier = (bytes[0] & 0x80) != 0,
                                   .channels = bytes[3],
                                   .buffer_bits = (uint32_t)bytes[4] << 12};
    const ts_tstd_params params = ts_tstd_get_params(&stream);
    ts_tstd tstd;
    require(ts_tstd_init(&tstd, &params, NULL, NULL) == TS_OK);
    int64_t time = 0;
    uint64_t index = 0;
    for (const uint8_t *at = bytes + 5; (size_t)(bytes + size - at) >= 10; at += 10) {
        const uint8_t flags = at[2];
        time += (int64_t)ts_load_be16(at) << ((flags & 0x80) ? 30 : 4);
        const int64_t decode_time =
            (flags & 1) ? time + ((int64_t)ts_load_be16(at + 8) - 300) * 999 : TS_TSTD_NO_TIME;
        const ts_tstd_unit_start units[] = {
            {(flags & 8) ? 0 : at[5], decode_time}, {at[6], decode_time}, {at[7], INT64_MAX}};
        const ts_tstd_packet packet = {
            index++,          (flags & 0x40) ? -time : time, at[3] * 64, at[4], at[5], units,
            (flags >> 1) & 3u};
        ts_tstd_feed(&tstd, &packet);
        check_balance(&tstd);
        if ((flags & 0x30) == 0x30) {
            ts_tstd_restart(&tstd);
        }
    }
    ts_tstd_advance(&tstd, INT64_MAX);
    check_balance(&tstd);
    return 0;
}
