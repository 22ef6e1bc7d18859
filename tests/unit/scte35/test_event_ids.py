"""Event ids in memory: rising, never twice, round the end of 32 bits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsloom.errors import UsageError
from tsloom.scte35.event_ids import EVENT_ID_MODULUS, EventIdSequence, is_behind

IDS = st.integers(0, EVENT_ID_MODULUS - 1)


@given(first=IDS, claims=st.lists(st.one_of(st.none(), st.integers(-5, 5)), max_size=40))
def test_no_id_is_given_twice(first: int, claims: list[int | None]) -> None:
    ids = EventIdSequence(first)
    given_out: set[int] = set()
    for claim in claims:
        wanted = None if claim is None else (first + claim) % EVENT_ID_MODULUS
        if wanted is None:
            taken = ids.take()
            assert taken not in given_out
            given_out.add(taken)
        elif wanted in given_out:
            with pytest.raises(UsageError, match="taken"):
                ids.claim(wanted)
        else:
            ids.claim(wanted)
            given_out.add(wanted)


def test_the_first_is_the_first() -> None:
    assert EventIdSequence(100023).take() == 100023
    with pytest.raises(UsageError, match="32 bits"):
        EventIdSequence(EVENT_ID_MODULUS)


def test_after_a_claim_ids_go_on_behind_it() -> None:
    ids = EventIdSequence(50)
    ids.claim(100)
    assert ids.take() == 101
    ids.claim(60)
    assert ids.take() == 102


@given(one=IDS, ahead=st.integers(1, EVENT_ID_MODULUS // 2 - 1))
def test_order_goes_round_the_circle(one: int, ahead: int) -> None:
    other = (one + ahead) % EVENT_ID_MODULUS
    assert is_behind(one, other)
    assert not is_behind(other, one)
    assert not is_behind(one, one)
