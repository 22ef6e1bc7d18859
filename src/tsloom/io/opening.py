"""From a URL to an open source or sink."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from typing import TypedDict

from tsloom.errors import UsageError
from tsloom.io.file import FileSink, FileSource
from tsloom.io.null import NullSink
from tsloom.io.pipe import PipeSink, PipeSource
from tsloom.io.protocols import Sink, Source
from tsloom.io.rtp import RtpSink, RtpSource
from tsloom.io.srt import SrtSink, SrtSource
from tsloom.io.srt_link import AccessRule
from tsloom.io.udp import UdpSink, UdpSource
from tsloom.io.url import FileUrl, NullUrl, PipeUrl, RtpUrl, SrtUrl, UdpUrl, Url, parse_url


class SourceOptions(TypedDict, total=False):
    """What `open_source` takes for SRT."""

    max_retries: int | None
    exit_on_eof: bool
    access: Sequence[AccessRule]


def open_source(
    url: str | os.PathLike[str] | Url,
    *,
    timeout: float = 0.1,
    max_retries: int | None = None,
    exit_on_eof: bool = False,
    access: Sequence[AccessRule] = (),
) -> Source:
    """A source that is ready to be read.

    timeout, in seconds, is how long a live source or a pipe waits in one `readinto` before it
    answers None. `UrlError`: the URL is wrong; `OpenError`: the system refused, with its errno.

    The rest is for SRT, which makes a lost connection anew for ever: max_retries gives up after so
    many failures in a row, exit_on_eof ends the input with its first connection, access says who
    may come in where the URL listens. `MissingLibraryError`: libsrt is not installed.
    """
    parsed = parse_target(url)
    match parsed:
        case FileUrl():
            return PipeSource(parsed, timeout=timeout) if _is_piped(parsed) else FileSource(parsed)
        case PipeUrl():
            return PipeSource(parsed, timeout=timeout)
        case UdpUrl():
            return UdpSource(parsed, timeout=timeout)
        case NullUrl():
            raise UsageError("null: is an output; nothing can be read from it")
        case SrtUrl():
            return SrtSource(
                parsed,
                timeout=timeout,
                max_retries=max_retries,
                exit_on_eof=exit_on_eof,
                access=access,
            )
        case RtpUrl():
            return RtpSource(parsed, timeout=timeout)


def open_sink(
    url: str | os.PathLike[str] | Url,
    *,
    source_is_live: bool = False,
    should_stop: Callable[[], bool] | None = None,
    max_retries: int | None = None,
    access: Sequence[AccessRule] = (),
) -> Sink:
    """A sink that is ready to be written.

    A sink of the network without pace= sends at the times of the PCRs, unless the source is live:
    then the packets come at their times already. should_stop is asked ten times a second while a
    paced write sleeps; once it says so the write returns, and what has not left is dropped.
    Errors, max_retries and access as with `open_source`.
    """
    parsed = parse_target(url)
    match parsed:
        case FileUrl():
            return PipeSink(parsed) if _is_piped(parsed) else FileSink(parsed)
        case PipeUrl():
            return PipeSink(parsed)
        case UdpUrl():
            return UdpSink(parsed, source_is_live=source_is_live, should_stop=should_stop)
        case NullUrl():
            return NullSink(parsed)
        case SrtUrl():
            return SrtSink(
                parsed,
                source_is_live=source_is_live,
                should_stop=should_stop,
                max_retries=max_retries,
                access=access,
            )
        case RtpUrl():
            return RtpSink(parsed, source_is_live=source_is_live, should_stop=should_stop)


def parse_target(url: str | os.PathLike[str] | Url) -> Url:
    if isinstance(url, str):
        return parse_url(url)
    if isinstance(url, os.PathLike):
        return FileUrl(os.fspath(url))
    return url


def _is_piped(url: FileUrl) -> bool:
    """Whether the path leads to something that flows; what is not there will be a file."""
    try:
        mode = os.stat(url.path).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)
