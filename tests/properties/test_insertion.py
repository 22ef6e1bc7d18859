"""What the inserters add stands where they say, and leaves all else as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import (
    NULL_PID,
    PCR_HZ,
    PCR_MODULUS,
    PTS_MODULUS,
    SERVICE_1,
    Multiplex,
    section,
    split,
)
from tests.properties.strategies import BRIEF, cut, cuts_of
from tests.second_opinion import (
    count_packets,
    find_sections,
    find_torn_sections,
    read_header_quickly,
    read_pcrs,
)
from tsloom import PacketBatch, Pipeline, SectionInserter
from tsloom.pipeline import ScheduledSection

PACKETS = 900
MS = 27_000
SDT_PID = 0x11
TABLE = section(0x42, 1, bytes(300))

MULTIPLEXES = st.builds(
    Multiplex,
    null_every=st.sampled_from([0, 2, 3, 40]),
    pcr_every=st.sampled_from([5, 20, 60]),
    psi_every=st.sampled_from([23, 100]),
    pcr_first=st.sampled_from([0, PCR_MODULUS - PCR_HZ // 3, 12345]),
    tables=st.sampled_from([(), ((SDT_PID, TABLE),)]),
)
ROOMS = st.sampled_from(["nulls", "nulls_then_add", "add"])


@dataclass(frozen=True)
class Wish:
    """A section to be inserted: its PID, size, due time and patience in milliseconds."""

    pid: int
    size: int
    due_ms: int
    patience_ms: int


WISHES = st.lists(
    st.builds(
        Wish,
        pid=st.sampled_from([0x1F0, 0x1F1, SDT_PID]),
        size=st.sampled_from([12, 183, 184, 700, 4096]),
        due_ms=st.integers(0, 1000),
        patience_ms=st.integers(0, 300),
    ),
    max_size=12,
)


def section_of(number: int, wish: Wish) -> bytes:
    """A section of this size that no other is like."""
    return section(0x80, number, bytes((number,)) * (wish.size - 12))


def insert(
    mux: Multiplex, room: str, wishes: list[Wish], places: list[int]
) -> tuple[SectionInserter, list[bytes], dict[int, bytes]]:
    inserter = SectionInserter(service_id=1, room=room)
    wanted = {}
    for number, wish in enumerate(wishes):
        due = wish.due_ms * MS
        data = section_of(number, wish)
        item = ScheduledSection(wish.pid, data, due, due + wish.patience_ms * MS)
        wanted[inserter.insert(item)] = data
    pipeline, out, at = Pipeline(inserter), [], 0
    for piece in cut(mux.stream(PACKETS), [place * 188 for place in places]):
        out += split(bytes(pipeline.process(PacketBatch(piece, first_index=at))))
        at += len(piece) // 188
    return inserter, out + split(bytes(pipeline.finish())), wanted


@given(mux=MULTIPLEXES, room=ROOMS, wishes=WISHES, places=cuts_of(PACKETS))
@BRIEF
def test_each_section_stands_where_its_confirmation_says(
    mux: Multiplex, room: str, wishes: list[Wish], places: list[int]
) -> None:
    inserter, out, wanted = insert(mux, room, wishes, places)
    confirmed = {insertion.section_id for insertion in inserter.insertions}
    failed = {failure.section_id for failure in inserter.failures}
    assert confirmed | failed == set(wanted)
    assert not confirmed & failed
    for insertion in inserter.insertions:
        found = find_sections(out, insertion.pid)
        place = (insertion.packet_index, insertion.last_packet_index)
        assert [
            (one.first_packet, one.last_packet)
            for one in found
            if one.data == wanted[insertion.section_id]
        ] == [place]
    # None that nobody asked for, none torn: but where only null packets may be used and the stream
    # has sections on the PID too, one that is under way gives way to them and begins anew.
    for pid in {wish.pid for wish in wishes}:
        own = set(wanted.values()) | ({TABLE} if pid == SDT_PID else set())
        assert {one.data for one in find_sections(out, pid)} <= own
        if room != "nulls" or pid != SDT_PID or not mux.tables:
            assert find_torn_sections(out, pid) == []


@given(mux=MULTIPLEXES, room=ROOMS, wishes=WISHES, places=cuts_of(PACKETS))
@BRIEF
def test_all_else_is_as_it_was_and_in_its_order(
    mux: Multiplex, room: str, wishes: list[Wish], places: list[int]
) -> None:
    _, out, _ = insert(mux, room, wishes, places)
    before = mux.packets(PACKETS)
    ours = {wish.pid for wish in wishes} | {NULL_PID}
    assert [made for made in out if read_header_quickly(made).pid not in ours] == [
        made for made in before if read_header_quickly(made).pid not in ours
    ]
    judged = count_packets(out)
    assert judged.total("continuity_errors") == 0
    assert judged.total("duplicates") == 0
    if SDT_PID in ours and mux.tables:
        own = [one.data for one in find_sections(out, SDT_PID) if one.data == TABLE]
        assert own == [one.data for one in find_sections(before, SDT_PID)]
    pcrs = {pid: [row[1] for row in rows] for pid, rows in read_pcrs(out).items()}
    assert pcrs == {pid: [row[1] for row in rows] for pid, rows in read_pcrs(before).items()}


@given(mux=MULTIPLEXES, room=ROOMS, wishes=WISHES)
@BRIEF
def test_confirmed_times_are_those_of_the_place(
    mux: Multiplex, room: str, wishes: list[Wish]
) -> None:
    """The n-th packet of the input has its time by the constant rate; a packet that was added
    shares the time of the one before it. Which of two neighbours it is cannot always be seen."""
    mux = replace(mux, tables=())
    inserter, out, _ = insert(mux, room, wishes, [])
    (first_index, first_pcr, _), second = read_pcrs(mux.packets(PACKETS))[SERVICE_1.video_pid][:2]
    origins = trace(mux.packets(PACKETS), out)
    packet_ticks = mux.pcr_at(1) - mux.pcr_at(0)
    for insertion in inserter.insertions:
        if origins[insertion.packet_index] <= second[0]:
            assert insertion.stream_time_s * PCR_HZ <= second[1] - first_pcr
            continue
        ticks = mux.pcr_at(origins[insertion.packet_index]) - mux.pcr_at(first_index)
        assert abs(insertion.stream_time_s * PCR_HZ - ticks) <= 3 * packet_ticks
        pts = (first_pcr + round(insertion.stream_time_s * PCR_HZ)) // 300 % PTS_MODULUS
        assert (insertion.pts_90khz - pts + 1) % PTS_MODULUS <= 2


def trace(before: list[bytes], out: list[bytes]) -> list[int]:
    """For each packet of the output the index of the input's packet at whose time it left."""
    origins, at = [], 0
    for made in out:
        is_null = at < len(before) and read_header_quickly(before[at]).pid == NULL_PID
        same = at < len(before) and made[4:] == before[at][4:]
        origins.append(at if is_null or same else max(at - 1, 0))
        at += is_null or same
    return origins


@given(mux=MULTIPLEXES, wishes=WISHES)
@BRIEF
def test_no_section_leaves_early_and_with_room_none_is_late(
    mux: Multiplex, wishes: list[Wish]
) -> None:
    """Where packets may be added a section leaves when it is due and those before it are out."""
    inserter, _, _ = insert(replace(mux, tables=()), "add", wishes, [])
    ends = sorted(
        (insertion.stream_time_s, insertion.section_id) for insertion in inserter.insertions
    )
    packet_s = 1504 / mux.bitrate_bps
    (first, *_), (second, *_) = read_pcrs(mux.packets(200))[SERVICE_1.video_pid][:2]
    busy_until = (second - first) * packet_s  # before two PCRs time is not known to go on
    for time, number in ends:
        wish = wishes[number - 1]
        assert time * 1000 >= wish.due_ms - 0.001
        packets = wish.size // 184 + 1
        assert time <= max(wish.due_ms / 1000, busy_until) + total(wishes) * packet_s
        busy_until = max(busy_until, time + packets * packet_s)


def total(wishes: list[Wish]) -> int:
    return sum(wish.size // 184 + 2 for wish in wishes)


@given(mux=MULTIPLEXES, wishes=WISHES)
@BRIEF
def test_with_null_packets_only_nothing_is_added_and_failures_are_told(
    mux: Multiplex, wishes: list[Wish]
) -> None:
    inserter, out, _ = insert(mux, "nulls", wishes, [])
    # At the end the stream's own packets may still wait for the section that took their place.
    waits = len(out) - PACKETS
    assert waits == 0 or (mux.tables and SDT_PID in {wish.pid for wish in wishes})
    assert waits >= 0
    assert not any(insertion.added for insertion in inserter.insertions)
    reasons = {failure.reason for failure in inserter.failures}
    assert reasons <= {"no null packet before the deadline", "the stream ended"}
    for insertion in inserter.insertions:
        wish = wishes[insertion.section_id - 1]
        assert insertion.stream_time_s * 1000 <= wish.due_ms + wish.patience_ms + 0.001
    if mux.null_every == 0:
        assert not inserter.insertions
