"""`tsloom relay` with several inputs and outputs."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from tests import second_opinion as judge
from tests.builders import PCR_HZ, Multiplex, split
from tests.unit.cli.running import run
from tsloom.io import open_sink

BITRATE_BPS = 1_504_000


def find_free_ports(count: int) -> list[int]:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def send(port: int, stream: bytes, until: float) -> None:
    began, at = time.monotonic(), 0
    with open_sink(f"udp://127.0.0.1:{port}", source_is_live=True) as sink:
        while time.monotonic() < until:
            sink.write(stream[at : at + 1316])
            at += 1316
            time.sleep(max(0.0, began + at * 8 / BITRATE_BPS - time.monotonic()))


def test_relay_goes_over_fills_and_tells(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ports = find_free_ports(2)
    outputs = [tmp_path / "a.ts", tmp_path / "b.ts"]
    streams = [Multiplex(seed=n, pcr_first=n * PCR_HZ).stream(4000) for n in (1, 2)]
    began = time.monotonic()
    senders = [
        threading.Thread(target=send, args=(port, stream, began + until))
        for port, stream, until in zip(ports, streams, (0.7, 1.4), strict=True)
    ]
    for sender in senders:
        sender.start()
    places = [("--input", f"udp://127.0.0.1:{port}") for port in ports]
    places += [("--output", str(path)) for path in outputs]
    options = ["--data-timeout", "200ms", "--back-after", "5s", "--trigger", "no-data"]
    options += ["--when-lost", "fill", "--duration", "2s", "--json"]
    done = run(capfd, "relay", *(word for pair in places for word in pair), *options)
    for sender in senders:
        sender.join()
    assert done.code == 0, done
    events = [json.loads(line) for line in done.out.splitlines()]
    inputs = [event for event in events if event["event"] == "input"]
    urls = [f"udp://127.0.0.1:{port}" for port in ports]
    assert [(event["before"], event["after"]) for event in inputs] == [
        (None, urls[0]),
        (urls[0], urls[1]),
        (urls[1], None),
    ]
    assert events[-1]["event"] == "result"
    packets = split(outputs[0].read_bytes())
    assert outputs[1].read_bytes() == outputs[0].read_bytes()
    assert len(packets) == events[-1]["packets_out"]
    assert judge.count_packets(packets).total("continuity_errors") == 0
    filled = packets[inputs[2]["packet_index"] :]
    assert {judge.read_header(packet).pid for packet in filled} == {0, 0x1000, 0x1FFF}
    assert len(filled) > 100


def test_a_file_among_several_inputs_is_refused(
    capfd: pytest.CaptureFixture[str], sample: Path
) -> None:
    words = ["--input", sample, "--input", "udp://127.0.0.1:0", "--output", "null:"]
    run(capfd, "relay", *words).assert_refused(2, "no file")


def test_an_output_among_others_is_no_input(
    capfd: pytest.CaptureFixture[str], sample: Path, tmp_path: Path
) -> None:
    words = ["--input", sample, "--output", tmp_path / "x.ts", "--output", sample]
    run(capfd, "relay", *words).assert_refused(2, "same file")


def test_json_and_one_of_the_outputs_cannot_share_stdout(
    capfd: pytest.CaptureFixture[str], sample: Path
) -> None:
    words = ["--input", sample, "--output", "null:", "--output", "-", "--json"]
    run(capfd, "relay", *words).assert_refused(2, "stdout")


def test_a_recording_goes_whole_to_several_outputs(
    capfd: pytest.CaptureFixture[str], sample: Path, tmp_path: Path
) -> None:
    outputs = [tmp_path / "a.ts", tmp_path / "b.ts", tmp_path / "c.ts"]
    words = [word for path in outputs for word in ("--output", path)]
    assert run(capfd, "relay", "--input", sample, *words).code == 0
    assert all(path.read_bytes() == sample.read_bytes() for path in outputs)
