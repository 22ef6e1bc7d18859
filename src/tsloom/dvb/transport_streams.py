"""The two loops of NIT and BAT: descriptors of the whole, then transport streams with theirs
(EN 300 468, 5.2.1 and 5.2.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tsloom.dvb.sections import (
    SECTION_SIZE_MAX,
    SiSection,
    count_fitting,
    encode_loop_length,
    group_entries,
)
from tsloom.errors import SectionLengthError
from tsloom.psi.descriptors import (
    Descriptor,
    encode_descriptor,
    encode_descriptors,
    parse_descriptors,
)
from tsloom.psi.fields import check_range, join_fields
from tsloom.psi.sections import CRC_SIZE, LONG_HEADER_SIZE
from tsloom.psi.values import Value

LENGTH_SIZE = 2
ENTRY_SIZE = 6
ROOM = SECTION_SIZE_MAX - LONG_HEADER_SIZE - CRC_SIZE - 2 * LENGTH_SIZE


@dataclass(frozen=True, slots=True)
class TransportStream(Value):
    """One entry of the second loop."""

    transport_stream_id: int
    original_network_id: int
    descriptors: tuple[Descriptor, ...] = ()
    reserved_bits: int = field(default=0b1111, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportStreamList(SiSection):
    """What NIT and BAT sections have in common.

    `stated_loop_length` is what transport_stream_loop_length says where it is wrong, else None.
    `reserved_loop_bits` are those before the two loop lengths.
    """

    descriptors: tuple[Descriptor, ...] = ()
    transport_streams: tuple[TransportStream, ...] = ()
    reserved_loop_bits: int = field(default=0b1111_1111, repr=False)
    stated_loop_length: int | None = None


def parse_loops(body: bytes, table_id: int) -> dict[str, Any]:
    """Arguments of TransportStreamList.

    SectionLengthError if the first loop leaves no room for the second.
    """
    first = int.from_bytes(body[:LENGTH_SIZE], "big")
    first_end = LENGTH_SIZE + (first & 0xFFF)
    start = first_end + LENGTH_SIZE
    if start > len(body):
        raise SectionLengthError(
            "the descriptors run over the section",
            table_id=table_id,
            descriptors_length=first & 0xFFF,
        )
    second = int.from_bytes(body[first_end:start], "big")
    stated = second & 0xFFF
    left = len(body) - start
    transport_streams, end = parse_transport_streams(body, start, start + min(stated, left))
    return {
        "descriptors": parse_descriptors(body[LENGTH_SIZE:first_end]),
        "transport_streams": transport_streams,
        "undecoded": body[end:],
        "stated_loop_length": None if stated == left else stated,
        "reserved_loop_bits": first >> 12 << 4 | second >> 12,
    }


def parse_transport_streams(
    body: bytes, start: int, end: int
) -> tuple[tuple[TransportStream, ...], int]:
    """The entries between start and end, and where the last whole one ends."""
    found: list[TransportStream] = []
    while start + ENTRY_SIZE <= end:
        fixed = int.from_bytes(body[start : start + ENTRY_SIZE], "big")
        loop_start = start + ENTRY_SIZE
        loop_end = loop_start + (fixed & 0xFFF)
        if loop_end > end:
            break
        found.append(
            TransportStream(
                fixed >> 32,
                fixed >> 16 & 0xFFFF,
                parse_descriptors(body[loop_start:loop_end]),
                reserved_bits=fixed >> 12 & 0xF,
            )
        )
        start = loop_end
    return tuple(found), start


def encode_transport_stream(entry: TransportStream) -> bytes:
    loop = encode_descriptors(entry.descriptors)
    fixed = join_fields(
        ("transport_stream_id", entry.transport_stream_id, 16),
        ("original_network_id", entry.original_network_id, 16),
        ("reserved_bits", entry.reserved_bits, 4),
        ("transport_descriptors_length", len(loop), 12),
    )
    return fixed + loop


def encode_bodies(table: TransportStreamList, table_id: int) -> list[bytes]:
    """The bodies of as many sections as it takes: descriptors first, then transport streams."""
    check_range("reserved_loop_bits", table.reserved_loop_bits, 8)
    descriptors = [encode_descriptor(descriptor) for descriptor in table.descriptors]
    entries = [encode_transport_stream(entry) for entry in table.transport_streams]
    if table.undecoded:
        entries.append(table.undecoded)
    if sum(map(len, descriptors)) + sum(map(len, entries)) <= ROOM:
        return [encode_body(table, b"".join(descriptors), b"".join(entries))]
    bodies = []
    *full, rest = group_entries(descriptors, ROOM, table_id)
    bodies = [encode_body(table, b"".join(group), b"") for group in full]
    # The section with the last descriptors has room for the first transport streams.
    loop = b"".join(rest)
    count = count_fitting(entries, ROOM - len(loop))
    bodies.append(encode_body(table, loop, b"".join(entries[:count])))
    if count < len(entries):
        groups = group_entries(entries[count:], ROOM, table_id)
        bodies += [encode_body(table, b"", b"".join(group)) for group in groups]
    return bodies


def encode_body(table: TransportStreamList, loop: bytes, entries: bytes) -> bytes:
    stated = table.stated_loop_length
    return (
        encode_loop_length("descriptors_length", table.reserved_loop_bits >> 4, len(loop))
        + loop
        + encode_loop_length(
            "transport_stream_loop_length",
            table.reserved_loop_bits & 0xF,
            len(entries) if stated is None else stated,
        )
        + entries
    )
