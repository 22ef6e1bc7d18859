"""From what the native reader counted, and the parameter sets it kept, to a VideoFormat."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tsloom.analysis.elementary import h264, hevc, mpeg2_video
from tsloom.analysis.elementary.formats import GopFormat, VideoFormat
from tsloom.clock import PTS_HZ
from tsloom.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

CODECS = {"mpeg_video": "MPEG-2 video", "h264": "H.264", "hevc": "HEVC"}
SET_NAMES = {
    "mpeg_video": "sequence_header",
    "h264": "sequence parameter set",
    "hevc": "sequence parameter set",
}
OF_THE_SET = ("profile", "level", "width", "height", "interlaced", "chroma_format", "bit_depth")
COUNTS = (
    *("frames", "i_pictures", "p_pictures", "b_pictures", "unknown_pictures"),
    *("field_pictures", "random_access_points"),
)
OF_PICTURES = ("gop", "idr_intervals_90khz", "captions")
SCRAMBLED = "the payload is scrambled"
NOT_ALIGNED = "PES packets begin in the middle of access units"
MANY_IN_ONE = "a PES packet holds several access units"
NO_PICTURE = "no access unit was read"
# A PES packet that holds one access unit lasts one frame; fields and jitter leave it below this.
MOST_FRAMES_A_PES_PACKET = 1.5


def make_video_format(measured: Mapping[str, Any]) -> VideoFormat:
    """The value of what was read so far."""
    reasons: dict[str, str] = {}
    values = _parse_set(measured, reasons)
    scrambled = bool(measured["scrambled_packets"])
    _add_rate(values, measured, reasons)
    unreadable = _find_unreadable(measured, values.get("frame_rate"), scrambled)
    if unreadable is None:
        _add_pictures(values, measured, reasons)
    else:
        reasons |= dict.fromkeys(OF_PICTURES, unreadable)
    codec = values.pop("codec", CODECS[measured["kind"]])
    return VideoFormat(
        codec=codec,
        scrambled=scrambled,
        not_measured=reasons,
        idr_pictures=None if measured["kind"] == "mpeg_video" else measured["idr_pictures"],
        **{name: measured[name] for name in COUNTS},
        **values,
    )


def _parse_set(measured: Mapping[str, Any], reasons: dict[str, str]) -> dict[str, Any]:
    kind = measured["kind"]
    if not measured["format_bytes"]:
        reason = f"no {SET_NAMES[kind]} was read"
        if measured["scrambled_packets"]:
            reason = SCRAMBLED
        reasons |= dict.fromkeys(OF_THE_SET, reason)
        return {}
    try:
        return PARSERS[kind](measured, reasons)
    except InputError as error:
        reasons |= dict.fromkeys(OF_THE_SET, str(error))
        return {}


def _take_mpeg_video(measured: Mapping[str, Any], reasons: dict[str, str]) -> dict[str, Any]:
    header = mpeg2_video.parse_sequence_header(measured["format_bytes"])
    values: dict[str, Any] = {
        "codec": "MPEG-2 video",
        "profile": header.profile,
        "level": header.level,
        "interlaced": not header.progressive_sequence and measured["interlaced_frames"] > 0,
        "bitrate_bps": header.bitrate_bps,
        "bit_depth": 8,
    }
    if header.profile_and_level_indication is None:
        values |= {"codec": "MPEG-1 video", "interlaced": False}
        reasons |= dict.fromkeys(("profile", "level"), "MPEG-1 video has none")
    elif not header.progressive_sequence and not measured["frames"]:
        values["interlaced"] = None
        reasons["interlaced"] = NO_PICTURE
    return values | _take_shape(header)


def _take_h264(measured: Mapping[str, Any], _: dict[str, str]) -> dict[str, Any]:
    sps = h264.parse_sequence_parameter_set(measured["format_bytes"])
    return {
        "profile": sps.profile,
        "level": sps.level,
        "interlaced": not sps.frame_mbs_only_flag,
        "bit_depth": sps.bit_depth,
        "bitrate_bps": sps.bitrate_bps,
        **_take_shape(sps),
    }


def _take_hevc(measured: Mapping[str, Any], _: dict[str, str]) -> dict[str, Any]:
    sps = hevc.parse_sequence_parameter_set(measured["format_bytes"])
    values = {
        "profile": sps.profile,
        "level": sps.level,
        "interlaced": sps.interlaced,
        "bit_depth": sps.bit_depth,
        **_take_shape(sps),
    }
    if sps.frame_rate is None and measured["vps_bytes"]:
        values["frame_rate"] = hevc.parse_video_parameter_set_rate(measured["vps_bytes"])
    return values


def _take_shape(
    of: mpeg2_video.SequenceHeader | h264.SequenceParameterSet | hevc.SequenceParameterSet,
) -> dict[str, Any]:
    names = ("width", "height", "chroma_format", "sample_aspect_ratio", "frame_rate")
    return {name: getattr(of, name) for name in names}


PARSERS = {"mpeg_video": _take_mpeg_video, "h264": _take_h264, "hevc": _take_hevc}


def _add_rate(values: dict[str, Any], measured: Mapping[str, Any], reasons: dict[str, str]) -> None:
    if values.get("frame_rate") is not None:
        values["frame_rate_source"] = "header"
        return
    count, ticks, _, _ = measured["decode_interval"]
    if count == 0:
        reasons["frame_rate"] = "no header tells it, and no two frames have timestamps"
        return
    values["frame_rate"] = Fraction(PTS_HZ * count, ticks)
    values["frame_rate_source"] = "timestamps"


def _find_unreadable(
    measured: Mapping[str, Any], rate: Fraction | None, scrambled: bool
) -> str | None:
    """Why the pictures that were seen are not all there were; None if they are."""
    if measured["frames"] == 0:
        return SCRAMBLED if scrambled else NO_PICTURE
    if measured["unaligned"]:
        return NOT_ALIGNED
    count, ticks, _, _ = measured["decode_interval"]
    is_slow = rate and ticks * rate > MOST_FRAMES_A_PES_PACKET * PTS_HZ * count
    # The frame rates that H.264 streams declare are often twice what they have.
    may_skip = measured["kind"] != "h264" or measured["frame_num_gaps"]
    return MANY_IN_ONE if is_slow and may_skip else None


def _add_pictures(
    values: dict[str, Any], measured: Mapping[str, Any], reasons: dict[str, str]
) -> None:
    kinds = (("CEA-608", "has_cea_608"), ("CEA-708", "has_cea_708"))
    values["captions"] = tuple(name for name, key in kinds if measured[key])
    if measured["gop_count"]:
        values["gop"] = GopFormat(
            count=measured["gop_count"],
            shortest=measured["gop_shortest"],
            longest=measured["gop_longest"],
            mean=measured["gop_frames"] / measured["gop_count"],
            last=measured["gop_last"],
            structure=measured["gop_structure"],
            open_count=measured["gop_open_count"],
        )
    else:
        reasons["gop"] = "no two random access points were read"
    count, _, shortest, longest = measured["idr_interval"]
    if count:
        values["idr_intervals_90khz"] = (shortest, longest)
    elif measured["kind"] == "mpeg_video":
        reasons["idr_intervals_90khz"] = "MPEG video has no IDR pictures"
    else:
        reasons["idr_intervals_90khz"] = "no two IDR pictures with a PTS were read"
