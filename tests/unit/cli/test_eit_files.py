"""`tsloom eit import` and `tsloom eit export`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.dvb.xmltv_dtd import check_xmltv
from tsloom.cli.main import main

GUIDE = (
    '<tv><programme start="20261123200000" stop="20261123210000" channel="a">'
    '<title lang="en">News</title></programme>'
    '<programme start="20261123200000" stop="20261123210000" channel="b">'
    "<title>Other</title></programme></tv>"
)
MAP = "[channels]\na = [1, 2, 3]\n"

SERVICE = '{"services": [{"original_network_id": 1, "transport_stream_id": 2, "service_id": 3'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "guide.xml").write_text(GUIDE, encoding="utf-8")
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    return tmp_path


def test_a_guide_goes_in_and_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["eit", "import", "guide.xml", "--channels", "map.toml"]
    assert main([*command, "--output", "epg.json", "--report"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["unknown_channels"] == {"b": 1}
    assert report["events"] == 1
    assert "unknown channel" in told.err
    assert "1 events of 1 services" in told.err

    assert main(["eit", "export", "epg.json", "--channels", "map.toml"]) == 0
    root = check_xmltv(capsys.readouterr().out.encode())
    assert [one.get("channel") for one in root.findall("programme")] == ["a"]

    assert main(["eit", "import", "epg.json"]) == 0
    assert capsys.readouterr().out == (folder / "epg.json").read_text(encoding="utf-8")


def test_a_streams_guide_is_imported(
    folder: Path, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eit", "import", str(sample), "--output", "epg.json"]) == 0
    assert "services" in json.loads((folder / "epg.json").read_text(encoding="utf-8"))
    assert "events of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[channels]\na = [1, 2]\n", "channel='a'"),
        ("[channels]\na = [1, 2, 70000]\n", "channel='a'"),
        ("[chanels]\n", "chanels"),
        ("a = ", "not TOML"),
        ('zone = "Mars/Base"\n', "zone"),
        ('language = "?"\n', "language"),
        ('country = "UK"\n', "country"),
        ("[categories]\nNews = 256\n", "News"),
        ("channels = 3\n", "table"),
    ],
)
def test_a_map_that_is_wrong_is_told_in_a_line(
    text: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.toml").write_text(text, encoding="utf-8")
    assert main(["eit", "import", "guide.xml", "--channels", "bad.toml"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["import", "missing.xml", "--from", "xmltv"], 1),
        (["import", "guide.xml", "--channels", "missing.toml"], 1),
        (["import", "guide.xml", "--from", "json"], 1),
        (["import", "guide.xml", "--report"], 2),
        (["import", "guide.xml", "--output", "nowhere/epg.json"], 1),
        (["export", "guide.xml"], 1),
    ],
)
def test_what_cannot_be_done_is_told(
    arguments: list[str], code: int, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eit", *arguments]) == code
    assert "error" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"services": 3}',
        '{"services": [{"events": []}]}',
        '{"services": [{"original_network_id": 1, "transport_stream_id": 2, "events": []}]}',
        '{"services": []} more',
        '{"services": [',
        f'{SERVICE}, "events": [{{"start_time": "2026-01-01", "duration": "01:00:00"}}]}}]}}',
        f'{SERVICE}, "events": [' + "[" * 100_000,
    ],
)
def test_json_of_another_form_is_told_with_its_line(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bad.json").write_text(text, encoding="utf-8")
    assert main(["eit", "export", "bad.json"]) == 1
    assert "line=1" in capsys.readouterr().err
