"""Pictures, sound and subtitles: XMLTV's words and component_descriptors (EN 300 468, 6.2.8).

XMLTV does not say how a stream is coded: SD video goes as MPEG-2, HD as H.264, at 25 Hz. Nor does
it know component_tags; video is 1, audio 2, subtitles from 3 on.
"""

from __future__ import annotations

from collections.abc import Sequence

from tsloom.dvb.descriptors import ComponentDescriptor
from tsloom.dvb.epg.languages import UNDETERMINED, find_long_code

MPEG2_VIDEO, AUDIO, TEXT, AC3, H264_VIDEO = 1, 2, 3, 4, 5
VIDEO_TAG, AUDIO_TAG, FIRST_TEXT_TAG = 1, 2, 3
HD_QUALITIES = ("hdtv", "hd", "uhd", "4k")
# (stream_content, component_type) by XMLTV's word; the first of a pair's words is written.
SOUNDS = {
    "mono": (AUDIO, 0x01),
    "bilingual": (AUDIO, 0x02),
    "stereo": (AUDIO, 0x03),
    "surround": (AUDIO, 0x05),
    "dolby digital": (AC3, 0x44),
    "dolby": (AUDIO, 0x05),
}
SUBTITLES = {"teletext": (TEXT, 0x01), "onscreen": (TEXT, 0x10), "deaf-signed": (TEXT, 0x30)}


def make_video(aspect: str, quality: str) -> ComponentDescriptor:
    if quality.strip().casefold() in HD_QUALITIES:
        return ComponentDescriptor(H264_VIDEO, 0x0B, VIDEO_TAG, UNDETERMINED)
    component_type = 0x01 if aspect.strip() == "4:3" else 0x03
    return ComponentDescriptor(MPEG2_VIDEO, component_type, VIDEO_TAG, UNDETERMINED)


def make_audio(stereo: str, language: str) -> ComponentDescriptor | None:
    """None for a word that says nothing."""
    found = SOUNDS.get(stereo.strip().casefold())
    return None if found is None else ComponentDescriptor(*found, AUDIO_TAG, language)


def make_subtitles(kind: str, language: str, before: int) -> ComponentDescriptor | None:
    """Those behind so many others; None for a kind that is unknown."""
    found = SUBTITLES.get(kind.strip().casefold())
    if found is None:
        return None
    code = find_long_code(language) or UNDETERMINED
    return ComponentDescriptor(*found, FIRST_TEXT_TAG + before, code)


def name_video(components: Sequence[ComponentDescriptor]) -> tuple[str, str] | None:
    """Aspect and quality of the first video; None without one."""
    for one in components:
        if one.stream_content in (MPEG2_VIDEO, H264_VIDEO):
            # Four types of each kind, the first of them 4:3; from 0x09 on they are HD.
            aspect = "4:3" if one.component_type & 3 == 1 else "16:9"
            return aspect, "HDTV" if 0x09 <= one.component_type <= 0x10 else ""
    return None


def name_sound(components: Sequence[ComponentDescriptor]) -> str | None:
    """XMLTV's word for the first audio; None without one that it has a word for."""
    for one in components:
        for word, kind in SOUNDS.items():
            if kind == (one.stream_content, one.component_type):
                return word
    return None


def name_subtitles(component: ComponentDescriptor) -> str | None:
    """XMLTV's word for subtitles; None for other components."""
    if component.stream_content != TEXT:
        return None
    for word, (_, component_type) in SUBTITLES.items():
        if component.component_type == component_type:
            return word
    return None
