"""From a report and the formats of elementary streams to the facts a specification asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.analysis.analyze import analyze
from tsloom.analysis.elementary import AudioFormat, VideoFormat
from tsloom.analysis.specification import KEYS, Measured
from tsloom.analysis.specification_values import Span
from tsloom.clock import PTS_HZ
from tsloom.psi.stream_types import STREAM_TYPE_SPLICE_INFORMATION

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from tsloom.analysis.limits import Limits
    from tsloom.analysis.report import Report, ServiceReport
    from tsloom.io import Source
    from tsloom.pipeline import Progress

    Formats = Mapping[int, VideoFormat | AudioFormat]

NULL_PID = 0x1FFF
NO_BITRATE = "the stream has no two PCRs to time it by"
NO_STREAM = "the service has no such stream whose headers can be read"
CUES = "cues are measured by tsloom cues"
OF_THE_LINK = "it belongs to the connection, not to the stream"
VIDEO_FIELDS = (
    *("codec", "profile", "level", "width", "height", "frame_rate", "interlaced"),
    *("chroma_format", "bit_depth"),
)
GOP_KEYS = ("gop_length", "gop_structure", "open_gop", "idr_interval_s", "closed_captions")
AUDIO_FIELDS = ("codec", "profile", "sample_rate_hz", "channels", "bitrate_bps")


def analyze_formats(
    source: str | os.PathLike[str] | Source,
    *,
    duration: float | None = None,
    limits: Limits | None = None,
    buffer_model: bool = False,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Report, dict[int, VideoFormat | AudioFormat]]:
    """The report of a stream, and the formats of its elementary streams by PID, in one pass."""
    report = analyze(
        source,
        duration=duration,
        limits=limits,
        buffer_model=buffer_model,
        formats=True,
        should_stop=should_stop,
        progress=progress,
    )
    return report, list_formats(report)


def list_formats(report: Report) -> dict[int, VideoFormat | AudioFormat]:
    """By PID, of a report whose formats were read."""
    return {pid: row.format for pid, row in report.pids.items() if row.format is not None}


class _Facts:
    """Values by key, and why others are not there."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.reasons: dict[str, str] = {}

    def put(self, key: str, value: Any, reason: str) -> None:
        """None is what could not be measured."""
        if value is None:
            self.reasons[key] = reason
        else:
            self.values[key] = value


def measure(report: Report, formats: Formats, service_id: int | None = None) -> Measured:
    """The facts about a service, or the first one that has an elementary stream.

    `video` and `audio` are the first of each kind in its PMT whose headers can be read.
    video.bitrate_bps and audio.pid_bitrate_bps are of the PID's packets, all 188 bytes of them;
    audio.bitrate_bps is of the coded audio.
    """
    facts = _Facts()
    facts.put("bitrate.total_bps", report.bitrate_bps, NO_BITRATE)
    share = report.null_packets / report.packets if report.packets else None
    facts.put("bitrate.null_share", share, "no packet was read")
    facts.values["pids.null"] = NULL_PID if report.null_packets else None
    facts.values["errors.continuity"] = report.continuity_errors
    facts.values["errors.transport"] = report.transport_errors
    facts.values["errors.section_crc"] = report.section_crc_errors
    facts.reasons |= dict.fromkeys(("scte35.preroll_s", "scte35.break_duration_s"), CUES)
    facts.reasons["srt.latency_ms"] = OF_THE_LINK
    service = _choose(report, service_id)
    if service is not None:
        _add_service(facts, service, report, formats)
    else:
        missing = "no such service has a PMT" if service_id else "no service has a PMT"
        known = {*facts.values, *facts.reasons}
        facts.reasons |= {key: missing for key in KEYS if key not in known}
    return Measured(facts.values, facts.reasons)


def _choose(report: Report, service_id: int | None) -> ServiceReport | None:
    if service_id is not None:
        return report.services.get(service_id)
    services = [one for one in report.services.values() if one.elementary_streams]
    return services[0] if services else None


def _add_service(facts: _Facts, service: ServiceReport, report: Report, formats: Formats) -> None:
    facts.values["service.service_id"] = service.service_id
    facts.put("service.name", service.name, "no SDT names the service")
    facts.put("service.provider", service.provider, "no SDT names the service")
    facts.values["pids.pmt"] = service.pmt_pid
    has_pcr = service.pcr_pid not in (None, NULL_PID)
    facts.values["pids.pcr"] = service.pcr_pid if has_pcr else None
    cues = [
        stream.pid
        for stream in service.elementary_streams
        if stream.stream_type == STREAM_TYPE_SPLICE_INFORMATION
    ]
    facts.values["pids.scte35"] = cues[0] if cues else None
    pids = [stream.pid for stream in service.elementary_streams]
    video = [pid for pid in pids if isinstance(formats.get(pid), VideoFormat)]
    audio = [pid for pid in pids if isinstance(formats.get(pid), AudioFormat)]
    facts.values["pids.video"] = video[0] if video else None
    facts.values["pids.audio"] = audio[0] if audio else None
    _add_video(facts, formats[video[0]] if video else None)
    _add_audio(facts, formats[audio[0]] if audio else None)
    _add_pid_bitrate(facts, "video.bitrate_bps", video, report)
    _add_pid_bitrate(facts, "audio.pid_bitrate_bps", audio, report)
    for stream in service.elementary_streams:
        if audio and stream.pid == audio[0]:
            facts.put("audio.language", stream.language, "the PMT names no language")


def _add_pid_bitrate(facts: _Facts, key: str, pids: list[int], report: Report) -> None:
    if not pids:
        facts.reasons[key] = NO_STREAM
        return
    pid = report.pids.get(pids[0])
    facts.put(key, None if pid is None else pid.bitrate_bps, NO_BITRATE)


def _add_video(facts: _Facts, video: object) -> None:
    if not isinstance(video, VideoFormat):
        keys = (*VIDEO_FIELDS, *GOP_KEYS, "declared_bitrate_bps")
        facts.reasons |= {f"video.{name}": NO_STREAM for name in keys}
        return
    reasons = video.not_measured
    for name in VIDEO_FIELDS:
        value = getattr(video, name)
        value = float(value) if name == "frame_rate" and value is not None else value
        facts.put(f"video.{name}", value, reasons.get(name, "the headers do not say"))
    facts.put("video.declared_bitrate_bps", video.bitrate_bps, "the headers do not say")
    gop, why = video.gop, reasons.get("gop", "")
    facts.put("video.gop_length", gop and Span(gop.shortest, gop.longest), why)
    facts.put("video.gop_structure", gop and gop.structure, why)
    facts.put("video.open_gop", None if gop is None else gop.open_count > 0, why)
    ticks = video.idr_intervals_90khz
    interval = None if ticks is None else Span(ticks[0] / PTS_HZ, ticks[1] / PTS_HZ)
    facts.put("video.idr_interval_s", interval, reasons.get("idr_intervals_90khz", ""))
    captions = None if video.captions is None else bool(video.captions)
    facts.put("video.closed_captions", captions, reasons.get("captions", ""))


def _add_audio(facts: _Facts, audio: object) -> None:
    if not isinstance(audio, AudioFormat):
        facts.reasons |= {f"audio.{name}": NO_STREAM for name in (*AUDIO_FIELDS, "language")}
        return
    for name in AUDIO_FIELDS:
        reason = audio.not_measured.get(name, "the headers do not say")
        facts.put(f"audio.{name}", getattr(audio, name), reason)
