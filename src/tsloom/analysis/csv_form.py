"""The report as one long table, a figure to a row: filters and pivots of a spreadsheet sort it.

`value` holds numbers alone, `text` words; what was not measured has no row.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from tsloom.analysis.report import Report

# What begins so is a formula to a spreadsheet, and service names are anybody's text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# By the end of a name; the longest that fits.
UNITS = {
    "_bps": "bit/s",
    "_s": "s",
    "_ms": "ms",
    "_ns": "ns",
    "_hz": "Hz",
    "_ppm": "ppm",
    "_mhz_per_s": "mHz/s",
    "_27mhz": "27 MHz",
    "_90khz": "90 kHz",
    "_bytes": "bytes",
    "packet_size": "bytes",
    "packets": "packets",
}


class CsvRow(NamedTuple):
    """`scope` is stream, service, elementary_stream, pid, indicator, occurrence, bitrate or event.

    `limit` is what was allowed where `value` was seen.
    """

    scope: str
    service_id: int | None = None
    pid: int | None = None
    indicator: str | None = None
    name: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    packet_index: int | None = None
    value: float | None = None
    unit: str | None = None
    limit: float | None = None
    text: str | None = None


def write_csv(report: Report, target: str | os.PathLike[str] | TextIO) -> None:
    """Into a file by its path (UTF-8), or an open one; rows end as RFC 4180 has it."""
    if isinstance(target, str | os.PathLike):
        with Path(target).open("w", encoding="utf-8", errors="replace", newline="") as file:
            _write_rows(report, file)
    else:
        _write_rows(report, target)


def _write_rows(report: Report, file: TextIO) -> None:
    writer = csv.writer(file)
    writer.writerow(CsvRow._fields)
    for row in csv_rows(report):
        writer.writerow(row._replace(text=_disarm(row.text)))


def _disarm(text: str | None) -> str | None:
    return f"'{text}" if text and text.startswith(FORMULA_STARTS) else text


def csv_rows(report: Report) -> Iterator[CsvRow]:
    """All rows, from the stream's figures down to single events."""
    plain = report.to_dict()
    parts = ("pids", "services", "events", "tr101290", "bitrates", "ip")
    whole = {name: value for name, value in plain.items() if name not in parts}
    yield from _figures(CsvRow("stream"), whole)
    for service in plain["services"]:
        streams = service.pop("elementary_streams")
        number = service.pop("service_id")
        yield from _figures(CsvRow("service", service_id=number), service)
        for stream in streams:
            row = CsvRow("elementary_stream", service_id=number, pid=stream.pop("pid"))
            yield from _figures(row, stream)
    for pid in plain["pids"]:
        yield from _figures(CsvRow("pid", pid=pid.pop("pid")), pid)
    for indicator in plain["tr101290"]:
        yield from _indicator(indicator)
    yield from _bitrates(report)
    yield from _network(plain.get("ip"))
    for event in report.events:
        yield CsvRow(
            "event",
            pid=event.pid,
            name=event.kind,
            packet_index=event.packet_index,
            value=event.offset_bytes,
            unit=None if event.offset_bytes is None else "bytes",
            text=event.detail or None,
        )


def _figures(row: CsvRow, values: Mapping[str, Any], prefix: str = "") -> Iterator[CsvRow]:
    for key, value in values.items():
        name = prefix + key
        if isinstance(value, dict):
            yield from _figures(row, value, name + ".")
        elif isinstance(value, bool):
            yield row._replace(name=name, value=int(value))
        elif isinstance(value, int | float):
            yield row._replace(name=name, value=value, unit=_unit(key))
        elif isinstance(value, str) and value:
            yield row._replace(name=name, text=value)
        elif isinstance(value, list | tuple) and value:
            yield row._replace(name=name, text=" ".join(map(str, value)))


def _network(ip: dict[str, Any] | None) -> Iterator[CsvRow]:
    if ip is None:
        return
    legs = ip.pop("legs")
    yield from _figures(CsvRow("ip"), ip)
    for number, leg in enumerate(legs, start=1):
        points = leg["media_delivery"].pop("points")
        yield from _figures(CsvRow("ip"), leg, f"leg {number}.")
        for point in points:
            start = point.pop("start_s")
            row = CsvRow("ip", start_s=start, end_s=start + point.pop("seconds"))
            yield from _figures(row, point, f"leg {number}.")


def _unit(name: str) -> str | None:
    fitting = [end for end in UNITS if name.endswith(end)]
    return UNITS[max(fitting, key=len)] if fitting else None


def _indicator(values: dict[str, Any]) -> Iterator[CsvRow]:
    occurrences, unit = values.pop("occurrences"), values.pop("unit")
    label = f"{values.pop('number')} {values.pop('name')}"
    yield from _figures(CsvRow("indicator", indicator=label), values)
    for what in occurrences:
        table = [f"{key} {what[key]:#x}" for key in _TABLE_KEYS if key in what]
        yield CsvRow(
            "occurrence",
            pid=what.get("pid"),
            indicator=label,
            name="seen",
            start_s=what.get("stream_time_s"),
            packet_index=what["packet_index"],
            value=what.get("seen"),
            unit=unit if "seen" in what else None,
            limit=what.get("allowed"),
            text=", ".join(table) or None,
        )


_TABLE_KEYS = ("table_id", "table_id_extension")


def _bitrates(report: Report) -> Iterator[CsvRow]:
    if report.bitrates is None:
        return
    for start, end, rates in report.bitrates.points:
        for pid, rate in zip(report.bitrates.pids, rates, strict=True):
            yield CsvRow(
                "bitrate",
                pid=pid,
                name="bitrate_bps",
                start_s=start,
                end_s=end,
                value=rate,
                unit="bit/s",
                text="other PIDs" if pid is None else None,
            )
