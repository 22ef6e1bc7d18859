"""Any breaks that do not overlap go out as they were asked for, however the stream is cut."""

from __future__ import annotations

from dataclasses import dataclass

import threefive
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import PTS_MODULUS, SERVICE_1, Multiplex, split
from tests.second_opinion import count_packets, find_sections, read_pcrs
from tsloom import Break, PacketBatch, Pipeline, SpliceInserter

CUE_PID = 500
SECONDS = 12


@dataclass(frozen=True)
class Wanted:
    """Times in milliseconds from the first PCR."""

    start: int
    length: int
    preroll: int
    repeats: int
    command: str

    @property
    def planned(self) -> Break:
        return Break(
            start=f"stream:{self.start}ms",
            duration=f"{self.length}ms",
            preroll=f"{self.preroll}ms",
            repeats=self.repeats,
            command=self.command,
        )


@st.composite
def breaks(draw: st.DrawFn) -> list[Wanted]:
    """One behind the other, with whatever pre-rolls: those may overlap."""
    wanted, at = [], 200
    for _ in range(draw(st.integers(1, 4))):
        at += draw(st.integers(0, 1500))
        length = draw(st.integers(100, 1200))
        wanted.append(
            Wanted(
                at,
                length,
                draw(st.integers(0, 2000)),
                draw(st.integers(0, 3)),
                draw(st.sampled_from(["splice_insert", "time_signal", "both"])),
            )
        )
        at += length
    return draw(st.permutations(wanted))


def play(
    wanted: list[Wanted], mux: Multiplex, cuts: list[int]
) -> tuple[bytes, list[tuple[int, str]], SpliceInserter]:
    states: list[tuple[int, str]] = []
    inserter = SpliceInserter(
        pid=CUE_PID, on_break=lambda told: states.append((told.break_id, told.state.value))
    )
    for one in wanted:
        inserter.schedule(one.planned)
    packets, pipeline, out, at = mux.packets(SECONDS * 1000), Pipeline(inserter), b"", 0
    for cut in [*sorted(cuts), len(packets)]:
        batch = PacketBatch(b"".join(packets[at:cut]), first_index=at)
        out += bytes(pipeline.process(batch))
        at = max(at, cut)
    return out + bytes(pipeline.finish()), states, inserter


@settings(max_examples=12)
@given(
    wanted=breaks(),
    first=st.integers(0, PTS_MODULUS * 300 - 1),
    nulls=st.sampled_from([0, 3, 50]),
    cuts=st.lists(st.integers(0, SECONDS * 1000), max_size=4),
)
def test_every_break_is_on_the_air_as_planned(
    wanted: list[Wanted], first: int, nulls: int, cuts: list[int]
) -> None:
    mux = Multiplex(pcr_first=first, null_every=nulls)
    out, states, inserter = play(wanted, mux, [])
    packets = split(out)
    assert not inserter.cue_failures
    assert count_packets(packets).verdicts == []
    first_pcr = read_pcrs(packets[:200])[SERVICE_1.video_pid][0][1]
    said = {describe(found.data, first_pcr) for found in find_sections(packets, CUE_PID)}
    assert said == {
        (command, kind, at)
        for one in wanted
        for command in ("splice_insert", "time_signal")
        if one.command in (command, "both")
        for kind, at in (("out", one.start), ("in", one.start + one.length))
    }
    assert sorted(state for _, state in states) == sorted(
        ["armed", "out", "returned"] * len(wanted)
    )
    assert play(wanted, mux, cuts)[:2] == (out, states)


def describe(data: bytes, first_pcr: int) -> tuple[str, str, int]:
    """Command, kind and splice point in milliseconds from the first PCR, by threefive."""
    cue = threefive.Cue(data)
    assert cue.decode()
    pts = round(cue.command.pts_time * 90_000)
    at = round((pts - first_pcr // 300) % PTS_MODULUS / 90)
    if cue.command.command_type == 5:
        return "splice_insert", "out" if cue.command.out_of_network_indicator else "in", at
    (segment,) = cue.descriptors
    return "time_signal", {0x34: "out", 0x35: "in"}[segment.segmentation_type_id], at
