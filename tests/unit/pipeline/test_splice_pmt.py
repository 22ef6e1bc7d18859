"""How the SpliceInserter edits the PMT, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import SERVICE_1, SERVICE_2, Multiplex, Service, packet, split
from tests.second_opinion import (
    Pmt,
    count_packets,
    find_sections,
    find_torn_sections,
    read_pmt,
)
from tsloom import Analyzer, Break, PacketBatch, Pipeline, SpliceInserter
from tsloom.errors import PidClashError, UsageError
from tsloom.pipeline import CueFailure

CUE_PID = 500
CUEI = b"\x05\x04CUEI"
CUE_IDENTIFIER = b"\x8a\x01\x01"


def run(packets: list[bytes], room: str = "nulls_then_add", **options: Any) -> list[bytes]:
    inserter = SpliceInserter(service_id=1, pid=CUE_PID, room=room, **options)
    pipeline = Pipeline(inserter)
    out = pipeline.process(PacketBatch(b"".join(packets)))
    return split(bytes(out) + bytes(pipeline.finish()))


def pmts(out: list[bytes], pid: int = SERVICE_1.pmt_pid) -> list[Pmt]:
    found = find_sections(out, pid)
    assert all(one.crc_ok for one in found)
    return [read_pmt(one.data) for one in found]


def service_with(program_info: bytes, **fields: Any) -> Service:
    return replace(SERVICE_1, program_info=program_info, **fields)


def test_the_pmt_gains_the_pid_and_its_version_is_raised() -> None:
    out = run(Multiplex().packets(500))
    before = read_pmt(SERVICE_1.pmt())
    wanted = Pmt(
        before.program_number,
        1,
        before.pcr_pid,
        CUEI,
        (*before.streams, (0x86, CUE_PID, CUE_IDENTIFIER)),
    )
    assert pmts(out) == [wanted] * 5
    assert count_packets(out).verdicts == []
    assert len(out) == 500


def test_what_the_pmt_said_stays_in_its_order() -> None:
    info = b"\x0e\x03\xc0\x00\x01" + b"\x80\x02ab"
    streams = ((0x06, 0x120, b"\x6a\x01\x00"), (0x05, 0x121, b""))
    service = service_with(info, more_streams=streams)
    (pmt, *_) = pmts(run(Multiplex(services=(service,)).packets(300)))
    before = read_pmt(service.pmt())
    assert pmt.streams == (*before.streams, (0x86, CUE_PID, CUE_IDENTIFIER))
    assert pmt.program_info == info + CUEI


@pytest.mark.parametrize(("version", "raised"), [(0, 1), (7, 8), (30, 31), (31, 0)])
def test_the_version_wraps_after_31(version: int, raised: int) -> None:
    mux = Multiplex(services=(replace(SERVICE_1, version=version),))
    assert {pmt.version_number for pmt in pmts(run(mux.packets(300)))} == {raised}


def test_a_pmt_that_changes_is_followed() -> None:
    packets = Multiplex().packets(500)
    changed = replace(SERVICE_1, version=1, more_streams=((0x06, 0x130, b""),))
    packets += Multiplex(services=(changed,), seed=2).packets(500)
    versions = [(pmt.version_number, len(pmt.streams)) for pmt in pmts(run(packets))]
    assert versions == [(1, 3)] * 5 + [(2, 4)] * 5


@pytest.mark.parametrize("room", ["nulls", "nulls_then_add", "add"])
@pytest.mark.parametrize("size", [100, 140, 150, 160, 250, 320, 500, 900])
def test_a_pmt_of_any_size_stays_whole(size: int, room: str) -> None:
    """At 140 to 160 and at 320 bytes of descriptors the edited PMT needs a packet more."""
    info = b"".join(b"\x80\x08" + bytes((n,) * 8) for n in range(size // 10))
    service = service_with(info)
    before = Multiplex(services=(service,), null_every=0 if room == "add" else 5).packets(1000)
    out = run(before, room)
    seen = pmts(out)
    assert {pmt.program_info for pmt in seen} == {info + CUEI}
    assert len(seen) in (9, 10)
    assert find_torn_sections(out, service.pmt_pid) == []
    assert count_packets(out).verdicts == []
    others = [made for made in out if made[1] << 8 | made[2] not in (0x5000, 0x1000, 0x1FFF)]
    assert others == [m for m in before if m[1] << 8 | m[2] not in (0x5000, 0x1000, 0x1FFF)]
    analyzer = Analyzer()
    Pipeline(analyzer).process(PacketBatch(b"".join(out)))
    assert analyzer.report().section_crc_errors == 0


def test_a_pmt_without_room_is_told_and_left_as_it_is() -> None:
    """A PMT has 1021 bytes behind section_length at the most (2.4.4.9)."""
    info = (b"\x80\xff" + bytes(255)) * 3 + b"\x80\xd8" + bytes(216)
    service = service_with(info)
    assert 1000 < len(service.pmt()) <= 1024
    heard: list[Any] = []
    inserter = SpliceInserter(service_id=1, pid=CUE_PID, on_cue=heard.append)
    out = split(
        bytes(Pipeline(inserter).process(PacketBatch(Multiplex(services=(service,)).stream(500))))
    )
    assert {one.data for one in find_sections(out, service.pmt_pid)} == {service.pmt()}
    assert heard == [CueFailure(0, None, "the PMT has no room for the cue PID")]


def test_the_pmts_of_other_services_stay() -> None:
    mux = Multiplex(services=(SERVICE_1, SERVICE_2))
    out = run(mux.packets(500))
    assert {one.data for one in find_sections(out, SERVICE_2.pmt_pid)} == {SERVICE_2.pmt()}


def test_two_services_with_one_pmt_pid() -> None:
    """Only the section of the service that is asked for changes (2.4.4.3 allows to share a PID)."""
    other = replace(SERVICE_2, pmt_pid=SERVICE_1.pmt_pid)
    out = run(Multiplex(services=(SERVICE_1, other)).packets(500))
    seen = pmts(out)
    assert {pmt.program_number: len(pmt.streams) for pmt in seen} == {1: 3, 2: 2}
    assert other.pmt() in {one.data for one in find_sections(out, SERVICE_1.pmt_pid)}
    assert count_packets(out).verdicts == []


def used_by(how: str) -> list[bytes]:
    """A stream in which the cue PID is something else."""
    if how == "elementary stream":
        service = replace(SERVICE_1, more_streams=((0x06, CUE_PID, b""),))
        return Multiplex(services=(service,)).packets(300)
    if how == "packets that no table names":
        return [packet(CUE_PID, 0, b"private"), *Multiplex().packets(300)]
    if how == "another service's video, PMT behind":
        other = replace(SERVICE_2, video_pid=CUE_PID)
        return Multiplex(services=(SERVICE_1, other)).packets(300)
    if how == "another service's video, PMT before":
        other = replace(SERVICE_2, video_pid=CUE_PID)
        return Multiplex(services=(other, SERVICE_1)).packets(300)
    other = replace(SERVICE_2, pmt_pid=CUE_PID)
    return Multiplex(services=(SERVICE_1, other)).packets(300)


USES = [
    "elementary stream",
    "packets that no table names",
    "another service's video, PMT behind",
    "another service's video, PMT before",
    "another service's PMT",
]


@pytest.mark.parametrize("how", USES)
def test_a_pid_in_use_is_refused_with_pids_that_are_free(how: str) -> None:
    packets = used_by(how)
    with pytest.raises(PidClashError) as caught:
        run(packets)
    facts = caught.value.facts
    assert facts["pid"] == CUE_PID
    free = facts["free_pids"]
    assert isinstance(free, list)
    assert len(free) >= 4
    used = {(made[1] & 31) << 8 | made[2] for made in packets}
    assert not used & set(free)
    assert all(0x20 <= pid < 0x1FFF for pid in free)
    # What is offered works.
    inserter = SpliceInserter(service_id=1, pid=free[0])
    inserter.schedule(Break(start="+100ms", preroll="50ms"))
    out = split(bytes(Pipeline(inserter).process(PacketBatch(b"".join(packets)))))
    assert find_sections(out, free[0])


@pytest.mark.parametrize("pid", [-1, 0, 0xF, 0x1FFF, 0x2000])
def test_a_pid_that_cannot_carry_cues_is_refused(pid: int) -> None:
    with pytest.raises(UsageError):
        SpliceInserter(pid=pid)
