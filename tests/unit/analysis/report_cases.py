"""Reports whose facts are known: a stream with faults, and texts that would be markup."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import SERVICE_1, Multiplex, packet, packetize, sdt, section
from tsloom import Analyzer, PacketBatch, Pipeline, Report

HOSTILE = "<script>alert(1)</script>\"'&\u202e"
FORMULA = '=HYPERLINK("http://example.com")'


def analyze(packets: list[bytes]) -> Report:
    analyzer = Analyzer()
    pipeline = Pipeline(analyzer)
    pipeline.process(PacketBatch(b"".join(packets)))
    pipeline.finish()
    return analyzer.report()


def faulty_packets(count: int = 4000) -> list[bytes]:
    """Three packets of video are lost, one is marked as wrong; a section is damaged."""
    mux = Multiplex(services=(SERVICE_1,), tables=((0x11, sdt(1, "First", "Somebody")),))
    packets = mux.packets(count)
    video = [n for n, one in enumerate(packets) if _is_plain_video(one)]
    damaged = section(0x42, 1, bytes(20))[:-1] + b"\x00"
    packets[video[300]] = packet(SERVICE_1.video_pid, 0, transport_error=True)
    for number in sorted(video[50:200:50], reverse=True):
        del packets[number]
    return [*packets[:2000], *packetize(damaged, 0x1F0), *packets[2000:]]


def _is_plain_video(one: bytes) -> bool:
    return (one[1] & 0x1F) << 8 | one[2] == SERVICE_1.video_pid and one[3] >> 4 & 3 == 1


def hostile_report(name: str = HOSTILE) -> Report:
    """One whose service has that name."""
    report = analyze(faulty_packets())
    service = replace(report.services[1], name=name, provider=name)
    streams = tuple(
        replace(one, language=name[:3], stream_type_name=name) for one in service.elementary_streams
    )
    return replace(report, services={1: replace(service, elementary_streams=streams)})
