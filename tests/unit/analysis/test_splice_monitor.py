"""The SpliceMonitor in a pipeline: services, PMTs, time that passes without cues."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import tsloom
from tests.builders import (
    PTS_MODULUS,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    Service,
    crc_32,
    packetize,
    splice_null,
    split,
)
from tests.external_data import stream_params, stream_path
from tests.properties.pieces import PieceSource
from tests.second_opinion import find_sections
from tests.unit.scte35.monitoring import insert
from tsloom import (
    Break,
    Cue,
    CueMonitor,
    PacketBatch,
    Pipeline,
    RandomAccessMonitor,
    SpliceInserter,
    SpliceMonitor,
    scte35,
)
from tsloom.errors import NotATransportStreamError
from tsloom.scte35 import MonitorEvent, MonitorLimits
from tsloom.scte35.breaks import BreakCommand

CUE_PID = 500


def with_cue_pids(service: Service, *pids: int) -> Service:
    return replace(service, more_streams=tuple((0x86, pid, b"") for pid in pids))


def put(packets: list[bytes], at: int, section: bytes, pid: int) -> None:
    """Takes null packets from an index on for a section."""
    for piece in packetize(section, pid):
        while packets[at][1:3] != b"\x1f\xff":
            at += 1
        packets[at] = piece


def watch(packets: list[bytes], *pids: int, limits: MonitorLimits | None = None) -> SpliceMonitor:
    monitor = SpliceMonitor(*pids, limits=limits)
    out = Pipeline(monitor).process(PacketBatch(b"".join(packets)))
    assert bytes(out) == b"".join(packets)
    return monitor


def out_in(mux: Multiplex, seconds: float, duration_s: float, event_id: int = 7) -> bytes:
    """An OUT so many seconds behind the first packet; it does not return by itself."""
    pts = (mux.pcr_first // 300 + round(seconds * 90_000)) % PTS_MODULUS
    length = scte35.BreakDuration(False, round(duration_s * 90_000))
    return insert(scte35.SpliceTime(pts), event_id, True, length).encode()


def kinds_by_service(events: list[MonitorEvent]) -> dict[int | None, list[str]]:
    kinds: dict[int | None, list[str]] = {}
    for event in events:
        kinds.setdefault(event.service_id, []).append(str(event.kind))
    return kinds


def test_a_break_that_is_inserted_is_seen_as_it_was_planned() -> None:
    inserter = tsloom.SpliceInserter(service_id=1, pid=CUE_PID)
    inserter.schedule(Break(start="+5s", duration="4500ms", preroll="4400ms", repeats=2))
    packets = split(bytes(Pipeline(inserter).process(PacketBatch(Multiplex().stream(11_000)))))
    monitor = watch(packets)
    (one,) = monitor.breaks
    assert (one.service_id, one.pid, one.state, one.repeats) == (1, CUE_PID, "returned", 4)
    assert one.out_stream_time_s == pytest.approx(5, abs=1e-4)
    assert one.planned_duration_s == one.actual_duration_s == 4.5
    assert one.lead_time_s == pytest.approx(4.4, abs=0.034)
    assert one.problems == ()
    assert monitor.segments == ()
    assert monitor.counters[1]["repeat"] == 4


@pytest.mark.parametrize("command", list(BreakCommand))
@pytest.mark.parametrize(
    ("action", "state", "planned_s", "actual_s", "problems"),
    [
        (lambda one, number: one.extend(number, "2s"), "returned", 6.5, 6.5, ()),
        (lambda one, number: one.crash_out(number), "returned", 4.5, 2, ("duration_mismatch",)),
        (lambda one, number: one.cancel_break(number), "cancelled", 4.5, None, ()),
    ],
    ids=["extend", "crash_out", "cancel"],
)
def test_what_is_done_to_a_break_is_seen(
    command: BreakCommand,
    action: Callable[[tsloom.SpliceInserter, int], None],
    state: str,
    planned_s: float,
    actual_s: float | None,
    problems: tuple[str, ...],
) -> None:
    inserter, monitor = tsloom.SpliceInserter(service_id=1, pid=CUE_PID), SpliceMonitor()
    number = inserter.schedule(
        Break(start="+5s", duration="4500ms", preroll="4400ms", command=command)
    )
    pipeline, packets = Pipeline(inserter, monitor), Multiplex().packets(13_000)
    when = 3000 if state == "cancelled" else 7000
    pipeline.process(PacketBatch(b"".join(packets[:when])))
    action(inserter, number)
    pipeline.process(PacketBatch(b"".join(packets[when:]), first_index=when))
    seen = monitor.breaks
    assert len(seen) == (2 if command is BreakCommand.BOTH else 1)
    for one in seen:
        assert (one.state, one.problems) == (state, problems)
        assert one.planned_duration_s == pytest.approx(planned_s, abs=0.05)
        if actual_s is None:
            assert one.actual_duration_s is None
        else:
            assert one.actual_duration_s == pytest.approx(actual_s, abs=0.05)


def test_a_missing_return_is_told_though_no_cue_comes() -> None:
    mux = Multiplex(services=(with_cue_pids(SERVICE_1, CUE_PID),))
    packets = mux.packets(3000)
    put(packets, 100, out_in(mux, 1, 0.5), CUE_PID)
    limits = MonitorLimits(min_lead_s=0.5, return_tolerance_s=0.2)
    out, missed = watch(packets, limits=limits).take_events()[-2:]
    assert (out.kind, missed.kind) == ("out", "missing_return")
    assert out.stream_time_s is not None
    assert missed.stream_time_s is not None
    assert missed.stream_time_s - out.stream_time_s == pytest.approx(0.7, abs=1e-4)
    # PSI comes each 100 packets, a packet a millisecond.
    assert 1700 <= missed.packet_index < 1820


def test_cues_know_their_service_and_services_are_judged_apart() -> None:
    first, second = with_cue_pids(SERVICE_1, 500), with_cue_pids(SERVICE_2, 600)
    mux = Multiplex(services=(first, second), null_every=3)
    packets = mux.packets(2000)
    put(packets, 300, out_in(mux, 1, 0.5), 500)
    put(packets, 320, insert(None, 7, False, None).encode(), 600)
    monitor = watch(packets)
    assert [(cue.service_id, cue.pid) for cue in monitor.take_cues()] == [(1, 500), (2, 600)]
    assert kinds_by_service(monitor.take_events()) == {
        1: ["cue", "late_cue", "out"],
        2: ["cue", "return_without_out"],
    }
    assert set(monitor.counters) == {1, 2}


@pytest.mark.parametrize("monitor_class", [CueMonitor, SpliceMonitor])
def test_a_pid_that_no_pmt_announces_has_no_service(monitor_class: type[CueMonitor]) -> None:
    packets = Multiplex().packets(400)
    put(packets, 200, splice_null(), 0x77)
    monitor = monitor_class(0x77)
    Pipeline(monitor).process(PacketBatch(b"".join(packets)))
    (cue,) = monitor.take_cues()
    assert cue.service_id is None
    assert cue.to_dict()["service_id"] is None
    assert cue.stream_time_s is not None


def test_time_passes_for_cues_without_a_service_too() -> None:
    mux = Multiplex()
    packets = mux.packets(3000)
    put(packets, 100, out_in(mux, 1, 0.5), 0x77)
    kinds = kinds_by_service(watch(packets, 0x77).take_events())
    assert kinds == {None: ["cue", "late_cue", "out", "missing_return"]}


def test_a_pid_that_a_pmt_lists_under_another_type_has_that_service() -> None:
    service = replace(SERVICE_1, more_streams=((0x06, 0x77, b""),))
    packets = Multiplex(services=(service,)).packets(400)
    put(packets, 200, splice_null(), 0x77)
    (cue,) = watch(packets, 0x77).take_cues()
    assert cue.service_id == 1


def test_a_cue_pid_belongs_to_the_service_of_the_pmt_of_now() -> None:
    before = Multiplex(services=(with_cue_pids(SERVICE_1, 500), SERVICE_2)).packets(1000)
    later = Multiplex(
        services=(
            replace(SERVICE_1, version=1),
            replace(with_cue_pids(SERVICE_2, 500), version=1),
        )
    ).packets(1000)
    for packets in (before, later):
        put(packets, 500, splice_null(), 500)
    cues = watch(before + later).take_cues()
    assert [cue.service_id for cue in cues] == [1, 2]


def test_a_pmt_that_comes_before_its_pat_is_taken_once_it_is_listed() -> None:
    packets = Multiplex(services=(with_cue_pids(SERVICE_1, 500),)).packets(1000)
    put(packets, 500, splice_null(), 500)
    (cue,) = watch(packetize(SERVICE_1.pmt(), SERVICE_1.pmt_pid, 15) + packets).take_cues()
    assert cue.service_id == 1


def test_more_than_eight_cue_pids_in_a_pmt_are_told_once() -> None:
    service = with_cue_pids(SERVICE_1, *range(500, 509))
    (event,) = watch(Multiplex(services=(service,)).packets(1000)).take_events()
    assert (event.kind, event.service_id) == ("too_many_cue_pids", 1)


def test_the_first_cue_pid_is_the_first_in_the_pmt() -> None:
    service = with_cue_pids(SERVICE_1, 600, 500)
    packets = Multiplex(services=(service,)).packets(1000)
    signal = scte35.SpliceInfoSection(scte35.TimeSignal()).encode()
    put(packets, 300, signal, 500)
    put(packets, 400, signal, 600)
    events = watch(packets).take_events()
    assert [(event.kind, event.pid) for event in events] == [
        ("cue", 500),
        ("cue", 600),
        ("command_on_wrong_pid", 600),
    ]


def test_damaged_sections_are_told_as_what_they_are() -> None:
    service = with_cue_pids(SERVICE_1, 500)
    packets = Multiplex(services=(service,)).packets(1000)
    short = b"\xfc\x30\x05" + bytes(1)
    put(packets, 300, splice_null()[:-1] + b"\x00", 500)
    put(packets, 400, short + crc_32(short).to_bytes(4, "big"), 500)
    events = watch(packets).take_events()
    assert [str(event.kind) for event in events] == ["bad_crc", "cue", "syntax_error"]


def test_a_section_that_is_torn_is_told() -> None:
    service = with_cue_pids(SERVICE_1, 500)
    packets = Multiplex(services=(service,)).packets(1000)
    long = scte35.SpliceInfoSection(scte35.PrivateCommand(1, bytes(400))).encode()
    put(packets, 300, long, 500)
    second = [at for at, one in enumerate(packets) if one[1:3] == b"\x01\xf4"][1]
    packets[second] = packets[second][:3] + b"\x17" + packets[second][4:]
    (event,) = watch(packets).take_events()
    assert (event.kind, event.service_id, event.pid) == ("syntax_error", 1, 500)
    assert event.detail


def test_random_access_points_are_told_from_outside() -> None:
    mux = Multiplex(services=(with_cue_pids(SERVICE_1, CUE_PID),))
    packets = mux.packets(2000)
    put(packets, 100, out_in(mux, 1, 10), CUE_PID)
    monitor = SpliceMonitor()
    pipeline = Pipeline(monitor)
    pipeline.process(PacketBatch(b"".join(packets[:500])))
    monitor.random_access_point(1, mux.pcr_first // 300 + 45_000, 400)
    pipeline.process(PacketBatch(b"".join(packets[500:]), first_index=500))
    assert [str(event.kind) for event in monitor.take_events()] == [
        *("cue", "late_cue", "out"),
        "no_random_access_point",
    ]


def test_callbacks_hear_each_cue_and_event_once() -> None:
    heard: list[Cue | MonitorEvent] = []
    monitor = SpliceMonitor(on_cue=heard.append, on_event=heard.append)
    mux = Multiplex(services=(with_cue_pids(SERVICE_1, CUE_PID),))
    packets = mux.packets(2000)
    put(packets, 100, out_in(mux, 1, 10), CUE_PID)
    Pipeline(monitor).process(PacketBatch(b"".join(packets)))
    assert isinstance(heard[0], Cue)
    assert heard[1:] == monitor.take_events()
    assert monitor.take_events() == []


def test_another_thread_may_ask_while_the_stream_runs() -> None:
    monitor = SpliceMonitor()
    pipeline = Pipeline(monitor)
    asked: list[int] = []
    mux = Multiplex(services=(with_cue_pids(SERVICE_1, CUE_PID),))
    packets = mux.packets(3000)
    for at in range(100, 2900, 100):
        put(packets, at, out_in(mux, at / 1000 + 5, 1, at), CUE_PID)

    def ask() -> None:
        while len(monitor.breaks) < 28:
            asked.append(sum(monitor.counters.get(1, {}).values()))

    thread = threading.Thread(target=ask)
    thread.start()
    for at in range(0, 3000, 100):
        data = b"".join(packets[at : at + 100])
        pipeline.process(PacketBatch(data, first_index=at))
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert asked == sorted(asked)


def test_an_input_without_packets_is_an_error() -> None:
    with pytest.raises(NotATransportStreamError):
        list(tsloom.splice_events(PieceSource([b"nothing"])))


# -- streams by others


@pytest.mark.parametrize("entry", stream_params())
def test_cues_of_streams_by_others_are_as_many_as_their_facts_say(entry) -> None:  # type: ignore[no-untyped-def]
    expected = entry["facts"].get("scte35", {"pids": [], "commands": {}})
    monitor = SpliceMonitor()
    Pipeline(monitor).run(str(stream_path(entry)))
    counts = monitor.counters
    told = sum(one["cue"] + one["repeat"] for one in counts.values())
    assert told == sum(expected["commands"].values())
    assert {event.pid for event in monitor.take_events() if event.kind == "cue"} <= set(
        expected["pids"]
    )


@pytest.mark.parametrize(
    ("name", "event_id", "out_pts", "repeats", "planned_s"),
    [
        ("scte35_insert_a.ts", 100, 200_000, 1, None),
        ("scte35_insert_avail.ts", 100, 5_400_000, 0, 60.0),
        ("scte35_timesignal.ts", 18, 1_975_601_994, 0, 75.0),
    ],
)
def test_breaks_of_streams_by_others_are_as_others_read_them(
    name: str, event_id: int, out_pts: int, repeats: int, planned_s: float | None, streams: Path
) -> None:
    monitor = SpliceMonitor()
    Pipeline(monitor).run(str(streams / name))
    (one,) = monitor.breaks
    assert (one.event_id, one.out_pts_90khz) == (event_id, out_pts)
    assert (one.repeats, one.planned_duration_s) == (repeats, planned_s)
    assert one.service_id == 1


@pytest.mark.parametrize(
    "name", ["scte35_insert_a.ts", "scte35_insert_avail.ts", "scte35_timesignal.ts"]
)
def test_the_monitor_of_tsduck_sees_the_same_events(name: str, streams: Path) -> None:
    """Where, which, and when; but for a return, which it takes for another out of the same id."""
    truth = streams.parent / "truth" / name / "tsduck_splicemonitor.json"
    theirs = [one for one in json.loads(truth.read_text()) if one["#name"] == "event"]
    monitor = SpliceMonitor()
    Pipeline(monitor).run(str(streams / name))
    ours = {
        event.packet_index: event
        for event in monitor.take_events()
        if event.kind in ("cue", "repeat") and event.event_id is not None
    }
    assert {one["packet-index"] for one in theirs} == set(ours)
    for one in theirs:
        if one["count"] == 1:
            assert ours[one["packet-index"]].splice_pts_90khz == one["event-pts"]
    ids = {one.event_id for one in (*monitor.breaks, *monitor.segments)}
    assert ids <= {one["event-id"] for one in theirs}


def test_the_places_of_cues_are_those_of_their_sections() -> None:
    mux = Multiplex(services=(with_cue_pids(SERVICE_1, CUE_PID),), tables=((500, splice_null()),))
    packets = mux.packets(1000)
    events = watch(packets).take_events()
    found = find_sections(packets, CUE_PID)
    assert [event.packet_index for event in events] == [one.last_packet for one in found]
    assert [str(event.kind) for event in events] == ["cue", *["repeat"] * 9]


def test_its_stages_hold_splice_points_against_the_pictures_of_the_video(sample: Path) -> None:
    """The first break stands at a key frame of the sample, the second half a second behind it."""
    points = RandomAccessMonitor()
    Pipeline(points).run(sample)
    key = next(
        point.presentation_time_27mhz / 27e6
        for point in points.take_points()
        if (point.presentation_time_27mhz or 0) > 5 * 27_000_000
    )
    inserter = SpliceInserter(service_id=1, pid=CUE_PID)
    for start in (key, key + 2.5):
        inserter.schedule(
            Break(start=f"stream:{start}s", duration="0.2s", preroll="1s", explicit_return=False)
        )
    monitor = SpliceMonitor()
    Pipeline(inserter, *monitor.stages).run(sample)
    told = [event for event in monitor.take_events() if event.kind == "no_random_access_point"]
    assert [event.event_id for event in told] == [2]
