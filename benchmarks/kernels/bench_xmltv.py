"""`python -m benchmarks.kernels.bench_xmltv`: a guide of 200,000 programmes into a database.

The guide is generated: 100 channels, texts of 50 to 700 letters, each sixth outside of ASCII. The
limit is reading the same bytes with expat and doing nothing about them. Both run in a process of
their own; the aims are 15 s, and 300 MB for the whole process.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

PROGRAMMES = 200_000
CHANNELS = 100
AIM_SECONDS = 15.0
AIM_BYTES = 300_000_000
TEXT = (
    "The detective returns to the harbour town where an old case waits for an answer, and finds "
    "that nobody there wants one. Meanwhile her colleague follows a lead of his own into the hills."
)
OTHER_TEXT = "Příliš žluťoučký kůň úpěl ďábelské ódy a Švejk se tomu velmi podivil"
CATEGORIES = ("Movie", "News", "Sports", "Documentary", "Children", "Comedy", "Music")
MINUTES = 30


@dataclass(frozen=True)
class Result:
    """What one run of one row took; `peak_bytes` is the whole process's."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    programmes: int


def generate(programmes: int, channels: int) -> Iterator[str]:
    """The guide, line by line, ordered by channel."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv>\n'
    each = programmes // channels
    for channel in range(channels):
        yield f'<channel id="c{channel}"><display-name>Channel {channel}</display-name></channel>\n'
    for channel in range(channels):
        for index in range(each):
            yield programme(channel, index)
    yield "</tv>\n"


def programme(channel: int, index: int) -> str:
    number = channel * 7919 + index
    words = (OTHER_TEXT if number % 6 == 0 else TEXT).split()
    count = 10 + number * 31 % 110
    text = " ".join(words[(number + place) % len(words)] for place in range(count))
    title = " ".join(words[(number + place) % len(words)] for place in range(1 + number % 4))
    return (
        f'<programme start="{stamp(index)} +0000" stop="{stamp(index + 1)} +0000" '
        f'channel="c{channel}">\n'
        f'  <title lang="en">{title} {number}</title>\n'
        f'  <sub-title lang="en">Part {number % 40}</sub-title>\n'
        f'  <desc lang="en">{text}</desc>\n'
        f"  <credits><director>Director {number % 97}</director></credits>\n"
        f"  <category>{CATEGORIES[number % len(CATEGORIES)]}</category>\n"
        f'  <rating system="FSK"><value>{number % 3 * 6}</value></rating>\n'
        "</programme>\n"
    )


def stamp(index: int) -> str:
    minutes = index * MINUTES
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(1_795_392_000 + minutes * 60))


def read_bytes(path: Path, programmes: int) -> int:
    parser = expat.ParserCreate()
    with path.open("rb") as file:
        parser.ParseFile(file)
    return programmes


def read_guide(path: Path, programmes: int) -> int:
    import tsloom

    channels = {f"c{number}": (1, 1 + number // 20, 1 + number) for number in range(CHANNELS)}
    database = tsloom.EventDatabase.from_xmltv(path, channels)
    report = database.import_report
    if report is None or report.diagnostics or len(database) != programmes:
        raise AssertionError(f"{len(database)} events of {programmes}: {report}")
    return len(database)


ROWS = {"limit": read_bytes, "from_xmltv": read_guide}


def run_here(name: str, path: Path, programmes: int) -> Result:
    started, cpu_started = time.perf_counter(), time.process_time()
    found = ROWS[name](path, programmes)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Result(name, seconds, cpu_seconds, peak, found)


def run_apart(name: str, path: Path, programmes: int) -> Result:
    """In a process of its own, whose memory is the row's alone."""
    command = [sys.executable, "-m", __spec__.name if __spec__ else __file__]
    command += ["--row", name, "--guide", str(path), "--programmes", str(programmes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Result(**json.loads(done.stdout))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--programmes", type=int, default=PROGRAMMES)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--row", choices=sorted(ROWS), help=argparse.SUPPRESS)
    parser.add_argument("--guide", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    programmes = options.programmes // CHANNELS * CHANNELS
    if options.row:
        print(json.dumps(asdict(run_here(options.row, options.guide, programmes))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "guide.xml"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(generate(programmes, CHANNELS))
        size = path.stat().st_size
        results = [run_apart(name, path, programmes) for name in ROWS]
    document: dict[str, Any] = {"size_bytes": size, "rows": [asdict(one) for one in results]}
    print(f"{programmes} programmes, {size / 1e6:.0f} MB")
    for one in results:
        times = f"{one.seconds:7.2f} s  CPU {one.cpu_seconds:6.2f} s"
        print(f"{one.name:12} {times}  peak {one.peak_bytes / 1e6:6.0f} MB")
    limit, own = results
    print(f"from_xmltv takes {own.seconds / limit.seconds:.1f} times the limit; "
          f"aims {AIM_SECONDS:.0f} s, {AIM_BYTES / 1e6:.0f} MB")  # fmt: skip
    if options.json:
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    reached = own.seconds <= AIM_SECONDS and own.peak_bytes <= AIM_BYTES
    return 0 if reached or programmes < PROGRAMMES else 1


if __name__ == "__main__":
    sys.exit(main())
