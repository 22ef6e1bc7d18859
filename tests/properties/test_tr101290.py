"""The judge of TR 101 290 on damaged and variable streams: no cut changes what it says."""

from __future__ import annotations

import functools
import random

import numpy as np
from hypothesis import given

from tests.builders import NULL_PID, packet
from tests.properties.strategies import BRIEF, cut, cuts_of
from tests.unit.analysis.fault_streams import clean, counts, finish, judge, judge_parts, pids, rows
from tsloom import Analyzer, PacketBatch, Pipeline

PACKETS = 6000


@functools.cache
def damaged() -> bytes:
    packets = finish(clean(PACKETS / 1000)).copy()
    chance = random.Random(7)
    for _ in range(200):
        packets[chance.randrange(PACKETS), chance.randrange(1, 188)] ^= 1 << chance.randrange(8)
    return np.delete(packets, [chance.randrange(PACKETS) for _ in range(50)], axis=0).tobytes()


def in_batches(pieces: list[bytes]) -> str:
    analyzer, at = Analyzer(), 0
    pipeline = Pipeline(analyzer)
    for piece in pieces:
        pipeline.process(PacketBatch(piece, first_index=at))
        at += len(piece) // 188
    pipeline.finish()
    return analyzer.report().to_json()


@functools.cache
def whole() -> str:
    return in_batches([damaged()])


@given(places=cuts_of(len(damaged()) // 188))
@BRIEF
def test_batches_of_any_cut_give_the_same_report(places: list[int]) -> None:
    assert in_batches(cut(damaged(), [place * 188 for place in places])) == whole()


def test_a_variable_bitrate_without_null_packets_gives_no_false_alarm() -> None:
    """Null packets are gone, and every other second all payload but what carries clocks, time
    stamps and tables."""
    packets = finish(clean(60))
    at = np.arange(len(packets))
    plain = (packets[:, 3] & 0x20 == 0) & (packets[:, 1] & 0x40 == 0)
    keep = (pids(packets) != NULL_PID) & ~(plain & (at // 1000 % 2 == 1))
    assert set(counts(judge(finish(packets[keep].copy())))) == set()


def test_thousands_of_pids_count_once_each() -> None:
    packets = clean(12)
    free = np.flatnonzero(pids(packets) == NULL_PID)[:3000]
    for number, at in enumerate(free):
        packets[at] = rows(packet(0x400 + number, 0, bytes(184)))[0]
    report = judge_parts([finish(packets).tobytes()])
    assert counts(report) == {"3.4": 3000, "3.4.a": 3000}
    assert len(report.tr101290["3.4"].occurrences) == 1000
    assert report.tr101290["3.4"].not_listed == 2000
