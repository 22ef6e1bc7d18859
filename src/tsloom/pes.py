"""PES headers (ISO/IEC 13818-1, 2.4.3.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsloom._native import pes

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@dataclass(frozen=True, slots=True)
class PesHeader:
    """The header of a PES packet.

    `header_size` counts the bytes before the first PES_packet_data_byte; it may lie beyond the
    payload. Timestamps are 33 bits at 90 kHz, or None. `defects` names fields that are there but
    broken: "header", "pts", "dts", each with "syntax" (marker or lead bits, forbidden flags) or
    "length" (the header ends before), as "pts_syntax".
    """

    stream_id: int
    pes_packet_length: int
    header_size: int | None
    pts_90khz: int | None = None
    dts_90khz: int | None = None
    defects: tuple[str, ...] = ()


def parse_pes_header(payload: ReadableBuffer) -> PesHeader | None:
    """The header at the front of a packet's payload; None if no PES packet starts there."""
    parsed = pes.parse_header(payload)
    if parsed is None:
        return None
    stream_id, packet_length, header_size, header_defect, pts, pts_defect, dts, dts_defect = parsed
    named = (("header", header_defect), ("pts", pts_defect), ("dts", dts_defect))
    defects = tuple(f"{name}_{defect}" for name, defect in named if defect is not None)
    return PesHeader(stream_id, packet_length, header_size, pts, dts, defects)
