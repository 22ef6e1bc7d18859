"""Which keys of a URL mean nothing to an input, or to an output: they are refused, not ignored."""

from __future__ import annotations

from typing import Final

from tsloom._native.rtp import FEC_SIZE_MAX
from tsloom.errors import UrlError, UsageError
from tsloom.io.url import NullUrl, RtpUrl, SrtUrl, UdpUrl, Url

_LAST_PORT: Final = 65535
_OF_INPUTS: Final = {
    "source": "source",
    "rcvbuf_bytes": "rcvbuf",
    "reuse": "reuse",
    "timeout_us": "timeout",
    "gather_us": "gather",
}
_OF_RTP_INPUTS: Final = {"reorder": "reorder", "skew_us": "skew"}
_OF_OUTPUTS: Final = {
    "ttl": "ttl",
    "tos": "dscp/tos",
    "sndbuf_bytes": "sndbuf",
    "pkt_size": "pkt_size",
    "loop": "loop",
    "drop_null": "drop_null",
    "gso": "gso",
    "pace": "pace",
}
_OF_RTP_OUTPUTS: Final = {"ssrc": "ssrc"}


def check_source_url(url: Url) -> None:
    """`UrlError` for what an input does not have, `UsageError` for what is no input."""
    match url:
        case NullUrl():
            raise UsageError("null: is an output; nothing can be read from it")
        case RtpUrl():
            _refuse(url, {**_OF_OUTPUTS, **_OF_RTP_OUTPUTS}, "outputs")
        case UdpUrl():
            _refuse(url, _OF_OUTPUTS, "outputs")
        case SrtUrl():
            _refuse(url, {"max_clients": "max_clients"}, "outputs")


def check_sink_url(url: Url) -> None:
    """`UrlError` for what an output does not have, or lacks."""
    match url:
        case UdpUrl() | RtpUrl():
            if isinstance(url, RtpUrl):
                _refuse(url, _OF_RTP_INPUTS, "inputs")
                _check_fec(url)
            _refuse(url, _OF_INPUTS, "inputs")
            if not url.host or not url.port:
                raise UrlError("an output needs an address and a port", url=str(url))
        case SrtUrl():
            _refuse(url, {"data_timeout_us": "data_timeout"}, "inputs")


def _check_fec(url: RtpUrl) -> None:
    if url.fec is None:
        return
    if url.port > _LAST_PORT - 4:
        raise UrlError("fec= needs the ports two and four further up", url=str(url))
    if (url.pkt_size or 0) > FEC_SIZE_MAX:
        raise UrlError(f"fec= takes datagrams of {FEC_SIZE_MAX} bytes at most", url=str(url))


def _refuse(url: UdpUrl | RtpUrl | SrtUrl, keys: dict[str, str], where: str) -> None:
    for field, key in keys.items():
        if getattr(url, field) is not None:
            raise UrlError(f"{key}= is for {where}", url=str(url))
