"""Text of annex A both ways: Python's codecs and the tables' own rules are the judges."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.si_strategies import any_texts, latin_texts
from tsloom.dvb import CharacterTable, Text, decode_text, encode_text
from tsloom.errors import UsageError

CODECS = {
    **{part: f"iso8859_{part}" for part in range(1, 16) if part != 12},
}
FORBIDDEN = [*"\x00\x07\x09\x1b\x7f\x80\x9f", "\ud800", "\ue08a"]


@given(any_texts)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert decode_text(encode_text(text)).marked == text


@given(any_texts | latin_texts, st.sampled_from(CharacterTable))
def test_a_table_carries_a_text_exactly_or_refuses_it(text: str, table: CharacterTable) -> None:
    try:
        field = encode_text(text, table)
    except UsageError:
        return
    read = decode_text(field)
    assert read.marked == text
    assert not text or read.character_table is table


@given(any_texts | latin_texts)
def test_no_table_that_is_tried_takes_fewer_bytes(text: str) -> None:
    field = encode_text(text)
    for table in CharacterTable:
        if table in (CharacterTable.KS_X_1001, CharacterTable.GB_2312, CharacterTable.BIG5):
            continue
        try:
            assert len(field) <= len(encode_text(text, table))
        except UsageError:
            continue


@given(st.binary(max_size=40))
def test_any_bytes_are_read_and_written_again(data: bytes) -> None:
    read = decode_text(data)
    assert encode_text(read) == data
    assert encode_text(pickle.loads(pickle.dumps(read))) == data
    assert encode_text(copy.deepcopy(read)) == data
    assert not any(letter != "\n" and ord(letter) < 0x20 for letter in read)


@given(st.integers(1, 11).filter(lambda selector: selector != 8), st.binary(max_size=20))
def test_a_one_byte_selector_is_the_table_of_iso_8859(selector: int, data: bytes) -> None:
    plain = bytes(byte for byte in data if 0x20 <= byte < 0x7F or byte >= 0xA0)
    expected = plain.decode(CODECS[selector + 4], "replace")
    assert decode_text(bytes((selector,)) + plain) == expected


@given(st.sampled_from(sorted(CODECS)), st.binary(max_size=20))
def test_a_three_byte_selector_is_the_table_of_iso_8859(part: int, data: bytes) -> None:
    plain = bytes(byte for byte in data if 0x20 <= byte < 0x7F or byte >= 0xA0)
    expected = plain.decode(CODECS[part], "replace")
    assert decode_text(bytes((0x10, 0, part)) + plain) == expected


@pytest.mark.parametrize("letter", FORBIDDEN)
def test_what_no_table_carries_is_refused(letter: str) -> None:
    with pytest.raises(UsageError):
        encode_text(f"a{letter}b")


# From the figures of annex A.
@pytest.mark.parametrize(
    ("field", "text"),
    [
        (b"", ""),
        (b"plain", "plain"),
        (b"\xa4 5", "€ 5"),
        (b"\xc8u\xc2e\xcaa\xcfs", "üéåš"),
        (b"\xe1\xe9\xf9\xfb", "ÆØøß"),
        (b"\xc2", "\ufffd"),
        (b"one\x8atwo", "one\ntwo"),
        (b"\x86loud\x87", "loud"),
        (b"\x05\xdcber", "Über"),
        (b"\x01\xbf\xe0\xd8", "При"),
        (b"\x10\x00\x02\xb9", "š"),
        (b"\x11\x04\x1f\xe0\x8a\x65\xe5", "П\n日"),
        (b"\x11\xe0\x86\x00a\xe0\x87", "a"),
        (b"\x12\xb0\xa1", "가"),
        (b"\x13\xd6\xd0\xe0\x8a\xb9\xfa", "中\n国"),
        (b"\x14\xa4\xa4", "中"),
        (b"\x15\xd0\x9f\xee\x82\x8a!", "П\n!"),
        (b"\x15\xc2\x8a", "\n"),
        (b"\x1f\x01abc", "abc"),
        (b"\x16abc", "abc"),
        (b"\x10\x00\x0cabc", "abc"),
        (b"a\r\nb", "a\nb"),
    ],
)
def test_a_field_says(field: bytes, text: str) -> None:
    assert decode_text(field) == text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("plain", b"plain"),
        ("one\ntwo", b"one\x8atwo"),
        ("one\r\ntwo", b"one\x8atwo"),
        ("Züll", b"Z\xc8ull"),
        ("Zürich für Anfänger", b"\x05Z\xfcrich f\xfcr Anf\xe4nger"),
        ("10 €", b"10 \xa4"),
        ("При", b"\x01\xbf\xe0\xd8"),
        ("日本", b"\x11\x65\xe5\x67\x2c"),
        ("日 abc", b"\x15\xe6\x97\xa5 abc"),
        ("\x86a\x87", b"\x86a\x87"),
    ],
)
def test_the_shortest_table_is_taken(text: str, field: bytes) -> None:
    assert encode_text(text) == field


def test_a_text_that_was_read_is_a_str_and_keeps_its_bytes() -> None:
    read = decode_text(b"\x10\x00\x01caf\xe9")
    assert read == "café"
    assert isinstance(read, Text)
    assert hash(read) == hash("café")
    assert encode_text(read) == b"\x10\x00\x01caf\xe9"
    assert encode_text(str(read)) == b"caf\xc2e"
    assert encode_text(read, CharacterTable.UTF_8) == b"\x15caf\xc3\xa9"
    assert read.character_table is CharacterTable.ISO_8859_1
    assert decode_text(b"\x1f\x02xyz").character_table is None
