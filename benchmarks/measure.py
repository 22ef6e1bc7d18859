"""Timing: a warm-up, then the row and its limit in turn, so that both meet the same machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.streams import Stream


@dataclass(frozen=True)
class Run:
    """One timed run: the answer is held against the stream's facts."""

    packets: int
    seconds: float
    answer: Mapping[str, int]


RowFunction = Callable[[Stream], Run]


@dataclass(frozen=True)
class Row:
    """Work to measure. `limit`: the row that it is compared with; `aim`: the least ratio wanted."""

    name: str
    work: str
    run: RowFunction
    limit: str | None = None
    aim: float | None = None


@dataclass(frozen=True)
class Measured:
    """Speeds in packets a second; ratios to the limit, measured in turn with it."""

    name: str
    work: str
    stream: str
    repetitions: int
    best: float
    median: float
    limit: str | None
    limit_median: float | None
    ratio: float | None
    aim: float | None
    answer: Mapping[str, int]

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None without one."""
        return None if self.aim is None or self.ratio is None else self.ratio >= self.aim

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "reached": self.reached}


class WrongAnswerError(Exception):
    """A row counted something else than the facts say: its speed means nothing."""


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work gives, and its seconds."""
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started


def check(row: Row, stream: Stream, run: Run) -> None:
    """Raises WrongAnswerError where the answer and the facts differ."""
    facts = {**stream.facts.__dict__, "size_bytes": stream.size_bytes}
    wrong = {
        name: (value, facts[name])
        for name, value in run.answer.items()
        if name in facts and facts[name] != value
    }
    if wrong or run.packets != facts["packets"]:
        raise WrongAnswerError(f"{row.name} on {stream.name}: {run.packets} packets, {wrong}")


def measure(row: Row, limit: Row | None, stream: Stream, repetitions: int) -> Measured:
    """Runs the row so often, its limit in turn with it."""
    rows = [row] if limit is None else [limit, row]
    for each in rows:
        check(each, stream, each.run(stream))
    speeds: dict[str, list[float]] = {each.name: [] for each in rows}
    answer: Mapping[str, int] = {}
    for _ in range(repetitions):
        for each in rows:
            run = each.run(stream)
            check(each, stream, run)
            speeds[each.name].append(run.packets / run.seconds)
            answer = run.answer
    median = statistics.median(speeds[row.name])
    base = statistics.median(speeds[limit.name]) if limit else None
    return Measured(
        name=row.name,
        work=row.work,
        stream=stream.name,
        repetitions=repetitions,
        best=max(speeds[row.name]),
        median=median,
        limit=row.limit,
        limit_median=base,
        ratio=median / base if base else None,
        aim=row.aim,
        answer=answer,
    )
