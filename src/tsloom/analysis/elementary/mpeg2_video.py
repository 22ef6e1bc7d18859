"""MPEG-1 and MPEG-2 video: sequence_header and the extensions behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from tsloom.analysis.elementary.bit_reader import BitReader
from tsloom.analysis.elementary.sample_aspect import CHROMA_FORMATS

SEQUENCE_HEADER = b"\x00\x00\x01\xb3"
EXTENSION = b"\x00\x00\x01\xb5"
SEQUENCE_EXTENSION_ID = 1
SEQUENCE_DISPLAY_EXTENSION_ID = 2
VARIABLE_BIT_RATE = 0x3FFFF

# frame_rate_code (ISO/IEC 13818-2, table 6-4)
FRAME_RATES = {
    1: Fraction(24000, 1001),
    2: Fraction(24),
    3: Fraction(25),
    4: Fraction(30000, 1001),
    5: Fraction(30),
    6: Fraction(50),
    7: Fraction(60000, 1001),
    8: Fraction(60),
}
# Table 6-3: of the whole picture; 1 says that samples are square.
DISPLAY_ASPECT_RATIOS = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}
# profile and level of profile_and_level_indication (tables 8-2 and 8-3)
PROFILES = {1: "High", 2: "Spatially Scalable", 3: "SNR Scalable", 4: "Main", 5: "Simple"}
LEVELS = {2: "High P", 4: "High", 6: "High 1440", 8: "Main", 10: "Low"}
# With the escape bit (table 8-4)
ESCAPED = {
    0x82: ("4:2:2", "High"),
    0x85: ("4:2:2", "Main"),
    0x8A: ("Multi-view", "High"),
    0x8B: ("Multi-view", "High 1440"),
    0x8D: ("Multi-view", "Main"),
    0x8E: ("Multi-view", "Low"),
}


@dataclass(frozen=True, slots=True)
class SequenceHeader:
    """What a sequence_header says, with sequence_extension and sequence_display_extension where
    they follow (ISO/IEC 13818-2, 6.2.2).

    Without sequence_extension it is MPEG-1 video: `profile_and_level_indication` is None.
    `bitrate_bps` is the upper bound that is declared; None where MPEG-1 says that it varies.
    """

    width: int
    height: int
    frame_rate: Fraction
    bitrate_bps: int | None
    aspect_ratio_information: int
    profile_and_level_indication: int | None = None
    progressive_sequence: bool = True
    chroma_format: str = "4:2:0"
    display_width: int | None = None
    display_height: int | None = None

    @property
    def profile(self) -> str | None:
        return None if self._profile_and_level is None else self._profile_and_level[0]

    @property
    def level(self) -> str | None:
        return None if self._profile_and_level is None else self._profile_and_level[1]

    @property
    def _profile_and_level(self) -> tuple[str | None, str | None] | None:
        indication = self.profile_and_level_indication
        if indication is None:
            return None
        if indication & 0x80:
            return ESCAPED.get(indication, (None, None))
        return PROFILES.get(indication >> 4 & 7), LEVELS.get(indication & 15)

    @property
    def sample_aspect_ratio(self) -> Fraction | None:
        """By 6.3.3; None where aspect_ratio_information is reserved, and of MPEG-1."""
        if self.aspect_ratio_information == 1:
            return Fraction(1)
        ratio = DISPLAY_ASPECT_RATIOS.get(self.aspect_ratio_information)
        if ratio is None or self.profile_and_level_indication is None:
            return None
        width, height = self.display_width or self.width, self.display_height or self.height
        return ratio * Fraction(height, width)


def parse_sequence_header(bytes_: bytes) -> SequenceHeader:
    """The value of a sequence_header with the extensions behind it, start codes included.

    `InputError` if it is none, ends early, or has a forbidden value.
    """
    reader = BitReader(bytes_, "sequence_header")
    if reader.bits(32) != int.from_bytes(SEQUENCE_HEADER, "big"):
        raise reader.fail("not a sequence_header")
    width, height = reader.bits(12), reader.bits(12)
    aspect_ratio_information = reader.bits(4)
    frame_rate = FRAME_RATES[reader.one_of(4, FRAME_RATES, "frame_rate_code")]
    bit_rate = reader.bits(18)
    reader.skip(12)
    for _ in range(2):  # load_intra_quantiser_matrix, load_non_intra_quantiser_matrix
        if reader.flag():
            reader.skip(64 * 8)
    header = SequenceHeader(
        width=width,
        height=height,
        frame_rate=frame_rate,
        bitrate_bps=None if bit_rate == VARIABLE_BIT_RATE else bit_rate * 400,
        aspect_ratio_information=aspect_ratio_information,
    )
    rest = bytes_[len(bytes_) - reader.left // 8 :]
    for part in rest.split(EXTENSION)[1:]:
        header = _extend(header, BitReader(part, "sequence_extension"), bit_rate)
    if not header.width or not header.height:
        raise reader.fail("a picture has no size", width=header.width, height=header.height)
    return header


def _extend(header: SequenceHeader, reader: BitReader, bit_rate: int) -> SequenceHeader:
    extension_id = reader.bits(4)
    if extension_id == SEQUENCE_EXTENSION_ID:
        return _take_sequence_extension(header, reader, bit_rate)
    if extension_id == SEQUENCE_DISPLAY_EXTENSION_ID:
        return _take_display_extension(header, reader)
    return header


def _take_sequence_extension(
    header: SequenceHeader, reader: BitReader, bit_rate: int
) -> SequenceHeader:
    """sequence_extension() (6.2.2.3)."""
    indication = reader.bits(8)
    progressive_sequence = reader.flag()
    chroma_format = reader.one_of(2, (1, 2, 3), "chroma_format")
    width = header.width | reader.bits(2) << 12
    height = header.height | reader.bits(2) << 12
    bit_rate |= reader.bits(12) << 18
    reader.skip(10)
    numerator, denominator = reader.bits(2) + 1, reader.bits(5) + 1
    return replace(
        header,
        width=width,
        height=height,
        frame_rate=header.frame_rate * numerator / denominator,
        bitrate_bps=bit_rate * 400,
        profile_and_level_indication=indication,
        progressive_sequence=progressive_sequence,
        chroma_format=CHROMA_FORMATS[chroma_format],
    )


def _take_display_extension(header: SequenceHeader, reader: BitReader) -> SequenceHeader:
    """sequence_display_extension() (6.2.2.4)."""
    reader.skip(3)
    if reader.flag():
        reader.skip(24)
    width = reader.bits(14)
    reader.skip(1)
    return replace(header, display_width=width, display_height=reader.bits(14))
