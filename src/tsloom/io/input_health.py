"""What an input gives, judged by the first priority of TR 101 290, on the air or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tsloom._native.analyzer import AnalyzerStage
from tsloom._native.pipeline import Engine
from tsloom._native.sync import SyncMachine
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from tsloom.packets import PacketBatch

NULL_PID = 0x1FFF
# Number and name in ETSI TR 101 290, 5.2.1; of those that the analyser judges, its index.
_NAMES = {
    "1.1": "TS_sync_loss",
    "1.2": "Sync_byte_error",
    "1.3.a": "PAT_error_2",
    "1.4": "Continuity_count_error",
    "1.5.a": "PMT_error_2",
    "1.6": "PID_error",
}
_ANALYZED = {"1.3.a": 3, "1.4": 4, "1.5.a": 6, "1.6": 7}
# Single errors of these are common, and pass by themselves.
_COUNTED = ("1.2", "1.4")
_COUNTED_WITHIN_S = 1.0
_JUDGED_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Triggers:
    """Which errors make an input a bad one, beside no data, which always does.

    `indicators` are numbers of TR 101 290's first priority; none of them with an empty set. Of 1.2
    and 1.4 so many errors within a second are one fault: `errors_per_second`.
    """

    indicators: frozenset[str] = frozenset(_NAMES)
    errors_per_second: int = 10

    def __post_init__(self) -> None:
        unknown = sorted(self.indicators - set(_NAMES))
        if unknown:
            raise UsageError(f"no trigger: {', '.join(unknown)}; there are {', '.join(_NAMES)}")
        if self.errors_per_second < 1:
            raise UsageError("one error is the least", errors_per_second=self.errors_per_second)


class _Judge(AnalyzerStage):
    """The analyser, asked for its counts alone."""

    def serve(self) -> None:
        self.take_records()


@dataclass(slots=True)
class _Window:
    """Errors within the last second."""

    begun_s: float = 0.0
    count: int = 0


@dataclass(slots=True)
class _Seen:
    counts: dict[str, int] = field(default_factory=dict)
    windows: dict[str, _Window] = field(default_factory=dict)


class InputHealth:
    """Packets out of one input's bytes, and its faults. Counters only grow."""

    def __init__(self, triggers: Triggers) -> None:
        self.packets = 0
        self.null_packets = 0
        self._triggers = triggers
        self._sync = SyncMachine()
        self._judge = _Judge()
        self._engine = Engine([self._judge])
        self._seen = _Seen()
        self._judged_s = 0.0

    @property
    def errors(self) -> dict[str, int]:
        """By indicator, all that were counted."""
        counts = dict(self._seen.counts)
        return {number: counts.get(number, 0) for number in _NAMES}

    def feed(self, data: ReadableBuffer) -> tuple[PacketBatch, int]:
        """The packets that are whole now, and how many of them are no null packets."""
        batch = self._sync.feed(memoryview(data).cast("B"))
        self._sync.take_events()
        if not len(batch):
            return batch, 0
        self._engine.process(batch)
        live = int((batch.pid != NULL_PID).sum())
        self.packets += len(batch)
        self.null_packets += len(batch) - live
        return batch, live

    def find_faults(self, now_s: float) -> list[str]:
        """What has been wrong since the last call, or goes on, in words. Asked too often it says
        nothing."""
        if now_s - self._judged_s < _JUDGED_EVERY_S:
            return []
        self._judged_s = now_s
        rows = self._judge.indicators()
        counts = {number: rows[index][0] for number, index in _ANALYZED.items()}
        late = {number for number, index in _ANALYZED.items() if rows[index][3]}
        counts |= {"1.1": self._sync.sync_losses, "1.2": self._sync.bad_sync_bytes}
        return [
            f"{_NAMES[number]} ({number})"
            for number, count in counts.items()
            if self._is_fault(number, count, now_s, goes_on=number in late)
        ]

    def _is_fault(self, number: str, count: int, now_s: float, *, goes_on: bool) -> bool:
        new = count - self._seen.counts.get(number, 0)
        self._seen.counts[number] = count
        if number not in self._triggers.indicators:
            return False
        if number not in _COUNTED:
            return goes_on or new > 0
        window = self._seen.windows.setdefault(number, _Window())
        if now_s - window.begun_s >= _COUNTED_WITHIN_S:
            window.begun_s, window.count = now_s, 0
        window.count += new
        return new > 0 and window.count >= self._triggers.errors_per_second
