"""A clean DVB stream of two programs at a constant bitrate, and ways to break it.

A packet a millisecond, so that the n-th packet stands at n ms to the tick. The array is edited
first; `finish` then counts continuity, so that an edit breaks what it is to break and no more.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tests.builders import (
    NULL_PACKET,
    NULL_PID,
    PCR_HZ,
    PCR_MODULUS,
    PTS_MODULUS,
    adaptation_field,
    crc_32,
    packet,
    packetize,
    pat,
    pes_header,
    pmt,
    sdt,
    section,
)
from tests.properties.pieces import PieceSource
from tsloom import Analyzer, Pipeline, Report
from tsloom.analysis.limits import Limits

Packets = npt.NDArray[np.uint8]

MS_TICKS = PCR_HZ // 1000
CYCLE_MS = 10_000
# The first program's clock wraps half an hour into the stream; the second's is another.
PCR_FIRST = {0x100: PCR_MODULUS - 1800 * PCR_HZ, 0x110: 5 * PCR_HZ}
PMT_1, PMT_2 = 0x1000, 0x1010
VIDEO_1, AUDIO_1, VIDEO_2, AUDIO_2, DATA = 0x100, 0x101, 0x110, 0x111, 0x120
STRAY = 0x333
# Where in its 20 ms a program's PCR stands.
PCR_PLACE = {VIDEO_1: 0, VIDEO_2: 10}
PES_PLACE = {VIDEO_1: 4, AUDIO_1: 14, VIDEO_2: 24, AUDIO_2: 34}
NULL_PLACES = (7, 8, 9)


def short_section(table_id: int, body: bytes) -> bytes:
    """Without the long syntax: TDT, RST, ST."""
    return bytes((table_id, 0x70 | len(body) >> 8, len(body) & 0xFF)) + body


def tot() -> bytes:
    """A TOT without descriptors: no long syntax, but a CRC_32 (EN 300 468, 5.2.6)."""
    front = bytes((0x73, 0x70, 11)) + bytes(5) + b"\xf0\x00"
    return front + crc_32(front).to_bytes(4, "big")


def eit(table_id: int, service_id: int, number: int) -> bytes:
    """An EIT section without events."""
    last = 1 if table_id < 0x50 else 0
    body = bytes((0, 1, 0, 1, last, table_id))
    return section(table_id, service_id, body, number=number, last=last)


def empty_nit(table_id: int, network_id: int, number: int = 0) -> bytes:
    return section(table_id, network_id, b"\xf0\x00\xf0\x00", number=number)


def sdt_other(number: int = 0) -> bytes:
    return section(0x46, 2, b"\x00\x01\xff", number=number)


PMTS = {
    PMT_1: pmt(1, VIDEO_1, [(0x1B, VIDEO_1, b""), (0x0F, AUDIO_1, b""), (0x06, DATA, b"")]),
    PMT_2: pmt(2, VIDEO_2, [(0x1B, VIDEO_2, b""), (0x0F, AUDIO_2, b"")]),
}
# Name: PID, section, every so many ms, first at.
TABLES: dict[str, tuple[int, bytes, int, int]] = {
    "pat": (0, pat({1: PMT_1, 2: PMT_2}), 100, 31),
    "pmt 1": (PMT_1, PMTS[PMT_1], 100, 41),
    "pmt 2": (PMT_2, PMTS[PMT_2], 100, 51),
    "cat": (1, section(1, 0xFFFF, b"\x09\x04\x12\x34\xe1\x40"), 200, 61),
    "sdt": (0x11, sdt(1, "One", "Somebody"), 1000, 71),
    "sdt other": (0x11, sdt_other(), 1000, 171),
    "bat": (0x11, section(0x4A, 9, b"\xf0\x00\xf0\x00"), 1000, 271),
    "eit 1 p": (0x12, eit(0x4E, 1, 0), 1000, 371),
    "eit 1 f": (0x12, eit(0x4E, 1, 1), 1000, 471),
    "eit 2 p": (0x12, eit(0x4E, 2, 0), 1000, 571),
    "eit 2 f": (0x12, eit(0x4E, 2, 1), 1000, 671),
    "eit other p": (0x12, eit(0x4F, 7, 0), 1000, 771),
    "eit other f": (0x12, eit(0x4F, 7, 1), 1000, 871),
    "eit schedule": (0x12, eit(0x50, 1, 0), 1000, 971),
    "nit": (0x10, empty_nit(0x40, 1), 1000, 81),
    "nit other": (0x10, empty_nit(0x41, 2), 1000, 181),
    "rst": (0x13, short_section(0x71, bytes(9)), 1000, 281),
    "tdt": (0x14, short_section(0x70, b"\xc0\x79\x12\x45\x00"), 10_000, 381),
    "tot": (0x14, tot(), 10_000, 481),
}


def rows(made: bytes | list[bytes]) -> Packets:
    data = made if isinstance(made, bytes) else b"".join(made)
    return np.frombuffer(data, np.uint8).reshape(-1, 188)


def one_packet(pid: int, data: bytes) -> bytes:
    (made,) = packetize(data, pid)
    return made


def pids(packets: Packets) -> npt.NDArray[np.int64]:
    return (packets[:, 1].astype(np.int64) & 31) << 8 | packets[:, 2]


def put_pcrs(packets: Packets, where: npt.NDArray[np.int64], pcrs: npt.NDArray[np.int64]) -> None:
    """Into packets that have a PCR."""
    base, extension = pcrs % PCR_MODULUS // 300, pcrs % 300
    for byte in range(4):
        packets[where, 6 + byte] = base >> (25 - 8 * byte) & 0xFF
    packets[where, 10] = (base & 1) << 7 | 0x7E | extension >> 8
    packets[where, 11] = extension & 0xFF


def put_pts(packets: Packets, where: npt.NDArray[np.int64], pts: npt.NDArray[np.int64]) -> None:
    """Into packets that begin a PES packet (2.4.3.6), without adaptation field."""
    value = pts % PTS_MODULUS
    packets[where, 13] = 0x21 | value >> 29 & 0x0E
    packets[where, 14] = value >> 22 & 0xFF
    packets[where, 15] = 1 | value >> 14 & 0xFE
    packets[where, 16] = value >> 7 & 0xFF
    packets[where, 17] = 1 | value << 1 & 0xFE


def is_pes_start(packets: Packets, pid: int) -> npt.NDArray[np.bool_]:
    return (pids(packets) == pid) & (packets[:, 1] & 0x40 != 0)


@functools.cache
def _cycle() -> Packets:
    """Ten seconds without clocks, time stamps and counters."""
    made = np.tile(rows(NULL_PACKET), (CYCLE_MS, 1))
    at = np.arange(CYCLE_MS)
    for place, pid in ((2, VIDEO_1), (3, AUDIO_1), (5, VIDEO_2), (6, AUDIO_2)):
        made[at % 10 == place] = rows(packet(pid, 0, bytes(184)))
    for pid, place in PCR_PLACE.items():
        field = adaptation_field(pcr=0)
        made[at % 20 == place] = rows(packet(pid, 0, bytes(176), adaptation=field))
    for pid, place in PES_PLACE.items():
        start = pes_header(0xC0 if pid in (AUDIO_1, AUDIO_2) else 0xE0, 0)
        payload = start + bytes(184 - len(start))
        made[at % 40 == place] = rows(packet(pid, 0, payload, payload_unit_start=True))
    made[at % 100 == 1] = rows(packet(DATA, 0, bytes(184)))
    for pid, data, every, first in TABLES.values():
        assert len(packetize(data, pid)) == 1
        made[at % every == first] = rows(packetize(data, pid))
    return made


def clean(seconds: float, first_ms: int = 0) -> Packets:
    """From a millisecond on; all but the continuity_counters."""
    at = np.arange(first_ms, first_ms + round(seconds * 1000), dtype=np.int64)
    made = _cycle()[at % CYCLE_MS]
    for pid, place in PCR_PLACE.items():
        where = np.flatnonzero(at % 20 == place)
        put_pcrs(made, where, PCR_FIRST[pid] + at[where] * MS_TICKS)
    for pid, place in PES_PLACE.items():
        where = np.flatnonzero(at % 40 == place)
        first = PCR_FIRST[VIDEO_1 if pid in (VIDEO_1, AUDIO_1) else VIDEO_2]
        put_pts(made, where, (first + at[where] * MS_TICKS) // 300 + 45_000)
    return made


def finish(packets: Packets, counters: dict[int, int] | None = None) -> Packets:
    """Counts continuity, in place; counters go on from one part to the next."""
    kept = {} if counters is None else counters
    of_pid = pids(packets)
    for pid in np.unique(of_pid).tolist():
        if pid == NULL_PID:
            continue
        where = np.flatnonzero(of_pid == pid)
        steps = np.cumsum((packets[where, 3] & 0x10) >> 4, dtype=np.int64)
        values = (kept.get(pid, -1) + steps) % 16
        packets[where, 3] = packets[where, 3] & 0xF0 | values.astype(np.uint8)
        kept[pid] = int(values[-1])
    return packets


def parts(seconds: int, part_s: int = 100) -> Iterator[Packets]:
    """A long clean stream."""
    counters: dict[int, int] = {}
    for first in range(0, seconds, part_s):
        yield finish(clean(min(part_s, seconds - first), first * 1000), counters)


# -- edits


def times_of(name: str, packets: Packets) -> list[int]:
    """The milliseconds at which a table stands."""
    _, _, every, first = TABLES[name]
    return list(range(first, len(packets), every))


def blank(packets: Packets, where: object) -> None:
    """Null packets in their place: nothing moves."""
    packets[where] = rows(NULL_PACKET)[0]  # type: ignore[index]


def remove(name: str, packets: Packets, start: int = 0, end: int = 1 << 60) -> None:
    """A table, from one millisecond up to another."""
    blank(packets, [at for at in times_of(name, packets) if start <= at < end])


def send(packets: Packets, at: int, pid: int, data: bytes) -> None:
    """A section in the place of a null packet."""
    put(packets, at, one_packet(pid, data))


def put(packets: Packets, at: int, made: bytes) -> None:
    assert pids(packets[at : at + 1])[0] == NULL_PID, "something stands there"
    packets[at] = rows(made)[0]


def send_table(packets: Packets, at: int, name: str) -> None:
    send(packets, at, *TABLES[name][:2])


# -- what is seen


def judge(packets: Packets, limits: Limits | None = None) -> Report:
    """As `tsloom analyze` does it."""
    return judge_parts([packets.tobytes()], limits)


def judge_parts(pieces: list[bytes], limits: Limits | None = None) -> Report:
    analyzer = Analyzer(limits=limits)
    return analyzer.report(Pipeline(analyzer).run(PieceSource(pieces)))


def counts(report: Report) -> dict[str, int]:
    """The indicators that counted anything."""
    return {number: one.count for number, one in report.tr101290.items() if one.count}


def faults(packets: Packets, limits: Limits | None = None) -> dict[str, int]:
    return counts(judge(finish(packets), limits))
