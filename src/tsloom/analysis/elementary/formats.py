"""What an elementary stream is: values out of its headers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, GopFormat):
        return value.to_dict()
    if isinstance(value, tuple):
        return list(value)
    return value


@dataclass(frozen=True, slots=True)
class GopFormat:
    """Groups of pictures that were seen whole, in the order of coding.

    A group runs from one random access point to the next: in MPEG video an I picture with a
    sequence_header or group_of_pictures_header, in H.264 an IDR picture, a recovery point without
    wait, or an I picture with an SPS; in HEVC an IRAP picture. Lengths count frames. `structure` is
    that of the last, as "IPBBPBB"; ? is a picture whose type no header told. It ends after 127.
    `open_count` counts random access points that are neither IDR nor closed.
    """

    count: int
    shortest: int
    longest: int
    mean: float
    last: int
    structure: str
    open_count: int

    def to_dict(self) -> dict[str, Any]:
        """Keys and values for JSON."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a video elementary stream's headers say; nothing is decoded.

    None is what they do not say: `not_measured` names the reason by field. `width` and `height`
    are in samples, of the picture that is shown. `frame_rate` is in frames a second, by the
    sequence header or parameter set, or else (`frame_rate_source` "timestamps") by the mean of the
    DTS. `interlaced`: of H.264, that fields may occur (frame_mbs_only_flag is 0); of MPEG-2, that
    frames did which are not progressive. `bitrate_bps` is what the headers declare, an upper
    bound. `frames`, and the pictures by type, are those whose headers were read.
    `idr_intervals_90khz` are the shortest and the longest between the PTS of two IDR pictures.
    `captions` are those of cc_data (ATSC A/53 part 4): "CEA-608", "CEA-708".
    """

    codec: str
    profile: str | None = None
    level: str | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: Fraction | None = None
    frame_rate_source: str | None = None
    interlaced: bool | None = None
    chroma_format: str | None = None
    bit_depth: int | None = None
    sample_aspect_ratio: Fraction | None = None
    bitrate_bps: int | None = None
    frames: int = 0
    i_pictures: int = 0
    p_pictures: int = 0
    b_pictures: int = 0
    unknown_pictures: int = 0
    field_pictures: int = 0
    idr_pictures: int | None = None
    random_access_points: int = 0
    gop: GopFormat | None = None
    idr_intervals_90khz: tuple[int, int] | None = None
    captions: tuple[str, ...] | None = None
    scrambled: bool = False
    not_measured: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Keys and values for JSON; ratios are numbers."""
        plain = {one.name: _plain(getattr(self, one.name)) for one in fields(self)}
        return {"kind": "video", **plain, "not_measured": dict(self.not_measured)}


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What an audio elementary stream's headers say; nothing is decoded.

    None is what they do not say: `not_measured` names the reason by field. `bitrate_bps` is what
    the header tells, or else (`bitrate_source` "frame sizes") what the frames that were seen come
    to, an estimate. `channels` counts the low-frequency effects channel too.
    """

    codec: str
    profile: str | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    bitrate_bps: int | None = None
    bitrate_source: str | None = None
    scrambled: bool = False
    not_measured: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Keys and values for JSON."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return {"kind": "audio", **plain, "not_measured": dict(self.not_measured)}
