"""tsloom's EIT as tshark, ffprobe and GStreamer read it, and as a receiver gets it over UDP."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import tsloom
from tests.builders import PCR_HZ, split
from tests.guide import Key, make_event, make_events, start_of
from tests.interop.test_live_breaks import on_air, wait_for
from tests.properties.eit_reading import read_eit
from tests.second_opinion import count_packets, find_sections, read_pcrs
from tsloom import dvb

pytestmark = pytest.mark.peer

# What the sample's SDT and PAT say.
HERE, THERE = Key(0xFF01, 1, 1), Key(0xFF01, 2, 7)
START = datetime(2026, 5, 1, 11, 59, 50, tzinfo=UTC)
EIT_PID = 0x12


def make_database(now: datetime) -> dvb.EventDatabase:
    database = dvb.EventDatabase()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for key in (HERE, THERE):
        for event in make_events(midnight, 48 * 8, text="A text about it. " * 20):
            database.add(key, event)
    return database


@pytest.fixture(scope="module")
def with_eit(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with an EIT of two services."""
    path = tmp_path_factory.mktemp("eit") / "with_eit.ts"
    inserter = tsloom.EitInserter(make_database(START), utc_start=START, room="add")
    tsloom.Pipeline(inserter).run(sample, path)
    assert inserter.failure_count == 0
    return path


def test_tshark_reads_the_events_and_finds_no_fault(
    with_eit: Path, program: Callable[[str], str]
) -> None:
    fields = ["mpeg_sect.tid", "dvb_eit.sid", "dvb_eit.evt.id", "mpeg_descr.short_evt.name"]
    columns = [argument for name in [*fields, "_ws.expert.message"] for argument in ("-e", name)]
    done = subprocess.run(
        [program("tshark"), "-r", str(with_eit), "-Y", "dvb_eit", "-T", "fields", *columns,
         "-E", "aggregator=|", "-o", "mpeg_sect.verify_crc:TRUE"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told = []
    for line in done.stdout.splitlines():
        table_id, service_id, ids, names, complaint = line.split("\t")
        assert complaint == ""
        numbers = [int(number, 0) for number in ids.split("|") if number]
        told.append((int(table_id, 0), int(service_id, 0), numbers, names))
    expected = [
        (one.table_id, one.service_id, [event.event_id for event in one.events])
        for found in find_sections(split(with_eit.read_bytes()), EIT_PID)
        for one in [read_eit(found.data)]
    ]
    assert [one[:3] for one in told] == expected
    assert {table_id for table_id, *_ in told} == {0x4E, 0x4F, 0x50, 0x51, 0x60, 0x61}
    for _, _, numbers, names in told:
        assert [name for name in names.split("|") if name] == [f"Event {n}" for n in numbers]


def test_ffprobe_reads_the_stream_without_complaint(
    with_eit: Path, sample: Path, program: Callable[[str], str]
) -> None:
    command = [
        program("ffprobe"),
        "-v",
        "warning",
        "-show_programs",
        "-show_packets",
        "-of",
        "json",
    ]
    with_it, without = (
        subprocess.run(
            [*command, str(path)], capture_output=True, text=True, check=True, timeout=60
        )
        for path in (with_eit, sample)
    )
    # The EIT is a data stream to it, the last one, and it says that it decodes no such thing.
    complaints = [line for line in with_it.stderr.splitlines() if "stream 2" not in line]
    assert complaints == without.stderr.splitlines()
    seen, before = (json.loads(one.stdout) for one in (with_it, without))
    assert [one["program_id"] for one in seen["programs"]] == [1]
    media = [one for one in seen["packets"] if one["stream_index"] < 2]
    assert len(media) == len(before["packets"])


def test_gstreamer_gets_every_section(with_eit: Path, program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("gst-launch-1.0"), "-m", "filesrc", f"location={with_eit}", "!", "tsparse", "!",
         "fakesink"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    messages = re.findall(r"\): eit, section=", done.stdout)
    sections = find_sections(split(with_eit.read_bytes()), EIT_PID)
    # It tells of a content when it is new, and of some once more.
    assert len(messages) >= len({one.data for one in sections}) > 100
    assert "WARN" not in done.stderr


def pcr_before(packets: list[bytes], index: int) -> int:
    (pcrs,) = (found for found in read_pcrs(packets).values() if found)
    return [pcr for at, pcr, _ in pcrs if at <= index][-1]


def test_an_edit_is_received_within_one_cycle_of_a_live_relay(
    sample: Path, program: Callable[[str], str]
) -> None:
    database = make_database(datetime.now(UTC))
    cycles = {"eit_schedule_actual_prime": "3s"}
    inserter = tsloom.EitInserter(database, profile="terrestrial", cycles=cycles)
    with on_air(program("ffmpeg"), sample, inserter) as got:
        wait_for(lambda: inserter.insertion_count > 30)
        event = database.events(HERE)[47]
        database.replace(HERE, make_event(event.event_id, start_of(event), name="Changed live"))
        edited_at = len(got.data) // 188
        wait_for(lambda: b"Changed live" in got.data)
        time.sleep(0.3)
    packets = split(bytes(got.data))
    (first, *_) = [one for one in find_sections(packets, EIT_PID) if b"Changed live" in one.data]
    # One cycle by the stream's own clock, and what is under way.
    assert pcr_before(packets, first.first_packet) - pcr_before(packets, edited_at) < 4 * PCR_HZ
    sections = [read_eit(one.data) for one in find_sections(packets, EIT_PID)]
    assert inserter.actual is not None
    changed = [one for one in sections if any(event.event_id == 48 for event in one.events)]
    assert len({one.version_number for one in changed}) == 2
    assert count_packets(packets).verdicts == []
    present = [one for one in sections if one.table_id in (0x4E, 0x4F) and one.section_number == 0]
    now = datetime.now(UTC)
    running = present[-1].events[0]
    assert running.start_time <= now < running.end_time + timedelta(minutes=1)
    assert running.running_status == 4
