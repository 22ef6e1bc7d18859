"""From the header that the native reader kept to an AudioFormat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.analysis.elementary import aac, ac3, mpeg_audio
from tsloom.analysis.elementary.formats import AudioFormat
from tsloom.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

CODECS = {"mpeg_audio": "MPEG audio", "adts": "AAC", "latm": "AAC", "ac3": "AC-3"}
OF_THE_HEADER = ("profile", "sample_rate_hz", "channels", "bitrate_bps")
NO_PROFILE = "the codec has no profiles"
BY_ELEMENT = "a program_config_element tells"


def make_audio_format(measured: Mapping[str, Any]) -> AudioFormat:
    """The value of what was read so far."""
    scrambled = bool(measured["scrambled_packets"])
    reasons: dict[str, str] = {}
    values: dict[str, Any] = {"codec": CODECS[measured["kind"]]}
    if measured["format_bytes"]:
        try:
            values |= PARSERS[measured["kind"]](measured, reasons)
        except InputError as error:
            reasons |= dict.fromkeys(OF_THE_HEADER, str(error))
    else:
        reason = "the payload is scrambled" if scrambled else "no header of a frame was read"
        reasons |= dict.fromkeys(OF_THE_HEADER, reason)
    if values.get("channels", 0) is None:
        reasons["channels"] = BY_ELEMENT
    return AudioFormat(scrambled=scrambled, not_measured=reasons, **values)


def _take_mpeg_audio(measured: Mapping[str, Any], reasons: dict[str, str]) -> dict[str, Any]:
    header = mpeg_audio.parse_mpeg_audio_header(measured["format_bytes"])
    reasons["profile"] = NO_PROFILE
    return {
        "codec": header.codec,
        "sample_rate_hz": header.sample_rate_hz,
        "channels": header.channels,
        "bitrate_bps": header.bitrate_bps,
        "bitrate_source": "header",
    }


def _take_ac3(measured: Mapping[str, Any], reasons: dict[str, str]) -> dict[str, Any]:
    header = ac3.parse_ac3_header(measured["format_bytes"])
    reasons["profile"] = NO_PROFILE
    return {
        "codec": header.codec,
        "sample_rate_hz": header.sample_rate_hz,
        "channels": header.channels,
        "bitrate_bps": header.bitrate_bps,
        "bitrate_source": "header",
    }


def _take_aac(measured: Mapping[str, Any], reasons: dict[str, str]) -> dict[str, Any]:
    """ADTS or LATM, whichever was found: stream_type is not always right."""
    is_adts = measured["format_bytes"].startswith(b"\xff")
    return _take_adts(measured) if is_adts else _take_latm(measured)


def _take_adts(measured: Mapping[str, Any]) -> dict[str, Any]:
    header = aac.parse_adts_header(measured["format_bytes"])
    return {
        "profile": header.profile,
        "sample_rate_hz": header.sample_rate_hz,
        "channels": header.channels,
        **_estimate(measured, header.sample_rate_hz),
    }


def _take_latm(measured: Mapping[str, Any]) -> dict[str, Any]:
    config = aac.parse_loas_frame(measured["format_bytes"])
    return {
        "profile": config.profile,
        "sample_rate_hz": config.sample_rate_hz,
        "channels": config.channels,
        **_estimate(measured, config.core_sample_rate_hz),
    }


def _estimate(measured: Mapping[str, Any], core_rate_hz: int) -> dict[str, Any]:
    """AAC tells no bit rate: the sizes of the frames that were seen come to one."""
    seconds = measured["audio_frames"] * aac.SAMPLES_A_FRAME / core_rate_hz if core_rate_hz else 0
    if not seconds:
        return {}
    bitrate = round(measured["audio_frame_bytes"] * 8 / seconds)
    return {"bitrate_bps": bitrate, "bitrate_source": "frame sizes"}


PARSERS = {
    "mpeg_audio": _take_mpeg_audio,
    "ac3": _take_ac3,
    "adts": _take_aac,
    "latm": _take_aac,
}
