"""Sections as values, and the events of the assembler."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.properties.psi_reference import Header, write_packet, write_section
from tsloom.errors import SectionLengthError, UsageError
from tsloom.psi import (
    Section,
    SectionAssembler,
    SectionDropped,
    SectionDropReason,
    encode_section,
    packetize,
    parse_section,
)

LONG = write_section(
    0x42, 0xBEEF, Header(17, 0, 2, 3, reserved_1=0b111, reserved_2=0b01), b"payload"
)
SHORT = b"\x70\x70\x05\xe0\x00\x12\x34\x56"


def test_a_long_section_shows_every_field_of_its_header() -> None:
    section = parse_section(LONG)
    assert section.table_id == 0x42
    assert section.section_syntax_indicator is True
    assert section.private_indicator is True
    assert section.table_id_extension == 0xBEEF
    assert section.version_number == 17
    assert section.current_next_indicator is False
    assert section.section_number == 2
    assert section.last_section_number == 3
    assert section.payload == b"payload"
    assert section.crc_ok is True


def test_a_short_section_has_neither_extension_nor_crc() -> None:
    section = parse_section(bytearray(SHORT))
    assert section.section_syntax_indicator is False
    assert section.table_id_extension is None
    assert section.version_number is None
    assert section.current_next_indicator is None
    assert section.section_number is None
    assert section.last_section_number is None
    assert section.payload == SHORT[3:]
    assert section.crc_ok is None


def test_a_tot_and_a_splice_info_section_have_a_crc_without_the_long_header() -> None:
    for table_id in (0x73, 0xFC):
        section = Section(bytes((table_id, 0x30, 6)) + b"ab" + b"\0\0\0\0")
        assert section.crc_ok is False
        assert section.payload == b"ab"


def test_a_long_section_too_short_for_its_header_has_no_fields_of_it() -> None:
    section = Section(b"\x00\x80\x02\x01\x02")
    assert section.version_number is None
    assert section.crc_ok is None


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x00\x80", LONG[:-1], LONG + b"\xff"])
def test_bytes_that_are_no_whole_section_are_refused(content: bytes) -> None:
    with pytest.raises(SectionLengthError) as refused:
        parse_section(content)
    assert refused.value.facts["size_bytes"] == len(content)


def test_encode_section_writes_what_the_syntax_says() -> None:
    assert encode_section(
        0x42,
        0xBEEF,
        b"payload",
        version_number=17,
        current_next_indicator=False,
        section_number=2,
        last_section_number=3,
        private_indicator=True,
    ) == write_section(0x42, 0xBEEF, Header(17, 0, 2, 3, reserved_1=0b111), b"payload")


@pytest.mark.parametrize(
    ("field", "value"),
    [("version_number", 32), ("section_number", 256), ("last_section_number", -1)],
)
def test_encode_section_refuses_what_does_not_fit(field: str, value: int) -> None:
    with pytest.raises(UsageError) as refused:
        encode_section(0x42, 1, b"", **{field: value})  # type: ignore[arg-type]
    assert refused.value.facts["field"] == field
    assert refused.value.facts["value"] == value


def test_encode_section_refuses_a_payload_above_4084_bytes() -> None:
    assert len(encode_section(0x50, 1, bytes(4084))) == 4096
    with pytest.raises(SectionLengthError):
        encode_section(0x50, 1, bytes(4085))


def test_packetize_refuses_what_no_packet_can_carry() -> None:
    with pytest.raises(UsageError):
        packetize(b"", 0x10)
    with pytest.raises(UsageError):
        packetize(bytes(4097), 0x10)
    with pytest.raises(UsageError):
        packetize(LONG, 0x2000)
    with pytest.raises(UsageError):
        packetize(LONG, 0x10, 16)


def test_packetize_takes_a_section_or_its_bytes() -> None:
    assert packetize(parse_section(LONG), 0x10, 5) == packetize(LONG, 0x10, 5)


def make_stream(size: int = 500) -> list[bytes]:
    section = bytes((0x80, 0x30 | size - 3 >> 8, size - 3 & 0xFF)) + bytes(size - 3)
    packets = packetize(section, 0x30)
    return [packets[start : start + 188] for start in range(0, len(packets), 188)]


def with_flag(packet: bytes, position: int, bits: int) -> bytes:
    return packet[:position] + bytes((packet[position] | bits,)) + packet[position + 1 :]


STREAM = make_stream()
# One fault each, and the one event that it has to give.
FAULTS = {
    SectionDropReason.CONTINUITY: [STREAM[0], STREAM[2]],
    SectionDropReason.EARLY_START: [STREAM[0], with_flag(STREAM[1], 1, 0x40)],
    SectionDropReason.TRANSPORT_ERROR: [STREAM[0], with_flag(STREAM[1], 1, 0x80), STREAM[2]],
    SectionDropReason.ADAPTATION_FIELD: [
        STREAM[0],
        STREAM[1][:3] + b"\x31\xff" + STREAM[1][5:],
        STREAM[2],
    ],
    SectionDropReason.POINTER_FIELD: [STREAM[0][:4] + b"\xb7" + STREAM[0][5:]],
    SectionDropReason.SECTION_LENGTH: [
        write_packet(0x30, True, 0, b"\0\x80\x3f\xfe" + bytes(180)),
    ],
    SectionDropReason.SCRAMBLED: [STREAM[0], with_flag(STREAM[1], 3, 0x80)],
    SectionDropReason.ENDED: [STREAM[0], STREAM[1]],
}


@pytest.mark.parametrize("reason", SectionDropReason)
def test_each_fault_gives_its_one_event(reason: SectionDropReason) -> None:
    assembler = SectionAssembler(0x30)
    dropped = [
        event
        for event in assembler.feed(b"".join(FAULTS[reason]), first_index=1000) + assembler.flush()
        if isinstance(event, SectionDropped)
    ]
    assert [event.reason for event in dropped] == [reason]
    assert 1000 <= dropped[0].packet_index <= 1000 + len(FAULTS[reason])


def test_a_dropped_section_keeps_what_there_was() -> None:
    assembler = SectionAssembler(0x30)
    (event,) = assembler.feed(b"".join(FAULTS[SectionDropReason.CONTINUITY]))
    assert event == SectionDropped(SectionDropReason.CONTINUITY, 1, STREAM[0][5:], 0)
    assert SectionDropped.from_dict(event.to_dict()) == event


def test_packets_of_other_pids_are_passed_over() -> None:
    assembler = SectionAssembler(0x31)
    assert assembler.feed(b"".join(STREAM)) == []


def test_bytes_go_on_counting_where_they_stopped() -> None:
    assembler = SectionAssembler(0x30)
    assert assembler.feed(STREAM[0], first_index=70) == []
    (section,) = assembler.feed(STREAM[1] + STREAM[2])
    assert isinstance(section, Section)
    assert (section.first_packet, section.last_packet) == (70, 72)


def test_an_empty_feed_gives_nothing() -> None:
    assert SectionAssembler(0x30).feed(b"") == []


@pytest.mark.parametrize("content", [bytes(187), bytes(189), b"\x47"])
def test_bytes_that_are_no_whole_packets_are_refused(content: bytes) -> None:
    with pytest.raises(UsageError) as refused:
        SectionAssembler().feed(content)
    assert refused.value.facts["size_bytes"] == len(content)


@pytest.mark.parametrize("pid", [-1, 0x2000])
def test_a_pid_has_13_bits(pid: int) -> None:
    with pytest.raises(UsageError):
        SectionAssembler(pid)


def test_sections_go_to_dictionaries_and_back() -> None:
    section = Section(LONG, 3, 4)
    plain = section.to_dict()
    assert plain == {"bytes": LONG.hex(), "first_packet": 3, "last_packet": 4}
    assert Section.from_dict(plain) == section


def test_psi_loads_bitstring_on_first_use_only() -> None:
    program = (
        "import sys, tsloom.psi as psi; assert 'bitstring' not in sys.modules;"
        "psi.parse_descriptors(b'\\x05\\x04CUEI'); assert 'bitstring' not in sys.modules;"
        "psi.parse_descriptors(b'\\x11\\x01\\xff'); assert 'bitstring' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
