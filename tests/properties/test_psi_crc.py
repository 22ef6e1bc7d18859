"""CRC_32 against crcmod."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.psi_reference import crc_32_mpeg
from tsloom._native import crc32
from tsloom.psi import crc_32

WAYS = [
    crc32.crc_32_bytewise,
    crc32.crc_32_slicing,
    pytest.param(
        crc32.crc_32_clmul,
        marks=pytest.mark.skipif(not crc32.has_clmul(), reason="no carry-less multiplication here"),
    ),
    crc32.crc_32,
]
contents = st.binary(max_size=300) | st.binary(min_size=1000, max_size=5000)


@given(contents)
def test_crc_32_is_what_crcmod_computes(content: bytes) -> None:
    assert crc_32(content) == crc_32_mpeg(content)


@pytest.mark.parametrize("way", WAYS)
@given(content=contents, cut=st.integers(0, 5000))
def test_each_way_to_compute_it_may_stop_and_go_on(
    way: Callable[..., int], content: bytes, cut: int
) -> None:
    assert way(content[cut:], way(content[:cut])) == crc_32_mpeg(content)


@given(contents)
def test_a_good_section_leaves_nothing(content: bytes) -> None:
    assert crc_32(content + crc_32_mpeg(content).to_bytes(4, "big")) == 0


def test_buffers_of_any_kind_are_read() -> None:
    content = bytes(range(200))
    expected = crc_32_mpeg(content)
    assert crc_32(bytearray(content)) == crc_32(memoryview(content)) == expected
