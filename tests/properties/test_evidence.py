"""Evidence of pieces: wherever a stream is cut and however the pieces are joined, the report is
that of one pass, to the byte of its JSON. What somebody made up is refused, or reported on.

TSLOOM_EVIDENCE_CUTS: how many ways of cutting are tried over all external streams; 500 by default.
"""

from __future__ import annotations

import functools
import itertools
import os
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tsloom
from tests.builders import SERVICE_1, SERVICE_2, Multiplex, sdt
from tests.external_data import stream_params, stream_path
from tests.properties.damage import wrap
from tests.properties.pieces import PieceSource
from tests.properties.strategies import BRIEF, THOROUGH, cut, cuts_of
from tsloom.analysis.evidence import Evidence, EvidenceMismatchError, PieceEvidence
from tsloom.errors import InputError, NotATransportStreamError

CUTS = int(os.environ.get("TSLOOM_EVIDENCE_CUTS", "500"))
STREAMS = stream_params(tier="all", suffix=".ts")
MUX = Multiplex(services=(SERVICE_1, SERVICE_2), tables=((0x11, sdt(1, "First", "Somebody")),))


def in_one_pass(data: bytes) -> str:
    try:
        return tsloom.analyze(PieceSource([data])).to_json()
    except NotATransportStreamError:
        return "no packets"


def told(evidence: Evidence) -> str:
    try:
        return evidence.report().to_json()
    except NotATransportStreamError:
        return "no packets"


def collect(piece: bytes) -> Evidence:
    """In blocks of an odd size."""
    return Evidence.collect(piece[at : at + 65_521] for at in range(0, len(piece), 65_521))


def join_tree(evidence: list[Evidence]) -> Evidence:
    """Neighbours first."""
    while len(evidence) > 1:
        pairs = [evidence[at : at + 2] for at in range(0, len(evidence), 2)]
        evidence = [pair[0] + pair[1] if len(pair) == 2 else pair[0] for pair in pairs]
    return evidence[0]


def both_ways(pieces: list[bytes]) -> set[str]:
    """Collected on two threads; joined from the left, and as a balanced tree of what was sent."""
    with ThreadPoolExecutor(2) as pool:
        evidence = list(pool.map(collect, pieces))
    left = functools.reduce(Evidence.__add__, evidence)
    tree = join_tree([pickle.loads(pickle.dumps(one)) for one in evidence])
    assert left.size_bytes == tree.size_bytes == sum(map(len, pieces))
    return {told(left), told(tree)}


def ways_to_cut(data: bytes, count: int, seed: str) -> list[list[bytes]]:
    """Anywhere, most of them within a packet; some pieces are one byte, some next to nothing."""
    chance = random.Random(seed)
    ways = []
    for _ in range(count):
        places = [chance.randrange(len(data) + 1) for _ in range(chance.choice((1, 2, 3, 9, 20)))]
        first = places[0]
        places += chance.choice(([], [first, first + 1], [first + 188], [first + 5 * 188 + 3]))
        ways.append(cut(data, sorted(min(place, len(data)) for place in places)))
    return ways


@pytest.mark.parametrize("entry", STREAMS)
def test_streams_cut_anywhere_join_to_the_report_of_one_pass(entry: dict[str, Any]) -> None:
    data = Path(stream_path(entry)).read_bytes()
    whole = in_one_pass(data)
    for pieces in ways_to_cut(data, max(1, CUTS // len(STREAMS)), str(entry["name"])):
        assert both_ways(pieces) == {whole}, [len(piece) for piece in pieces]


@functools.cache
def damaged(unit: int) -> bytes:
    """Two programs with errors in them, in packets of some size, junk between."""
    packets = MUX.packets(1200)
    chance = random.Random(unit)
    for _ in range(40):
        at = chance.randrange(len(packets))
        broken = bytearray(packets[at])
        broken[chance.randrange(1, 188)] ^= 1 << chance.randrange(8)
        packets[at] = bytes(broken)
    del packets[300:303], packets[800]
    whole = wrap(packets, unit)
    return b"".join([b"junk" * 9, *whole[:500], b"\x80" * 77, *whole[500:], b"\x47\x01"])


@functools.cache
def damaged_in_one_pass(unit: int) -> str:
    return in_one_pass(damaged(unit))


@pytest.mark.parametrize("unit", [188, 192, 204])
@given(data=st.data())
@THOROUGH
def test_packets_of_every_size_join(unit: int, data: st.DataObject) -> None:
    places = data.draw(cuts_of(len(damaged(unit)), most=20), label="cuts")
    assert both_ways(cut(damaged(unit), places)) == {damaged_in_one_pass(unit)}


@pytest.mark.parametrize("unit", [188, 192, 204])
@given(data=st.data())
@BRIEF
def test_cuts_within_junk_join(unit: int, data: st.DataObject) -> None:
    """All cuts lie near the junk before, within and behind the stream."""
    stream = damaged(unit)
    begin = 36 + 500 * unit
    near = st.one_of(
        st.integers(0, 60),
        st.integers(begin - 10, begin + 90),
        st.integers(-4, 0).map(len(stream).__add__),
    )
    places = sorted(data.draw(st.lists(near, max_size=12), label="cuts"))
    assert both_ways(cut(stream, places)) == {damaged_in_one_pass(unit)}


def test_pieces_of_one_byte_join() -> None:
    stream = damaged(188)[: 188 * 40]
    pieces = [stream[at : at + 1] for at in range(len(stream))]
    assert both_ways(pieces) == {in_one_pass(stream)}


def test_one_byte_between_two_pieces_joins() -> None:
    stream = damaged(188)
    for at in range(40_000, 40_000 + 2 * 188, 7):
        pieces = [stream[:at], stream[at : at + 1], stream[at + 1 :]]
        assert both_ways(pieces) == {damaged_in_one_pass(188)}


# -- evidence that somebody made up


@functools.cache
def honest() -> tuple[PieceEvidence, ...]:
    stream = damaged(188)
    pieces = cut(stream, [30_000, 90_000])
    return tuple(itertools.chain(*(collect(piece).pieces for piece in pieces)))


def verify_told(pieces: tuple[PieceEvidence, ...]) -> None:
    """A report that can be written down, or an error that says that the input is wrong."""
    try:
        report = Evidence(pieces).report()
    except InputError:
        return
    assert len(report.to_json()) > 0


@st.composite
def changed_bytes(draw: st.DrawFn, whole: bytes) -> bytes:
    """Cut short, with some bytes changed, or with others behind."""
    made = bytearray(whole[: draw(st.integers(0, len(whole)) | st.just(len(whole)))])
    for _ in range(draw(st.integers(0, 8))):
        if made:
            # The counts stand in front; what packets say behind.
            at = draw(st.integers(0, min(16, len(made)) - 1) | st.integers(0, len(made) - 1))
            made[at] = draw(st.integers(0, 255))
    return bytes(made) + draw(st.binary(max_size=20))


@given(data=st.data())
@THOROUGH
def test_changed_evidence_is_refused_or_reported_on(data: st.DataObject) -> None:
    pieces = list(honest())
    number = data.draw(st.integers(0, len(pieces) - 1), label="piece")
    piece = pieces[number]
    field = data.draw(st.sampled_from(["head", "body", "tail", "peek"]), label="field")
    made = data.draw(changed_bytes(getattr(piece, field)), label="bytes")
    changed: dict[str, Any] = {field: made}
    pieces[number] = replace(piece, **changed)
    verify_told(tuple(pieces))


@given(body=st.binary(max_size=4000), unit=st.sampled_from([188, 192, 204]))
@THOROUGH
def test_random_bytes_are_refused_or_reported_on(body: bytes, unit: int) -> None:
    piece = honest()[0]
    verify_told((replace(piece, body=body), *honest()[1:]))
    verify_told((replace(piece, unit=unit, body=body),))


ODD = st.one_of(
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 188, 192, 204, 2**63, 2**64 - 1]),
    st.none(),
    st.just("x"),
    st.lists(
        st.tuples(st.integers(-1, 9), st.integers(), st.integers(), st.integers()), max_size=3
    ),
)


@given(data=st.data())
@THOROUGH
def test_changed_counts_are_refused_or_reported_on(data: st.DataObject) -> None:
    pieces = list(honest())
    piece = pieces[1]
    state = list(piece.state)
    for place in data.draw(st.lists(st.integers(0, len(state) - 1), min_size=1, max_size=3)):
        state[place] = data.draw(ODD)
    if data.draw(st.booleans()):
        del state[data.draw(st.integers(0, len(state) - 1)) :]
    pieces[1] = replace(piece, state=tuple(state))
    verify_told(tuple(pieces))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_pieces_in_any_order_are_refused_or_reported_on_as_they_come(
    order: tuple[int, ...],
) -> None:
    pieces = cut(damaged(188), [30_000, 90_000])
    try:
        report = Evidence(tuple(honest()[number] for number in order)).report()
    except EvidenceMismatchError:
        assert order != (0, 1, 2)
        return
    assert report.to_json() == in_one_pass(b"".join(pieces[number] for number in order))


def test_evidence_of_nothing_is_no_stream() -> None:
    for evidence in (Evidence(), Evidence.collect([]), Evidence.collect([b"no packets"])):
        with pytest.raises(NotATransportStreamError):
            evidence.report()
