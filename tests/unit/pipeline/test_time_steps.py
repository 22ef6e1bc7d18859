"""A stream's own TDT that jumps, or lies once: what the stages that follow it make of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import NULL_PID, Multiplex, packetize, sdt, split
from tests.guide import Guide, Key, make_events
from tests.properties.eit_reading import read_eit
from tests.second_opinion import count_packets, find_sections
from tsloom import EitInserter, PacketBatch, Pipeline, TimeInserter, dvb
from tsloom.pipeline import Stage, TimeStep

BITRATE = 752_000
A_SECOND = 500  # packets
SECONDS = 60
MUX = Multiplex(
    bitrate_bps=BITRATE, null_every=2, psi_every=200, tables=((0x11, sdt(1, "One", "Any")),)
)
START = datetime(2026, 5, 1, 11, 59, tzinfo=UTC)
TDT_PID, EIT_PID, HERE = 0x14, 0x12, Key(1, 1, 1)
HOUR = timedelta(hours=1)


def stream_with(times: list[tuple[int, datetime]]) -> list[bytes]:
    """A TDT in the place of the null packet behind each of these seconds."""
    packets = MUX.packets(A_SECOND * SECONDS)
    for counter, (second, said) in enumerate(times):
        at = second * A_SECOND
        while (packets[at][1] & 31) << 8 | packets[at][2] != NULL_PID:
            at += 1
        (packets[at],) = packetize(
            dvb.encode_tdt(dvb.TimeAndDateTable(said)), TDT_PID, counter % 16
        )
    return packets


def every_five_seconds(lie_from: int, lie_to: int, by: timedelta) -> list[tuple[int, datetime]]:
    return [
        (
            second,
            START + timedelta(seconds=second) + (by if lie_from <= second < lie_to else 0 * by),
        )
        for second in range(5, SECONDS, 5)
    ]


def run(packets: list[bytes], *stages: Stage, chunk: int = 1000) -> list[bytes]:
    pipeline, out = Pipeline(*stages), bytearray()
    for first in range(0, len(packets), chunk):
        part = b"".join(packets[first : first + chunk])
        out += bytes(pipeline.process(PacketBatch(part, first_index=first)))
    return split(bytes(out + bytes(pipeline.finish())))


def make_guide() -> Guide:
    midnight = START.replace(hour=0, minute=0, second=0)
    return Guide({HERE: make_events(midnight, 48 * 2)})


def present_by_second(out: list[bytes]) -> dict[int, int]:
    """The event_id that is present in each second of the output; 0 where there is none."""
    sections = [(found.first_packet, read_eit(found.data)) for found in find_sections(out, EIT_PID)]
    return {
        first * 188 * 8 // BITRATE: eit.events[0].event_id if eit.events else 0
        for first, eit in sections
        if eit.table_id == 0x4E and eit.section_number == 0
    }


def said_seconds(steps: tuple[TimeStep, ...]) -> list[tuple[int, int, bool]]:
    """Second of the stream, seconds that the time is off by, whether it is followed."""
    found = []
    for step in steps:
        off = round((step.said - step.expected).total_seconds())
        found.append((step.packet_index // A_SECOND, off, step.is_taken))
    return found


@pytest.mark.parametrize("by", [-HOUR, HOUR, -7300 * 24 * HOUR], ids=["back", "ahead", "years"])
def test_a_time_that_jumps_for_good_is_followed_when_it_is_said_again(
    by: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    inserter = EitInserter(make_guide())
    packets = stream_with(every_five_seconds(30, SECONDS, by))
    out = run(packets, inserter)
    off = int(by.total_seconds())
    assert said_seconds(tuple(inserter.time_steps)) == [(30, off, False), (35, off, True)]
    assert "it is followed" in caplog.text
    present = present_by_second(out)
    before = {event for second, event in present.items() if second < 35}
    # The guide has half an hour an event, and none of years ago.
    assert before == {24}
    behind = {event for second, event in present.items() if second > 37}
    assert behind == {-HOUR: {22}, HOUR: {26}}.get(by, {0})
    # The stream goes on.
    assert count_packets(out).verdicts == []
    kept = [one for one in packets if (one[1] & 31) << 8 | one[2] not in (NULL_PID, EIT_PID)]
    assert [one for one in out if (one[1] & 31) << 8 | one[2] not in (NULL_PID, EIT_PID)] == kept


@pytest.mark.parametrize("by", [-HOUR, HOUR], ids=["back", "ahead"])
def test_one_tdt_that_lies_moves_nothing(by: timedelta) -> None:
    lying, honest = EitInserter(make_guide()), EitInserter(make_guide())
    out = run(stream_with(every_five_seconds(30, 35, by)), lying)
    assert said_seconds(tuple(lying.time_steps)) == [(30, int(by.total_seconds()), False)]
    true = run(stream_with(every_five_seconds(0, 0, by)), honest)
    assert not honest.time_steps
    assert find_sections(out, EIT_PID) == find_sections(true, EIT_PID)


def test_the_time_inserter_goes_on_counting_from_the_new_time() -> None:
    inserter = TimeInserter(cycles={"tdt": "5s"})
    out = run(stream_with(every_five_seconds(30, SECONDS, -HOUR)), inserter)
    times = [
        (found.first_packet / A_SECOND, dvb.parse_utc_time(found.data[3:8]))
        for found in find_sections(out, TDT_PID)
    ]
    assert len(times) >= 8
    for second, said in times:
        assert said is not None
        off = (said - START).total_seconds() - second
        assert off == pytest.approx(0 if second < 35 else -3600, abs=2.5)


def test_steps_do_not_depend_on_the_cuts() -> None:
    packets = stream_with(every_five_seconds(30, SECONDS, -HOUR))
    one, other = EitInserter(make_guide()), EitInserter(make_guide())
    assert run(packets, one, chunk=len(packets)) == run(packets, other, chunk=333)
    assert tuple(one.time_steps) == tuple(other.time_steps)
