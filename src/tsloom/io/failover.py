"""Which of several inputs is to be on the air: a machine that is told what comes, and when."""

from __future__ import annotations

from dataclasses import dataclass

# An input counts as a bad one for so long after its last fault (TR 101 290 shows errors as long).
FAULT_HOLD_S = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """From one input to another, by their numbers; None is no input at all."""

    before: int | None
    after: int | None
    reason: str


@dataclass(slots=True)
class _Input:
    last_data_s: float | None = None
    last_fault_s: float | None = None
    fault: str = ""
    good_since_s: float = 0.0


class Failover:
    """Inputs in order of priority, 0 the first. Times are seconds of one clock that never steps.

    The active input is left when nothing came for data_timeout_s, or when it has faults and
    another has none. An input of higher priority comes back once it has been without silence and
    without faults for back_after_s; None lets it wait until the active one fails.
    """

    def __init__(
        self, inputs: int, *, now_s: float, data_timeout_s: float, back_after_s: float | None
    ) -> None:
        self.active: int | None = None
        self._inputs = [_Input() for _ in range(inputs)]
        self._began_s = now_s
        self._timeout_s = data_timeout_s
        self._back_after_s = back_after_s

    def note_data(self, number: int, now_s: float) -> None:
        """Packets have come, other than null packets."""
        state = self._inputs[number]
        if not self.is_delivering(number, now_s):
            state.good_since_s = now_s
        state.last_data_s = now_s

    def note_fault(self, number: int, now_s: float, fault: str) -> None:
        state = self._inputs[number]
        state.last_fault_s = state.good_since_s = now_s
        state.fault = fault

    def is_delivering(self, number: int, now_s: float) -> bool:
        last_s = self._inputs[number].last_data_s
        return last_s is not None and now_s - last_s <= self._timeout_s

    def find_fault(self, number: int, now_s: float) -> str:
        """The last fault while it counts, else nothing."""
        state = self._inputs[number]
        if state.last_fault_s is None or now_s - state.last_fault_s >= FAULT_HOLD_S:
            return ""
        return state.fault

    def choose(self, now_s: float) -> Change | None:
        """What is to change now, and has changed with this call; None: nothing."""
        change = self._begin(now_s) if self.active is None else self._judge(self.active, now_s)
        if change is not None:
            self.active = change.after
        return change

    def _begin(self, now_s: float) -> Change | None:
        best = self._find_best(now_s)
        if best is None:
            return None
        # The one in front of it may be a moment late.
        if best > 0 and now_s - self._began_s < self._timeout_s:
            return None
        return Change(None, best, "data has come")

    def _judge(self, active: int, now_s: float) -> Change | None:
        if not self.is_delivering(active, now_s):
            best = self._find_best(now_s)
            return Change(active, best, f"no data for {self._timeout_s:g} s")
        fault = self.find_fault(active, now_s)
        if fault:
            best = self._find_best(now_s)
            if best is None or best == active or self.find_fault(best, now_s):
                return None
            return Change(active, best, fault)
        return self._come_back(active, now_s)

    def _come_back(self, active: int, now_s: float) -> Change | None:
        if self._back_after_s is None:
            return None
        for number in range(active):
            good_s = now_s - self._inputs[number].good_since_s
            is_good = self.is_delivering(number, now_s) and not self.find_fault(number, now_s)
            if is_good and good_s >= self._back_after_s:
                reason = f"input {number + 1} has been good for {self._back_after_s:g} s"
                return Change(active, number, reason)
        return None

    def _find_best(self, now_s: float) -> int | None:
        """The first that delivers without faults, else the first that delivers at all."""
        delivering = [n for n in range(len(self._inputs)) if self.is_delivering(n, now_s)]
        good = [number for number in delivering if not self.find_fault(number, now_s)]
        return next(iter(good or delivering), None)
