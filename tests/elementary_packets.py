"""Packets of one PID as a buffer model takes them, parsed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

PACKET_SIZE = 188


@dataclass(frozen=True)
class ElementaryPacket:
    """Bytes of PES header and of data in one packet; the DTS (or PTS) of a PES packet's first."""

    index: int
    header_bytes: int
    data_bytes: int
    starts: bool
    dts_90khz: int | None


def timestamp(field: bytes) -> int:
    """The 33 bits of a PTS or a DTS (2.4.3.7)."""
    return (
        (field[0] >> 1 & 7) << 30
        | field[1] << 22
        | (field[2] >> 1) << 15
        | field[3] << 7
        | field[4] >> 1
    )


def packets_of(stream: bytes, pid: int) -> Iterator[ElementaryPacket]:
    """All packets with payload of an elementary stream; PES headers end in their first packet."""
    for index in range(len(stream) // PACKET_SIZE):
        packet = stream[index * PACKET_SIZE : (index + 1) * PACKET_SIZE]
        if (packet[1] & 0x1F) << 8 | packet[2] != pid or not packet[3] & 0x10:
            continue
        payload = packet[5 + packet[4] if packet[3] & 0x20 else 4 :]
        if not packet[1] & 0x40:
            yield ElementaryPacket(index, 0, len(payload), False, None)
            continue
        assert payload[:3] == b"\0\0\1"
        header = 9 + payload[8]
        flags = payload[7] >> 6
        field = payload[14:19] if flags == 3 else payload[9:14]
        dts = timestamp(field) if flags & 2 else None
        yield ElementaryPacket(index, header, len(payload) - header, True, dts)


def pcrs_of(stream: bytes, pid: int) -> list[tuple[int, int]]:
    """Packet index and PCR in ticks of 27 MHz."""
    found = []
    for index in range(len(stream) // PACKET_SIZE):
        packet = stream[index * PACKET_SIZE : (index + 1) * PACKET_SIZE]
        is_ours = (packet[1] & 0x1F) << 8 | packet[2] == pid
        if is_ours and packet[3] & 0x20 and packet[4] >= 7 and packet[5] & 0x10:
            base = int.from_bytes(packet[6:10], "big") << 1 | packet[10] >> 7
            found.append((index, base * 300 + (packet[10] & 1) * 256 + packet[11]))
    return found
