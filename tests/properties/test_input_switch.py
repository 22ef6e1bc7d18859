"""Inputs in turn leave as one stream, wherever they are cut and wherever they change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import second_opinion as judge
from tests.builders import NULL_PACKET, PCR_HZ, SERVICE_1, SERVICE_2, Multiplex, split
from tsloom import PacketBatch, Pipeline
from tsloom.pipeline import InputSwitch

NULL_PID = 0x1FFF
PAT_PID = 0
INPUTS = [
    Multiplex(),
    Multiplex(seed=2, pcr_first=500 * PCR_HZ),
    # Another PMT under the same version, and one more service.
    Multiplex((replace(SERVICE_1, more_streams=((0x86, 0x1F0, b""),)),), seed=3, pcr_first=7),
    Multiplex((SERVICE_1, SERVICE_2), seed=4, pcr_first=(300 << 33) - PCR_HZ // 10),
    # The same PIDs for other things: the clock is where the audio was.
    Multiplex((replace(SERVICE_1, video_pid=0x101, audio_pid=0x100),), seed=5, pcr_first=99),
]
STREAMS = [mux.packets(700) for mux in INPUTS]


@dataclass(frozen=True)
class Part:
    """Packets of one input; with psi_every null packets for want of one."""

    stream: int
    begin: int
    count: int
    psi_every: int = 0

    @property
    def packets(self) -> list[bytes]:
        if self.psi_every:
            return [NULL_PACKET] * self.count
        return STREAMS[self.stream][self.begin : self.begin + self.count]


PARTS = st.lists(
    st.builds(
        Part,
        st.integers(0, len(INPUTS) - 1),
        st.integers(0, 500),
        st.integers(0, 200),
        st.sampled_from((0, 0, 0, 0, 1, 9, 30)),
    ),
    min_size=1,
    max_size=6,
)


def run(sequence: list[Part], cuts: list[int]) -> tuple[list[bytes], InputSwitch]:
    """The parts through the stage, in batches of these sizes in turn."""
    switch = InputSwitch()
    pipeline = Pipeline(switch)
    packets: list[bytes] = []
    for number, part in enumerate(sequence):
        if number or part.psi_every:
            switch.mark(len(packets), part.psi_every)
        packets += part.packets
    left, at, turn = b"", 0, 0
    while at < len(packets):
        end = at + cuts[turn % len(cuts)]
        left += bytes(pipeline.process(PacketBatch(b"".join(packets[at:end]), first_index=at)))
        at, turn = end, turn + 1
    return split(left), switch


@settings(max_examples=40, deadline=None)
@given(PARTS, st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_the_output_is_whole_however_it_is_cut(sequence: list[Part], cuts: list[int]) -> None:
    whole, _ = run(sequence, [10_000])
    assert run(sequence, cuts)[0] == whole
    assert len(whole) == sum(len(part.packets) for part in sequence)
    assert judge.count_packets(whole).total("continuity_errors") == 0
    check_clocks(sequence, whole)
    check_sections(whole)


def check_clocks(sequence: list[Part], whole: list[bytes]) -> None:
    """The first PCR of each PID behind a switch bears discontinuity_indicator, no other does, and
    no PTS of a video or audio PID comes before a PCR."""
    at = 0
    for number, part in enumerate(sequence):
        inside = whole[at : at + len(part.packets)]
        at += len(part.packets)
        if number == 0 and not part.psi_every:
            continue
        for rows in judge.read_pcrs(inside).values():
            assert [is_discontinuity for _, _, is_discontinuity in rows] == [True] + [False] * (
                len(rows) - 1
            )
        firsts = [rows[0][0] for rows in judge.read_pcrs(inside).values()]
        for index, packet in enumerate(inside):
            header = judge.read_header(packet)
            if header.payload_unit_start_indicator and b"\x00\x00\x01\xe0" in packet[4:20]:
                assert firsts
                assert min(firsts) <= index


def check_sections(whole: list[bytes]) -> None:
    """PAT and PMTs are whole, and what differs has another version than the last. Of a PMT no
    receiver knows, nor the stage, before a PAT has named its PID."""
    named = {PAT_PID: -1}
    for section in judge.find_sections(whole, PAT_PID):
        for pid in judge.read_pat(section.data).values():
            named.setdefault(pid, section.last_packet)
    for pid, first in named.items():
        found = judge.find_sections(whole, pid)
        sections = [section for section in found if section.first_packet > first]
        assert all(section.crc_ok for section in sections)
        for before, after in pairwise(sections):
            same = before.data == after.data
            assert same or before.data[5] >> 1 & 31 != after.data[5] >> 1 & 31
        assert judge.find_torn_sections(whole, pid) == []


@settings(max_examples=20, deadline=None)
@given(PARTS)
def test_no_unit_is_glued_together_of_two_inputs(sequence: list[Part]) -> None:
    whole, switch = run(sequence, [97])
    at = withheld = tables = switches = 0
    for number, part in enumerate(sequence):
        # One behind the last packet is still to come.
        switches += (number > 0 or part.psi_every > 0) and at < len(whole)
        started: set[int] = set()
        for came, left in zip(part.packets, whole[at:], strict=False):
            before, after = judge.read_header(came), judge.read_header(left)
            is_elementary = 0x100 <= before.pid < 0x1000 and before.has_payload
            is_gone = not (after.pid == before.pid and after.has_payload)
            withheld += is_elementary and is_gone
            tables += is_gone and not is_elementary
            if number and is_elementary and after.pid != NULL_PID and after.has_payload:
                started |= {after.pid} if after.payload_unit_start_indicator else set()
                assert after.pid in started
        at += len(part.packets)
    assert switch.switches == switches
    # A PMT ahead of the PAT that names its PID waits as others do; later ones are written anew.
    assert withheld <= switch.withheld_packets <= withheld + tables
