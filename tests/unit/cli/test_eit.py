"""`tsloom eit build|check|inject` and `relay --epg`."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import split
from tests.properties.eit_reading import read_eit
from tests.second_opinion import find_sections, take_sections
from tsloom.cli.main import main
from tsloom.runner.guide import GuideWatcher, load_guide
from tsloom.runner.stage_options import StageOptions
from tsloom.sample import sample_path

SAMPLE = str(sample_path())
MIDNIGHT = datetime(2026, 5, 1, tzinfo=UTC)
AT = "2026-05-01T11:59:55Z"
MAP = "[channels]\none = [0xFF01, 1, 1]\ntwo = [0xFF01, 2, 7]\n"
EIT_PID = 0x12


def write_guide(path: Path, *, title: str = "Show") -> None:
    programmes = []
    for channel in ("one", "two"):
        for number in range(8 * 24):
            start = MIDNIGHT + number * timedelta(hours=1)
            stop = start + timedelta(hours=1)
            programmes.append(
                f'<programme start="{start:%Y%m%d%H%M%S} +0000" stop="{stop:%Y%m%d%H%M%S} +0000"'
                f' channel="{channel}"><title lang="en">{title} {number}</title></programme>'
            )
    path.write_text(f"<tv>{''.join(programmes)}</tv>", encoding="utf-8")


@pytest.fixture
def guide(tmp_path: Path) -> list[str]:
    """The options that name a guide of two services."""
    write_guide(tmp_path / "guide.xml")
    (tmp_path / "map.toml").write_text(MAP, encoding="utf-8")
    return ["--epg", str(tmp_path / "guide.xml"), "--epg-map", str(tmp_path / "map.toml")]


def test_check_counts_the_other_tables_of_a_stream(
    guide: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["eit", "check", *guide, "--actual", "0xFF01:1", "--at", AT, "--json"]
    assert main(common) == 0
    alone = json.loads(capsys.readouterr().out)
    assert main([*common, "--si", SAMPLE]) == 0
    both = json.loads(capsys.readouterr().out)
    (added,) = (one for one in both["tables"] if one not in alone["tables"])
    assert (added["cycle_class"], added["sections"], added["cycle_s"]) == ("sdt_actual", 1, 2.0)
    assert both["wanted_bps"] == alone["wanted_bps"] + 752


def test_build_writes_each_section_once(
    tmp_path: Path, guide: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    packets, bare = tmp_path / "eit.ts", tmp_path / "eit.bin"
    common = [*guide, "--actual", "0xFF01:1", "--at", AT]
    assert main(["eit", "build", str(packets), *common, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["eit", "build", str(bare), *common, "--sections"]) == 0
    assert "EIT p/f actual" in capsys.readouterr().out
    found = [one.data for one in find_sections(split(packets.read_bytes()), EIT_PID)]
    sections: list[object] = []
    assert take_sections(sections, bare.read_bytes(), 0, 0) == b""  # type: ignore[arg-type]
    assert len(found) == len(sections) == sum(told["sections"].values()) == 2 * (2 + 64)
    assert {read_eit(data).table_id for data in found} == {0x4E, 0x4F, 0x50, 0x51, 0x60, 0x61}
    assert told["losses"] == []


@pytest.mark.parametrize(("limit", "code"), [("400k", 0), ("15k", 1)])
def test_check_says_whether_it_fits(
    guide: list[str], capsys: pytest.CaptureFixture[str], limit: str, code: int
) -> None:
    common = ["eit", "check", *guide, "--actual", "0xFF01:1", "--at", AT, "--eit-bitrate", limit]
    assert main([*common, "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["fits"] is (code == 0)
    assert sum(table["available_bps"] for table in told["tables"]) <= told["bitrate_limit_bps"] + 1
    assert main(common) == code
    assert ("does not fit" in capsys.readouterr().out) is (code == 1)


def test_inject_puts_it_into_a_recording(
    tmp_path: Path, guide: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.ts"
    options = ["--utc-start", AT, "--eit-cycle", "eit_pf_actual=1s", "--eit-tables", "pf_actual"]
    assert main(["eit", "inject", SAMPLE, str(out), *guide, *options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = [read_eit(one.data) for one in find_sections(split(out.read_bytes()), EIT_PID)]
    assert told["sections"] == len(found) >= 30
    assert {one.table_id for one in found} == {0x4E}
    present = [one.events[0].running_status for one in found if one.section_number == 0]
    assert set(present) == {4}


def test_inject_says_what_it_would_need(
    tmp_path: Path, guide: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eit", "inject", SAMPLE, str(tmp_path / "out.ts"), *guide]) == 1
    assert "--utc-start is wanted" in capsys.readouterr().err


def test_relay_takes_a_guide_along(tmp_path: Path, guide: list[str]) -> None:
    out = tmp_path / "out.ts"
    options = ["--utc-start", AT, "--eit-profile", "terrestrial"]
    assert main(["relay", "--input", SAMPLE, "--output", str(out), *guide, *options]) == 0
    found = [read_eit(one.data) for one in find_sections(split(out.read_bytes()), EIT_PID)]
    assert {one.table_id for one in found} >= {0x4E, 0x50, 0x51}


def test_a_guide_that_changes_on_the_disk_is_read_again(tmp_path: Path, guide: list[str]) -> None:
    path = tmp_path / "guide.xml"
    options = StageOptions(epg=path, epg_map=guide[-1])
    database = load_guide(options)
    with GuideWatcher(options, database):
        path.write_text("<broken", encoding="utf-8")
        os.utime(path, (1, 1))
        time.sleep(1.5)
        assert len(database) == 2 * 8 * 24
        write_guide(path, title="Another")
        end = time.monotonic() + 20
        while not database.search("Another 5") and time.monotonic() < end:
            time.sleep(0.05)
    assert len(database.search("Another 5")) > 2


@pytest.mark.parametrize(
    "wrong",
    [
        ["--actual", "1"],
        ["--eit-bitrate", "much"],
        ["--eit-cycle", "nit"],
        ["--eit-cycle", "moon=3s"],
        ["--eit-days", "65"],
        ["--eit-tables", "pf"],
        ["--epg", "none.xml"],
    ],
)
def test_wrong_options_are_refused(
    guide: list[str], capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        raise SystemExit(main(["eit", "check", *guide, "--actual", "0xFF01:1", *wrong]))
    assert caught.value.code == 2
    assert capsys.readouterr().err
