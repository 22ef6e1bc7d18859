"""`filter` and `relay` with the options that edit or make SDT, NIT, TDT and TOT."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import Multiplex, split
from tests.second_opinion import count_packets, find_sections
from tests.unit.cli.running import run
from tsloom import dvb
from tsloom.sample import sample_path

SAMPLE = sample_path()
START = "2026-05-01T11:59:50Z"
NAMES = ["--service-name", "1=Une chaîne", "--service-provider", "Any", "--service-type", "1=0x19"]


def services_of(packets: list[bytes]) -> list[tuple[int, object, object, object]]:
    data = {one.data for one in find_sections(packets, 0x11) if one.data[0] == 0x42}
    (table,) = (dvb.parse_sdt(one) for one in data)
    return [
        (one.service_id, one.service_name, one.service_provider_name, one.service_type)
        for one in table.services
    ]


@pytest.mark.parametrize("command", ["filter", "relay"])
def test_names_and_the_time_are_those_that_were_asked_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    out = tmp_path / "out.ts"
    places = [SAMPLE, out] if command == "filter" else ["--input", SAMPLE, "--output", out]
    done = run(capfd, command, *places, *NAMES, "--tdt", "--utc-start", START)
    assert done.code == 0, done.err
    packets = split(out.read_bytes())
    assert services_of(packets) == [(1, "Une chaîne", "Any", 0x19)]
    (tdt,) = find_sections(packets, 0x14)
    said = dvb.parse_tdt(tdt.data).utc_time
    assert said is not None
    assert 0 <= (said - datetime(2026, 5, 1, 11, 59, 50, tzinfo=UTC)).total_seconds() <= 2
    assert count_packets(packets).verdicts == []


def test_a_stream_without_an_sdt_gets_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bare, out = tmp_path / "bare.ts", tmp_path / "out.ts"
    bare.write_bytes(Multiplex().stream(8000))
    done = run(capfd, "filter", bare, out, "--service-name", "1=One", "--service-type", "1=2")
    assert done.code == 0, done.err
    assert services_of(split(out.read_bytes())) == [(1, "One", "", 2)]


def test_a_tdt_without_a_time_is_a_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run(capfd, "filter", SAMPLE, tmp_path / "out.ts", "--tdt")
    assert done.code == 1
    assert "--utc-start" in done.err


def test_what_is_no_name_type_or_zone_is_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.ts"
    for wrong in (
        ["--service-name", "One"],
        ["--service-name", "0=One"],
        ["--service-type", "1=256"],
        ["--tot", "Europe/Berlin"],
        ["--tot", "DEU=Nowhere/Else"],
        ["--service-provider", "One", "--service-provider", "Two"],
    ):
        assert run(capfd, "filter", SAMPLE, out, *wrong).code == 2, wrong


def test_a_name_that_does_not_fit_is_told_of(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run(capfd, "filter", SAMPLE, tmp_path / "out.ts", "--service-name", f"1={'x' * 300}")
    assert "table 0x42 passed as it was" in done.err
