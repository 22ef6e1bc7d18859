"""Several outputs: what one does is no matter to the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import Multiplex, split
from tests.unit.io.sources import PlayedSink, opener
from tsloom.errors import ClosedByPeerError, OpenError, SystemRefusedError, UsageError
from tsloom.io import FanOutSink, fan_out

STREAM = Multiplex().stream(2000)
WAIT_S = 10.0


def wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def pieces(size: int = 70) -> list[bytes]:
    return [STREAM[at : at + size * 188] for at in range(0, len(STREAM), size * 188)]


def test_each_output_gets_everything() -> None:
    sinks = [PlayedSink(), PlayedSink()]
    with FanOutSink(sinks) as fan:
        for piece in pieces():
            fan.write(piece)
        fan.flush()
        wait_for(lambda: all(sink.flushes for sink in sinks))
        assert [one.packets for one in fan.stats.outputs] == [2000, 2000]
    assert all(sink.received == STREAM and sink.closed for sink in sinks)
    assert fan.stats.bytes_written == len(STREAM)


def test_a_slow_output_loses_whole_packets_and_counts_them() -> None:
    slow, other = PlayedSink(), PlayedSink()
    slow.may_go.clear()
    with FanOutSink([slow, other], most_queued_bytes=100_000) as fan:
        for piece in pieces():
            fan.write(piece)
            wait_for(lambda: len(other.received) == fan.stats.bytes_written)
        stats = fan.stats.outputs[0]
        assert stats.dropped_packets == 2000 - 100_000 // 188
        assert stats.queued_packets == 100_000 // 188
        slow.may_go.set()
    assert other.received == STREAM
    assert slow.received == STREAM[: 100_000 // 188 * 188]
    assert fan.stats.outputs[1].dropped_packets == 0


def test_a_writer_of_a_recording_waits_for_the_slowest() -> None:
    slow, other = PlayedSink(), PlayedSink()
    slow.may_go.clear()
    with FanOutSink([slow, other], source_is_live=False, most_queued_bytes=20_000) as fan:
        writer = threading.Thread(target=lambda: [fan.write(piece) for piece in pieces()])
        writer.start()
        wait_for(lambda: len(other.received) > 0)
        slow.may_go.set()
        writer.join()
    assert slow.received == other.received == STREAM
    assert [one.dropped_packets for one in fan.stats.outputs] == [0, 0]


def test_one_that_fails_is_opened_again_while_the_other_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, again, other = PlayedSink(), PlayedSink(), PlayedSink()
    broken.fails_with = SystemRefusedError("no route")
    turns = opener([broken, other, OpenError("not yet"), again])
    monkeypatch.setattr(fan_out, "open_sink", turns)
    monkeypatch.setattr("tsloom.io.retry.Retry.note_failure", lambda _: 0.001)
    with FanOutSink(["udp://127.0.0.1:1", "udp://127.0.0.1:2"]) as fan:
        half = len(STREAM) // 376 * 188
        fan.write(STREAM[:half])
        wait_for(lambda: fan.stats.outputs[0].openings == 2)
        fan.write(STREAM[half:])
        wait_for(lambda: len(again.received) + half == len(STREAM))
        stats = fan.stats.outputs[0]
    assert (stats.failures, stats.openings, stats.state) == (2, 2, "open")
    assert (stats.dropped_packets, stats.packets) == (1000, 1000)
    assert broken.closed
    assert again.received == STREAM[half:]
    assert other.received == STREAM


def test_it_is_over_when_no_output_is_left() -> None:
    sinks = [PlayedSink(), PlayedSink()]
    with FanOutSink(sinks) as fan:
        sinks[0].fails_with = ClosedByPeerError("nobody reads")
        fan.write(STREAM)
        wait_for(lambda: fan.stats.outputs[0].state == "ended")
        fan.write(STREAM)
        wait_for(lambda: fan.stats.outputs[1].packets == 4000)
        sinks[1].fails_with = ClosedByPeerError("nobody reads either")
        fan.write(STREAM)
        wait_for(lambda: fan.stats.outputs[1].state == "ended")
        with pytest.raises(ClosedByPeerError, match="nobody reads"):
            fan.write(STREAM)
    assert sinks[1].received == STREAM * 2


def test_a_full_disk_does_not_empty_the_file(tmp_path: Path) -> None:
    path, other = tmp_path / "out.ts", PlayedSink()
    with FanOutSink([path, other]) as fan:
        fan.write(STREAM)
        wait_for(lambda: fan.stats.outputs[0].packets == 2000)
        file = fan.sinks[0]
        assert file is not None
        file.write = refuse  # type: ignore[method-assign]
        fan.write(STREAM)
        wait_for(lambda: fan.stats.outputs[0].state == "ended")
        fan.write(STREAM)
    assert path.read_bytes() == STREAM
    assert other.received == STREAM * 3


def refuse(_: object) -> None:
    raise SystemRefusedError("no space left on device")


def test_a_stuck_output_does_not_keep_the_others_from_closing() -> None:
    stuck, other = PlayedSink(), PlayedSink()
    stuck.may_go.clear()
    fan = FanOutSink([stuck, other])
    fan.write(STREAM)
    wait_for(lambda: len(other.received) == len(STREAM))
    fan.abort()
    assert fan.stats.outputs[0].queued_packets == 0
    assert stuck.received == b""
    assert threading.active_count() == len(threading.enumerate())
    assert not [one for one in threading.enumerate() if one.name.startswith("output ")]


def test_wrong_use_is_refused() -> None:
    with pytest.raises(UsageError):
        FanOutSink([])
    with pytest.raises(UsageError):
        FanOutSink([PlayedSink()], most_queued_bytes=100)
    assert len(split(STREAM)) == 2000
