"""Channels in one process: real sockets, commands, failures, and the end."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Multiplex, split
from tests.second_opinion import read_header
from tsloom import Break, Channel, ChannelConfig
from tsloom.errors import ConfigError, UsageError
from tsloom.io import open_sink
from tsloom.io.quantities import Backoff
from tsloom.runner.channel_counters import ChannelState
from tsloom.runner.stage_options import StageOptions

PATIENCE_S = 10.0
STREAM = Multiplex().stream(2000)


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


def find_port() -> int:
    """A free one, from where the system gives none by itself: so nobody else comes by it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        while True:
            port = random.randrange(10_000, 32_000)
            with suppress(OSError):
                one.bind(("127.0.0.1", port))
                return port


@contextmanager
def sending(port: int) -> Iterator[None]:
    """The stream, over and over, at some two megabits a second."""
    stop = threading.Event()

    def send() -> None:
        with open_sink(f"udp://127.0.0.1:{port}", source_is_live=True) as sink:
            while not stop.is_set():
                for at in range(0, len(STREAM), 1316):
                    sink.write(STREAM[at : at + 1316])
                    if stop.wait(0.005):
                        return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def make_config(name: str, port: int, path: Path, **fields: Any) -> ChannelConfig:
    return ChannelConfig(
        name=name, inputs=(f"udp://127.0.0.1:{port}",), outputs=(str(path),), **fields
    )


def test_it_relays_until_it_is_stopped_and_counts(tmp_path: Path) -> None:
    port, path = find_port(), tmp_path / "out.ts"
    events: list[dict[str, Any]] = []
    with Channel(make_config("one", port, path), on_event=events.append) as channel:
        assert channel.opened.wait(PATIENCE_S)
        with sending(port):
            wait_for(lambda: channel.counters.packets_out > 500)
            assert channel.state is ChannelState.RUNNING
    counters = channel.counters
    assert channel.state is ChannelState.STOPPED
    assert counters.packets_in == counters.packets_out
    assert counters.bytes_out == path.stat().st_size == 188 * counters.packets_out
    states = [event["state"] for event in events if event["event"] == "state"]
    assert states == ["opening", "running", "stopped"]
    assert {event["channel"] for event in events} == {"one"}


def test_commands_take_effect_while_it_runs(tmp_path: Path) -> None:
    port, path = find_port(), tmp_path / "out.ts"
    options = StageOptions(on_demand=True, room="add")
    with Channel(make_config("one", port, path, stages=options)) as channel:
        assert channel.opened.wait(PATIENCE_S)
        channel.drop_pids(0x101).result(PATIENCE_S)
        with sending(port):
            wait_for(lambda: channel.counters.packets_in > 200)
            wanted = Break(start="+0.2s", duration="1s", preroll="0.1s")
            break_id = channel.add_break(wanted).result(PATIENCE_S)
            wait_for(lambda: channel.counters.cues_inserted > 0)
            with pytest.raises(UsageError, match="no cues there"):
                channel.cancel_break(break_id, pid=0x777).result(PATIENCE_S)
            before = channel.counters.packets_in
            channel.pass_pids(0x101).result(PATIENCE_S)
            wait_for(lambda: channel.counters.packets_in > before + 1000)
    pids = [read_header(packet).pid for packet in split(path.read_bytes())]
    assert 500 in pids
    # Dropped from the first batch, passed at the end.
    assert 0x101 not in pids[:100]
    assert 0x101 in pids[-500:]
    with pytest.raises(UsageError, match="over"):
        channel.drop_pids(1)


def test_one_that_fails_begins_again_and_no_other_is_disturbed(tmp_path: Path) -> None:
    ports = [find_port(), find_port()]
    broken = tmp_path / "there" / "out.ts"
    restart = Backoff(20_000, 50_000)
    configs = [
        make_config("good", ports[0], tmp_path / "good.ts"),
        make_config("bad", ports[1], broken, restart=restart),
    ]
    good, bad = (Channel(config) for config in configs)
    with good, bad:
        assert good.opened.wait(PATIENCE_S)
        with sending(ports[0]), sending(ports[1]):
            wait_for(lambda: bad.counters.restarts >= 2)
            assert "there" in (bad.counters.last_error or "")
            assert good.counters.restarts == 0
            broken.parent.mkdir()
            wait_for(lambda: bad.counters.packets_out > 100)
            wait_for(lambda: good.counters.packets_out > 100)
    assert (good.state, bad.state) == (ChannelState.STOPPED, ChannelState.STOPPED)


def test_it_gives_up_where_it_is_told_to(tmp_path: Path) -> None:
    restart = Backoff(10_000, 10_000)
    config = make_config(
        "bad", find_port(), tmp_path / "no" / "x.ts", restart=restart, max_restarts=2
    )
    channel = Channel(config)
    with channel:
        wait_for(lambda: channel.state is ChannelState.FAILED)
    assert channel.counters.restarts == 2
    assert channel.error is not None


def test_a_file_ends_it_and_paths_name_configurations(tmp_path: Path) -> None:
    (tmp_path / "in.ts").write_bytes(STREAM)
    file = tmp_path / "x.toml"
    file.write_text(f'input = "{tmp_path}/in.ts"\noutput = "{tmp_path}/out.ts"\n', "utf-8")
    with Channel(file) as channel:
        wait_for(lambda: channel.state.is_over)
    assert (channel.name, channel.state) == ("x", ChannelState.ENDED)
    assert (tmp_path / "out.ts").read_bytes() == STREAM
    file.write_text('input = "udp://"\n', "utf-8")
    with pytest.raises(ConfigError):
        Channel(file)


def test_thousands_of_commands_a_second_do_not_stop_it(tmp_path: Path) -> None:
    port, path = find_port(), tmp_path / "out.ts"
    with Channel(make_config("one", port, path)) as channel:
        assert channel.opened.wait(PATIENCE_S)
        with sending(port):
            futures = []
            for number in range(5000):
                pid = 0x1000 + number % 100
                futures.append(channel.drop_pids(pid) if number % 2 else channel.pass_pids(pid))
            for future in futures:
                future.result(PATIENCE_S)
            before = channel.counters.packets_out
            wait_for(lambda: channel.counters.packets_out > before + 100)
