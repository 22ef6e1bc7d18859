"""What nothing can beat: reading the same bytes."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

from benchmarks.data import PACKET_SIZE
from benchmarks.measure import Row, Run, timed
from benchmarks.native import load
from benchmarks.streams import Stream
from tsloom.pipeline.pipeline import BATCH_PACKETS

BLOCK_BYTES = 1 << 20


@cache
def _sum_bytes() -> ctypes._NamedFuncPointer:
    function = load(Path(__file__).with_name("sum_bytes.c"), with_core=False).sum_bytes
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    function.restype = ctypes.c_uint64
    return function


def sum_every_byte(stream: Stream) -> Run:
    """Adds up the stream in RAM."""
    data, sum_bytes = stream.data, _sum_bytes()
    assert sum_bytes(data.ctypes.data, 100_000) == int(data[:100_000].sum(dtype="u8"))
    total, seconds = timed(lambda: sum_bytes(data.ctypes.data, data.size))
    return Run(data.size // PACKET_SIZE, seconds, {"sum": total})


def _read(path: Path, block_bytes: int) -> int:
    buffer, size = bytearray(block_bytes), 0
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while got := os.readv(fd, (buffer,)):
            size += got
    finally:
        os.close(fd)
    return size


def read_file(stream: Stream) -> Run:
    """Reads the file, 1 MiB at a time."""
    size, seconds = timed(lambda: _read(stream.path, BLOCK_BYTES))
    return Run(size // PACKET_SIZE, seconds, {"size_bytes": size})


def read_file_in_batches(stream: Stream) -> Run:
    """Reads the file in blocks of the size that tsloom reads."""
    size, seconds = timed(lambda: _read(stream.path, BATCH_PACKETS * PACKET_SIZE))
    return Run(size // PACKET_SIZE, seconds, {"size_bytes": size})


RAM = "sum every byte"
FILE = "read file"
ROWS = [
    Row(RAM, "add up all bytes in RAM: the limit of work in RAM", sum_every_byte),
    Row(FILE, "read() in blocks of 1 MiB: the limit of work on a file", read_file),
    Row(
        "read file in batches",
        f"read() in blocks of {BATCH_PACKETS} packets, tsloom's own",
        read_file_in_batches,
        FILE,
    ),
]
