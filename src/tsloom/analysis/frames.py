"""The report as pandas data frames."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tsloom.analysis.indicators import Occurrence
from tsloom.errors import MissingLibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from tsloom.analysis.report import Report

INDICATOR_COLUMNS = (
    *("number", "name", "priority", "count", "state", "reason", "unit"),
    *("peak_per_second", "last_time_s", "not_listed"),
)
OCCURRENCE_COLUMNS = ("indicator", "name", "priority", "unit", *Occurrence.__dataclass_fields__)
BITRATE_COLUMNS = ("start_s", "end_s", "pid", "bitrate_bps")
# Whole numbers that may be absent: a column of floats would show PID 256 as 256.0.
NULLABLE = ("pid", "table_id", "table_id_extension", "stream_type")


def data_frames(report: Report) -> dict[str, pd.DataFrame]:
    """`pids`, `indicators`, `occurrences` and `bitrates`."""
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingLibraryError("data frames need tsloom[pandas]", package="pandas") from error

    def frame(rows: list[dict[str, Any]], columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        made = pd.DataFrame(rows, columns=None if columns is None else list(columns))
        return made.astype({name: "Int64" for name in NULLABLE if name in made.columns})

    pids = [_flat(row.to_dict()) for row in report.pids.values()]
    indicators = [
        {name: getattr(row, name) for name in INDICATOR_COLUMNS} for row in report.tr101290.values()
    ]
    return {
        "pids": frame(pids or [{"pid": None}]).dropna(subset="pid").set_index("pid"),
        "indicators": frame(indicators, INDICATOR_COLUMNS).set_index("number"),
        "occurrences": frame(list(_occurrences(report)), OCCURRENCE_COLUMNS),
        "bitrates": frame(list(_bitrates(report)), BITRATE_COLUMNS),
    }


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Figures within figures by names with dots."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _occurrences(report: Report) -> Iterator[dict[str, Any]]:
    for row in report.tr101290.values():
        about = {
            "indicator": row.number,
            "name": row.name,
            "priority": row.priority,
            "unit": row.unit,
        }
        for occurrence in row.occurrences:
            yield about | asdict(occurrence)


def _bitrates(report: Report) -> Iterator[dict[str, Any]]:
    if report.bitrates is None:
        return
    for start, end, rates in report.bitrates.points:
        for pid, rate in zip(report.bitrates.pids, rates, strict=True):
            yield {"start_s": start, "end_s": end, "pid": pid, "bitrate_bps": rate}
