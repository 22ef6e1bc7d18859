"""The SpliceTracker: what is paired, timed and alarmed, told by hand."""

from __future__ import annotations

import json

import pytest

from tests.unit.scte35.monitoring import PTS_MODULUS, Told, kinds_of
from tsloom.errors import UsageError
from tsloom.scte35 import MonitorEventKind as Kind
from tsloom.scte35 import MonitorLimits, ObservedState, Pairing


def test_a_break_goes_out_and_returns_by_its_id() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.out(5, 10, 30)
    told.back(32, 40)
    told.time(50)
    assert told.kinds() == ["cue", "repeat", "out", "cue", "return"]
    cue, _, out, _, back = told.events
    assert (cue.lead_time_s, cue.planned_duration_s, cue.packet_index) == (9, 30, 1000)
    assert (out.stream_time_s, out.pts_90khz) == (10, told.pts(10))
    assert (back.stream_time_s, back.pts_90khz, back.actual_duration_s) == (40, told.pts(40), 30)
    one = told.only_break()
    assert (one.state, one.lead_time_s, one.repeats) == (ObservedState.RETURNED, 9, 1)
    assert (one.planned_duration_s, one.actual_duration_s, one.problems) == (30, 30, ())
    assert (one.out_pts_90khz, one.return_pts_90khz) == (told.pts(10), told.pts(40))
    assert (one.out_stream_time_s, one.packet_index) == (10, 1000)


def test_an_event_has_the_place_where_it_was_known_and_the_time_when_it_was() -> None:
    told = Told()
    told.out(1, 10)
    (out,) = told.time(10.25)
    assert (out.kind, out.packet_index, out.stream_time_s) == (Kind.OUT, 10_250, 10)


@pytest.mark.parametrize("base", [0, PTS_MODULUS - 90_000 * 20, PTS_MODULUS - 1])
def test_breaks_pass_over_the_wrap_of_the_pts(base: int) -> None:
    told = Told(base_90khz=base)
    told.out(1, 10, 30)
    told.back(32, 40)
    told.time(50)
    assert told.kinds() == ["cue", "out", "cue", "return"]
    assert told.only_break().actual_duration_s == 30


def test_a_break_longer_than_half_the_pts_range_has_its_length() -> None:
    day = 20 * 3600.0
    told = Told()
    told.out(1, 10)
    told.back(day, day + 10)
    told.time(day + 20)
    assert told.only_break().actual_duration_s == pytest.approx(day)


def test_a_return_that_does_not_come_is_missed_by_itself() -> None:
    told = Told()
    told.out(1, 10, 30)
    assert told.time(40.9)[-1].kind is Kind.OUT
    (missed,) = told.time(41.5)
    assert missed.kind is Kind.MISSING_RETURN
    assert (missed.stream_time_s, missed.event_id) == (41, 7)
    assert missed.pts_90khz == told.pts(41)
    assert told.only_break().state is ObservedState.MISSING_RETURN
    assert told.time(100) == []


def test_a_missed_return_may_still_come() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.time(45)
    told.back(46, 50)
    told.time(51)
    assert told.kinds()[-2:] == ["return", "duration_mismatch"]
    one = told.only_break()
    assert (one.state, one.actual_duration_s) == (ObservedState.RETURNED, 40)
    assert one.problems == (Kind.MISSING_RETURN, Kind.DURATION_MISMATCH)


def test_an_announced_return_is_not_missed_but_the_length_is_told() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(35, 45)
    told.time(60)
    assert told.kinds() == ["cue", "out", "cue", "return", "duration_mismatch"]
    assert told.events[-1].detail == "+5.000 s"


@pytest.mark.parametrize(("actual", "mismatches"), [(29.6, 0), (30.4, 0), (29.4, 1), (31, 1)])
def test_durations_may_differ_by_the_tolerance(actual: float, mismatches: int) -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(20, 10 + actual)
    told.time(60)
    assert told.kinds().count("duration_mismatch") == mismatches


def test_auto_return_returns_by_itself() -> None:
    told = Told()
    told.out(1, 10, 30, auto_return=True)
    told.time(60)
    assert told.kinds() == ["cue", "out", "return"]
    assert (told.events[-1].stream_time_s, told.events[-1].detail) == (40, "auto_return")
    assert told.only_break().actual_duration_s == 30


def test_an_early_return_overrides_auto_return() -> None:
    told = Told()
    told.out(1, 10, 30, auto_return=True)
    told.back(12, 20)
    told.time(60)
    assert told.kinds() == ["cue", "out", "cue", "return", "duration_mismatch"]
    assert told.only_break().actual_duration_s == 10


def test_a_return_after_auto_return_confirms_it() -> None:
    told = Told()
    told.out(1, 10, 30, auto_return=True)
    told.time(41)
    told.back(41.1, None)
    told.back(41.2, None)
    assert told.kinds() == ["cue", "out", "return", "cue", "repeat"]
    assert told.problems() == []


def test_a_break_without_a_plan_waits_for_its_return() -> None:
    told = Told()
    told.out(1, 10)
    told.time(10_000)
    assert told.kinds() == ["cue", "out"]
    assert told.only_break().state is ObservedState.OUT


@pytest.mark.parametrize(
    ("lead", "late"), [(4, False), (3.95, False), (3.8, True), (0.5, True), (-2, True)]
)
def test_a_lead_below_the_limit_is_late(lead: float, late: bool) -> None:
    told = Told()
    told.out(20, 20 + lead, 30)
    assert ("late_cue" in told.kinds()) is late
    assert told.only_break().lead_time_s == pytest.approx(lead)
    assert (Kind.LATE_CUE in told.only_break().problems) is late


def test_the_limits_of_the_lead_can_be_set() -> None:
    told = Told(limits=MonitorLimits(min_lead_s=8, max_lead_s=20))
    assert kinds_of(told.out(1, 8)) == [Kind.CUE, Kind.LATE_CUE]
    assert kinds_of(told.out(1, 30, event_id=8)) == [Kind.CUE, Kind.EARLY_CUE]
    assert kinds_of(told.out(1, 15, event_id=9)) == [Kind.CUE]


def test_a_return_may_be_announced_as_early_as_its_break_begins() -> None:
    told = Told()
    told.out(1, 10, 600)
    told.back(10, 610)
    told.time(700)
    assert told.problems() == []
    told.out(1000, 1010, 600, event_id=8)
    assert kinds_of(told.back(1010, 2000, event_id=8)) == [Kind.OUT, Kind.CUE, Kind.EARLY_CUE]


def test_a_cue_whose_splice_point_has_passed_takes_no_one_out() -> None:
    """A pts_time that is written as though it were relative is long gone by the clock."""
    told = Told(base_90khz=30_000 * 90_000)
    told.out(1, 5 - 30_000, 30)
    told.back(20, 30)
    told.time(100)
    assert told.kinds() == ["cue", "late_cue", "cue"]
    assert told.only_break().state is ObservedState.TOO_LATE
    assert told.events[1].lead_time_s == pytest.approx(4 - 30_000)


def test_a_late_return_takes_effect_when_it_comes() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(40.5, 40)
    told.time(60)
    assert told.kinds() == ["cue", "out", "cue", "late_cue", "return"]
    assert told.only_break().actual_duration_s == 30.5


def test_repeats_are_not_late() -> None:
    told = Told()
    for at in (1, 3, 5, 7, 9, 9.9, 12):
        told.out(at, 10, 30)
    assert told.kinds() == ["cue", *["repeat"] * 5, "out", "repeat"]
    assert told.only_break().repeats == 6


def test_a_return_without_an_out_is_told() -> None:
    told = Told()
    assert kinds_of(told.back(1, 10)) == [Kind.CUE, Kind.RETURN_WITHOUT_OUT]
    assert told.tracker.breaks == ()


def test_a_second_return_of_a_break_has_no_out() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(32, 40)
    told.time(41)
    assert kinds_of(told.back(50, 60)) == [Kind.CUE, Kind.RETURN_WITHOUT_OUT]


def test_returns_of_other_ids_pair_where_that_is_wanted() -> None:
    for pairing, expected in (
        (Pairing.EVENT_ID, ["cue", "out", "cue", "return_without_out", "missing_return"]),
        (Pairing.ANY_ID, ["cue", "out", "cue", "repeat", "return"]),
    ):
        told = Told(limits=MonitorLimits(pairing=pairing))
        told.out(1, 10, 30)
        told.back(32, 40, event_id=8)
        if pairing is Pairing.ANY_ID:
            told.back(34, 40, event_id=8)
        told.time(60)
        assert told.kinds() == expected


def test_immediate_splices_act_when_they_come() -> None:
    told = Told()
    told.out(10, None, 30)
    told.out(11, None, 30)
    told.time(11)
    told.back(40, None)
    told.time(41)
    assert told.kinds() == ["cue", "out", "repeat", "cue", "return"]
    one = told.only_break()
    assert (one.lead_time_s, one.actual_duration_s, one.problems) == (None, 30, ())
    assert one.out_stream_time_s == 10


def test_an_id_may_be_used_again_once_its_break_is_over() -> None:
    told = Told()
    for start in (10, 100):
        told.out(start, None)
        told.time(start + 1)
        told.back(start + 30, None)
        told.time(start + 31)
    for start in (200, 300):
        told.out(start - 5, start, 30)
        told.back(start + 20, start + 30)
        told.time(start + 40)
    assert [one.actual_duration_s for one in told.tracker.breaks] == [30] * 4
    assert told.problems() == []


def test_the_same_cue_in_a_loop_of_the_stream_is_another_break() -> None:
    told = Told()
    told.out(1, 10, 30, auto_return=True)
    told.time(60)
    told.base_90khz -= 90_000 * 100  # at 100 s the PTS begins anew
    told.out(101, 110, 30, auto_return=True)
    told.time(160)
    assert [one.out_stream_time_s for one in told.tracker.breaks] == [10, 110]
    assert {one.out_pts_90khz for one in told.tracker.breaks} == {900_000 * 2}


def test_a_break_over_a_new_time_base_keeps_its_length() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.time(20)
    told.base_90khz = 4_000_000_000
    told.back(30, 40)
    told.time(50)
    assert told.kinds() == ["cue", "out", "cue", "return"]
    assert told.only_break().actual_duration_s == 30


def test_a_break_that_begins_where_another_ends_ends_it() -> None:
    told = Told()
    told.out(1, 10, 30, event_id=1)
    told.out(30, 40, 30, event_id=2)
    told.back(60, 70, event_id=2)
    told.time(80)
    assert told.problems() == []
    assert [one.actual_duration_s for one in told.tracker.breaks] == [30, 30]


def test_an_open_break_that_goes_out_again_has_missed_its_return() -> None:
    told = Told()
    told.out(1, 10)
    told.time(20)
    told.out(20, 30)
    assert told.kinds() == ["cue", "out", "cue", "missing_return"]
    assert [one.state for one in told.tracker.breaks] == ["missing_return", "announced"]


def test_without_a_clock_breaks_are_paired_all_the_same() -> None:
    told = Told()
    told.has_clock = False
    told.out(1, 10, 30)
    told.back(2, 45)
    assert told.kinds() == ["cue", "out", "cue", "return", "duration_mismatch"]
    one = told.only_break()
    assert (one.lead_time_s, one.out_stream_time_s, one.actual_duration_s) == (None, None, 35)


def test_an_event_is_one_json_object() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(20, 40)
    told.time(50)
    plain = [json.loads(json.dumps(event.to_dict())) for event in told.events]
    assert [one["event"] for one in plain] == ["cue", "out", "cue", "return"]
    assert {frozenset(one) for one in plain} == {frozenset(plain[0])}
    assert plain[1]["pts_90khz"] == told.pts(10)
    assert json.loads(json.dumps(told.only_break().to_dict()))["state"] == "returned"


def test_counters_name_every_kind_of_each_service() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.out(2, 10, 30)
    told.service_id = 2
    told.back(5, 10)
    counters = told.tracker.counters
    assert set(counters) == {1, 2}
    assert {frozenset(counts) for counts in counters.values()} == {frozenset(map(str, Kind))}
    assert (counters[1]["cue"], counters[1]["repeat"]) == (1, 1)
    assert counters[2]["return_without_out"] == 1


@pytest.mark.parametrize(
    "limits", [{"min_lead_s": -1.0}, {"max_open_events": 0}, {"max_breaks": 0}]
)
def test_limits_make_sense_or_are_refused(limits: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        MonitorLimits(**limits)  # type: ignore[arg-type]
