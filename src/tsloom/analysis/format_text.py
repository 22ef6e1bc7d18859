"""What an elementary stream is, in a line for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.elementary import VideoFormat
from tsloom.clock import PTS_HZ

if TYPE_CHECKING:
    from tsloom.analysis.elementary import AudioFormat


def describe_format(found: VideoFormat | AudioFormat) -> str:
    """Codec, size, rates and groups of pictures, as far as the headers say."""
    parts = _video(found) if isinstance(found, VideoFormat) else _audio(found)
    if found.scrambled:
        parts.append("scrambled")
    return ", ".join(part for part in parts if part)


def _video(video: VideoFormat) -> list[str]:
    name = " ".join(filter(None, (video.codec, video.profile)))
    parts = [name if video.level is None else f"{name}@{video.level}"]
    if video.width is not None and video.height is not None:
        scan = " interlaced" if video.interlaced else ""
        parts.append(f"{video.width}x{video.height}{scan}")
    if video.frame_rate is not None:
        parts.append(f"{float(video.frame_rate):.5g} frames/s")
    if video.gop is not None:
        parts.append(f"GOP {_span(video.gop.shortest, video.gop.longest)} {video.gop.structure}")
    if video.idr_intervals_90khz is not None:
        shortest, longest = (f"{ticks / PTS_HZ:.3g}" for ticks in video.idr_intervals_90khz)
        parts.append(f"IDR every {_span(shortest, longest)} s")
    return [*parts, *(video.captions or ())]


def _span(least: object, most: object) -> str:
    return f"{least}" if least == most else f"{least} to {most}"


def _audio(audio: AudioFormat) -> list[str]:
    parts = [" ".join(filter(None, (audio.codec, audio.profile)))]
    if audio.sample_rate_hz is not None:
        parts.append(f"{audio.sample_rate_hz / 1000:g} kHz")
    if audio.channels is not None:
        parts.append(f"{audio.channels} channel{'s' if audio.channels != 1 else ''}")
    if audio.bitrate_bps is not None:
        parts.append(f"{audio.bitrate_bps / 1000:.4g} kb/s")
    return parts
