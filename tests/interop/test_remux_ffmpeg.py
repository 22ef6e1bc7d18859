"""A variable bitrate that ffmpeg muxed, at a constant one: other programs read it as before."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.builders import NULL_PID, PCR_HZ, split
from tests.interop.video_streams import encode_video
from tests.unit.pipeline.test_remux import SLOT_BITS, pcr_accuracy, pid_of, read_pcrs
from tsloom import Pipeline, Remux

pytestmark = pytest.mark.peer
RATE = 6_000_000


@pytest.fixture
def streams(program: Callable[[str], str], tmp_path: Path) -> tuple[Path, Path]:
    """Without null packets, and at a constant bitrate."""
    before, after = encode_video(program("ffmpeg"), "h264", tmp_path, 6), tmp_path / "cbr.ts"
    assert all(pid_of(made) != NULL_PID for made in split(before.read_bytes()))
    remux = Remux(RATE)
    Pipeline(remux).run(before, after)
    assert [event.kind for event in remux.events] == ["started"]
    return before, after


def read_frames(ffmpeg: str, path: Path) -> str:
    """Time stamps, sizes and hashes of all access units; ffmpeg must have nothing to say."""
    command = [ffmpeg, "-v", "warning", "-copyts", "-i", str(path), "-map", "0", "-c", "copy"]
    done = subprocess.run([*command, "-f", "framemd5", "-"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_ffmpeg_reads_the_same_access_units(
    program: Callable[[str], str], streams: tuple[Path, Path]
) -> None:
    before, after = (read_frames(program("ffmpeg"), path) for path in streams)
    assert before == after
    assert before.count("\n") > 300


def test_ffmpeg_decodes_it_without_complaint(
    program: Callable[[str], str], streams: tuple[Path, Path]
) -> None:
    command = [program("ffmpeg"), "-v", "warning", "-i", str(streams[1]), "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_tshark_finds_no_continuity_error_and_the_pcrs_that_are_there(
    program: Callable[[str], str], streams: tuple[Path, Path]
) -> None:
    command = [program("tshark"), "-r", str(streams[1]), "-T", "fields"]
    command += ["-e", "mp2t.af.pcr", "-e", "mp2t.cc.drop"]
    done = subprocess.run(command, capture_output=True, text=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    pcrs = [int(value, 0) for row in rows for value in row[0].split(",") if value]
    assert [row[1] for row in rows if len(row) > 1 and row[1]] == []
    assert pcrs == sorted(pcrs)
    assert len(pcrs) > 100


def test_numpy_finds_a_constant_bitrate(streams: tuple[Path, Path]) -> None:
    out = split(streams[1].read_bytes())
    assert np.abs(pcr_accuracy(out, 0x100, RATE)).max() <= 1
    indices, pcrs = read_pcrs(out, 0x100)
    bits = (indices[-1] - indices[0]) * SLOT_BITS
    assert bits * PCR_HZ / (pcrs[-1] - pcrs[0]) == pytest.approx(RATE, rel=1e-7)
    assert np.diff(pcrs).max() <= 0.040 * PCR_HZ
