"""The section assembler against sections that another hand put into packets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.psi_reference import PACKET_SIZE, crc_32_mpeg, write_packet, write_packets
from tests.properties.psi_strategies import sections, streams
from tsloom.packets import PacketBatch
from tsloom.psi import Section, SectionAssembler, SectionDropped, packetize

PID = 0x0ABC

Events = list[Section | SectionDropped]
Stream = tuple[list[bytes], list[int]]


def assemble(packets: list[bytes]) -> Events:
    assembler = SectionAssembler(PID)
    return assembler.feed(b"".join(packets)) + assembler.flush()


@given(streams)
def test_every_section_comes_with_the_packets_that_held_it(stream: Stream) -> None:
    packets, placed = write_packets(PID, *stream)
    expected = [Section(p.section, p.first_packet, p.last_packet) for p in placed]
    assert assemble(packets) == expected


@given(streams, st.data())
def test_events_do_not_depend_on_how_packets_are_cut(stream: Stream, data: st.DataObject) -> None:
    packets, _ = write_packets(PID, *stream)
    for index in data.draw(st.sets(st.integers(0, len(packets) - 1), max_size=4)):
        packets[index] = data.draw(st.binary(min_size=PACKET_SIZE, max_size=PACKET_SIZE))
    whole = SectionAssembler()
    cut = SectionAssembler()
    expected = whole.feed(b"".join(packets)) + whole.flush()
    events: Events = []
    left = packets
    while left:
        size = data.draw(st.integers(1, len(left)))
        events += cut.feed(b"".join(left[:size]))
        left = left[size:]
    assert events + cut.flush() == expected


@given(streams, st.data())
def test_what_lost_packets_did_not_touch_is_kept(stream: Stream, data: st.DataObject) -> None:
    packets, placed = write_packets(PID, *stream)
    # 16 packets in a row would bring the same continuity_counter again.
    first = data.draw(st.integers(0, len(packets) - 1))
    lost = range(first, min(len(packets), first + data.draw(st.integers(1, 15))))
    kept = [(index, packet) for index, packet in enumerate(packets) if index not in lost]
    assembler = SectionAssembler(PID)
    events: Events = []
    for index, packet in kept:
        events += assembler.feed(packet, first_index=index)
    untouched = [
        Section(p.section, p.first_packet, p.last_packet)
        for p in placed
        if not set(lost) & set(range(p.first_packet, p.last_packet + 1))
    ]
    assert [event for event in events if isinstance(event, Section)] == untouched


@given(streams, st.data())
def test_errored_packets_cost_no_more_than_lost_ones(stream: Stream, data: st.DataObject) -> None:
    packets, placed = write_packets(PID, *stream)
    bad = data.draw(st.sets(st.integers(0, len(packets) - 1), max_size=3))
    for index in bad:
        noise = data.draw(st.binary(min_size=184, max_size=184))
        packets[index] = (
            packets[index][:1] + bytes((packets[index][1] | 0x80,)) + (packets[index][2:4] + noise)
        )
    untouched = [
        p.section for p in placed if not bad & set(range(p.first_packet, p.last_packet + 1))
    ]
    events = assemble(packets)
    assert [event.bytes for event in events if isinstance(event, Section)] == untouched


@given(streams, st.data())
def test_each_packet_may_come_twice(stream: Stream, data: st.DataObject) -> None:
    packets, placed = write_packets(PID, *stream)
    twice = data.draw(st.sets(st.integers(0, len(packets) - 1)))
    sent = [p for index, packet in enumerate(packets) for p in [packet] * (1 + (index in twice))]
    assert [event.bytes for event in assemble(sent) if isinstance(event, Section)] == [
        p.section for p in placed
    ]


@given(streams, st.integers(0, 2**40))
def test_a_batch_is_read_at_its_indices_and_its_pid(stream: Stream, first_index: int) -> None:
    packets, placed = write_packets(PID, *stream)
    other = write_packet(PID + 1, True, 0, b"\x00" * 184)
    mixed = b"".join(packet + other for packet in packets)
    expected = [
        Section(p.section, first_index + 2 * p.first_packet, first_index + 2 * p.last_packet)
        for p in placed
    ]
    batch = PacketBatch(mixed, first_index=first_index)
    assert SectionAssembler(PID).feed(batch) == expected
    assert SectionAssembler().feed(batch.select([PID])) == expected
    assert SectionAssembler(PID).feed(mixed, first_index=first_index) == expected


@given(st.binary(max_size=PACKET_SIZE * 12))
def test_random_packets_give_events_that_hold_together(content: bytes) -> None:
    content = content[: len(content) // PACKET_SIZE * PACKET_SIZE]
    assembler = SectionAssembler()
    for event in assembler.feed(content) + assembler.flush():
        if isinstance(event, Section):
            assert len(event.bytes) == 3 + int.from_bytes(event.bytes[1:3], "big") % 4096
            assert event.first_packet is not None
            assert event.last_packet is not None
            assert event.first_packet <= event.last_packet < len(content) // PACKET_SIZE
        else:
            assert len(event.bytes) <= 4096


@given(sections, st.integers(0, 0x1FFF), st.integers(0, 15))
def test_packetize_writes_what_the_syntax_says(section: bytes, pid: int, counter: int) -> None:
    room = [183] + [184] * 22
    payloads: list[bytes] = []
    at = 0
    while at < len(section):
        piece = section[at : at + room[len(payloads)]]
        payloads.append((b"" if at else b"\0") + piece)
        at += len(piece)
    expected = b"".join(
        write_packet(pid, index == 0, counter + index, payload.ljust(184, b"\xff"))
        for index, payload in enumerate(payloads)
    )
    assert packetize(section, pid, counter) == expected


@given(st.binary(max_size=20))
def test_crc_ok_is_what_crcmod_says(payload: bytes) -> None:
    head = bytes((0x40, 0x80, 9 + len(payload), 0, 0, 0xC1, 0, 0)) + payload
    good = head + crc_32_mpeg(head).to_bytes(4, "big")
    assert Section(good).crc_ok is True
    assert Section(good[:-1] + bytes((good[-1] ^ 1,))).crc_ok is False
    assert Section(good).payload == payload
