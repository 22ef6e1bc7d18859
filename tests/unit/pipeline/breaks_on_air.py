"""What the tests of breaks share: a stream with commands on the way, and its cues as threefive
reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import threefive

from tests.builders import SERVICE_1, Multiplex, split
from tests.second_opinion import FoundSection, find_sections, read_pcrs
from tsloom import PacketBatch, Pipeline, SpliceInserter

CUE_PID = 500
# One packet a millisecond; time counts from the first PCR.
MUX = Multiplex(bitrate_bps=1_504_000)
FIRST_PCR_PACKET, FIRST_PCR = read_pcrs(MUX.packets(200))[SERVICE_1.video_pid][0][:2]
FIRST_PTS = FIRST_PCR // 300

Command = Callable[[SpliceInserter], object]


@dataclass(frozen=True)
class Message:
    """A cue on the air; times in seconds from the first PCR, None where it has none."""

    event_id: int
    kind: str
    sent: float
    splice: float | None
    duration: float | None = None
    types: tuple[int, ...] = ()


@dataclass(frozen=True)
class Air:
    """An inserter that has run, what left it, and what its breaks told."""

    inserter: SpliceInserter
    packets: list[bytes]
    messages: list[Message]
    states: list[tuple[int, str]]


def broadcast(
    commands: Mapping[int, Command], seconds: float, mux: Multiplex = MUX, **options: Any
) -> Air:
    """Runs so many seconds; a command is given at so many milliseconds after the first PCR, those
    below 0 before the first packet."""
    states: list[tuple[int, str]] = []
    options.setdefault("service_id", 1)
    inserter = SpliceInserter(
        pid=CUE_PID,
        on_break=lambda status: states.append((status.break_id, status.state.value)),
        **options,
    )
    packets = mux.packets(FIRST_PCR_PACKET + round(seconds * 1000))
    pipeline, out, at = Pipeline(inserter), b"", 0
    for when in sorted(commands):
        index = max(0, FIRST_PCR_PACKET + when + 1) if when >= 0 else 0
        if index > at:
            out += bytes(pipeline.process(PacketBatch(b"".join(packets[at:index]), first_index=at)))
            at = index
        commands[when](inserter)
    out += bytes(pipeline.process(PacketBatch(b"".join(packets[at:]), first_index=at)))
    out += bytes(pipeline.finish())
    sent = split(out)
    found = find_sections(sent, CUE_PID)
    return Air(inserter, sent, [read_message(one, sent, mux) for one in found], states)


def read_message(found: FoundSection, packets: list[bytes], mux: Multiplex) -> Message:
    """By threefive; when it was sent by the PCRs around it."""
    cue = threefive.Cue(found.data)
    assert cue.decode()
    command, descriptors = cue.command, cue.descriptors
    first = mux.pcr_first // 300 + (FIRST_PTS - MUX.pcr_first // 300)
    times = read_pcrs(packets[: found.first_packet + 1])[SERVICE_1.video_pid]
    index, pcr = times[-1][:2]
    sent = (pcr / 300 - first) / 90_000 + (found.first_packet - index) / 1000
    splice = None if command.pts_time is None else round(command.pts_time - first / 90_000, 6)
    if command.command_type == 5:
        if command.splice_event_cancel_indicator:
            return Message(command.splice_event_id, "cancel", sent, None)
        kind = "out" if command.out_of_network_indicator else "in"
        duration = command.break_duration if command.duration_flag else None
        return Message(command.splice_event_id, kind, sent, splice, duration)
    segments = [one for one in descriptors if one.tag == 2]
    event_id = int(segments[0].segmentation_event_id, 16)
    if segments[0].segmentation_event_cancel_indicator:
        return Message(event_id, "cancel", sent, None, None, ())
    types = tuple(one.segmentation_type_id for one in segments)
    kind = "in" if types[0] % 2 else "out"
    return Message(event_id, kind, sent, splice, segments[0].segmentation_duration, types)
