"""What holds for every splice_info_section, made or met."""

from __future__ import annotations

import copy
import pickle

import numpy
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.properties.scte35_strategies import descriptors, sections
from tests.properties.scte35_syntax import crc_32_mpeg, section_bytes
from tsloom import scte35
from tsloom.errors import InputError, SectionLengthError

slow = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@slow
@given(sections)
def test_section_is_written_as_the_syntax_says(section: scte35.SpliceInfoSection) -> None:
    expected = section_bytes(section)
    assert section.encode() == expected
    assert section.section_length == len(expected) - 3
    assert section.crc_32 == int.from_bytes(expected[-4:], "big")


@slow
@given(sections)
def test_parsing_gives_back_what_was_encoded(section: scte35.SpliceInfoSection) -> None:
    again = scte35.parse(section.encode(), strict=True)
    assert again == section
    assert hash(again) == hash(section)
    assert repr(again) == repr(section)
    assert again.to_dict() == section.to_dict()
    assert not [one for one in again.diagnostics if one.is_error]


@slow
@given(sections)
def test_section_survives_copying_and_pickling(section: scte35.SpliceInfoSection) -> None:
    for one in (section, scte35.parse(section.encode())):
        assert copy.deepcopy(one) == one
        assert pickle.loads(pickle.dumps(one)).encode() == section.encode()


@slow
@given(sections, sections)
def test_replaced_payload_is_the_other_sections(
    one: scte35.SpliceInfoSection, other: scte35.SpliceInfoSection
) -> None:
    parsed = scte35.parse(one.encode())
    changed = parsed.replace(
        splice_command=other.splice_command, splice_descriptors=other.splice_descriptors
    )
    expected = one.replace(
        splice_command=other.splice_command, splice_descriptors=other.splice_descriptors
    )
    assert changed == expected
    assert changed.encode() == expected.encode()


@slow
@given(st.binary(max_size=300), st.booleans())
@example(b"", True)
@example(b"\xfc", True)
@example(b"\xfc\x0f\xff", True)
def test_no_bytes_crash_and_all_come_back(data: bytes, as_section: bool) -> None:
    if as_section:
        length = len(data) + 13
        data = b"\xfc" + (0x3000 | length).to_bytes(2, "big") + b"\0" + data + bytes(12)
        data = data[:-4] + crc_32_mpeg(data[:-4]).to_bytes(4, "big")
    section = scte35.parse(data)
    section.to_dict()
    scte35.to_json(section)
    scte35.to_xml(section)
    if data[:1] == b"\xfc":
        encoded = section.encode(strict=False)
        assert data.startswith(encoded)
        if section.crc_ok:
            assert section.encode() == encoded
    if [one for one in section.diagnostics if one.is_error]:
        with pytest.raises(InputError) as caught:
            scte35.parse(data, strict=True)
        assert caught.value.facts["field"]
        assert caught.value.facts["clause"]
    else:
        assert scte35.parse(data, strict=True) == section


@slow
@given(st.text(max_size=80))
def test_no_text_crashes(text: str) -> None:
    section = scte35.parse(text)
    section.to_dict()
    if section.diagnostics:
        with pytest.raises(InputError):
            scte35.parse(text, strict=True)


@slow
@given(st.lists(sections, max_size=6), st.data())
def test_all_peeks_agree(made: list[scte35.SpliceInfoSection], data: st.DataObject) -> None:
    raws = [section.encode() for section in made]
    for at, raw in enumerate(raws):
        if data.draw(st.booleans()):
            flipped = bytearray(raw)
            flipped[data.draw(st.integers(0, len(raw) - 1))] ^= 0xFF
            raws[at] = bytes(flipped)
    one_by_one = [scte35.peek(raw) for raw in raws]
    offsets = numpy.cumsum([0, *[len(raw) for raw in raws]])[:-1]
    for crc_ok, kinds in (
        scte35.peek_many(raws),
        scte35.peek_buffer(b"".join(raws), offsets),
    ):
        assert list(zip(crc_ok.tolist(), kinds.tolist(), strict=True)) == one_by_one
    for raw, (good, kind) in zip(raws, one_by_one, strict=True):
        section = scte35.parse(raw)
        assert good is bool(section.crc_ok)
        if good:
            assert kind == section.splice_command_type


@slow
@given(descriptors, st.integers(1, 700))
def test_section_has_room_for_4093_bytes_and_no_more(
    one: scte35.SpliceDescriptor, count: int
) -> None:
    single = len(section_bytes(scte35.SpliceInfoSection(splice_descriptors=[one])))
    empty = len(section_bytes(scte35.SpliceInfoSection()))
    size = empty + count * (single - empty)
    section = scte35.SpliceInfoSection(splice_descriptors=[one] * count)
    if size > 3 + 4093:
        with pytest.raises(SectionLengthError) as caught:
            section.encode(strict=False)
        assert caught.value.facts["field"] == "section_length"
    else:
        assert len(section.encode()) == size


@slow
@given(
    sections, st.sampled_from([1, 2, 3]), st.integers(0, 255), st.binary(min_size=24, max_size=24)
)
def test_encryption_is_undone_by_the_same_key(
    section: scte35.SpliceInfoSection, algorithm: int, cw_index: int, key: bytes
) -> None:
    pytest.importorskip("cryptography", reason="tsloom[crypto] is not installed")
    ring = scte35.KeyRing({cw_index: key if algorithm == 3 else key[:8]})
    encrypted = section.replace(
        encrypted_packet=True, encryption_algorithm=algorithm, cw_index=cw_index
    )
    raw = encrypted.encode(keys=ring)
    assert crc_32_mpeg(raw) == 0
    assert (len(raw) - 13 - 4) % 8 == 0
    again = scte35.parse(raw, keys=ring, strict=True)
    assert again == encrypted
    assert again.replace(encrypted_packet=False) == encrypted.replace(encrypted_packet=False)
    assert scte35.parse(raw).encode() == raw
