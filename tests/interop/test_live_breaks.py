"""Breaks commanded while a relay runs over UDP: what its receiver gets, as threefive reads it."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import threefive

import tsloom
from tests.builders import split
from tests.second_opinion import count_packets, find_sections, read_pcrs
from tsloom.scte35.breaks import BreakState

pytestmark = pytest.mark.peer

CUE_PID = 500
VIDEO_FRAME_S = 0.04


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Received:
    """Datagrams as they come, until nobody sends any more."""

    stop: threading.Event = field(default_factory=threading.Event)
    data: bytearray = field(default_factory=bytearray)

    def listen(self, receiver: socket.socket) -> None:
        receiver.settimeout(0.2)
        while True:
            try:
                self.data += receiver.recv(65536)
            except TimeoutError:
                if self.stop.is_set():
                    return


@contextmanager
def on_air(ffmpeg: str, sample: Path, cues: tsloom.SectionInserter) -> Iterator[Received]:
    """ffmpeg plays the sample to a relay over UDP, which sends to a socket of ours."""
    came_in, went_out = free_port(), free_port()
    got, stop = Received(), threading.Event()
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    receiver.bind(("127.0.0.1", went_out))
    hearing = threading.Thread(target=got.listen, args=(receiver,))
    relaying = threading.Thread(
        target=tsloom.relay,
        args=(f"udp://127.0.0.1:{came_in}", f"udp://127.0.0.1:{went_out}", tsloom.Pipeline(cues)),
        kwargs={"should_stop": stop.is_set},
    )
    hearing.start()
    relaying.start()
    command = [ffmpeg, "-v", "error", "-re", "-stream_loop", "-1", "-i", str(sample), "-c", "copy"]
    command += ["-muxrate", "900k", "-f", "mpegts", f"udp://127.0.0.1:{came_in}?pkt_size=1316"]
    with receiver, subprocess.Popen(command) as player:
        try:
            yield got
        finally:
            player.terminate()
            stop.set()
            relaying.join(20)
            got.stop.set()
            hearing.join(20)
    assert not relaying.is_alive()


def wait_for(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)


def state_is(cues: tsloom.SpliceInserter, break_id: int, state: BreakState) -> None:
    wait_for(lambda: cues.get_break(break_id).state is state)


def command_breaks(cues: tsloom.SpliceInserter) -> None:
    """One extended, one cancelled, one crashed out, and one that begins at once."""
    wait_for(lambda: cues.clock is not None)
    extended = cues.schedule(
        tsloom.Break(start="+1.5s", duration="1.5s", preroll="1s", splice_event_id=100)
    )
    state_is(cues, extended, BreakState.OUT)
    cues.extend(extended, "1s")
    state_is(cues, extended, BreakState.RETURNED)
    cancelled = cues.schedule(
        tsloom.Break(start="+2s", duration="1s", preroll="1.5s", repeats=5, splice_event_id=200)
    )
    state_is(cues, cancelled, BreakState.ARMED)
    cues.cancel_break(cancelled)
    crashed = cues.schedule(
        tsloom.Break(start="+1.5s", duration="60s", preroll="1s", splice_event_id=300)
    )
    state_is(cues, crashed, BreakState.OUT)
    cues.crash_out(crashed)
    at_once = cues.schedule(tsloom.Break(start="now", duration="1s", splice_event_id=400))
    state_is(cues, at_once, BreakState.RETURNED)


def test_breaks_are_triggered_extended_cancelled_and_crashed_out(
    program: Callable[[str], str], sample: Path
) -> None:
    cues = tsloom.SpliceInserter(pid=CUE_PID)
    with on_air(program("ffmpeg"), sample, cues) as got:
        command_breaks(cues)
        time.sleep(0.3)
    packets = split(bytes(got.data))
    heard = [read(one.data) for one in find_sections(packets, CUE_PID)]
    assert [(cue.command.splice_event_id, kind_of(cue)) for cue in heard] == [
        (100, "out"),
        (100, "out now"),
        (100, "in"),
        *[(200, "out")] * (len(heard) - 8),
        (200, "cancel"),
        (300, "out"),
        (300, "in now"),
        (400, "out now"),
        (400, "in"),
    ]
    first, more, back = (cue.command for cue in heard[:3])
    assert first.break_duration == 1.5
    assert back.pts_time == pytest.approx(first.pts_time + 2.5, abs=1e-4)
    assert 0 < more.break_duration < 2.5
    assert_lead_times(packets, {100: 1.0, 200: 1.5, 300: 1.0})
    told = {cue.packet_index for cue in cues.cues}
    assert told == {one.first_packet for one in find_sections(packets, CUE_PID)}
    assert count_packets(packets).verdicts == []


def read(data: bytes) -> threefive.Cue:
    cue = threefive.Cue(data)
    assert cue.decode()
    return cue


def kind_of(cue: threefive.Cue) -> str:
    if cue.command.splice_event_cancel_indicator:
        return "cancel"
    kind = "out" if cue.command.out_of_network_indicator else "in"
    return f"{kind} now" if cue.command.splice_immediate_flag else kind


def assert_lead_times(packets: list[bytes], planned: dict[int, float]) -> None:
    """From the PCR in front of each event's first OUT to its splice point."""
    (pcrs,) = (found for found in read_pcrs(packets).values() if found)
    for one in find_sections(packets, CUE_PID):
        command = read(one.data).command
        wanted = planned.pop(command.splice_event_id, None)
        if wanted is not None:
            before = [pcr for index, pcr, _ in pcrs if index < one.first_packet][-1]
            assert command.pts_time - before / 27e6 == pytest.approx(wanted, abs=VIDEO_FRAME_S)
    assert not planned
