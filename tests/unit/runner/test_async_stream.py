"""open_async: batches for asyncio users, whoever is slow."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tsloom
from tests.unit.io.loopback import open_udp_sink, open_udp_source, packets
from tsloom.errors import NotATransportStreamError, OpenError, UsageError
from tsloom.io.udp import UdpSource

COUNT = 70_000
READER = "tsloom stream"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "stream.ts"
    path.write_bytes(packets(COUNT))
    return path


def reader_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == READER]


@pytest.mark.parametrize(("batch_packets", "most_waiting"), [(512, 1), (4096, 16)])
def test_a_file_comes_whole_however_slow_it_is_taken(
    recording: Path, batch_packets: int, most_waiting: int
) -> None:
    async def take() -> bytes:
        taken = bytearray()
        async with tsloom.open_async(
            recording, batch_packets=batch_packets, most_waiting=most_waiting
        ) as stream:
            async for batch in stream:
                taken += bytes(batch)
                if len(taken) < 20 * batch_packets * 188:
                    await asyncio.sleep(0.005)
            assert stream.lost_packets == 0
            assert stream.stats.bytes_read == len(taken)
            assert [event.kind for event in stream.events] == ["acquired"]
        return bytes(taken)

    assert asyncio.run(take()) == recording.read_bytes()
    assert not reader_threads()


def test_batches_stay_what_they_are(recording: Path) -> None:
    async def take() -> list[tsloom.PacketBatch]:
        async with tsloom.open_async(recording, batch_packets=1000) as stream:
            return [batch async for batch in stream]

    batches = asyncio.run(take())
    indices = np.concatenate([batch.packet_index for batch in batches])
    assert indices.tolist() == list(range(COUNT))


def test_a_loop_that_is_held_up_neither_stops_nor_blocks_what_is_live() -> None:
    """It is held up for half a second: what came meanwhile is dropped but for the last batches."""

    async def take(source: UdpSource) -> tuple[list[int], int, int]:
        seen: list[int] = []
        assert source.local_address is not None
        with open_udp_sink(f"udp://127.0.0.1:{source.local_address[1]}") as sink:
            stream = tsloom.open_async(source, batch_packets=512, most_waiting=2)
            async with stream:
                for first in range(0, 7 * 400, 7 * 20):
                    sink.write(packets(7 * 400)[first * 188 : (first + 7 * 20) * 188])
                    await asyncio.sleep(0.002)
                sink.flush()
                time.sleep(0.5)  # that is what is tested
                async for batch in stream:
                    seen += batch.packet_index.tolist()
                    if seen[-1] >= 7 * 400 - 2:
                        break
                # Packet synchronisation keeps the last one back.
                bytes_read = stream.stats.bytes_read
                lost = stream.lost_packets
        return seen, lost, bytes_read

    seen, lost, bytes_read = asyncio.run(take(open_udp_source("udp://127.0.0.1:0", timeout=0.05)))
    assert bytes_read == 7 * 400 * 188
    assert lost > 0
    assert len(seen) + lost == seen[-1] + 1
    assert seen == sorted(seen)
    assert not reader_threads()


def test_several_streams_go_on_beside_each_other_and_other_work(recording: Path) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.001)

    async def count() -> int:
        async with tsloom.open_async(recording, batch_packets=600) as stream:
            return sum([len(batch) async for batch in stream])

    async def work() -> list[int]:
        ticking = asyncio.create_task(tick())
        counts = await asyncio.gather(*(count() for _ in range(5)))
        ticking.cancel()
        return counts

    assert asyncio.run(work()) == [COUNT] * 5
    assert ticks > 3


def test_whoever_waits_can_be_cancelled() -> None:
    async def wait() -> None:
        async with tsloom.open_async("udp://127.0.0.1:0", timeout=0.05) as stream:
            async for _ in stream:
                raise AssertionError("nobody sends")

    async def work() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wait(), 0.2)

    asyncio.run(work())
    assert not reader_threads()


def test_a_stream_is_left_in_the_middle(recording: Path) -> None:
    async def take() -> int:
        async with tsloom.open_async(recording, batch_packets=512, most_waiting=1) as stream:
            async for batch in stream:
                return len(batch)
        return 0

    assert asyncio.run(take()) in (511, 512)
    assert not reader_threads()


def test_what_cannot_be_opened_is_told_on_entering(tmp_path: Path) -> None:
    async def take() -> None:
        async with tsloom.open_async(tmp_path / "missing.ts"):
            raise AssertionError("there is nothing to open")

    with pytest.raises(OpenError):
        asyncio.run(take())
    with pytest.raises(UsageError):
        tsloom.open_async("x.ts", most_waiting=0)


def test_what_goes_wrong_later_is_raised_where_batches_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(bytes(range(1, 71)) * 100)

    async def take() -> int:
        async with tsloom.open_async(path) as stream:
            return sum([len(batch) async for batch in stream])

    with contextlib.suppress(NotATransportStreamError):
        assert asyncio.run(take()) == 0


def test_a_stream_is_opened_once(recording: Path) -> None:
    async def take() -> None:
        stream = tsloom.open_async(recording)
        async with stream:
            pass
        with pytest.raises(UsageError):
            await stream.__aenter__()

    asyncio.run(take())
