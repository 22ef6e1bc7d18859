"""Multicast between two network namespaces, over a veth pair."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
    pytest.mark.skipif(shutil.which("ip") is None, reason="needs iproute2"),
]

RECEIVE = """
import sys
from tsloom.io import open_source
with open_source(sys.argv[1]) as source:
    print("ready", flush=True)
    buffer = bytearray(400_000)
    received = b""
    for _ in range(150):
        size = source.readinto(buffer)
        received += buffer[: size or 0]
        if size == 0 or len(received) >= 700 * 188:
            break
    stats = source.stats
    print(len(received), set(received[1::188]), stats.datagrams, stats.odd_datagrams)
"""
SEND = """
import sys
from tsloom.io import open_sink
with open_sink(sys.argv[1], source_is_live=True) as sink:
    sink.write((bytes((0x47, int(sys.argv[2]), 0, 16)) + bytes(184)) * 700)
"""

WRITE_ON_DEMAND = """
import sys
from tsloom.io import open_sink
with open_sink(sys.argv[1], source_is_live=True) as sink:
    for _ in sys.stdin:
        sink.write((bytes((0x47, 7, 0, 16)) + bytes(184)) * 70)
        print(sink.stats.datagrams, sink.stats.lost_datagrams, sink.stats.last_errno, flush=True)
"""


class Namespaces:
    """a (10.99.7.1, fd99:7::1, interface left) and b (10.99.7.2, fd99:7::2, interface right)."""

    def __init__(self) -> None:
        self.names = {end: f"tsloom-{os.getpid()}-{end}" for end in ("a", "b")}

    def ip(self, *arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    def make(self) -> None:
        a, b = self.names["a"], self.names["b"]
        self.ip("netns", "add", a)
        self.ip("netns", "add", b)
        self.ip("-n", a, "link", "add", "left", "type", "veth", "peer", "name", "right", "netns", b)
        for name, link, number in ((a, "left", 1), (b, "right", 2)):
            self.ip("-n", name, "addr", "add", f"10.99.7.{number}/24", "dev", link)
            self.ip("-n", name, "addr", "add", f"fd99:7::{number}/64", "dev", link, "nodad")
            self.ip("-n", name, "link", "set", link, "up")
            self.ip("-n", name, "link", "set", "lo", "up")

    def remove(self) -> None:
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def start(self, end: str, code: str, *arguments: str) -> subprocess.Popen[str]:
        command = ["ip", "netns", "exec", self.names[end], sys.executable, "-c", code, *arguments]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def namespaces() -> Iterator[Namespaces]:
    namespaces = Namespaces()
    try:
        namespaces.make()
    except subprocess.CalledProcessError as error:
        namespaces.remove()
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    yield namespaces
    namespaces.remove()


@pytest.mark.parametrize(
    ("receiver", "sender"),
    [
        ("udp://239.7.7.7:5000?iface=right", "udp://239.7.7.7:5000?iface=left&ttl=2"),
        ("udp://239.7.7.7:5000?localaddr=10.99.7.2", "udp://239.7.7.7:5000?localaddr=10.99.7.1"),
        ("udp://10.99.7.1@232.7.7.7:5000?iface=right", "udp://232.7.7.7:5000?iface=left"),
        ("udp://[ff15::7]:5000?iface=right", "udp://[ff15::7]:5000?iface=left"),
        ("udp://[ff12::7]:5000?iface=right", "udp://[ff12::7%25left]:5000"),
        (
            "udp://[fd99:7::1]@[ff35::7]:5000?iface=right",
            "udp://[ff35::7]:5000?localaddr=fd99:7::1",
        ),
        ("udp://:5000", "udp://10.99.7.2:5000?ttl=3&dscp=34"),
        ("udp://:5000?iface=right", "udp://[fd99:7::2]:5000?ttl=3&dscp=34&iface=left"),
    ],
)
def test_a_group_reaches_over_the_wire(namespaces: Namespaces, receiver: str, sender: str) -> None:
    with namespaces.start("b", RECEIVE, receiver) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        with namespaces.start("a", SEND, sender, "7") as sending:
            assert sending.wait() == 0
        assert listening.stdout.read() == f"{700 * 188} {{7}} 100 0\n"


def test_another_source_than_the_one_asked_for_is_not_heard(namespaces: Namespaces) -> None:
    url = "udp://10.99.7.9@232.7.7.9:5000?iface=right&timeout=300ms"
    with namespaces.start("b", RECEIVE, url) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        with namespaces.start("a", SEND, "udp://232.7.7.9:5000?iface=left", "7") as sending:
            assert sending.wait() == 0
        assert listening.stdout.read() == "0 set() 0 0\n"


def ask(child: subprocess.Popen[str]) -> list[int]:
    """One more write of ten datagrams; sent, lost, and the last errno, so far."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return [int(number) for number in child.stdout.readline().split()]


def test_a_link_that_goes_down_and_up_costs_the_datagrams_of_that_time(
    namespaces: Namespaces,
) -> None:
    url = "udp://239.7.7.8:5001?iface=left"
    a = namespaces.names["a"]
    with namespaces.start("a", WRITE_ON_DEMAND, url) as sending:
        assert ask(sending) == [10, 0, 0]
        namespaces.ip("-n", a, "link", "set", "left", "down")
        sent, lost, number = ask(sending)
        assert sent + lost == 20
        assert lost == 0 or number in (errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH)
        namespaces.ip("-n", a, "link", "set", "left", "up")
        assert ask(sending)[:2] == [sent + 10, lost]
        assert sending.stdin is not None
        sending.stdin.close()
        assert sending.wait() == 0


@pytest.mark.skipif(shutil.which("tc") is None, reason="needs tc")
def test_a_slow_link_holds_the_sender_back_and_loses_nothing(namespaces: Namespaces) -> None:
    tc = ["tc", "-n", namespaces.names["a"], "qdisc"]
    shape = ["root", "tbf", "rate", "20mbit", "burst", "3000", "limit", "1000000"]
    done = subprocess.run([*tc, "add", "dev", "left", *shape], check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"no tbf here: {done.stderr.decode().strip()}")
    try:
        with namespaces.start("b", RECEIVE, "udp://:5002") as listening:
            assert listening.stdout is not None
            assert listening.stdout.readline() == "ready\n"
            url = "udp://10.99.7.2:5002?sndbuf=10k"
            with namespaces.start("a", SEND, url, "7") as sending:
                assert sending.wait() == 0
            assert listening.stdout.read() == f"{700 * 188} {{7}} 100 0\n"
    finally:
        subprocess.run([*tc, "del", "dev", "left", "root"], check=True)
