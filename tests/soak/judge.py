"""What the receiver makes of the relay's output; nothing of tsloom reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.builders import PACKET_SIZE, PCR_HZ, split
from tests.properties.eit_reading import read_eit
from tests.second_opinion import (
    Continuity,
    Header,
    find_sections,
    pcr_difference,
    read_header_quickly,
    read_splice_insert,
)

CUE_PID, EIT_PID = 500, 0x12
SPLICE_INSERT = 5
PTS_MODULUS = 1 << 33
# A PCR that is further than that from where the last one has it is a jump.
JUMP = PCR_HZ // 2


@dataclass
class Cue:
    """A splice_insert as it came: when, and how far ahead of its time."""

    event_id: int
    is_out: bool
    came_at: float
    lead_s: float


@dataclass
class Judge:
    """Takes the output in, datagram by datagram."""

    video_pid: int
    packets: int = 0
    unsignalled: list[tuple[int, str]] = field(default_factory=list)
    discontinuities: int = 0
    odd_datagrams: int = 0
    odd_cues: int = 0
    cues: list[Cue] = field(default_factory=list)
    # When each present/following section of the actual service came.
    present_following_at: list[float] = field(default_factory=list)
    _continuity: Continuity = field(default_factory=Continuity)
    _pcr: tuple[int, float] | None = None
    _waiting: dict[int, list[bytes]] = field(default_factory=dict)

    def take(self, datagram: bytes, came_at: float) -> None:
        if len(datagram) % PACKET_SIZE or not datagram:
            self.odd_datagrams += 1
            return
        for packet in split(datagram):
            self._judge(packet, came_at)
            self.packets += 1

    def _judge(self, packet: bytes, came_at: float) -> None:
        header = read_header_quickly(packet)
        if self._continuity.judge(packet, header) == "error":
            self.unsignalled.append((self.packets, f"counter of PID {header.pid}"))
        if header.pcr is not None and header.pid == self.video_pid:
            self._judge_pcr(header, header.pcr, came_at)
        if header.pid in (CUE_PID, EIT_PID):
            self._follow(header, packet, came_at)

    def _judge_pcr(self, header: Header, pcr: int, came_at: float) -> None:
        if header.discontinuity_indicator:
            self.discontinuities += 1
        elif self._pcr is not None:
            passed = round((came_at - self._pcr[1]) * PCR_HZ)
            step = pcr_difference(pcr, self._pcr[0])
            if step <= 0 or (step > JUMP and abs(step - passed) > JUMP):
                self.unsignalled.append((self.packets, f"PCR moved by {step / PCR_HZ:.3f} s"))
        self._pcr = pcr, came_at

    def _follow(self, header: Header, packet: bytes, came_at: float) -> None:
        """Sections end with their last packet here: each begins in a packet of its own."""
        waiting = self._waiting.setdefault(header.pid, [])
        if header.payload_unit_start_indicator:
            waiting.clear()
        waiting.append(packet)
        found = find_sections(waiting, header.pid)
        if not found:
            return
        for section in found:
            self._note(header.pid, section.data, came_at)
        waiting.clear()

    def _note(self, pid: int, section: bytes, came_at: float) -> None:
        if pid == EIT_PID:
            if section[0] == 0x4E and read_eit(section).section_number == 0:
                self.present_following_at.append(came_at)
            return
        if section[13] != SPLICE_INSERT:
            return
        try:
            splice = read_splice_insert(section)
        except AssertionError:
            self.odd_cues += 1
            return
        if self._pcr is not None:
            lead = (splice.pts_time - self._pcr[0] // 300) % PTS_MODULUS
            lead -= PTS_MODULUS if lead > PTS_MODULUS // 2 else 0
            self.cues.append(
                Cue(splice.splice_event_id, splice.out_of_network_indicator, came_at, lead / 90_000)
            )


def find_breaks(
    cues: Sequence[Cue], starts: Sequence[float], duration: float, preroll: float
) -> list[str]:
    """What is wrong with the breaks that were planned to start at these times."""
    wrong: list[str] = []
    for start in starts:
        for name, is_out, at in (("OUT", True, start), ("IN", False, start + duration)):
            near = [
                cue
                for cue in cues
                if cue.is_out is is_out and abs(cue.came_at + cue.lead_s - at) < 1.5
            ]
            if not near:
                wrong.append(f"{name} at {at:.0f} did not come")
            elif not any(0 < cue.lead_s <= preroll + 1 for cue in near):
                leads = ", ".join(f"{cue.lead_s:.2f}" for cue in near)
                wrong.append(f"{name} at {at:.0f} came {leads} s ahead")
    return wrong
