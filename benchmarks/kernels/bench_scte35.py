"""SCTE 35: sections a second, decoded, encoded and glanced at, beside threefive in the same run.

`python -m benchmarks.kernels.bench_scte35 [--json FILE]`. The sections are those of the external
test data, or made here where it is absent. The limit is a Python call for each section that does
nothing with it.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy

from tsloom import scte35

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("TSLOOM_TEST_DATA") or ROOT.parent / "shared" / "data")
SECTIONS = DATA / "scte35" / "sections.jsonl"
WANTED = 20_000


@dataclass(frozen=True)
class Row:
    name: str
    work: str
    sections: int
    aim_per_second: float | None
    run: Callable[[], object]


@dataclass(frozen=True)
class Measured:
    name: str
    work: str
    sections: int
    median_per_second: float
    best_per_second: float
    aim_per_second: float | None


def own_sections() -> list[bytes]:
    """Two kinds of cue as they are on air, for where the external data is absent."""
    made = []
    for number in range(300):
        time_of_splice = scte35.SpliceTime(90_000 * number)
        made.append(
            scte35.SpliceInfoSection(
                scte35.SpliceInsert(
                    number,
                    out_of_network_indicator=True,
                    splice_time=time_of_splice,
                    break_duration=scte35.BreakDuration(auto_return=True, duration=2_700_000),
                )
            )
        )
        descriptor = scte35.SegmentationDescriptor(
            number,
            segmentation_type_id=scte35.SegmentationType.PROVIDER_PLACEMENT_OPPORTUNITY_START,
            segmentation_duration=2_700_000,
            segmentation_upid_type=scte35.UpidType.TI,
            segmentation_upid=number.to_bytes(8, "big"),
        )
        made.append(
            scte35.SpliceInfoSection(scte35.TimeSignal(time_of_splice), [descriptor, descriptor])
        )
    return [section.encode() for section in made]


def good_sections() -> list[bytes]:
    """The sections by others whose CRC_32 is right and whose command can be read."""
    if not SECTIONS.is_file():
        return own_sections()
    found = []
    for line in SECTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["encoding"] != "xml" and row["crc_ok"]:
            section = scte35.parse(row["data"])
            if section.splice_command is not None:
                found.append(section.encode())
    return found


def free_values(raws: list[bytes]) -> list[scte35.SpliceInfoSection]:
    """The same sections as values made by a caller: nothing of their bytes is kept."""
    made = []
    for raw in raws:
        section = scte35.parse(raw)
        if section.splice_command is not None and not section.diagnostics:
            made.append(
                scte35.SpliceInfoSection(
                    section.splice_command.replace(),
                    [one.replace() for one in section.splice_descriptors],
                    pts_adjustment=section.pts_adjustment,
                )
            )
    return made


def each(items: list[Any], work: Callable[[Any], object]) -> Callable[[], None]:
    """The work on one item after the other; what comes of it is dropped."""

    def run() -> None:
        for item in items:
            work(item)

    return run


def tsloom_rows(raws: list[bytes], once: int) -> list[Row]:
    values = free_values(raws[:once])
    values = values * (len(raws) // len(values))
    offsets = numpy.cumsum([0, *[len(raw) for raw in raws]])[:-1]
    buffer = b"".join(raws)
    parse = scte35.parse

    def nothing(_: object) -> None:
        return None

    def glance() -> None:
        if not scte35.peek_many(raws)[0].all():
            raise AssertionError("a CRC_32 is not right")

    def glance_buffer() -> None:
        if not scte35.peek_buffer(buffer, offsets)[0].all():
            raise AssertionError("a CRC_32 is not right")

    size = len(raws)
    return [
        Row("limit", "one Python call a section", size, None, each(raws, nothing)),
        Row("decode", "complete typed values", size, 4e5, each(raws, parse)),
        Row("decode dict", "and their dict", size, None, each(raws, lambda x: parse(x).to_dict())),
        Row("encode", "from values", len(values), 2e5, each(values, lambda x: x.encode())),
        Row("restamp", "parse, pts_adjustment, encode", size, None,
            each(raws, lambda x: parse(x).replace(pts_adjustment=9).encode())),
        Row("peek", "one by one", size, None, each(raws, scte35.peek)),
        Row("peek_many", "a list of sections", size, 3e6, glance),
        Row("peek_buffer", "one buffer with offsets", size, 3e6, glance_buffer),
    ]  # fmt: skip


def threefive_rows(raws: list[bytes], once: int) -> list[Row]:
    """threefive on the sections that it gives back as they were, and does so again."""
    try:
        import threefive
    except ImportError:
        print("threefive is not installed: pip install threefive==3.1.5", file=sys.stderr)
        return []
    texts, cues = [], []
    for raw in raws[:once]:
        text = base64.b64encode(raw).decode("ascii")
        with contextlib.suppress(Exception), contextlib.redirect_stderr(io.StringIO()):
            cue = threefive.Cue(text)
            if cue.encode() == text and cue.encode() == text:
                texts.append(text)
                cues.append(cue)
    factor = max(1, 2_000 // len(texts))
    texts, cues = texts * factor, cues * factor
    return [
        Row("threefive decode", "Cue(base64)", len(texts), None, each(texts, threefive.Cue)),
        Row("threefive dict", "and its dict", len(texts), None,
            each(texts, lambda text: threefive.Cue(text).get())),
        Row("threefive encode", "Cue.encode()", len(cues), None,
            each(cues, lambda cue: cue.encode())),
    ]  # fmt: skip


def measure(rows: list[Row], repetitions: int) -> list[Measured]:
    """All rows in turn, so that they meet the same machine."""
    speeds: dict[str, list[float]] = {row.name: [] for row in rows}
    for _ in range(repetitions):
        for row in rows:
            with contextlib.redirect_stderr(io.StringIO()):
                started = time.perf_counter()
                row.run()
                speeds[row.name].append(row.sections / (time.perf_counter() - started))
    return [
        Measured(
            row.name,
            row.work,
            row.sections,
            statistics.median(speeds[row.name]),
            max(speeds[row.name]),
            row.aim_per_second,
        )
        for row in rows
    ]


def report(measured: list[Measured]) -> dict[str, Any]:
    by_name = {row.name: row for row in measured}
    for row in measured:
        aim = "" if row.aim_per_second is None else f"aim {row.aim_per_second:>11,.0f}"
        print(
            f"{row.name:18} {row.median_per_second:>14,.0f} /s  "
            f"best {row.best_per_second:>14,.0f}  {aim:16} {row.work}, {row.sections} sections"
        )
    ratios = {}
    for own, other in (("decode", "threefive decode"), ("encode", "threefive encode")):
        if other in by_name:
            ratio = by_name[own].median_per_second / by_name[other].median_per_second
            ratios[f"{own} / {other}"] = ratio
            print(f"{own} is {ratio:.0f} times {other}")
    return {"rows": [asdict(row) for row in measured], "ratios": ratios}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args(arguments)
    raws = good_sections()
    once = len(raws)
    raws = raws * max(1, WANTED // once)
    document = report(
        measure(tsloom_rows(raws, once) + threefive_rows(raws, once), options.repetitions)
    )
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
