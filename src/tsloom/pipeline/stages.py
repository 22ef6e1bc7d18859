"""Stages that drop, renumber and repair packets, and one for the user's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tsloom._native.pipeline import Stage
from tsloom._native.stages import (
    ContinuityCountStage,
    ContinuityRepairStage,
    FilterStage,
    RemapStage,
    ServiceFilterStage,
)
from tsloom.errors import UsageError
from tsloom.packets import PacketBatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

PID_COUNT = 8192
NULL_PID = 0x1FFF


def check_pid(pid: int) -> int:
    """The PID, if it is one; `UsageError` otherwise."""
    if isinstance(pid, bool) or not isinstance(pid, int) or not 0 <= pid < PID_COUNT:
        raise UsageError("a PID is a whole number from 0 to 8191", pid=pid)
    return pid


def _flatten(pids: Iterable[int | Iterable[int]]) -> list[int]:
    return [
        check_pid(pid) for group in pids for pid in ([group] if isinstance(group, int) else group)
    ]


class KeepPids(FilterStage):
    """Passes packets of these PIDs only."""

    def __init__(self, *pids: int | Iterable[int]) -> None:
        kept = _flatten(pids)
        for pid in range(PID_COUNT):
            self.drop(pid)
        for pid in kept:
            self.keep(pid)


class DropPids(FilterStage):
    """Passes all packets but those of these PIDs."""

    def __init__(self, *pids: int | Iterable[int]) -> None:
        for pid in _flatten(pids):
            self.drop(pid)


class DropNulls(DropPids):
    """Drops null packets (PID 0x1FFF): what leaves is no longer at a constant bitrate."""

    def __init__(self) -> None:
        super().__init__(NULL_PID)


class KeepServices(ServiceFilterStage):
    """Passes these services: PMTs, elementary streams, PCRs, ECMs; also the PIDs below 0x20 and
    null packets. The PAT lists only them. PIDs of a service pass from its first PMT on."""

    def __new__(cls, *service_ids: int) -> Self:
        if not service_ids:
            raise UsageError("KeepServices wants at least one service_id")
        for service_id in service_ids:
            if not 0 < service_id <= 0xFFFF:
                raise UsageError("a service_id is from 1 to 65535", service_id=service_id)
        return super().__new__(cls, *service_ids)


class RemapPids(RemapStage):
    """Renumbers PIDs, old to new; PAT, CAT, PMTs, PCR_PID and CA_PIDs follow.

    `clashing_packets` counts packets that came in on a PID which another one was moved to.
    """

    def __new__(cls, mapping: Mapping[int, int]) -> Self:
        for pid, target in mapping.items():
            check_pid(pid)
            check_pid(target)
            if pid < 0x10 or target < 0x10 or NULL_PID in (pid, target):
                raise UsageError("PIDs below 0x10 and 0x1FFF stay", old=pid, new=target)
        if len(set(mapping.values())) < len(mapping):
            raise UsageError("two PIDs cannot become one", mapping=dict(mapping))
        return super().__new__(cls, mapping)


class FixContinuity(ContinuityRepairStage):
    """Writes continuity_counters so that none is wrong (ISO/IEC 13818-1, 2.4.3.3).

    Of all PIDs, or of these only. Legal duplicates stay duplicates.
    """

    def __init__(self, *pids: int | Iterable[int]) -> None:
        for pid in _flatten(pids) if pids else range(PID_COUNT):
            self.enable(pid)


class CountContinuity(ContinuityCountStage):
    """Changes nothing; `continuity_errors` counts wrong continuity_counters (ISO/IEC 13818-1,
    2.4.3.3) of all PIDs but the null packets', `transport_errors` packets with
    transport_error_indicator. Both may be read at any time, from any thread."""


class Callback(Stage):
    """The user's own code: gets each PacketBatch, gives back the one that goes on, or None.

    The counters of PIDs from which it takes packets, or to which it adds some, are written anew
    from there on. A batch made of new bytes stands where the one that came in stood.
    """

    def __init__(self, function: Callable[[PacketBatch], PacketBatch | None]) -> None:
        self._function = function
        self.repair = ContinuityRepairStage()

    def transform(self, batch: PacketBatch) -> PacketBatch:
        result = self._function(batch)
        after = PacketBatch() if result is None else result
        if not isinstance(after, PacketBatch):
            raise UsageError("a callback gives a PacketBatch or None", got=type(after).__name__)
        before_counts = np.bincount(batch.pid, minlength=PID_COUNT)
        after_counts = np.bincount(after.pid, minlength=PID_COUNT)
        for pid in np.flatnonzero(before_counts != after_counts):
            self.repair.enable(int(pid))
        return _place(after, batch)


def _place(after: PacketBatch, before: PacketBatch) -> PacketBatch:
    """Clocks behind go by packet index: one that starts anew would make them stand still."""
    if after.first_index == before.first_index or not len(after):
        return after
    first, last = before.first_index, before.first_index + 0xFFFF_FFFF
    inside = first <= int(after.packet_index.min()) and int(after.packet_index.max()) <= last
    return after if inside else PacketBatch(after, first_index=first)
