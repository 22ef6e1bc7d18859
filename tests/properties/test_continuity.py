"""Continuity against a slow reading of ISO/IEC 13818-1, 2.4.3.3, and its repair."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import split
from tests.properties.strategies import THOROUGH, cut, cuts_of, hard_cases
from tests.second_opinion import count_packets, read_header_quickly
from tsloom import Analyzer, Callback, FixContinuity, PacketBatch, Pipeline


def analyze(pieces: list[bytes]) -> Analyzer:
    analyzer, at = Analyzer(), 0
    pipeline = Pipeline(analyzer)
    for piece in pieces:
        pipeline.process(PacketBatch(piece, first_index=at))
        at += len(piece) // 188
    return analyzer


@given(packets=hard_cases(), data=st.data())
@THOROUGH
def test_counts_and_places_are_those_of_the_slow_reading(
    packets: list[bytes], data: st.DataObject
) -> None:
    places = [place * 188 for place in data.draw(cuts_of(len(packets)), label="cuts")]
    report = analyze(cut(b"".join(packets), places)).report()
    judged = count_packets(packets)
    wanted = {pid: asdict(facts) for pid, facts in judged.pids.items()}
    seen = {pid: asdict(row) for pid, row in report.pids.items()}
    assert {pid: {name: row[name] for name in wanted[pid]} for pid, row in seen.items()} == wanted
    errors = [event for event in report.events if event.kind == "continuity_error"]
    assert [event.packet_index for event in errors] == [
        index for index, verdict in judged.verdicts if verdict == "error"
    ]


def process(pipeline: Pipeline, pieces: list[bytes]) -> bytes:
    out, at = b"", 0
    for piece in pieces:
        out += bytes(pipeline.process(PacketBatch(piece, first_index=at)))
        at += len(piece) // 188
    return out + bytes(pipeline.finish())


def without_counter(packet: bytes) -> bytes:
    return packet[:3] + bytes((packet[3] & 0xF0,)) + packet[4:]


@given(packets=hard_cases(), data=st.data())
@THOROUGH
def test_what_fix_continuity_lets_out_has_no_error_and_differs_in_counters_only(
    packets: list[bytes], data: st.DataObject
) -> None:
    places = [place * 188 for place in data.draw(cuts_of(len(packets)), label="cuts")]
    out = split(process(Pipeline(FixContinuity()), cut(b"".join(packets), places)))
    assert count_packets(out).total("continuity_errors") == 0
    assert list(map(without_counter, out)) == list(map(without_counter, packets))


@given(packets=hard_cases(), data=st.data())
@THOROUGH
def test_fix_continuity_leaves_what_is_right_as_it_is(
    packets: list[bytes], data: st.DataObject
) -> None:
    """Up to a PID's first error nothing of it changes, and duplicates stay duplicates."""
    places = [place * 188 for place in data.draw(cuts_of(len(packets)), label="cuts")]
    out = split(process(Pipeline(FixContinuity()), cut(b"".join(packets), places)))
    judged = count_packets(packets)
    broken: set[int] = set()
    verdicts = dict(judged.verdicts)
    for index, (before, after) in enumerate(zip(packets, out, strict=True)):
        pid = read_header_quickly(before).pid
        if verdicts.get(index) == "error":
            broken.add(pid)
        if pid not in broken:
            assert after == before
    assert count_packets(out).total("duplicates") >= judged.total("duplicates")


@given(packets=hard_cases(), pid=st.sampled_from([0x100, 0x101]))
@THOROUGH
def test_fix_continuity_of_one_pid_leaves_the_others(packets: list[bytes], pid: int) -> None:
    out = split(process(Pipeline(FixContinuity(pid)), [b"".join(packets)]))
    others = [index for index, made in enumerate(packets) if read_header_quickly(made).pid != pid]
    assert [out[index] for index in others] == [packets[index] for index in others]
    judged = count_packets(out)
    assert pid not in judged.pids or judged.pids[pid].continuity_errors == 0


@given(packets=hard_cases(), data=st.data())
@THOROUGH
def test_packets_dropped_by_a_callback_leave_no_error_behind(
    packets: list[bytes], data: st.DataObject
) -> None:
    """On an input without errors; whatever is dropped, what leaves has none."""
    good = process(Pipeline(FixContinuity()), [b"".join(packets)])
    count = len(packets)
    keep = data.draw(st.lists(st.booleans(), min_size=count, max_size=count), label="kept")
    places = [place * 188 for place in data.draw(cuts_of(count), label="cuts")]

    def drop(batch: PacketBatch) -> PacketBatch:
        return batch[[i for i, at in enumerate(batch.packet_index.tolist()) if keep[at]]]

    out = split(process(Pipeline(Callback(drop)), cut(good, places)))
    kept = [made for made, stays in zip(split(good), keep, strict=True) if stays]
    assert list(map(without_counter, out)) == list(map(without_counter, kept))
    assert count_packets(out).total("continuity_errors") == 0
