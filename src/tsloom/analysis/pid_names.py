"""What each PID of a report carries, in a word or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsloom.analysis.report import Report

# ISO/IEC 13818-1, table 2-3, and EN 300 468, table 1.
FIXED = {
    0x00: "PAT",
    0x01: "CAT",
    0x02: "TSDT",
    0x10: "NIT",
    0x11: "SDT, BAT",
    0x12: "EIT",
    0x13: "RST",
    0x14: "TDT, TOT",
    0x1E: "DIT",
    0x1F: "SIT",
    0x1FFF: "null packets",
}


def name_pids(report: Report) -> dict[int, str]:
    """By PID; those that no table names are left out."""
    names: dict[int, str] = {}
    for service in report.services.values():
        names.setdefault(service.pmt_pid, f"PMT of service {service.service_id}")
        if service.pcr_pid is not None:
            names.setdefault(service.pcr_pid, f"PCR of service {service.service_id}")
    for service in report.services.values():
        for stream in service.elementary_streams:
            language = f" ({stream.language})" if stream.language else ""
            names[stream.pid] = stream.stream_type_name + language
    return names | FIXED
