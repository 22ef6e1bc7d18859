"""Whether pictures at which decoding can begin stand where splice points are."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tsloom.clock import PCR_HZ, PTS_HZ, pts_difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tsloom.scte35.monitor_breaks import SplicePoint, TrackedBreak

# Some minutes of them; a PTS comes again only after a day.
KEPT_POINTS = 1024


class RandomAccessPoints:
    """The latest random access points of a service, and splice points that wait for theirs.

    A picture comes before its PTS by the clock, so a splice point is judged once the clock has
    gone by it and the tolerance.
    """

    def __init__(self, tolerance_s: float) -> None:
        self._tolerance_27mhz = round(tolerance_s * PCR_HZ)
        self._tolerance_90khz = round(tolerance_s * PTS_HZ)
        self._points: deque[int] = deque(maxlen=KEPT_POINTS)
        self._expected: list[tuple[int, TrackedBreak, SplicePoint]] = []

    def add(self, pts_90khz: int) -> None:
        self._points.append(pts_90khz)

    def expect(self, tracked: TrackedBreak, point: SplicePoint) -> None:
        """A splice point at a time that a message names; others are passed by."""
        if not point.is_immediate and point.time_27mhz is not None:
            self._expected.append((point.time_27mhz + self._tolerance_27mhz, tracked, point))

    def missing(self, now_27mhz: int) -> Iterator[tuple[TrackedBreak, SplicePoint, int]]:
        """Splice points gone by without a random access point; how far the nearest is (90 kHz).

        None where no random access point was ever told: nobody looks for them then.
        """
        over = sorted(
            (one for one in self._expected if one[0] <= now_27mhz), key=lambda one: one[0]
        )
        self._expected = [one for one in self._expected if one[0] > now_27mhz]
        for _, tracked, point in over:
            splice_pts = point.pts_90khz
            if splice_pts is None or not self._points:
                continue
            away = min((pts_difference(pts, splice_pts) for pts in self._points), key=abs)
            if abs(away) > self._tolerance_90khz:
                yield tracked, point, away
