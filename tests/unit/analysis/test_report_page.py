"""The HTML page: the report's facts are in it, and nothing that loads or runs anything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given

import tsloom
from tests.external_data import stream_params, stream_path
from tests.properties.strategies import BRIEF, hard_cases
from tests.unit.analysis.page_reading import Page
from tests.unit.analysis.report_cases import HOSTILE, analyze, faulty_packets, hostile_report
from tsloom.analysis.bitrate_stack import stack_bitrates
from tsloom.analysis.page.numbers import steps

REPORT = analyze(faulty_packets())
PAGE = Page(REPORT.to_html("a stream"))


def test_the_page_has_its_parts_and_its_title() -> None:
    wanted = {"summary", "timeline", "bitrate", "services", "pids", "tr101290", "si", "pcr"}
    assert wanted <= set(PAGE.sections)
    assert PAGE.title == "a stream"
    links = {attributes["href"] for tag, attributes in PAGE.elements if tag == "a"}
    assert links == {f"#{name}" for name in PAGE.sections}


def test_every_indicator_stands_with_its_state_and_count() -> None:
    rows = {row[0]: row for row in PAGE.rows if len(row) == 8}
    for number, one in REPORT.tr101290.items():
        assert rows[number][1] == one.name
        assert rows[number][2].startswith(one.state)
        if one.state != "not measured":
            assert rows[number][3] == f"{one.count:,}"
        else:
            assert one.reason in rows[number][2]
    for priority in (1, 2, 3):
        title = f"Priority {priority}: {REPORT.errors(priority):,} errors"
        assert title in PAGE.sections["tr101290"]


def test_every_pid_stands_with_its_packets_and_errors() -> None:
    rows = {row[0]: row for row in PAGE.rows if len(row) == 10}
    for pid, one in REPORT.pids.items():
        assert rows[str(pid)][2] == f"{one.packets:,}"
        assert rows[str(pid)][6] == f"{one.continuity_errors:,}"
    assert REPORT.continuity_errors == 4  # three losses, and the packet that was overwritten


def test_alarms_have_a_strip_each() -> None:
    counted = [one for one in REPORT.tr101290.values() if one.count]
    text = PAGE.sections["timeline"]
    assert counted
    assert [one.number for one in counted if one.name not in text] == []
    labels = [attributes["aria-label"] or "" for tag, attributes in PAGE.elements if tag == "svg"]
    assert sum(label.endswith(" over time") for label in labels) == len(counted) + 1


def test_the_layers_of_the_bitrate_add_up_to_the_stream() -> None:
    stack = stack_bitrates(REPORT)
    assert stack is not None
    assert REPORT.bitrates is not None
    sums = [sum(rates) for rates in zip(*(one.rates_bps for one in stack.layers), strict=True)]
    assert sums == pytest.approx([sum(rates) for _, _, rates in REPORT.bitrates.points])
    bits = sum(one.mean_bps for one in stack.layers)
    joined = stack_bitrates(REPORT, most_windows=1)
    assert joined is not None
    assert len(joined.windows) == 1
    assert sum(one.mean_bps for one in joined.layers) == pytest.approx(bits)


def test_texts_of_a_stream_stay_texts() -> None:
    text = hostile_report().to_html(HOSTILE)
    page = Page(text)
    shown = HOSTILE.replace("\u202e", "\ufffd")
    assert page.title == shown
    assert shown in page.sections["services"]
    assert "script" not in page.tags()
    assert "\u202e" not in text
    assert text.count("alert(1)") == text.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 0


def test_the_page_loads_nothing() -> None:
    text = hostile_report().to_html()
    page = Page(text)
    assert not page.tags() & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"https?:|url\(|@import|//", text)
    for _, attributes in page.elements:
        assert not {name for name in attributes if name.startswith("on") or name == "src"}
    policies = [one.get("content") for tag, one in page.elements if "http-equiv" in one]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("entry", stream_params("all"))
def test_every_stream_has_a_page_of_bounded_size(entry: dict[str, Any]) -> None:
    try:
        report = tsloom.analyze(stream_path(entry))
    except tsloom.errors.NotATransportStreamError:
        pytest.skip("no packet is in it, so there is no report")
    text = report.to_html(entry["name"])
    page = Page(text)
    assert len(text) < 1_000_000
    assert not re.search(r"\b(?:nan|inf)\b|None", page.sections["summary"])
    assert {"summary", "pids", "tr101290"} <= set(page.sections)


@BRIEF
@given(packets=hard_cases())
def test_any_packets_have_a_page(packets: list[bytes]) -> None:
    assert "summary" in Page(analyze(packets).to_html()).sections


@pytest.mark.parametrize(
    ("end", "expected"),
    [(5.0, [0, 1, 2, 3, 4, 5]), (22.0, [0, 5, 10, 15, 20]), (0.0, [0])],
)
def test_axes_have_round_numbers(end: float, expected: list[float]) -> None:
    assert steps(end) == pytest.approx(expected)
