"""`python -m benchmarks.live.relay_cost`: CPU seconds a gigabyte, delays and losses, UDP to UDP.

A sender on one core keeps its rate; the relay runs on another. Its CPU time is that of its process
from the first packet to the last, without what it takes to start. Rows take turns, so that all see
the same machine; of the repetitions the median counts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import data, machine, tables
from benchmarks.native import compiler

SOURCE = Path(__file__).with_name("traffic.c")
MEGABITS = (50, 200, 500, 1000)
# Of the barest relay.
AIM = 1.25
TICKS = os.sysconf("SC_CLK_TCK")
START_S = 15.0
# It is sent over and over.
STREAM_BYTES = 50_000_000
Command = Callable[[str, int, int], list[str]]


def own(work: str) -> Command:
    return lambda _, source, target: [
        sys.executable, "-m", "benchmarks.live.own_relay", str(source), str(target), work,
    ]  # fmt: skip


def ffmpeg(_: str, source: int, target: int) -> list[str]:
    url = f"udp://127.0.0.1:{source}?buffer_size=67108864&fifo_size=1000000&overrun_nonfatal=1"
    quick = ["-probesize", "500000", "-analyzeduration", "500000"]
    copy = ["-map", "0", "-c", "copy", "-f", "mpegts"]
    out = f"udp://127.0.0.1:{target}?pkt_size=1316"
    return ["ffmpeg", "-nostdin", "-v", "quiet", *quick, "-i", url, *copy, out]


def gst(_: str, source: int, target: int) -> list[str]:
    taken = f"udpsrc port={source} buffer-size=67108864"
    given = f"udpsink host=127.0.0.1 port={target} sync=false async=false"
    return ["gst-launch-1.0", "-q", *taken.split(), "!", *given.split()]


def srt_live_transmit(_: str, source: int, target: int) -> list[str]:
    quiet = ["srt-live-transmit", "-q", "-chunk:1316", "-loglevel:fatal"]
    return [*quiet, f"udp://127.0.0.1:{source}?rcvbuf=67108864", f"udp://127.0.0.1:{target}"]


def multicat(_: str, source: int, target: int) -> list[str]:
    return ["multicat", "-u", "-U", f"@127.0.0.1:{source}", f"127.0.0.1:{target}"]


RELAYS: dict[str, Command] = {
    "bare C relay": lambda traffic, source, target: [traffic, "relay", str(source), str(target)],
    "tsloom plain": own("plain"),
    "tsloom full": own("full"),
    "srt-live-transmit": srt_live_transmit,
    "multicat": multicat,
    "gst-launch-1.0": gst,
    "ffmpeg": ffmpeg,
}
# These write other packets than they read: how many were lost is not to be seen.
REWRITING = {"ffmpeg"}


@dataclass(frozen=True)
class Cost:
    """One run."""

    relay: str
    megabits: int
    cpu_s_per_gb: float
    lost_packets: int | None
    # From when a packet was to leave the sender to when it reached the receiver; null packets'.
    delay_p50_us: int
    delay_p99_us: int


def build_traffic() -> str:
    program = data.bench_dir() / "traffic"
    if not program.is_file() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        flags = ["-O3", "-std=gnu11", "-D_GNU_SOURCE"]
        subprocess.run([compiler(), *flags, str(SOURCE), "-o", str(program)], check=True)
    return str(program)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def is_listening(port: int) -> bool:
    wanted = f":{port:04X} "
    return any(wanted in line for line in Path("/proc/net/udp").read_text().splitlines())


def pin(cores: set[int]) -> Callable[[], None]:
    return lambda: os.sched_setaffinity(0, cores)


def measure(name: str, traffic: str, stream: Path, megabits: int, seconds: float) -> Cost:
    source, target = free_port(), free_port()
    cores = sorted(os.sched_getaffinity(0))
    beside, relays = {cores[0]}, {cores[-1]}
    receiver = subprocess.Popen(
        [traffic, "receive", str(target)], stdout=subprocess.PIPE, preexec_fn=pin(beside)
    )
    relay = subprocess.Popen(
        RELAYS[name](traffic, source, target),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=pin(relays),
    )  # fmt: skip
    try:
        until = time.monotonic() + START_S
        while not is_listening(source) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        before = cpu_seconds(relay.pid)
        sender = [
            traffic,
            "send",
            str(stream),
            str(source),
            str(megabits * 1_000_000),
            str(seconds),
        ]
        done = subprocess.run(
            sender, stdout=subprocess.PIPE, preexec_fn=pin(beside), check=True, text=True
        )
        time.sleep(0.3)
        spent = cpu_seconds(relay.pid) - before
    finally:
        stop(relay)
        received = stop(receiver)
    sent = int(done.stdout.split()[0])
    taken, median, late, _ = map(int, received.split())
    lost = None if name in REWRITING else sent // 188 - taken // 188
    return Cost(name, megabits, spent / (sent / 1e9), lost, median, late)


def stop(process: subprocess.Popen[bytes]) -> bytes:
    """What it said. The relay first: what it still holds goes out."""
    process.send_signal(signal.SIGTERM)
    try:
        said, _ = process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    return said or b""


def run_all(megabits: list[int], seconds: float, repetitions: int, only: str) -> list[Cost]:
    traffic, stream = build_traffic(), data.make_cbr(STREAM_BYTES)
    names = [name for name in RELAYS if only in name or name == "bare C relay"]
    present = [name for name in names if shutil.which(RELAYS[name](traffic, 1, 1)[0])]
    costs = []
    for rate in megabits:
        for number in range(repetitions):
            for name in present:
                costs.append(measure(name, traffic, stream, rate, seconds))
                tables.say(f"{rate} Mb/s: {name}, {number + 1} of {repetitions}")
    tables.say("")
    return costs


def print_costs(costs: list[Cost]) -> list[str]:
    """The table; the aims that were missed."""
    missed = []
    for rate in sorted({one.megabits for one in costs}):
        rows = []
        medians = {
            name: statistics.median(
                one.cpu_s_per_gb for one in costs if (one.relay, one.megabits) == (name, rate)
            )
            for name in RELAYS
            if any(one.relay == name for one in costs)
        }
        bare = medians["bare C relay"]
        for name, cost in medians.items():
            lost = [one.lost_packets for one in costs if (one.relay, one.megabits) == (name, rate)]
            known = [one for one in lost if one is not None]
            told = str(max(known)) if known else "-"
            mine = [one for one in costs if (one.relay, one.megabits) == (name, rate)]
            delays = [
                statistics.median(one.delay_p50_us for one in mine),
                statistics.median(one.delay_p99_us for one in mine),
            ]
            # What rewrites makes null packets of its own.
            spelled = ["-"] * 2 if name in REWRITING else [f"{one:.0f}" for one in delays]
            rows.append((name, f"{cost:.2f}", f"{cost / bare:.2f}", *spelled, told))
            if name.startswith("tsloom full") and cost > AIM * bare:
                missed.append(f"{rate} Mb/s: {cost / bare:.2f} times the bare relay, aim {AIM}")
            if name.startswith("tsloom") and known and max(known) > 0:
                missed.append(f"{rate} Mb/s: {name} lost {max(known)} packets")
        head = ("relay", "CPU s/GB", "of bare", "p50 us", "p99 us", "lost")
        tables.print_table(f"UDP to UDP at {rate} Mb/s", head, rows)
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", default=",".join(map(str, MEGABITS)), help="in Mb/s")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rates = [int(rate) for rate in options.rates.split(",")]
    costs = run_all(rates, options.seconds, options.repetitions, options.only)
    missed = print_costs(costs)
    for line in missed:
        print(line)
    if options.json:
        document = {
            "machine": machine.facts(sorted(os.sched_getaffinity(0))[-1]),
            "runs": [asdict(one) for one in costs],
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
