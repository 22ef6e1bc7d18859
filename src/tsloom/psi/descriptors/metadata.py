"""Descriptors of metadata (ISO/IEC 13818-1, 2.6.56 to 2.6.63).

Fields are None where the values of others leave them out; a value in which they contradict each
other is refused when it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.descriptors.declared import DeclaredDescriptor
from tsloom.psi.fields import ByteReader, join_counted, join_fields

TIME_BASE_STC = 1
TIME_BASE_NPT = 2
CARRIED_IN_OTHER_STREAM = 1
CARRIED_IN_PROGRAM_STREAM = 2
CONFIG_IN_DESCRIPTOR = 1
CONFIG_BY_RECORD = 3
CONFIG_BY_SERVICE = 4
CONFIG_RESERVED = (5, 6)


def check_presence(name: str, value: object, wanted: bool) -> None:
    if (value is not None) != wanted:
        raise UsageError("a field contradicts the others", field=name, wanted=wanted)


def take_format(reader: ByteReader, size: int) -> tuple[int, int | None]:
    """A format number, and the 32-bit identifier that follows if it is all ones."""
    number = reader.take_number(size)
    elsewhere = number == (1 << 8 * size) - 1
    return number, reader.take_number(4) if elsewhere else None


def join_format(name: str, size: int, number: int, identifier: int | None) -> bytes:
    check_presence(f"{name}_identifier", identifier, number == (1 << 8 * size) - 1)
    head = join_fields((name, number, 8 * size))
    if identifier is None:
        return head
    return head + join_fields((f"{name}_identifier", identifier, 32))


@dataclass(frozen=True, slots=True)
class ContentLabelingDescriptor(Descriptor):
    """2.6.56. Time bases count 90 kHz."""

    TAG: ClassVar[int] = 0x24
    NAME: ClassVar[str] = "content_labeling_descriptor"

    metadata_application_format: int
    content_time_base_indicator: int = 0
    metadata_application_format_identifier: int | None = None
    content_reference_id: bytes | None = None
    content_time_base_value: int | None = None
    metadata_time_base_value: int | None = None
    content_id: int | None = None
    time_base_association_data: bytes | None = None
    private_data: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        number, identifier = take_format(reader, 2)
        flags = reader.take_number(1)
        indicator = flags >> 3 & 0xF
        has_times = indicator in (TIME_BASE_STC, TIME_BASE_NPT)
        return cls(
            number,
            indicator,
            identifier,
            reader.take_counted() if flags & 0x80 else None,
            reader.take_number(5) & (1 << 33) - 1 if has_times else None,
            reader.take_number(5) & (1 << 33) - 1 if has_times else None,
            reader.take_number(1) & 0x7F if indicator == TIME_BASE_NPT else None,
            reader.take_counted() if 3 <= indicator <= 7 else None,
            reader.take_rest(),
        )

    def encode_data(self) -> bytes:
        reference = self.content_reference_id
        head = join_format(
            "metadata_application_format",
            2,
            self.metadata_application_format,
            self.metadata_application_format_identifier,
        ) + join_fields(
            ("content_reference_id_record_flag", reference is not None, 1),
            ("content_time_base_indicator", self.content_time_base_indicator, 4),
            ("reserved", 0b111, 3),
        )
        if reference is not None:
            head += join_counted("content_reference_id", reference)
        return head + self._encode_time_base() + self.private_data

    def _encode_time_base(self) -> bytes:
        indicator = self.content_time_base_indicator
        has_times = indicator in (TIME_BASE_STC, TIME_BASE_NPT)
        joined = b""
        for name in ("content_time_base_value", "metadata_time_base_value"):
            value = getattr(self, name)
            check_presence(name, value, has_times)
            if value is not None:
                joined += join_fields(("reserved", 0b111_1111, 7), (name, value, 33))
        check_presence("content_id", self.content_id, indicator == TIME_BASE_NPT)
        if self.content_id is not None:
            joined += join_fields(("reserved", 1, 1), ("content_id", self.content_id, 7))
        association = self.time_base_association_data
        check_presence("time_base_association_data", association, 3 <= indicator <= 7)
        if association is not None:
            joined += join_counted("time_base_association_data", association)
        return joined


@dataclass(frozen=True, slots=True)
class MetadataPointerDescriptor(Descriptor):
    """2.6.58. `mpeg_carriage_flags` (table 2-88) say which of the last three numbers there are."""

    TAG: ClassVar[int] = 0x25
    NAME: ClassVar[str] = "metadata_pointer_descriptor"

    metadata_application_format: int
    metadata_format: int
    metadata_service_id: int
    mpeg_carriage_flags: int
    metadata_application_format_identifier: int | None = None
    metadata_format_identifier: int | None = None
    metadata_locator: bytes | None = None
    program_number: int | None = None
    transport_stream_location: int | None = None
    transport_stream_id: int | None = None
    private_data: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        application_format, application_identifier = take_format(reader, 2)
        metadata_format, format_identifier = take_format(reader, 1)
        service_id = reader.take_number(1)
        flags = reader.take_number(1)
        carriage = flags >> 5 & 3
        elsewhere = carriage == CARRIED_IN_OTHER_STREAM
        return cls(
            application_format,
            metadata_format,
            service_id,
            carriage,
            application_identifier,
            format_identifier,
            reader.take_counted() if flags & 0x80 else None,
            reader.take_number(2) if carriage <= CARRIED_IN_PROGRAM_STREAM else None,
            reader.take_number(2) if elsewhere else None,
            reader.take_number(2) if elsewhere else None,
            reader.take_rest(),
        )

    def encode_data(self) -> bytes:
        locator = self.metadata_locator
        joined = join_format(
            "metadata_application_format",
            2,
            self.metadata_application_format,
            self.metadata_application_format_identifier,
        ) + join_format("metadata_format", 1, self.metadata_format, self.metadata_format_identifier)
        joined += join_fields(
            ("metadata_service_id", self.metadata_service_id, 8),
            ("metadata_locator_record_flag", locator is not None, 1),
            ("mpeg_carriage_flags", self.mpeg_carriage_flags, 2),
            ("reserved", 0b11111, 5),
        )
        if locator is not None:
            joined += join_counted("metadata_locator", locator)
        elsewhere = self.mpeg_carriage_flags == CARRIED_IN_OTHER_STREAM
        for name, wanted in (
            ("program_number", self.mpeg_carriage_flags <= CARRIED_IN_PROGRAM_STREAM),
            ("transport_stream_location", elsewhere),
            ("transport_stream_id", elsewhere),
        ):
            value = getattr(self, name)
            check_presence(name, value, wanted)
            joined += b"" if value is None else join_fields((name, value, 16))
        return joined + self.private_data


@dataclass(frozen=True, slots=True)
class MetadataDescriptor(Descriptor):
    """2.6.60. `decoder_config_flags` (table 2-91) say which decoder configuration there is."""

    TAG: ClassVar[int] = 0x26
    NAME: ClassVar[str] = "metadata_descriptor"

    metadata_application_format: int
    metadata_format: int
    metadata_service_id: int
    decoder_config_flags: int = 0
    metadata_application_format_identifier: int | None = None
    metadata_format_identifier: int | None = None
    service_identification: bytes | None = None
    decoder_config: bytes | None = None
    decoder_config_metadata_service_id: int | None = None
    private_data: bytes = b""

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        application_format, application_identifier = take_format(reader, 2)
        metadata_format, format_identifier = take_format(reader, 1)
        service_id = reader.take_number(1)
        flags = reader.take_number(1)
        config_flags = flags >> 5
        return cls(
            application_format,
            metadata_format,
            service_id,
            config_flags,
            application_identifier,
            format_identifier,
            reader.take_counted() if flags & 0x10 else None,
            reader.take_counted() if has_config_bytes(config_flags) else None,
            reader.take_number(1) if config_flags == CONFIG_BY_SERVICE else None,
            reader.take_rest(),
        )

    def encode_data(self) -> bytes:
        identification = self.service_identification
        joined = join_format(
            "metadata_application_format",
            2,
            self.metadata_application_format,
            self.metadata_application_format_identifier,
        ) + join_format("metadata_format", 1, self.metadata_format, self.metadata_format_identifier)
        joined += join_fields(
            ("metadata_service_id", self.metadata_service_id, 8),
            ("decoder_config_flags", self.decoder_config_flags, 3),
            ("dsm_cc_flag", identification is not None, 1),
            ("reserved", 0b1111, 4),
        )
        if identification is not None:
            joined += join_counted("service_identification", identification)
        check_presence(
            "decoder_config", self.decoder_config, has_config_bytes(self.decoder_config_flags)
        )
        if self.decoder_config is not None:
            joined += join_counted("decoder_config", self.decoder_config)
        other = self.decoder_config_metadata_service_id
        by_service = self.decoder_config_flags == CONFIG_BY_SERVICE
        check_presence("decoder_config_metadata_service_id", other, by_service)
        if other is not None:
            joined += join_fields(("decoder_config_metadata_service_id", other, 8))
        return joined + self.private_data


def has_config_bytes(decoder_config_flags: int) -> bool:
    return decoder_config_flags in (CONFIG_IN_DESCRIPTOR, CONFIG_BY_RECORD, *CONFIG_RESERVED)


@dataclass(frozen=True, slots=True)
class MetadataSTDDescriptor(DeclaredDescriptor):
    """2.6.62. Leak rates count 400 bits a second, the buffer size 1024 bytes."""

    TAG: ClassVar[int] = 0x27
    NAME: ClassVar[str] = "metadata_STD_descriptor"
    FORMATS: ClassVar[tuple[str, ...]] = (
        (
            "0b11, u22=metadata_input_leak_rate, 0b11, u22=metadata_buffer_size, 0b11, "
            "u22=metadata_output_leak_rate"
        ),
    )

    metadata_input_leak_rate: int
    metadata_buffer_size: int
    metadata_output_leak_rate: int


TYPES: tuple[type[Descriptor], ...] = (
    ContentLabelingDescriptor,
    MetadataPointerDescriptor,
    MetadataDescriptor,
    MetadataSTDDescriptor,
)
