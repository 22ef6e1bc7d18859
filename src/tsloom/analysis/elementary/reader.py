"""Elementary streams' headers: one stream packet by packet, or all of them as a stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from tsloom._native.elementary import ElementaryHeads, ElementaryStage
from tsloom.analysis.elementary.audio_format import make_audio_format
from tsloom.analysis.elementary.video_format import CODECS as VIDEO_CODECS
from tsloom.analysis.elementary.video_format import make_video_format

if TYPE_CHECKING:
    from collections.abc import Mapping

    from _typeshed import ReadableBuffer

    from tsloom.analysis.elementary.formats import AudioFormat, VideoFormat


def make_format(measured: Mapping[str, Any]) -> VideoFormat | AudioFormat:
    """The value of what a native reader has measured: its dictionary of that name."""
    if measured["kind"] in VIDEO_CODECS:
        return make_video_format(measured)
    return make_audio_format(measured)


class ElementaryReader:
    """The headers of one elementary stream.

    A machine: fed with the transport packets of one PID, it needs of each PES packet the first and
    those behind it for as long as `feed` gives True; more do no harm. `kind` is one of
    "mpeg_video", "h264", "hevc", "mpeg_audio", "adts", "latm", "ac3". What stands in the middle of
    PES packets is not seen: one of video is taken to hold one access unit. Where timestamps tell
    otherwise, groups of pictures are not measured.
    """

    def __init__(self, kind: str) -> None:
        self._heads = ElementaryHeads(kind)

    def feed(self, packet: ReadableBuffer) -> bool:
        """Takes 188 bytes; True if the PES packet's next packet is wanted."""
        return self._heads.feed(packet)

    def lose(self) -> None:
        """Packets of the PID are missing here: what would count across the gap does not."""
        self._heads.lose()

    @property
    def format(self) -> VideoFormat | AudioFormat:
        """What was read so far."""
        return make_format(self._heads.measured())


class ElementaryMonitor(ElementaryStage):
    """A stage that changes nothing and reads what the elementary streams of all services are.

    PAT and PMTs are followed. A packet that does not begin a PES packet costs a look at its PID.
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:
        return super().__new__(cls)

    @property
    def formats(self) -> dict[int, VideoFormat | AudioFormat]:
        """By PID, of the streams whose headers can be read: MPEG video, H.264, HEVC, MPEG audio,
        AAC in ADTS and LATM, AC-3, E-AC-3."""
        return {pid: make_format(measured) for pid, measured in self.measured().items()}
