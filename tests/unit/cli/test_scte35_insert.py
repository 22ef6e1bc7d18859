"""`tsloom scte35 insert`: what is in its output, as bitstring and threefive read it."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import threefive

from tests.builders import SERVICE_1, SERVICE_2, Multiplex, split
from tests.second_opinion import count_packets, find_sections, read_pcrs, read_pmt
from tsloom.cli.main import main

# One packet a millisecond; time counts from the first PCR of each service.
MUX = Multiplex(services=(SERVICE_1, SERVICE_2))
SECONDS = 12
PACKETS = MUX.packets(SECONDS * 1000)
FIRST_PTS = {
    service.service_id: read_pcrs(PACKETS)[service.video_pid][0][1] // 300
    for service in MUX.services
}


def time_signal(pts_time_s: float) -> str:
    """By threefive."""
    cue = threefive.Cue()
    cue.command = threefive.TimeSignal()
    cue.command.time_specified_flag = True
    cue.command.pts_time = pts_time_s
    return str(cue.encode())


# A provider's cue from the air: an OUT with an avail_descriptor.
WILD = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo="

PAST = time_signal(FIRST_PTS[1] / 90_000 - 1)
NEXT_YEAR = "DTSTART:20270501T181500Z RRULE:FREQ=DAILY"


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    path = tmp_path / "in.ts"
    path.write_bytes(b"".join(PACKETS))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.ts"


def insert(stream: Path, out: Path, *arguments: str) -> list[bytes]:
    """The output's packets, all of whose continuity is right."""
    assert main(["scte35", "insert", str(stream), str(out), *arguments]) == 0
    packets = split(out.read_bytes())
    assert count_packets(packets).verdicts == []
    return packets


def sections(packets: list[bytes], pid: int) -> list[bytes]:
    found = find_sections(packets, pid)
    assert all(one.crc_ok for one in found)
    return [one.data for one in found]


def cues(packets: list[bytes], pid: int = 500) -> list[Any]:
    """As threefive reads them."""
    read = []
    for section in sections(packets, pid):
        cue = threefive.Cue(base64.b64encode(section).decode("ascii"))
        assert cue.decode()
        read.append(cue)
    return read


def said(cue: Any) -> tuple[int, bool, int]:
    """Event, direction and PTS of a splice_insert."""
    command = cue.command
    assert command.command_type == 5
    return (
        command.splice_event_id,
        command.out_of_network_indicator,
        round(command.pts_time * 90_000),
    )


def at(seconds: float, service_id: int = 1) -> int:
    return FIRST_PTS[service_id] + round(seconds * 90_000)


def test_breaks_of_several_services_go_to_their_own(stream: Path, out: Path) -> None:
    packets = insert(
        stream,
        out,
        *("--splice", "start=+6s,duration=3s,service=1,pid=500"),
        *("--splice", "start=+5s,duration=2s,service=2,pid=600"),
    )
    assert [said(cue) for cue in cues(packets, 500)] == [(1, True, at(6)), (1, False, at(9))]
    assert [said(cue) for cue in cues(packets, 600)] == [(2, True, at(5, 2)), (2, False, at(7, 2))]
    for service, cue_pid in ((SERVICE_1, 500), (SERVICE_2, 600)):
        pmt = read_pmt(sections(packets, service.pmt_pid)[-1])
        assert pmt.program_info == b"\x05\x04CUEI"
        assert [pid for kind, pid, _ in pmt.streams if kind == 0x86] == [cue_pid]


def test_a_service_may_have_several_cue_pids(stream: Path, out: Path) -> None:
    packets = insert(
        stream,
        out,
        *("--service", "2", "--splice", "start=+5s,duration=2s"),
        *("--splice", "start=+5s,duration=2s,command=time_signal,pid=501"),
    )
    assert [cue.command.command_type for cue in cues(packets, 500)] == [5, 5]
    assert [cue.command.command_type for cue in cues(packets, 501)] == [6, 6]
    pmts = [read_pmt(section) for section in sections(packets, SERVICE_2.pmt_pid)]
    assert len(set(pmts)) == 1
    assert pmts[0].version_number > 0
    assert pmts[0].program_info.count(b"CUEI") == 1
    assert pmts[0].streams[-2:] == ((0x86, 500, b"\x8a\x01\x01"), (0x86, 501, b"\x8a\x01\x01"))
    ids = {cue.command.splice_event_id for cue in cues(packets, 500)}
    descriptors = [one for cue in cues(packets, 501) for one in cue.descriptors]
    assert ids.isdisjoint({int(one.segmentation_event_id, 16) for one in descriptors})


def test_a_heartbeat_comes_at_its_interval(stream: Path, out: Path) -> None:
    packets = insert(stream, out, "--heartbeat", "500ms", "--pid", "0x1f5", "--room", "nulls")
    assert len(packets) == len(PACKETS)
    assert {cue.command.command_type for cue in cues(packets, 501)} == {0}
    places = [one.last_packet for one in find_sections(packets, 501)]
    assert len(places) == SECONDS * 2
    # A null packet comes within 30 ms: two tables, then each fifth packet.
    assert all(abs(later - earlier - 500) <= 30 for earlier, later in pairwise(places))


def test_a_cue_made_elsewhere_goes_in_byte_for_byte(
    stream: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forms = {}
    for form in ("--xml", "--json"):
        assert main(["scte35", "decode", WILD, form]) == 0
        forms[form] = tmp_path / form.strip("-")
        forms[form].write_text(capsys.readouterr().out)
    raw = base64.b64decode(WILD)
    packets = insert(
        stream,
        out,
        *("--cue", str(forms["--xml"]), "--at", "+2s"),
        *("--cue", str(forms["--json"]), "--at", "stream:4s"),
        *("--cue", raw.hex(), "--at", f"pts:{at(6)}"),
        *("--cue", WILD),
    )
    assert sections(packets, 500) == [raw] * 4
    places = [one.last_packet for one in find_sections(packets, 500)]
    first = read_pcrs(PACKETS)[SERVICE_1.video_pid][0][0]
    for place, wanted in zip(places, (0, 2000, 4000, 6000), strict=True):
        assert 0 <= place - first - wanted <= 40
    told = capsys.readouterr().err
    assert told.count("given cue in packet") == 4


def test_with_per_message_the_return_has_an_id_of_its_own(stream: Path, out: Path) -> None:
    packets = insert(
        stream,
        out,
        *("--event-id-policy", "per_message", "--first-event-id", "100023"),
        *("--splice", "start=+5s,duration=2s"),
    )
    assert [said(cue)[:2] for cue in cues(packets)] == [(100023, True), (100024, False)]


def test_a_time_signal_carries_segmentation_and_upid(stream: Path, out: Path) -> None:
    wanted = "start=+5s,duration=2s,command=time_signal,segmentation_type=0x30+0x34"
    packets = insert(stream, out, "--splice", wanted + ",upid=0x09:5349474E414C3A3132")
    leaving, returning = cues(packets)
    assert round(leaving.command.pts_time * 90_000) == at(5)
    assert round(returning.command.pts_time * 90_000) == at(7)
    assert [one.segmentation_type_id for one in leaving.descriptors] == [0x30, 0x34]
    assert [one.segmentation_type_id for one in returning.descriptors] == [0x31, 0x35]
    for one in (*leaving.descriptors, *returning.descriptors):
        assert one.segmentation_upid_type == 9
        assert one.segmentation_upid == "SIGNAL:12"
    assert {one.segmentation_duration for one in leaving.descriptors} == {2.0}


def test_both_says_a_break_twice(stream: Path, out: Path) -> None:
    packets = insert(stream, out, "--splice", "start=+5s,duration=2s,command=both,event_id=7")
    read = cues(packets)
    assert [cue.command.command_type for cue in read] == [5, 6, 5, 6]
    assert [said(read[index]) for index in (0, 2)] == [(7, True, at(5)), (7, False, at(7))]
    for index in (1, 3):
        (descriptor,) = read[index].descriptors
        assert int(descriptor.segmentation_event_id, 16) == 7


def test_a_wall_clock_start_is_counted_from_the_utc_of_the_first_pcr(
    stream: Path, out: Path
) -> None:
    packets = insert(
        stream,
        out,
        *("--utc-start", "2026-05-01T18:14:54Z"),
        *("--splice", "start=2026-05-01T20:15:00+02:00,duration=2s"),
    )
    assert [said(cue)[2] for cue in cues(packets)] == [at(6), at(8)]


def test_a_break_recurs_by_its_rule(
    stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rule has commas, so it stands in quotes; the occurrence behind the end is no failure."""
    rule = "DTSTART;TZID=Europe/Berlin:20260501T201500 RRULE:FREQ=MINUTELY;BYSECOND=2,6,59"
    packets = insert(
        stream,
        out,
        *("--utc-start", "2026-05-01T18:15:56+00:00", "--first-event-id", "10"),
        *("--splice", f'start="{rule}",duration=1s,preroll=3s'),
    )
    outs = [said(cue) for cue in cues(packets) if said(cue)[1]]
    assert [pts for _, _, pts in outs] == [at(3), at(6), at(10)]
    assert [event_id for event_id, _, _ in outs] == [11, 12, 13]
    assert "is not in" not in capsys.readouterr().err


def test_ids_kept_in_a_file_go_on_in_the_next_run(stream: Path, out: Path, tmp_path: Path) -> None:
    given = []
    ids = str(tmp_path / "ids")
    for _ in range(2):
        packets = insert(
            stream,
            out,
            *("--event-ids", ids, "--first-event-id", "100023"),
            *("--splice", "start=+5s,duration=2s", "--splice", "start=+9s,duration=1s,pid=501"),
        )
        given += [said(cue)[0] for pid in (500, 501) for cue in cues(packets, pid) if said(cue)[1]]
    assert given == [100023, 100024, 100025, 100026]
    again = ["--event-ids", ids, "--splice", "start=+5s,event_id=100023"]
    assert main(["scte35", "insert", str(stream), str(out), *again]) == 2


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_lines_tell_cues_breaks_and_the_result(
    stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(stream, out, "--json", "--splice", "start=+5s,duration=2s,event_id=7")
    *lines, result = lines_of(capsys)
    told = [(line["event"], line.get("state") or line["kind"]) for line in lines]
    assert told == [
        ("cue_inserted", "out"),
        ("break", "armed"),
        ("break", "out"),
        ("cue_inserted", "in"),
        ("break", "returned"),
    ]
    assert {line["break_id"] for line in lines} == {7}
    assert result["event"] == "result"
    assert (result["cues_inserted"], result["cues_failed"], result["missing"]) == (2, 0, [])
    assert result["packets_in"] == len(PACKETS)
    places = [one.last_packet for one in find_sections(split(out.read_bytes()), 500)]
    assert [line["packet_index"] for line in lines if line["event"] == "cue_inserted"] == places


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--splice", "start=+100s"], "break 1 is not in: the stream ended"),
        (["--splice", "start=+30s"], "break 1 is not in: the stream ended"),
        (["--splice", "start=+5s,service=9"], "service 9 is not in the stream"),
        (["--splice", "start=+1s,late=skip"], "break 1 is not in: it is late"),
        (["--splice", "start=+5s,duration=4s", "--splice", "start=+7s"], "overlaps another one"),
        (["--cue", WILD, "--at", "+100s"], "1 of the given cues not in: the stream ended"),
        (
            ["--splice", f"start={NEXT_YEAR}", "--utc-start", "2026-05-01T18:15:00Z"],
            "break 1 is not in: the stream ended",
        ),
    ],
)
def test_what_did_not_get_in_makes_the_exit_code_1(
    arguments: list[str], why: str, stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scte35", "insert", str(stream), str(out), *arguments]) == 1
    assert why in capsys.readouterr().err
    assert main(["scte35", "insert", str(stream), str(out), *arguments, "--json"]) == 1
    assert why in " ".join(lines_of(capsys)[-1]["missing"])


def test_a_stream_without_null_packets_says_why_nothing_went_in(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full = tmp_path / "full.ts"
    full.write_bytes(Multiplex(null_every=0).stream(9000))
    arguments = ["--room", "nulls", "--splice", "start=+5s,duration=2s", "--json"]
    assert main(["scte35", "insert", str(full), str(out), *arguments]) == 1
    failed = [line for line in lines_of(capsys) if line["event"] == "cue_failed"]
    assert {line["reason"] for line in failed} >= {"no null packet before the deadline"}


@pytest.mark.parametrize(
    ("arguments", "warning"),
    [
        (["--splice", "start=+5s,preroll=2s"], "a pre-roll of 2 s is below 4 s"),
        (["--splice", "start=+2s,preroll=5s"], "cue OUT of event 1 is late: 2.000 s ahead, not 5"),
        (["--cue", WILD], "given cue is 21505 s ahead of its splice point"),
        (["--cue", PAST, "--at", "+1s"], "given cue left 2.000 s behind its splice point"),
    ],
)
def test_what_asks_for_trouble_is_warned_of(
    arguments: list[str], warning: str, stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(stream, out, *arguments)
    assert f"tsloom: warning: {warning}" in capsys.readouterr().err


def test_an_immediate_cue_is_said_to_be_one(
    stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(stream, out, "--splice", "start=now,duration=9s")
    told = capsys.readouterr().err
    assert "cue OUT of event 1 in packet" in told
    assert ", immediate" in told


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--heartbeat", "0"],
        ["--cue", WILD, "--at", "soon"],
        ["--cue", WILD, "--at", NEXT_YEAR],
        ["--cue", "-"],
        ["--splice", "start=2026-05-01T20:15:00Z"],
        ["--splice", "start=+5s,snap=yes", "--look-ahead", "2s"],
        ["--splice", "start=+5s", "--pid", "256"],
        ["--splice", "start=+5s,event_id=7", "--splice", "start=+5s,event_id=7,pid=501"],
    ],
)
def test_wrong_use_is_told(
    arguments: list[str], stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scte35", "insert", str(stream), str(out), *arguments]) == 2
    assert capsys.readouterr().err.startswith("tsloom: error: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--at", "+5s", "--cue", WILD],
        ["--cue", WILD, "--at", "+5s", "--at", "+6s"],
        ["--first-event-id", "4294967296"],
        ["--utc-start", "2026-05-01T20:15:00"],
        ["--event-id-policy", "none"],
    ],
)
def test_arguments_that_say_nothing_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["scte35", "insert", "in.ts", "out.ts", *arguments])


def test_a_cue_that_is_damaged_is_refused(
    stream: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = WILD[:-4] + "AAA="
    assert main(["scte35", "insert", str(stream), str(out), "--cue", damaged]) == 1
    assert "CRC" in capsys.readouterr().err
    assert not out.exists()


def test_what_a_look_ahead_holds_at_the_end_is_counted_once(
    sample: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    insert(sample, out, "--splice", "start=+8s,duration=4s,snap=yes", "--json")
    result = lines_of(capsys)[-1]
    assert result["packets_out"] * 188 == out.stat().st_size


def test_relay_inserts_the_same(stream: Path, out: Path, tmp_path: Path) -> None:
    arguments = ["--splice", "start=+5s,duration=2s", "--heartbeat", "1s", "--first-event-id", "9"]
    arguments += ["--utc-start", "2026-05-01T18:15:00Z", "--event-id-policy", "per_message"]
    insert(stream, out, *arguments)
    relayed = tmp_path / "relayed.ts"
    places = ["--input", str(stream), "--output", str(relayed)]
    assert main(["relay", *places, *arguments, "--event-ids", str(tmp_path / "ids")]) == 0
    assert relayed.read_bytes() == out.read_bytes()
