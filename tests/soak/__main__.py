"""`make soak`: a relay with two inputs, of which the first comes and goes, a break a minute and a
guide; and what a receiver that shares no code with it says of the output."""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tests.builders import PCR_HZ, Multiplex, sdt
from tests.soak.judge import CUE_PID, Judge, find_breaks
from tests.soak.traffic import LOCALHOST, Receiver, Sender, free_port

BITRATE = 752_000
# The first input is silent for the last seconds of each period.
PERIOD_S, SILENT_S = 8.0, 3.0
BREAK_S, PREROLL_S = 10.0, 4.0
# Of present/following of the actual stream: TS 101 211 allows 2 s, and a switch takes half of one.
PRESENT_FOLLOWING_MOST_S = 3.0
# Of resident memory between the second quarter of the time and the last.
GROWTH_MOST_KB = 3000
MINUTE = 60.0


@dataclass
class Samples:
    """The relay's memory in kB, its descriptors and its threads, as time goes by."""

    memory: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)

    def take(self, pid: int) -> None:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        )
        self.memory.append(int(status["VmRSS"].split()[0]))
        self.threads.append(int(status["Threads"]))
        self.descriptors.append(len(os.listdir(f"/proc/{pid}/fd")))

    @staticmethod
    def growth(values: list[int]) -> float:
        quarter = max(1, len(values) // 4)
        early, late = values[quarter : 2 * quarter], values[-quarter:]
        return statistics.median(late) - statistics.median(early or values)


def make_multiplex(seed: int, pcr_first: int) -> Multiplex:
    return Multiplex(
        bitrate_bps=BITRATE,
        null_every=3,
        psi_every=200,
        pcr_every=8,
        pcr_first=pcr_first,
        seed=seed,
        tables=((0x11, sdt(1, "Soak", "tsloom")),),
    )


def write_guide(path: Path, now: datetime) -> None:
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    times = [start + number * timedelta(minutes=5) for number in range(12 * 48)]
    programmes = "".join(
        f'<programme start="{begin:%Y%m%d%H%M%S} +0000" stop="{end:%Y%m%d%H%M%S} +0000" '
        f'channel="one"><title>From {begin:%H:%M}</title></programme>\n'
        for begin, end in pairwise(times)
    )
    path.write_text(f'<tv><channel id="one"/>{programmes}</tv>')


def write_channel(folder: Path, ports: tuple[int, int], out: int, first: datetime) -> Path:
    write_guide(folder / "guide.xml", first)
    (folder / "map.toml").write_text("[channels]\none = [1, 1, 1]\n")
    path = folder / "soak.toml"
    path.write_text(
        f"""
name = "soak"
input = ["udp://{LOCALHOST}:{ports[0]}", "udp://{LOCALHOST}:{ports[1]}"]
output = "udp://{LOCALHOST}:{out}"
stats_interval = "10s"

[failover]
data_timeout = "300ms"
back_after = "1s"
when_lost = "fill"

[splice]
pid = {CUE_PID}

[[splice.break]]
start = "DTSTART:{first:%Y%m%dT%H%M%SZ} RRULE:FREQ=MINUTELY"
duration = "{BREAK_S}s"
preroll = "{PREROLL_S}s"

[guide]
epg = "{folder / "guide.xml"}"
map = "{folder / "map.toml"}"
"""
    )
    return path


@contextmanager
def running_relay(channel: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tsloom", "relay", str(channel), "--json"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def is_silent(since: float) -> bool:
    return since % PERIOD_S >= PERIOD_S - SILENT_S


def soak(seconds: float, folder: Path, judge: Judge, samples: Samples) -> tuple[list[float], str]:
    """Runs it; when the breaks were to start that are wholly in it, and what the relay said."""
    ports = free_port(), free_port()
    receiver = Receiver(judge.take)
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=15)
    channel = write_channel(folder, ports, receiver.port, first)
    log = folder / "relay.log"
    with ExitStack() as stack:
        stack.enter_context(receiver)
        relay = stack.enter_context(running_relay(channel, log))
        stack.enter_context(Sender(make_multiplex(1, 10 * PCR_HZ), ports[0], is_silent))
        # Its clock and its PTS are elsewhere.
        other = make_multiplex(2, 40_000 * PCR_HZ)
        stack.enter_context(Sender(other, ports[1], lambda _: False))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(5.0, left))
            if relay.poll() is not None:
                break
            samples.take(relay.pid)
        ended_at = time.time()
    starts = [first.timestamp() + MINUTE * number for number in range(int(seconds // MINUTE) + 1)]
    whole = [start for start in starts if start + BREAK_S + 2 < ended_at]
    said = log.read_text(errors="replace")
    if relay.returncode not in (0, 130):
        said += f"\nthe relay ended with {relay.returncode}"
    return whole, said


def count_switches(said: str) -> int:
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return sum(event.get("event") == "input" for event in events)


def find_faults(
    seconds: float, starts: list[float], said: str, judge: Judge, samples: Samples
) -> list[str]:
    """What does not hold."""
    wrong = [f"packet {index}: {what}, unsignalled" for index, what in judge.unsignalled[:20]]
    wrong += find_breaks(judge.cues, starts, BREAK_S, PREROLL_S)
    gaps = [after - before for before, after in pairwise(judge.present_following_at)]
    if not gaps or max(gaps) > PRESENT_FOLLOWING_MOST_S:
        wrong.append(f"present/following: {max(gaps, default=seconds):.2f} s without")
    if judge.packets * 188 * 8 < 0.9 * BITRATE * seconds - BITRATE * 10:
        wrong.append(f"only {judge.packets} packets came")
    if judge.discontinuities < 1.5 * (seconds // PERIOD_S) - 4:
        wrong.append(f"only {judge.discontinuities} switches were signalled: nothing was tested")
    if judge.odd_datagrams or judge.odd_cues:
        wrong.append(f"{judge.odd_datagrams} odd datagrams, {judge.odd_cues} odd cues")
    if samples.growth(samples.memory) > GROWTH_MOST_KB:
        wrong.append(f"memory grew by {samples.growth(samples.memory):.0f} kB")
    for name, values in (("descriptors", samples.descriptors), ("threads", samples.threads)):
        if samples.growth(values) > 0:
            wrong.append(f"{name} grew by {samples.growth(values):.0f}")
    if "the relay ended" in said:
        wrong.append(said[-2000:])
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=480)
    parser.add_argument("--log", type=Path, help="keeps what the relay said")
    options = parser.parse_args()
    seconds = options.minutes * MINUTE
    judge, samples = Judge(make_multiplex(1, 0).services[0].video_pid), Samples()
    with tempfile.TemporaryDirectory() as folder:
        starts, said = soak(seconds, Path(folder), judge, samples)
    if options.log:
        options.log.write_text(said)
    wrong = find_faults(seconds, starts, said, judge, samples)
    gaps = [after - before for before, after in pairwise(judge.present_following_at)]
    print(f"minutes                        {options.minutes:g}")
    print(f"packets received               {judge.packets}")
    print(f"switches of the input          {count_switches(said)}")
    print(f"discontinuities, signalled     {judge.discontinuities}")
    print(f"unsignalled                    {len(judge.unsignalled)}")
    print(f"breaks, OUT and IN             {len(starts)}")
    print(f"cues received                  {len(judge.cues)}")
    print(f"present/following, longest gap {max(gaps, default=0):.2f} s")
    print(f"memory, first and last         {samples.memory[0]} and {samples.memory[-1]} kB")
    print(f"memory, growth                 {samples.growth(samples.memory):.0f} kB")
    for one in wrong:
        print(f"wrong: {one}")
    print("all of it holds" if not wrong else f"{len(wrong)} things do not hold")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
