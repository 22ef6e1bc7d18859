/* Packets of any content, cut anywhere, sent at any time: times never run backwards, and the wait
 * for a datagram is bounded. */
#include <stdlib.h>

#include "tsloom/packet.h"
#include "tsloom/pace.h"

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size < 8) {
        return 0;
    }
    const uint64_t bitrates[] = {0, 0, 0, 1, 64000, 5000000, TS_PACE_BITRATE_MAX, UINT64_MAX};
    const size_t count = (size - 8) / TS_PACKET_SIZE;
    ts_pace pace;
    ts_pace_init(&pace, bitrates[bytes[0] % 8]);
    int64_t now_ns = 0;
    int64_t due_ns = 0;
    for (uint64_t index = 0; index < count; index += 1u + bytes[1] % 7u) {
        while (index >= pace.fed) {
            (void)ts_pace_feed(&pace, bytes + 8 + pace.fed * TS_PACKET_SIZE,
                               count - (size_t)pace.fed);
        }
        now_ns += (int64_t)bytes[2 + index % 6] << (bytes[2] % 24);
        ts_pace_time time = ts_pace_plan(&pace, index, now_ns);
        require(time.due_ns >= due_ns && time.leave_ns >= time.due_ns);
        require(time.leave_ns <= (now_ns > due_ns ? now_ns : due_ns) + 2 * TS_PACE_LEAP_LIMIT_NS);
        due_ns = time.due_ns;
        now_ns = time.leave_ns > now_ns ? time.leave_ns : now_ns;
        ts_pace_note_departure(&pace, &time, now_ns);
    }
    return 0;
}
