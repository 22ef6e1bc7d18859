"""The columns of a PacketBatch are what bitstring reads from each packet."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import THOROUGH, any_packets
from tests.second_opinion import read_header, read_header_quickly
from tsloom import PacketBatch

MANY = st.lists(any_packets(), max_size=40)


@given(packets=MANY)
@THOROUGH
def test_columns_are_the_fields_of_the_packets(packets: list[bytes]) -> None:
    batch = PacketBatch(b"".join(packets))
    headers = [read_header(packet) for packet in packets]
    for name in (
        "pid",
        "transport_error_indicator",
        "payload_unit_start_indicator",
        "transport_priority",
        "scrambling_control",
        "adaptation_field_control",
        "continuity_counter",
    ):
        assert getattr(batch, name).tolist() == [getattr(header, name) for header in headers]
    assert len(batch) == len(packets)
    assert batch.data.shape == (len(packets), 188)
    assert [bytes(row) for row in batch.data] == packets


@given(packets=MANY)
@THOROUGH
def test_clock_references_are_where_and_what_bitstring_finds(packets: list[bytes]) -> None:
    batch = PacketBatch(b"".join(packets))
    headers = [read_header(packet) for packet in packets]
    pcrs = [(i, header.pcr) for i, header in enumerate(headers) if header.pcr is not None]
    opcrs = [(i, header.opcr) for i, header in enumerate(headers) if header.opcr is not None]
    assert list(zip(batch.pcr_index.tolist(), batch.pcr_27mhz.tolist(), strict=True)) == pcrs
    assert list(zip(batch.opcr_index.tolist(), batch.opcr_27mhz.tolist(), strict=True)) == opcrs


@given(packet=any_packets())
@THOROUGH
def test_the_two_second_opinions_agree(packet: bytes) -> None:
    assert read_header(packet) == read_header_quickly(packet)


@given(packets=MANY, first_index=st.integers(0, 2**40), data=st.data())
@THOROUGH
def test_slicing_and_selecting_keep_each_packet_with_its_index(
    packets: list[bytes], first_index: int, data: st.DataObject
) -> None:
    batch = PacketBatch(b"".join(packets), first_index=first_index)
    part = data.draw(st.slices(len(packets)), label="slice")
    kept = list(range(len(packets)))[part]
    check_part(batch[part], packets, kept, first_index)
    indices = st.sampled_from(range(len(packets))) if packets else st.nothing()
    kept = sorted(data.draw(st.sets(indices), label="kept"))
    mask = np.isin(np.arange(len(packets)), kept)
    check_part(batch[mask], packets, kept, first_index)
    pids = data.draw(st.sets(st.sampled_from(batch.pid.tolist() or [0]), max_size=4), label="pids")
    kept = [i for i in range(len(packets)) if read_header(packets[i]).pid in pids]
    check_part(batch.select(pids), packets, kept, first_index)


def check_part(part: PacketBatch, packets: list[bytes], kept: list[int], first_index: int) -> None:
    assert [bytes(row) for row in part.data] == [packets[i] for i in kept]
    assert part.pid.tolist() == [read_header(packets[i]).pid for i in kept]
    assert part.packet_index.tolist() == [first_index + i for i in kept]
    assert bytes(part) == b"".join(packets[i] for i in kept)


@given(packets=MANY, first_index=st.integers(0, 2**40), data=st.data())
@THOROUGH
def test_parts_concatenated_are_the_whole(
    packets: list[bytes], first_index: int, data: st.DataObject
) -> None:
    whole = PacketBatch(b"".join(packets), first_index=first_index)
    places = sorted(data.draw(st.lists(st.integers(0, len(packets)), max_size=5)))
    edges = [0, *places, len(packets)]
    parts = [whole[start:end] for start, end in itertools.pairwise(edges)]
    again = PacketBatch.concatenate(parts)
    check_part(again, packets, list(range(len(packets))), first_index)
    assert again.header.tolist() == whole.header.tolist()
    assert again.pcr_27mhz.tolist() == whole.pcr_27mhz.tolist()
