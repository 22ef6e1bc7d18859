"""A break from plan to return, and what may happen to it on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.second_opinion import count_packets
from tests.unit.pipeline.breaks_on_air import FIRST_PTS, MUX, Command, broadcast
from tsloom import Break, SpliceInserter
from tsloom.clock import PCR_HZ
from tsloom.errors import UsageError
from tsloom.pipeline import CueFailure
from tsloom.scte35.breaks import BreakState, CueKind, Pts

BREAK = Break(start="+2s", duration="2s", preroll="1s", splice_event_id=7)


def plan(wanted: Break) -> Command:
    return lambda inserter: inserter.schedule(wanted)


def test_a_break_is_planned_armed_out_and_returned() -> None:
    seen: list[BreakState] = []

    def look(inserter: SpliceInserter) -> None:
        seen.append(inserter.get_break(7).state)

    commands = {-1: plan(BREAK), 500: look, 1500: look, 2500: look, 3500: look, 4500: look}
    air = broadcast(commands, 5)
    assert seen == ["planned", "armed", "out", "out", "returned"]
    assert air.states == [(7, "armed"), (7, "out"), (7, "returned")]
    status = air.inserter.get_break(7)
    assert (status.out_time_s, status.end_time_s) == (2.0, 4.0)
    assert status.out_pts_90khz == FIRST_PTS + 180_000
    assert status.to_dict()["state"] == "returned"
    assert [(one.kind, one.splice) for one in air.messages] == [("out", 2.0), ("in", 4.0)]
    assert [one.sent for one in air.messages] == pytest.approx([1.0, 3.0], abs=0.04)


def test_now_is_an_immediate_splice_and_the_return_comes_in_time() -> None:
    wanted = Break(start="now", duration="2s", preroll="1s")
    air = broadcast({500: plan(wanted)}, 4)
    out, back = air.messages
    assert (out.kind, out.splice, out.duration) == ("out", None, 2.0)
    assert out.sent == pytest.approx(0.5, abs=0.04)
    assert back.splice == pytest.approx(out.sent + 2, abs=0.002)
    assert air.states == [(1, "out"), (1, "returned")]
    assert wanted.warnings == ()


def test_an_open_break_stays_out_until_it_is_brought_back() -> None:
    open_break = Break(start="+1s", preroll="0.5s", splice_event_id=3)
    commands: dict[int, Command] = {
        -1: plan(open_break),
        3000: lambda inserter: inserter.return_to_network(3, "1s"),
    }
    air = broadcast(commands, 5)
    assert air.states == [(3, "armed"), (3, "out"), (3, "returned")]
    out, back = air.messages
    assert (out.splice, out.duration) == (1.0, None)
    assert back.splice == pytest.approx(4.0, abs=0.03)


def test_extending_a_planned_break_changes_what_its_out_says() -> None:
    air = broadcast({-1: plan(BREAK), 500: lambda one: one.extend(7, "1s")}, 6)
    assert [(one.kind, one.splice, one.duration) for one in air.messages] == [
        ("out", 2.0, 3.0),
        ("in", 5.0, None),
    ]


def test_extending_an_armed_break_says_its_out_again() -> None:
    air = broadcast({-1: plan(BREAK), 1500: lambda one: one.extend(7, "1s")}, 6)
    assert [(one.kind, one.splice, one.duration) for one in air.messages] == [
        ("out", 2.0, 2.0),
        ("out", 2.0, 3.0),
        ("in", 5.0, None),
    ]
    assert air.messages[1].sent == pytest.approx(1.5, abs=0.04)


def test_extending_a_break_that_is_out_tells_the_time_left() -> None:
    """The splicer would return by itself: an immediate OUT of the same event says how long yet."""
    air = broadcast({-1: plan(BREAK), 2500: lambda one: one.extend(7, "2s")}, 7)
    out, more, back = air.messages
    assert (more.kind, more.event_id, more.splice) == ("out", 7, None)
    assert more.sent + (more.duration or 0) == pytest.approx(6.0, abs=0.05)
    assert (back.kind, back.splice) == ("in", 6.0)
    assert out.duration == 2.0
    assert air.inserter.get_break(7).end_time_s == 6.0


def test_an_in_that_has_left_is_said_again_for_the_new_end() -> None:
    air = broadcast({-1: plan(BREAK), 3500: lambda one: one.extend(7, "2s")}, 7)
    returns = [one for one in air.messages if one.kind == "in"]
    assert [one.splice for one in returns] == [4.0, 6.0]
    assert [one.sent for one in returns] == pytest.approx([3.0, 5.0], abs=0.04)


def test_shortening_brings_the_in_forward() -> None:
    air = broadcast({-1: plan(BREAK), 2200: lambda one: one.shorten(7, "1s")}, 5)
    back = air.messages[-1]
    assert (back.kind, back.splice) == ("in", 3.0)
    assert back.sent == pytest.approx(2.2, abs=0.04)
    assert air.states[-1] == (7, "returned")


def test_a_break_is_not_shortened_into_the_past() -> None:
    def shorten(inserter: SpliceInserter) -> None:
        with pytest.raises(UsageError, match="before its time"):
            inserter.shorten(7, "1.5s")

    air = broadcast({-1: plan(BREAK), 3000: shorten}, 5)
    assert [one.splice for one in air.messages] == [2.0, 4.0]


def test_cancelling_a_planned_break_says_nothing() -> None:
    air = broadcast({-1: plan(BREAK), 500: lambda one: one.cancel_break(7)}, 5)
    assert air.messages == []
    assert air.states == [(7, "cancelled")]
    assert not air.inserter.cue_failures


def test_cancelling_an_armed_break_takes_its_repeats_back_and_says_so() -> None:
    wanted = Break(start="+2s", duration="2s", preroll="1s", repeats=3, splice_event_id=7)
    air = broadcast({-1: plan(wanted), 1300: lambda one: one.cancel_break(7)}, 5)
    assert [one.kind for one in air.messages] == ["out", "out", "cancel"]
    assert air.messages[-1].sent == pytest.approx(1.3, abs=0.04)
    assert air.states == [(7, "armed"), (7, "cancelled")]


def test_a_break_that_is_out_is_not_cancelled_but_crashed_out() -> None:
    def cancel(inserter: SpliceInserter) -> None:
        with pytest.raises(UsageError, match="out"):
            inserter.cancel_break(7)

    crash: Command = lambda one: one.crash_out(7)  # noqa: E731
    air = broadcast({-1: plan(BREAK), 2400: cancel, 2500: crash}, 5)
    assert [(one.kind, one.splice) for one in air.messages] == [("out", 2.0), ("in", None)]
    assert air.messages[1].sent == pytest.approx(2.5, abs=0.04)
    assert air.states == [(7, "armed"), (7, "out"), (7, "crashed_out")]


@pytest.mark.parametrize("when", [500, 1500, 4500])
def test_only_a_break_that_is_out_can_be_crashed_out(when: int) -> None:
    def crash(inserter: SpliceInserter) -> None:
        with pytest.raises(UsageError):
            inserter.crash_out(7)

    air = broadcast({-1: plan(BREAK), when: crash}, 5)
    assert [one.splice for one in air.messages] == [2.0, 4.0]


def test_an_unknown_break_is_refused() -> None:
    inserter = SpliceInserter()
    for command in (inserter.cancel_break, inserter.crash_out, inserter.get_break):
        with pytest.raises(UsageError, match="no such break"):
            command(5)
    with pytest.raises(UsageError, match="no such break"):
        inserter.extend(5, "1s")


def test_a_break_that_overlaps_another_is_refused() -> None:
    def overlap(inserter: SpliceInserter) -> None:
        for start in ("stream:1s", "stream:3s", "stream:2s"):
            with pytest.raises(UsageError, match="overlaps"):
                inserter.schedule(Break(start=start, duration="1500ms"))
        with pytest.raises(UsageError, match="overlaps"):
            inserter.schedule(Break(start="stream:1s"))
        inserter.schedule(Break(start="stream:4s", duration="1s", preroll="500ms"))
        with pytest.raises(UsageError, match="overlaps"):
            inserter.extend(7, "500ms")

    air = broadcast({-1: plan(BREAK), 500: overlap}, 6)
    assert [one.splice for one in air.messages] == [2.0, 4.0, 4.0, 5.0]


def test_of_two_that_overlap_before_the_clock_starts_the_second_is_cancelled() -> None:
    def both(inserter: SpliceInserter) -> None:
        inserter.schedule(BREAK)
        inserter.schedule(Break(start=Pts(FIRST_PTS + 270_000), splice_event_id=8))

    air = broadcast({-1: both}, 5)
    assert [one.event_id for one in air.messages] == [7, 7]
    (failure,) = air.inserter.cue_failures
    assert failure.splice_event_id == 8
    assert "overlaps" in failure.reason
    assert air.states[0] == (8, "cancelled")


def test_late_send_now_keeps_the_splice_point() -> None:
    air = broadcast({1500: plan(Break(start="stream:2s", duration="1s", preroll="1s"))}, 4)
    assert [(one.kind, one.splice) for one in air.messages] == [("out", 2.0), ("in", 3.0)]
    assert air.messages[0].sent == pytest.approx(1.5, abs=0.04)


def test_late_send_now_is_immediate_once_the_splice_point_has_passed() -> None:
    air = broadcast({2500: plan(Break(start="stream:2s", duration="2s", preroll="1s"))}, 5)
    out, back = air.messages
    assert out.splice is None
    assert out.sent + (out.duration or 0) == pytest.approx(4.0, abs=0.05)
    assert back.splice == pytest.approx(4.0, abs=0.05)


def test_late_skip_cancels() -> None:
    wanted = Break(start="stream:2s", duration="1s", preroll="1s", late="skip", splice_event_id=4)
    air = broadcast({1500: plan(wanted)}, 4)
    assert air.messages == []
    assert list(air.inserter.cue_failures) == [CueFailure(4, CueKind.OUT, "it is late")]
    assert air.inserter.get_break(4).state is BreakState.CANCELLED


def test_late_shift_keeps_preroll_and_duration() -> None:
    wanted = Break(start="stream:2s", duration="1s", preroll="1s", late="shift")
    air = broadcast({2500: plan(wanted)}, 6)
    out, back = air.messages
    assert out.splice == pytest.approx(3.5, abs=0.03)
    assert back.splice == pytest.approx((out.splice or 0) + 1)
    assert out.duration == 1.0


def test_what_is_in_time_is_not_late() -> None:
    wanted = Break(start="stream:2s", duration="1s", preroll="1s", late="skip")
    air = broadcast({900: plan(wanted)}, 4)
    assert [one.splice for one in air.messages] == [2.0, 3.0]


def test_every_break_leaves_counters_right() -> None:
    commands: dict[int, Command] = {
        -1: plan(BREAK),
        1500: lambda one: one.extend(7, "1s"),
        2500: lambda one: one.crash_out(7),
        2600: plan(Break(start="now", duration="1s")),
    }
    air = broadcast(commands, 5)
    assert count_packets(air.packets).verdicts == []
    assert len(MUX.packets(100)) == 100


def test_a_break_may_be_extended_before_the_clock_starts() -> None:
    def change(inserter: SpliceInserter) -> None:
        inserter.schedule(BREAK)
        inserter.extend(7, "1s")
        with pytest.raises(UsageError, match="before its time"):
            inserter.shorten(7, "3s")

    assert [one.splice for one in broadcast({-1: change}, 6).messages] == [2.0, 5.0]


def test_an_open_break_is_not_extended() -> None:
    inserter = SpliceInserter()
    inserter.schedule(Break(start="+1s", splice_event_id=9))
    with pytest.raises(UsageError, match="open"):
        inserter.extend(9, "1s")


def test_a_wall_clock_start_follows_utc_until_two_seconds_before_its_first_message() -> None:
    """An input that is silent until another takes its place leaves time out of the stream."""
    base = datetime(2026, 11, 24, 12, tzinfo=UTC)
    shift = [timedelta()]

    def begin(inserter: SpliceInserter) -> None:
        def read_utc() -> datetime:
            now = 0 if inserter.clock is None else inserter.clock.now_27mhz
            return base + timedelta(seconds=now / PCR_HZ) + shift[0]

        inserter.follow_utc(read_utc)
        start = base + timedelta(seconds=8)
        inserter.schedule(Break(start=start, duration="2s", preroll="1s", splice_event_id=7))

    def lose_time(_: SpliceInserter) -> None:
        shift[0] = timedelta(seconds=1.5)

    air = broadcast({-1: begin, 2000: lose_time}, 11)
    assert [one.kind for one in air.messages] == ["out", "in"]
    assert [one.splice for one in air.messages] == pytest.approx([6.5, 8.5], abs=0.02)
    assert air.messages[0].sent == pytest.approx(5.5, abs=0.05)
