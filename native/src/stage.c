#include "tsloom/stage.h"

ts_status ts_stages_run(const ts_stage *stages, size_t count, size_t *at, ts_batch *batch) {
    while (*at < count) {
        const ts_stage *stage = &stages[*at];
        ts_status status = stage->process(stage->state, batch);
        if (status != TS_OK) {
            return status;
        }
        ++*at;
        status = *at < count ? ts_batch_settle(batch) : TS_OK;
        if (status != TS_OK) {
            return status;
        }
        if (stage->pending != NULL && *stage->pending > 0) {
            return TS_OK;
        }
    }
    return TS_OK;
}
