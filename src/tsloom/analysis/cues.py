"""Cues as they pass: every splice information section with its place and its lead time."""

from __future__ import annotations

import base64
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tsloom._native.analyzer import ROLE_CUES, DemuxStage
from tsloom._native.pipeline import Engine, PacketReader
from tsloom.clock import PCR_HZ, PTS_HZ, PTS_MODULUS, pts_difference
from tsloom.errors import InputError, NotATransportStreamError
from tsloom.pipeline.pipeline import enter_source
from tsloom.scte35 import SpliceInfoSection, SpliceInsert, TimeSignal
from tsloom.scte35 import parse as parse_splice_info

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from tsloom.io import Source

TABLE_ID_SPLICE_INFO = 0xFC
# More cues than these wait at most for someone to take them.
KEPT_CUES = 100_000


@dataclass(frozen=True, slots=True)
class Cue:
    """A splice information section in a stream.

    `packet_index` is that of the packet that ends it; `stream_time_s` counts from the first PCR of
    its program and `pts_90khz` is that clock's reading there: None without a PCR so far.
    """

    packet_index: int
    pid: int
    stream_time_s: float | None
    pts_90khz: int | None
    section: SpliceInfoSection
    data: bytes

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
        }


class CueMonitor(DemuxStage):
    """A stage that changes nothing and collects the cues that pass.

    PIDs with stream_type 0x86 in a PMT are found by themselves; others are named.
    """

    def __init__(self, *pids: int, on_cue: Callable[[Cue], None] | None = None) -> None:
        self._named = frozenset(pids)
        self._on_cue = on_cue
        self._cues: deque[Cue] = deque(maxlen=KEPT_CUES)
        for pid in pids:
            self.watch(pid)

    def serve(self) -> None:
        for record in self.take_records():
            pid, role, reason, _, _, last_packet, time, pts, data = record
            wanted = role & ROLE_CUES or pid in self._named
            if reason or not wanted or not data or data[0] != TABLE_ID_SPLICE_INFO:
                continue
            try:
                section = parse_splice_info(data)
            except InputError:
                continue  # not even the header can be read
            seconds = None if time is None else time / PCR_HZ
            cue = Cue(last_packet, pid, seconds, pts, section, data)
            self._cues.append(cue)
            if self._on_cue is not None:
                self._on_cue(cue)

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
    with ExitStack() as stack:
        opened = enter_source(stack, source)
        monitor = CueMonitor(*pids)
        engine, reader = Engine([monitor]), PacketReader(opened)
        while engine.step(reader, None) is not None:
            yield from monitor.take_cues()
            if should_stop is not None and should_stop():
                return
        if reader.packets == 0:
            raise NotATransportStreamError(
                "no transport packets in the input",
                input=str(opened.url),
                bytes_read=reader.bytes_read,
            )
