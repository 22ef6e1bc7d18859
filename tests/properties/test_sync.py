"""Packet synchronisation: the same however the bytes are cut; damage costs nothing that is good."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.damage import Damaged, damaged_streams, numbered_packets, wrap
from tests.properties.strategies import BRIEF, THOROUGH, chunks, cut, cuts_of
from tsloom import PacketSync


def synchronise(pieces: list[bytes]) -> dict[str, object]:
    """All that a PacketSync says."""
    sync = PacketSync()
    batches = [*(sync.feed(piece) for piece in pieces), sync.flush()]
    stamps: list[int] = []
    for batch in batches:
        stamps += (
            [0] * len(batch)
            if batch.arrival_timestamp is None
            else batch.arrival_timestamp.tolist()
        )
    return {
        "packets": b"".join(bytes(batch) for batch in batches),
        "indices": [index for batch in batches for index in batch.packet_index.tolist()],
        "headers": [word for batch in batches for word in batch.header.tolist()],
        "stamps": stamps,
        "events": sync.events,
        "packet_size": sync.packet_size,
        "locked": sync.locked,
        "skipped_bytes": sync.skipped_bytes,
        "sync_losses": sync.sync_losses,
    }


@given(stream=damaged_streams(), data=st.data())
@THOROUGH
def test_any_cut_gives_the_same_packets_and_events(stream: Damaged, data: st.DataObject) -> None:
    whole = synchronise([stream.data])
    assert synchronise(cut(stream.data, data.draw(cuts_of(len(stream.data))))) == whole


@pytest.mark.parametrize("size", [1, 187, 188, 189, 1316, 1 << 20])
@given(stream=damaged_streams())
@BRIEF
def test_chunks_of_any_size_give_the_same_packets_and_events(size: int, stream: Damaged) -> None:
    assert synchronise(chunks(stream.data, size)) == synchronise([stream.data])


@given(data=st.binary(max_size=3000), places=cuts_of(3000))
@THOROUGH
def test_random_bytes_give_the_same_however_cut(data: bytes, places: list[int]) -> None:
    assert synchronise(cut(data, places)) == synchronise([data])


@given(stream=damaged_streams())
@THOROUGH
def test_damage_costs_the_damaged_packets_only(stream: Damaged) -> None:
    seen = synchronise([stream.data])
    wanted = [stream.packets[number] for number in stream.whole]
    assert seen["packets"] == b"".join(wanted)
    assert seen["indices"] == list(range(len(wanted)))
    assert seen["packet_size"] == stream.unit
    # Each byte is in a packet that was handed on, or counted as skipped.
    assert seen["skipped_bytes"] == len(stream.data) - len(wanted) * stream.unit


@given(stream=damaged_streams())
@THOROUGH
def test_skipped_bytes_are_told_with_their_offsets(stream: Damaged) -> None:
    """Without the told ranges the input is the packets."""
    sync = PacketSync()
    packets = bytes(sync.feed(stream.data)) + bytes(sync.flush())
    left = bytearray()
    at = 0
    for event in sync.events:
        if event.kind in ("skipped", "bad_sync_byte"):
            assert event.offset_bytes >= at
            left += stream.data[at : event.offset_bytes]
            at = event.offset_bytes + event.length
            handed_on = (len(left)) // stream.unit
            assert event.packet_index == handed_on
    left += stream.data[at:]
    place = 4 if stream.unit == 192 else 0
    assert packets == b"".join(piece[place : place + 188] for piece in chunks(left, stream.unit))


@given(count=st.integers(5, 60), data=st.data())
@THOROUGH
def test_m2ts_time_stamps_stay_with_their_packets(count: int, data: st.DataObject) -> None:
    stream = b"".join(wrap(numbered_packets(count), 192))
    sync = PacketSync()
    pieces = cut(stream, data.draw(cuts_of(len(stream))))
    batches = [*(sync.feed(piece) for piece in pieces), sync.flush()]
    seen = [
        (stamp, bytes(row))
        for batch in batches
        if len(batch)
        for stamp, row in zip(batch.arrival_timestamp.tolist(), batch.data, strict=True)
    ]
    assert seen == [(n * 1000, made) for n, made in enumerate(numbered_packets(count))]


@pytest.mark.parametrize("unit", [188, 192, 204])
@given(count=st.integers(1, 12))
@BRIEF
def test_a_short_stream_is_read_whole(unit: int, count: int) -> None:
    seen = synchronise([b"".join(wrap(numbered_packets(count), unit))])
    assert seen["packets"] == b"".join(numbered_packets(count))
    assert seen["skipped_bytes"] == 0


@given(
    parts=st.lists(
        st.tuples(st.sampled_from([188, 192, 204]), st.integers(6, 20)), min_size=1, max_size=4
    ),
    data=st.data(),
)
@THOROUGH
def test_a_packet_size_that_changes_is_followed(
    parts: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Where two sizes meet a packet may be doubtful; none else is lost, and no cut matters."""
    made = [wrap(numbered_packets(count), unit) for unit, count in parts]
    stream = b"".join(b"".join(part) for part in made)
    seen = synchronise([stream])
    packets = seen["packets"]
    assert isinstance(packets, bytes)
    changes = sum(a[0] != b[0] for a, b in itertools.pairwise(parts))
    assert len(packets) // 188 >= sum(count for _, count in parts) - changes
    assert synchronise(cut(stream, data.draw(cuts_of(len(stream))))) == seen
