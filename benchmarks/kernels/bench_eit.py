"""EIT: a whole guide built, one event changed, midnight, and the next section of the carousel.

`python -m benchmarks.kernels.bench_eit [--json FILE]`. 200 services, 8 days, half-hour events with
extended texts. The limit of building is the joining of the same bytes; that of the carousel a
Python call for each section that does nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tsloom import dvb
from tsloom.clock import PCR_HZ

SERVICES, DAYS, MINUTES = 200, 8, 30
MIDNIGHT = datetime(2026, 5, 1, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=10)
ACTUAL = (1, 1)
TEXT = "An inspector finds a letter that was never meant for her, and follows it to the coast. "
WINDOW = PCR_HZ // 20
WANTED_SECTIONS = 50_000


@dataclass(frozen=True)
class Measured:
    name: str
    work: str
    median: float
    best: float
    unit: str
    aim: float | None


def make_guide(services: int) -> dvb.EventDatabase:
    """Each event with a name, a short text and an extended text of 450 letters of its own."""
    database = dvb.EventDatabase()
    for number in range(services):
        key = (1, 1 + number // 20, 100 + number)
        for index in range(DAYS * 24 * 60 // MINUTES):
            database.add(key, make_event(number, index))
    return database


def make_event(service: int, index: int) -> dvb.Event:
    text = f"{service}.{index}: " + TEXT * 5
    parts = [text[at : at + 240] for at in range(0, len(text), 240)]
    return dvb.Event(
        index + 1,
        MIDNIGHT + index * timedelta(minutes=MINUTES),
        timedelta(minutes=MINUTES),
        descriptors=(
            dvb.ShortEventDescriptor("eng", f"Episode {index}", TEXT),
            *(
                dvb.ExtendedEventDescriptor("eng", part, (), place, len(parts) - 1)
                for place, part in enumerate(parts)
            ),
            dvb.ContentDescriptor((dvb.Content(1, index % 8),)),
        ),
    )


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure_build(database: dvb.EventDatabase, repetitions: int) -> list[Measured]:
    limits, builds, count, size = [], [], 0, 0
    for _ in range(repetitions):
        builds.append(timed(lambda: dvb.EitGenerator(database, NOW, actual=ACTUAL)))
        sections = list(dvb.EitGenerator(database, NOW, actual=ACTUAL).sections)
        count, size = len(sections), sum(map(len, sections))
        limits.append(timed(lambda: b"".join(sections)))  # noqa: B023 - called at once
    work = f"{SERVICES} services, {DAYS} days: {count:,} sections of {size / 1e6:.1f} MB"
    return [
        make_row("limit", "the same sections joined", limits, "s", None),
        make_row("build", work, builds, "s", 2.0),
    ]


def measure_updates(database: dvb.EventDatabase, repetitions: int) -> list[Measured]:
    generator = dvb.EitGenerator(database, NOW, actual=ACTUAL)
    now, edits, rolls = NOW, [], []
    for number in range(repetitions * 4):
        key = database.services[number % SERVICES]
        event = database.events(key)[100 + number]
        name = dvb.ShortEventDescriptor("eng", f"Changed {number}")
        database.replace(key, dvb.Event(event.event_id, event.start_time, event.duration,
                                        descriptors=(name,)))  # fmt: skip
        now += timedelta(seconds=1)
        started = time.perf_counter()
        update = generator.update(now)
        edits.append((time.perf_counter() - started) * 1e3)
        if len({section[3:5] for section in update.changed}) != 1:
            raise AssertionError("one event is of one service")
    for _ in range(repetitions):
        now += timedelta(minutes=MINUTES)
        rolls.append(timed(lambda: generator.update(now)) * 1e3)  # noqa: B023 - as above
    midnight = timed(lambda: generator.update(MIDNIGHT + timedelta(days=1))) * 1e3
    return [
        make_row("one event", "changed in the guide, until its sections are there", edits, "ms", 5),
        make_row(
            "roll-over", f"present/following of {SERVICES} services at once", rolls, "ms", None
        ),
        make_row("midnight", "all sections move", [midnight], "ms", None),
    ]


def measure_carousel(services: int, repetitions: int) -> list[Measured]:
    """Windows of 50 ms are taken, as the inserter does."""
    generator = dvb.EitGenerator(make_guide(services), NOW, actual=ACTUAL)
    carousel = dvb.Carousel()
    carousel.update(generator.sections)
    times, until = [], 0
    for _ in range(repetitions):
        taken = 0
        started = time.perf_counter()
        while taken < WANTED_SECTIONS:
            until += WINDOW
            taken += len(carousel.take(until))
        times.append((time.perf_counter() - started) / taken * 1e6)
    work = f"{services} services, {len(carousel):,} sections on it"
    return [make_row(f"next section, {services}", work, times, "us", 1.0)]


def make_row(name: str, work: str, values: list[float], unit: str, aim: float | None) -> Measured:
    return Measured(name, work, statistics.median(values), min(values), unit, aim)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args(arguments)
    database = make_guide(SERVICES)
    rows = [
        *measure_build(database, options.repetitions),
        *measure_updates(database, options.repetitions),
        *(row for count in (20, 200) for row in measure_carousel(count, options.repetitions)),
    ]
    for row in rows:
        aim = "" if row.aim is None else f"aim {row.aim:g} {row.unit}"
        figures = f"{row.median:9.3f} {row.unit:2}  best {row.best:9.3f}"
        print(f"{row.name:18} {figures}  {aim:10} {row.work}")
    if options.json:
        document = {"rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
