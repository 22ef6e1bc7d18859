"""Not run: mypy --strict reads it and finds the types that the public API promises."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import numpy as np
import numpy.typing as npt

import tsloom


def look_at_batches(path: Path) -> int:
    packets = 0
    with tsloom.open(path) as stream:
        for batch in stream.batches():
            assert_type(batch, tsloom.PacketBatch)
            assert_type(batch.pid, npt.NDArray[np.uint16])
            assert_type(batch.pcr_27mhz, npt.NDArray[np.uint64])
            assert_type(batch.payload_unit_start_indicator, npt.NDArray[np.bool_])
            packets += len(batch)
    return packets


def synchronise(data: bytes) -> tsloom.PacketBatch:
    machine = tsloom.PacketSync()
    machine.feed(memoryview(data))
    assert_type(machine.events, tuple[tsloom.SyncEvent, ...])
    assert_type(machine.packet_size, int | None)
    return machine.flush()


def report(url: str) -> str:
    found = tsloom.analyze(url, duration=1.0)
    assert_type(found, tsloom.Report)
    assert_type(found.packets, int)
    assert_type(found.bitrate_bps, float | None)
    assert_type(found.pids[0x100], tsloom.PidReport)
    assert_type(found.services[1].service_id, int)
    return found.to_json()


def keep_video(batch: tsloom.PacketBatch) -> tsloom.PacketBatch:
    return batch.select([0x100])


def edit(source: Path, sink: Path) -> int:
    cues = tsloom.SpliceInserter(service_id=1, pid=500)
    event_id = cues.schedule(tsloom.Break(start="+10s", duration="30s", preroll="5s"))
    assert_type(event_id, int)
    pipeline = tsloom.Pipeline(
        tsloom.KeepServices(1),
        tsloom.RemapPids({0x100: 0x200}),
        tsloom.DropNulls(),
        keep_video,
        cues,
        tsloom.Analyzer(),
    )
    result = pipeline.run(source, sink)
    assert_type(result.packets_out, int)
    return result.packets_in


def follow_cues(path: str) -> None:
    for cue in tsloom.cues(path):
        assert_type(cue, tsloom.Cue)
        assert_type(cue.packet_index, int)


def catch(path: str) -> None:
    try:
        tsloom.analyze(path)
    except tsloom.TsloomError as error:
        assert_type(error.facts, dict[str, object])
