"""`tsloom scte35 insert`: whole outputs as tshark, threefive and ffprobe read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import threefive

from tests.interop.test_scte35_tshark import DESCRIPTOR, INSERT, SECTION, read_with_tshark
from tests.interop.video_streams import key_frames
from tsloom.cli.main import main

pytestmark = pytest.mark.peer

BOTH = "start=+8s,duration=4s,event_id=100023,command=both,segmentation_type=0x34"


def insert(sample: Path, out: Path, *arguments: str) -> Path:
    assert main(["scte35", "insert", str(sample), str(out), *arguments]) == 0
    return out


def find_cues(path: Path) -> list[Any]:
    """By threefive, out of the whole stream."""
    found: list[Any] = []
    with path.open("rb") as file:
        threefive.Stream(file).decode(func=found.append)
    return found


def test_tshark_reads_each_message_of_a_break(
    sample: Path, tmp_path: Path, program: Callable[[str], str]
) -> None:
    tshark = program("tshark")
    policy = ("--event-id-policy", "per_message", "--first-event-id", "100024")
    out = insert(sample, tmp_path / "out.ts", "--splice", BOTH, *policy)
    command, event = SECTION + "splice_command_type", INSERT + "event_id"
    direction, length = INSERT + "out_of_net", INSERT + "break.duration"
    segment, kind = DESCRIPTOR + "event_id", DESCRIPTOR + "segmentation_type_id"
    names = [command, event, direction, length, segment, kind]
    read = read_with_tshark(tshark, out, names)
    assert [[one[name] for name in names] for one in read] == [
        [[5], [100023], [1], [360_000], [], []],
        [[6], [], [], [], [100023], [0x34]],
        [[5], [100024], [0], [], [], []],
        [[6], [], [], [], [100024], [0x35]],
    ]


def test_threefive_finds_the_cues_in_the_stream(sample: Path, tmp_path: Path) -> None:
    out = insert(sample, tmp_path / "out.ts", "--splice", BOTH, "--heartbeat", "5s")
    cues = [cue for cue in find_cues(out) if cue.command.command_type]
    assert [cue.command.command_type for cue in cues] == [5, 6, 5, 6]
    assert {cue.packet_data.pid for cue in cues} == {500}
    leads = [cue.command.pts_time - cue.packet_data.pts for cue in cues]
    # Its clock is the PTS of the last PES packet, which is ahead of the PCR.
    assert all(3 < lead < 4 for lead in leads)


def test_a_break_that_snaps_takes_the_pts_of_a_key_frame(
    sample: Path, tmp_path: Path, program: Callable[[str], str]
) -> None:
    keys = {frame.pts_90khz for frame in key_frames(program("ffprobe"), sample)}
    wanted = "start=+8.1s,duration=2.1s,preroll=4s,auto_return=no,snap=yes"
    out = insert(sample, tmp_path / "out.ts", "--splice", wanted, "--pid", "501")
    leaving, returning = (round(cue.command.pts_time * 90_000) for cue in find_cues(out))
    assert {leaving, returning} <= keys
    assert 2.1 * 90_000 <= returning - leaving < 4 * 90_000
