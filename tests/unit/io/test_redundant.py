"""Inputs one for the other: by sources that are played, and by sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests import second_opinion as judge
from tests.builders import NULL_PACKET, PCR_HZ, SERVICE_1, Multiplex, split
from tests.unit.io.sources import PlayedSource
from tsloom.errors import OpenError, PeerLostError, SystemRefusedError, UsageError
from tsloom.io import InputEvent, RedundantSource, Triggers, opening, redundant
from tsloom.pipeline import InputSwitch, Pipeline

A = Multiplex(seed=1).packets(1500)
B = Multiplex(seed=2, pcr_first=900 * PCR_HZ).packets(1500)
NO_TRIGGER = Triggers(frozenset())
WAIT_S = 10.0


@dataclass
class Played:
    """A redundant source of played ones, and what it gave so far."""

    inputs: list[PlayedSource]
    source: RedundantSource
    events: list[InputEvent]
    marks: list[tuple[int, int]]
    given: bytearray = field(default_factory=bytearray)

    def read_until(self, is_enough: Callable[[], bool]) -> None:
        """Reads until so much is known; a test that waits in vain fails."""
        buffer, end = bytearray(1 << 20), time.monotonic() + WAIT_S
        while not is_enough():
            assert time.monotonic() < end
            self.given += buffer[: self.source.readinto(buffer) or 0]

    def play(self, number: int, packets: list[bytes]) -> None:
        self.inputs[number].give(b"".join(packets))


@contextmanager
def played(count: int = 2, **options: Any) -> Iterator[Played]:
    inputs = [PlayedSource("x" * number) for number in range(count)]
    events: list[InputEvent] = []
    marks: list[tuple[int, int]] = []
    options = {"data_timeout_s": 0.05, "trigger": NO_TRIGGER, "timeout": 0.01, **options}
    with RedundantSource(
        inputs, on_event=events.append, on_mark=lambda *mark: marks.append(mark), **options
    ) as source:
        yield Played(inputs, source, events, marks)
    assert all(one.closed for one in inputs)


def keep_alive(test: Played, number: int, packets: list[bytes]) -> Callable[[], None]:
    """Gives ten packets of the input at each call, for loops that read in between."""
    at = cycle(range(0, len(packets), 10))

    def go_on() -> None:
        begin = next(at)
        test.play(number, packets[begin : begin + 10])
        time.sleep(0.005)

    return go_on


def test_it_goes_over_when_nothing_comes_and_back_when_it_is_stable() -> None:
    with played(back_after_s=0.3, data_timeout_s=0.2) as test:
        first, second = keep_alive(test, 0, A), keep_alive(test, 1, B)

        def on_air(number: int, *also: Callable[[], None]) -> bool:
            for go_on in also:
                go_on()
            active = test.source.stats.active
            return active == str(test.inputs[number].url)

        test.read_until(lambda: on_air(0, first, second))
        test.read_until(lambda: on_air(1, second))
        test.read_until(lambda: on_air(0, first, second))
        test.read_until(lambda: len(test.events) == 3)
        assert test.source.stats.switches == 2
    assert [event.reason for event in test.events] == [
        "data has come",
        "no data for 0.2 s",
        "input 1 has been good for 0.3 s",
    ]
    assert test.marks == [(event.packet_index, 0) for event in test.events[1:]]
    assert set(split(bytes(test.given))) <= {*A, *B}
    for index, _ in test.marks:
        assert index * 188 <= len(test.given)


def test_nothing_old_comes_behind_a_switch() -> None:
    with played(data_timeout_s=0.2) as test:
        go_on = keep_alive(test, 0, A)
        go_on()
        test.read_until(lambda: bool(test.events))
        test.play(1, B[:500])

        def is_silent() -> bool:
            go_on()
            second = test.source.stats.inputs[1]
            return second.packets >= 499 and second.state == "silent"

        test.read_until(is_silent)
        test.read_until(lambda: len(test.events) == 2 and test.events[1].after is None)
        test.play(1, B[500:600])
        test.read_until(lambda: len(test.given) > 0 and b"".join(B[500:590]) in test.given)
    old = set(split(bytes(test.given))) & set(B[:499]) - {NULL_PACKET}
    assert {judge.read_header(packet).pid for packet in old} <= {0, 0x1000}


def test_faults_of_the_active_input_are_left() -> None:
    holes = [packet for at, packet in enumerate(A) if at % 9]
    with played(trigger=Triggers(), data_timeout_s=5.0) as test:
        test.play(0, A[:50])
        test.play(1, B[:50])
        test.read_until(lambda: bool(test.events))
        more, broken = keep_alive(test, 1, B[50:]), keep_alive(test, 0, holes)

        def is_left() -> bool:
            more()
            broken()
            return len(test.events) == 2

        test.read_until(is_left)
        inputs = test.source.stats.inputs
    assert test.events[1].reason == "Continuity_count_error (1.4)"
    assert [one.state for one in inputs] == ["faulty", "active"]
    assert inputs[0].errors["1.4"] >= 10
    assert inputs[1].errors["1.4"] == 0


def test_null_packets_and_tables_fill_where_no_input_is_left() -> None:
    switch = InputSwitch()
    with played(1, when_lost="fill", data_timeout_s=0.1) as test:
        test.source.on_mark = switch.mark
        go_on = keep_alive(test, 0, A)

        def runs() -> bool:
            go_on()
            return len(test.given) > 600 * 188

        test.read_until(runs)
        test.read_until(lambda: test.source.stats.filled_packets > 300)
        test.play(0, A[1000:1400])
        test.read_until(lambda: test.given.endswith(A[1398]))
        stats = test.source.stats
    assert (stats.active, stats.switches) == (str(test.inputs[0].url), 1)
    assert stats.bytes_read == len(test.given)
    lost, found = test.events[1].packet_index, test.events[2].packet_index
    assert test.events[1].after is None
    whole = split(bytes(Pipeline(switch).process(tsloom_batch(test.given))))
    filled = whole[lost:found]
    pids = {judge.read_header(packet).pid for packet in filled}
    assert pids == {0, SERVICE_1.pmt_pid, 0x1FFF}
    assert len(judge.find_sections(filled, 0)) == len(judge.find_sections(filled, 0x1000)) > 1
    assert judge.count_packets(whole).total("continuity_errors") == 0


def tsloom_batch(data: bytearray) -> Any:
    from tsloom import PacketBatch

    return PacketBatch(bytes(data))


def test_it_stops_sending_by_default_and_goes_on() -> None:
    with played() as test:
        test.play(0, A[:100])
        test.read_until(lambda: len(test.events) == 2)
        assert test.source.stats.active is None
        before = len(test.given)
        test.read_until(lambda: test.source.readinto(bytearray(1 << 17)) is None)
        assert len(test.given) == before
        test.play(1, B[:100])
        test.read_until(lambda: len(test.events) == 3)
        assert test.marks == [(before // 188, 0)]


def test_it_ends_when_all_inputs_have_ended() -> None:
    with played() as test:
        test.play(0, A[:100])
        test.read_until(lambda: len(test.given) > 0 or bool(test.events))
        test.inputs[0].end()
        test.inputs[1].fail(PeerLostError("gone"))
        end = time.monotonic() + WAIT_S
        while test.source.readinto(bytearray(1 << 17)) != 0:
            assert time.monotonic() < end
        assert isinstance(test.source.end_error, PeerLostError)
        assert [one.state for one in test.source.stats.inputs] == ["ended", "ended"]


def test_an_input_that_the_system_refuses_is_opened_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[PlayedSource] = []

    def open_source(*_: object, **__: object) -> PlayedSource:
        if len(opened) == 1:
            opened.append(PlayedSource(""))
            raise OpenError("not now")
        opened.append(PlayedSource(""))
        return opened[-1]

    monkeypatch.setattr(redundant, "open_source", open_source)
    monkeypatch.setattr("tsloom.io.retry.Retry.note_failure", lambda _: 0.001)
    with RedundantSource(["udp://127.0.0.1:1"], timeout=0.01) as source:
        opened[0].fail(SystemRefusedError("the interface is down"))
        end = time.monotonic() + WAIT_S
        while len(opened) < 3:
            assert time.monotonic() < end
            time.sleep(0.002)
        opened[2].give(b"".join(A[:50]))
        buffer = bytearray(1 << 17)
        while not source.stats.active or not source.stats.inputs[0].packets:
            source.readinto(buffer)
            assert time.monotonic() < end
        (stats,) = source.stats.inputs
    assert (stats.openings, stats.failures) == (2, 2)
    assert opened[0].closed


def test_one_that_cannot_be_opened_does_not_keep_the_other_from_it() -> None:
    taken = opening.open_source("udp://127.0.0.1:0")
    with taken:
        port = taken.local_address[1]
        with pytest.raises(OpenError, match="in use"):
            RedundantSource([f"udp://127.0.0.1:{port}"])
        with RedundantSource([f"udp://127.0.0.1:{port}", "udp://127.0.0.1:0"]) as source:
            assert source.sources[0] is None
            assert source.sources[1] is not None
            assert [one.openings for one in source.stats.inputs] == [0, 1]


def test_no_thread_and_no_socket_is_left() -> None:
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        with RedundantSource(["udp://127.0.0.1:0", "udp://127.0.0.1:0"], timeout=0.01) as source:
            assert source.readinto(bytearray(1 << 17)) is None
    assert threading.active_count() == threads
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors


@pytest.mark.parametrize(
    "options",
    [{"data_timeout_s": 0}, {"back_after_s": -1.0}, {"when_lost": "freeze"}],
    ids=str,
)
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        RedundantSource(["udp://127.0.0.1:0"], **options)


def test_a_file_is_no_redundant_input(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(A))
    with pytest.raises(UsageError, match="no file"):
        RedundantSource([path, "udp://127.0.0.1:0"])
    with pytest.raises(UsageError, match="least"):
        RedundantSource([])
