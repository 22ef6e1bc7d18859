"""The CueRewriter: restamping, removal and rewriting, judged by slow loops."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from bitstring import Bits, pack
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    NULL_PACKET,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    Service,
    crc_32,
    packetize,
    section,
    splice_null,
    split,
)
from tests.properties.strategies import BRIEF
from tests.second_opinion import count_packets, find_sections, find_torn_sections
from tsloom import CueMatch, CueRewriter, PacketBatch, Pipeline, scte35
from tsloom.errors import UsageError
from tsloom.pipeline import FreedPackets
from tsloom.scte35 import SpliceInfoSection, SpliceInsert, SpliceTime, TimeSignal

PID, OTHER_PID = 500, 501
PTS_MODULUS = 1 << 33
PACKETS = 1500


def service_with_cues(service: Service, pid: int) -> Service:
    streams = ((0x86, pid, b""),)
    return Service(
        service.service_id,
        service.pmt_pid,
        service.video_pid,
        service.audio_pid,
        more_streams=streams,
    )


MUX = Multiplex(
    services=(service_with_cues(SERVICE_1, PID), service_with_cues(SERVICE_2, OTHER_PID))
)


def insert(event_id: int, pts: int = 900_000, *, adjustment: int = 0) -> bytes:
    command = SpliceInsert(event_id, out_of_network_indicator=True, splice_time=SpliceTime(pts))
    return SpliceInfoSection(command, pts_adjustment=adjustment).encode()


def time_signal(event_id: int, *, upid: bytes = b"", adjustment: int = 0) -> bytes:
    descriptor = scte35.SegmentationDescriptor(
        event_id, segmentation_type_id=0x34, segmentation_upid_type=0x0F, segmentation_upid=upid
    )
    command = TimeSignal(SpliceTime(900_000))
    return SpliceInfoSection(command, [descriptor], pts_adjustment=adjustment).encode()


def lay_out(cues: list[tuple[int, bytes]]) -> list[bytes]:
    """The multiplex with cues from the third null packet on, in every second one."""
    packets = MUX.packets(PACKETS)
    free = [at for at, made in enumerate(packets) if made == NULL_PACKET][3::2]
    counters: dict[int, int] = {}
    for pid, data in cues:
        for made in packetize(data, pid, counters.get(pid, 0)):
            packets[free.pop(0)] = made
            counters[pid] = counters.get(pid, 0) + 1
    return packets


def restamped(data: bytes, offset: int) -> bytes:
    bits = Bits(data[:-4])
    adjustment = (bits[39:72].uint + offset) % PTS_MODULUS
    front = pack("bits, uint:33, bits", bits[:39], adjustment, bits[72:]).bytes
    return front + crc_32(front).to_bytes(4, "big")


def run(packets: list[bytes], stage: CueRewriter, edges: list[int] | None = None) -> list[bytes]:
    pipeline = Pipeline(stage)
    out = []
    for begin, end in itertools.pairwise(edges or [0, len(packets)]):
        batch = PacketBatch(b"".join(packets[begin:end]), first_index=begin)
        out += split(bytes(pipeline.process(batch)))
    return out + split(bytes(pipeline.finish()))


def cues_of(packets: list[bytes], pid: int = PID) -> list[bytes]:
    return [one.data for one in find_sections(packets, pid)]


def of_pid(packets: list[bytes], *pids: int) -> list[bytes]:
    return [made for made in packets if ((made[1] & 31) << 8 | made[2]) in pids]


ALL = [insert(1), time_signal(2), splice_null(), insert(3, adjustment=PTS_MODULUS - 5), insert(4)]
STREAM = lay_out([(PID, data) for data in ALL])

# -- restamping


@given(
    offset=st.one_of(st.sampled_from([0, 1, -1, 1 << 32]), st.integers(-(1 << 40), 1 << 40)),
    places=st.lists(st.integers(1, PACKETS - 1), unique=True, max_size=6),
)
@BRIEF
def test_an_offset_changes_pts_adjustment_and_crc_32_alone(offset: int, places: list[int]) -> None:
    stage = CueRewriter(pts_offset_90khz=offset)
    expected = lay_out([(PID, restamped(data, offset)) for data in ALL])
    assert run(STREAM, stage, [0, *sorted(places), PACKETS]) == expected
    assert stage.restamped_sections == (len(ALL) if offset % PTS_MODULUS else 0)


def test_only_the_service_s_cues_are_restamped_and_named_pids() -> None:
    packets = lay_out([(PID, insert(1)), (OTHER_PID, insert(2)), (502, insert(3))])
    out = run(packets, CueRewriter(2, pids=[502], pts_offset_90khz=7))
    adjustments = [scte35.parse(cues_of(out, pid)[0]).pts_adjustment for pid in (500, 501, 502)]
    assert adjustments == [0, 7, 7]


def test_offsets_take_effect_at_their_packets_however_the_stream_is_cut() -> None:
    ends = [one.last_packet for one in find_sections(STREAM, PID)]
    expected = [restamped(data, offset) for data, offset in zip(ALL, (1, 1, 2, 3, 3), strict=True)]
    for size in (1, 97, PACKETS):
        stage = CueRewriter(pts_offset_90khz=1)
        stage.set_pts_offset(3, from_packet=ends[3])
        stage.set_pts_offset(2, from_packet=ends[1] + 1)
        out = run(STREAM, stage, [*range(0, PACKETS, size), PACKETS])
        assert cues_of(out) == expected
        assert stage.pts_offset_90khz == 3


def test_an_offset_may_change_between_batches() -> None:
    ends = [one.last_packet for one in find_sections(STREAM, PID)]
    stage = CueRewriter()
    pipeline = Pipeline(stage)
    edge = ends[2] + 1
    out = bytes(pipeline.process(PacketBatch(b"".join(STREAM[:edge]))))
    stage.set_pts_offset(-5)
    out += bytes(pipeline.process(PacketBatch(b"".join(STREAM[edge:]), first_index=edge)))
    offsets = (0, 0, 0, -5, -5)
    expected = [restamped(data, offset) for data, offset in zip(ALL, offsets, strict=True)]
    assert cues_of(split(out)) == expected


def test_what_is_damaged_or_no_splice_information_stays_whole() -> None:
    damaged = insert(1)[:-1] + b"\x00"
    packets = lay_out([(PID, damaged), (PID, section(0x80, 1, b"other")), (PID, insert(2))])
    out = run(packets, CueRewriter(pts_offset_90khz=9, rewrite=lambda cue: cue))
    assert [a == b for a, b in zip(of_pid(packets, PID), of_pid(out, PID), strict=True)] == [
        True,
        True,
        False,
    ]


def test_encrypted_cues_are_restamped_without_a_key() -> None:
    pytest.importorskip("cryptography", reason="tsloom[crypto] is not installed")
    keys = scte35.KeyRing({1: bytes(range(8))})
    plain = scte35.parse(insert(77))
    data = plain.replace(encrypted_packet=True, encryption_algorithm=1, cw_index=1).encode(
        keys=keys
    )
    out = cues_of(run(lay_out([(PID, data)]), CueRewriter(pts_offset_90khz=-1)))[0]
    assert out[13:-4] == data[13:-4]
    read = scte35.parse(out, keys=keys)
    assert (read.pts_adjustment, read.crc_ok) == (PTS_MODULUS - 1, True)
    assert read.splice_command == plain.splice_command


# -- removal


@pytest.mark.parametrize(
    ("match", "kept"),
    [
        (CueMatch(), []),
        (CueMatch(splice_command_types={5}), [1, 2]),
        (CueMatch(splice_event_ids={3, 4}), [0, 1, 2]),
        (CueMatch(segmentation_event_ids=[2]), [0, 2, 3, 4]),
        (CueMatch(splice_command_types=[5], splice_event_ids=[4, 2]), [0, 1, 2, 3]),
        (lambda cue: cue.pts_adjustment > 0, [0, 1, 2, 4]),
    ],
)
def test_what_matches_is_removed(
    match: Callable[[SpliceInfoSection], bool], kept: list[int]
) -> None:
    stage = CueRewriter(remove=match)
    out = run(STREAM, stage)
    assert cues_of(out) == [ALL[index] for index in kept]
    assert stage.removed_sections == len(ALL) - len(kept)
    assert [change.after for change in stage.changes] == [None] * (len(ALL) - len(kept))
    assert len(out) == PACKETS
    assert count_packets(out).verdicts == []
    freed = [(a, b) for a, b in zip(STREAM, out, strict=True) if a[1:3] != b[1:3]]
    assert len(freed) == len(ALL) - len(kept)
    assert {b[:3] for _, b in freed} == {b"\x47\x1f\xff"}


def test_freed_packets_may_be_dropped() -> None:
    stage = CueRewriter(remove=CueMatch(splice_event_ids={1, 4}), freed=FreedPackets.DROP)
    out = run(STREAM, stage, list(range(0, PACKETS + 1, 50)))
    assert len(out) == PACKETS - 2
    others = [made for made in STREAM if made not in of_pid(STREAM, PID)]
    assert [made for made in out if made not in of_pid(out, PID)] == others
    assert cues_of(out) == ALL[1:4]
    assert count_packets(out).verdicts == []


# -- rewriting


def grow(cue: SpliceInfoSection) -> SpliceInfoSection | None:
    """A segmentation descriptor becomes five with long UPIDs."""
    large = [one.replace(segmentation_upid=b"x" * 200) for one in cue.splice_descriptors] * 5
    return cue.replace(splice_descriptors=large)


@pytest.mark.parametrize("room", ["nulls", "nulls_then_add", "add"])
@pytest.mark.parametrize("freed", ["null", "drop"])
def test_a_cue_may_outgrow_its_packet(room: str, freed: str) -> None:
    stage = CueRewriter(rewrite=grow, pts_offset_90khz=11, room=room, freed=freed)
    out = run(STREAM, stage, list(range(0, PACKETS + 1, 25)))
    grown = [grow(scte35.parse(data)) for data in ALL]
    assert cues_of(out) == [restamped(cue.encode(), 11) for cue in grown if cue is not None]
    assert find_torn_sections(out, PID) == []
    assert count_packets(out).verdicts == []
    assert stage.lost_sections == 0
    # One of the cues takes seven packets; a null packet more than 10 ms away is not waited for.
    assert (len(out) - PACKETS) in {"nulls": [0], "nulls_then_add": [1, 2], "add": [6]}[room]
    others = (0, 0x1000, 0x1010, 0x100, 0x101, 0x110, 0x111)
    assert of_pid(out, *others) == of_pid(STREAM, *others)


def test_a_cue_of_several_packets_may_be_rewritten() -> None:
    large = grow(scte35.parse(time_signal(9)))
    assert large is not None
    packets = lay_out([(PID, insert(1)), (PID, large.encode()), (PID, insert(3))])
    out = run(packets, CueRewriter(rewrite=lambda cue: cue.replace(tier=5)))
    assert [scte35.parse(data).tier for data in cues_of(out)] == [5, 5, 5]
    assert len(out) == len(packets)
    assert count_packets(out).verdicts == []


def test_the_same_back_leaves_every_byte_as_it_is() -> None:
    stage = CueRewriter(rewrite=lambda cue: cue.replace(tier=cue.tier))
    assert run(STREAM, stage) == STREAM
    assert list(stage.changes) == []


def test_changes_are_told_with_their_place_and_time() -> None:
    told: list[Any] = []

    def rewrite(cue: SpliceInfoSection) -> SpliceInfoSection | None:
        return None if isinstance(cue.splice_command, TimeSignal) else cue.replace(tier=1)

    stage = CueRewriter(rewrite=rewrite, on_change=told.append)
    run(STREAM, stage)
    assert list(stage.changes) == told
    assert [change.packet_index for change in told] == [
        one.last_packet for one in find_sections(STREAM, PID)
    ]
    assert [change.after is None for change in told] == [False, True, False, False, False]
    assert [change.before for change in told] == [scte35.parse(data) for data in ALL]
    for change in told:
        ticks = MUX.pcr_at(change.packet_index) - MUX.pcr_at(21)
        assert change.stream_time_s == pytest.approx(ticks / 27_000_000, abs=0.03)


@given(places=st.lists(st.integers(1, PACKETS - 1), unique=True, max_size=8))
@BRIEF
def test_answers_take_effect_at_the_same_packet_for_any_cut(places: list[int]) -> None:
    """Each answer depends on those before, and moves the offset of what follows."""

    def process(edges: list[int] | None) -> list[bytes]:
        seen: list[int] = []

        def rewrite(cue: SpliceInfoSection) -> SpliceInfoSection | None:
            seen.append(cue.crc_32)
            stage.set_pts_offset(len(seen) * 1000)
            return [grow(cue), cue, None][len(seen) % 3]

        stage = CueRewriter(rewrite=rewrite, room="add", freed="drop")
        return run(STREAM, stage, edges)

    assert process([0, *sorted(places), PACKETS]) == process(None)


def test_a_callback_that_raises_ends_the_run_with_its_own_error() -> None:
    def fail(cue: SpliceInfoSection) -> SpliceInfoSection:
        raise KeyError("here")

    with pytest.raises(KeyError, match="here"):
        run(STREAM, CueRewriter(rewrite=fail))


def test_a_callback_that_gives_something_else_is_told() -> None:
    wrong: Any = lambda cue: b"bytes"  # noqa: E731
    with pytest.raises(UsageError, match="SpliceInfoSection or None"):
        run(STREAM, CueRewriter(rewrite=wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_id": 0},
        {"pids": [0x1FFF]},
        {"pids": [3]},
        {"room": "somewhere"},
        {"freed": "kept"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        CueRewriter(**wrong)


def test_packets_are_not_counted_backwards() -> None:
    with pytest.raises(UsageError):
        CueRewriter().set_pts_offset(1, from_packet=-1)
