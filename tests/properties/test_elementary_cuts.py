"""What is read of elementary streams depends on the packets alone, and no packet harms."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import packet, pat, pmt, split
from tests.properties.pieces import PieceSource
from tests.properties.strategies import BRIEF, THOROUGH, any_packets, cut, cuts_of
from tsloom import Pipeline
from tsloom._native.elementary import KINDS, ElementaryHeads, ElementaryStage
from tsloom.analysis.elementary import ElementaryMonitor, ElementaryReader, make_format
from tsloom.errors import UsageError
from tsloom.sample import sample_path

PIECE = 188 * 1500


@functools.cache
def stream() -> bytes:
    return sample_path().read_bytes()[:PIECE]


def measured(pieces: list[bytes]) -> dict[int, dict[str, Any]]:
    stage = ElementaryStage()
    Pipeline(stage).run(PieceSource(pieces))
    return stage.measured()


@functools.cache
def measured_whole() -> dict[int, dict[str, Any]]:
    return measured([stream()])


@given(cuts=cuts_of(PIECE))
@BRIEF
def test_the_cuts_of_the_input_change_nothing(cuts: list[int]) -> None:
    assert measured_whole()[256]["frames"] > 50
    assert measured(cut(stream(), cuts)) == measured_whole()


@given(packets=st.lists(any_packets(), max_size=30), kind=st.sampled_from(sorted(KINDS)))
@THOROUGH
def test_any_packets_give_a_format(packets: list[bytes], kind: str) -> None:
    heads = ElementaryHeads(kind)
    for one in packets:
        heads.feed(one)
    found = heads.measured()
    counted = [found[f"{letter}_pictures"] for letter in ("i", "p", "b", "unknown")]
    assert sum(counted) == found["frames"] <= found["pes_packets"]
    assert make_format(found).to_dict()["codec"]


@given(
    at=st.integers(0, 1400), damage=st.binary(min_size=1, max_size=8), offset=st.integers(0, 180)
)
@BRIEF
def test_damage_to_a_packet_costs_no_more_than_some_frames(
    at: int, damage: bytes, offset: int
) -> None:
    """A defect costs what it damaged: the frame, its group, or the table that came then."""
    harmed = bytearray(stream())
    harmed[at * 188 + 4 + offset : at * 188 + 4 + offset + len(damage)] = damage
    found = measured([bytes(harmed)])
    whole = measured_whole()
    if 256 in found:
        assert abs(found[256]["frames"] - whole[256]["frames"]) <= 30
        assert found[256]["gop_count"] >= whole[256]["gop_count"] - 2


def test_a_reader_alone_reads_what_the_stage_does(sample: Path) -> None:
    reader = ElementaryReader("h264")
    wants = False
    for one in split(stream()):
        is_video = (one[1] << 8 | one[2]) & 0x1FFF == 256
        if is_video and (one[1] & 0x40 or wants):
            wants = reader.feed(one)
    monitor = ElementaryMonitor()
    Pipeline(monitor).run(PieceSource([stream()]))
    assert reader.format == monitor.formats[256]


def test_what_was_asked_wrongly_is_refused() -> None:
    with pytest.raises(UsageError, match="no such kind"):
        ElementaryReader("opus")
    with pytest.raises(UsageError, match="188 bytes"):
        ElementaryReader("h264").feed(b"\x47")


def test_a_pid_that_becomes_another_codec_begins_anew() -> None:
    def table(pid: int, counter: int, section: bytes) -> bytes:
        return packet(pid, counter, b"\0" + section, payload_unit_start=True)

    programs = b"".join(
        table(0, counter, pat({1: 0x30}, version=counter))
        + table(0x30, counter, pmt(1, 0x100, [(stream_type, 0x100, b"")], version=counter))
        for counter, stream_type in enumerate((0x1B, 0x0F))
    )
    nulls = packet(0x1FFF) * 3
    assert {pid: one["kind"] for pid, one in measured([programs[:376] + nulls]).items()} == {
        0x100: "h264"
    }
    assert {pid: one["kind"] for pid, one in measured([programs + nulls]).items()} == {
        0x100: "adts"
    }
