"""TR 101 290: the indicators, when they were off, and what SI came too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.indicators import BY_NUMBER, ERROR, NOT_MEASURED, SI_INDICATORS
from tsloom.analysis.page.charts import WIDTH, drawing, rectangle, swatch, time_labels
from tsloom.analysis.page.markup import Markup, element, section, table, title_row
from tsloom.analysis.page.numbers import amount, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tsloom.analysis.indicators import IndicatorReport, Occurrence
    from tsloom.analysis.report import Report

# Marks of one strip of the timeline.
SLOTS = 250
HEADS = ("no.", "indicator", "state", "count", "most in 1 s", "last at", "seen", "allowed")
CLASSES = (
    *("name", "name", "name", "number", "number wide", "number wide"),
    *("number wide", "number wide"),
)
# PSI and SI tables with an interval of their own; 3.1, 3.5 and 3.6 sum up their parts.
TABLE_INDICATORS = ("1.3.a", "1.5.a", *(n for n in SI_INDICATORS if n not in ("3.1", "3.5", "3.6")))
MOST_TABLES = 100


def indicators(report: Report) -> Markup:
    """The table of all indicators, by priority."""
    rows: list[tuple[str, ...] | Markup] = []
    for priority in (1, 2, 3):
        found = [row for row in report.tr101290.values() if row.priority == priority]
        words = f"Priority {priority}: {report.errors(priority):,} errors"
        rows += [title_row(words, len(HEADS)), *map(_indicator_row, found)]
    return section("tr101290", "TR 101 290", table(HEADS, rows, classes=CLASSES))


def _indicator_row(row: IndicatorReport) -> tuple[str, ...]:
    if row.state == NOT_MEASURED:
        reason = element("span", swatch("unknown", NOT_MEASURED), " ", element("small", row.reason))
        return (row.number, row.name, reason, "", "", "", "", "")
    state = swatch("bad" if row.state == ERROR else "past" if row.count else "good", row.state)
    seen = [what.seen for what in row.occurrences if what.seen is not None]
    limits = {what.allowed for what in row.occurrences if what.allowed is not None}
    return (
        row.number,
        row.name,
        state,
        f"{row.count:,}",
        f"{row.peak_per_second:,}" if row.count else "",
        "" if row.last_time_s is None else seconds(row.last_time_s),
        _span(seen, row.unit),
        _span(limits, row.unit),
    )


def _span(values: Iterable[float], unit: str) -> str:
    """One figure, or the least and the most."""
    known = sorted(values)
    if not known:
        return ""
    least, most = amount(known[0], unit), amount(known[-1], unit)
    return least if least == most else f"{least} to {most}"


def timeline(report: Report) -> Markup:
    """One strip for each indicator that counted, over the time of the stream."""
    found = [row for row in report.tr101290.values() if row.count]
    if not found:
        return section("timeline", "Timeline of alarms", element("p", "No indicator counted."))
    times = [time for row in found for time in _times(row)]
    begin = min(0.0, *times) if times else 0.0
    end = max(report.duration_s or 0.0, *times) if times else 0.0
    if end <= begin:
        end = begin + 1.0
    strips = [_strip(row, begin, end) for row in found]
    axis = element("div", element("span", ""), time_labels(begin, end), class_="strip axis")
    return section("timeline", "Timeline of alarms", *strips, axis if times else "")


def _times(row: IndicatorReport) -> list[float]:
    return [what.stream_time_s for what in row.occurrences if what.stream_time_s is not None]


def _strip(row: IndicatorReport, begin: float, end: float) -> Markup:
    times = _times(row)
    slots: dict[int, int] = {}
    for time in times:
        slot = min(int((time - begin) / (end - begin) * SLOTS), SLOTS - 1)
        slots[slot] = slots.get(slot, 0) + 1
    size, width = (end - begin) / SLOTS, WIDTH / SLOTS

    def tip(slot: int, count: int) -> str:
        start = begin + slot * size
        return f"{count:,} from {seconds(start)} to {seconds(start + size)}"

    marks = [
        rectangle(slot * width, width, f"p{row.priority}", tip(slot, count))
        for slot, count in sorted(slots.items())
    ]
    words = element(
        "span",
        swatch(f"p{row.priority}", row.number),
        f" {row.name} ",
        element("small", _counted(row, len(times))),
    )
    label = f"{row.name}: {row.count} over time"
    return element("div", words, drawing(*marks, label=label, kind="marks"), class_="strip")


def _counted(row: IndicatorReport, timed: int) -> str:
    """How many there were, and how many of them the strip does not show."""
    hidden = row.count - timed
    return f"{row.count:,}" + (f", {hidden:,} not shown" if hidden else "")


def si_repetition(report: Report) -> Markup:
    """Which tables came too seldom, too often or not at all."""
    rows: list[tuple[str, ...]] = []
    for number in TABLE_INDICATORS:
        indicator = report.tr101290.get(number)
        if indicator is None or not indicator.count:
            continue
        for key, found in _by_table(indicator).items():
            rows.append(_table_row(indicator, key, found))
    parts = [element("p", _si_verdict(report))]
    if rows:
        heads = ("indicator", "PID", "table", "times", "seen", "allowed")
        classes = ("name", "number", "name", "number", "number", "number")
        parts.append(table(heads, rows[:MOST_TABLES], classes=classes))
    if len(rows) > MOST_TABLES:
        parts.append(element("p", f"And {len(rows) - MOST_TABLES:,} more tables."))
    return section("si", "Repetition of PSI and SI", *parts)


_Table = tuple[int | None, int | None, int | None]


def _by_table(indicator: IndicatorReport) -> dict[_Table, list[Occurrence]]:
    tables: dict[_Table, list[Occurrence]] = {}
    for what in indicator.occurrences:
        key = (what.pid, what.table_id, what.table_id_extension)
        tables.setdefault(key, []).append(what)
    return tables


def _table_row(indicator: IndicatorReport, key: _Table, found: list[Occurrence]) -> tuple[str, ...]:
    pid, table_id, extension = key
    words = "" if table_id is None else f"table_id {table_id:#04x}"
    words += "" if extension is None else f" of {extension}"
    unit = BY_NUMBER[indicator.number].unit
    return (
        f"{indicator.number} {indicator.name}",
        "" if pid is None else str(pid),
        words,
        f"{len(found):,}",
        _span([what.seen for what in found if what.seen is not None], unit),
        _span({what.allowed for what in found if what.allowed is not None}, unit),
    )


def _si_verdict(report: Report) -> str:
    judged = [report.tr101290[n] for n in TABLE_INDICATORS if n in report.tr101290]
    off = [row.number for row in judged if row.count]
    reasons = sorted({row.reason for row in judged if row.reason})
    words = (
        f"Off: {', '.join(off)}." if off else "No table that was measured came off its interval."
    )
    return words + "".join(
        f" Not measured, as {reason}: "
        + ", ".join(row.number for row in judged if row.reason == reason)
        + "."
        for reason in reasons
    )
