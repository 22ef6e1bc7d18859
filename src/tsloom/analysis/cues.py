"""Cues as they pass: every splice information section with its place and its lead time."""

from __future__ import annotations

import base64
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tsloom._native.analyzer import ROLE_CUES, ROLE_PAT, ROLE_PMT, DemuxStage
from tsloom._native.packet_reader import PacketReader
from tsloom._native.pipeline import Engine
from tsloom.analysis.tables import DROP_REASONS, StreamTables
from tsloom.clock import PCR_HZ, PTS_HZ, PTS_MODULUS, pts_difference
from tsloom.errors import InputError, NotATransportStreamError
from tsloom.pipeline.pipeline import enter_source
from tsloom.scte35 import SpliceInfoSection, SpliceInsert, TimeSignal
from tsloom.scte35 import parse as parse_splice_info

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator

    from tsloom._native.pipeline import Stage
    from tsloom.io import Source

TABLE_ID_SPLICE_INFO = 0xFC
# More cues than these wait at most for someone to take them.
KEPT_CUES = 100_000
# More PATs and PMTs than these there cannot be, but in hostile input.
KEPT_TABLES = 16_384
STREAM_TYPE_CUES = 0x86

# pid, role, reason, crc_ok, first_packet, last_packet, stream_time, pts_90khz, data
SectionRecord: TypeAlias = tuple[int, int, int, bool, int, int, int | None, int | None, bytes]


@dataclass(frozen=True, slots=True)
class Cue:
    """A splice information section in a stream.

    `packet_index` is that of the packet that ends it; `stream_time_s` counts from the first PCR of
    its program and `pts_90khz` is that clock's reading there: None without a PCR so far.
    `service_id` is that of the program whose PMT names the PID, the lowest if several do.
    """

    packet_index: int
    pid: int
    stream_time_s: float | None
    pts_90khz: int | None
    section: SpliceInfoSection
    data: bytes
    service_id: int | None = None

    @property
    def splice_pts_90khz(self) -> int | None:
        """pts_time with pts_adjustment, modulo 2^33 (2023r1, 9.6); None where there is none."""
        command = self.section.splice_command
        if not isinstance(command, (SpliceInsert, TimeSignal)):
            return None
        time = command.splice_time
        if time is None or time.pts_time is None:
            return None
        return int(time.pts_time + self.section.pts_adjustment) % PTS_MODULUS

    @property
    def lead_time(self) -> float | None:
        """Seconds from the cue to its splice point; negative when it came too late."""
        splice = self.splice_pts_90khz
        if splice is None or self.pts_90khz is None:
            return None
        return pts_difference(splice, self.pts_90khz) / PTS_HZ

    def to_dict(self) -> dict[str, Any]:
        """The keys that `tsloom cues` prints, one object a cue."""
        return {
            "packet_index": self.packet_index,
            "pid": self.pid,
            "stream_time_s": self.stream_time_s,
            "pts_90khz": self.pts_90khz,
            "lead_time_s": self.lead_time,
            "splice_info_section": self.section.to_dict(),
            "diagnostics": [str(diagnostic) for diagnostic in self.section.diagnostics],
            "base64": base64.b64encode(self.data).decode("ascii"),
            "service_id": self.service_id,
        }


class CueServices:
    """Which service a cue PID belongs to, and each service's cue PIDs in the PMT's order."""

    def __init__(self) -> None:
        self._tables = StreamTables()
        self._taken: dict[tuple[int, bytes], bytes] = {}
        self._services: dict[int, int] = {}

    def feed(self, pid: int, data: bytes) -> bool:
        """Takes a section of a PAT or PMT with a right CRC_32; whether it was another one."""
        place = (pid, data[:1] + data[3:5] + data[6:7])
        if self._taken.get(place) == data:
            return False
        if pid == 0:
            self._taken.clear()  # PMTs that were not listed before are so now, perhaps
        if len(self._taken) < KEPT_TABLES:
            self._taken[place] = data
        self._tables.feed(pid, data)
        self._services = {
            stream.elementary_pid: number
            for number, pmt in sorted(self._tables.pmts.items(), reverse=True)
            for stream in pmt.elementary_streams
        }
        return True

    def service_of(self, pid: int) -> int | None:
        return self._services.get(pid)

    def services_on(self, pmt_pid: int) -> list[int]:
        """The services whose PMTs are on this PID."""
        return [number for number, pid in self._tables.programs.items() if pid == pmt_pid]

    def cue_pids(self, service_id: int) -> tuple[int, ...]:
        pmt = self._tables.pmts.get(service_id)
        streams = () if pmt is None else pmt.elementary_streams
        return tuple(one.elementary_pid for one in streams if one.stream_type == STREAM_TYPE_CUES)


class CueMonitor(DemuxStage):
    """A stage that changes nothing and collects the cues that pass.

    PIDs with stream_type 0x86 in a PMT are found by themselves; others are named.
    """

    def __init__(self, *pids: int, on_cue: Callable[[Cue], None] | None = None) -> None:
        self._named = frozenset(pids)
        self._on_cue = on_cue
        self._cues: deque[Cue] = deque(maxlen=KEPT_CUES)
        self._services = CueServices()
        for pid in pids:
            self.watch(pid)

    def serve(self) -> None:
        for record in self.take_records():
            self._take(record)

    def _take(self, record: SectionRecord) -> None:
        """One section of a watched PID, in the order of the stream."""
        pid, role, reason, crc_ok, *_, data = record
        if role & (ROLE_PAT | ROLE_PMT) and crc_ok and not reason:
            self._services.feed(pid, data)
        if not role & ROLE_CUES and pid not in self._named:
            return
        if reason:
            self._take_damage(record, DROP_REASONS[reason])
        elif data and data[0] == TABLE_ID_SPLICE_INFO:
            try:
                section = parse_splice_info(data)
            except InputError as error:
                self._take_damage(record, str(error))  # not even the header can be read
            else:
                self._take_cue(record, section)

    def _take_cue(self, record: SectionRecord, section: SpliceInfoSection) -> None:
        pid, _, _, _, _, last_packet, time, pts, data = record
        seconds = None if time is None else time / PCR_HZ
        service_id = self._services.service_of(pid)
        cue = Cue(last_packet, pid, seconds, pts, section, data, service_id)
        self._cues.append(cue)
        if self._on_cue is not None:
            self._on_cue(cue)

    def _take_damage(self, record: SectionRecord, detail: str) -> None:
        """Bytes of which no section could be made: no cue."""

    def take_cues(self) -> list[Cue]:
        """The cues since the last call."""
        taken = list(self._cues)
        self._cues.clear()
        return taken


def cues(
    source: str | os.PathLike[str] | Source,
    *,
    pids: tuple[int, ...] = (),
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[Cue]:
    """Each cue of a stream as it is read; pids names cue PIDs that no PMT announces.

    `NotATransportStreamError` if the input holds no packet.
    """
    monitor = CueMonitor(*pids)
    for _ in read_through(source, [monitor], should_stop):
        yield from monitor.take_cues()


def read_through(
    source: str | os.PathLike[str] | Source,
    stages: Iterable[Stage],
    should_stop: Callable[[], bool] | None,
) -> Iterator[int]:
    """Reads a source through stages; gives the size of each batch once they have it."""
    with ExitStack() as stack:
        opened = enter_source(stack, source)
        engine, reader = Engine(stages), PacketReader(opened)
        while (taken := engine.step(reader, None)) is not None:
            yield taken
            if should_stop is not None and should_stop():
                return
        if reader.packets == 0:
            raise NotATransportStreamError(
                "no transport packets in the input",
                input=str(opened.url),
                bytes_read=reader.bytes_read,
            )
