"""Ctrl-C, SIGTERM, and a reader that goes away."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.builders import Multiplex
from tests.unit.cli.running import Done, finish, run_shell, start, stop
from tsloom.sample import sample_path

INT, TERM = signal.SIGINT, signal.SIGTERM
DATAGRAMS = [b"".join(Multiplex().packets(700)[at : at + 7]) for at in range(0, 700, 7)]


@contextmanager
def endless_udp() -> Iterator[str]:
    """The URL of a stream that does not end."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    ended = Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not ended.is_set():
                for datagram in DATAGRAMS:
                    sender.sendto(datagram, address)
                    time.sleep(0.0005)

    thread = Thread(target=send)
    thread.start()
    try:
        yield f"udp://127.0.0.1:{address[1]}"
    finally:
        ended.set()
        thread.join()


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not true():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def wait_for_handler(process: subprocess.Popen[str], number: signal.Signals = TERM) -> None:
    """Until the process minds the signal by itself: before, it is still starting."""
    status = Path(f"/proc/{process.pid}/status")

    def minds() -> bool:
        lines = dict(
            line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
        )
        return bool(int(lines["SigCgt"], 16) >> (number - 1) & 1)

    wait_until(minds, process)


@pytest.mark.parametrize("signals", [(INT,), (TERM,)])
@pytest.mark.parametrize("name", ["analyze", "tables"])
def test_a_live_report_ends_with_what_came(name: str, signals: tuple[signal.Signals, ...]) -> None:
    with endless_udp() as url:
        process = start(name, url, "--json")
        wait_for_handler(process)
        time.sleep(0.5)
        done = stop(process, *signals)
    assert (done.code, done.err) == (130, "")
    assert done.document


def test_live_cues_end() -> None:
    with endless_udp() as url:
        process = start("cues", url)
        wait_for_handler(process)
        assert stop(process, INT) == Done(130, "", "")


def live_job(name: str, url: str, out: Path) -> subprocess.Popen[str]:
    if name == "relay":
        return start("relay", "--input", url, "--output", out, "--json")
    return start("filter", url, out, "--json")


@pytest.mark.parametrize(
    ("name", "number", "code"), [("filter", INT, 130), ("relay", INT, 130), ("relay", TERM, 0)]
)
def test_a_live_job_keeps_what_it_has_written(
    name: str, number: signal.Signals, code: int, tmp_path: Path
) -> None:
    out = tmp_path / "out.ts"
    with endless_udp() as url:
        process = live_job(name, url, out)
        wait_until(lambda: out.exists() and out.stat().st_size > 0, process)
        done = stop(process, number)
    assert done.code == code
    result = json.loads(done.out.splitlines()[-1])
    assert result["stopped"] is True
    assert result["packets_out"] * 188 == out.stat().st_size > 0


@pytest.mark.parametrize("name", ["analyze", "tables", "cues"])
def test_a_pipe_that_nobody_opens_can_be_left(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = start(name, tmp_path / "pipe")
    wait_for_handler(process)
    time.sleep(0.2)
    assert stop(process, INT) == Done(130, "", "")


def test_a_pipe_that_nobody_empties_can_be_left(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = start("filter", "/dev/stdin", tmp_path / "pipe", stdin=subprocess.PIPE)
    assert process.stdin is not None
    with (tmp_path / "pipe").open("rb") as pipe:

        def feed() -> None:
            try:
                for _ in range(20):
                    process.stdin.buffer.write(sample_path().read_bytes())
            except BrokenPipeError:
                pass

        feeder = Thread(target=feed)
        feeder.start()
        assert len(pipe.read(188)) == 188
        time.sleep(0.3)
        done = stop(process, INT)
        feeder.join()
    assert done.code == 130
    assert "Traceback" not in done.err


def test_the_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = start("analyze", tmp_path / "pipe")
    wait_for_handler(process)
    time.sleep(0.2)
    process.send_signal(INT)
    time.sleep(0.2)
    assert stop(process, INT) == Done(130, "", "")


@pytest.mark.parametrize(("number", "code"), [(INT, 130), (TERM, 0)])
def test_a_paced_relay_does_not_send_its_batch_to_the_end(
    number: signal.Signals, code: int
) -> None:
    """One batch is 4 s of the sample: sending it all would be seen in what the receiver got."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)
        url = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        process = start("relay", "--input", sample_path(), "--output", url, "--json")
        received = len(receiver.recv(65536))
        done = stop(process, number)
        receiver.settimeout(0.2)
        try:
            while True:
                received += len(receiver.recv(65536))
        except TimeoutError:
            pass
    assert done.code == code
    result = json.loads(done.out.splitlines()[-1])
    assert result["stopped"] is True
    assert received < result["packets_out"] * 188


@pytest.mark.parametrize(
    "command",
    [
        "analyze $1",
        "analyze $1 --json",
        "tables $1",
        "tables $1 --json",
        "cues $1",
        "filter $1 -",
        "relay --input $1 --output -",
        "scte35 encode --splice-null",
        "--help",
    ],
)
@pytest.mark.parametrize("reader", ["head -c 1 >/dev/null", "true"])
def test_a_reader_that_goes_away_is_the_end_of_the_work(
    command: str, reader: str, tmp_path: Path
) -> None:
    script = f"tsloom {command} | {reader}\nexit ${{PIPESTATUS[0]}}"
    done = run_shell(script, sample_path(), cwd=tmp_path)
    assert done.code == 0, done
    assert "Traceback" not in done.err
    assert "Exception" not in done.err


def test_a_job_that_ends_by_itself_is_done() -> None:
    assert finish(start("analyze", sample_path(), "--json")).code == 0
