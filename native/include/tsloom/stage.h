/* What a pipeline runs: machines that edit a batch in place. */
#ifndef TSLOOM_STAGE_H
#define TSLOOM_STAGE_H

#include <stddef.h>

#include "tsloom/batch.h"
#include "tsloom/status.h"

typedef struct ts_stage {
    /* Edits the batch in place; it is settled at first. TS_WANTS_CONTROL: serve the stage's events,
     * then call it again with the same batch; it goes on where it stopped. */
    ts_status (*process)(void *state, ts_batch *batch);
    /* The input has ended: what the stage still holds is appended to the batch. May be NULL. */
    ts_status (*finish)(void *state, ts_batch *batch);
    /* Events that wait for the control plane; may be NULL. */
    const size_t *pending;
    void *state;
} ts_stage;

/* Each but the first finds a batch that is settled; what the last one adds is not moved in.
 * Runs stages from *at on until one wants control or has events waiting (then *at is that stage, or
 * the one behind it if it has finished the batch), or until the last is done (*at == count). */
ts_status ts_stages_run(const ts_stage *stages, size_t count, size_t *at, ts_batch *batch);

#endif
