"""`python -m benchmarks.live.many_channels`: many slow channels in one process of `tsloom relay`.

A sender spreads the datagrams of all channels evenly; a receiver counts what comes to each port and
how late. All three run on the same cores.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import data
from benchmarks.live.relay_cost import (
    START_S,
    STREAM_BYTES,
    build_traffic,
    cpu_seconds,
    is_listening,
    stop,
)

FIRST_INPUT, FIRST_OUTPUT = 10_000, 20_000


def write_channels(folder: Path, count: int, gather: str) -> list[str]:
    paths = []
    for number in range(count):
        path = folder / f"c{number}.toml"
        source = f"udp://127.0.0.1:{FIRST_INPUT + number}?gather={gather}"
        target = f"udp://127.0.0.1:{FIRST_OUTPUT + number}"
        path.write_text(f'name = "c{number}"\ninput = "{source}"\noutput = "{target}"\n', "utf-8")
        paths.append(str(path))
    return paths


def measure(count: int, bitrate: float, seconds: float, gather: str) -> tuple[str, int]:
    """What was found, in words, and how many packets were lost."""
    traffic, stream = build_traffic(), data.make_cbr(STREAM_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        receiver = subprocess.Popen(
            [traffic, "receive-many", str(FIRST_OUTPUT), str(count)], stdout=subprocess.PIPE
        )
        relay = subprocess.Popen(
            [sys.executable, "-m", "tsloom", "relay", *write_channels(Path(folder), count, gather)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(FIRST_INPUT + count - 1)
            before = cpu_seconds(relay.pid)
            sender = [traffic, "send-many", str(stream), str(FIRST_INPUT), str(count)]
            sender += [str(bitrate), str(seconds)]
            done = subprocess.run(sender, stdout=subprocess.PIPE, check=True, text=True)
            time.sleep(0.5)
            spent = cpu_seconds(relay.pid) - before
        finally:
            stop(relay)
            received = stop(receiver)
    sent, took = done.stdout.split()
    taken, median, late, fewest = map(int, received.split())
    lost, worst = int(sent) // 188 - taken // 188, int(sent) // count // 188 - fewest // 188
    said = f"lost {lost} packets, {worst} of the channel that lost most; "
    said += f"delay p50 {median} us, p99 {late} us; CPU {spent / float(took):.2f} cores"
    return said, lost


def wait_for(port: int) -> None:
    until = time.monotonic() + START_S
    while not is_listening(port) and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--megabits", type=float, default=5.0, help="of each")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--gather", default="300us")
    options = parser.parse_args()
    said, lost = measure(options.channels, options.megabits * 1e6, options.seconds, options.gather)
    print(
        f"{options.channels} channels of {options.megabits:g} Mb/s, gather={options.gather}: {said}"
    )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
