/* Bytes of any content in two different chunkings: the same packets and the same events, every byte
 * a packet's or skipped, and never more left over than is promised. */
#include "sync_bench.h"

/* Bytes for a dozen units and damage between them. Each piece looks again at what was left over, so
 * that the small ones, wherever they begin, are limited. */
enum { CUTS = 4, CHOICES = CUTS + 2, PIECES = 12, BYTES_MAX = 2600 };

/* Memory is used again soon: a page touched for the first time costs more than what is checked. */
const char *__asan_default_options(void);

const char *__asan_default_options(void) {
    return "quarantine_size_mb=4:malloc_context_size=1";
}

static void require(bool condition) {
    if (!condition) {
        abort();
    }
}

static void add_packets(byte_run *in, size_t unit, size_t count) {
    for (size_t i = 0; i < count && in->size < BYTES_MAX; i++) {
        add_fill(in, 0, unit == 192 ? 4 : 0);
        add_fill(in, TS_SYNC_BYTE, 1);
        add_fill(in, (uint8_t)i, TS_PACKET_SIZE - 1);
        add_fill(in, TS_SYNC_BYTE, unit == 204 ? 16 : 0);
    }
}

/* Two bytes say what comes next: random bytes alone never make a stream. */
static byte_run build(const uint8_t *data, size_t size) {
    static const size_t units[] = {188, 192, 204, 188};
    byte_run in = {0};
    for (size_t at = 0; at + 1 < size && in.size < BYTES_MAX; at += 2) {
        const size_t amount = data[at + 1];
        switch (data[at] & 7u) {
        case 0:
        case 1:
        case 2:
        case 3:
            add_packets(&in, units[data[at] & 3u], amount & 15u);
            break;
        case 4:
            add_fill(&in, data[at], amount);
            break;
        case 5:
            in.size -= amount < in.size ? amount : in.size;
            break;
        case 6: /* a byte somewhere behind is turned into another */
            if (in.size > amount * 94) {
                in.bytes[in.size - 1 - amount * 94] ^= data[at];
            }
            break;
        default:
            add_fill(&in, TS_SYNC_BYTE, amount);
            break;
        }
    }
    return in;
}

/* A first piece of any size, then small ones, then the rest at once. */
static void choose_cuts(const uint8_t *choices, size_t cuts[PIECES]) {
    cuts[0] = choices[CUTS + 1] * 16u + 1;
    for (size_t i = 1; i < PIECES; i++) {
        const size_t choice = choices[i % CUTS];
        cuts[i] = choice < 16 ? choice + 1 : (choice - 15) * 29;
    }
    cuts[PIECES - 1] = SIZE_MAX;
}

static void account(const byte_run *in, const sync_outcome *outcome) {
    uint64_t skipped = 0;
    uint64_t offset = 0;
    for (size_t i = 0; i < count_events(outcome); i++) {
        const ts_sync_event *event = get_event(outcome, i);
        const bool spans = event->kind == TS_SYNC_SKIPPED || event->kind == TS_SYNC_BAD_SYNC_BYTE;
        require(event->offset_bytes >= offset);
        offset = event->offset_bytes + (spans ? event->length : 0);
        skipped += spans ? event->length : 0;
        require(offset <= in->size);
    }
    require(outcome->packets.size + skipped <= in->size);
    require(outcome->leftover_max <= TS_SYNC_LEFTOVER_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t cuts[PIECES];
    if (size < CHOICES) {
        return 0;
    }
    choose_cuts(data, cuts);
    byte_run in = {0};
    if (data[CUTS] & 1u) {
        in = build(data + CHOICES, size - CHOICES);
    } else {
        add_bytes(&in, data + CHOICES, size - CHOICES < BYTES_MAX ? size - CHOICES : BYTES_MAX);
    }
    sync_outcome whole = sync_whole(&in);
    sync_outcome pieces = sync_bytes(&in, cuts, PIECES);
    require(same_outcome(&whole, &pieces));
    account(&in, &whole);
    account(&in, &pieces);
    free_outcome(&whole);
    free_outcome(&pieces);
    free_run(&in);
    return 0;
}
