"""One clean stream out of what several inputs give in turn."""

from __future__ import annotations

from tsloom._native.input_switch import InputSwitchStage


class InputSwitch(InputSwitchStage):
    """Keeps the output right where the packets begin to come from another input.

    Stands first in the pipeline; a `tsloom.io.RedundantSource` calls `mark` with the index of the
    first packet of each new input. From there on:

    - the continuity_counter of every PID goes on;
    - the first PCR of every PID bears discontinuity_indicator: a system time-base discontinuity
      (ISO/IEC 13818-1, 2.4.3.5). The packet has an adaptation field, so none is added;
    - of every PID that has payload units, packets leave from the first unit start behind that PCR
      on, so that no unit is glued together of two inputs and no PTS precedes its clock. Those that
      do not leave become null packets (a PCR among them stays), 4096 of a PID at the most;
    - PAT and PMTs leave in whole sections. One that differs from the last and has its
      version_number gets the next one; one that says the same keeps the number it had.

    `mark` with psi_every says that null packets come, for want of an input: PAT and PMTs as they
    were last take the first of them, and again every so many packets. Positions and the number of
    packets stay. Errors within an input pass as they came.

    Counters: `switches`, `withheld_packets` (became null packets), `announced_discontinuities`
    (PCRs that got the indicator), `raised_versions`.
    """
