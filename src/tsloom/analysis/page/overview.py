"""The summary, the services and the PIDs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.format_text import describe_format
from tsloom.analysis.page.charts import swatch
from tsloom.analysis.page.markup import Markup, element, join, section, table
from tsloom.analysis.page.numbers import NOT_MEASURED, rate, seconds
from tsloom.analysis.pid_names import name_pids

if TYPE_CHECKING:
    from tsloom.analysis.report import PidReport, Report, ServiceReport

# Of the events; --json has all that are listed.
SHOWN_EVENTS = 100


def summary(report: Report) -> Markup:
    """The figures of the whole stream, errors first."""
    alarms = [_alarm_card(report, priority) for priority in (1, 2, 3)] if report.tr101290 else []
    nulls = report.null_packets / report.packets if report.packets else 0.0
    spread = report.bitrate_range
    reference = "" if report.reference_pid is None else f"by the PCRs of PID {report.reference_pid}"
    low_high = f"{rate(spread.least_bps)} to {rate(spread.most_bps)}" if spread else reference
    cards = [
        *alarms,
        _card("bitrate", rate(report.bitrate_bps), low_high),
        _card("duration", seconds(report.duration_s), reference if spread else ""),
        _card("packets", f"{report.packets:,}", f"of {report.packet_size or '?'} bytes"),
        _card("null packets", f"{nulls:.1%}", f"{report.null_packets:,} packets"),
        _card(
            "continuity errors",
            f"{report.continuity_errors:,}",
            f"{report.duplicates:,} legal duplicates",
        ),
        _card("transport errors", f"{report.transport_errors:,}", ""),
        _card("section CRC errors", f"{report.section_crc_errors:,}", ""),
        _card(
            "sync losses",
            f"{report.sync_losses:,}",
            f"{report.skipped_bytes:,} bytes skipped",
        ),
    ]
    stopped = [] if report.complete else [element("p", "Stopped before the end of the input.")]
    return section("summary", "Summary", element("div", *cards, class_="cards"), *stopped)


def _alarm_card(report: Report, priority: int) -> Markup:
    count = report.errors(priority)
    going_on = sum(
        row.state == "error" for row in report.tr101290.values() if row.priority == priority
    )
    return _card(
        f"priority {priority} errors",
        f"{count:,}",
        f"{going_on} going on at the end" if going_on else "none at the end",
        f"card p{priority}" if count else "card fine",
    )


def _card(name: str, figure: str, note: str, kind: str = "card") -> Markup:
    return element(
        "div",
        element("span", name),
        element("strong", figure),
        element("small", note),
        class_=kind,
    )


def services(report: Report) -> Markup:
    """Each service with its elementary streams."""
    if not report.services:
        return section("services", "Services", element("p", "No PAT names a service."))
    rows: list[tuple[str, ...]] = []
    for service in report.services.values():
        rows.append((str(service.service_id), _name(service), "", ""))
        for stream in service.elementary_streams:
            pid = report.pids.get(stream.pid)
            marks = [stream.language or "", "PCR" if stream.pid == service.pcr_pid else ""]
            rows.append(
                (
                    "",
                    join(
                        stream.stream_type_name,
                        *(f" · {mark}" for mark in marks if mark),
                        _format(pid),
                    ),
                    str(stream.pid),
                    rate(pid.bitrate_bps) if pid else NOT_MEASURED,
                )
            )
    heads = ("id", "service and streams", "PID", "bitrate")
    words = "What video and audio are was not read: --formats does."
    note = [] if report.formats_read else [element("p", words)]
    return section(
        "services",
        "Services",
        table(heads, rows, classes=("number", "name", "number", "number")),
        *note,
    )


def _format(pid: PidReport | None) -> Markup:
    """What the headers say, where they were read."""
    if pid is None or pid.format is None:
        return join("")
    return join(" ", element("small", describe_format(pid.format)))


def _name(service: ServiceReport) -> Markup:
    provider = f" by {service.provider}" if service.provider else ""
    tables = f"PMT PID {service.pmt_pid}"
    if service.pcr_pid is not None:
        tables += f", PCR PID {service.pcr_pid}"
    name = element("bdi", element("strong", service.name or "(no name)"), provider)
    return join(name, " ", element("small", tables))


PID_HEADS = (
    *("PID", "carries", "packets", "bitrate", "lowest", "highest"),
    *("continuity errors", "transport errors", "scrambled", "PCRs"),
)
PID_CLASSES = (
    *("number", "name", "number wide", "number", "number wide", "number wide"),
    *("number", "number wide", "number wide", "number wide"),
)


def pids(report: Report) -> Markup:
    """A row for each PID."""
    names = name_pids(report)
    rows = [_pid_row(row, names.get(row.pid, "")) for row in report.pids.values()]
    return section("pids", "PIDs", table(PID_HEADS, rows, classes=PID_CLASSES))


def _pid_row(row: PidReport, name: str) -> tuple[str, ...]:
    spread = row.bitrate_range
    return (
        str(row.pid),
        name,
        f"{row.packets:,}",
        rate(row.bitrate_bps),
        rate(spread.least_bps) if spread else NOT_MEASURED,
        rate(spread.most_bps) if spread else NOT_MEASURED,
        _fault(row.continuity_errors),
        _fault(row.transport_errors),
        f"{row.scrambled_packets:,}",
        f"{row.pcr_count:,}",
    )


def _fault(count: int) -> str:
    return swatch("bad", f"{count:,}") if count else "0"


def events(report: Report) -> Markup | None:
    """The first events; None without any."""
    if not report.events:
        return None
    rows: list[tuple[str, ...]] = [
        (
            f"{event.packet_index:,}",
            "" if event.pid is None else str(event.pid),
            event.kind,
            event.detail,
        )
        for event in report.events[:SHOWN_EVENTS]
    ]
    total = len(report.events) + report.events_not_listed
    note = f"The first {SHOWN_EVENTS} of {total:,}." if total > SHOWN_EVENTS else f"{total} in all."
    whole = table(
        ("packet", "PID", "event", "detail"), rows, classes=("number", "number", "name", "name")
    )
    return section("events", "Events", element("p", note), whole)
