"""`tsloom analyze --spec`: verdicts on each line, and an exit code for scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.external_data import ROOT
from tests.unit.cli.running import run

DISTRIBUTOR = ROOT / "docs" / "examples" / "distributor.toml"


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_bundled_example_fails_where_the_sample_is_another_feed(
    sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "analyze", str(sample), "--spec", str(DISTRIBUTOR), "--json")
    assert done.code == 1
    verdicts = {one["key"]: one["verdict"] for one in done.document["specification"]}
    failed = {key for key, verdict in verdicts.items() if verdict == "fail"}
    assert failed == {
        *("video.width", "video.height", "video.gop_length", "video.bitrate_bps"),
        *("audio.bitrate_bps", "pids.scte35"),
    }
    assert verdicts["video.codec"] == "pass"
    assert verdicts["srt.latency_ms"] == "not measured"
    formats = {one["pid"]: one["format"] for one in done.document["pids"] if one["format"]}
    assert {pid: one["kind"] for pid, one in formats.items()} == {256: "video", 257: "audio"}


def test_a_feed_that_agrees_exits_with_0(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write(tmp_path / "a.toml", "[video]\nwidth = 640\n[srt]\nlatency_ms = 1\n")
    done = run(capsys, "analyze", str(sample), "--spec", spec)
    assert done.code == 0
    assert "1 pass, 0 fail, 1 not measured" in done.out
    assert "wanted 1: it belongs to the connection" in done.out


def test_a_wrong_specification_is_wrong_use(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write(tmp_path / "a.toml", "[video]\nwidth = 640\nheigth = 4\n")
    done = run(capsys, "analyze", str(sample), "--spec", spec)
    done.assert_refused(2, "video.heigth", "line=3")


def test_a_specification_that_is_not_there_is_named(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run(capsys, "analyze", str(sample), "--spec", str(tmp_path / "none.toml"))
    done.assert_refused(1, "none.toml")
