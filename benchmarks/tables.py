"""The results as text."""

from __future__ import annotations

import sys
from typing import Any

MILLION = 1e6


def say(text: str) -> None:
    """One line of progress, for people only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def print_table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Columns as wide as what stands in them; numbers to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    print(f"\n{title}")
    for row in [head, *rows]:
        cells = [
            text.rjust(width) if _is_number(text) else text.ljust(width)
            for text, width in zip(row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())


def _is_number(text: str) -> bool:
    return text[:1].isdigit() or text == "-"


def _speed(value: float | None) -> str:
    return "-" if value is None else f"{value / MILLION:.1f}"


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def print_all(document: dict[str, Any]) -> None:
    """All tables of a result document."""
    say("")
    machine = document["machine"]
    print(f"{machine['cpu']}, core {machine['pinned_to_core']}, {machine['system']}")
    print(f"load average when it began: {machine['load_average_before']:.1f}")
    for stream, size in document["size_bytes"].items():
        print_table(
            f"{stream}: {size} bytes; M packets/s, median of {document['repetitions']}",
            ("row", "median", "best", "ratio", "aim", "limit", "work"),
            [_own_row(row) for row in document["rows"] if row["stream"] == stream],
        )
        print_table(
            f"{stream}: others, M packets/s",
            ("peer", "median", "best", "work"),
            [_peer_row(row) for row in document["peers"] if row["stream"] == stream],
        )
    if "costs" in document:
        _print_costs(document["costs"])


def _own_row(row: dict[str, Any]) -> tuple[str, ...]:
    speeds = (_speed(row["median"]), _speed(row["best"]))
    return (
        row["name"],
        *speeds,
        _ratio(row["ratio"]),
        _ratio(row["aim"]),
        row["limit"] or "",
        row["work"],
    )


def _peer_row(row: dict[str, Any]) -> tuple[str, ...]:
    if row["skipped"]:
        return (row["name"], "-", "-", f"skipped: {row['skipped']}")
    return (row["name"], _speed(row["median"]), _speed(row["best"]), row["work"])


def _print_costs(costs: dict[str, Any]) -> None:
    overhead = costs["overhead"]
    print("\nPython in a pipeline of 5 stages at 4096 packets a batch")
    print(
        f"a step with one packet {overhead['small_step_s'] * 1e6:.2f} us, with a full batch"
        f" {overhead['full_step_s'] * 1e6:.1f} us: {overhead['ratio']:.2%} at the most,"
        f" aim {overhead['aim']:.0%}"
    )
    print_table(
        "Peak memory of the process in KiB",
        ("work", "a quarter", "the whole", "flat"),
        [
            (
                row["work"],
                str(row["short_kib"]),
                str(row["long_kib"]),
                "yes" if row["flat"] else "NO",
            )
            for row in costs["memory"]
        ],
    )
