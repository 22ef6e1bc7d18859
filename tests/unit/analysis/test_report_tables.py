"""The report as CSV and as data frames: the same figures as in the report itself."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.unit.analysis.report_cases import FORMULA, analyze, faulty_packets, hostile_report
from tsloom import Report
from tsloom.analysis.csv_form import CsvRow
from tsloom.errors import MissingLibraryError, UsageError

REPORT = analyze(faulty_packets())


def read(report: Report) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    report.to_csv(file)
    file.seek(0)
    return list(csv.DictReader(file))


ROWS = read(REPORT)


def rows_of(scope: str, **wanted: str) -> list[dict[str, str]]:
    return [
        row
        for row in ROWS
        if row["scope"] == scope and all(row[key] == value for key, value in wanted.items())
    ]


def test_the_table_has_one_head_and_rows_of_one_length() -> None:
    file = io.StringIO(newline="")
    REPORT.to_csv(file)
    lines = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert lines[0] == list(CsvRow._fields)
    assert {len(line) for line in lines} == {len(CsvRow._fields)}
    assert file.getvalue().count("\r\n") == len(lines)


def test_values_are_numbers_and_say_their_unit() -> None:
    for row in ROWS:
        if row["value"]:
            float(row["value"])
    (rate,) = rows_of("stream", name="bitrate_bps")
    assert (float(rate["value"]), rate["unit"]) == (REPORT.bitrate_bps, "bit/s")
    (duration,) = rows_of("stream", name="duration_s")
    assert (float(duration["value"]), duration["unit"]) == (REPORT.duration_s, "s")


def test_each_pid_and_each_indicator_has_its_figures() -> None:
    packets = {int(row["pid"]): int(row["value"]) for row in rows_of("pid", name="packets")}
    assert packets == {pid: row.packets for pid, row in REPORT.pids.items()}
    counts = {row["indicator"]: int(row["value"]) for row in rows_of("indicator", name="count")}
    assert counts == {f"{one.number} {one.name}": one.count for one in REPORT.tr101290.values()}


def test_occurrences_and_bitrates_have_a_row_each() -> None:
    listed = sum(len(one.occurrences) for one in REPORT.tr101290.values())
    assert len(rows_of("occurrence")) == listed > 3
    assert REPORT.bitrates is not None
    windows = REPORT.bitrates.points
    assert len(rows_of("bitrate")) == len(windows) * len(REPORT.bitrates.pids) > 0
    assert len(rows_of("event")) == len(REPORT.events) > 3
    lost = rows_of("occurrence", indicator="1.4 Continuity_count_error")
    assert {row["unit"] for row in lost} == {"packets missing"}


def test_a_name_is_no_formula() -> None:
    (row,) = [one for one in read(hostile_report(FORMULA)) if one["name"] == "provider"]
    assert row["text"] == "'" + FORMULA


def test_a_file_is_written_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    hostile_report("Süd \ud800").to_csv(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("scope,")
    assert "Süd" in text


def test_data_frames_hold_the_figures_of_the_report() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed: tsloom[pandas] brings it")
    frames = REPORT.to_pandas()
    assert set(frames) == {"pids", "indicators", "occurrences", "bitrates"}
    assert frames["pids"]["packets"].to_dict() == {p: r.packets for p, r in REPORT.pids.items()}
    counts = {number: one.count for number, one in REPORT.tr101290.items()}
    assert frames["indicators"]["count"].to_dict() == counts
    assert len(frames["occurrences"]) == len(rows_of("occurrence"))
    assert REPORT.bitrates is not None
    _, end, rates = REPORT.bitrates.points[0]
    first = frames["bitrates"].head(len(rates))
    assert first["bitrate_bps"].to_list() == list(rates)
    assert set(first["end_s"]) == {end}


def test_an_empty_report_gives_empty_frames() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed: tsloom[pandas] brings it")
    frames = analyze([]).to_pandas()
    assert [len(frames[name]) for name in ("pids", "occurrences", "bitrates")] == [0, 0, 0]


@pytest.mark.parametrize(("package", "extra"), [("pandas", "pandas"), ("matplotlib", "plot")])
def test_a_missing_library_is_named(
    package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingLibraryError, match=rf"tsloom\[{extra}\]"):
        REPORT.to_pandas() if package == "pandas" else REPORT.plot(tmp_path / "a.png")


def test_a_plot_is_an_image_that_is_not_blank(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: tsloom[plot] brings it")
    from matplotlib.image import imread

    path = tmp_path / "report.png"
    hostile_report("$x^{").plot(path)
    pixels = imread(path)
    assert pixels.shape[0] > 500
    assert pixels.std() > 0.1
    analyze([]).plot(path)
    assert imread(path).std() > 0.01
    with pytest.raises(UsageError, match="no image"):
        REPORT.plot(tmp_path / "report.nonsense")
