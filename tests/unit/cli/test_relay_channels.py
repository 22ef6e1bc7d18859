"""`tsloom relay CHANNEL.toml...` as a process: checks, signals, systemd."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.builders import split
from tests.second_opinion import count_packets, read_header
from tests.unit.cli.running import PATIENCE_S, command, run
from tests.unit.runner.test_channel import find_port, sending, wait_for

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


class Running:
    """The process, and the events it has told so far."""

    def __init__(self, *arguments: object, **environment: str) -> None:
        self.process = subprocess.Popen(
            command("relay", *arguments, "--json"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.events: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def has(self, **wanted: object) -> bool:
        return any(wanted.items() <= event.items() for event in list(self.events))

    def wait(self) -> int:
        code = self.process.wait(PATIENCE_S)
        self._thread.join(PATIENCE_S)
        return code


@contextmanager
def running(*arguments: object, **environment: str) -> Iterator[Running]:
    started = Running(*arguments, **environment)
    try:
        yield started
    except AssertionError:
        print(*started.events, sep="\n")
        raise
    finally:
        started.process.kill()
        started.wait()
        for pipe in (started.process.stdout, started.process.stderr):
            assert pipe is not None
            pipe.close()


def write_channel(folder: Path, name: str, port: int, more: str = "") -> Path:
    path = folder / f"{name}.toml"
    ends = f'input = "udp://127.0.0.1:{port}"\noutput = "{folder}/{name}.ts"\n'
    path.write_text(f"{ends}{more}", "utf-8")
    return path


def test_check_says_all_that_is_wrong(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good = write_channel(tmp_path, "good", 5000)
    bad = write_channel(tmp_path, "bad", 5000, '[filter]\ndrop_nuls = true\nkeep_pid = "x"\n')
    assert run(capfd, "relay", "--check", good).code == 0
    done = run(capfd, "relay", "--check", good, bad)
    assert done.code == 2
    assert "bad.toml:4: filter.drop_nuls = True" in done.err
    assert "did you mean drop_nulls?" in done.err
    assert "bad.toml:5: filter.keep_pid" in done.err
    assert run(capfd, "relay", bad).code == 2
    assert run(capfd, "relay", "--check", tmp_path / "none.toml").code == 2
    assert run(capfd, "relay", "--check").code == 2
    assert run(capfd, "relay", "--input", "x", good).code == 2
    assert run(capfd, "relay", "--input", "x").code == 2


def test_the_example_holds(capfd: pytest.CaptureFixture[str]) -> None:
    done = run(capfd, "relay", "--check", EXAMPLES / "channel.toml")
    assert (done.code, "channel news holds" in done.err) == (0, True), done


def test_the_example_relays(tmp_path: Path) -> None:
    """On ports of its own."""
    text = (EXAMPLES / "channel.toml").read_text("utf-8")
    ports = {number: find_port() for number in (5000, 5002, 6000, 6002)}
    for number, port in ports.items():
        text = text.replace(f":{number}", f":{port}")
    path = tmp_path / "channel.toml"
    path.write_text(text.replace('start = "+10s"', 'start = "+1s"').replace('"5s"', '"0.5s"'))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", ports[6002]))
        receiver.settimeout(PATIENCE_S)
        with running(path) as relay, sending(ports[5002]):
            wait_for(lambda: relay.has(event="cue_inserted", channel="news"))
            received = receiver.recv(2000)
            relay.process.send_signal(signal.SIGTERM)
            assert relay.wait() == 0
    assert received[0] == 0x47
    assert relay.has(event="state", state="stopped")


def test_a_reload_leaves_the_others_whole(tmp_path: Path) -> None:
    ports = [find_port(), find_port(), find_port()]
    names = ("same", "filtered", "anew")
    paths = [write_channel(tmp_path, *pair) for pair in zip(names, ports, strict=True)]
    with running(*paths) as relay:
        wait_for(lambda: all(relay.has(channel=name, state="running") for name in names))
        with sending(ports[0]), sending(ports[1]), sending(ports[2]):
            wait_for(lambda: all((tmp_path / f"{name}.ts").stat().st_size for name in names))
            write_channel(tmp_path, "filtered", ports[1], "[filter]\ndrop_pid = 0x101\n")
            write_channel(tmp_path, "anew", ports[2], "[filter]\ndrop_nulls = true\n")
            relay.process.send_signal(signal.SIGHUP)
            wait_for(lambda: relay.has(event="reload", result="begun anew", channel="anew"))
            assert relay.has(event="reload", result="changed", channel="filtered")
            sizes = [(tmp_path / f"{name}.ts").stat().st_size for name in names]
            wait_for(
                lambda: all(
                    (tmp_path / f"{name}.ts").stat().st_size > size + 100_000
                    for name, size in zip(names[:2], sizes, strict=False)
                )
            )
            paths[0].write_text("input = 3\n", "utf-8")
            relay.process.send_signal(signal.SIGHUP)
            wait_for(lambda: relay.has(event="reload", result="refused", channel="same"))
        relay.process.send_signal(signal.SIGTERM)
        assert relay.wait() == 0
    same, filtered = (split((tmp_path / f"{name}.ts").read_bytes()) for name in names[:2])
    # The sender's counters begin again after 2000 packets: what is whole has no other breaks.
    assert not relay.has(event="reload", channel="same", result="changed")
    for first in range(0, len(same) - 2000, 2000):
        assert count_packets(same[first : first + 2000]).total("continuity_errors") == 0
    pids = [read_header(packet).pid for packet in filtered]
    assert 0x101 in pids[:200]
    assert 0x101 not in pids[-300:]


def test_systemd_hears_of_life_and_death(tmp_path: Path) -> None:
    path, port = tmp_path / "notify", find_port()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(PATIENCE_S)
        channel = write_channel(tmp_path, "one", port)
        settings = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "400000"}
        with running(channel, **settings) as relay:
            heard: list[bytes] = []
            while b"READY=1" not in heard or heard.count(b"WATCHDOG=1") < 3:
                heard.append(systemd.recv(1000))
            relay.process.send_signal(signal.SIGHUP)
            while not heard[-1].startswith(b"RELOADING=1\nMONOTONIC_USEC="):
                heard.append(systemd.recv(1000))
            while heard[-1] != b"READY=1":
                heard.append(systemd.recv(1000))
            relay.process.send_signal(signal.SIGTERM)
            while heard[-1] != b"STOPPING=1":
                heard.append(systemd.recv(1000))
            assert relay.wait() == 0
    assert any(line.startswith(b"STATUS=") for line in heard)


def test_event_ids_go_on_after_a_kill(tmp_path: Path) -> None:
    port = find_port()
    more = (
        f'[splice]\nroom = "add"\nevent_ids = "{tmp_path}/ids.db"\n'
        '[[splice.break]]\nstart = "+0.3s"\nduration = "9s"\npreroll = "0.2s"\n'
    )
    channel = write_channel(tmp_path, "one", port, more)
    ids = []
    for _ in range(2):
        with running(channel) as relay, sending(port):
            wait_for(lambda relay=relay: relay.has(event="cue_inserted"))  # type: ignore[misc]
            relay.process.kill()
            relay.wait()
            told = next(event for event in relay.events if event["event"] == "cue_inserted")
            ids.append(told["splice_event_id"])
    assert len(set(ids)) == 2
