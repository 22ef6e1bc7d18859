"""Multicast over the loopback interface, which every Linux has."""

from __future__ import annotations

import socket

import pytest

from tests.unit.io.loopback import ROOM, open_udp_sink, open_udp_source, packets, receive


@pytest.mark.parametrize(
    ("receiver", "sender"),
    [
        ("239.255.7.7:0?iface=lo", "239.255.7.7:{port}?iface=lo"),
        ("239.255.7.7:0?localaddr=127.0.0.1", "239.255.7.7:{port}?localaddr=127.0.0.1&ttl=2"),
        ("127.0.0.1@232.1.7.7:0?iface=lo", "232.1.7.7:{port}?localaddr=127.0.0.1"),
        ("@239.255.7.7:0?iface=127.0.0.1", "239.255.7.7:{port}?iface=127.0.0.1&loop=1"),
    ],
)
def test_multicast_over_the_loopback_interface(receiver: str, sender: str) -> None:
    with open_udp_source(f"udp://{receiver}") as source:
        port = source.local_address[1]
        with open_udp_sink(f"udp://{sender.format(port=port)}") as sink:
            sink.write(packets(21))
        assert receive(source, 21 * 188) == packets(21)


def test_a_source_filter_lets_no_other_sender_through() -> None:
    with open_udp_source("udp://127.0.0.9@232.1.7.8:0?iface=lo", timeout=0.05) as source:
        port = source.local_address[1]
        for address in ("127.0.0.1", "127.0.0.9"):
            with open_udp_sink(f"udp://232.1.7.8:{port}?iface=lo") as sink:
                del sink
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((address, 0))
                sender.setsockopt(
                    socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1")
                )
                sender.sendto(packets(1, pid=int(address[-1])), ("232.1.7.8", port))
        assert receive(source, 188 * 2) == packets(1, pid=9)


def test_many_sources_may_join_one_group() -> None:
    with open_udp_source("udp://239.255.7.9:0?iface=lo") as first:
        port = first.local_address[1]
        with open_udp_source(f"udp://239.255.7.9:{port}?iface=lo") as second:
            with open_udp_sink(f"udp://239.255.7.9:{port}?iface=lo") as sink:
                sink.write(packets(7))
            assert receive(first, 1316) == receive(second, 1316) == packets(7)


def test_a_group_that_others_joined_is_not_heard() -> None:
    with (
        open_udp_source("udp://239.255.7.10:0?iface=lo") as other,
        open_udp_source(
            f"udp://239.255.7.11:{other.local_address[1]}?iface=lo", timeout=0.02
        ) as mine,
    ):
        with open_udp_sink(f"udp://239.255.7.10:{other.local_address[1]}?iface=lo") as sink:
            sink.write(packets(7))
        assert receive(other, 1316) == packets(7)
        assert mine.readinto(bytearray(ROOM)) is None
