/* A batch: packets that stand beside it until they are moved in. */
#include "tsloom/batch.h"

#include <string.h>

#include "check.h"
#include "tsloom/packet.h"

enum { COUNT = 5, ADDED = 4 };

/* Packets 0 to 4 at positions 10, 20 ..., and 100 to 103 before some of them. */
static void fill(ts_batch *batch) {
    static const size_t before[ADDED] = {0, 2, 2, COUNT};
    ts_batch_init(batch);
    CHECK(ts_batch_reserve(batch, COUNT) == TS_OK);
    batch->count = COUNT;
    for (size_t i = 0; i < COUNT; i++) {
        memset(batch->packets + i * TS_PACKET_SIZE, (int)i, TS_PACKET_SIZE);
        batch->header[i] = ts_load_be32(batch->packets + i * TS_PACKET_SIZE);
        batch->position[i] = (uint32_t)(10 * (i + 1));
    }
    for (size_t i = 0; i < ADDED; i++) {
        uint8_t *packet = ts_batch_add(batch, before[i]);
        CHECK(packet != NULL);
        memset(packet, (int)(100 + i), TS_PACKET_SIZE);
    }
}

static void check_order(const uint8_t *packets, const uint32_t *header, const uint32_t *position) {
    static const uint8_t order[] = {100, 0, 1, 101, 102, 2, 3, 4, 103};
    static const uint32_t positions[] = {10, 10, 20, 20, 20, 30, 40, 50, 50};
    for (size_t i = 0; i < COUNT + ADDED; i++) {
        const uint8_t *packet = packets + i * TS_PACKET_SIZE;
        CHECK(packet[0] == order[i] && packet[TS_PACKET_SIZE - 1] == order[i]);
        CHECK(header[i] == ts_load_be32(packet) && position[i] == positions[i]);
    }
}

static void what_was_added_is_moved_to_its_place(void) {
    ts_batch batch;
    fill(&batch);
    CHECK(batch.count == COUNT && ts_batch_settle(&batch) == TS_OK);
    CHECK(batch.count == COUNT + ADDED && batch.added_count == 0);
    check_order(batch.packets, batch.header, batch.position);
    CHECK(ts_batch_settle(&batch) == TS_OK && batch.count == COUNT + ADDED);
    ts_batch_free(&batch);
}

static void a_copy_is_as_if_it_were_settled(void) {
    ts_batch batch;
    uint8_t packets[(COUNT + ADDED) * TS_PACKET_SIZE];
    uint32_t header[COUNT + ADDED];
    uint32_t position[COUNT + ADDED];
    fill(&batch);
    ts_batch_copy(&batch, packets, header, position);
    check_order(packets, header, position);
    CHECK(batch.count == COUNT && batch.added_count == ADDED);
    ts_batch_clear(&batch);
    CHECK(batch.count == 0 && batch.added_count == 0);
    ts_batch_free(&batch);
}

int main(void) {
    what_was_added_is_moved_to_its_place();
    a_copy_is_as_if_it_were_settled();
    return CHECK_RESULT;
}
