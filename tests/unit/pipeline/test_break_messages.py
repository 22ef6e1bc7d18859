"""What the messages of a break say: repeats, commands, ids, recurrence, and other sections."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import PCR_HZ, SERVICE_1, adaptation_field, packet
from tests.second_opinion import find_sections
from tests.unit.pipeline.breaks_on_air import (
    CUE_PID,
    FIRST_PCR_PACKET,
    FIRST_PTS,
    MUX,
    Command,
    broadcast,
)
from tsloom import Break, PacketBatch, Pipeline, SpliceInserter, scte35
from tsloom.errors import UsageError
from tsloom.recurrence import Recurrence
from tsloom.scte35.breaks import CueKind, Pts, Segment, StreamTime

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def plan(wanted: Break) -> Command:
    return lambda inserter: inserter.schedule(wanted)


def test_repeats_come_at_their_interval_until_the_splice_point() -> None:
    wanted = Break(start="+2s", duration="1s", preroll="1s", repeat_interval="300ms")
    air = broadcast({-1: plan(wanted)}, 4)
    sent = [one.sent for one in air.messages if one.kind == "out"]
    assert sent == pytest.approx([1.0, 1.3, 1.6, 1.9], abs=0.04)
    assert {(one.splice, one.event_id) for one in air.messages if one.kind == "out"} == {(2.0, 1)}


def test_without_an_explicit_return_the_splicer_is_left_to_return() -> None:
    wanted = Break(start="+1s", duration="1s", preroll="500ms", explicit_return=False)
    air = broadcast({-1: plan(wanted)}, 4)
    assert [one.kind for one in air.messages] == ["out"]
    assert air.states[-1] == (1, "returned")


def test_a_time_signal_carries_segmentation() -> None:
    segments = (
        Segment(segmentation_type_id=0x22),
        Segment(
            segmentation_type_id=0x30,
            segmentation_upid_type=0x03,
            segmentation_upid=b"ABCD0123456H",
            segment_num=1,
            segments_expected=2,
        ),
    )
    wanted = Break(
        start="+2s", duration="2s", preroll="1s", command="time_signal", segments=segments
    )
    air = broadcast({-1: plan(wanted)}, 5)
    out, back = air.messages
    assert (out.kind, out.splice, out.duration, out.types) == ("out", 2.0, 2.0, (0x22, 0x30))
    assert (back.kind, back.splice, back.types) == ("in", 4.0, (0x23, 0x31))
    section = scte35.parse(find_sections(air.packets, CUE_PID)[0].data, strict=True)
    second = section.splice_descriptors[1]
    assert isinstance(second, scte35.SegmentationDescriptor)
    assert second.segmentation_upid == b"ABCD0123456H"
    assert (second.segment_num, second.segments_expected) == (1, 2)


def test_both_commands_say_the_same_break() -> None:
    wanted = Break(start="+2s", duration="2s", preroll="1s", command="both")
    air = broadcast({-1: plan(wanted)}, 5)
    assert [(one.kind, one.splice, bool(one.types)) for one in air.messages] == [
        ("out", 2.0, False),
        ("out", 2.0, True),
        ("in", 4.0, False),
        ("in", 4.0, True),
    ]
    assert [cue.command for cue in air.inserter.cues] == ["splice_insert", "time_signal"] * 2


def test_a_cancelled_time_signal_cancels_its_segments() -> None:
    wanted = Break(start="+2s", duration="2s", preroll="1s", command="both", splice_event_id=5)
    air = broadcast({-1: plan(wanted), 1500: lambda one: one.cancel_break(5)}, 3)
    assert [(one.kind, one.event_id) for one in air.messages][2:] == [("cancel", 5)] * 2


def test_per_message_gives_the_in_an_id_of_its_own() -> None:
    def both(inserter: SpliceInserter) -> None:
        assert inserter.schedule(Break(start="+1s", duration="1s", preroll="500ms")) == 100023
        inserter.schedule(Break(start="+3s", duration="1s", preroll="500ms"))

    air = broadcast({-1: both}, 5, event_id_policy="per_message", first_event_id=100023)
    ids = [one.event_id for one in air.messages]
    assert len(set(ids)) == 4
    assert [one.kind for one in air.messages] == ["out", "in"] * 2
    assert min(ids) == 100023


def test_ids_wrap_at_32_bits() -> None:
    inserter = SpliceInserter(first_event_id=0xFFFFFFFF)
    assert inserter.schedule(Break(start="+1s", duration="1s")) == 0xFFFFFFFF
    assert inserter.schedule(Break(start="+3s", duration="1s")) == 0


@pytest.mark.parametrize("start", ["stream:1500ms", StreamTime(1.5)])
def test_a_start_may_be_a_stream_time(start: str | StreamTime) -> None:
    air = broadcast({700: plan(Break(start=start, preroll="500ms"))}, 3)
    assert [one.splice for one in air.messages] == [1.5]


def test_a_recurring_break_recurs() -> None:
    rule = Recurrence(NOON - timedelta(days=3), "FREQ=SECONDLY;INTERVAL=2")
    wanted = Break(start=rule, duration="500ms", preroll="300ms")
    air = broadcast({-1: plan(wanted)}, 7, utc_start=NOON - timedelta(seconds=1))
    outs = [one for one in air.messages if one.kind == "out"]
    assert [one.splice for one in outs] == [1.0, 3.0, 5.0, 7.0]
    assert len({one.event_id for one in outs}) == 4


def test_a_recurring_break_ends_when_it_is_cancelled() -> None:
    rule = Recurrence(NOON, "FREQ=SECONDLY;INTERVAL=70")
    ids: list[int] = []
    wanted = Break(start=rule, duration="500ms", preroll="300ms")
    commands: dict[int, Command] = {
        -1: lambda one: ids.append(one.schedule(wanted)),
        1000: lambda one: one.cancel_break(ids[0]),
    }
    air = broadcast(commands, 75, utc_start=NOON - timedelta(seconds=1))
    # The first one was under way; the others were taken back with the series.
    assert [one.splice for one in air.messages if one.kind == "out"] == [1.0]


def test_a_recurring_break_wants_to_know_utc() -> None:
    wanted = Break(start=Recurrence(NOON, "FREQ=DAILY"))
    with pytest.raises(UsageError, match="utc_start"):
        broadcast({500: plan(wanted)}, 1)


def test_a_heartbeat_beats() -> None:
    inserter = SpliceInserter(service_id=1, pid=CUE_PID, heartbeat="500ms")
    out = bytes(Pipeline(inserter).process(PacketBatch(MUX.stream(FIRST_PCR_PACKET + 3000))))
    found = find_sections([out[i : i + 188] for i in range(0, len(out), 188)], CUE_PID)
    assert {type(scte35.parse(one.data).splice_command) for one in found} == {scte35.SpliceNull}
    gaps = [later.first_packet - one.first_packet for one, later in itertools.pairwise(found)]
    assert len(found) == 6
    assert all(abs(gap - 500) <= 34 for gap in gaps)
    assert not inserter.cues


@pytest.mark.parametrize("when", [-1, 400])
def test_a_section_made_elsewhere_goes_out_as_it_is(when: int) -> None:
    command = scte35.SpliceInsert(
        9, out_of_network_indicator=True, splice_time=scte35.SpliceTime(FIRST_PTS + 180_000)
    )
    section = scte35.SpliceInfoSection(command, tier=0x123)
    air = broadcast({when: lambda one: one.send(section, at="stream:1s")}, 3)
    (found,) = find_sections(air.packets, CUE_PID)
    assert found.data == section.encode()
    (cue,) = air.inserter.cues
    assert (cue.kind, cue.break_id) == (CueKind.OTHER, 0)
    assert cue.lead_time_s == pytest.approx(1.0, abs=0.04)


def test_over_a_jump_of_the_clock_an_armed_break_is_said_again() -> None:
    """The OUT that has left names a PTS that will not come any more."""
    before = MUX.packets(FIRST_PCR_PACKET + 1500)
    jump = 500 * PCR_HZ
    field = adaptation_field(pcr=jump, discontinuity=True)
    packets = [*before, packet(SERVICE_1.video_pid, 0, bytes(176), adaptation=field)]
    packets += replace(MUX, pcr_first=jump + PCR_HZ // 1000).packets(2500)
    inserter = SpliceInserter(service_id=1, pid=CUE_PID)
    inserter.schedule(Break(start="+2s", duration="1s", preroll="1s"))
    out = bytes(Pipeline(inserter).process(PacketBatch(b"".join(packets))))
    found = find_sections([out[i : i + 188] for i in range(0, len(out), 188)], CUE_PID)
    times = [scte35.parse(one.data).splice_command.splice_time.pts_time for one in found]  # type: ignore[union-attr]
    assert times[0] == FIRST_PTS + 180_000
    assert times[1] == pytest.approx(jump // 300 + 45_000, abs=180)
    assert times[2] == times[1] + 90_000
    assert found[1].first_packet - (FIRST_PCR_PACKET + 1500) < 40


def test_what_a_break_cannot_be_is_refused() -> None:
    for fields in (
        {"command": "splice_null"},
        {"late": "never"},
        {"repeats": 2, "repeat_interval": "1s"},
        {"repeat_interval": "1ms"},
        {"repeats": 1001},
        {"splice_event_id": 1 << 32},
        {"segments": (Segment(),)},
        {"start": "stream:soon"},
        {"start": "DTSTART:20260301T120000Z"},
    ):
        with pytest.raises(UsageError):
            Break(**{"start": "+1s", **fields})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="segmentation_upid_type"):
        Segment(segmentation_upid_type=256)


def test_a_short_preroll_and_a_break_that_nobody_ends_are_warned_of() -> None:
    assert Break(start=Pts(5)).warnings == ()
    assert len(Break(start="+9s", preroll="1s").warnings) == 1
    careless = Break(start="+9s", duration="5s", auto_return=False, explicit_return=False)
    assert len(careless.warnings) == 1
