"""PES headers."""

from __future__ import annotations

import pytest
from bitstring import pack
from hypothesis import given
from hypothesis import strategies as st

from tsloom.pes import PesHeader, parse_pes_header

timestamps = st.integers(0, 2**33 - 1)


def write_timestamp(lead: int, value: int, markers: tuple[int, int, int] = (1, 1, 1)) -> bytes:
    """2.4.3.7: four lead bits, then 3, 15 and 15 bits with a marker_bit behind each."""
    return pack(
        "u4, u3, u1, u15, u1, u15, u1",
        lead,
        value >> 30,
        markers[0],
        value >> 15 & 0x7FFF,
        markers[1],
        value & 0x7FFF,
        markers[2],
    ).tobytes()


def write_header(flags: int, fields: bytes, stream_id: int = 0xE0, length: int = 0) -> bytes:
    return pack(
        "0x000001, u8, u16, 0b10000000, u2, 0b000000, u8, bytes",
        stream_id,
        length,
        flags,
        len(fields),
        fields,
    ).tobytes()


@given(timestamps, timestamps, st.binary(max_size=20))
def test_pts_and_dts_are_what_the_syntax_says(pts: int, dts: int, stuffing: bytes) -> None:
    both = write_header(3, write_timestamp(3, pts) + write_timestamp(1, dts) + stuffing)
    assert parse_pes_header(both) == PesHeader(0xE0, 0, len(both), pts, dts)
    alone = write_header(2, write_timestamp(2, pts) + stuffing, 0xC0, 500)
    assert parse_pes_header(alone + b"data") == PesHeader(0xC0, 500, len(alone), pts)


def test_a_header_without_timestamps_has_none() -> None:
    assert parse_pes_header(write_header(0, b"")) == PesHeader(0xE0, 0, 9)


@pytest.mark.parametrize("markers", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_wrong_marker_bit_is_a_defect(markers: tuple[int, int, int]) -> None:
    header = parse_pes_header(write_header(2, write_timestamp(2, 5, markers)))
    assert header == PesHeader(0xE0, 0, 14, defects=("pts_syntax",))


def test_forbidden_flags_are_a_defect() -> None:
    header = parse_pes_header(write_header(1, bytes(10)))
    assert header is not None
    assert header.defects == ("pts_syntax", "dts_syntax")


def test_a_header_that_ends_early_is_a_defect() -> None:
    whole = write_header(3, write_timestamp(3, 1) + write_timestamp(1, 0))
    cut = parse_pes_header(whole[:16])
    assert cut == PesHeader(0xE0, 0, 19, pts_90khz=1, defects=("dts_length",))
    short = parse_pes_header(whole[:8])
    assert short == PesHeader(0xE0, 0, None, defects=("header_length",))


def test_an_optional_header_without_its_lead_bits_is_a_defect() -> None:
    header = parse_pes_header(b"\0\0\1\xe0\0\0\0\0\0")
    assert header == PesHeader(0xE0, 0, None, defects=("header_syntax",))


@pytest.mark.parametrize("stream_id", [0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF])
def test_plain_streams_have_the_short_header(stream_id: int) -> None:
    content = write_header(2, write_timestamp(2, 5), stream_id)
    assert parse_pes_header(content) == PesHeader(stream_id, 0, 6)


@pytest.mark.parametrize("content", [b"", b"\0\0\1", b"\0\0\1\xe0\0", b"\0\0\2\xe0\0\0\0"])
def test_what_is_no_pes_packet_is_none(content: bytes) -> None:
    assert parse_pes_header(content) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_read_without_harm(content: bytes) -> None:
    header = parse_pes_header(b"\0\0\1" + content)
    if header is not None and header.pts_90khz is not None:
        assert 0 <= header.pts_90khz < 2**33
