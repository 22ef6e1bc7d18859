"""Streams whose packets have times of arrival, made from formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from tsloom.io import DatagramTable, SourceStats, Url, parse_url

PCR_HZ = 27_000_000
VIDEO = 0x100
STAMP_MODULUS = 1 << 30


def pcr_packets(pcr_27mhz: npt.NDArray[np.int64], every: int) -> npt.NDArray[np.uint8]:
    """(N * every, 188) bytes: of each `every` packets the first has a PCR."""
    count = len(pcr_27mhz) * every
    data = np.zeros((count, 188), dtype=np.uint8)
    data[:, 0], data[:, 1], data[:, 2] = 0x47, VIDEO >> 8, VIDEO & 255
    data[:, 3] = 0x10 | np.arange(count) % 16
    base, extension = np.divmod(pcr_27mhz % (300 << 33), 300)
    with_pcr = data[::every]
    with_pcr[:, 3] |= 0x20
    with_pcr[:, 4], with_pcr[:, 5] = 7, 0x10
    for byte in range(4):
        with_pcr[:, 6 + byte] = base >> (25 - 8 * byte) & 255
    with_pcr[:, 10] = (base & 1) << 7 | 0x7E | extension >> 8
    with_pcr[:, 11] = extension & 255
    return data


def m2ts(data: npt.NDArray[np.uint8], arrival_27mhz: npt.NDArray[np.int64]) -> bytes:
    """The packets with their time stamps in front, copy permission bits set."""
    stamps = (arrival_27mhz % STAMP_MODULUS | 0xC0000000).astype(">u4")
    front = stamps.view(np.uint8).reshape(-1, 4)
    return np.concatenate([front, data], axis=1).tobytes()


class DatagramSource:
    """A live source of datagrams that arrived at told times: (payload, nanoseconds)."""

    is_live = True
    size_bytes = None
    url: Url = parse_url("udp://127.0.0.1:1")

    def __init__(self, datagrams: Iterable[tuple[bytes, int]], at_once: int = 3) -> None:
        self.datagrams = DatagramTable()
        self._left: Iterator[tuple[bytes, int]] = iter(datagrams)
        self._at_once = at_once
        self._read = 0

    @property
    def stats(self) -> SourceStats:
        return SourceStats(self._read)

    def readinto(self, buffer: memoryview) -> int | None:
        taken = [one for _, one in zip(range(self._at_once), self._left, strict=False)]
        data = b"".join(payload for payload, _ in taken)
        self.datagrams.set([(len(payload), arrival_ns) for payload, arrival_ns in taken])
        buffer[: len(data)] = data
        self._read += len(data)
        return len(data)

    def close(self) -> None:
        pass

    def __enter__(self) -> DatagramSource:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass
