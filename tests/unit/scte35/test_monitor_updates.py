"""The SpliceTracker: what is said anew, changed or cancelled."""

from __future__ import annotations

from tests.unit.scte35.monitoring import Told, kinds_of
from tsloom.scte35 import MonitorEventKind as Kind
from tsloom.scte35 import ObservedState


def test_what_is_said_anew_in_a_new_time_base_is_a_repetition() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.base_90khz = 4_000_000_000
    told.out(5, 10, 30)
    told.picture(10)
    told.back(30, 40)
    told.base_90khz = 100
    told.back(32, 40)
    told.picture(40)
    told.time(50)
    assert told.kinds() == ["cue", "repeat", "out", "cue", "repeat", "return"]
    assert told.events[-1].pts_90khz == told.pts(40)
    assert told.only_break().actual_duration_s == 30


def test_a_splice_point_may_be_moved() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.out(3, 12, 20)
    told.back(20, 32)
    told.time(50)
    assert told.kinds() == ["cue", "cue", "update", "out", "cue", "return"]
    assert "moved by +2.000 s" in told.events[2].detail
    assert "was 30.000 s, is 20.000 s" in told.events[2].detail
    assert told.only_break().actual_duration_s == 20


def test_a_running_break_may_be_made_longer() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.time(20)
    assert kinds_of(told.out(20, 10, 60)) == [Kind.CUE, Kind.UPDATE]
    told.time(50)
    told.back(60, 70)
    told.time(80)
    assert told.problems() == []
    assert told.only_break().planned_duration_s == 60


def test_a_return_may_be_moved() -> None:
    told = Told()
    told.out(1, 10)
    told.back(20, 40)
    told.back(22, 45)
    told.time(60)
    assert told.kinds() == ["cue", "out", "cue", "cue", "update", "return"]
    assert told.only_break().actual_duration_s == 35


def test_an_out_that_is_cancelled_does_not_go_out() -> None:
    told = Told()
    told.out(1, 10, 30)
    assert kinds_of(told.cancel(2)) == [Kind.CUE, Kind.CANCELLED]
    assert kinds_of(told.cancel(3)) == [Kind.REPEAT]
    told.time(60)
    assert told.kinds()[-1] == "repeat"
    assert told.only_break().state is ObservedState.CANCELLED


def test_an_out_that_is_cancelled_may_be_announced_again() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.cancel(2)
    told.out(3, 10, 30)
    told.time(11)
    assert [one.state for one in told.tracker.breaks] == ["cancelled", "out"]


def test_a_return_that_is_cancelled_is_awaited_again() -> None:
    told = Told()
    told.out(1, 10, 30)
    told.back(20, 30)
    assert kinds_of(told.cancel(25)) == [Kind.CUE, Kind.CANCELLED]
    told.time(60)
    assert told.kinds()[-1] == "missing_return"


def test_the_cancelling_of_an_unknown_event_is_told() -> None:
    told = Told()
    told.cancel(1)
    assert told.events[-1].detail == "no event with this id is waiting"


def test_an_immediate_out_in_a_running_break_tells_what_is_left_of_it() -> None:
    told = Told()
    told.out(1, 10, 30, auto_return=True)
    told.time(20)
    assert kinds_of(told.out(30, None, 40, auto_return=True)) == [Kind.CUE, Kind.UPDATE]
    assert kinds_of(told.out(31, None, 40, auto_return=True)) == [Kind.REPEAT]
    told.time(100)
    one = told.only_break()
    assert (one.planned_duration_s, one.actual_duration_s, one.repeats) == (60, 60, 1)
    assert told.problems() == []


def test_a_duration_that_is_counted_down_is_a_repetition() -> None:
    told = Told()
    told.out(10, None, 30)
    for at in (15, 20, 25):
        told.out(at, None, 40 - at + 0.02)
    told.back(40, None)
    assert told.kinds() == ["cue", "out", *["repeat"] * 3, "cue", "return"]
    assert told.problems() == []
