"""The CueRewriter: cues that are in the stream already, restamped, rewritten or removed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tsloom._native.cue_rewriter import CueRewriterStage
from tsloom.clock import PCR_HZ, PTS_MODULUS
from tsloom.errors import InputError, UsageError
from tsloom.pipeline.inserter import KEPT_INSERTIONS, Room
from tsloom.pipeline.stages import NULL_PID, check_pid
from tsloom.scte35 import (
    SegmentationDescriptor,
    SpliceInfoSection,
    SpliceInsert,
    SpliceSchedule,
)
from tsloom.scte35 import parse as parse_splice_info

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from typing import Any, Self

    from tsloom.scte35 import KeyRing


class FreedPackets(StrEnum):
    """What becomes of packets that a removed or shorter section no longer needs."""

    NULL = "null"
    """Null packets: the bitrate stays."""
    DROP = "drop"
    """They are dropped."""


@dataclass(frozen=True, slots=True)
class CueMatch:
    """Which cues are meant: those that all that is given here is true of; without any, all.

    splice_event_ids are those of splice_insert and splice_schedule, segmentation_event_ids those of
    segmentation descriptors; one of several is enough. Of an encrypted section that cannot be read
    neither type nor ids are known: only a match without any takes it.
    """

    splice_command_types: Collection[int] | None = None
    splice_event_ids: Collection[int] | None = None
    segmentation_event_ids: Collection[int] | None = None

    def __call__(self, section: SpliceInfoSection) -> bool:
        """Is this one of them?"""
        types, splices, segmentations = (
            self.splice_command_types,
            self.splice_event_ids,
            self.segmentation_event_ids,
        )
        return (
            (types is None or section.splice_command_type in types)
            and (splices is None or not _splice_event_ids(section).isdisjoint(splices))
            and (
                segmentations is None
                or not _segmentation_event_ids(section).isdisjoint(segmentations)
            )
        )


def _splice_event_ids(section: SpliceInfoSection) -> set[int]:
    command = section.splice_command
    if isinstance(command, SpliceInsert):
        return {command.splice_event_id}
    if isinstance(command, SpliceSchedule):
        return {event.splice_event_id for event in command.events}
    return set()


def _segmentation_event_ids(section: SpliceInfoSection) -> set[int]:
    return {
        descriptor.segmentation_event_id
        for descriptor in section.splice_descriptors
        if isinstance(descriptor, SegmentationDescriptor)
    }


@dataclass(frozen=True, slots=True)
class CueChange:
    """A cue that was rewritten, or removed where `after` is None.

    `packet_index` is that of the input packet that ended it; `stream_time_s` and `pts_90khz` are
    its service's clock there, None without a PCR so far. `after` is what the callback gave: the
    offset of pts_adjustment is added behind it.
    """

    pid: int
    packet_index: int
    stream_time_s: float | None
    pts_90khz: int | None
    before: SpliceInfoSection
    after: SpliceInfoSection | None


class CueRewriter(CueRewriterStage):
    """Changes the cues that pass: on the PIDs that PMTs list for cues, and on those in `pids`.

    service_id takes those of one service, None those of all. In this order:

    - `remove`, a `CueMatch` or a function, says which cues go;
    - `rewrite` gets each other cue and gives the one that takes its place, the same to leave it as
      it is, or None to remove it. Cues whose CRC_32 is wrong are not shown to it. Both answers take
      effect at the packet that ended the cue;
    - `pts_offset_90khz` is added to the pts_adjustment of what leaves, modulo 2^33, and CRC_32 is
      computed anew (SCTE 35, 9.6.1); encrypted parts stay as they are. Cues whose CRC_32 is wrong,
      and those of another protocol_version, stay whole.

    With `keys` encrypted cues are read and encrypted again. A cue that takes more packets than it
    came in leaves at once as far as it can; `room` says where the rest goes, `freed` what becomes
    of packets that are left over. Continuity counters stay right. `changes` keeps the last removals
    and rewritings.
    """

    def __new__(
        cls,
        service_id: int | None = None,
        *,
        pids: Iterable[int] = (),
        rewrite: Callable[[SpliceInfoSection], SpliceInfoSection | None] | None = None,
        remove: Callable[[SpliceInfoSection], bool] | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        freed: FreedPackets | str = FreedPackets.NULL,
        **_: Any,
    ) -> Self:
        if service_id is not None and not 0 < service_id <= 0xFFFF:
            raise UsageError("a service_id is from 1 to 65535", service_id=service_id)
        named = [check_pid(pid) for pid in pids]
        if any(pid < 0x10 or pid == NULL_PID for pid in named):
            raise UsageError("a cue PID is from 0x10 to 0x1FFE", pids=named)
        try:
            room, freed = Room(room), FreedPackets(freed)
        except ValueError as error:
            raise UsageError("unknown room or freed", room=room, freed=freed) from error
        return super().__new__(
            cls,
            program_number=service_id or 0,
            pids=named,
            room=room.value,
            drops_freed=freed is FreedPackets.DROP,
            asks=rewrite is not None or remove is not None,
        )

    def __init__(
        self,
        service_id: int | None = None,
        *,
        pids: Iterable[int] = (),
        rewrite: Callable[[SpliceInfoSection], SpliceInfoSection | None] | None = None,
        pts_offset_90khz: int = 0,
        remove: Callable[[SpliceInfoSection], bool] | None = None,
        room: Room | str = Room.NULLS_THEN_ADD,
        freed: FreedPackets | str = FreedPackets.NULL,
        keys: KeyRing | None = None,
        on_change: Callable[[CueChange], None] | None = None,
    ) -> None:
        self.service_id = service_id
        self.room, self.freed = Room(room), FreedPackets(freed)
        self.changes: deque[CueChange] = deque(maxlen=KEPT_INSERTIONS)
        self._rewrite, self._remove = rewrite, remove
        self._keys, self._on_change = keys, on_change
        self.set_pts_offset(pts_offset_90khz)

    def set_pts_offset(self, pts_offset_90khz: int, *, from_packet: int = 0) -> None:
        """Another offset for cues that end in this packet or later: counted as `packet_index` is.

        Without from_packet it is the next packet that comes; called by `rewrite`, the cue that it
        was asked about. May be called from any thread; offsets for several packets may wait.
        """
        if from_packet < 0:
            raise UsageError("packets are counted from 0", from_packet=from_packet)
        self.offset_from(pts_offset_90khz % PTS_MODULUS, from_packet)

    def serve(self) -> None:
        for number, pid, packet_index, time, pts, crc_ok, data in self.passing():
            try:
                before = parse_splice_info(data, keys=self._keys)
            except InputError:
                continue  # not even the header can be read
            after = self._decide(before, crc_ok=crc_ok)
            if after is before or after == before:
                continue
            if after is None:
                self.remove_section(number)
            else:
                self.replace_section(number, after.encode(keys=self._keys))
            seconds = None if time is None else time / PCR_HZ
            self._tell(CueChange(pid, packet_index, seconds, pts, before, after))

    def _decide(self, before: SpliceInfoSection, *, crc_ok: bool) -> SpliceInfoSection | None:
        if self._remove is not None and self._remove(before):
            return None
        if self._rewrite is None or not crc_ok:
            return before
        after = self._rewrite(before)
        if after is not None and not isinstance(after, SpliceInfoSection):
            raise UsageError("rewrite gives a SpliceInfoSection or None", got=type(after).__name__)
        return after

    def _tell(self, change: CueChange) -> None:
        self.changes.append(change)
        if self._on_change is not None:
            self._on_change(change)
