from __future__ import annotations

import dataclasses
import ipaddress
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsloom.errors import UrlError
from tsloom.io import open_sink, open_source
from tsloom.io.quantities import Backoff, Pace
from tsloom.io.url import FileUrl, NullUrl, PipeUrl, RtpUrl, SrtUrl, UdpUrl, parse_url

SECRET = "correct horse battery"


def given_fields(url: object) -> dict[str, object]:
    """What a URL says besides host, port, mode and its own text."""
    assert dataclasses.is_dataclass(url)
    return {
        field.name: value
        for field in dataclasses.fields(url)
        if field.name not in ("host", "port", "mode", "text", "_")
        and (value := getattr(url, field.name)) is not None
    }


@pytest.mark.parametrize(
    ("text", "host", "port", "source"),
    [
        ("udp://:5000", "", 5000, None),
        ("udp://@:5000", "", 5000, None),
        ("udp://239.1.1.1:1234", "239.1.1.1", 1234, None),
        ("udp://@239.1.1.1:1234", "239.1.1.1", 1234, None),
        ("udp://10.0.0.1@232.1.1.1:1234", "232.1.1.1", 1234, "10.0.0.1"),
        ("udp://[::1]:5000", "::1", 5000, None),
        ("udp://@[ff3e::8000:1]:5000", "ff3e::8000:1", 5000, None),
        ("udp://[2001:db8::7]@[ff3e::8000:1]:5000", "ff3e::8000:1", 5000, "2001:db8::7"),
        ("udp://[fe80::1%25eth0]:5000", "fe80::1%eth0", 5000, None),
        ("udp://[fe80::1%eth0]:5000", "fe80::1%eth0", 5000, None),
        ("udp://encoder.example:0", "encoder.example", 0, None),
        ("UDP://encoder.example:65535", "encoder.example", 65535, None),
    ],
)
def test_host_port_and_source_of_udp(text: str, host: str, port: int, source: str | None) -> None:
    url = parse_url(text)
    assert isinstance(url, UdpUrl)
    assert (url.host, url.port, url.source) == (host, port, source)
    assert str(url) == text


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("iface=eth1", {"iface": "eth1"}),
        ("localaddr=10.0.0.1", {"localaddr": "10.0.0.1"}),
        ("ttl=16&loop=0", {"ttl": 16, "loop": False}),
        ("dscp=46", {"tos": 0xB8}),
        ("tos=0xb8", {"tos": 0xB8}),
        ("rcvbuf=8M", {"rcvbuf_bytes": 8_000_000}),
        ("buffer_size=8Mi", {"rcvbuf_bytes": 8 << 20}),
        ("sndbuf=262144", {"sndbuf_bytes": 262_144}),
        ("pkt_size=188", {"pkt_size": 188}),
        ("reuse", {"reuse": True}),
        ("reuse=off", {"reuse": False}),
        ("timeout=500", {"timeout_us": 500_000}),
        ("timeout=1.5s", {"timeout_us": 1_500_000}),
        ("timeout=800us", {"timeout_us": 800}),
        ("timeout=20000", {"timeout_us": 20_000_000}),
        ("gather=500us&gso=0", {"gather_us": 500, "gso": False}),
        ("gather=10ms", {"gather_us": 10_000}),
        ("drop_null=1&pace=pcr", {"drop_null": True, "pace": Pace("pcr")}),
        ("pace=cbr:5.2M", {"pace": Pace("cbr", 5_200_000)}),
        ("pace=cbr:800k", {"pace": Pace("cbr", 800_000)}),
        ("pace=off", {"pace": Pace("off")}),
    ],
)
def test_keys_of_udp(query: str, fields: dict[str, object]) -> None:
    assert given_fields(parse_url(f"udp://239.1.1.1:1234?{query}")) == fields
    assert given_fields(parse_url(f"rtp://239.1.1.1:1234?{query}")) == fields


def test_datagrams_wait_for_others_for_10_ms_at_the_most() -> None:
    with pytest.raises(UrlError, match="10ms"):
        parse_url("udp://239.1.1.1:1234?gather=20ms")


def test_gather_is_for_inputs_and_gso_for_outputs() -> None:
    with pytest.raises(UrlError, match="gso"):
        open_source("udp://127.0.0.1:0?gso=0")
    with pytest.raises(UrlError, match="gather"):
        open_sink("udp://127.0.0.1:1234?gather=1ms")


def test_keys_of_rtp() -> None:
    url = parse_url(
        "rtp://10.0.0.1@232.0.0.1:5004?pt=33&ssrc=0xdeadbeef&reorder=32&fec=10x5"
        "&alt=[2001:db8::1]:5006&skew=50"
    )
    assert isinstance(url, RtpUrl)
    assert given_fields(url) == {
        "source": "10.0.0.1",
        "pt": 33,
        "ssrc": 0xDEADBEEF,
        "reorder": 32,
        "fec": (10, 5),
        "alt": ("2001:db8::1", 5006),
        "skew_us": 50_000,
    }


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("srt://:9000", "listener"),
        ("srt://host:9000", "caller"),
        ("srt://host:9000?adapter=10.0.0.1", "rendezvous"),
        ("srt://10.0.0.1:9000?mode=listener", "listener"),
        ("srt://host:9000?mode=caller&adapter=10.0.0.1", "caller"),
    ],
)
def test_mode_of_srt_follows_from_host_and_adapter(text: str, mode: str) -> None:
    url = parse_url(text)
    assert isinstance(url, SrtUrl)
    assert url.mode == mode


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("latency=200", {"latency_us": 200_000}),
        ("rcvlatency=80ms&peerlatency=1s", {"rcvlatency_us": 80_000, "peerlatency_us": 1_000_000}),
        ("streamid=%23!::r=a/b,m=publish", {"streamid": "#!::r=a/b,m=publish"}),
        ("passphrase_file=/run/key&pbkeylen=32", {"passphrase_file": "/run/key", "pbkeylen": 32}),
        ("passphrase_env=KEY", {"passphrase_env": "KEY"}),
        ("localport=9001&fc=60000", {"localport": 9001, "fc": 60_000}),
        ("conntimeo=3s", {"conntimeo_us": 3_000_000}),
        ("peeridletimeo=5s", {"peeridletimeo_us": 5_000_000}),
        ("maxbw=-1&oheadbw=25", {"maxbw_bps": -1, "oheadbw": 25}),
        ("inputbw=20M", {"inputbw_bps": 20_000_000}),
        ("packetfilter=fec,cols:10", {"packetfilter": "fec,cols:10"}),
        ("tlpktdrop=0&minversion=1.4.2", {"tlpktdrop": False, "minversion": 0x010402}),
        ("data_timeout=500", {"data_timeout_us": 500_000}),
        ("reconnect=500ms..10s", {"reconnect": Backoff(500_000, 10_000_000)}),
        ("reconnect=2s", {"reconnect": Backoff(2_000_000, 2_000_000)}),
    ],
)
def test_keys_of_srt(query: str, fields: dict[str, object]) -> None:
    assert given_fields(parse_url(f"srt://host:9000?{query}")) == fields


def test_max_clients_is_for_a_listener() -> None:
    assert given_fields(parse_url("srt://:9000?max_clients=5")) == {"max_clients": 5}
    with pytest.raises(UrlError, match="max_clients= is for a listener"):
        parse_url("srt://host:9000?max_clients=5")


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("-", PipeUrl()),
        ("pipe:", PipeUrl()),
        ("null:", NullUrl()),
        ("in.ts", FileUrl("in.ts")),
        ("/a/b c?d#e.ts", FileUrl("/a/b c?d#e.ts")),
        ("file:in.ts", FileUrl("in.ts")),
        ("file:///a/%20.ts", FileUrl("/a/%20.ts")),
        ("file:udp://x", FileUrl("udp://x")),
        ("a:b.ts", FileUrl("a:b.ts")),
    ],
)
def test_paths_and_pipes(text: str, url: object) -> None:
    assert parse_url(text) == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("a\0b", "NUL"),
        ("file:", "followed by a path"),
        ("file://host/x.ts", "names no host"),
        ("http://host/x.ts", "unknown scheme http"),
        ("udp:239.1.1.1:1234", "udp: is followed by //"),
        ("udp://239.1.1.1", "the port is missing"),
        ("udp://[::1]", "the port is missing"),
        ("udp://h:65536", "port '65536' is not within 0 to 65535"),
        ("udp://h:١٢", "is not a number"),
        ("udp://h:-1", "is not a number"),
        ("udp://h:5/", "after the port"),
        ("udp://::1:5000", r"stands in brackets: \[::1\]:5000"),
        ("udp://[::g]:5000", "is not an IPv6 address"),
        ("udp://a b:5000", "is no host name"),
        ("udp://x@232.1.1.1:5", "is not an IP address"),
        ("udp://10.0.0.1@10.0.0.2:5", "which 10.0.0.2 is not"),
        ("udp://10.0.0.1@h:5", "goes with the address of a multicast group"),
        ("udp://10.0.0.1@[ff3e::1]:5", "different IP versions"),
        ("udp://10.0.0.1@232.1.1.1:5?source=10.0.0.2", "name different sources"),
        ("udp://h:5?ttl=256", "ttl=256: is not within 0 to 255"),
        ("udp://h:5?ttl=", "ttl=: is not a number"),
        ("udp://h:5?dscp=64", "within 0 to 63"),
        ("udp://h:5?dscp=1&tos=4", "dscp= and tos=; one is enough"),
        ("udp://h:5?ttl=1&ttl=2", "ttl= twice"),
        ("udp://h:5?iface=a&localaddr=1.2.3.4", "iface= and localaddr=; one is enough"),
        ("udp://h:5?pkt_size=1400", "whole packets of 188 bytes; 1316 would be"),
        ("udp://h:5?reuse=maybe", "a switch is 1 or 0"),
        ("udp://h:5?rcvbuf=8X", "a size is a number of bytes"),
        ("udp://h:5?rcvbuf=2G", "1 byte to 1 GiB"),
        ("udp://h:5?timeout=5m", "a number with us, ms or s"),
        ("udp://h:5?timeout=20001", "write 20001us or 20001ms"),
        ("udp://h:5?pace=cbr", "a rate is a number"),
        ("udp://h:5?pace=cbr:0", "1 bit to 10G a second"),
        ("udp://h:5?pace=fast", "a pace is pcr, cbr:RATE or off"),
        ("udp://h:5?pt=33", "unknown key 'pt'"),
        ("udp://h:5?overrun_nonfatal=1", "unknown key 'overrun_nonfatal'; known are iface,"),
        ("udp://h:5?buffersize=1", r"did you mean buffer_size=\?"),
        ("udp://h:5?&", "unknown key ''"),
        ("udp://h:5?iface=%ff", "is not UTF-8"),
        ("udp://h:5#x", "a # is written %23"),
        ("rtp://h:5?fec=21x5", "SMPTE 2022-1 allows"),
        ("rtp://h:5?fec=10", "columns x rows"),
        ("rtp://h:5?pt=128", "within 0 to 127"),
        ("rtp://h:5?alt=10.0.0.1", "is not ADDR:PORT"),
        ("srt://:9000?mode=caller", "an srt caller needs HOST:PORT"),
        ("srt://a@h:9000", "is not an IP address"),
        ("srt://1.2.3.4@h:9000", "has no SRC@"),
        ("srt://h:9?latency=120000", "write 120000us or 120000ms"),
        ("srt://h:9?pbkeylen=20", "is not one of 0, 16, 24, 32"),
        ("srt://h:9?maxbw=2500000", "with k, M or G"),
        ("srt://h:9?minversion=1.5", "three numbers"),
        ("srt://h:9?reconnect=10s..1s", "the longest wait comes second"),
        ("srt://h:9?streamid=#!::r=x", "a # is written %23"),
        ("srt://h:9?streamid=" + "x" * 513, "512 bytes at most"),
        ("srt://h:9?mode=talker", "is not one of caller, listener, rendezvous"),
    ],
)
def test_what_the_grammar_does_not_allow_is_named(text: str, reason: str) -> None:
    with pytest.raises(UrlError, match=reason):
        parse_url(text)


def test_passphrase_shows_in_no_text_of_the_url() -> None:
    url = parse_url(f"srt://h:9?latency=20&passphrase={quote(SECRET)}&streamid=x")
    assert isinstance(url, SrtUrl)
    assert url.passphrase is not None
    assert url.passphrase.reveal() == SECRET
    assert str(url) == "srt://h:9?latency=20&passphrase=***&streamid=x"
    for shown in (repr(url), repr(url.passphrase), str(url.passphrase), f"{url}"):
        assert "horse" not in shown


@pytest.mark.parametrize(
    "query",
    [
        "passphrase=horse",
        "pasphrase=correcthorsebattery",
        "passphrase=correcthorsebattery&passphrase=correcthorsebattery",
        "passphrase=correcthorsebattery&passphrase_env=KEY",
        "passphrase=correcthorsebattery&latency=x",
        "passphrase=correcthorse%ff",
        "passphrase=correct#horse",
    ],
)
def test_passphrase_shows_in_no_error(query: str) -> None:
    with pytest.raises(UrlError) as caught:
        parse_url(f"srt://h:9?{query}")
    assert "horse" not in str(caught.value)
    assert "horse" not in repr(caught.value.facts)


printable = st.text(st.sampled_from(string.printable + "é\0"), max_size=60)


@given(text=printable)
def test_any_text_is_a_url_or_an_url_error(text: str) -> None:
    for candidate in (text, f"udp://{text}", f"rtp://h:5?{text}", f"srt://h:5?{text}"):
        try:
            url = parse_url(candidate)
        except UrlError:
            continue
        if isinstance(url, FileUrl):
            assert candidate in (url.path, f"file:{url.path}", f"file://{url.path}")


@given(address=st.ip_addresses(), port=st.integers(0, 65_535))
def test_every_numeric_address_and_port_is_read(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int
) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    url = parse_url(f"udp://{host}:{port}")
    assert isinstance(url, UdpUrl)
    assert ipaddress.ip_address(url.host) == address
    assert url.port == port


@given(value=st.text(min_size=1, max_size=100).filter(lambda value: "\0" not in value))
def test_any_value_survives_quoting(value: str) -> None:
    try:
        quoted = quote(value, safe="")
    except UnicodeEncodeError:
        return
    url = parse_url(f"srt://h:9?streamid={quoted}&packetfilter={quoted}")
    assert isinstance(url, SrtUrl)
    assert (url.streamid, url.packetfilter) == (value, value)


@given(microseconds=st.integers(0, 10**12))
def test_durations_are_exact(microseconds: int) -> None:
    for text in (
        f"{microseconds}us",
        f"{microseconds // 1000}.{microseconds % 1000:03}ms",
        f"{microseconds // 10**6}.{microseconds % 10**6:06}s",
    ):
        url = parse_url(f"udp://h:5?timeout={text}")
        assert isinstance(url, UdpUrl)
        assert url.timeout_us == microseconds
