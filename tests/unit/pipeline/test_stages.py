"""Filters, services, renumbering, continuity, own code: each judged by a slow reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.builders import (
    NULL_PACKET,
    SERVICE_1,
    SERVICE_2,
    Multiplex,
    packet,
    packetize,
    pat,
    pmt,
    section,
    split,
)
from tests.second_opinion import (
    continuity_errors,
    count_packets,
    find_sections,
    find_torn_sections,
    read_pat,
    read_pmt,
)
from tsloom import (
    Callback,
    DropNulls,
    DropPids,
    FixContinuity,
    KeepPids,
    KeepServices,
    PacketBatch,
    Pipeline,
    RemapPids,
    SectionInserter,
)
from tsloom.errors import UsageError
from tsloom.pipeline import ScheduledSection, Stage

MUX = Multiplex(services=(SERVICE_1, SERVICE_2))


def pid_of(made: bytes) -> int:
    return (made[1] & 31) << 8 | made[2]


def run(packets: list[bytes], *stages: Any) -> list[bytes]:
    pipeline = Pipeline(*stages)
    out = pipeline.process(PacketBatch(b"".join(packets)))
    return split(bytes(out) + bytes(pipeline.finish()))


def test_keep_pids_passes_these_only() -> None:
    before = MUX.packets(500)
    stage = KeepPids(0x100, [0x111, 0])
    assert run(before, stage) == [made for made in before if pid_of(made) in (0x100, 0x111, 0)]
    assert stage.dropped_packets == sum(pid_of(made) not in (0x100, 0x111, 0) for made in before)


def test_drop_pids_passes_all_others() -> None:
    before = MUX.packets(500)
    stage = DropPids(range(0x100, 0x102), 0x1FFF)
    kept = [made for made in before if pid_of(made) not in (0x100, 0x101, 0x1FFF)]
    assert run(before, stage) == kept
    assert stage.dropped_packets == 500 - len(kept)


def test_drop_nulls_passes_all_but_null_packets() -> None:
    before = MUX.packets(500)
    assert run(before, DropNulls()) == [made for made in before if made != NULL_PACKET]


@pytest.mark.parametrize("kept", [(), (0x1FFF,)])
def test_what_is_kept_may_be_nothing(kept: tuple[int, ...]) -> None:
    packets = [made for made in MUX.packets(300) if made != NULL_PACKET]
    assert run(packets, KeepPids(*kept)) == []


@pytest.mark.parametrize("stage", [KeepPids, DropPids, FixContinuity])
@pytest.mark.parametrize("pid", [-1, 8192, True, 1.5, "256"])
def test_what_is_no_pid_is_refused(stage: type[Stage], pid: Any) -> None:
    with pytest.raises((UsageError, TypeError)):
        stage(pid)


# -- services


def test_keep_services_keeps_a_service_whole_and_rewrites_the_pat() -> None:
    before = MUX.packets(1000)
    out = run(before, KeepServices(2))
    assert {pid_of(made) for made in out} == {0, 0x1010, 0x110, 0x111, 0x1FFF}
    assert {tuple(read_pat(one.data).items()) for one in find_sections(out, 0)} == {((2, 0x1010),)}
    for pid in (0x1010, 0x110, 0x111, 0x1FFF):
        passed = [made for made in out if pid_of(made) == pid]
        wanted = [made for made in before if pid_of(made) == pid]
        # A PID passes from the service's first PMT on, and all that comes behind it.
        assert passed == wanted[-len(passed) :]
        assert len(wanted) - len(passed) <= 1
    assert count_packets(out).verdicts == []


def test_keep_services_keeps_several() -> None:
    out = run(MUX.packets(500), KeepServices(1, 2))
    assert read_pat(find_sections(out, 0)[0].data) == {1: 0x1000, 2: 0x1010}


def test_keep_services_keeps_the_network_pid_entry_and_si() -> None:
    tables = ((0x11, section(0x42, 1, b"")),)
    before = replace(MUX, tables=tables).packets(300)
    with_network = pat({0: 0x10, 1: 0x1000, 2: 0x1010})
    before = [
        packetize(with_network, 0, made[3])[0] if pid_of(made) == 0 else made for made in before
    ]
    out = run(before, KeepServices(1))
    assert read_pat(find_sections(out, 0)[0].data) == {0: 0x10, 1: 0x1000}
    assert len(find_sections(out, 0x11)) == 3


def test_keep_services_keeps_ecms_and_the_pcr_pid() -> None:
    ca = b"\x09\x04\x06\x04\xe1\x50"  # CA_PID 0x150 (2.6.16)
    data = pmt(1, 0x1FE, [(0x1B, 0x100, ca)])
    packets = [*packetize(pat({1: 0x1000}), 0), *packetize(data, 0x1000)]
    packets += [packet(pid, 0) for pid in (0x150, 0x1FE, 0x100, 0x151)]
    out = run(packets, KeepServices(1))
    assert [pid_of(made) for made in out] == [0, 0x1000, 0x150, 0x1FE, 0x100]


def test_a_service_that_is_not_there_leaves_an_empty_pat() -> None:
    out = run(MUX.packets(300), KeepServices(99))
    assert {pid_of(made) for made in out} == {0, 0x1FFF}
    assert {one.crc_ok for one in find_sections(out, 0)} == {True}
    assert read_pat(find_sections(out, 0)[0].data) == {}


def test_a_service_whose_pmt_moves_is_followed() -> None:
    moved = replace(SERVICE_1, pmt_pid=0x1500, video_pid=0x180, version=1)
    packets = Multiplex().packets(300)
    later = Multiplex(services=(moved,)).packets(300)
    later = [
        packetize(pat({1: 0x1500}, version=1), 0, made[3])[0] if pid_of(made) == 0 else made
        for made in later
    ]
    out = run(packets + later, KeepServices(1))
    assert {pid_of(made) for made in out[300:]} == {0, 0x1500, 0x180, 0x101, 0x1FFF}


def test_a_pmt_with_a_wrong_crc_changes_nothing() -> None:
    packets = MUX.packets(600)
    places = [index for index, made in enumerate(packets) if pid_of(made) == 0x1000]
    for place in places[1:]:
        packets[place] = packets[place][:20] + b"\xee" + packets[place][21:]
    out = run(packets, KeepServices(1))
    passed = [made for made in out if pid_of(made) in (0x100, 0x101)]
    wanted = [made for made in packets if pid_of(made) in (0x100, 0x101)]
    assert passed == wanted


@pytest.mark.parametrize("wrong", [(), (0,), (-1,), (65536,), (1, 0)])
def test_what_is_no_service_is_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(UsageError):
        KeepServices(*wrong)


# -- renumbering


def test_remap_moves_packets_and_all_that_names_them() -> None:
    before = MUX.packets(800)
    mapping = {0x100: 0x200, 0x1010: 0x300, 0x111: 0x301}
    stage = RemapPids(mapping)
    out = run(before, stage)
    moved = [mapping.get(pid_of(made), pid_of(made)) for made in before]
    assert [pid_of(made) for made in out] == moved
    psi = {0, 0x1000, 0x300}
    for a, b in zip(before, out, strict=True):
        if pid_of(b) not in psi:
            assert a[3:] == b[3:]
            assert a[1] & 0xE0 == b[1] & 0xE0
    assert read_pat(find_sections(out, 0)[0].data) == {1: 0x1000, 2: 0x300}
    first = read_pmt(find_sections(out, 0x1000)[0].data)
    assert first.pcr_pid == 0x200
    assert [stream[1] for stream in first.streams] == [0x200, 0x101]
    second = read_pmt(find_sections(out, 0x300)[0].data)
    assert [stream[1] for stream in second.streams] == [0x110, 0x301]
    assert count_packets(out).verdicts == []
    assert stage.clashing_packets == 0
    assert stage.remapped_packets > 0


def test_remap_there_and_back_is_the_same_stream() -> None:
    before = MUX.packets(800)
    mapping = {0x100: 0x200, 0x1000: 0x400, 0x111: 0x301}
    back = {new: old for old, new in mapping.items()}
    assert run(before, RemapPids(mapping), RemapPids(back)) == before


def test_remap_swaps_two_pids() -> None:
    before = MUX.packets(300)
    out = run(before, RemapPids({0x100: 0x101, 0x101: 0x100}))
    swapped = {0x100: 0x101, 0x101: 0x100}
    assert [pid_of(made) for made in out] == [
        swapped.get(pid_of(made), pid_of(made)) for made in before
    ]
    assert count_packets(out).verdicts == []


def test_remap_onto_a_pid_in_use_is_counted() -> None:
    stage = RemapPids({0x100: 0x101})
    before = MUX.packets(300)
    run(before, stage)
    assert stage.clashing_packets == sum(pid_of(made) == 0x101 for made in before)


def test_remap_follows_ca_pids() -> None:
    ca = b"\x09\x04\x06\x04\xe1\x50"
    data = pmt(1, 0x100, [(0x1B, 0x100, ca)], program_info=ca)
    packets = [*packetize(pat({1: 0x1000}), 0), *packetize(data, 0x1000), packet(0x150, 0)]
    out = run(packets, RemapPids({0x150: 0x250}))
    seen = read_pmt(find_sections(out, 0x1000)[0].data)
    moved = b"\x09\x04\x06\x04\xe2\x50"
    assert (seen.program_info, seen.streams[0][2]) == (moved, moved)
    assert pid_of(out[2]) == 0x250


@pytest.mark.parametrize(
    "wrong",
    [
        {0x100: 0x1FFF},
        {0x1FFF: 0x100},
        {0: 0x100},
        {0x100: 0xF},
        {0x100: 8192},
        {-1: 0x100},
        {0x100: 0x200, 0x101: 0x200},
    ],
)
def test_a_map_that_cannot_be_is_refused(wrong: dict[int, int]) -> None:
    with pytest.raises(UsageError):
        RemapPids(wrong)


# -- continuity


def test_fix_continuity_mends_a_gap_and_leaves_duplicates() -> None:
    packets = [packet(0x100, n, bytes((n,))) for n in (0, 1, 1, 4, 5)]
    packets[2] = packets[1]
    out = run(packets, FixContinuity())
    assert [made[3] & 15 for made in out] == [0, 1, 1, 2, 3]
    judged = count_packets(out)
    assert (judged.total("continuity_errors"), judged.total("duplicates")) == (0, 1)


def test_dropped_packets_leave_no_gap_behind_fix_continuity() -> None:
    before = MUX.packets(1000)
    gaps = [made for index, made in enumerate(before) if index % 13]
    assert continuity_errors(b"".join(gaps)) > 50
    assert continuity_errors(b"".join(run(gaps, FixContinuity()))) == 0


# -- the user's own code


def test_a_callback_sees_batches_and_may_pass_them_as_they_are() -> None:
    seen: list[int] = []

    def look(batch: PacketBatch) -> PacketBatch:
        seen.append(len(batch))
        return batch

    before = MUX.packets(300)
    assert run(before, look) == before
    assert seen == [300]


def test_a_callback_that_gives_none_drops_all() -> None:
    assert run(MUX.packets(300), Callback(lambda batch: None)) == []


def test_a_callback_that_drops_leaves_no_gap() -> None:
    before = MUX.packets(600)
    out = run(before, lambda batch: batch[batch.packet_index % 7 != 3])
    assert len(out) < 600
    assert count_packets(out).verdicts == []


def test_a_callback_that_adds_leaves_no_error() -> None:
    """A packet is put in behind each tenth of its PID, with a counter that cannot be right."""
    added = packet(0x100, 9, b"added")

    def add(batch: PacketBatch) -> PacketBatch:
        parts, at = [], 0
        for index in range(10, len(batch), 10):
            extra = PacketBatch(added, first_index=batch.first_index + index)
            parts += [batch[at:index], extra]
            at = index
        return PacketBatch.concatenate([*parts, batch[at:]])

    before = MUX.packets(500)
    out = run(before, add)
    assert sum(made.endswith(added[5:]) and made[4:9] == b"added" for made in out) == 49
    assert count_packets(out).verdicts == []
    assert [m[4:] for m in out if m[4:9] != b"added"] == [m[4:] for m in before]


def test_a_callback_may_give_bytes_of_its_own() -> None:
    """Their indices start anew; the clocks behind it must not stand still."""
    inserter = SectionInserter(room="add")
    data = section(0x80, 1, b"")
    inserter.insert(ScheduledSection(0x1F0, data, 500 * 27_000, 500 * 27_000))
    pipeline = Pipeline(lambda batch: PacketBatch(bytes(batch)), inserter)
    packets = Multiplex().packets(1000)
    out = []
    for at in range(0, 1000, 100):
        batch = PacketBatch(b"".join(packets[at : at + 100]), first_index=at)
        out += split(bytes(pipeline.process(batch)))
    assert inserter.insertions[0].stream_time_s == pytest.approx(0.5)
    assert find_sections(out, 0x1F0)[0].first_packet == inserter.insertions[0].packet_index


def test_a_callback_that_raises_ends_the_run_with_its_own_error() -> None:
    class OwnError(Exception):
        pass

    def fail(batch: PacketBatch) -> PacketBatch:
        raise OwnError("here")

    with pytest.raises(OwnError, match="here"):
        run(MUX.packets(10), fail)


@pytest.mark.parametrize("wrong", [b"bytes", 5, [PacketBatch()]])
def test_a_callback_that_gives_something_else_is_told(wrong: Any) -> None:
    with pytest.raises(UsageError, match="PacketBatch or None"):
        run(MUX.packets(10), lambda batch: wrong)


def test_callbacks_stand_anywhere_between_native_stages() -> None:
    seen: list[list[int]] = []

    def look(batch: PacketBatch) -> PacketBatch:
        seen.append(sorted(set(batch.pid.tolist())))
        return batch

    run(MUX.packets(300), look, KeepServices(1), look, DropNulls(), look)
    assert seen[0] == [0, 0x100, 0x101, 0x110, 0x111, 0x1000, 0x1010, 0x1FFF]
    assert seen[1] == [0, 0x100, 0x101, 0x1000, 0x1FFF]
    assert seen[2] == [0, 0x100, 0x101, 0x1000]


def test_sections_of_the_rewritten_pat_are_never_torn() -> None:
    """A PAT of many packets (2.4.4.3): it is written anew as it comes."""
    programs = {number: 0x1000 + number for number in range(1, 120)}
    packets = packetize(pat(programs), 0) + packetize(pat(programs), 0, 3)
    out = run(packets, KeepServices(7, 9))
    assert find_torn_sections(out, 0) == []
    assert [read_pat(one.data) for one in find_sections(out, 0)] == [{7: 0x1007, 9: 0x1009}] * 2
    assert len(out) == len(packets)
    assert count_packets(out).verdicts == []
