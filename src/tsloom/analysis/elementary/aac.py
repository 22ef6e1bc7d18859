"""AAC: the ADTS header, and the configuration that LATM carries."""

from __future__ import annotations

from dataclasses import dataclass

from tsloom.analysis.elementary.bit_reader import BitReader

# sampling_frequency_index (ISO/IEC 14496-3, table 1.18)
SAMPLE_RATES_HZ = (
    *(96000, 88200, 64000, 48000, 44100, 32000, 24000),
    *(22050, 16000, 12000, 11025, 8000, 7350),
)
ESCAPED_RATE = 15
# channel_configuration (table 1.19); 0: a program_config_element tells
CHANNELS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8}
# audio object type (table 1.17), by the names of the profiles that have it
PROFILES = {
    1: "Main",
    2: "LC",
    3: "SSR",
    4: "LTP",
    5: "HE-AAC",
    23: "LD",
    29: "HE-AACv2",
    39: "ELD",
}
SBR = 5
PARAMETRIC_STEREO = 29
ESCAPED_TYPE = 31
LOAS_SYNC = 0x2B7
SAMPLES_A_FRAME = 1024


@dataclass(frozen=True, slots=True)
class AdtsHeader:
    """adts_fixed_header() and frame_length (ISO/IEC 13818-7, 6.2; 14496-3, 1.A.2.2).

    `sample_rate_hz` is that of the AAC core: SBR that is only implicit doubles it, and no header
    tells. `channels` is None where a program_config_element says how many there are.
    """

    audio_object_type: int
    sample_rate_hz: int
    channels: int | None
    frame_length: int

    @property
    def profile(self) -> str | None:
        return PROFILES.get(self.audio_object_type)


@dataclass(frozen=True, slots=True)
class AudioSpecificConfig:
    """AudioSpecificConfig() (ISO/IEC 14496-3, 1.6.2.1), as far as rate and channels go.

    `sample_rate_hz` is that of the output, `core_sample_rate_hz` that of the core below SBR.
    """

    audio_object_type: int
    core_sample_rate_hz: int
    sample_rate_hz: int
    channels: int | None

    @property
    def profile(self) -> str | None:
        return PROFILES.get(self.audio_object_type)


def parse_adts_header(bytes_: bytes) -> AdtsHeader:
    """The value of a frame's seven bytes of header; `InputError` if they are none."""
    reader = BitReader(bytes_, "ADTS header")
    if reader.bits(12) != 0xFFF or reader.bits(3) & 3:
        raise reader.fail("not an ADTS frame")
    reader.skip(1)
    audio_object_type = reader.bits(2) + 1
    rate = reader.one_of(4, range(len(SAMPLE_RATES_HZ)), "sampling_frequency_index")
    reader.skip(1)
    channels = CHANNELS.get(reader.bits(3))
    reader.skip(4)
    frame_length = reader.bits(13)
    reader.skip(13)
    if frame_length < 7:
        raise reader.fail("a frame is shorter than its header", frame_length=frame_length)
    return AdtsHeader(audio_object_type, SAMPLE_RATES_HZ[rate], channels, frame_length)


def parse_loas_frame(bytes_: bytes) -> AudioSpecificConfig:
    """The configuration in the front of an AudioSyncStream() frame with StreamMuxConfig()
    (ISO/IEC 14496-3, 1.7.2 and 1.7.3): that of the first layer of the first program.

    `InputError` if it is none, if it takes the configuration of the frame before, or ends early.
    """
    reader = BitReader(bytes_, "AudioMuxElement")
    if reader.bits(11) != LOAS_SYNC:
        raise reader.fail("not an AudioSyncStream frame")
    reader.skip(13)
    if reader.flag():
        raise reader.fail("useSameStreamMux: the configuration was sent before")
    version = reader.bits(1)
    if version and reader.flag():
        raise reader.fail("audioMuxVersionA 1 is reserved")
    if version:
        _read_latm_value(reader)
    reader.skip(14)  # allStreamsSameTimeFraming, numSubFrames, numProgram, numLayer
    if version:
        _read_latm_value(reader)
    return _read_audio_specific_config(reader)


def _read_latm_value(reader: BitReader) -> int:
    return reader.bits(8 * (reader.bits(2) + 1))


def _read_rate(reader: BitReader) -> int:
    allowed = (*range(len(SAMPLE_RATES_HZ)), ESCAPED_RATE)
    index = reader.one_of(4, allowed, "samplingFrequencyIndex")
    return reader.bits(24) if index == ESCAPED_RATE else SAMPLE_RATES_HZ[index]


def _read_object_type(reader: BitReader) -> int:
    object_type = reader.bits(5)
    return 32 + reader.bits(6) if object_type == ESCAPED_TYPE else object_type


def _read_audio_specific_config(reader: BitReader) -> AudioSpecificConfig:
    object_type = _read_object_type(reader)
    core_rate = rate = _read_rate(reader)
    channels = CHANNELS.get(reader.bits(4))
    if object_type in (SBR, PARAMETRIC_STEREO):
        rate = _read_rate(reader)
    if object_type == PARAMETRIC_STEREO and channels == 1:
        channels = 2
    return AudioSpecificConfig(object_type, core_rate, rate, channels)
