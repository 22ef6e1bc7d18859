"""Which input is chosen, and when, by a clock that the test turns."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tsloom.io.failover import FAULT_HOLD_S, Change, Failover

STEP_S = 0.1
TIMEOUT_S = 0.5


def make(inputs: int = 2, back_after_s: float | None = 2.0) -> Failover:
    return Failover(inputs, now_s=0.0, data_timeout_s=TIMEOUT_S, back_after_s=back_after_s)


def play(failover: Failover, delivering: list[list[int]], faults: dict[float, int]) -> list[Change]:
    """Steps of a tenth of a second: which inputs deliver in each, and who has a fault when."""
    changes = []
    for step, numbers in enumerate(delivering):
        now_s = round(step * STEP_S, 3)
        for number in numbers:
            failover.note_data(number, now_s)
        if now_s in faults:
            failover.note_fault(faults[now_s], now_s, "PAT_error_2 (1.3.a)")
        change = failover.choose(now_s)
        if change is not None:
            changes.append(change)
    return changes


def pairs(changes: list[Change]) -> list[tuple[int | None, int | None]]:
    return [(change.before, change.after) for change in changes]


def test_the_first_input_that_delivers_is_taken_at_once() -> None:
    assert pairs(play(make(), [[0, 1]], {})) == [(None, 0)]


def test_one_of_lower_priority_is_taken_when_the_first_is_not_there_in_time() -> None:
    failover = make()
    assert play(failover, [[1]] * 4, {}) == []
    assert failover.active is None
    assert pairs(play(make(), [[1]] * 8, {})) == [(None, 1)]


def test_silence_is_left_and_comes_back_after_stability() -> None:
    both, second = [[0, 1]], [[1]]
    changes = play(make(), both * 10 + second * 10 + both * 40, {})
    assert pairs(changes) == [(None, 0), (0, 1), (1, 0)]
    assert changes[1].reason == "no data for 0.5 s"
    assert "good for 2 s" in changes[2].reason


def test_an_input_that_stutters_does_not_come_back() -> None:
    stutter = [[0, 1], *[[1]] * 7] * 10
    assert pairs(play(make(), [[0, 1]] * 5 + [[1]] * 8 + stutter, {})) == [(None, 0), (0, 1)]


def test_nothing_comes_back_by_itself_without_back_after() -> None:
    failover = make(back_after_s=None)
    changes = play(failover, [[0, 1]] * 5 + [[1]] * 10 + [[0, 1]] * 100 + [[0]] * 10, {})
    assert pairs(changes) == [(None, 0), (0, 1), (1, 0)]


def test_faults_are_left_for_an_input_without() -> None:
    changes = play(make(), [[0, 1]] * 20, {1.0: 0})
    assert pairs(changes) == [(None, 0), (0, 1)]
    assert changes[1].reason == "PAT_error_2 (1.3.a)"


def test_faults_are_borne_where_no_other_is_better() -> None:
    assert pairs(play(make(), [[0]] * 20, {1.0: 0})) == [(None, 0)]
    failover = make()
    failover.note_data(0, 0.0)
    failover.note_data(1, 0.0)
    failover.choose(0.0)
    failover.note_fault(1, 0.0, "x")
    failover.note_fault(0, 0.1, "x")
    assert failover.choose(0.1) is None
    # The other's fault is forgotten first.
    failover.note_data(0, FAULT_HOLD_S)
    failover.note_data(1, FAULT_HOLD_S)
    assert failover.choose(FAULT_HOLD_S) == Change(0, 1, "x")


def test_data_with_faults_are_better_than_none() -> None:
    changes = play(make(), [[0, 1]] * 8 + [[1]] * 10, {1.2: 1})
    assert pairs(changes) == [(None, 0), (0, 1)]


def test_all_gone_and_back() -> None:
    changes = play(make(), [[0]] * 5 + [[]] * 10 + [[1]] * 5, {})
    assert pairs(changes) == [(None, 0), (0, None), (None, 1)]


STEPS = st.lists(st.lists(st.integers(0, 2), max_size=3, unique=True), max_size=120)


@settings(max_examples=100, deadline=None)
@given(
    STEPS,
    st.dictionaries(
        st.integers(0, 120).map(lambda n: round(n * STEP_S, 3)), st.integers(0, 2), max_size=10
    ),
)
def test_what_is_active_delivers(delivering: list[list[int]], faults: dict[float, int]) -> None:
    failover, last = make(3), [-1.0, -1.0, -1.0]
    active: int | None = None
    for step, numbers in enumerate(delivering):
        now_s = round(step * STEP_S, 3)
        for number in numbers:
            last[number] = now_s
        for change in play_one(failover, numbers, now_s, faults):
            assert change.before == active
            assert change.after != active
            active = change.after
        assert failover.active == active
        fresh = [n for n in range(3) if last[n] >= 0 and now_s - last[n] <= TIMEOUT_S]
        assert active is None or active in fresh
        assert active is not None or not fresh or now_s < TIMEOUT_S


def play_one(
    failover: Failover, numbers: list[int], now_s: float, faults: dict[float, int]
) -> list[Change]:
    for number in numbers:
        failover.note_data(number, now_s)
    if now_s in faults:
        failover.note_fault(faults[now_s], now_s, "fault")
    change = failover.choose(now_s)
    return [] if change is None else [change]
