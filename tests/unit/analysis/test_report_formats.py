"""Formats of video and audio in the report: the monitor's, however the stream is cut."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given

import tsloom
from tests.properties.pieces import PieceSource
from tests.properties.strategies import BRIEF, cut, cuts_of
from tests.unit.analysis.page_reading import Page
from tests.unit.analysis.test_report_schema import faults
from tests.unit.cli.running import run
from tsloom.analysis import ElementaryMonitor, VideoFormat
from tsloom.analysis.evidence import Evidence
from tsloom.sample import sample_path

SAMPLE = sample_path()
DATA = SAMPLE.read_bytes()
VIDEO, AUDIO = 256, 257


@pytest.fixture(scope="module")
def report() -> tsloom.Report:
    return tsloom.analyze(SAMPLE, formats=True)


def test_the_formats_are_those_of_the_monitor(report: tsloom.Report) -> None:
    monitor = ElementaryMonitor()
    tsloom.Pipeline(monitor).run(SAMPLE)
    found = {pid: row.format for pid, row in report.pids.items() if row.format is not None}
    assert found == monitor.formats
    assert set(found) == {VIDEO, AUDIO}
    video = found[VIDEO]
    assert isinstance(video, VideoFormat)
    assert (video.codec, video.width, video.height, video.frame_rate) == ("H.264", 640, 360, 25)


def test_nothing_else_of_the_report_is_other(report: tsloom.Report) -> None:
    plain, without = json.loads(report.to_json()), json.loads(tsloom.analyze(SAMPLE).to_json())
    assert (plain.pop("formats_read"), without.pop("formats_read")) == (True, False)
    for row in (*plain["pids"], *without["pids"]):
        row["format"] = None
    assert plain == without


@given(places=cuts_of(len(DATA)))
@BRIEF
def test_formats_and_those_of_intervals_do_not_depend_on_the_cuts(places: list[int]) -> None:
    def formats(pieces: list[bytes]) -> list[list[object]]:
        source = PieceSource(pieces)
        source.size_bytes = len(DATA)  # type: ignore[assignment] # no clock ends an interval
        found = tsloom.analyze_intervals(source, 4, formats=True)
        return [[row.format for row in one.pids.values()] for one in found]

    assert formats(cut(DATA, places)) == formats([DATA])


def test_pieces_do_not_have_them_and_say_so() -> None:
    pieces = Evidence.collect([DATA]).report()
    assert pieces.formats_read is False
    assert [row.format for row in pieces.pids.values() if row.format] == []
    with pytest.raises(tsloom.errors.UsageError, match="one worker"):
        tsloom.analyze(SAMPLE, formats=True, workers=2)


def test_every_form_of_the_report_has_them(report: tsloom.Report) -> None:
    assert faults(report) == []
    words = "H.264 High@3, 640x360, 25 frames/s"
    text = Page(report.to_html()).sections["services"]
    assert words in text
    assert "was not read" not in text
    plain = Page(tsloom.analyze(SAMPLE).to_html()).sections["services"]
    assert "was not read: --formats does" in plain
    file = io.StringIO()
    report.to_csv(file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [(row["pid"], row["text"]) for row in rows if row["name"] == "format.codec"] == [
        ("256", "H.264"),
        ("257", "AAC"),
    ]


def test_data_frames_have_a_column_for_each() -> None:
    pytest.importorskip("pandas")
    frame = tsloom.analyze(SAMPLE, formats=True).to_pandas()["pids"]
    assert frame.loc[VIDEO, "format.width"] == 640
    assert frame.loc[AUDIO, "format.sample_rate_hz"] == 48000


def test_the_command_line_reads_them_on_demand(capfd: pytest.CaptureFixture[str]) -> None:
    lines = run(capfd, "analyze", SAMPLE, "--formats").out.splitlines()
    (video,) = [line for line in lines if "640x360" in line]
    assert video.strip().startswith("H.264 High@3, 640x360, 25 frames/s, GOP 25 ")
    assert "640x360" not in run(capfd, "analyze", SAMPLE).out
    run(capfd, "analyze", SAMPLE, "--formats", "--workers", "2").assert_refused(2, "one worker")
