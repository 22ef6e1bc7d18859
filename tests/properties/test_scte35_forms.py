"""Every section in every form, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.scte35_strategies import U32, sections, simple_upids
from tests.vectors.scte35_sections import SCHEMA
from tsloom import scte35
from tsloom.errors import InputError

slow = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
zones = st.sampled_from(
    [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]
)
dates = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones)
# The counts of the 18 leap seconds: no date can say them.
LEAP_COUNTS = {
    scte35.utc_splice_time_of(datetime(year, month, 1, tzinfo=UTC)) - 1
    for year, month in [
        (1981, 7), (1982, 7), (1983, 7), (1985, 7), (1988, 1), (1990, 1), (1991, 1), (1992, 7),
        (1993, 7), (1994, 7), (1996, 1), (1997, 7), (1999, 1), (2006, 1), (2009, 1), (2012, 7),
        (2015, 7), (2017, 1),
    ]
}  # fmt: skip


@slow
@given(sections)
def test_xml_reads_back(section: scte35.SpliceInfoSection) -> None:
    assert scte35.from_xml(scte35.to_xml(section)) == section


@slow
@given(sections)
def test_xml_is_valid_by_the_schema(section: scte35.SpliceInfoSection) -> None:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    if not SCHEMA.is_file():
        pytest.skip("the schema is part of the external test data")
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    assert schema.validate(etree.fromstring(scte35.to_xml(section))), schema.error_log


@slow
@given(sections)
def test_json_reads_back_and_is_valid_by_its_schema(section: scte35.SpliceInfoSection) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    text = scte35.to_json(section)
    assert scte35.from_json(text) == section
    jsonschema.Draft202012Validator(scte35.json_schema()).validate(json.loads(text))


@slow
@given(sections, dates)
def test_daterange_reads_back(section: scte35.SpliceInfoSection, date: datetime) -> None:
    made = scte35.to_daterange(section, date)
    again = scte35.DateRange.from_tag(made.to_tag())
    assert [again.scte35_cmd, again.scte35_out, again.scte35_in].count(None) == 2
    assert (again.scte35_cmd, again.scte35_out, again.scte35_in) == (
        made.scte35_cmd,
        made.scte35_out,
        made.scte35_in,
    )
    assert again.start_date == date
    assert again.id == made.id


@slow
@given(sections)
def test_cue_tags_read_back(section: scte35.SpliceInfoSection) -> None:
    tags = scte35.to_cue_tags(section)
    assert scte35.from_cue_tags(tags) == section
    direction = scte35.direction_of(section)
    out = any(tag.startswith("#EXT-X-CUE-OUT") for tag in tags)
    assert out is (direction is scte35.Direction.OUT)
    assert ("#EXT-X-CUE-IN" in tags) is (direction is scte35.Direction.IN)


@slow
@given(U32, st.integers(0, 86_400 * 90_000))
def test_cue_out_alone_becomes_an_immediate_splice(event_id: int, ticks: int) -> None:
    insert = scte35.SpliceInsert(
        event_id,
        out_of_network_indicator=True,
        break_duration=scte35.BreakDuration(auto_return=False, duration=ticks),
    )
    tags = scte35.to_cue_tags(scte35.SpliceInfoSection(insert))
    made = scte35.from_cue_tags(tags[1:], splice_event_id=event_id)
    assert made == scte35.SpliceInfoSection(insert)


events = st.builds(
    scte35.DashEvent,
    sections,
    presentation_time=U32,
    duration=st.none() | st.integers(0, 0xFFFFFFFE),
    id=U32,
)
schemes = st.sampled_from(scte35.Scheme)


@slow
@given(st.lists(events, max_size=3), schemes)
def test_event_stream_reads_back(made: list[scte35.DashEvent], scheme: scte35.Scheme) -> None:
    text = scte35.to_event_stream(made, scheme)
    assert list(scte35.from_event_stream(text)) == made
    assert scheme.value in text


@slow
@given(events, schemes, st.booleans())
def test_emsg_reads_back(made: scte35.DashEvent, scheme: scte35.Scheme, is_delta: bool) -> None:
    event = scte35.DashEvent(
        made.section,
        presentation_time=made.presentation_time,
        duration=made.duration,
        id=made.id,
        is_delta=is_delta,
    )
    box = scte35.to_emsg(event, scheme)
    assert int.from_bytes(box[:4], "big") == len(box)
    assert box[4:8] == b"emsg"
    assert scte35.from_emsg(box) == event
    for size in range(0, len(box), 7):
        with pytest.raises(InputError):
            scte35.from_emsg(box[:size])


@slow
@given(simple_upids)
def test_upid_text_reads_back(upid: scte35.SegmentationUpid) -> None:
    text = scte35.upid_to_text(upid)
    if text is not None:
        assert scte35.upid_from_text(upid.segmentation_upid_type, text) == upid


@given(U32)
def test_utc_splice_time_reads_back(seconds: int) -> None:
    if seconds not in LEAP_COUNTS:
        assert scte35.utc_splice_time_of(scte35.datetime_of(seconds)) == seconds


@slow
@given(st.text(max_size=120) | st.binary(max_size=120))
def test_no_text_crashes_the_readers(text: str | bytes) -> None:
    for read in (scte35.from_xml, scte35.from_json, scte35.from_event_stream):
        with pytest.raises(InputError):
            read(text)
