"""Cues as they pass: found through the PMT, timed by their program's clock."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

import tsloom
from tests.builders import (
    PCR_HZ,
    PCR_MODULUS,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    crc_32,
    packetize,
    splice_null,
    split,
)
from tests.properties.pieces import PieceSource
from tests.second_opinion import find_sections, read_pcrs, read_splice_insert
from tsloom import Break, Cue, CueMonitor, PacketBatch, Pipeline, SpliceInserter
from tsloom.errors import NotATransportStreamError, OpenError

CUE_PID = 500


def with_break(mux: Multiplex, service_id: int = 1) -> list[bytes]:
    inserter = SpliceInserter(service_id=service_id, pid=CUE_PID)
    inserter.schedule(Break(start="+1s", duration="500ms", preroll="400ms"))
    return split(bytes(Pipeline(inserter).process(PacketBatch(mux.stream(2000)))))


def list_cues(packets: list[bytes], *pids: int) -> list[Cue]:
    return list(tsloom.cues(PieceSource([b"".join(packets)]), pids=pids))


@pytest.mark.parametrize("service", [SERVICE_1, SERVICE_2])
def test_cues_have_their_place_and_time_by_the_clock_of_their_service(service) -> None:  # type: ignore[no-untyped-def]
    mux = Multiplex(services=(SERVICE_1, SERVICE_2))
    packets = with_break(mux, service.service_id)
    found = find_sections(packets, CUE_PID)
    index, pcr, _ = read_pcrs(packets)[service.video_pid][0]
    cues = list_cues(packets)
    assert [(cue.pid, cue.packet_index, cue.data) for cue in cues] == [
        (CUE_PID, one.last_packet, one.data) for one in found
    ]
    for cue, one in zip(cues, found, strict=True):
        # Cues stand in the place of null packets: the stream is still at its constant rate.
        ticks = mux.pcr_at(one.last_packet) - mux.pcr_at(index)
        assert cue.stream_time_s == pytest.approx(ticks / PCR_HZ, abs=1e-6)
        assert cue.pts_90khz is not None
        assert abs(cue.pts_90khz - (pcr + ticks) // 300) <= 1
        said = read_splice_insert(one.data)
        assert cue.splice_pts_90khz == said.pts_time
        assert cue.lead_time == pytest.approx((said.pts_time - cue.pts_90khz) / 90_000)
        assert cue.lead_time == pytest.approx(0.4, abs=0.04)


def test_a_cue_is_one_json_object_with_the_keys_of_the_contract() -> None:
    cue = list_cues(with_break(Multiplex()))[0]
    plain = json.loads(json.dumps(cue.to_dict()))
    assert {
        "packet_index": int,
        "pid": int,
        "stream_time_s": float,
        "pts_90khz": int,
        "splice_info_section": dict,
        "base64": str,
    }.items() <= {key: type(value) for key, value in plain.items()}.items()
    assert base64.b64decode(plain["base64"]) == cue.data
    command = plain["splice_info_section"]["splice_command"]
    said = read_splice_insert(cue.data)
    assert command["splice_event_id"] == said.splice_event_id
    assert command["splice_time"]["pts_time"] == said.pts_time


def test_repeated_cues_are_each_told() -> None:
    service = replace(SERVICE_1, more_streams=((0x86, CUE_PID, b""),))
    mux = Multiplex(services=(service,), tables=((CUE_PID, splice_null()),))
    cues = list_cues(mux.packets(1000))
    assert len(cues) == 10
    assert {cue.lead_time for cue in cues} == {None}
    assert {cue.splice_pts_90khz for cue in cues} == {None}


def test_a_pid_that_no_pmt_names_is_found_when_it_is_named() -> None:
    packets = packetize(splice_null(), 0x77) + Multiplex().packets(50)
    assert list_cues(packets) == []
    (cue,) = list_cues(packets, 0x77)
    assert (cue.pid, cue.packet_index) == (0x77, 0)
    assert (cue.stream_time_s, cue.pts_90khz, cue.lead_time) == (None, None, None)


def test_sections_of_other_tables_on_a_cue_pid_are_passed_by() -> None:
    other = b"\xc0" + splice_null()[1:]
    packets = packetize(other, 0x77) + packetize(splice_null(), 0x77, 1)
    assert len(list_cues(packets, 0x77)) == 1


def test_a_damaged_cue_is_told_with_what_is_wrong() -> None:
    data = splice_null()[:-1] + b"\x00"
    (cue,) = list_cues(packetize(data, 0x77) * 1 + Multiplex().packets(20), 0x77)
    assert "crc" in " ".join(cue.to_dict()["diagnostics"]).lower()


def test_pts_adjustment_is_added_and_wraps() -> None:
    """SCTE 35, 9.6.1: pts_adjustment is added to pts_time, modulo 2^33."""
    packets = with_break(replace(Multiplex(), pcr_first=PCR_MODULUS - PCR_HZ))
    data = bytearray(find_sections(packets, CUE_PID)[0].data)
    pts = read_splice_insert(bytes(data)).pts_time
    adjustment = (1 << 33) - pts + 5
    data[4] = data[4] & 0xFE | adjustment >> 32
    data[5:9] = (adjustment & 0xFFFFFFFF).to_bytes(4, "big")
    data[-4:] = crc_32(bytes(data[:-4])).to_bytes(4, "big")
    (cue,) = list_cues(packetize(bytes(data), 0x77) + Multiplex().packets(20), 0x77)
    assert cue.splice_pts_90khz == 5


def test_a_cue_over_several_packets_is_told_where_it_ends() -> None:
    service = replace(SERVICE_1, more_streams=((0x86, CUE_PID, b""),))
    private = b"\xff" + b"\x70\x00"  # private_command, stretched below
    front = splice_null()[:11]
    body = b"CUEI" + bytes(400)
    length = 3 + 8 + 3 + len(body) + 2 + 4 - 3
    data = bytearray(b"\xfc" + (0x3000 | length).to_bytes(2, "big") + front[3:11])
    data += (0xFFF << 12 | len(body)).to_bytes(3, "big") + private[:1] + body + b"\x00\x00"
    data[1:3] = (0x3000 | len(data) + 4 - 3).to_bytes(2, "big")
    data += crc_32(bytes(data)).to_bytes(4, "big")
    mux = Multiplex(services=(service,), tables=((CUE_PID, bytes(data)),))
    cue = list_cues(mux.packets(100))[0]
    one = find_sections(mux.packets(100), CUE_PID)[0]
    assert one.last_packet > one.first_packet
    assert (cue.packet_index, cue.data) == (one.last_packet, bytes(data))


def test_the_monitor_calls_back_and_gives_each_cue_once() -> None:
    heard: list[Cue] = []
    monitor = CueMonitor(on_cue=heard.append)
    pipeline = Pipeline(monitor)
    packets = with_break(Multiplex())
    out = pipeline.process(PacketBatch(b"".join(packets)))
    assert bytes(out) == b"".join(packets)
    assert monitor.take_cues() == heard
    assert len(heard) == 2
    assert monitor.take_cues() == []


def test_cues_end_when_they_are_told_to() -> None:
    data = b"".join(with_break(Multiplex()))
    seen = list(tsloom.cues(PieceSource([data, data]), should_stop=lambda: True))
    assert len(seen) <= 2


def test_an_input_without_packets_is_an_error() -> None:
    with pytest.raises(NotATransportStreamError):
        list(tsloom.cues(PieceSource([b"nothing"])))
    with pytest.raises(OpenError):
        list(tsloom.cues("/does/not/exist.ts"))
