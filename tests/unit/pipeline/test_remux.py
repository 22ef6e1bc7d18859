"""Remux: a constant bitrate whatever comes in, PCRs exact, nothing lost in silence."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    NULL_PACKET,
    NULL_PID,
    PACKET_SIZE,
    PCR_HZ,
    PCR_MODULUS,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    packet,
    split,
)
from tests.external_data import load_manifest, stream_params, stream_path
from tests.properties.strategies import BRIEF, cuts_of
from tests.second_opinion import find_sections, read_header_quickly
from tsloom import Break, PacketBatch, Pipeline, Remux, SpliceInserter
from tsloom.errors import NotATransportStreamError, UsageError
from tsloom.pipeline import RemuxEventKind, Stage

PACKETS = 3000
RATE = 5_000_000
MUX = Multiplex(services=(SERVICE_1, SERVICE_2), bitrate_bps=RATE)
SLOT_BITS = 8 * PACKET_SIZE


@dataclass(frozen=True)
class Varying(Multiplex):
    """No null packets, and a rate that changes: from packet turn on it is so many times as fast."""

    turn: int = 1000
    faster: float = 2.0
    drift_ppm: float = 0.0

    def pcr_at(self, index: int) -> int:
        early, late = min(index, self.turn), max(index - self.turn, 0)
        return self.pcr_first + int(
            (early + late / self.faster) * SLOT_BITS * PCR_HZ / self.bitrate_bps
        )


def run(stream: bytes, places: list[int], *stages: Stage) -> list[bytes]:
    """The packets that come out."""
    pipeline, out = Pipeline(*stages), []
    edges = [0, *places, len(stream) // PACKET_SIZE]
    for begin, end in itertools.pairwise(edges):
        piece = stream[begin * PACKET_SIZE : end * PACKET_SIZE]
        out += split(bytes(pipeline.process(PacketBatch(piece, first_index=begin))))
    return out + split(bytes(pipeline.finish()))


def pid_of(made: bytes) -> int:
    return (made[1] & 31) << 8 | made[2]


def without_pcr(made: bytes) -> bytes:
    return made[:6] + made[12:] if read_header_quickly(made).pcr is not None else made


def is_added_pcr(made: bytes) -> bool:
    header = read_header_quickly(made)
    return header.pcr is not None and not header.has_payload


def payload_packets(packets: list[bytes]) -> list[bytes]:
    """All but null packets and added PCRs, with the bytes of a PCR left out."""
    return [
        without_pcr(made) for made in packets if pid_of(made) != NULL_PID and not is_added_pcr(made)
    ]


def read_pcrs(packets: list[bytes], pid: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Packet indices and PCRs, unwrapped."""
    found = [
        (index, header.pcr)
        for index, header in enumerate(map(read_header_quickly, packets))
        if header.pid == pid and header.pcr is not None
    ]
    indices, pcrs = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
    steps = (np.diff(pcrs) + PCR_MODULUS // 2) % PCR_MODULUS - PCR_MODULUS // 2
    return indices, pcrs[0] + np.concatenate([[0], np.cumsum(steps)])


def pcr_accuracy(packets: list[bytes], pid: int, rate: int) -> npt.NDArray[Any]:
    """Ticks that each PCR is away from a clock of constant rate, by its byte position."""
    indices, pcrs = read_pcrs(packets, pid)
    error = (pcrs - pcrs[0]) - (indices - indices[0]) * (SLOT_BITS * PCR_HZ / rate)
    return error - np.polyval(np.polyfit(indices, error, 1), indices)


STREAMS = st.builds(
    Varying,
    services=st.sampled_from([(SERVICE_1,), (SERVICE_1, SERVICE_2)]),
    bitrate_bps=st.sampled_from([1_504_000, 5_000_000, 12_345_678]),
    null_every=st.sampled_from([0, 3]),
    pcr_every=st.sampled_from([5, 20, 60]),
    pcr_first=st.sampled_from([0, PCR_MODULUS - PCR_HZ // 3]),
    turn=st.integers(100, 900),
    faster=st.sampled_from([0.5, 1.0, 2.0]),
)


@given(mux=STREAMS, places=cuts_of(1000), more=st.sampled_from([1.0, 1.37, 8.0]))
@BRIEF
def test_all_comes_out_once_in_order_but_for_pcrs(
    mux: Varying, places: list[int], more: float
) -> None:
    stream = mux.stream(1000)
    rate = int(mux.bitrate_bps * max(mux.faster, 1) * more)
    stage = Remux(rate, psi_leak=None, si_leak=None)
    out = run(stream, places, stage)
    assert payload_packets(out) == payload_packets(split(stream))
    assert out == run(stream, [], Remux(rate, psi_leak=None, si_leak=None))
    counters = stage.counters
    assert (counters.packets_in, counters.packets_out) == (1000, len(out))
    assert counters.nulls_added == sum(pid_of(made) == NULL_PID for made in out)
    assert counters.pcrs_added == sum(is_added_pcr(made) for made in out)
    assert counters.dropped == counters.unplaced == 0


@given(mux=STREAMS, more=st.sampled_from([1.0, 1.37, 8.0]))
@BRIEF
def test_the_bitrate_is_exact_and_each_pcr_is_that_of_its_slot(mux: Varying, more: float) -> None:
    rate = int(mux.bitrate_bps * max(mux.faster, 1) * more)
    # What waits or is added at the end would follow the last packet's time.
    stage = Remux(rate, pcr_interval=None, psi_leak=None, si_leak=None)
    out = run(mux.stream(1000), [], stage)
    ticks = mux.pcr_at(999) - mux.pcr_at(0)
    assert len(out) == pytest.approx(ticks * rate / (SLOT_BITS * PCR_HZ) + 1, abs=1.5)
    for service in mux.services:
        if stage.reference_pid == service.video_pid:
            indices, pcrs = read_pcrs(out, service.video_pid)
            truth = pcrs[0] + (indices - indices[0]) * (SLOT_BITS * PCR_HZ / rate)
            assert np.abs(pcrs - truth).max() <= 1
    # PCRs stay where the input's were, as close as a slot and the tick of the input.
    first = read_pcrs(out, mux.services[0].video_pid)
    assert abs(first[1][0] - mux.pcr_first - first[0][0] * SLOT_BITS * PCR_HZ / rate) % (
        PCR_MODULUS
    ) <= max(SLOT_BITS * PCR_HZ / rate, 30)


def drifting(ppm: float, count: int = 12_000) -> bytes:
    """Two programs; the second one's clock drifts against the first."""
    packets = MUX.packets(count)
    for index, made in enumerate(packets):
        if pid_of(made) == SERVICE_2.video_pid and (pcr := read_header_quickly(made).pcr):
            since = pcr - MUX.pcr_first
            field = _pcr_bytes((pcr + round(since * ppm * 1e-6)) % PCR_MODULUS)
            packets[index] = made[:6] + field + made[12:]
    return b"".join(packets)


def _pcr_bytes(pcr: int) -> bytes:
    return ((pcr // 300) << 15 | 0x7E00 | pcr % 300).to_bytes(6, "big")


@pytest.mark.parametrize("ppm", [-60, -3.3, 0, 20, 60])
def test_a_second_program_keeps_its_own_rate(ppm: float) -> None:
    out = run(drifting(ppm), [], Remux(6_000_000, service_id=1))
    for service, wanted in [(SERVICE_1, 0), (SERVICE_2, ppm)]:
        accuracy = np.abs(pcr_accuracy(out, service.video_pid, 6_000_000))
        # 40 ns; twice that in the second in which a clock that is not the reference is learned.
        learned = read_pcrs(out, service.video_pid)[0] > 6_000_000 // SLOT_BITS
        assert accuracy[learned].max() <= 1.08
        assert accuracy[~learned].max() <= 2.16
        indices, pcrs = read_pcrs(out, service.video_pid)
        ticks = (indices[-1] - indices[0]) * SLOT_BITS * PCR_HZ / 6_000_000
        assert ((pcrs[-1] - pcrs[0]) / ticks - 1) * 1e6 == pytest.approx(wanted, abs=0.1)


def test_programs_that_drift_too_much_are_told_of() -> None:
    stage = Remux(6_000_000, service_id=1)
    run(drifting(200), [], stage)
    (event,) = [event for event in stage.events if event.kind is RemuxEventKind.DRIFTING]
    assert event.pid == SERVICE_2.video_pid
    assert event.value == pytest.approx(200_000, rel=0.05)


def test_the_input_s_own_bitrate_gives_the_input_back() -> None:
    mux = Multiplex(bitrate_bps=RATE)
    stage = Remux("input")
    out = run(mux.stream(PACKETS), [], stage)
    assert stage.bitrate_bps == RATE
    assert payload_packets(out) == payload_packets(mux.packets(PACKETS))
    before = read_pcrs(mux.packets(PACKETS), SERVICE_1.video_pid)
    after = read_pcrs(out, SERVICE_1.video_pid)
    assert (before[0] == after[0]).all()
    assert np.abs(before[1] - after[1]).max() <= 1
    assert [pid_of(made) for made in out] == [pid_of(made) for made in mux.packets(PACKETS)]


def test_variable_drops_null_packets_and_keeps_indices() -> None:
    stage = Remux("variable")
    batch = Pipeline(stage).process(PacketBatch(MUX.stream(PACKETS)))
    kept = [n for n, made in enumerate(MUX.packets(PACKETS)) if pid_of(made) != NULL_PID]
    assert batch.packet_index.tolist() == kept
    assert stage.bitrate_bps is None
    assert stage.counters.nulls_dropped == PACKETS - len(kept)


@pytest.mark.parametrize("overflow", ["drop", "delay"])
def test_too_much_input_is_told_of(overflow: str) -> None:
    mux = Varying(bitrate_bps=RATE, null_every=0, faster=2, turn=1500)
    stage = Remux(6_000_000, overflow=overflow, max_delay="50ms")
    out = run(mux.stream(6000), [], stage)
    kinds = [event.kind for event in stage.events]
    assert kinds == ["started", "overflow_began", "overflow_ended"]
    # From the turn on the delay grows by two thirds of a second in each: 50 ms in 75 ms.
    began = 1500 + 0.075 * 2 * RATE / SLOT_BITS
    assert stage.events[1].packet_index == pytest.approx(began, abs=30)
    assert stage.counters.overflows == 1
    if overflow == "drop":
        assert stage.counters.dropped == 6000 - len(payload_packets(out))
        assert stage.counters.dropped > 500
        assert stage.counters.longest_delay_27mhz <= 0.101 * PCR_HZ
        pcrs_in = sum(read_header_quickly(made).pcr is not None for made in mux.packets(6000))
        assert stage.counters.pcrs_restamped == pcrs_in
    else:
        assert payload_packets(out) == payload_packets(mux.packets(6000))
    assert np.abs(pcr_accuracy(out, SERVICE_1.video_pid, 6_000_000)).max() <= 1


def test_a_rate_that_doubles_fits_if_there_is_room() -> None:
    mux = Varying(bitrate_bps=RATE, null_every=0, faster=2, turn=1500)
    stage = Remux(10_000_000)
    out = run(mux.stream(6000), [], stage)
    assert [event.kind for event in stage.events] == ["started"]
    nulls = sum(pid_of(made) == NULL_PID for made in out)
    assert nulls == pytest.approx(1500, abs=40)


def test_no_pcr_interval_is_above_40_ms() -> None:
    mux = Multiplex(bitrate_bps=1_504_000, pcr_every=90, null_every=0)
    stage = Remux(3_000_000)
    out = run(mux.stream(PACKETS), [], stage)
    _, pcrs = read_pcrs(out, SERVICE_1.video_pid)
    assert np.diff(pcrs).max() <= 0.040 * PCR_HZ
    assert stage.counters.pcrs_added > 0
    counters = [made[3] & 15 for made in out if pid_of(made) == SERVICE_1.video_pid]
    payload = [made[3] >> 4 & 1 for made in out if pid_of(made) == SERVICE_1.video_pid]
    steps = np.diff(counters) % 16
    assert (steps == payload[1:]).all()


def test_without_pcr_packets_pass_and_that_is_said() -> None:
    silent = b"".join(packet(0x100, n % 16, b"x") if n % 3 else NULL_PACKET for n in range(3000))
    stage = Remux("5M", max_bytes=500 * PACKET_SIZE)
    assert b"".join(run(silent, [700, 900], stage)) == silent
    assert [event.kind for event in stage.events] == ["no_clock"]
    assert stage.counters.unplaced == 3000


def test_where_the_reference_ends_another_program_takes_over() -> None:
    packets = MUX.packets(PACKETS)
    kept = [
        made
        for index, made in enumerate(packets)
        if index < 1500 or pid_of(made) != SERVICE_1.video_pid
    ]
    stage = Remux(6_000_000, service_id=1, max_hold="100ms")
    out = run(b"".join(kept), [], stage)
    assert [event.kind for event in stage.events] == ["started", "reference"]
    assert stage.reference_pid == SERVICE_2.video_pid
    assert np.abs(pcr_accuracy(out, SERVICE_2.video_pid, 6_000_000)).max() <= 1.5


def test_a_jump_of_the_pcr_is_passed_on_and_told_of() -> None:
    one, other = Multiplex(bitrate_bps=RATE), Multiplex(bitrate_bps=RATE, pcr_first=PCR_HZ)
    stage = Remux(6_000_000)
    out = run(one.stream(PACKETS) + other.stream(PACKETS), [], stage)
    assert [event.kind for event in stage.events] == ["started", "clock_broken"]
    assert len(out) == pytest.approx(2 * PACKETS * 6 / 5, abs=1.5)
    _, pcrs = read_pcrs(out, SERVICE_1.video_pid)
    assert (np.diff(pcrs) < 0).sum() == 1


def test_a_gap_in_the_input_is_filled() -> None:
    packets = MUX.packets(PACKETS)
    stage = Remux(6_000_000)
    out = run(b"".join(packets[:1000] + packets[1700:]), [], stage)
    assert [event.kind for event in stage.events] == ["started"]
    assert len(out) == pytest.approx(PACKETS * 6 / 5, abs=1.5)


def test_cues_go_into_a_stream_without_null_packets() -> None:
    mux = Varying(bitrate_bps=RATE, null_every=0, faster=1)
    stream = mux.stream(12_000)

    def insert(*stages: Stage) -> tuple[SpliceInserter, list[bytes]]:
        splices = SpliceInserter(service_id=1, pid=500, room="nulls")
        splices.schedule(Break(start="+2s", duration="700ms", preroll="1s"))
        return splices, run(stream, [], *stages, splices)

    assert len(insert()[0].cues) == 0
    plain = run(stream, [], Remux(5_200_000))
    splices, out = insert(Remux(5_200_000))
    assert len(splices.cues) == len(find_sections(out, 500)) >= 2
    assert splices.cue_failures == type(splices.cue_failures)()
    assert len(out) == len(plain)
    assert np.abs(pcr_accuracy(out, SERVICE_1.video_pid, 5_200_000)).max() <= 1
    for cue in splices.cues:
        assert pid_of(plain[cue.packet_index]) == NULL_PID


@pytest.mark.parametrize("entry", stream_params("all"))
def test_streams_by_others_lose_nothing(entry: dict[str, Any], tmp_path: Any) -> None:
    plain, made = tmp_path / "plain.ts", tmp_path / "made.ts"
    stage = Remux(8_000_000, psi_leak=None, si_leak=None, overflow="delay")
    try:
        Pipeline().run(stream_path(entry), plain)
        Pipeline(stage).run(stream_path(entry), made, batch_packets=512)
    except NotATransportStreamError:
        pytest.skip("no transport stream")
    out = split(made.read_bytes())
    before = [without_pcr(one) for one in split(plain.read_bytes()) if pid_of(one) != NULL_PID]
    after = [without_pcr(one) for one in out if pid_of(one) != NULL_PID]
    assert len(after) == len(before) + stage.counters.pcrs_added
    if stage.counters.pcrs_added == 0:
        assert after == before


@pytest.mark.skipif("mpts2_multi_pcr.ts" not in load_manifest(), reason="no external test data")
def test_a_real_multiplex_with_jitter_between_its_clocks_gets_smooth_ones(tmp_path: Any) -> None:
    """In the input the second program's PCRs are off by 280 us (root mean square)."""
    made = tmp_path / "made.ts"
    stage = Remux("20M")
    Pipeline(stage).run(stream_path(load_manifest()["mpts2_multi_pcr.ts"]), made)
    out = split(made.read_bytes())
    assert stage.reference_pid == 0x3F2
    assert np.abs(pcr_accuracy(out, 0x3F2, 20_000_000)).max() <= 1
    indices, pcrs = read_pcrs(out, 0x136)
    between = np.interp(indices[1:-1:2], indices[::2], pcrs[::2] - pcrs[0])
    assert np.abs(pcrs[1:-1:2] - pcrs[0] - between).max() <= 1.5
    # What jitters by so much bends no line within seconds.
    assert np.abs(pcr_accuracy(out, 0x136, 20_000_000)).max() <= 1.08


@pytest.mark.parametrize(
    "wrong",
    [
        {"bitrate": 10},
        {"bitrate": "fast"},
        {"bitrate": "20G"},
        {"service_id": 0},
        {"overflow": "ignore"},
        {"max_delay": -1},
        {"max_hold": "2m"},
        {"max_bytes": 10},
        {"psi_leak": 0},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Remux(**{"bitrate": "20M"} | wrong)
