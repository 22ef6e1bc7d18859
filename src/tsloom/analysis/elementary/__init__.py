"""What elementary streams are, by their headers: nothing is decoded."""

from tsloom.analysis.elementary.formats import AudioFormat, GopFormat, VideoFormat
from tsloom.analysis.elementary.reader import ElementaryMonitor, ElementaryReader, make_format

__all__ = [
    "AudioFormat",
    "ElementaryMonitor",
    "ElementaryReader",
    "GopFormat",
    "VideoFormat",
    "make_format",
]
