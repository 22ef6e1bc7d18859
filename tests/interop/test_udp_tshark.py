"""A capture by tshark of what the paced sink sends."""

from __future__ import annotations

import os
import select
import shutil
import socket
import statistics
import subprocess
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest

from tests.unit.io.loopback import constant_bitrate_stream
from tsloom.io import open_sink

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="needs tshark"),
    pytest.mark.skipif(os.geteuid() != 0, reason="capturing needs root"),
]

BITRATE = 5_000_000
MARKER = b"capturing?"


def read_rows(lines: Iterable[str]) -> Iterator[tuple[float, int, bytes]]:
    """Time, DSCP and payload of each datagram."""
    for line in lines:
        at, dscp, payload = line.split("\t")
        yield float(at), int(dscp), bytes.fromhex(payload)


def capture(listener: socket.socket, content: bytes) -> list[tuple[float, int, bytes]]:
    """What tshark sees on the loopback interface of content sent to the listener's port."""
    port = listener.getsockname()[1]
    command = ["tshark", "-i", "lo", "-f", f"udp dst port {port}", "-T", "fields", "-l"]
    command += [f"-e{name}" for name in ("frame.time_epoch", "ip.dsfield.dscp", "udp.payload")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as tshark:
        assert tshark.stdout is not None
        # Nothing says for certain that capturing has begun but a datagram that was captured.
        while not select.select((tshark.stdout,), (), (), 0.1)[0]:
            listener.sendto(MARKER, listener.getsockname())
            assert tshark.poll() is None
        with open_sink(f"udp://127.0.0.1:{port}?dscp=46") as sink:
            for start in range(0, len(content), 2048 * 188):
                sink.write(content[start : start + 2048 * 188])
        seen = []
        for row in read_rows(tshark.stdout):
            if row[2] != MARKER:
                seen.append(row)
            if sum(len(payload) for _, _, payload in seen) >= len(content):
                break
        tshark.terminate()
    return seen


def test_datagrams_leave_one_by_one_at_the_rate_of_the_pcrs() -> None:
    content = constant_bitrate_stream(BITRATE, 2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        seen = capture(listener, content)
    assert b"".join(payload for _, _, payload in seen) == content
    assert {dscp for _, dscp, _ in seen} == {46}
    ideal = 1316 * 8 / BITRATE
    intervals = sorted(to - at for (at, _, _), (to, _, _) in pairwise(seen))
    # The machine may be busy with others: datagrams made up for come in bunches, but on the whole
    # they keep the rate, and most of them come no later than the ones before let expect.
    assert statistics.mean(intervals) == pytest.approx(ideal, rel=0.5)
    assert intervals[-len(intervals) // 3] < ideal * 10
