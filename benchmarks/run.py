"""Runs all rows, prints them as tables with ratios to the limit, writes them as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import data, kernels, limits, machine, peers, pipeline, tables
from benchmarks.measure import Measured, measure
from benchmarks.pipeline.memory import measure_memory
from benchmarks.pipeline.overhead import AIM, measure_overhead
from benchmarks.streams import Stream

LIMITS = {row.name: row for row in limits.ROWS}
ROWS = [*limits.ROWS, *kernels.ROWS, *pipeline.ROWS]


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--smoke", action="store_true", help="small data, once: that it runs and answers right"
    )
    parser.add_argument("--repetitions", type=int, help="timed runs of a row (default 5)")
    parser.add_argument("--only", default="", help="rows and peers whose name holds this")
    parser.add_argument("--json", type=Path, help="where the JSON goes (default: beside the data)")
    parser.add_argument("--enforce", action="store_true", help="exit 1 where an aim is not reached")
    return parser.parse_args(arguments)


def open_streams(smoke: bool) -> list[Stream]:
    """The streams to measure with, in the page cache."""
    size = data.SMOKE_BYTES if smoke else data.FULL_BYTES
    paths = {"cbr": data.make_cbr(size), "real": data.make_real(size)}
    streams = [Stream(name, path) for name, path in paths.items() if path is not None]
    for stream in streams:
        stream.warm()
    return streams


def measure_rows(streams: Iterable[Stream], only: str, repetitions: int) -> list[Measured]:
    """Every row on every stream, its limit in turn with it."""
    measured = []
    for stream in streams:
        for row in ROWS:
            if only in row.name:
                limit = LIMITS[row.limit] if row.limit else None
                measured.append(measure(row, limit, stream, repetitions))
                tables.say(f"{stream.name}: {row.name}")
    return measured


def measure_peers(streams: Iterable[Stream], only: str, repetitions: int) -> list[peers.Measured]:
    """Every peer on every stream."""
    measured = []
    for stream in streams:
        for peer in peers.PEERS:
            if only in peer.name:
                measured.append(peers.measure_peer(peer, stream, repetitions))
                tables.say(f"{stream.name}: {peer.name}")
    return measured


def measure_costs(stream: Stream, repetitions: int) -> dict[str, Any]:
    """Python's overhead and memory over the input's size."""
    overhead = measure_overhead(stream, repetitions)
    memory = measure_memory(stream)
    return {
        "overhead": {**asdict(overhead), "ratio": overhead.ratio, "aim": AIM},
        "memory": [{**asdict(row), "flat": row.flat} for row in memory],
    }


def missed_aims(document: dict[str, Any]) -> list[str]:
    """The rows that fall short, in words."""
    missed = [
        f"{row['name']} on {row['stream']}: {row['ratio']:.2f} of {row['limit']}, aim {row['aim']}"
        for row in document["rows"]
        if row["reached"] is False
    ]
    costs = document.get("costs")
    if costs:
        if costs["overhead"]["ratio"] > AIM:
            missed.append(f"Python overhead {costs['overhead']['ratio']:.1%}, aim {AIM:.0%}")
        missed += [f"memory grows: {row['work']}" for row in costs["memory"] if not row["flat"]]
    return missed


def main(arguments: list[str] | None = None) -> int:
    """0 when all ran and answered right; with --enforce only if all aims are reached."""
    chosen = parse_arguments(arguments)
    repetitions = chosen.repetitions or (1 if chosen.smoke else 5)
    facts = machine.facts(machine.pin_to_one_core())
    streams = open_streams(chosen.smoke)
    sizes = {stream.name: stream.size_bytes for stream in streams}
    document: dict[str, Any] = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "smoke": chosen.smoke,
        "machine": facts,
        "size_bytes": sizes,
        "repetitions": repetitions,
        "rows": [row.to_dict() for row in measure_rows(streams, chosen.only, repetitions)],
        "peers": [
            row.to_dict() for row in measure_peers(streams, chosen.only, min(repetitions, 3))
        ],
    }
    if not chosen.only:
        document["costs"] = measure_costs(streams[0], repetitions)
    target = chosen.json or data.bench_dir() / "results.json"
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    tables.print_all(document)
    # The smoke run's figures say nothing about speed.
    missed = [] if chosen.smoke else missed_aims(document)
    for line in missed:
        print(f"short of the aim: {line}")
    print(f"written to {target}")
    failed = [row for row in document["peers"] if (row["skipped"] or "").startswith("failed")]
    return 1 if failed or (chosen.enforce and missed) or _peers_wanted(document) else 0


def _peers_wanted(document: dict[str, Any]) -> bool:
    """TSLOOM_REQUIRE_PEERS=1: a peer that Debian or PyPI has must not be missing."""
    if os.environ.get("TSLOOM_REQUIRE_PEERS") != "1":
        return False
    missing = [
        row["skipped"]
        for row in document["peers"]
        if row["skipped"] and "tsduck.io" not in row["skipped"]
    ]
    for reason in missing:
        print(f"TSLOOM_REQUIRE_PEERS=1: {reason}", file=sys.stderr)
    return bool(missing)
