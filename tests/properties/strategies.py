"""Packets, streams and cuts as hypothesis draws them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.builders import adaptation_field, packet

# No test measures time: the machine may be busy.
THOROUGH = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
BRIEF = settings(THOROUGH, max_examples=25)


class Shown(bytes):
    """A packet that a failing test prints without its stuffing."""

    def __repr__(self) -> str:
        return f"Shown.fromhex('{self.rstrip(bytes((self[-1],))).hex()}')"


@st.composite
def any_packets(draw: st.DrawFn) -> bytes:
    """A sync byte and 187 bytes of anything, some of it near to what makes sense."""
    header = draw(st.binary(min_size=3, max_size=3))
    length = draw(st.one_of(st.integers(0, 15), st.integers(180, 185), st.integers(0, 255)))
    front = draw(st.binary(min_size=16, max_size=16))
    return Shown(b"\x47" + header + bytes((length,)) + front + bytes(167))


@st.composite
def hard_cases(draw: st.DrawFn, size: int = 40) -> list[bytes]:
    """Packets of few PIDs whose counters run on, stand still or jump; some packets repeat."""
    made: list[bytes] = []
    counters: dict[int, int] = {}
    for _ in range(draw(st.integers(0, size))):
        pid = draw(st.sampled_from([0x100, 0x101, 0x1FFF]))
        step = draw(st.sampled_from([1, 1, 1, 1, 1, 0, 0, 2, 15]))
        again = draw(st.integers(0, 9))
        if again == 0 and made:
            made.append(made[-1])
            continue
        counters[pid] = (counters.get(pid, 0) + step) % 16
        made.append(draw(_hard_packets(pid, counters[pid])))
    return made


@st.composite
def _hard_packets(draw: st.DrawFn, pid: int, counter: int) -> bytes:
    control = draw(st.sampled_from([1, 1, 1, 1, 2, 3, 3, 0]))
    field = None
    if control & 2:
        field = adaptation_field(
            pcr=draw(st.none() | st.integers(0, 2)),
            discontinuity=draw(st.sampled_from([False] * 5 + [True])),
            size=draw(st.sampled_from([1, 8, 20])),
        )
    payload = bytes((draw(st.integers(0, 1)),)) if control & 1 else None
    made = packet(
        pid,
        counter,
        payload,
        payload_unit_start=draw(st.booleans()),
        transport_error=draw(st.integers(0, 12)) == 0,
        scrambling=draw(st.sampled_from([0, 0, 0, 2, 3])),
        adaptation=field,
    )
    return Shown(made)


def cuts_of(size: int, most: int = 12) -> st.SearchStrategy[list[int]]:
    """Places at which something of this size is cut, in order; some may be the same."""
    return st.lists(st.integers(0, size), max_size=most).map(sorted)


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """The pieces between the places."""
    edges = [0, *places, len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]
