"""The values of splice information: what they derive, refuse and keep."""

from __future__ import annotations

import pytest

from tsloom import psi, scte35
from tsloom.errors import SectionLengthError, SectionSyntaxError, UsageError

TIME = scte35.SpliceTime(900_000)


def test_flags_follow_from_what_is_given() -> None:
    insert = scte35.SpliceInsert(
        1, splice_time=TIME, break_duration=scte35.BreakDuration(auto_return=True, duration=90_000)
    )
    assert insert.program_splice_flag
    assert insert.duration_flag
    assert not insert.splice_immediate_flag
    immediate = scte35.SpliceInsert(1)
    assert immediate.splice_immediate_flag
    assert not immediate.duration_flag
    timed = scte35.SpliceInsert(1, components=[scte35.SpliceInsertComponent(3, TIME)])
    assert not timed.program_splice_flag
    assert not timed.splice_immediate_flag
    assert scte35.SpliceInsert(
        1, components=[scte35.SpliceInsertComponent(3)]
    ).splice_immediate_flag


def test_immediate_flag_follows_a_replaced_time() -> None:
    insert = scte35.SpliceInsert(1, splice_time=TIME)
    assert insert.replace(splice_time=None).splice_immediate_flag
    assert not insert.replace(splice_time=None).replace(splice_time=TIME).splice_immediate_flag


def test_delivery_is_restricted_where_one_restriction_is_given() -> None:
    free = scte35.SegmentationDescriptor(1)
    assert free.delivery_not_restricted_flag
    assert free.device_restrictions is None
    bound = scte35.SegmentationDescriptor(1, web_delivery_allowed_flag=False)
    assert not bound.delivery_not_restricted_flag
    assert bound.web_delivery_allowed_flag is False
    assert bound.no_regional_blackout_flag is True
    assert bound.archive_allowed_flag is True
    assert bound.device_restrictions == 3


def test_cancelled_event_says_nothing_more() -> None:
    insert = scte35.SpliceInsert(
        9, splice_event_cancel_indicator=True, out_of_network_indicator=True, avail_num=4
    )
    assert insert == scte35.SpliceInsert(9, splice_event_cancel_indicator=True)
    segmentation = scte35.SegmentationDescriptor(
        9, segmentation_event_cancel_indicator=True, segmentation_type_id=0x34
    )
    assert segmentation == scte35.SegmentationDescriptor(
        9, segmentation_event_cancel_indicator=True
    )
    assert segmentation.device_restrictions is None


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: scte35.SpliceTime(1 << 33), "pts_time"),
        (lambda: scte35.SpliceTime(-1), "pts_time"),
        (lambda: scte35.BreakDuration(auto_return=True, duration=1 << 33), "duration"),
        (lambda: scte35.SpliceInsert(1 << 32), "splice_event_id"),
        (lambda: scte35.SpliceInsert(1.5), "splice_event_id"),  # type: ignore[arg-type]
        (lambda: scte35.SpliceInsert(1, avail_num=256), "avail_num"),
        (
            lambda: scte35.SpliceInsert(1, out_of_network_indicator="false"),  # type: ignore[arg-type]
            "out_of_network_indicator",
        ),
        (
            lambda: scte35.SpliceInsert(1, splice_time=TIME, splice_immediate_flag=True),
            "splice_immediate_flag",
        ),
        (lambda: scte35.SpliceInsert(1, splice_immediate_flag=False), "splice_immediate_flag"),
        (
            lambda: scte35.SpliceInsert(
                1,
                components=[
                    scte35.SpliceInsertComponent(1, TIME),
                    scte35.SpliceInsertComponent(2),
                ],
            ),
            "components",
        ),
        (
            lambda: scte35.SpliceInsert(1, splice_time=TIME, components=[]),
            "splice_time",
        ),
        (lambda: scte35.SpliceScheduleEvent(1), "utc_splice_time"),
        (lambda: scte35.SpliceSchedule([scte35.SpliceNull()]), "events"),  # type: ignore[list-item]
        (lambda: scte35.SpliceInfoSection(tier=0x1000), "tier"),
        (lambda: scte35.SpliceInfoSection(sap_type=4), "sap_type"),
        (lambda: scte35.SpliceInfoSection(splice_descriptors=[1]), "splice_descriptors"),  # type: ignore[list-item]
        (lambda: scte35.SpliceInfoSection(TIME), "splice_command"),  # type: ignore[arg-type]
        (lambda: scte35.DtmfDescriptor(0, "01234567"), "dtmf_count"),
        (lambda: scte35.AudioChannel(1, "engl", 0, 0, False), "ISO_code"),
        (lambda: scte35.SegmentationDescriptor(1, segmentation_duration=1 << 40),
         "segmentation_duration"),
        (lambda: scte35.SegmentationDescriptor(1, segmentation_upid=bytes(256)),
         "segmentation_upid_length"),
        (lambda: scte35.KeyRing({256: bytes(8)}), "cw_index"),
    ],
)  # fmt: skip
def test_value_that_does_not_fit_is_refused_by_its_field(make, field) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError) as caught:
        make()
    assert caught.value.facts["field"] == field


def test_unknown_field_is_not_replaced() -> None:
    for value in (scte35.SpliceInfoSection(), TIME, scte35.SegmentationDescriptor(1)):
        with pytest.raises(UsageError):
            value.replace(pts=1)


def test_values_are_frozen() -> None:
    with pytest.raises(AttributeError):
        TIME.pts_time = 1  # type: ignore[misc]
    with pytest.raises(AttributeError):
        scte35.SpliceInfoSection().splice_descriptors = ()  # type: ignore[misc]


def test_values_of_different_types_differ() -> None:
    assert scte35.SpliceNull() != scte35.BandwidthReservation()
    assert scte35.SpliceTime(1) != (1,)
    assert len({scte35.SpliceTime(1), scte35.SpliceTime(1), scte35.SpliceTime(2)}) == 2


def test_values_match_by_pattern() -> None:
    match scte35.TimeSignal(scte35.SpliceTime(5)):
        case scte35.TimeSignal(scte35.SpliceTime(ticks)):
            assert ticks == 5
        case _:
            pytest.fail("did not match")


@pytest.mark.parametrize(
    ("descriptor", "error", "field"),
    [
        (
            scte35.SegmentationDescriptor(
                1, segmentation_upid_type=0x0A, segmentation_upid=bytes(3)
            ),
            SectionLengthError,
            "segmentation_upid_length",
        ),
        (
            scte35.SegmentationDescriptor(
                1, segmentation_upid_type=0x0D, segmentation_upid=b"\x09\x05ab"
            ),
            SectionLengthError,
            "segmentation_upid",
        ),
        (
            scte35.SegmentationDescriptor(1, segmentation_upid_type=0x0C, segmentation_upid=b"ab"),
            SectionLengthError,
            "segmentation_upid_length",
        ),
        (scte35.DtmfDescriptor(1, "12A"), SectionSyntaxError, "DTMF_char"),
    ],
)
def test_strict_encoding_refuses_what_a_clause_forbids(
    descriptor: scte35.SpliceDescriptor, error: type[Exception], field: str
) -> None:
    section = scte35.SpliceInfoSection(splice_descriptors=[descriptor])
    with pytest.raises(error) as caught:
        section.encode()
    assert caught.value.facts["field"] == field  # type: ignore[attr-defined]
    assert caught.value.facts["clause"].startswith("10.3")  # type: ignore[attr-defined]
    assert scte35.parse(section.encode(strict=False)).splice_descriptors == (descriptor,)


def test_reserved_command_type_needs_lenient_encoding() -> None:
    section = scte35.SpliceInfoSection(scte35.ReservedCommand(0x42, b"abc"))
    with pytest.raises(SectionSyntaxError):
        section.encode()
    again = scte35.parse(section.encode(strict=False))
    assert again.splice_command == scte35.ReservedCommand(0x42, b"abc")


def test_descriptor_longer_than_254_bytes_is_refused() -> None:
    section = scte35.SpliceInfoSection(
        splice_descriptors=[scte35.PrivateDescriptor(1, 2, bytes(251))]
    )
    with pytest.raises(SectionLengthError) as caught:
        section.encode(strict=False)
    assert caught.value.facts["field"] == "descriptor_length"


def test_splice_null_is_the_default_section() -> None:
    heartbeat = scte35.SpliceInfoSection()
    assert heartbeat.encode().hex() == "fc301100000000000000fff0000000007a4fbfff"
    assert heartbeat.section_length == 17
    assert heartbeat.crc_ok
    assert heartbeat.diagnostics == ()


def test_cue_identifier_descriptor_is_three_bytes() -> None:
    """It is one where a registration says CUEI; elsewhere the tag may be anyone's."""
    descriptor = scte35.CueIdentifierDescriptor()
    assert psi.encode_descriptors([descriptor]) == bytes((0x8A, 1, 1))
    cuei = psi.DescriptorScope.of([psi.RegistrationDescriptor(0x43554549)])
    assert psi.parse_descriptors(b"\x8a\x01\x80", cuei) == (scte35.CueIdentifierDescriptor(0x80),)
    assert psi.parse_descriptors(b"\x8a\x01\x80") == (psi.RawDescriptor(0x8A, b"\x80"),)
    for data in (b"\x8a\x00", b"\x8a\x02\x80\x00"):
        (raw,) = psi.parse_descriptors(data, cuei)
        assert isinstance(raw, psi.RawDescriptor)
    with pytest.raises(UsageError):
        scte35.CueIdentifierDescriptor(256)


def test_section_without_a_readable_command_is_not_made_anew() -> None:
    section = scte35.parse(b"\xfc\x30\x11")
    assert section.splice_command is None
    with pytest.raises(UsageError):
        section.replace(splice_descriptors=[]).encode(strict=False)
