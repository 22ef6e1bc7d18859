"""From an SRT URL to the options of a socket; names and numbers are libsrt's SRTO_..."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tsloom.errors import OpenError, UrlError
from tsloom.io.quantities import Secret, parse_passphrase
from tsloom.io.refusals import open_error

if TYPE_CHECKING:
    from tsloom._native.srt import SrtSocket
    from tsloom.io.url import SrtUrl


class Option(enum.IntEnum):
    """SRT_SOCKOPT, as far as it is used."""

    FC = 4
    SNDBUF = 5
    RCVBUF = 6
    RENDEZVOUS = 12
    MAXBW = 16
    INPUTBW = 24
    OHEADBW = 25
    PASSPHRASE = 26
    PBKEYLEN = 27
    KMSTATE = 28
    TLPKTDROP = 31
    CONNTIMEO = 36
    RCVLATENCY = 43
    PEERLATENCY = 44
    MINVERSION = 45
    STREAMID = 46
    PAYLOADSIZE = 49
    IPV6ONLY = 54
    PEERIDLETIMEO = 55
    PACKETFILTER = 60


_LONG = frozenset({Option.MAXBW, Option.INPUTBW})
# A packet takes this much of a buffer: the MSS without IP and UDP headers.
_UNIT_BYTES = 1472
_PAYLOAD_BYTES = 1316
_DEFAULT_LATENCY_US = 120_000
# What the library has without being asked; less than that saves nothing.
_LEAST_PACKETS = 8_192
_LEAST_FC = 25_600
# Where no rate is given: buffers grow only as they fill.
_ASSUMED_BPS = 1_000_000_000
_ASSUMED_RTT_US = 100_000


@dataclass(frozen=True, slots=True)
class Buffers:
    """Flow window in packets, buffers in bytes."""

    fc: int
    buffer_bytes: int


def size_buffers(rate_bps: int, latency_us: int) -> Buffers:
    """Room for what is under way and waiting at this rate and latency."""
    waiting_us = latency_us + _ASSUMED_RTT_US
    packets = max(_LEAST_PACKETS, rate_bps * waiting_us // (8 * 1_000_000 * _PAYLOAD_BYTES))
    buffer_bytes = min(packets * _UNIT_BYTES, 2**31 - 1)
    return Buffers(max(_LEAST_FC, packets * 5 // 4), buffer_bytes)


def _milliseconds(duration_us: int) -> int:
    return -(-duration_us // 1000)


def _bytes_per_second(rate_bps: int) -> int:
    """SRT counts bytes; 0 and -1 mean what SRT has them mean."""
    return rate_bps if rate_bps <= 0 else max(1, rate_bps // 8)


def longest_latency_us(url: SrtUrl) -> int:
    """The latency either end may ask for by this URL."""
    given = (url.latency_us, url.rcvlatency_us, url.peerlatency_us)
    return max((each for each in given if each is not None), default=_DEFAULT_LATENCY_US)


def make_options(url: SrtUrl) -> dict[Option, int | bytes | Secret]:
    """The options in the order in which they are set: FC bounds RCVBUF."""
    rates = [rate for rate in (url.inputbw_bps, url.maxbw_bps) if rate is not None and rate > 0]
    buffers = size_buffers(max(rates, default=_ASSUMED_BPS), longest_latency_us(url))
    latency = url.latency_us
    rcvlatency = url.rcvlatency_us if url.rcvlatency_us is not None else latency
    peerlatency = url.peerlatency_us if url.peerlatency_us is not None else latency
    fc = buffers.fc if url.rcvbuf_bytes is None else max(_LEAST_FC, url.rcvbuf_bytes // _UNIT_BYTES)
    wanted: dict[Option, int | bytes | Secret | None] = {
        Option.FC: url.fc or fc,
        Option.RCVBUF: url.rcvbuf_bytes or buffers.buffer_bytes,
        Option.SNDBUF: buffers.buffer_bytes,
        Option.RCVLATENCY: None if rcvlatency is None else _milliseconds(rcvlatency),
        Option.PEERLATENCY: None if peerlatency is None else _milliseconds(peerlatency),
        Option.CONNTIMEO: None if url.conntimeo_us is None else _milliseconds(url.conntimeo_us),
        Option.PEERIDLETIMEO: (
            None if url.peeridletimeo_us is None else _milliseconds(url.peeridletimeo_us)
        ),
        Option.MAXBW: None if url.maxbw_bps is None else _bytes_per_second(url.maxbw_bps),
        Option.INPUTBW: None if url.inputbw_bps is None else _bytes_per_second(url.inputbw_bps),
        Option.OHEADBW: url.oheadbw,
        Option.TLPKTDROP: None if url.tlpktdrop is None else int(url.tlpktdrop),
        Option.MINVERSION: url.minversion,
        Option.PACKETFILTER: None if url.packetfilter is None else url.packetfilter.encode(),
        Option.PBKEYLEN: url.pbkeylen,
        Option.PASSPHRASE: read_passphrase(url),
        Option.RENDEZVOUS: 1 if url.mode == "rendezvous" else None,
        Option.STREAMID: (
            url.streamid.encode() if url.streamid is not None and url.mode == "caller" else None
        ),
    }
    return {option: value for option, value in wanted.items() if value is not None}


def read_passphrase(url: SrtUrl) -> Secret | None:
    """From the URL, the file or the environment, whichever is named."""
    if url.passphrase is not None:
        return url.passphrase
    if url.passphrase_file is not None:
        try:
            text = Path(url.passphrase_file).read_text(encoding="utf-8")
        except OSError as error:
            reason = f"passphrase_file={url.passphrase_file} cannot be read"
            raise open_error("open", url, error.errno or 0, reason) from None
        except UnicodeDecodeError:
            raise UrlError("passphrase_file= is not UTF-8", url=str(url)) from None
        return _check_passphrase(url, "passphrase_file", text.rstrip("\r\n"))
    if url.passphrase_env is not None:
        value = os.environ.get(url.passphrase_env)
        if value is None:
            raise UrlError(f"passphrase_env={url.passphrase_env} is not set", url=str(url))
        return _check_passphrase(url, "passphrase_env", value)
    return None


def _check_passphrase(url: SrtUrl, key: str, text: str) -> Secret:
    try:
        return parse_passphrase(text)
    except ValueError as error:
        raise UrlError(f"{key}=: {error}", url=str(url)) from None


def apply_options(
    socket: SrtSocket, options: dict[Option, int | bytes | Secret], url: SrtUrl
) -> None:
    """Sets them all; `UrlError` says which the library does not take."""
    for option, value in options.items():
        try:
            if isinstance(value, Secret):
                socket.set_text(option, value.reveal().encode())
            elif isinstance(value, bytes):
                socket.set_text(option, value)
            elif option in _LONG:
                socket.set_long_number(option, value)
            else:
                socket.set_number(option, value)
        except OpenError as error:
            name = option.name.lower()
            raise UrlError(f"{name}= is refused by libsrt: {error.args[0]}", url=str(url)) from None
