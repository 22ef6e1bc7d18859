"""HLS, DASH, JSON and text as others write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tsloom import scte35
from tsloom.errors import SectionLengthError, SectionSyntaxError, UsageError

OUT = scte35.SpliceInfoSection(
    scte35.SpliceInsert(
        0x4800008F,
        out_of_network_indicator=True,
        splice_time=scte35.SpliceTime(0x07369C02E),
        break_duration=scte35.BreakDuration(auto_return=True, duration=0x00052CCF5),
    ),
    [scte35.AvailDescriptor(0x135)],
    cw_index=0xFF,
)
# Sample 14.2 of the standard.
OUT_BASE64 = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo="
DATE = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)


def test_sample_of_the_standard_is_made_from_values() -> None:
    assert scte35.parse(OUT_BASE64) == OUT
    assert OUT.encode() == scte35.parse(OUT_BASE64).encode()


def test_out_opens_a_date_range_and_in_closes_it() -> None:
    opened = scte35.to_daterange(OUT, DATE)
    assert opened.scte35_out == OUT
    assert opened.id == str(0x4800008F)
    assert opened.planned_duration == pytest.approx(5426421 / 90000)
    tag = opened.to_tag()
    assert tag.startswith('#EXT-X-DATERANGE:ID="1207959695",START-DATE="2024-02-29T12:00:00+00:00"')
    assert f"SCTE35-OUT=0x{OUT.encode().hex().upper()}" in tag
    back = scte35.SpliceInfoSection(scte35.SpliceInsert(0x4800008F))
    closed = scte35.close_daterange(opened, back, DATE.replace(minute=1))
    assert closed.duration == 60.0
    assert "SCTE35-IN=0x" in closed.to_tag()
    assert scte35.DateRange.from_tag(closed.to_tag()) == closed
    with pytest.raises(UsageError):
        scte35.close_daterange(opened, back, DATE.replace(hour=11))


def test_date_range_of_the_rfc_is_read() -> None:
    line = (
        '#EXT-X-DATERANGE:ID="splice-6FFFFFF0",START-DATE="2014-03-05T11:15:00Z",'
        'PLANNED-DURATION=59.993,X-COM-EXAMPLE="a,b",SCTE35-OUT=0x' + OUT.encode().hex()
    )
    read = scte35.DateRange.from_tag(line)
    assert read.id == "splice-6FFFFFF0"
    assert read.start_date == datetime(2014, 3, 5, 11, 15, tzinfo=UTC)
    assert read.planned_duration == 59.993
    assert read.scte35_out == OUT


@pytest.mark.parametrize(
    "line",
    [
        "",
        "#EXTINF:10,",
        "#EXT-X-DATERANGE:ID",
        '#EXT-X-DATERANGE:ID="a,START-DATE=1',
        "#EXT-X-DATERANGE:SCTE35-OUT=/DAvAAAA",
        "#EXT-X-DATERANGE:SCTE35-OUT=0xF",
        '#EXT-X-DATERANGE:START-DATE="yesterday"',
        '#EXT-X-DATERANGE:START-DATE="2014-03-05T11:15:00"',
        "#EXT-X-DATERANGE:DURATION=nan",
        "#EXT-X-DATERANGE:DURATION=-1",
    ],
)
def test_bad_date_range_is_refused(line: str) -> None:
    with pytest.raises(SectionSyntaxError):
        scte35.DateRange.from_tag(line)


def test_date_range_needs_zones_and_an_id_that_can_be_quoted() -> None:
    with pytest.raises(UsageError):
        scte35.DateRange('a"b')
    with pytest.raises(UsageError):
        scte35.DateRange("a", start_date=datetime(2024, 1, 1))


@pytest.mark.parametrize(
    ("line", "ticks"),
    [
        ("#EXT-X-CUE-OUT", None),
        ("#EXT-X-CUE-OUT:30", 2_700_000),
        ("#EXT-X-CUE-OUT:30.5", 2_745_000),
        ("#EXT-X-CUE-OUT:DURATION=30", 2_700_000),
    ],
)
def test_cue_out_is_read_in_its_spellings(line: str, ticks: int | None) -> None:
    made = scte35.from_cue_tags(["#EXTINF:6,", line])
    assert made is not None
    command = made.splice_command
    assert isinstance(command, scte35.SpliceInsert)
    assert command.out_of_network_indicator
    duration = command.break_duration
    assert (duration.duration if duration else None) == ticks


def test_cue_in_and_no_cue_are_told_apart() -> None:
    made = scte35.from_cue_tags(["#EXT-X-CUE-IN"], splice_event_id=5)
    assert made == scte35.SpliceInfoSection(scte35.SpliceInsert(5))
    assert scte35.from_cue_tags(["#EXT-X-CUE-OUT-CONT:ElapsedTime=5,Duration=30"]) is None
    assert scte35.from_cue_tags([]) is None
    with pytest.raises(SectionSyntaxError):
        scte35.from_cue_tags(["#EXT-X-CUE-OUT:soon"])
    assert scte35.from_cue_tags(["#EXT-X-CUE-OUT", "#EXT-OATCLS-SCTE35:" + OUT_BASE64]) == OUT


@pytest.mark.parametrize(
    ("descriptors", "direction"),
    [
        ([0x34], scte35.Direction.OUT),
        ([0x35], scte35.Direction.IN),
        ([0x35, 0x36], scte35.Direction.OUT),
        ([0x10], scte35.Direction.NEITHER),
        ([], scte35.Direction.NEITHER),
    ],
)
def test_segmentation_types_say_the_direction(
    descriptors: list[int], direction: scte35.Direction
) -> None:
    section = scte35.SpliceInfoSection(
        scte35.TimeSignal(),
        [scte35.SegmentationDescriptor(1, segmentation_type_id=kind) for kind in descriptors],
    )
    assert scte35.direction_of(section) is direction


def test_cancelled_event_has_no_direction() -> None:
    cancelled = scte35.SpliceInsert(1, splice_event_cancel_indicator=True)
    assert scte35.direction_of(scte35.SpliceInfoSection(cancelled)) is scte35.Direction.NEITHER


def test_emsg_by_hand_is_read() -> None:
    head = b"\0\0\0\0urn:scte:scte35:2013:bin\0\0"
    numbers = bytes.fromhex("00015f90 00000000 ffffffff 00000007")
    body = head + numbers + OUT.encode()
    box = (8 + len(body)).to_bytes(4, "big") + b"emsg" + body
    event = scte35.from_emsg(box)
    assert event == scte35.DashEvent(OUT, id=7, timescale=90_000, is_delta=True)


def test_bad_emsg_is_refused() -> None:
    for box in (b"", b"\0\0\0\x08moof", b"\0\0\0\x0cemsg\2\0\0\0", b"\xff\xff\xff\xffemsg"):
        with pytest.raises((SectionLengthError, SectionSyntaxError)):
            scte35.from_emsg(box)


def test_event_stream_of_another_scheme_is_refused() -> None:
    text = '<EventStream xmlns="urn:mpeg:dash:schema:mpd:2011" schemeIdUri="urn:other"/>'
    with pytest.raises(SectionSyntaxError):
        scte35.from_event_stream(text)
    with pytest.raises(SectionSyntaxError):
        scte35.from_event_stream("<MPD/>")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"splice_command_type": "six"}',
        '{"splice_command_type": 6, "splice_comand": {}}',
        '{"splice_command_type": 5, "splice_command": {"splice_event": 1}}',
        '{"splice_command_type": 5, "splice_command": {}}',
        '{"splice_command_type": 5, "splice_command": []}',
        '{"splice_command_type": 0, "splice_descriptors": 1}',
        '{"splice_command_type": 0, "splice_descriptors": [{"splice_descriptor_tag": 9}]}',
        '{"splice_command_type": 255, "splice_command": {"identifier": 1, "private_bytes": "0"}}',
        '{"section_hex": "zz"}',
        '{"splice_command_type": 256}',
        '{"splice_command_type": 0, "tier": 4096}',
        '{"splice_command_type": 0, "encrypted_packet": "false"}',
        "[" * 100_000,
    ],
)
def test_bad_json_is_refused(text: str) -> None:
    with pytest.raises(SectionSyntaxError):
        scte35.from_json(text)


def test_json_needs_only_what_cannot_be_derived() -> None:
    text = json.dumps(
        {
            "cw_index": 255,
            "splice_command_type": 5,
            "splice_command": {
                "splice_event_id": 0x4800008F,
                "out_of_network_indicator": True,
                "splice_time": {"pts_time": 0x07369C02E},
                "break_duration": {"auto_return": True, "duration": 5426421},
            },
            "splice_descriptors": [{"splice_descriptor_tag": 0, "provider_avail_id": 0x135}],
        }
    )
    assert scte35.from_json(text) == OUT


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        # The check characters are those of published identifiers.
        (0x0A, "14f87791853 42c2390308610".replace(" ", ""), "10.5368/7791-8534-2C23-9030-8610"),
        (0x06, "000000003a8d000000000000", "0000-0000-3A8D-0000-Z-0000-0000-6"),
        (0x05, "000000003a8d0000", "0000-0000-3A8D-0000-Z"),
        (0x08, "000000002ca0a18a", "748724618"),
        (0x07, "4d5630303034313436343030", "MV0004146400"),
        (0x10, "aa85bbb65c434b6abebbee3b13eb7999", "aa85bbb6-5c43-4b6a-bebb-ee3b13eb7999"),
    ],
)
def test_upid_is_written_in_its_notation(kind: int, data: str, text: str) -> None:
    upid = scte35.SegmentationUpid(kind, bytes.fromhex(data))
    assert scte35.upid_to_text(upid) == text
    assert scte35.upid_from_text(kind, text) == upid


def test_eidr_with_its_check_character_is_checked() -> None:
    good = scte35.upid_from_text(0x0A, "10.5240/7791-8534-2C23-9030-8610-5")
    assert good.segmentation_upid.hex() == "147877918534" + "2c2390308610"
    for text in ("10.5240/7791-8534-2C23-9030-8610-6", "10.5240/7791", "eidr", ""):
        with pytest.raises(UsageError):
            scte35.upid_from_text(0x0A, text)


def test_upid_type_without_notation_has_no_text() -> None:
    assert scte35.upid_to_text(scte35.SegmentationUpid(0x77, b"x")) is None
    assert scte35.upid_to_text(scte35.SegmentationUpid(0x0A, b"x")) is None
    with pytest.raises(UsageError):
        scte35.upid_from_text(0x77, "x")


def test_segmentation_types_have_their_titles() -> None:
    assert scte35.segmentation_type_title(0x34) == "Provider Placement Opportunity Start"
    assert scte35.segmentation_type_title(0x47) == "Distributor Ad Block End"
    assert scte35.segmentation_type_title(0x60) == "Reserved"
    assert len(scte35.SegmentationType) == 48


def test_utc_splice_time_counts_leap_seconds() -> None:
    assert scte35.utc_splice_time_of(datetime(1980, 1, 6, tzinfo=UTC)) == 0
    # 18 leap seconds since the epoch: GPS time was 18 s ahead of UTC in 2018.
    seconds = int(
        (datetime(2018, 4, 29, tzinfo=UTC) - datetime(1980, 1, 6, tzinfo=UTC)).total_seconds()
    )
    assert scte35.utc_splice_time_of(datetime(2018, 4, 29, tzinfo=UTC)) == seconds + 18
    # On either side of the leap second at the end of 2016.
    before = scte35.utc_splice_time_of(datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC))
    after = scte35.utc_splice_time_of(datetime(2017, 1, 1, tzinfo=UTC))
    assert after == before + 2
    assert scte35.datetime_of(before + 1) == datetime(2017, 1, 1, tzinfo=UTC)
    with pytest.raises(UsageError):
        scte35.utc_splice_time_of(datetime(1979, 1, 1, tzinfo=UTC))
    with pytest.raises(UsageError):
        scte35.utc_splice_time_of(datetime(2020, 1, 1))


@pytest.mark.parametrize("text", ["", "*", "/DAv*", "0x", "0xFC3", "fc 30 x!", "é"])
def test_bad_text_is_said(text: str) -> None:
    section = scte35.parse(text)
    assert [one.name for one in section.diagnostics] == ["no_section"]
    with pytest.raises((SectionSyntaxError, SectionLengthError)):
        scte35.parse(text, strict=True)


def test_base64_is_read_with_spaces_without_padding_and_url_safe() -> None:
    url_safe = OUT_BASE64.replace("/", "_").rstrip("=")
    assert scte35.parse(url_safe) == OUT
    assert scte35.parse(" " + OUT_BASE64[:20] + "\n" + OUT_BASE64[20:] + " ") == OUT
    assert scte35.parse(OUT_BASE64.encode()) == OUT
