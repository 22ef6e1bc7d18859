"""SI tables written a second time, plainly: with bitstring from EN 300 468's syntax.

Nothing here uses tsloom's code: values are read field by field, times come from annex C's formulas.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bitstring import pack

from tests.properties.psi_reference import Header, crc_32_mpeg, write_section


def mjd_of(year: int, month: int, day: int) -> int:
    """Annex C."""
    borrow = 1 if month in (1, 2) else 0
    return (
        14956
        + day
        + int((year - 1900 - borrow) * 365.25)
        + int((month + 1 + borrow * 12) * 30.6001)
    )


def write_time(time: datetime | None) -> bytes:
    if time is None:
        return b"\xff" * 5
    utc = time.astimezone(UTC)
    mjd = mjd_of(utc.year, utc.month, utc.day) % 65536
    return pack("u16, hex24", mjd, utc.strftime("%H%M%S")).tobytes()


def write_duration(duration: timedelta | None) -> bytes:
    if duration is None:
        return b"\xff" * 3
    seconds = int(duration.total_seconds())
    text = f"{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}"
    return pack("hex24", text).tobytes()


def write_minutes(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"{minutes // 60:02}{minutes % 60:02}"


def header_of(table: Any) -> Header:
    return Header(
        table.version_number,
        int(table.current_next_indicator),
        table.section_number,
        table.last_section_number,
        table.reserved_bits >> 2,
        table.reserved_bits & 3,
    )


def write_transport_streams(table: Any, loop: bytes, loops: list[bytes]) -> bytes:
    """The body of NIT and BAT; `loops` are the descriptors of the transport streams."""
    entries = b"".join(
        pack(
            "u16, u16, u4, u12, bytes",
            entry.transport_stream_id,
            entry.original_network_id,
            entry.reserved_bits,
            len(inner),
            inner,
        ).tobytes()
        for entry, inner in zip(table.transport_streams, loops, strict=True)
    )
    return pack(
        "u4, u12, bytes, u4, u12, bytes",
        table.reserved_loop_bits >> 4,
        len(loop),
        loop,
        table.reserved_loop_bits & 15,
        len(entries),
        entries,
    ).tobytes()


def write_nit(table: Any, loop: bytes, loops: list[bytes]) -> bytes:
    """5.2.1."""
    body = write_transport_streams(table, loop, loops)
    return write_section(table.table_id, table.network_id, header_of(table), body)


def write_bat(table: Any, loop: bytes, loops: list[bytes]) -> bytes:
    """5.2.2."""
    body = write_transport_streams(table, loop, loops)
    return write_section(0x4A, table.bouquet_id, header_of(table), body)


def write_sdt(table: Any, loops: list[bytes]) -> bytes:
    """5.2.3."""
    body = pack("u16, u8", table.original_network_id, table.reserved_byte).tobytes()
    for service, loop in zip(table.services, loops, strict=True):
        body += pack(
            "u16, u6, bool, bool, u3, bool, u12, bytes",
            service.service_id,
            service.reserved_bits,
            service.eit_schedule_flag,
            service.eit_present_following_flag,
            service.running_status,
            service.free_ca_mode,
            len(loop),
            loop,
        ).tobytes()
    return write_section(table.table_id, table.transport_stream_id, header_of(table), body)


def write_eit(table: Any, loops: list[bytes]) -> bytes:
    """5.2.4."""
    body = pack(
        "u16, u16, u8, u8",
        table.transport_stream_id,
        table.original_network_id,
        table.segment_last_section_number,
        table.last_table_id,
    ).tobytes()
    for event, loop in zip(table.events, loops, strict=True):
        body += pack(
            "u16, bytes, bytes, u3, bool, u12, bytes",
            event.event_id,
            write_time(event.start_time),
            write_duration(event.duration),
            event.running_status,
            event.free_ca_mode,
            len(loop),
            loop,
        ).tobytes()
    return write_section(table.table_id, table.service_id, header_of(table), body)


def write_tdt(table: Any) -> bytes:
    """5.2.5."""
    time = write_time(table.utc_time)
    return pack("u8, 0b0, u3, u12, bytes", 0x70, table.reserved_bits, 5, time).tobytes()


def write_tot(table: Any, loop: bytes) -> bytes:
    """5.2.6."""
    written: bytes = pack(
        "u8, 0b0, u3, u12, bytes, u4, u12, bytes",
        0x73,
        table.reserved_bits,
        5 + 2 + len(loop) + 4,
        write_time(table.utc_time),
        table.reserved_loop_bits,
        len(loop),
        loop,
    ).tobytes()
    crc: int = crc_32_mpeg(written)
    return written + crc.to_bytes(4, "big")


def write_rst(table: Any) -> bytes:
    """5.2.7."""
    body = b"".join(
        pack(
            "u16, u16, u16, u16, u5, u3",
            entry.transport_stream_id,
            entry.original_network_id,
            entry.service_id,
            entry.event_id,
            entry.reserved_bits,
            entry.running_status,
        ).tobytes()
        for entry in table.events
    )
    return pack("u8, 0b0, u3, u12, bytes", 0x71, table.reserved_bits, len(body), body).tobytes()


def write_st(table: Any) -> bytes:
    """5.2.8."""
    return pack(
        "u8, bool, u3, u12, bytes",
        0x72,
        table.section_syntax_indicator,
        table.reserved_bits,
        len(table.data),
        table.data,
    ).tobytes()
