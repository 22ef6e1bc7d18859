"""Where a stream comes from and goes to, in one line of text.

    udp://[SRC@][GROUP|ADDR]:PORT?key=value&...      rtp:// the same
    srt://[HOST]:PORT?key=value&...
    file:PATH   PATH   -   pipe:   null:

`parse_url` gives a frozen value per scheme. A key that the scheme does not have, one said twice,
or a value out of bounds is a `UrlError` that names it. In a bare host a leading @ is allowed, an
IPv6 address stands in brackets, and a character that means something else is written %xx.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import unquote

from tsloom.errors import UrlError
from tsloom.io import quantities as q
from tsloom.io.quantities import Backoff, Pace, Secret


@dataclass(frozen=True, slots=True)
class DatagramUrl:
    """What udp:// and rtp:// have in common; None is a key that was not given."""

    host: str
    port: int
    _: KW_ONLY
    source: str | None = None
    iface: str | None = None
    localaddr: str | None = None
    ttl: int | None = None
    tos: int | None = None
    rcvbuf_bytes: int | None = None
    sndbuf_bytes: int | None = None
    pkt_size: int | None = None
    reuse: bool | None = None
    loop: bool | None = None
    timeout_us: int | None = None
    gather_us: int | None = None
    drop_null: bool | None = None
    gso: bool | None = None
    pace: Pace | None = None
    text: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class UdpUrl(DatagramUrl):
    """Transport packets in UDP datagrams, without a header of their own."""


@dataclass(frozen=True, slots=True)
class RtpUrl(DatagramUrl):
    """Transport packets in RTP (RFC 2250; SMPTE 2022-1 and -2022-7 by key)."""

    pt: int | None = None
    ssrc: int | None = None
    reorder: int | None = None
    fec: tuple[int, int] | None = None
    alt: tuple[str, int] | None = None
    skew_us: int | None = None


SrtMode: TypeAlias = Literal["caller", "listener", "rendezvous"]


@dataclass(frozen=True, slots=True)
class SrtUrl:
    """Transport packets over SRT; None is a key that was not given."""

    host: str
    port: int
    mode: SrtMode
    _: KW_ONLY
    latency_us: int | None = None
    rcvlatency_us: int | None = None
    peerlatency_us: int | None = None
    streamid: str | None = None
    passphrase: Secret | None = None
    passphrase_file: str | None = None
    passphrase_env: str | None = None
    pbkeylen: int | None = None
    adapter: str | None = None
    localport: int | None = None
    conntimeo_us: int | None = None
    peeridletimeo_us: int | None = None
    maxbw_bps: int | None = None
    inputbw_bps: int | None = None
    oheadbw: int | None = None
    fc: int | None = None
    rcvbuf_bytes: int | None = None
    packetfilter: str | None = None
    tlpktdrop: bool | None = None
    minversion: int | None = None
    max_clients: int | None = None
    data_timeout_us: int | None = None
    reconnect: Backoff | None = None
    text: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class FileUrl:
    """A file, or whatever else a path leads to."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class PipeUrl:
    """Standard input as a source, standard output as a sink."""

    def __str__(self) -> str:
        return "-"


@dataclass(frozen=True, slots=True)
class NullUrl:
    """A sink that takes everything and keeps nothing, for measuring."""

    def __str__(self) -> str:
        return "null:"


Url: TypeAlias = UdpUrl | RtpUrl | SrtUrl | FileUrl | PipeUrl | NullUrl

_Parser: TypeAlias = Callable[[str], Any]
_Keys: TypeAlias = Mapping[str, tuple[str, _Parser]]


def _parse_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        raise ValueError("is not an IP address") from None


def _parse_address_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon:
        raise ValueError("is not ADDR:PORT")
    return _parse_address(host), q.parse_integer(1, 65_535)(port)


_DATAGRAM_KEYS: _Keys = {
    "iface": ("iface", q.parse_text),
    "localaddr": ("localaddr", _parse_address),
    "source": ("source", _parse_address),
    "ttl": ("ttl", q.parse_integer(0, 255)),
    "dscp": ("tos", q.parse_dscp),
    "tos": ("tos", q.parse_integer(0, 255)),
    "rcvbuf": ("rcvbuf_bytes", q.parse_size),
    "buffer_size": ("rcvbuf_bytes", q.parse_size),
    "sndbuf": ("sndbuf_bytes", q.parse_size),
    "pkt_size": ("pkt_size", q.parse_pkt_size),
    "reuse": ("reuse", q.parse_switch),
    "loop": ("loop", q.parse_switch),
    "timeout": ("timeout_us", q.parse_duration),
    "gather": ("gather_us", q.parse_gather),
    "drop_null": ("drop_null", q.parse_switch),
    "gso": ("gso", q.parse_switch),
    "pace": ("pace", q.parse_pace),
}
_RTP_KEYS: _Keys = {
    **_DATAGRAM_KEYS,
    "pt": ("pt", q.parse_integer(0, 127)),
    "ssrc": ("ssrc", q.parse_integer(0, 0xFFFF_FFFF)),
    "reorder": ("reorder", q.parse_integer(0, 4096)),
    "fec": ("fec", q.parse_fec),
    "alt": ("alt", _parse_address_and_port),
    "skew": ("skew_us", q.parse_duration),
}
_SRT_KEYS: _Keys = {
    "mode": ("mode", q.parse_choice("caller", "listener", "rendezvous")),
    "latency": ("latency_us", q.parse_duration),
    "rcvlatency": ("rcvlatency_us", q.parse_duration),
    "peerlatency": ("peerlatency_us", q.parse_duration),
    "streamid": ("streamid", q.parse_streamid),
    "passphrase": ("passphrase", q.parse_passphrase),
    "passphrase_file": ("passphrase_file", q.parse_text),
    "passphrase_env": ("passphrase_env", q.parse_text),
    "pbkeylen": ("pbkeylen", lambda text: int(q.parse_choice("0", "16", "24", "32")(text))),
    "adapter": ("adapter", _parse_address),
    "localport": ("localport", q.parse_integer(1, 65_535)),
    "conntimeo": ("conntimeo_us", q.parse_duration),
    "peeridletimeo": ("peeridletimeo_us", q.parse_duration),
    "maxbw": ("maxbw_bps", q.parse_bandwidth),
    "inputbw": ("inputbw_bps", q.parse_bandwidth),
    "oheadbw": ("oheadbw", q.parse_integer(5, 100)),
    "fc": ("fc", q.parse_integer(32, 0x7FFF_FFFF)),
    "rcvbuf": ("rcvbuf_bytes", q.parse_size),
    "packetfilter": ("packetfilter", q.parse_text),
    "tlpktdrop": ("tlpktdrop", q.parse_switch),
    "minversion": ("minversion", q.parse_version),
    "max_clients": ("max_clients", q.parse_integer(1, 10_000)),
    "data_timeout": ("data_timeout_us", q.parse_duration),
    "reconnect": ("reconnect", q.parse_backoff),
}
# Of each group one key at the most; what shares a field is caught without being named here.
_DATAGRAM_EITHER = (("iface", "localaddr"),)
_SRT_EITHER = (("passphrase", "passphrase_file", "passphrase_env"),)
_SECRET_KEYS = frozenset({"passphrase"})

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def parse_url(text: str) -> Url:
    """The value of a URL or path; `UrlError` tells what is wrong with it.

    Messages and values never show a passphrase: `str()` of the result has *** in its place.
    """
    if not text:
        raise UrlError("an empty URL")
    if "\0" in text:
        raise UrlError("a URL has no NUL in it")
    if text in ("-", "pipe:"):
        return PipeUrl()
    if text == "null:":
        return NullUrl()
    if text.startswith("file:"):
        return _parse_file(text)
    scheme = _SCHEME.match(text)
    if scheme is not None:
        return _parse_network(scheme[1].lower(), text)
    for name in ("udp", "rtp", "srt"):
        if text.lower().startswith(f"{name}:"):
            raise UrlError(f"{name}: is followed by //", url=_without_query(text))
    return FileUrl(text)


def _parse_file(text: str) -> FileUrl:
    path = text.removeprefix("file:")
    if path.startswith("//"):
        path = path.removeprefix("//")
        if not path.startswith("/"):
            raise UrlError("a file URL names no host: file:PATH or file:///PATH", url=text)
    if not path:
        raise UrlError("file: is followed by a path", url=text)
    return FileUrl(path)


def _parse_network(scheme: str, text: str) -> Url:
    if scheme not in ("udp", "rtp", "srt"):
        raise UrlError(
            f"unknown scheme {scheme}; known are udp, rtp, srt, file, pipe",
            url=_without_query(text),
        )
    if "#" in text:
        raise UrlError("a # is written %23", url=_without_query(text))
    authority, _, query = text[len(scheme) + 3 :].partition("?")
    try:
        if scheme == "srt":
            return _parse_srt(authority, query, redact(text))
        keys = _RTP_KEYS if scheme == "rtp" else _DATAGRAM_KEYS
        source, host, port = _split_authority(authority)
        fields = _parse_query(query, keys, _DATAGRAM_EITHER)
        if source is not None and fields.setdefault("source", source) != source:
            raise ValueError(f"source= and {source}@ name different sources")
        _check_source(host, fields.get("source"))
        kind = RtpUrl if scheme == "rtp" else UdpUrl
        return kind(host, port, text=text, **fields)
    except ValueError as error:
        raise UrlError(str(error), url=_without_query(text)) from None


def _parse_srt(authority: str, query: str, text: str) -> SrtUrl:
    source, host, port = _split_authority(authority)
    if source is not None:
        raise ValueError("an srt URL has no SRC@; use adapter=")
    fields = _parse_query(query, _SRT_KEYS, _SRT_EITHER)
    mode = fields.pop("mode", None)
    if mode is None:
        mode = "listener" if not host else "rendezvous" if "adapter" in fields else "caller"
    if mode != "listener":
        if not host or not port:
            raise ValueError(f"an srt {mode} needs HOST:PORT")
        if "max_clients" in fields:
            raise ValueError("max_clients= is for a listener")
    return SrtUrl(host, port, cast(SrtMode, mode), text=text, **fields)


def _split_authority(authority: str) -> tuple[str | None, str, int]:
    """Source, host and port of `[SRC@][HOST]:PORT`."""
    if "/" in authority:
        raise ValueError(f"after the port comes ? or nothing, not {authority.partition('/')[2]!r}")
    source, at, rest = authority.rpartition("@")
    host, colon, port = rest.rpartition(":")
    if not colon or port.endswith("]"):
        raise ValueError("the port is missing: HOST:PORT")
    if host.startswith("[") and host.endswith("]"):
        host = _scoped_ipv6(host[1:-1])
    elif ":" in host or "[" in host or "]" in host:
        raise ValueError(f"an IPv6 address stands in brackets: [{host.strip('[]')}]:{port}")
    elif re.search(r"\s", host):
        raise ValueError(f"{host!r} is no host name")
    try:
        number = q.parse_integer(0, 65_535)(port)
    except ValueError as error:
        raise ValueError(f"port {port!r} {error}") from None
    return (_parse_address(source) if at and source else None), host, number


def _scoped_ipv6(host: str) -> str:
    """The address, with its %interface if it has one (RFC 6874 writes the % as %25)."""
    try:
        return str(ipaddress.IPv6Address(host.replace("%25", "%", 1)))
    except ValueError:
        raise ValueError(f"{host!r} is not an IPv6 address") from None


def _check_source(host: str, source: str | None) -> None:
    if source is None:
        return
    try:
        group = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError("a source filter goes with the address of a multicast group") from None
    if not group.is_multicast:
        raise ValueError(f"a source filter goes with a multicast group, which {host} is not")
    if group.version != ipaddress.ip_address(source).version:
        raise ValueError("source and group are of different IP versions")


def _parse_query(query: str, keys: _Keys, either: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """Field values by field name."""
    fields: dict[str, Any] = {}
    said: dict[str, str] = {}
    for part in query.split("&") if query else ():
        key, _, raw = part.partition("=")
        if key not in keys:
            raise ValueError(_describe_unknown(key, keys))
        field, parse = keys[key]
        if field in said:
            both = f"{said[field]}= and {key}=" if said[field] != key else f"{key}= twice"
            raise ValueError(f"{both}; one is enough")
        said[field] = key
        fields[field] = _parse_value(key, raw, parse)
    for group in either:
        given = [key for key in group if key in said.values()]
        if len(given) > 1:
            raise ValueError(f"{'= and '.join(given)}=; one is enough")
    return fields


def _parse_value(key: str, raw: str, parse: _Parser) -> Any:
    shown = "***" if key in _SECRET_KEYS else raw
    try:
        value = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"{key}={shown}: is not UTF-8") from None
    try:
        return parse(value)
    except ValueError as error:
        raise ValueError(f"{key}={shown}: {error}") from None


def _describe_unknown(key: str, keys: _Keys) -> str:
    near = difflib.get_close_matches(key, keys, n=1)
    meant = f" (did you mean {near[0]}=?)" if near else ""
    return f"unknown key {key!r}{meant}; known are {', '.join(keys)}"


def _without_query(text: str) -> str:
    # Keys may be misspelt and then hold a secret all the same: messages show no query at all.
    return text.partition("?")[0]


def redact(text: str) -> str:
    """The text of a URL with *** in the place of its passphrase."""
    return re.sub(r"([?&]passphrase=)[^&]*", r"\1***", text)
