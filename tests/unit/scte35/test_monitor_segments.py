"""The SpliceTracker: segmentation, rules of PIDs, pictures, defects, bounds."""

from __future__ import annotations

import crcmod.predefined
import pytest

from tests.unit.scte35.monitoring import Told, insert, kinds_of
from tsloom import scte35
from tsloom.scte35 import MonitorEventKind as Kind
from tsloom.scte35 import MonitorLimits, ObservedCue, ObservedState
from tsloom.scte35.pairing import STARTS_OF

BREAKS = (0x22, 0x30, 0x32, 0x34, 0x36, 0x3C, 0x3E, 0x42, 0x44, 0x46)
# By the names of table 23 of 2023r1, written out: the ends of each start.
ENDS = {
    0x10: (0x11, 0x12),
    0x13: (0x14, 0x1A),
    0x17: (0x11, 0x12),
    0x19: (0x11, 0x12),
    **{start: (start + 1,) for start in (0x20, 0x22, 0x24, 0x26, *range(0x30, 0x48, 2), 0x50)},
}


def test_the_pairs_of_types_are_those_of_the_table() -> None:
    pairs = {(start, end) for end, starts in STARTS_OF.items() for start in starts}
    assert pairs == {(start, end) for start, ends in ENDS.items() for end in ends}


@pytest.mark.parametrize(("start", "ends"), ENDS.items())
def test_types_pair_by_the_segmentation_event_id(start: int, ends: tuple[int, ...]) -> None:
    for end in ends:
        told = Told()
        told.signal(1, 10, start, duration_s=30)
        told.signal(20, 40, end, event_id=99)
        told.signal(32, 40, end)
        told.time(50)
        names = ["out", "return"] if start in BREAKS else ["segment_start", "segment_end"]
        assert [kind for kind in told.kinds() if kind in names] == (
            names if start in BREAKS else ["segment_start", "segment_end", "segment_end"]
        )
        (one,) = told.tracker.breaks if start in BREAKS else told.tracker.segments
        assert (one.segmentation_type_id, one.state) == (start, ObservedState.RETURNED)
        assert one.actual_duration_s == 30


def test_a_break_by_segmentation_misses_its_end_and_a_chapter_does_not() -> None:
    told = Told()
    told.signal(1, 10, 0x34, duration_s=30)
    told.signal(1, 10, 0x20, duration_s=20, event_id=8)
    told.time(100)
    (missed,) = told.problems()
    assert (missed.kind, missed.event_id) == (Kind.MISSING_RETURN, 7)
    assert missed.segmentation_type_id == 0x34


def test_segments_nest_and_overlap() -> None:
    told = Told()
    told.signal(0, 10, 0x10, event_id=1)
    told.signal(20, 30, 0x34, event_id=2, duration_s=60)
    told.signal(20, 30, 0x30, event_id=3, duration_s=30)
    told.signal(50, 60, 0x31, event_id=3)
    told.signal(50, 60, 0x30, event_id=4, duration_s=30)
    told.signal(80, 90, 0x31, event_id=4)
    told.signal(80, 90, 0x35, event_id=2)
    told.signal(100, 110, 0x17, event_id=5)
    told.signal(115, 120, 0x11, event_id=1)
    told.time(130)
    assert told.problems() == []
    lengths = {one.event_id: one.actual_duration_s for one in told.tracker.breaks}
    assert lengths == {2: 60, 3: 30, 4: 30}
    programs = {one.event_id: one.actual_duration_s for one in told.tracker.segments}
    assert programs == {1: 110, 5: None}


def test_one_section_may_end_a_break_and_begin_another() -> None:
    told = Told()
    told.signal(1, 10, 0x30, duration_s=30)
    told.signal(30, 40, 0x30, 0x31, duration_s=20)
    told.signal(35, 40, 0x30, 0x31, duration_s=20)
    told.signal(50, 60, 0x31)
    told.time(70)
    assert told.kinds() == ["cue", "out", "cue", "repeat", "return", "out", "cue", "return"]
    assert [one.actual_duration_s for one in told.tracker.breaks] == [30, 20]


def test_ids_of_splice_inserts_and_segmentations_are_apart() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.signal(1, 10, 0x34, duration_s=60)
    told.back(32, 40)
    told.signal(60, 70, 0x35)
    told.time(80)
    assert told.problems() == []
    assert [one.actual_duration_s for one in told.tracker.breaks] == [30, 60]


def test_a_cancelled_segmentation_does_not_begin() -> None:
    told = Told()
    told.signal(1, 10, 0x34, duration_s=60)
    gone = scte35.SegmentationDescriptor(7, segmentation_event_cancel_indicator=True)
    time = scte35.TimeSignal(scte35.SpliceTime())
    events = told.section(2, scte35.SpliceInfoSection(time, [gone]))
    assert kinds_of(events) == [Kind.CUE, Kind.CANCELLED]
    told.time(90)
    assert told.only_break().state is ObservedState.CANCELLED


def test_services_are_apart() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.service_id = 2
    told.back(32, 40)
    assert told.kinds() == ["cue", "cue", "return_without_out"]
    told.service_id = 1
    told.time(50)
    assert told.kinds()[-2:] == ["out", "missing_return"]


def test_commands_without_an_event_are_told_once() -> None:
    told = Told()
    null = scte35.SpliceInfoSection(scte35.SpliceNull())
    private = scte35.SpliceInfoSection(scte35.PrivateCommand(1, b"x"))
    for section in (null, null, private, null, private):
        told.section(1, section)
    assert told.kinds() == ["cue", "repeat", "cue", "repeat", "repeat"]
    assert [event.detail for event in told.events[:3:2]] == ["splice_null", "private_command"]


# -- component mode and pts_adjustment


def test_component_mode_takes_the_time_of_the_first_component() -> None:
    told = Told()
    times = [scte35.SpliceTime(told.pts(at)) for at in (10, 11)]
    components = [
        scte35.SpliceInsertComponent(tag, time) for tag, time in enumerate(times, start=1)
    ]
    command = scte35.SpliceInsert(7, out_of_network_indicator=True, components=components)
    told.section(1, scte35.SpliceInfoSection(command))
    assert told.events[0].lead_time_s == 9


def test_pts_adjustment_moves_the_splice_point() -> None:
    told = Told(base_90khz=(1 << 33) - 90_000)
    plain = insert(scte35.SpliceTime((1 << 33) - 90_000), 7, True, None)
    told.section(0, plain.replace(pts_adjustment=900_000))
    told.time(20)
    assert told.events[0].lead_time_s == 10
    assert told.only_break().out_pts_90khz == told.pts(10)


# -- pictures


def test_a_splice_point_without_a_random_access_point_is_told() -> None:
    told = Told()
    told.out(1, 10, 30)
    for at in (9.5, 10.5):
        told.picture(at)
    told.time(20)
    (problem,) = told.problems()
    assert (problem.kind, problem.splice_pts_90khz) == (
        Kind.NO_RANDOM_ACCESS_POINT,
        told.pts(10),
    )
    assert "0.500 s" in problem.detail
    assert told.only_break().problems == (Kind.NO_RANDOM_ACCESS_POINT,)


@pytest.mark.parametrize("off", [0, 0.039, -0.039])
def test_a_picture_within_the_tolerance_is_one(off: float) -> None:
    told = Told(base_90khz=(1 << 33) - 900_000)
    told.out(1, 10, 30)
    told.picture(10 + off)
    told.back(32, 40)
    told.picture(40 + off)
    told.time(50)
    assert told.problems() == []


def test_returns_want_a_random_access_point_too() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.picture(10)
    told.back(32, 40)
    told.time(50)
    assert [event.splice_pts_90khz for event in told.problems()] == [told.pts(40)]


def test_without_word_of_pictures_nobody_misses_them() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(32, 40)
    told.time(50)
    assert told.problems() == []


def test_immediate_splices_and_programs_want_no_picture() -> None:
    told = Told()
    told.picture(0)
    told.out(10, None)
    told.signal(10, 20, 0x10)
    told.time(30)
    assert told.problems() == []


# -- PIDs


@pytest.mark.parametrize(("count", "problems"), [(1, 0), (8, 0), (9, 1)])
def test_a_service_has_eight_cue_pids_at_most(count: int, problems: int) -> None:
    told = Told()
    pids = range(500, 500 + count)
    events = [told.tracker.cue_pids(1, pids, told.moment(at)) for at in (1, 2, 3)]
    assert [len(one) for one in events] == [problems, 0, 0]
    if problems:
        assert events[0][0].kind is Kind.TOO_MANY_CUE_PIDS


@pytest.mark.parametrize(
    ("pids", "pid", "wrong"),
    [((500, 501), 500, True), ((500, 501), 501, False), ((501, 500), 500, False), ((500,), 500, 0)],
)
def test_of_several_pids_the_first_keeps_to_the_first_commands(
    pids: tuple[int, ...], pid: int, wrong: bool
) -> None:
    told = Told(pid=pid)
    told.tracker.cue_pids(1, pids, told.moment(0))
    told.signal(1, 10, 0x34, duration_s=30)
    told.signal(2, 10, 0x34, duration_s=30)
    assert told.kinds().count("command_on_wrong_pid") == int(wrong)
    told.out(3, 20, event_id=8)
    told.section(4, scte35.SpliceInfoSection(scte35.SpliceNull()))
    told.section(4, scte35.SpliceInfoSection(scte35.SpliceSchedule()))
    assert told.kinds().count("command_on_wrong_pid") == int(wrong)


# -- defects


def test_a_section_with_a_wrong_crc_is_told_and_not_acted_upon() -> None:
    told = Told()
    data = bytearray(insert(scte35.SpliceTime(told.pts(10)), 7, True, None).encode())
    data[-1] ^= 1
    cue = ObservedCue(scte35.parse(bytes(data)), 1, 500, told.moment(1))
    (event,) = told.tracker.feed(cue)
    assert event.kind is Kind.BAD_CRC
    assert told.tracker.breaks == ()


def test_syntax_errors_are_told_once_and_the_rest_is_acted_upon() -> None:
    told = Told()
    whole = insert(scte35.SpliceTime(told.pts(10)), 7, True, None).encode()
    loop = b"\x00\x07\x02\x05CUEI\x00"  # a segmentation_descriptor cut short
    body = whole[:-6] + loop
    body = body[:1] + (0x3000 | (len(body) + 4 - 3)).to_bytes(2, "big") + body[3:]
    crc = crcmod.predefined.mkCrcFun("crc-32-mpeg")(body)
    section = scte35.parse(body + crc.to_bytes(4, "big"))
    for at in (1, 2):
        told.events += told.tracker.feed(ObservedCue(section, 1, 500, told.moment(at)))
    assert told.kinds() == ["cue", "syntax_error", "repeat"]
    assert told.only_break().problems == (Kind.SYNTAX_ERROR,)


def test_bytes_that_are_no_section_are_told() -> None:
    told = Told()
    (event,) = told.tracker.damaged_section(1, 500, told.moment(3), "cut short")
    assert (event.kind, event.detail, event.packet_index) == (Kind.SYNTAX_ERROR, "cut short", 3000)


# -- bounds


def test_so_many_open_events_are_followed_and_the_oldest_is_told_of() -> None:
    told = Told(limits=MonitorLimits(max_open_events=3))
    for event_id in range(5):
        told.out(1, 10, event_id=event_id)
    told.time(20)
    lost = [event.event_id for event in told.problems()]
    assert lost == [0, 1]
    assert [event.event_id for event in told.events if event.kind is Kind.OUT] == [2, 3, 4]


def test_what_has_ended_makes_room_without_a_word() -> None:
    told = Told(limits=MonitorLimits(max_open_events=2))
    for number in range(20):
        told.out(number * 100, None, event_id=number)
        told.back(number * 100 + 30, None, event_id=number)
    assert told.problems() == []
    assert len(told.tracker.breaks) == 20


def test_the_latest_breaks_are_kept() -> None:
    told = Told(limits=MonitorLimits(max_breaks=4))
    for number in range(9):
        told.out(number * 100, None, event_id=number)
        told.back(number * 100 + 30, None, event_id=number)
    assert [one.event_id for one in told.tracker.breaks] == [5, 6, 7, 8]
    assert told.tracker.counters[1]["out"] == 9
