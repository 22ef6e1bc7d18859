"""What a monitor says does not depend on the PTS, on repetitions or on how the stream was cut."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import tsloom
from tests.builders import SERVICE_1, SERVICE_2, Multiplex, packetize
from tests.properties.pieces import PieceSource
from tests.properties.scte35_strategies import sections
from tests.properties.strategies import BRIEF, THOROUGH, chunks, cut, cuts_of
from tests.unit.scte35.monitoring import Told, insert
from tsloom import Break, PacketBatch, Pipeline, SpliceMonitor, scte35
from tsloom.scte35 import Moment, MonitorLimits, ObservedCue, SpliceTracker

PTS_HZ = 90_000
MODULUS = 1 << 33
TYPES = (None, 0x22, 0x30, 0x34, 0x44)


@dataclass(frozen=True)
class Planned:
    """A break as it is drawn: seconds, and the seconds at which its messages come."""

    event_id: int
    kind: int | None
    start_s: float
    duration_s: float
    auto_return: bool
    outs_s: tuple[float, ...]
    backs_s: tuple[float, ...]


def thousandths(least: float, most: float) -> st.SearchStrategy[float]:
    return st.integers(round(least * 1000), round(most * 1000)).map(lambda ms: ms / 1000)


@st.composite
def plans(draw: st.DrawFn) -> list[Planned]:
    """Breaks one after the other, each said in time and again until its splice points."""
    planned: list[Planned] = []
    now = 30.0
    for number in range(draw(st.integers(1, 6))):
        start = now + draw(thousandths(6, 4000))
        duration = draw(thousandths(6, 900))
        kind = draw(st.sampled_from(TYPES))
        first_out = start - draw(thousandths(4, 30))
        first_back = start + duration - draw(thousandths(4, duration))
        end = start + duration
        planned.append(
            Planned(
                event_id=number + draw(st.integers(0, 3)) * 0x40000000,
                kind=kind,
                start_s=start,
                duration_s=duration,
                auto_return=kind is None and draw(st.booleans()),
                outs_s=(first_out, *draw(_again(first_out, start))),
                backs_s=(first_back, *draw(_again(first_back, end))),
            )
        )
        now = end
    return planned


def _again(first: float, last: float) -> st.SearchStrategy[list[float]]:
    return st.lists(thousandths(first, last), max_size=4)


def messages_of(told: Told, one: Planned) -> list[tuple[float, scte35.SpliceInfoSection]]:
    ticks = round(one.duration_s * PTS_HZ)
    out, back = (scte35.SpliceTime(told.pts(s)) for s in (one.start_s, one.start_s + ticks / 9e4))
    if one.kind is None:
        plan = scte35.BreakDuration(one.auto_return, ticks)
        leaving = insert(out, one.event_id, True, plan)
        coming = insert(back, one.event_id, False, None)
    else:
        descriptors = [
            scte35.SegmentationDescriptor(
                one.event_id, segmentation_type_id=kind, segmentation_duration=length
            )
            for kind, length in ((one.kind, ticks), (one.kind + 1, None))
        ]
        leaving = scte35.SpliceInfoSection(scte35.TimeSignal(out), descriptors[:1])
        coming = scte35.SpliceInfoSection(scte35.TimeSignal(back), descriptors[1:])
    return [(at, leaving) for at in one.outs_s] + [(at, coming) for at in one.backs_s]


def tell(told: Told, planned: list[Planned], looks: list[float]) -> Told:
    """All messages in the order of their times, and moments at which nothing comes."""
    todo: list[tuple[float, scte35.SpliceInfoSection | None]] = [(at, None) for at in looks]
    for one in planned:
        todo += messages_of(told, one)
    for at, section in sorted(todo, key=lambda item: item[0]):
        if section is None:
            told.time(at)
        else:
            told.section(at, section)
    told.time(planned[-1].start_s + 2000)
    return told


BASES = st.one_of(st.integers(0, MODULUS - 1), st.integers(MODULUS - 900 * PTS_HZ, MODULUS - 1))
LOOKS = st.lists(thousandths(0, 5000), max_size=10)


@given(planned=plans(), base=BASES, looks=LOOKS)
@THOROUGH
def test_breaks_that_are_in_order_are_told_and_no_problem(
    planned: list[Planned], base: int, looks: list[float]
) -> None:
    told = tell(Told(base_90khz=base), planned, looks)
    assert told.problems() == []
    told_first = sorted(planned, key=lambda one: min(one.outs_s))
    assert [
        (one.event_id, one.segmentation_type_id, one.out_pts_90khz, one.planned_duration_s)
        for one in told.tracker.breaks
    ] == [
        (one.event_id, one.kind, told.pts(one.start_s), round(one.duration_s * PTS_HZ) / PTS_HZ)
        for one in told_first
    ]
    for seen, one in zip(told.tracker.breaks, told_first, strict=True):
        assert seen.state == "returned"
        assert seen.actual_duration_s == seen.planned_duration_s
        assert seen.repeats == len(one.outs_s) + len(one.backs_s) - 2
    counts = told.tracker.counters[1]
    assert counts["out"] == counts["return"] == len(planned)
    assert counts["cue"] == 2 * len(planned)


def facts_of(told: Told) -> list[Any]:
    """All but the PTS and the place where time was looked at."""
    facts = [event.to_dict() for event in told.events]
    for one in facts:
        del one["packet_index"], one["pts_90khz"], one["splice_pts_90khz"]
    return facts


@given(planned=plans(), base=BASES, looks=LOOKS)
@BRIEF
def test_events_depend_neither_on_the_pts_nor_on_when_time_is_looked_at(
    planned: list[Planned], base: int, looks: list[float]
) -> None:
    told = tell(Told(base_90khz=base), planned, looks)
    assert facts_of(told) == facts_of(tell(Told(base_90khz=0), planned, []))


@given(planned=plans(), which=st.integers(0, 5))
@BRIEF
def test_a_break_whose_return_is_left_out_and_no_other_is_alarmed(
    planned: list[Planned], which: int
) -> None:
    which %= len(planned)
    planned[which] = replace(planned[which], backs_s=(), auto_return=False)
    told = tell(Told(), planned, [])
    (problem,) = told.problems()
    assert problem.kind == "missing_return"
    assert problem.event_id == planned[which].event_id
    end = planned[which].start_s + planned[which].duration_s
    assert problem.stream_time_s is not None
    assert abs(problem.stream_time_s - end - 1) < 0.001


@given(
    told=st.lists(st.tuples(sections, st.integers(0, 1 << 40), st.none() | st.just(1))),
    pictures=st.lists(st.integers(0, MODULUS - 1), max_size=3),
)
@BRIEF
def test_sections_of_any_kind_at_any_time_are_borne(
    told: list[tuple[scte35.SpliceInfoSection, int, int | None]], pictures: list[int]
) -> None:
    tracker = SpliceTracker(MonitorLimits(max_open_events=4, max_breaks=8))
    events = []
    for pts in pictures:
        events += tracker.random_access_point(1, pts, 0)
    for number, (section, time, service_id) in enumerate(told):
        at = Moment(number, None if number % 5 == 4 else time, time // 300 % MODULUS)
        parsed = scte35.parse(section.encode(strict=False))
        events += tracker.feed(ObservedCue(parsed, service_id, 500, at))
        events += tracker.pass_time(service_id, at)
    total = sum(sum(counts.values()) for counts in tracker.counters.values())
    assert total == len(events)
    assert len(tracker.breaks) + len(tracker.segments) <= 8
    said = [event for event in events if event.kind in ("cue", "repeat", "bad_crc")]
    assert len(said) == len(told)


# -- the stage


@functools.cache
def stream() -> bytes:
    """Two services; one has a break that goes well, the other a return that is missing."""
    private = replace(SERVICE_2, more_streams=((0x86, 600, b""),))
    mux = Multiplex(services=(SERVICE_1, private), null_every=4)
    inserter = tsloom.SpliceInserter(service_id=1, pid=500)
    inserter.schedule(Break(start="+1s", duration="700ms", preroll="600ms", repeats=2))
    data = bytearray(bytes(Pipeline(inserter).process(PacketBatch(mux.stream(2400)))))
    first = mux.pcr_first // 300
    time = scte35.SpliceTime((first + PTS_HZ) % MODULUS)
    lost = insert(time, 9, True, scte35.BreakDuration(False, PTS_HZ // 4))
    null = data.find(b"\x47\x1f\xff", 188 * 300)
    while null % 188:
        null = data.find(b"\x47\x1f\xff", null + 1)
    data[null : null + 188] = packetize(lost.encode(), 600)[0]
    return bytes(data)


LIMITS = MonitorLimits(min_lead_s=0.2, return_tolerance_s=0.1)


def process(pieces: list[bytes]) -> list[dict[str, Any]]:
    monitor = SpliceMonitor(limits=LIMITS)
    pipeline, at = Pipeline(monitor), 0
    for piece in pieces:
        pipeline.process(PacketBatch(piece, first_index=at))
        at += len(piece) // 188
    pipeline.finish()
    return [event.to_dict() for event in monitor.take_events()]


@functools.cache
def whole() -> list[dict[str, Any]]:
    return process([stream()])


def test_the_stream_has_what_the_next_tests_look_at() -> None:
    seen = [(one["service_id"], one["event"]) for one in whole()]
    assert [kind for service, kind in seen if service == 1] == [
        "cue",
        "repeat",
        "repeat",
        "out",
        "cue",
        "repeat",
        "repeat",
        "return",
    ]
    assert [kind for service, kind in seen if service == 2] == ["cue", "out", "missing_return"]


@given(places=cuts_of(2400))
@BRIEF
def test_batches_of_any_cut_give_the_same_events(places: list[int]) -> None:
    assert process(cut(stream(), [place * 188 for place in places])) == whole()


def test_reads_of_any_size_give_the_same_events() -> None:
    for size in (1316, 4099, 1 << 20):
        source = PieceSource(chunks(stream(), size))
        events = tsloom.splice_events(source, limits=LIMITS)
        assert [event.to_dict() for event in events] == whole()
