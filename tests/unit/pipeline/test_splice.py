"""The SpliceInserter: what a break becomes in the stream, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.builders import (
    PCR_HZ,
    PCR_MODULUS,
    PTS_MODULUS,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    adaptation_field,
    packet,
    splice_null,
    split,
)
from tests.second_opinion import (
    SpliceInsert,
    count_packets,
    find_sections,
    find_torn_sections,
    read_pcrs,
    read_splice_insert,
)
from tsloom import Break, KeepServices, PacketBatch, Pipeline, SpliceInserter
from tsloom.errors import UsageError
from tsloom.pipeline import CueFailure, CueInsertion
from tsloom.scte35.breaks import CueKind, Pts

CUE_PID = 500
MUX = Multiplex(bitrate_bps=1_504_000)  # one packet a millisecond
FIRST_PCR = read_pcrs(MUX.packets(200))[SERVICE_1.video_pid][0][1]
FIRST_PTS = FIRST_PCR // 300


def run(inserter: SpliceInserter, packets: list[bytes]) -> list[bytes]:
    pipeline = Pipeline(inserter)
    out = pipeline.process(PacketBatch(b"".join(packets)))
    return split(bytes(out) + bytes(pipeline.finish()))


def splice(
    wanted: Break, count: int = 3000, mux: Multiplex = MUX, **options: Any
) -> tuple[SpliceInserter, list[bytes], list[SpliceInsert]]:
    """The inserter, its output, and the cues that a second implementation reads in it."""
    inserter = SpliceInserter(service_id=1, pid=CUE_PID, **options)
    inserter.schedule(wanted)
    out = run(inserter, mux.packets(count))
    return inserter, out, [read_splice_insert(one.data) for one in find_sections(out, CUE_PID)]


def test_out_and_in_carry_the_times_of_the_break() -> None:
    wanted = Break(start="+1s", duration="1500ms", preroll="400ms", splice_event_id=100023)
    inserter, out, cues = splice(wanted)
    out_pts = FIRST_PTS + 90_000
    assert cues == [
        SpliceInsert(0, 100023, True, out_pts, True, 135_000, 1, 0, 0),
        SpliceInsert(0, 100023, False, out_pts + 135_000, None, None, 1, 0, 0),
    ]
    told = list(inserter.cues)
    assert [cue.kind for cue in told] == [CueKind.OUT, CueKind.IN]
    assert [cue.splice_pts_90khz for cue in told] == [out_pts, out_pts + 135_000]
    assert [cue.stream_time_s for cue in told] == pytest.approx([0.6, 2.1], abs=0.034)
    assert [cue.planned_lead_time_s for cue in told] == pytest.approx([0.4, 0.4])
    for cue in told:
        lead = (cue.splice_pts_90khz - cue.pts_90khz) / 90_000
        assert cue.lead_time_s == pytest.approx(lead, abs=1e-4)
    places = [(one.first_packet, one.last_packet) for one in find_sections(out, CUE_PID)]
    assert places == [(cue.packet_index, cue.packet_index) for cue in told]
    assert not inserter.cue_failures


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        ("+1s", 1.0),
        ("+1500ms", 1.5),
        (Pts(FIRST_PTS + 90_000), 1.0),
        (f"pts:{FIRST_PTS + 180_000}", 2.0),
        ("2026-03-01T12:00:01Z", 1.0),
        ("2026-03-01T13:00:02+01:00", 2.0),
        (datetime(2026, 3, 1, 12, 0, 1, 500_000, UTC), 1.5),
        (datetime(2026, 3, 1, 7, 0, 1, tzinfo=timezone(timedelta(hours=-5))), 1.0),
    ],
)
def test_a_start_is_relative_or_a_pts_or_a_wall_clock_time(start: Any, seconds: float) -> None:
    noon = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    _, _, cues = splice(Break(start=start, preroll="500ms"), utc_start=noon)
    assert [cue.pts_time for cue in cues] == [FIRST_PTS + round(seconds * 90_000)]


def test_utc_is_read_when_the_clock_starts() -> None:
    """A live pipeline has no utc_start: it looks at the machine's clock then."""
    noon = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
    inserter = SpliceInserter(service_id=1)
    inserter.follow_utc(lambda: noon)
    inserter.schedule(Break(start=noon + timedelta(seconds=1), preroll="0.5s"))
    out = run(inserter, MUX.packets(2000))
    cues = [read_splice_insert(one.data) for one in find_sections(out, CUE_PID)]
    assert [cue.pts_time for cue in cues] == [FIRST_PTS + 90_000]


def test_a_wall_clock_start_without_utc_is_refused() -> None:
    inserter = SpliceInserter(service_id=1)
    inserter.schedule(Break(start="2026-03-01T12:00:00Z"))
    with pytest.raises(UsageError, match="utc_start"):
        run(inserter, MUX.packets(200))


def test_while_the_stream_runs_such_a_start_is_refused_at_once_and_forgotten() -> None:
    inserter = SpliceInserter(service_id=1)
    pipeline = Pipeline(inserter)
    pipeline.process(PacketBatch(MUX.stream(500)))
    with pytest.raises(UsageError, match="utc_start"):
        inserter.schedule(Break(start="2026-03-01T12:00:00Z", splice_event_id=7))
    assert inserter.breaks == []
    assert inserter.schedule(Break(start="+1s", splice_event_id=7)) == 7


def test_repeats_are_spread_evenly_over_the_preroll() -> None:
    wanted = Break(start="+2s", duration="500ms", preroll="1s", repeats=3)
    inserter, _, cues = splice(wanted)
    times = [cue.stream_time_s for cue in inserter.cues if cue.kind is CueKind.OUT]
    assert times == pytest.approx([1.0, 1.25, 1.5, 1.75], abs=0.034)
    # The IN's pre-roll is no longer than the break.
    times = [cue.stream_time_s for cue in inserter.cues if cue.kind is CueKind.IN]
    assert times == pytest.approx([2.0, 2.125, 2.25, 2.375], abs=0.034)
    assert [cue.repeat for cue in inserter.cues] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert len(set(cues)) == 2


def test_an_open_break_has_no_in_and_no_duration() -> None:
    _, _, cues = splice(Break(start="+1s", preroll="200ms", auto_return=False))
    assert [(cue.out_of_network_indicator, cue.duration) for cue in cues] == [(True, None)]


def test_fields_of_the_break_reach_the_cue() -> None:
    wanted = Break(
        start="+1s",
        duration="1s",
        preroll="100ms",
        auto_return=False,
        splice_event_id=0xFFFFFFFF,
        unique_program_id=0x1234,
        avail_num=3,
        avails_expected=9,
    )
    _, _, (out, back) = splice(wanted)
    assert (out.auto_return, out.duration) == (False, 90_000)
    for cue in (out, back):
        assert cue.splice_event_id == 0xFFFFFFFF
        assert (cue.unique_program_id, cue.avail_num, cue.avails_expected) == (0x1234, 3, 9)


def test_a_splice_time_beyond_33_bits_wraps() -> None:
    mux = replace(MUX, pcr_first=PCR_MODULUS - PCR_HZ)
    first = read_pcrs(mux.packets(200))[SERVICE_1.video_pid][0][1] // 300
    inserter, _, cues = splice(Break(start="+2s", preroll="500ms"), mux=mux)
    assert [cue.pts_time for cue in cues] == [(first + 180_000) % PTS_MODULUS]
    assert cues[0].pts_time < 180_000
    assert inserter.cues[0].lead_time_s == pytest.approx(0.5, abs=0.034)


def test_a_splice_point_that_has_passed_is_told() -> None:
    inserter, out, _ = splice(Break(start=Pts(FIRST_PTS - 90_000), splice_event_id=9))
    assert list(inserter.cue_failures) == [
        CueFailure(9, CueKind.OUT, "the splice point has passed")
    ]
    assert find_sections(out, CUE_PID) == []


def test_a_preroll_that_has_begun_already_sends_at_once() -> None:
    inserter, _, cues = splice(Break(start="+1s", preroll="10s"))
    assert [cue.pts_time for cue in cues] == [FIRST_PTS + 90_000]
    assert inserter.cues[0].stream_time_s < 0.05
    assert inserter.cues[0].planned_lead_time_s == 10


def test_a_break_that_the_stream_does_not_reach_is_told() -> None:
    heard: list[Any] = []
    inserter = SpliceInserter(service_id=1, on_cue=heard.append)
    inserter.schedule(Break(start="+1s", duration="1h", preroll="500ms"))
    run(inserter, MUX.packets(1500))
    assert [type(cue) for cue in heard] == [CueInsertion, CueFailure]
    assert heard[1] == CueFailure(1, CueKind.IN, "the stream ended")


def test_only_null_packets_and_there_are_none() -> None:
    mux = replace(MUX, null_every=0)
    inserter, out, cues = splice(Break(start="+1s", preroll="300ms"), 2000, mux, room="nulls")
    assert cues == []
    assert len(out) == 2000
    assert list(inserter.cue_failures) == [
        CueFailure(1, CueKind.OUT, "no null packet before the deadline")
    ]


def test_with_null_packets_only_a_cue_may_wait_up_to_the_splice_point() -> None:
    packets = replace(MUX, null_every=0).packets(2000)
    first = next(i for i, made in enumerate(packets) if read_pcrs([made]))
    packets.insert(first + 950, packet(0x1FFF, 0, bytes(184)))
    inserter = SpliceInserter(service_id=1, room="nulls")
    inserter.schedule(Break(start="+1s", preroll="300ms"))
    run(inserter, packets)
    assert inserter.cues[0].lead_time_s == pytest.approx(0.05, abs=0.002)


def test_breaks_are_numbered_on_and_a_taken_number_is_refused() -> None:
    inserter = SpliceInserter(first_event_id=50)
    assert inserter.schedule(Break(start="+1s")) == 50
    assert inserter.schedule(Break(start="+2s", splice_event_id=100)) == 100
    assert inserter.schedule(Break(start="+3s")) == 101
    with pytest.raises(UsageError, match="100"):
        inserter.schedule(Break(start="+4s", splice_event_id=100))


def test_a_break_scheduled_while_the_stream_runs_counts_from_now() -> None:
    inserter = SpliceInserter(service_id=1)
    pipeline = Pipeline(inserter)
    packets = MUX.packets(3000)
    out = split(bytes(pipeline.process(PacketBatch(b"".join(packets[:1000])))))
    clock = inserter.clock
    assert clock is not None
    inserter.schedule(Break(start="+1s", preroll="500ms"))
    out += split(bytes(pipeline.process(PacketBatch(b"".join(packets[1000:]), first_index=1000))))
    (cue,) = [read_splice_insert(one.data) for one in find_sections(out, CUE_PID)]
    assert cue.pts_time == clock.pts_at(clock.now_27mhz + PCR_HZ)


def test_several_breaks_go_out_in_their_order() -> None:
    inserter = SpliceInserter(service_id=1)
    for seconds in (3, 1, 2):
        inserter.schedule(Break(start=f"+{seconds}s", duration="300ms", preroll="200ms"))
    out = run(inserter, MUX.packets(4000))
    times = [read_splice_insert(one.data).pts_time for one in find_sections(out, CUE_PID)]
    assert times == sorted(times)
    assert len(times) == 6


def test_over_a_discontinuity_the_rest_is_said_anew() -> None:
    """The clock jumps between the OUT and the IN: the IN names the new clock's time."""
    packets = MUX.packets(1500)
    jump = 500 * PCR_HZ
    field = adaptation_field(pcr=jump, discontinuity=True)
    packets += [packet(SERVICE_1.video_pid, 0, bytes(176), adaptation=field)]
    # The next packet stands one millisecond behind.
    packets += replace(MUX, pcr_first=jump + PCR_HZ // 1000).packets(2500)
    inserter = SpliceInserter(service_id=1)
    inserter.schedule(Break(start="+1s", duration="1500ms", preroll="500ms"))
    out = run(inserter, packets)
    cues = [read_splice_insert(one.data) for one in find_sections(out, CUE_PID)]
    assert [cue.out_of_network_indicator for cue in cues] == [True, False]
    assert cues[0].pts_time == FIRST_PTS + 90_000
    passed = 1500 - next(i for i, made in enumerate(MUX.packets(200)) if read_pcrs([made]))
    wanted = jump // 300 + 225_000 - passed * 90
    assert abs(cues[1].pts_time - wanted) <= 2
    assert inserter.cues[1].lead_time_s == pytest.approx(0.5, abs=0.04)


def test_every_other_packet_passes_untouched() -> None:
    mux = Multiplex(services=(SERVICE_1, SERVICE_2))
    inserter = SpliceInserter(service_id=1)
    inserter.schedule(Break(start="+1s", duration="1s", preroll="500ms", repeats=2))
    before = mux.packets(3000)
    out = run(inserter, before)
    judged = count_packets(out)
    assert judged.verdicts == []
    ours = {CUE_PID, SERVICE_1.pmt_pid, 0x1FFF}
    kept = [made for made in out if (made[1] & 31) << 8 | made[2] not in ours]
    assert kept == [made for made in before if (made[1] & 31) << 8 | made[2] not in ours]
    assert find_torn_sections(out, SERVICE_1.pmt_pid) == []


def test_cues_of_the_stream_itself_stay() -> None:
    """The PMT says already that the PID carries cues: it is used, and the PMT stays as it is."""
    service = replace(SERVICE_1, more_streams=((0x86, CUE_PID, b""),))
    mux = Multiplex(services=(service,), tables=((CUE_PID, splice_null()),))
    inserter = SpliceInserter(service_id=1, pid=CUE_PID)
    inserter.schedule(Break(start="+1s", duration="1s", preroll="500ms"))
    out = run(inserter, mux.packets(3000))
    sections = [one.data for one in find_sections(out, CUE_PID)]
    assert sections.count(splice_null()) == 30
    assert len(sections) == 32
    assert {one.data for one in find_sections(out, service.pmt_pid)} == {service.pmt()}
    assert count_packets(out).verdicts == []


def test_two_services_have_breaks_of_their_own() -> None:
    mux = Multiplex(services=(SERVICE_1, SERVICE_2))
    inserters = [SpliceInserter(service_id=1, pid=500), SpliceInserter(service_id=2, pid=501)]
    for number, inserter in enumerate(inserters):
        inserter.schedule(Break(start=f"+{number + 1}s", preroll="300ms"))
    pipeline = Pipeline(*inserters)
    out = split(bytes(pipeline.process(PacketBatch(mux.stream(3000)))))
    pcrs = read_pcrs(mux.packets(200))
    for number, (pid, service) in enumerate([(500, SERVICE_1), (501, SERVICE_2)]):
        (one,) = find_sections(out, pid)
        first = pcrs[service.video_pid][0][1] // 300
        assert read_splice_insert(one.data).pts_time == first + 90_000 * (number + 1)
    assert count_packets(out).verdicts == []


def test_behind_a_service_filter_the_break_is_the_same() -> None:
    mux = Multiplex(services=(SERVICE_1, SERVICE_2))
    inserter = SpliceInserter(service_id=2)
    inserter.schedule(Break(start="+1s", preroll="300ms"))
    pipeline = Pipeline(KeepServices(2), inserter)
    out = split(bytes(pipeline.process(PacketBatch(mux.stream(3000)))))
    first = read_pcrs(mux.packets(200))[SERVICE_2.video_pid][0][1] // 300
    (one,) = find_sections(out, CUE_PID)
    assert read_splice_insert(one.data).pts_time == first + 90_000
    assert count_packets(out).verdicts == []
