"""Descriptors that users declare, and where they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import pytest

from tsloom import psi
from tsloom.errors import UsageError
from tsloom.psi.descriptors import registry

PRIVATE_DATA_SPECIFIER = b"\x5f\x04\x00\x00\x00\x28"
CHANNEL = "u16=service_id, bool=visible, 0b11111, u10=channel_number"
CHANNEL_BYTES = b"\x83\x04\x00\x07\xfc\x2a"


@pytest.fixture(autouse=True)
def _forget_registrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_types_by_key", dict(registry._types_by_key))
    monkeypatch.setattr(registry, "_types_by_name", dict(registry._types_by_name))


def test_a_declared_descriptor_is_read_and_written() -> None:
    channel = psi.register_descriptor(0x83, CHANNEL, name="logical_channel_descriptor")
    (value,) = psi.parse_descriptors(CHANNEL_BYTES)
    assert value == channel(service_id=7, visible=True, channel_number=42)  # type: ignore[call-arg]
    assert psi.encode_descriptor(value) == CHANNEL_BYTES
    assert value.to_dict() == {
        "descriptor": "logical_channel_descriptor",
        "descriptor_tag": 0x83,
        "service_id": 7,
        "visible": True,
        "channel_number": 42,
    }
    assert psi.Descriptor.from_dict(value.to_dict()) == value


def test_a_declared_descriptor_that_does_not_fit_stays_raw() -> None:
    psi.register_descriptor(0x83, CHANNEL)
    assert psi.parse_descriptors(b"\x83\x01\x00") == (psi.RawDescriptor(0x83, b"\0"),)
    reserved_zero = b"\x83\x04\x00\x07\x80\x2a"
    assert psi.parse_descriptors(reserved_zero) == (psi.RawDescriptor(0x83, reserved_zero[2:]),)


def test_a_private_data_specifier_holds_for_what_follows_it_in_its_loop() -> None:
    channel = psi.register_descriptor(0x83, CHANNEL, private_data_specifier=0x28)
    before, _, after = psi.parse_descriptors(CHANNEL_BYTES + PRIVATE_DATA_SPECIFIER + CHANNEL_BYTES)
    assert isinstance(before, psi.RawDescriptor)
    assert isinstance(after, channel)
    (other,) = psi.parse_descriptors(CHANNEL_BYTES)
    assert isinstance(other, psi.RawDescriptor)


@dataclass(frozen=True, slots=True)
class CueDescriptor(psi.Descriptor):
    """Stands for a type of another layer."""

    TAG: ClassVar[int] = 0x8A
    NAME: ClassVar[str] = "cue_descriptor"

    kind: int

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(data[0])

    def encode_data(self) -> bytes:
        return bytes((self.kind,))


def test_a_registration_of_the_program_holds_for_its_streams() -> None:
    psi.register_descriptor_type(CueDescriptor, format_identifier=0x43554549)
    stream = psi.ElementaryStream(0x86, 500, (psi.RawDescriptor(0x8A, b"\x01"),))
    plain = psi.ProgramMapTable(program_number=1, elementary_streams=(stream,))
    announced = plain.with_descriptor(psi.RegistrationDescriptor(0x43554549))
    assert psi.parse_pmt(psi.encode_pmt(plain)) == plain
    (read,) = psi.parse_pmt(psi.encode_pmt(announced)).elementary_streams
    assert read.descriptors == (CueDescriptor(1),)


def test_an_empty_descriptor_of_a_known_tag_stays_raw() -> None:
    psi.register_descriptor_type(CueDescriptor)
    assert psi.parse_descriptors(b"\x8a\x00") == (psi.RawDescriptor(0x8A),)


def test_a_registration_too_short_for_an_identifier_says_nothing() -> None:
    psi.register_descriptor_type(CueDescriptor, format_identifier=0x43554500)
    _, cue = psi.parse_descriptors(b"\x05\x03CUE\x8a\x01\x01")
    assert cue == psi.RawDescriptor(0x8A, b"\x01")


@pytest.mark.parametrize(
    "layout",
    [
        "u8",
        "u8=",
        "u8=two words",
        "float32=x",
        "0b12",
        "0b1=flag",
        "pad=x",
        "pad",
        "",
        "u8=a,,u8=b",
        "u8=a, u8=a",
        "no such=thing",
    ],
)
def test_a_format_that_cannot_be_read_is_refused(layout: str) -> None:
    with pytest.raises(UsageError):
        psi.register_descriptor(0x80, layout)


@pytest.mark.parametrize("tag", [-1, 256])
def test_a_tag_has_8_bits(tag: int) -> None:
    with pytest.raises(UsageError):
        psi.register_descriptor(tag, "u8=a")


def test_a_name_belongs_to_one_tag() -> None:
    psi.register_descriptor(0x80, "u8=a", name="mine")
    with pytest.raises(UsageError):
        psi.register_descriptor(0x81, "u8=a", name="mine")


def test_the_last_registration_of_a_tag_counts() -> None:
    psi.register_descriptor(0x80, "u8=a", name="mine")
    second = psi.register_descriptor(0x80, "u4=a, u4=b", name="mine")
    (value,) = psi.parse_descriptors(b"\x80\x01\x12")
    assert value == second(a=1, b=2)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("layout", "data"),
    [
        ("bytes=rest", b"any"),
        ("pad4, u4=low", b"\x05"),
        ("i8=number", b"\xff"),
        ("bytes2=two, hex32=code, bool=flag, u7=rest", b"ab\x12\x34\x56\x78\x81"),
        ("0xff, 0o7, u5=low", b"\xff\xe1"),
        ("u:16=old_style, bin8=bits", b"\x00\x01\x0f"),
    ],
)
def test_all_of_the_format_language_round_trips(layout: str, data: bytes) -> None:
    declared = psi.register_descriptor(0x80, layout)
    (value,) = psi.parse_descriptors(bytes((0x80, len(data))) + data)
    assert isinstance(value, declared)
    assert value.encode_data() == data
    assert psi.Descriptor.from_dict(value.to_dict()) == value


def test_a_second_tag_tells_extension_descriptors_apart() -> None:
    declared = psi.register_descriptor(0x7F, "u16=number", name="mine", extension_tag=0x80)
    content = b"\x7f\x03\x80\x00\x2a"
    (value,) = psi.parse_descriptors(content)
    assert value == declared(number=42)  # type: ignore[call-arg]
    assert psi.encode_descriptor(value) == content
    assert psi.Descriptor.from_dict(value.to_dict()) == value
    (other,) = psi.parse_descriptors(b"\x7f\x03\x81\x00\x2a")
    assert not isinstance(other, declared)


def test_a_second_tag_behind_a_private_data_specifier_holds_there_only() -> None:
    psi.register_descriptor(0x7F, "u8=a", 0x28, name="theirs", extension_tag=0x80)
    before, _, after = psi.parse_descriptors(
        b"\x7f\x02\x80\x01" + PRIVATE_DATA_SPECIFIER + b"\x7f\x02\x80\x01"
    )
    assert (before.name, after.name) == ("DVB_extension_descriptor", "theirs")


@pytest.mark.parametrize(("tag", "extension_tag"), [(0x80, 1), (0x7F, 256), (0x7F, -1)])
def test_a_second_tag_that_cannot_be_is_refused(tag: int, extension_tag: int) -> None:
    with pytest.raises(UsageError):
        psi.register_descriptor(tag, "u8=a", extension_tag=extension_tag)
