"""Program map table (ISO/IEC 13818-1, 2.4.4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from tsloom._native import psi
from tsloom.errors import UsageError
from tsloom.psi.descriptors import (
    Descriptor,
    DescriptorScope,
    encode_descriptors,
    parse_descriptors,
    remap_ca_pids,
)
from tsloom.psi.fields import join_fields
from tsloom.psi.sections import Section, get_section_bytes
from tsloom.psi.stream_types import get_stream_type_name
from tsloom.psi.tables import PsiSection, encode_table, get_body, parse_header
from tsloom.psi.values import Value

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

TABLE_ID = 0x02
NO_PCR_PID = 0x1FFF
FIXED_SIZE = 4
ENTRY_SIZE = 5


@dataclass(frozen=True, slots=True)
class ElementaryStream(Value):
    """One entry of the second loop."""

    stream_type: int
    elementary_pid: int
    descriptors: tuple[Descriptor, ...] = ()
    reserved_bits: int = field(default=0b111_1111, repr=False, kw_only=True)

    @property
    def stream_type_name(self) -> str:
        """What table 2-34 calls the stream_type."""
        return get_stream_type_name(self.stream_type)


@dataclass(frozen=True, slots=True)
class ProgramMapTable(PsiSection):
    """The PMT of a program: one section. `pcr_pid` is 0x1FFF where there is no PCR.

    `reserved_loop_bits` are those before PCR_PID and program_info_length.
    """

    program_number: int
    pcr_pid: int = NO_PCR_PID
    descriptors: tuple[Descriptor, ...] = ()
    elementary_streams: tuple[ElementaryStream, ...] = ()
    reserved_loop_bits: int = field(default=0b111_1111, repr=False, kw_only=True)

    def get_elementary_stream(self, elementary_pid: int) -> ElementaryStream | None:
        for stream in self.elementary_streams:
            if stream.elementary_pid == elementary_pid:
                return stream
        return None

    def with_elementary_stream(self, stream: ElementaryStream) -> Self:
        """With one more, at the end. UsageError if its PID is there already."""
        if self.get_elementary_stream(stream.elementary_pid) is not None:
            raise UsageError("the PID is in the PMT", elementary_pid=stream.elementary_pid)
        return replace(self, elementary_streams=(*self.elementary_streams, stream))

    def without_elementary_stream(self, elementary_pid: int) -> Self:
        """Without those of this PID; pcr_pid stays as it is."""
        return replace(
            self,
            elementary_streams=tuple(
                stream
                for stream in self.elementary_streams
                if stream.elementary_pid != elementary_pid
            ),
        )

    def with_descriptor(self, descriptor: Descriptor) -> Self:
        """With a descriptor of the program, at the end; the same if it is there already."""
        if descriptor in self.descriptors:
            return self
        return replace(self, descriptors=(*self.descriptors, descriptor))

    def without_descriptor(self, descriptor: Descriptor) -> Self:
        return replace(
            self, descriptors=tuple(item for item in self.descriptors if item != descriptor)
        )

    def remap_pids(self, new_pids: Mapping[int, int]) -> Self:
        """With elementary PIDs, PCR_PID and CA_PIDs replaced by what they lead to; others stay, and
        so does PCR_PID 0x1FFF."""
        pcr_pid = self.pcr_pid
        return replace(
            self,
            pcr_pid=pcr_pid if pcr_pid == NO_PCR_PID else new_pids.get(pcr_pid, pcr_pid),
            descriptors=remap_ca_pids(self.descriptors, new_pids),
            elementary_streams=tuple(
                replace(
                    stream,
                    elementary_pid=new_pids.get(stream.elementary_pid, stream.elementary_pid),
                    descriptors=remap_ca_pids(stream.descriptors, new_pids),
                )
                for stream in self.elementary_streams
            ),
        )


def parse_pmt(section: Section | ReadableBuffer) -> ProgramMapTable:
    """The PMT section as a value.

    SectionLengthError (also of loops that run over), SectionSyntaxError or CrcError if it is not a
    good one. A descriptor that runs over its loop is no error: it is a BrokenDescriptor.
    """
    content = get_section_bytes(section)
    psi.check_pmt(content)
    body = get_body(content)
    fixed = int.from_bytes(body[:FIXED_SIZE], "big")
    info_end = FIXED_SIZE + (fixed & 0xFFF)
    descriptors = parse_descriptors(body[FIXED_SIZE:info_end])
    return ProgramMapTable(
        program_number=int.from_bytes(content[3:5], "big"),
        pcr_pid=fixed >> 16 & 0x1FFF,
        descriptors=descriptors,
        elementary_streams=parse_streams(body[info_end:], DescriptorScope.of(descriptors)),
        reserved_loop_bits=(fixed >> 29) << 4 | fixed >> 12 & 0xF,
        **parse_header(content),
    )


def parse_streams(loop: bytes, scope: DescriptorScope) -> tuple[ElementaryStream, ...]:
    streams = []
    start = 0
    while start < len(loop):
        fixed = int.from_bytes(loop[start : start + ENTRY_SIZE], "big")
        end = start + ENTRY_SIZE + (fixed & 0xFFF)
        streams.append(
            ElementaryStream(
                stream_type=fixed >> 32,
                elementary_pid=fixed >> 16 & 0x1FFF,
                descriptors=parse_descriptors(loop[start + ENTRY_SIZE : end], scope),
                reserved_bits=(fixed >> 29 & 7) << 4 | fixed >> 12 & 0xF,
            )
        )
        start = end
    return tuple(streams)


def encode_pmt(table: ProgramMapTable) -> bytes:
    """The section. SectionLengthError if it is too long, UsageError if a number is out of range."""
    info = encode_descriptors(table.descriptors)
    body = join_fields(
        ("reserved_loop_bits", table.reserved_loop_bits >> 4, 3),
        ("pcr_pid", table.pcr_pid, 13),
        ("reserved_loop_bits", table.reserved_loop_bits & 0xF, 4),
        ("program_info_length", len(info), 12),
    )
    streams = b"".join(encode_stream(stream) for stream in table.elementary_streams)
    return encode_table(TABLE_ID, table.program_number, table, body + info + streams)


def encode_stream(stream: ElementaryStream) -> bytes:
    info = encode_descriptors(stream.descriptors)
    fixed = join_fields(
        ("stream_type", stream.stream_type, 8),
        ("reserved_bits", stream.reserved_bits >> 4, 3),
        ("elementary_pid", stream.elementary_pid, 13),
        ("reserved_bits", stream.reserved_bits & 0xF, 4),
        ("es_info_length", len(info), 12),
    )
    return fixed + info
