"""What the video standards that share a syntax say of the shape of samples."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsloom.analysis.elementary.bit_reader import BitReader

EXTENDED_SAR = 255

# aspect_ratio_idc (ISO/IEC 14496-10, table E-1; 23008-2, table E.1)
SAMPLE_ASPECT_RATIOS = {
    1: Fraction(1),
    2: Fraction(12, 11),
    3: Fraction(10, 11),
    4: Fraction(16, 11),
    5: Fraction(40, 33),
    6: Fraction(24, 11),
    7: Fraction(20, 11),
    8: Fraction(32, 11),
    9: Fraction(80, 33),
    10: Fraction(18, 11),
    11: Fraction(15, 11),
    12: Fraction(64, 33),
    13: Fraction(160, 99),
    14: Fraction(4, 3),
    15: Fraction(3, 2),
    16: Fraction(2),
}

# chroma_format_idc (ISO/IEC 14496-10, table 6-1), and chroma_format of 13818-2 (table 6-5)
CHROMA_FORMATS = {0: "4:0:0", 1: "4:2:0", 2: "4:2:2", 3: "4:4:4"}


def read_sample_aspect_ratio(reader: BitReader) -> Fraction | None:
    """aspect_ratio_info of vui_parameters(); None where it is unspecified."""
    if not reader.flag():
        return None
    aspect_ratio_idc = reader.bits(8)
    if aspect_ratio_idc != EXTENDED_SAR:
        return SAMPLE_ASPECT_RATIOS.get(aspect_ratio_idc)
    width, height = reader.bits(16), reader.bits(16)
    return Fraction(width, height) if width and height else None


def skip_signal_type(reader: BitReader) -> None:
    """overscan, video_signal_type and chroma_loc of vui_parameters() (E.1.1, E.2.1)."""
    if reader.flag():
        reader.skip(1)
    if reader.flag():
        reader.skip(4)
        if reader.flag():
            reader.skip(24)
    if reader.flag():
        reader.skip_ue(2)


def make_rate(time_scale: int, units: int) -> Fraction | None:
    """Pictures a second; None where a term is 0, which is forbidden."""
    return Fraction(time_scale, units) if time_scale and units else None
