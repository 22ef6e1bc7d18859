"""Faults of an input, one stream for each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.builders import NULL_PACKET, Multiplex
from tsloom.errors import UsageError
from tsloom.io.input_health import InputHealth, Triggers

# A millisecond a packet, so that the stream's time is the packets' number.
STREAM = Multiplex(services=Multiplex().services).packets(4000)


def judge(
    packets: Sequence[bytes], triggers: Triggers | None = None
) -> tuple[InputHealth, set[str]]:
    """All faults, asked for ten times a second."""
    health = InputHealth(triggers or Triggers())
    found: set[str] = set()
    for at in range(0, len(packets), 100):
        health.feed(b"".join(packets[at : at + 100]))
        found |= set(health.find_faults(1.0 + at / 1000))
    return health, found


def without(packets: Sequence[bytes], pid: int, begin: int) -> list[bytes]:
    return [
        NULL_PACKET if at >= begin and (p[1] & 31) << 8 | p[2] == pid else p
        for at, p in enumerate(packets)
    ]


def test_a_good_stream_has_no_fault() -> None:
    health, found = judge(STREAM)
    assert found == set()
    assert health.packets == 3999  # the last waits for the one behind it
    assert health.null_packets == sum(p == NULL_PACKET for p in STREAM[:-1])


@pytest.mark.parametrize(
    ("pid", "fault"), [(0, "PAT_error_2 (1.3.a)"), (0x1000, "PMT_error_2 (1.5.a)")]
)
def test_tables_that_stay_away_are_a_fault(pid: int, fault: str) -> None:
    assert judge(without(STREAM, pid, 1500))[1] == {fault}


def test_lost_synchronisation_is_a_fault() -> None:
    damaged = [*STREAM[:1000], bytes(5000), *STREAM[1000:2000]]
    health, found = judge(damaged)
    assert "TS_sync_loss (1.1)" in found
    assert health.errors["1.1"] == 1


def test_lost_packets_are_a_fault_when_they_are_many() -> None:
    few = [p for at, p in enumerate(STREAM) if at % 1000 != 555 or p == NULL_PACKET]
    many = [p for at, p in enumerate(STREAM) if at % 20 != 11]
    assert judge(few)[1] == set()
    assert judge(few, Triggers(errors_per_second=1))[1] == {"Continuity_count_error (1.4)"}
    health, found = judge(many)
    assert found == {"Continuity_count_error (1.4)"}
    assert health.errors["1.4"] > 50


def test_what_is_no_trigger_is_counted_all_the_same() -> None:
    health, found = judge(without(STREAM, 0, 1500), Triggers(frozenset()))
    assert found == set()
    assert health.errors["1.3.a"] > 0


def test_null_packets_are_no_data() -> None:
    health = InputHealth(Triggers())
    assert health.feed(NULL_PACKET * 100)[1] == 0
    batch, live = health.feed(b"".join(STREAM[:100]))
    assert (len(batch), live) == (100, 100 - sum(p == NULL_PACKET for p in STREAM[:99]) - 1)


def test_triggers_are_checked() -> None:
    with pytest.raises(UsageError, match=r"2\.2"):
        Triggers(frozenset({"2.2"}))
    with pytest.raises(UsageError):
        Triggers(errors_per_second=0)
