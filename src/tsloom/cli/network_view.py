"""Clocks and the network of a report, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsloom.analysis import PidReport, Report
    from tsloom.analysis.pcr import PcrFigures
    from tsloom.io import IpLeg, IpReport

NOT_MEASURED = "not measured"
CLOCKS = {
    "arrival_time_stamp": "the arrival_time_stamp of M2TS",
    "receive_time": "the system's time of receipt",
}


def describe_clocks(report: Report) -> list[str]:
    """PCR figures of each PID."""
    rows = [pid for pid in report.pids.values() if pid.pcr is not None]
    if not rows:
        return []
    clock = "" if report.arrival_clock is None else f" against {CLOCKS[report.arrival_clock]}"
    lines = ["", f"PCR{clock}"]
    for row in rows:
        lines += _describe_clock(row)
    return lines


def _describe_clock(row: PidReport) -> list[str]:
    pcr = row.pcr
    assert pcr is not None
    worst = pcr.accuracy.worst_ns
    accuracy = NOT_MEASURED if worst is None else f"{worst:+,.0f} ns ({pcr.accuracy_method})"
    longest = pcr.intervals.max_ms
    interval = NOT_MEASURED if longest is None else f"{longest:.1f} ms"
    lines = [f"  PID {row.pid:>4}  longest interval {interval}, accuracy {accuracy}"]
    return [*lines, f"            {_against_arrival(pcr)}"]


def _against_arrival(pcr: PcrFigures) -> str:
    frequency, jitter = pcr.frequency, pcr.jitter
    if frequency is None or jitter.rms_ns is None or jitter.peak_to_peak_ns is None:
        return f"jitter, offset and drift {NOT_MEASURED} ({pcr.not_measured})"
    return (
        f"jitter {jitter.peak_to_peak_ns / 1000:,.1f} us peak to peak, "
        f"{jitter.rms_ns / 1000:,.1f} us rms; offset {frequency.offset_ppm:+.3f} ppm; "
        f"drift {frequency.drift_mhz_per_s:+.1f} mHz/s "
        f"(+-{frequency.drift_error_mhz_per_s:.1f})"
    )


def describe_ip(ip: IpReport | None) -> list[str]:
    """Nothing of an input that is no datagrams."""
    if ip is None:
        return []
    lines = ["", f"{ip.protocol.upper()}, {ip.kernel_drops:,} datagrams dropped by the system"]
    for number, leg in enumerate(ip.legs, start=1):
        lines += _describe_leg(leg, f"leg {number}" if len(ip.legs) > 1 else "  ")
    if ip.rtp is not None:
        lines.append("  " + ", ".join(f"{name} {count:,}" for name, count in ip.rtp.items()))
    return lines


def _describe_leg(leg: IpLeg, name: str) -> list[str]:
    gaps, delivery = leg.inter_arrival, leg.media_delivery
    apart = NOT_MEASURED
    if gaps.mean_us is not None and gaps.max_us is not None:
        apart = f"{gaps.mean_us:,.0f} us apart, {gaps.max_us:,.0f} us at most"
    delay = NOT_MEASURED
    if delivery.delay_factor_mean_ms is not None and delivery.delay_factor_max_ms is not None:
        delay = (
            f"{delivery.delay_factor_mean_ms:.2f} ms, {delivery.delay_factor_max_ms:.2f} ms at most"
        )
    loss = delivery.media_loss_rate_mean
    rate = NOT_MEASURED if loss is None else f"{loss:.2f} packets/s"
    return [
        f"{name}{leg.datagrams:>10,} datagrams, {apart}",
        f"  MDI delay factor {delay}; media loss rate {rate}",
    ]
