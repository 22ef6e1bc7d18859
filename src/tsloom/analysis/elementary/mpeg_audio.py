"""MPEG-1 and MPEG-2 audio: the frame header."""

from __future__ import annotations

from dataclasses import dataclass

from tsloom.analysis.elementary.bit_reader import BitReader

# ID with the bit before it (ISO/IEC 11172-3, 2.4.2.3; 13818-3, 2.4.2.3; "2.5" is a usage)
VERSIONS = {0: "2.5", 2: "2", 3: "1"}
LAYERS = {1: 3, 2: 2, 3: 1}
SAMPLE_RATES_HZ = {
    "1": (44100, 48000, 32000),
    "2": (22050, 24000, 16000),
    "2.5": (11025, 12000, 8000),
}
# bitrate_index 1 to 14 in kb/s, by version 1 or another, and layer
BITRATES_KBPS = {
    ("1", 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    ("1", 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    ("1", 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    ("2", 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    ("2", 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    ("2", 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SINGLE_CHANNEL = 3
ROMAN = {1: "I", 2: "II", 3: "III"}


@dataclass(frozen=True, slots=True)
class MpegAudioHeader:
    """A frame's header (ISO/IEC 11172-3, 2.4.1.3; 13818-3, 2.4.1.3)."""

    version: str
    layer: int
    bitrate_bps: int
    sample_rate_hz: int
    channels: int

    @property
    def codec(self) -> str:
        return f"MPEG-{self.version} audio layer {ROMAN[self.layer]}"


def parse_mpeg_audio_header(bytes_: bytes) -> MpegAudioHeader:
    """The value of a frame's four bytes of header; `InputError` if they are none.

    Also of the free format, whose bit rate no header tells.
    """
    reader = BitReader(bytes_, "MPEG audio header")
    if reader.bits(11) != 0x7FF:
        raise reader.fail("not a frame of MPEG audio")
    version = VERSIONS[reader.one_of(2, VERSIONS, "ID")]
    layer = LAYERS[reader.one_of(2, LAYERS, "layer")]
    reader.skip(1)
    bitrate_index = reader.one_of(4, range(1, 15), "bitrate_index")
    rate = SAMPLE_RATES_HZ[version][reader.one_of(2, range(3), "sampling_frequency")]
    reader.skip(2)
    table = BITRATES_KBPS["1" if version == "1" else "2", layer]
    channels = 1 if reader.bits(2) == SINGLE_CHANNEL else 2
    return MpegAudioHeader(version, layer, table[bitrate_index - 1] * 1000, rate, channels)
