"""What the PCRs of one PID are worth: intervals, PCR_AC, PCR_OJ, PCR_FO and PCR_DR.

ETSI TR 101 290, 5.3.2 and annex I. docs/explanation/pcr-measurement.md has the formulas.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from tsloom._native.pcr_measure import (
    ACCURACY_LIMIT_NS,
    JITTER_LIMIT_NS,
    MGF1_HZ,
    MGF2_HZ,
    MGF3_HZ,
    PcrMeasure,
)
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "ACCURACY_LIMIT_NS",
    "DRIFT_RATE_LIMIT_MHZ_PER_S",
    "FREQUENCY_OFFSET_LIMIT_HZ",
    "INTERVAL_BINS",
    "JITTER_LIMIT_NS",
    "MGF1_HZ",
    "MGF2_HZ",
    "MGF3_HZ",
    "PcrDeviations",
    "PcrFigures",
    "PcrFrequency",
    "PcrIntervals",
    "PcrMeasurement",
    "PcrVerdict",
]

FREQUENCY_OFFSET_LIMIT_HZ = 810.0
"""30 ppm of 27 MHz (ISO/IEC 13818-1, 2.4.2.1)."""
DRIFT_RATE_LIMIT_MHZ_PER_S = 75.0
"""ISO/IEC 13818-1, 2.4.2.1."""
INTERVAL_BINS = (
    *("backward", "0"),
    *(f"({edge}, {edge + 10}] ms" for edge in range(0, 100, 10)),
    "above 100 ms",
)
"""The histogram's bins; an upper edge belongs to its bin."""
TICKS_PER_MS = 27_000


ArrivalClock = Literal["arrival_time_stamp", "receive_time"]


class PcrVerdict(NamedTuple):
    """What one PCR is off its line: `deviation_ns` is None where too few stood between two breaks.

    `kind` is "accuracy" (PCR_AC) or "overall_jitter" (PCR_OJ); `error` says that it is beyond the
    limit. Positive: the PCR tells a later time than its neighbours do.
    """

    kind: Literal["accuracy", "overall_jitter"]
    packet_index: int
    deviation_ns: float | None
    error: bool


@dataclass(frozen=True, slots=True)
class PcrIntervals:
    """Intervals between PCRs in ms, those over a break left out; None without any.

    `histogram` counts per bin of `INTERVAL_BINS` and has jumps too, but no interval over an
    announced discontinuity. `sum_27mhz` is exact.
    """

    count: int
    min_ms: float | None
    max_ms: float | None
    mean_ms: float | None
    sum_27mhz: int
    histogram: tuple[int, ...]
    discontinuities: int
    jumps: int


@dataclass(frozen=True, slots=True)
class PcrDeviations:
    """PCR_AC or PCR_OJ in ns, high-passed; `errors` counts those beyond `limit_ns` either way.

    `unjudged` stood between two breaks that left fewer than four PCRs to compare.
    """

    count: int
    min_ns: float | None
    max_ns: float | None
    peak_to_peak_ns: float | None
    rms_ns: float | None
    errors: int
    limit_ns: int
    worst_ns: float | None
    worst_packet_index: int | None
    unjudged: int


@dataclass(frozen=True, slots=True)
class PcrFrequency:
    """The program's 27 MHz against the clock of arrival, over `span_s` seconds.

    PCR_FO is `offset_hz`, the mean of the span; PCR_DR is `drift_mhz_per_s`. `offset_error_hz` and
    `drift_error_mhz_per_s` are what the jitter leaves open, one standard deviation: of a short span
    it is large. `arrival_drift_ns` is how far PCRs have run ahead of arrival since the first.
    """

    offset_hz: float
    offset_ppm: float
    offset_error_hz: float
    drift_mhz_per_s: float
    drift_error_mhz_per_s: float
    span_s: float
    arrival_drift_ns: float
    arrival_drift_min_ns: float
    arrival_drift_max_ns: float

    @property
    def offset_exceeded(self) -> bool:
        """Above 810 Hz, and surely so: by two standard deviations."""
        return abs(self.offset_hz) - 2 * self.offset_error_hz > FREQUENCY_OFFSET_LIMIT_HZ

    @property
    def drift_exceeded(self) -> bool:
        """Above 75 mHz/s, and surely so: by two standard deviations."""
        return (
            abs(self.drift_mhz_per_s) - 2 * self.drift_error_mhz_per_s > DRIFT_RATE_LIMIT_MHZ_PER_S
        )


@dataclass(frozen=True, slots=True)
class PcrFigures:
    """All figures of one PCR PID.

    `accuracy_method` is "exact" at a constant bitrate, "estimate" where more than one interval in
    twenty is longer or shorter than its bytes (by 25 us, or 0.1 % if that is more), and "unknown"
    before three intervals were compared.

    PCR_OJ, PCR_FO and PCR_DR are against the clock of arrival: that of `arrival_clock`, the
    arrival_time_stamp of M2TS packets or the system's when it received a datagram. Where there is
    none, or too few PCRs have come with a time of arrival, `jitter` has no count, `frequency` is
    None, and `not_measured` says why.
    """

    pcr_count: int
    intervals: PcrIntervals
    accuracy: PcrDeviations
    accuracy_method: Literal["exact", "estimate", "unknown"]
    uneven_intervals: int
    restarts: int
    jitter: PcrDeviations
    frequency: PcrFrequency | None
    filter_hz: float
    arrival_clock: ArrivalClock | None = None
    not_measured: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers."""
        plain = asdict(self)
        plain["intervals"]["histogram"] = dict(
            zip(INTERVAL_BINS, self.intervals.histogram, strict=True)
        )
        return plain


_METHODS: dict[str, Literal["exact", "estimate", "unknown"]] = {
    "constant": "exact",
    "variable": "estimate",
    "unknown": "unknown",
}


def _intervals(raw: dict[str, Any]) -> PcrIntervals:
    count = raw["interval_count"]
    return PcrIntervals(
        count=count,
        min_ms=raw["interval_min"] / TICKS_PER_MS if count else None,
        max_ms=raw["interval_max"] / TICKS_PER_MS if count else None,
        mean_ms=raw["interval_sum"] / count / TICKS_PER_MS if count else None,
        sum_27mhz=raw["interval_sum"],
        histogram=tuple(raw["bins"]),
        discontinuities=raw["discontinuities"],
        jumps=raw["jumps"],
    )


def _deviations(raw: dict[str, Any], limit_ns: int) -> PcrDeviations:
    count = raw["count"]
    return PcrDeviations(
        count=count,
        min_ns=raw["min"] if count else None,
        max_ns=raw["max"] if count else None,
        peak_to_peak_ns=raw["max"] - raw["min"] if count else None,
        rms_ns=math.sqrt(raw["sum_squares"] / count) if count else None,
        errors=raw["errors"],
        limit_ns=limit_ns,
        worst_ns=raw["worst"] if count else None,
        worst_packet_index=raw["worst_index"] if count else None,
        unjudged=raw["unjudged"],
    )


def _frequency(raw: dict[str, Any] | None) -> PcrFrequency | None:
    if raw is None:
        return None
    return PcrFrequency(
        offset_hz=raw["offset_hz"],
        offset_ppm=raw["offset_hz"] / 27,
        offset_error_hz=math.sqrt(raw["offset_variance"]),
        drift_mhz_per_s=raw["drift_mhz_per_s"],
        drift_error_mhz_per_s=math.sqrt(raw["drift_variance"]),
        span_s=raw["span_s"],
        arrival_drift_ns=raw["arrival_drift_ns"],
        arrival_drift_min_ns=raw["arrival_drift_min"],
        arrival_drift_max_ns=raw["arrival_drift_max"],
    )


def _why_not_measured(raw: dict[str, Any]) -> str | None:
    """Of what needs arrival times."""
    count = raw["moments"]["count"]
    if count == 0:
        return "the input does not tell when packets arrived"
    if raw["jitter"]["count"] == 0 or raw["frequency"] is None:
        return f"{count} PCRs with a later time of arrival than the one before are too few"
    return None


def read_figures(
    raw: dict[str, Any],
    limits_ns: tuple[int, int] = (ACCURACY_LIMIT_NS, JITTER_LIMIT_NS),
    filter_hz: float = MGF2_HZ,
    arrival_clock: ArrivalClock | None = None,
) -> PcrFigures:
    """The native core's figures as a value; limits of accuracy and jitter."""
    accuracy_limit_ns, jitter_limit_ns = limits_ns
    return PcrFigures(
        pcr_count=raw["pcr_count"],
        intervals=_intervals(raw),
        accuracy=_deviations(raw["accuracy"], accuracy_limit_ns),
        accuracy_method=_METHODS[raw["rate"]],
        uneven_intervals=raw["uneven_intervals"],
        restarts=raw["restarts"],
        jitter=_deviations(raw["jitter"], jitter_limit_ns),
        frequency=_frequency(cast("dict[str, Any] | None", raw["frequency"])),
        filter_hz=filter_hz,
        arrival_clock=arrival_clock if raw["moments"]["count"] else None,
        not_measured=_why_not_measured(raw),
    )


def _verdicts(raw: Iterable[tuple[Any, ...]]) -> list[PcrVerdict]:
    return [PcrVerdict(*verdict) for verdict in raw]


class PcrMeasurement:
    """The PCRs of one PID, measured as they come (TR 101 290, 5.3.2 and annex I).

    `filter_hz` is the demarcation frequency: `MGF1_HZ`, `MGF2_HZ` (the default), `MGF3_HZ`, or
    your own of 0.0001 to 10. `UsageError` for a setting out of its range.
    """

    def __init__(
        self,
        *,
        filter_hz: float = MGF2_HZ,
        accuracy_limit_ns: int = ACCURACY_LIMIT_NS,
        jitter_limit_ns: int = JITTER_LIMIT_NS,
        jump_limit_27mhz: int = 27_000_000,
    ) -> None:
        if not 1e-4 <= filter_hz <= 10:
            raise UsageError("the demarcation frequency is 0.0001 to 10 Hz", filter_hz=filter_hz)
        for name, value in (
            ("accuracy_limit_ns", accuracy_limit_ns),
            ("jitter_limit_ns", jitter_limit_ns),
            ("jump_limit_27mhz", jump_limit_27mhz),
        ):
            if value <= 0:
                raise UsageError(f"{name} is above 0", value=value)
        self._limits_ns = accuracy_limit_ns, jitter_limit_ns
        self._measure = PcrMeasure(
            filter_hz=filter_hz,
            accuracy_limit_ns=accuracy_limit_ns,
            jitter_limit_ns=jitter_limit_ns,
            jump_limit_27mhz=jump_limit_27mhz,
        )

    def feed(
        self,
        packet_index: int,
        pcr_27mhz: int,
        *,
        discontinuity_indicator: bool = False,
        arrival_27mhz: int | None = None,
    ) -> list[PcrVerdict]:
        """One PCR in stream order; the verdicts that it settles, none while a line is found.

        `arrival_27mhz` counts 27 MHz ticks of the receiver's clock from anywhere.
        """
        return _verdicts(
            self._measure.feed(packet_index, pcr_27mhz, discontinuity_indicator, arrival_27mhz)
        )

    def feed_columns(
        self,
        packet_index: npt.NDArray[np.uint64],
        pcr_27mhz: npt.NDArray[np.uint64],
        discontinuity_indicator: npt.NDArray[np.uint8] | None = None,
        arrival_27mhz: npt.NDArray[np.int64] | None = None,
    ) -> list[PcrVerdict]:
        """Many PCRs, as one-dimensional arrays of one length; the same verdicts as one by one."""
        return _verdicts(
            self._measure.feed_columns(
                packet_index, pcr_27mhz, discontinuity_indicator, arrival_27mhz
            )
        )

    def finish(self) -> list[PcrVerdict]:
        """Verdicts on what waits at the end of the stream."""
        return _verdicts(self._measure.finish())

    def figures(self) -> PcrFigures:
        """Everything since the start."""
        return self._figures(self._measure.total)

    def take_interval(self) -> PcrFigures:
        """Everything since the last call; verdicts count when they are known."""
        figures = self._figures(self._measure.interval)
        self._measure.reset_interval()
        return figures

    def _figures(self, raw: dict[str, Any]) -> PcrFigures:
        return read_figures(raw, self._limits_ns, self._measure.filter_hz)
