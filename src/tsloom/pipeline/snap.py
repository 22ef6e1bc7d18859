"""Where breaks that snap find random access points: a scanner, and a delay behind it."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from tsloom.clock import to_27mhz
from tsloom.pipeline.look_ahead import MAX_BYTES, LookAhead
from tsloom.pipeline.random_access import (
    RandomAccessKind,
    RandomAccessMonitor,
    RandomAccessPoint,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from tsloom._native.pipeline import Stage

CLEAN_POINTS: Final = frozenset(
    {
        RandomAccessKind.I_PICTURE,
        RandomAccessKind.IDR,
        RandomAccessKind.IDR_W_RADL,
        RandomAccessKind.IDR_N_LP,
    }
)
# More than there are in any look-ahead that fits the memory.
KEPT_POINTS: Final = 10_000


class SnapPoints:
    """The random access points of a service's video in the next seconds of the stream.

    `stages` stand in front of the `SpliceInserter` that is given this object: they delay the stream
    by seconds, which must be more than a break's pre-roll and the distance of two points together.
    kinds: what counts as one; by default MPEG-2 I-pictures and IDR pictures. max_bytes bounds the
    delay as in `LookAhead`.
    """

    def __init__(
        self,
        seconds: str | float | timedelta,
        *,
        service_id: int | None = None,
        kinds: Iterable[RandomAccessKind] = CLEAN_POINTS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.look_ahead = LookAhead(seconds, service_id=service_id, max_bytes=max_bytes)
        self.monitor = RandomAccessMonitor(service_id, on_point=self._note)
        self.kinds = frozenset(kinds)
        self.delay_27mhz = to_27mhz(seconds)
        self._presented: list[int] = []
        self._seen: list[int] = []

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The scanner, then the delay."""
        return self.monitor, self.look_ahead

    def find(self, time_27mhz: int, now_27mhz: int) -> int | None:
        """When the first point at or after a stream time is presented; None if there is none.

        Only what the delay is sure to have let in by now counts, so that the answer does not depend
        on how the input was cut.
        """
        at = bisect_left(self._presented, time_27mhz)
        if at == len(self._presented) or self._seen[at] > now_27mhz + self.delay_27mhz:
            return None
        return self._presented[at]

    def _note(self, point: RandomAccessPoint) -> None:
        presented, seen = point.presentation_time_27mhz, point.stream_time_27mhz
        if point.kind not in self.kinds or presented is None or seen is None:
            return
        if self._presented and presented <= self._presented[-1]:
            # Behind a break of the clock: what was found before it is found no more.
            cut = bisect_left(self._presented, presented)
            del self._presented[cut:], self._seen[cut:]
        self._presented.append(presented)
        self._seen.append(seen)
        if len(self._presented) > KEPT_POINTS:
            del self._presented[: KEPT_POINTS // 2], self._seen[: KEPT_POINTS // 2]
