"""PacketBatch and PacketSync: what the properties do not reach."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.builders import NULL_PACKET, Multiplex, packet, split
from tsloom import PacketBatch, PacketSync, SyncEvent
from tsloom.errors import SyncLostError, UsageError

STREAM = Multiplex().stream(20)


def make(first_index: int = 0) -> PacketBatch:
    return PacketBatch(STREAM, first_index=first_index)


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview, lambda b: np.frombuffer(b, "u1")])
def test_a_batch_is_made_of_any_buffer(buffer: Any) -> None:
    assert bytes(PacketBatch(buffer(STREAM))) == STREAM


def test_a_batch_does_not_copy() -> None:
    buffer = bytearray(STREAM)
    batch = PacketBatch(buffer)
    buffer[187] = 0x5A
    assert batch.data[0, 187] == 0x5A
    assert np.shares_memory(batch.data, np.frombuffer(buffer, np.uint8))


def test_a_batch_is_a_read_only_buffer() -> None:
    view = memoryview(make())
    assert view.shape == (20, 188)
    assert view.readonly
    assert view.tobytes() == STREAM


def test_an_empty_batch_has_empty_columns() -> None:
    batch = PacketBatch()
    assert len(batch) == 0
    assert bytes(batch) == b""
    for name in (
        "pid",
        "continuity_counter",
        "pcr_index",
        "pcr_27mhz",
        "opcr_27mhz",
        "packet_index",
    ):
        assert len(getattr(batch, name)) == 0
    assert len(batch.select([0])) == 0
    assert len(batch[2:5]) == 0


def test_columns_are_of_their_types() -> None:
    batch = make()
    types = {
        "pid": "uint16",
        "transport_error_indicator": "bool",
        "payload_unit_start_indicator": "bool",
        "transport_priority": "bool",
        "scrambling_control": "uint8",
        "adaptation_field_control": "uint8",
        "continuity_counter": "uint8",
        "pcr_27mhz": "uint64",
        "packet_index": "uint64",
        "header": "uint32",
    }
    assert {name: str(getattr(batch, name).dtype) for name in types} == types
    assert batch.data.dtype == np.uint8
    assert batch.arrival_timestamp is None


@pytest.mark.parametrize("index", [0, 7, -1, np.int64(3), np.uint8(4)])
def test_an_index_gives_the_bytes_of_one_packet(index: Any) -> None:
    assert make()[index] == split(STREAM)[int(index)]


@pytest.mark.parametrize("index", [20, -21, np.int64(99)])
def test_an_index_outside_is_an_index_error(index: Any) -> None:
    with pytest.raises(IndexError):
        make()[index]


@pytest.mark.parametrize("key", [(0, 1), (slice(None), slice(0, 4)), None, True, ...])
def test_an_index_into_packets_is_refused(key: Any) -> None:
    if key is ...:
        assert bytes(make()[key]) == STREAM
        return
    with pytest.raises(UsageError, match="along its packets"):
        make()[key]


def test_a_part_names_its_packets_by_their_place_in_the_stream() -> None:
    part = make(1000)[3:9:2]
    assert part.packet_index.tolist() == [1003, 1005, 1007]
    assert part[1:].packet_index.tolist() == [1005, 1007]
    assert repr(part) == "PacketBatch(3 packets from 1000)"


@pytest.mark.parametrize("pid", [-1, 8192, 70000])
def test_selecting_what_is_no_pid_is_refused(pid: int) -> None:
    with pytest.raises(UsageError, match=f"pid={pid}"):
        make().select([pid])


def test_parts_out_of_order_are_not_concatenated() -> None:
    with pytest.raises(UsageError, match="order of the stream"):
        PacketBatch.concatenate([make(100), make(0)])
    assert len(PacketBatch.concatenate([])) == 0


@pytest.mark.parametrize("size", [1, 187, 189, 1000])
def test_a_batch_of_part_of_a_packet_is_refused(size: int) -> None:
    with pytest.raises(UsageError, match="whole packets"):
        PacketBatch(b"G" * size)


@pytest.mark.parametrize("place", [0, 1, 63, 64, 65, 199])
def test_a_packet_without_sync_byte_is_named(place: int) -> None:
    data = bytearray(NULL_PACKET * 200)
    data[188 * place] = 0x48
    with pytest.raises(SyncLostError) as caught:
        PacketBatch(data, first_index=5000)
    assert caught.value.facts == {"packet_index": 5000 + place}


@pytest.mark.parametrize("wrong", ["text", 5, None, [1, 2]])
def test_what_is_no_buffer_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError):
        PacketSync().feed(wrong)


def m2ts(stream: bytes) -> bytes:
    return b"".join(n.to_bytes(4, "big") + made for n, made in enumerate(split(stream)))


def test_time_stamps_follow_their_packets() -> None:
    sync = PacketSync()
    batches = [sync.feed(m2ts(STREAM)), sync.flush()]
    assert sync.packet_size == 192
    whole = PacketBatch.concatenate(batches)
    assert whole.arrival_timestamp.tolist() == list(range(20))
    assert whole[3:9:2].arrival_timestamp.tolist() == [3, 5, 7]
    only = whole.select([0])
    assert only.arrival_timestamp.tolist() == only.packet_index.tolist()


def test_time_stamps_stay_where_the_packet_size_changes_to_188() -> None:
    sync = PacketSync()
    batch = PacketBatch.concatenate([sync.feed(m2ts(STREAM) + STREAM * 2), sync.flush()])
    assert batch.arrival_timestamp.tolist()[:19] == list(range(19))
    assert sync.packet_size == 188


def test_packets_count_from_the_first_one_handed_on() -> None:
    sync = PacketSync()
    first = sync.feed(b"\x00" * 50 + STREAM)
    rest = sync.flush()
    assert first.packet_index.tolist() + rest.packet_index.tolist() == list(range(20))
    assert sync.events == (SyncEvent("skipped", 0, 0, 50), SyncEvent("acquired", 50, 0, 188))


def test_a_loss_is_told_where_it_began() -> None:
    data = STREAM + b"\x00" * 400 + STREAM
    sync = PacketSync()
    sync.feed(data)
    sync.flush()
    kinds = [(event.kind, event.offset_bytes, event.packet_index) for event in sync.events]
    assert kinds == [
        ("acquired", 0, 0),
        ("lost", 20 * 188, 20),
        ("skipped", 20 * 188, 20),
        ("acquired", 20 * 188 + 400, 20),
    ]
    assert sync.sync_losses == 1
    assert sync.skipped_bytes == 400


def test_one_bad_sync_byte_costs_one_packet_and_no_lock() -> None:
    data = bytearray(STREAM)
    data[188 * 10] = 0
    sync = PacketSync()
    out = bytes(sync.feed(data)) + bytes(sync.flush())
    assert out == STREAM[: 188 * 10] + STREAM[188 * 11 :]
    assert sync.sync_losses == 0
    assert sync.events[-1] == SyncEvent("bad_sync_byte", 188 * 10, 10, 188)


def test_sync_bytes_in_payloads_do_not_mislead() -> None:
    """Each byte of the payload is 0x47: any place looks like the begin of a packet."""
    stream = b"".join(packet(0x100, n, b"G" * 184) for n in range(20))
    sync = PacketSync()
    assert bytes(sync.feed(stream)) + bytes(sync.flush()) == stream


@pytest.mark.parametrize("data", [b"", b"G", b"\x00", bytes(5000)])
def test_without_packets_there_is_no_size_and_no_lock(data: bytes) -> None:
    sync = PacketSync()
    assert len(sync.feed(data)) + len(sync.flush()) == 0
    assert sync.packet_size is None
    assert not sync.locked
    assert sync.skipped_bytes == len(data)
