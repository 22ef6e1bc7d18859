"""`tsloom analyze`: its files, its limits, and its exit code by priority."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.unit.analysis.page_reading import Page
from tests.unit.analysis.report_cases import faulty_packets
from tests.unit.cli.running import run, write_packets
from tsloom.sample import sample_path

SAMPLE = sample_path()


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    return write_packets(tmp_path / "faulty.ts", faulty_packets())


def test_page_and_table_are_written_beside_what_is_printed(
    faulty: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page, table = tmp_path / "report.html", tmp_path / "report.csv"
    done = run(capfd, "analyze", faulty, "--html", page, "--csv", table, "--json")
    assert done.code == 0
    assert done.document["continuity_errors"] == 4
    assert Page(page.read_text(encoding="utf-8")).title == str(faulty)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert {"stream", "pid", "indicator", "bitrate"} <= {row["scope"] for row in rows}


def test_one_of_them_may_go_to_stdout(faulty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = run(capfd, "analyze", faulty, "--csv", "-")
    assert done.out.startswith("scope,")
    assert "packets  " not in done.out
    assert run(capfd, "analyze", faulty, "--html", "-").out.startswith("<!doctype html>")
    run(capfd, "analyze", faulty, "--html", "-", "--csv", "-").assert_refused(2, "stdout")
    run(capfd, "analyze", faulty, "--html", "-", "--json").assert_refused(2, "stdout")


def test_what_cannot_be_written_is_told_before_the_work(
    faulty: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = faulty.read_bytes()
    run(capfd, "analyze", faulty, "--html", faulty).assert_refused(2, "same file")
    assert faulty.read_bytes() == before
    run(capfd, "analyze", faulty, "--csv", tmp_path).assert_refused(1, "cannot write")
    nowhere = tmp_path / "nowhere" / "report.csv"
    run(capfd, "analyze", faulty, "--csv", nowhere).assert_refused(1, "cannot write")
    same = tmp_path / "same"
    done = run(capfd, "analyze", faulty, "--csv", same, "--html", same)
    done.assert_refused(2, "same file")


def test_the_exit_code_tells_of_errors_by_priority(
    faulty: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(capfd, "analyze", faulty).code == 0
    for priority in ("p1", "p2", "p3"):
        assert run(capfd, "analyze", faulty, "--fail-on", priority).code == 1
    # The sample has no NIT, and nothing worse.
    codes = [run(capfd, "analyze", SAMPLE, "--fail-on", one).code for one in ("p1", "p2", "p3")]
    assert codes == [0, 0, 1]
    run(capfd, "analyze", SAMPLE, "--fail-on", "p4").assert_refused(2, "p4")


def test_limits_come_from_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    limits = tmp_path / "limits.toml"
    limits.write_text("pat_s = 0.001\n", encoding="utf-8")
    assert run(capfd, "analyze", SAMPLE, "--limits", limits, "--fail-on", "p1").code == 1
    limits.write_text("nonsense_s = 1\n", encoding="utf-8")
    run(capfd, "analyze", SAMPLE, "--limits", limits).assert_refused(2, "nonsense_s")
    run(capfd, "analyze", SAMPLE, "--limits", tmp_path / "none").assert_refused(2, "none")


def test_people_read_what_is_not_ok_and_what_was_not_measured(
    faulty: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = run(capfd, "analyze", faulty).out.splitlines()
    (counted,) = [line.split() for line in lines if "Continuity_count_error" in line]
    assert counted[:2] == ["1.4", "Continuity_count_error"]
    assert counted[2].rstrip(",") == "4"
    assert not [line for line in lines if "PAT_error" in line]
    (unmeasured,) = [line for line in lines if "not measured: " in line]
    assert "3.3, 3.9, 3.10 (the buffer model is off)" in unmeasured
