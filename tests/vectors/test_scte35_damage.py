"""What becomes of sections by others once they are cut, flipped or wrapped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vectors.scte35_sections import good_rows, params, whole_section
from tsloom import scte35
from tsloom.errors import InputError


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_every_truncation_is_said_and_kept(row: dict[str, Any]) -> None:
    whole = whole_section(row)
    for size in range(len(whole)):
        cut = whole[:size]
        section = scte35.parse(cut)
        assert any(one.is_error for one in section.diagnostics)
        assert section.crc_ok is None
        assert section.encode(strict=False) == cut
        section.to_dict()
        with pytest.raises(InputError) as caught:
            scte35.parse(cut, strict=True)
        assert caught.value.facts["field"]
        assert caught.value.facts["clause"]


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_every_flipped_bit_is_said_and_kept(row: dict[str, Any]) -> None:
    whole = whole_section(row)
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit >> 3] ^= 0x80 >> (bit & 7)
        section = scte35.parse(flipped)
        if bit >= 8:  # without table_id it may be taken for text
            assert any(one.is_error for one in section.diagnostics), bit
            assert bytes(flipped).startswith(section.encode(strict=False))
        assert not scte35.peek(bytes(flipped))[0]
        section.to_dict()


@pytest.mark.data
@pytest.mark.parametrize("row", params(good_rows()))
def test_what_people_put_around_a_section_is_taken_off(row: dict[str, Any]) -> None:
    whole = whole_section(row)
    expected = scte35.parse(whole)
    for wrapped in (
        b"\x00" + whole,
        b"\x03\xff\xff\xff" + whole,
        whole + b"\xff" * 40,
        b"\x00" + whole + b"\xff" * 140,
        bytearray(whole),
        memoryview(whole),
        whole.hex(),
        "0x" + whole.hex().upper(),
        b"0x" + whole.hex().encode(),
        "00" + whole.hex(),
    ):
        section = scte35.parse(wrapped)
        assert section == expected
        assert section.diagnostics == expected.diagnostics
        assert section.encode() == whole
