"""`tsloom cues`: cues, events, the table of breaks, following."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tsloom
from tests.unit.scte35.monitoring import insert
from tsloom.cli.main import main
from tsloom.io import parse_url
from tsloom.io.follow import GrowingFileSource
from tsloom.io.url import FileUrl
from tsloom.pipeline import ScheduledSection
from tsloom.sample import sample_path

KEYS = {
    "packet_index",
    "pid",
    "stream_time_s",
    "pts_90khz",
    "lead_time_s",
    "splice_info_section",
    "diagnostics",
    "base64",
    "service_id",
}


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a break of 2 s from a key frame at some 8 s on, announced three times."""
    path = tmp_path_factory.mktemp("cues") / "break.ts"
    points = tsloom.SnapPoints("7s")
    inserter = tsloom.SpliceInserter(service_id=1, pid=500, snap_points=points)
    wanted = tsloom.Break(start="+8s", duration="2s", preroll="3s", repeats=2, snap=True)
    inserter.schedule(wanted)
    tsloom.Pipeline(*points.stages, inserter).run(sample_path(), path)
    return path


def shown(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[str]:
    assert main(["cues", *map(str, arguments)]) == 0
    return capsys.readouterr().out.splitlines()


def test_by_default_each_cue_is_one_object(
    stream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([stream], [stream, "--json"]):
        cues = [json.loads(line) for line in shown(capsys, *arguments)]
        assert len(cues) == 6
        assert {frozenset(cue) for cue in cues} == {frozenset(KEYS)}
        assert {cue["service_id"] for cue in cues} == {1}


def test_events_are_one_object_each_with_its_kind(
    stream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [json.loads(line) for line in shown(capsys, stream, "--events")]
    assert [event["event"] for event in events] == [
        *("cue", "late_cue", "repeat", "repeat", "out"),
        *("cue", "repeat", "repeat", "return"),
    ]
    assert {event["service_id"] for event in events} == {1}
    assert events[-1]["actual_duration_s"] == 2


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--min-lead", "1s"], None),
        (["--min-lead", "6s"], "late_cue"),
        (["--max-lead", "2s", "--min-lead", "1s"], "early_cue"),
    ],
)
def test_the_limits_of_the_lead_are_options(
    options: list[str], kind: str | None, stream: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(capsys, stream, "--events", *options)
    kinds = [json.loads(line)["event"] for line in lines]
    expected = ["cue"] if kind is None else ["cue", kind]
    assert kinds[: len(expected)] == expected
    assert (kind is None) == ("late_cue" not in kinds and "early_cue" not in kinds)


def test_the_table_is_for_people(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, stream, "--table")
    assert len(lines) == 6 + 2
    assert "service 1" in lines[0]
    heads, row = lines[-2:]
    assert heads.split()[:4] == ["service", "event", "what", "out"]
    for cell in ("splice_insert", "8.773 s", "2.000 s auto", "returned", "late cue"):
        assert cell in row
    assert shown(capsys, sample_path(), "--table") == ["no breaks"]


def test_the_table_after_events_in_words(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, stream, "--table", "--events")
    assert any("! late cue" in line for line in lines)
    assert any("return" in line and "actual 2.000 s" in line for line in lines)


def test_the_breaks_as_json(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *_, last = shown(capsys, stream, "--json", "--table", "--events")
    one = json.loads(last)
    assert (one["event"], one["event_id"], one["state"]) == ("break", 1, "returned")
    assert one["problems"] == ["late_cue"]


def test_pairing_by_any_id_is_an_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.ts"
    inserter = tsloom.SectionInserter(service_id=1)
    for event_id, at_s, out in ((1, 1, True), (2, 3, False)):
        section = insert(None, event_id, out, None).encode()
        due = at_s * 27_000_000
        inserter.insert(ScheduledSection(500, section, due, due + 27_000_000))
    tsloom.Pipeline(inserter).run(sample_path(), path)
    for pairing, last in (("event_id", "return_without_out"), ("any_id", "return")):
        lines = shown(capsys, path, "--pid", 500, "--events", "--pairing", pairing)
        kinds = [json.loads(line)["event"] for line in lines]
        assert kinds == ["cue", "out", "cue", last]
    with pytest.raises(SystemExit):
        main(["cues", str(path), "--pairing", "luck"])


def follow(path: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tsloom", "cues", str(path), "--follow", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_growing_file_is_followed_until_ctrl_c(stream: Path, tmp_path: Path) -> None:
    data = stream.read_bytes()
    first = data[: 188 * 3000]
    path = tmp_path / "growing.ts"
    path.write_bytes(first)
    process = follow(path)
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["packet_index"] < 3000
        assert process.poll() is None
        with path.open("ab") as file:
            file.write(data[len(first) :])
        indexes = [json.loads(process.stdout.readline())["packet_index"] for _ in range(5)]
        assert indexes == sorted(indexes)
        assert indexes[0] >= 3000
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "", "")


def test_following_ends_after_its_duration(stream: Path) -> None:
    process = follow(stream, "--duration", "1s", "--events")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert len(out.splitlines()) == 9


def test_a_growing_file_is_silent_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"ab")
    url = parse_url(str(path))
    assert isinstance(url, FileUrl)
    with GrowingFileSource(url, timeout=0) as source:
        buffer = bytearray(8)
        assert source.size_bytes is None
        assert source.readinto(buffer) == 2
        assert source.readinto(buffer) is None
        with path.open("ab") as file:
            file.write(b"cde")
        assert source.readinto(buffer) == 3
        assert bytes(buffer[:3]) == b"cde"
        assert source.stats.bytes_read == 5


def test_a_cue_is_shown_before_the_stream_ends(stream: Path, tmp_path: Path) -> None:
    """What reads the pipe sees each line at once, not a buffer full of them."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "tsloom", "cues", str(pipe), "--events"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        with pipe.open("wb") as file:
            file.write(stream.read_bytes()[: 188 * 4200])
            file.flush()
            assert json.loads(process.stdout.readline())["event"] == "cue"
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.stdout.close()


def test_following_wants_a_file_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cues", "/nowhere/in.ts", "--follow"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
