"""The indicators of ETSI TR 101 290, 5.2, by name, and what is reported of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tsloom.clock import PCR_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Indicator(NamedTuple):
    """Number and name in the guideline, and the unit of what its occurrences measure."""

    number: str
    name: str
    unit: str

    @property
    def priority(self) -> int:
        return int(self.number[0])


# In the order of the native core.
INDICATORS = (
    Indicator("1.1", "TS_sync_loss", "packets"),
    Indicator("1.2", "Sync_byte_error", "packets"),
    Indicator("1.3", "PAT_error", "s"),
    Indicator("1.3.a", "PAT_error_2", "s"),
    Indicator("1.4", "Continuity_count_error", "packets missing"),
    Indicator("1.5", "PMT_error", "s"),
    Indicator("1.5.a", "PMT_error_2", "s"),
    Indicator("1.6", "PID_error", "s"),
    Indicator("2.1", "Transport_error", "packets"),
    Indicator("2.2", "CRC_error", "sections"),
    Indicator("2.3", "PCR_error", "s"),
    Indicator("2.3.a", "PCR_repetition_error", "s"),
    Indicator("2.3.b", "PCR_discontinuity_indicator_error", "s"),
    Indicator("2.4", "PCR_accuracy_error", "ns"),
    Indicator("2.5", "PTS_error", "s"),
    Indicator("2.6", "CAT_error", "s"),
    Indicator("3.1", "NIT_error", "s"),
    Indicator("3.1.a", "NIT_actual_error", "s"),
    Indicator("3.1.b", "NIT_other_error", "s"),
    Indicator("3.2", "SI_repetition_error", "s"),
    Indicator("3.3", "Buffer_error", "bytes"),
    Indicator("3.4", "Unreferenced_PID", "s"),
    Indicator("3.4.a", "Unreferenced_PID", "s"),
    Indicator("3.5", "SDT_error", "s"),
    Indicator("3.5.a", "SDT_actual_error", "s"),
    Indicator("3.5.b", "SDT_other_error", "s"),
    Indicator("3.6", "EIT_error", "s"),
    Indicator("3.6.a", "EIT_actual_error", "s"),
    Indicator("3.6.b", "EIT_other_error", "s"),
    Indicator("3.6.c", "EIT_PF_error", "s"),
    Indicator("3.7", "RST_error", "s"),
    Indicator("3.8", "TDT_error", "s"),
    Indicator("3.9", "Empty_buffer_error", "s"),
    Indicator("3.10", "Data_delay_error", "s"),
)
BY_NUMBER = {indicator.number: indicator for indicator in INDICATORS}
SI_INDICATORS = tuple(
    number
    for number in BY_NUMBER
    if number == "3.2" or number.startswith(("3.1", "3.5", "3.6", "3.7", "3.8"))
    if number != "3.10"
)
TIMED_INDICATORS = tuple(
    indicator.number
    for indicator in INDICATORS
    if indicator.unit == "s" and indicator.number not in ("3.9", "3.10")
)
# An error is shown for so long after its last occurrence.
HOLD_S = 1.0
# Of each indicator; the native core lists as many.
MAX_OCCURRENCES = 1000

OK = "ok"
ERROR = "error"
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One error: where, when, what was seen and what was allowed, in the indicator's unit.

    `stream_time_s` counts from the first PCR of the reference; of an absence it is when the limit
    was passed, and `packet_index` is where that was noticed. None where no PCR could tell.
    `table_id` and `table_id_extension` for sections. What is forbidden altogether has `seen` and
    `allowed` None.
    """

    packet_index: int
    stream_time_s: float | None
    pid: int | None
    seen: float | None
    allowed: float | None
    table_id: int | None = None
    table_id_extension: int | None = None


@dataclass(frozen=True, slots=True)
class IndicatorReport:
    """What an indicator counted.

    `state`: "error" while an absence goes on or the last occurrence is less than a second old (in
    the stream's time), "not measured" with the `reason`, else "ok". `peak_per_second` is the most
    in one second of stream time. Occurrences above a thousand are counted only.
    """

    number: str
    name: str
    priority: int
    count: int
    state: str
    reason: str = ""
    unit: str = ""
    peak_per_second: int = 0
    last_time_s: float | None = None
    occurrences: tuple[Occurrence, ...] = field(default=(), repr=False)
    not_listed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values; of each occurrence only what is known."""
        plain = asdict(self)
        plain["occurrences"] = [
            {key: value for key, value in asdict(what).items() if value is not None}
            for what in self.occurrences
        ]
        return plain


# indicator, packet index, ticks or None, PID, table_id, extension, seen, allowed
_Row = tuple[int, int, int | None, int, int, int, int, int]


def list_occurrences(rows: Iterable[_Row]) -> dict[str, tuple[Occurrence, ...]]:
    """By the indicators' numbers, in the order in which they were found."""
    listed: dict[int, list[Occurrence]] = {}
    for row in rows:
        listed.setdefault(row[0], []).append(_occurrence(row))
    return {INDICATORS[index].number: tuple(found) for index, found in listed.items()}


def report_indicators(
    states: Sequence[tuple[int, int, int | None, bool]],
    rows: Iterable[_Row],
    now: int | None,
    not_measured: Mapping[str, str],
) -> dict[str, IndicatorReport]:
    """By number, from what the native core counted."""
    listed = list_occurrences(rows)
    reports = {}
    for index, indicator in enumerate(INDICATORS):
        count, peak, last, is_late = states[index]
        reason = "" if count else not_measured.get(indicator.number, "")
        occurrences = listed.get(indicator.number, ())
        reports[indicator.number] = IndicatorReport(
            number=indicator.number,
            name=indicator.name,
            priority=indicator.priority,
            count=count,
            state=NOT_MEASURED if reason else _state(count, last, now, is_late=is_late),
            reason=reason,
            unit=indicator.unit,
            peak_per_second=peak,
            last_time_s=None if last is None or now is None else last / PCR_HZ,
            occurrences=occurrences,
            not_listed=count - len(occurrences),
        )
    return reports


def _state(count: int, last: int | None, now: int | None, *, is_late: bool) -> str:
    held = count and (last is None or now is None or now - last < HOLD_S * PCR_HZ)
    return ERROR if is_late or held else OK


def _occurrence(row: _Row) -> Occurrence:
    index, packet_index, time, pid, table_id, extension, seen, allowed = row
    unit = INDICATORS[index].unit
    is_section = unit in ("s", "sections") and (table_id or allowed == 0)
    measured = unit != "s" or allowed != 0
    scale = PCR_HZ if unit == "s" else 1
    return Occurrence(
        packet_index=packet_index,
        stream_time_s=None if time is None else time / PCR_HZ,
        pid=pid,
        seen=seen / scale if measured else None,
        allowed=allowed / scale if measured else None,
        table_id=table_id if is_section else None,
        table_id_extension=extension if is_section and extension else None,
    )
