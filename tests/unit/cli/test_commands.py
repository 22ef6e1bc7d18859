"""The commands, called within the process: what they print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tsloom.cli.main import main
from tsloom.sample import sample_path

SAMPLE = str(sample_path())
BREAK = "start=+8s,duration=4s,preroll=4s,service=1,pid=500"


def test_analyze_prints_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", SAMPLE, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["packets"] == Path(SAMPLE).stat().st_size // 188
    assert report["packet_size"] == 188
    assert report["continuity_errors"] == 0
    assert {pid["pid"] for pid in report["pids"]} >= {0, 256, 257, 4096, 8191}
    assert report["services"][0]["name"] == "tsloom sample"
    assert main(["analyze", SAMPLE]) == 0
    assert "tsloom sample" in capsys.readouterr().out


def test_tables_prints_each_section_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", SAMPLE, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    sections = document["sections"]
    assert {"PAT", "PMT", "SDT actual"} <= {section["table"] for section in sections}
    assert len({section["hex"] for section in sections}) == len(sections)
    assert {table["change"] for table in document["tables"]} == {"new"}
    assert sorted(i for table in document["tables"] for i in table["section_indices"]) == list(
        range(len(sections))
    )
    assert main(["tables", SAMPLE]) == 0
    assert "PMT PID 4096" in capsys.readouterr().out


def test_relay_puts_a_break_in_and_cues_finds_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out.ts")
    assert main(["relay", "--input", SAMPLE, "--output", out, "--splice", BREAK]) == 0
    assert "cue OUT of event 1" in capsys.readouterr().err
    assert main(["cues", out]) == 0
    cues = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    commands = [cue["splice_info_section"]["splice_command"] for cue in cues]
    assert [command["out_of_network_indicator"] for command in commands] == [True, False]
    assert all(abs(cue["lead_time_s"] - 4) < 0.04 for cue in cues)
    assert main(["scte35", "decode", cues[0]["base64"]]) == 0
    assert "SpliceInsert" in capsys.readouterr().out


def test_relay_says_as_json_what_it_inserted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out.ts")
    assert main(["relay", "--input", SAMPLE, "--output", out, "--splice", BREAK, "--json"]) == 0
    lines = capsys.readouterr().out
    assert lines.count('"cue_inserted"') == 2


def test_filter_keeps_and_renumbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out.ts")
    assert main(["filter", SAMPLE, out, "--keep-service", "1", "--remap", "256=512"]) == 0
    assert main(["analyze", out, "--json"]) == 0
    captured = capsys.readouterr().out
    report = json.loads(captured[captured.index("{") :])
    assert 512 in {pid["pid"] for pid in report["pids"]}
    assert report["services"][0]["pcr_pid"] == 512
    assert report["continuity_errors"] == 0
    stages = ["--drop-nulls", "--drop-pid", "257", "--keep-pid", "256", "--fix-continuity"]
    assert main(["filter", SAMPLE, out, *stages, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["packets_out"] > 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["filter", SAMPLE, SAMPLE], 2),
        (["analyze", "/nowhere/in.ts"], 1),
        (["analyze", "/"], 1),
        (["analyze", "udp://127.0.0.1:1234?nonsense=1"], 2),
        (["relay", "--input", SAMPLE, "--output", "null:", "--splice", "duration=4s"], 2),
        (["relay", "--input", SAMPLE, "--output", "null:", "--splice", "start=+1s,pid=257"], 2),
        (["version"], 0),
        (["version", "--json"], 0),
    ],
)
def test_exit_codes(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == code
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    assert (len(shown.splitlines()) >= 1) is (code != 0)


@pytest.mark.parametrize("content", [b"", b"G", bytes(range(256)) * 40])
def test_what_is_no_stream_is_said_in_one_line(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(content)
    assert main(["analyze", str(path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
