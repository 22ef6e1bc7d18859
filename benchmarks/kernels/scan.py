"""Headers into columns with continuity and PCR."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

from benchmarks.data import PACKET_SIZE
from benchmarks.limits import RAM
from benchmarks.measure import Row, Run, timed
from benchmarks.native import load
from benchmarks.streams import Stream
from tsloom import PacketBatch
from tsloom.pipeline.pipeline import BATCH_PACKETS


class ScanAnswer(ctypes.Structure):
    """scan_answer of scan_columns.c."""

    _fields_ = (
        ("packets", ctypes.c_uint64),
        ("pcrs", ctypes.c_uint64),
        ("continuity_errors", ctypes.c_uint64),
        ("pid_sum", ctypes.c_uint64),
    )


@cache
def _scan_columns() -> ctypes._NamedFuncPointer:
    function = load(Path(__file__).with_name("scan_columns.c"), with_core=True).scan_columns
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.POINTER(ScanAnswer)]
    return function


def scan_in_c(stream: Stream) -> Run:
    """The kernels themselves, called from C."""
    data, scan, answer = stream.data, _scan_columns(), ScanAnswer()
    count = data.size // PACKET_SIZE
    status, seconds = timed(lambda: scan(data.ctypes.data, count, ctypes.byref(answer)))
    assert status == 0
    assert answer.pid_sum == sum(pid * number for pid, number in stream.facts.pids.items())
    counts = {"pcrs": answer.pcrs, "continuity_errors": answer.continuity_errors}
    return Run(answer.packets, seconds, counts)


def scan_in_python(stream: Stream) -> Run:
    """What a user's loop over batches pays for the columns."""

    def scan() -> tuple[int, int]:
        packets = pcrs = 0
        view = memoryview(stream.data)
        for at in range(0, len(view), BATCH_PACKETS * PACKET_SIZE):
            batch = PacketBatch(view[at : at + BATCH_PACKETS * PACKET_SIZE])
            packets += len(batch.pid)
            assert len(batch.continuity_counter) == len(batch)
            pcrs += len(batch.pcr_27mhz)
        return packets, pcrs

    _ = stream.data
    (packets, pcrs), seconds = timed(scan)
    return Run(packets, seconds, {"pcrs": pcrs})


ROWS = [
    Row(
        "scan, from C",
        "header, PID and counter columns, PCR list, continuity judged, in RAM",
        scan_in_c,
        RAM,
        0.8,
    ),
    Row(
        "PacketBatch columns",
        "header, PID, counter and PCR columns as numpy arrays, in RAM",
        scan_in_python,
        RAM,
    ),
]
