"""`tsloom analyze --interval` and `--follow`: lines as intervals end, and the report of all."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.unit.analysis.report_cases import faulty_packets
from tests.unit.cli.running import finish, run, start, stop, write_packets
from tsloom.sample import sample_path

SAMPLE = sample_path()


def test_intervals_are_lines_of_json_with_their_bounds(capfd: pytest.CaptureFixture[str]) -> None:
    done = run(capfd, "analyze", SAMPLE, "--interval", "5s", "--json")
    assert done.code == 0
    *intervals, total = [json.loads(line) for line in done.out.splitlines()]
    assert [one["interval"]["number"] for one in intervals] == [0, 1, 2, 3]
    assert sum(one["packets"] for one in intervals) == total["packets"]
    assert total == json.loads(run(capfd, "analyze", SAMPLE, "--json").out)


def test_people_get_a_line_for_each_and_the_report(capfd: pytest.CaptureFixture[str]) -> None:
    lines = run(capfd, "analyze", SAMPLE, "--interval", "5s").out.splitlines()
    assert [" Mb/s, continuity errors 0, TR 101 290 p1 0" in line for line in lines[:5]] == [
        *(True, True, True, True, False)
    ]
    assert "3.1.a NIT_actual_error 1" in lines[1]
    assert "packets                   7,478 of 188 bytes" in lines


def test_the_exit_code_is_that_of_the_whole(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faulty = write_packets(tmp_path / "faulty.ts", faulty_packets())
    assert run(capfd, "analyze", faulty, "--interval", "1s", "--fail-on", "p1").code == 1
    page = tmp_path / "report.html"
    assert run(capfd, "analyze", faulty, "--interval", "1s", "--html", page).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_does_not_go_with_intervals_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    for options, word in (
        (("--workers", "2"), "--workers"),
        (("--html", "-"), "stdout"),
    ):
        run(capfd, "analyze", SAMPLE, "--interval", "1s", *options).assert_refused(2, word)
    run(capfd, "analyze", SAMPLE, "--interval", "0s").assert_refused(2, "interval")


def test_a_growing_file_is_followed_until_ctrl_c(tmp_path: Path) -> None:
    data = SAMPLE.read_bytes()
    path = tmp_path / "growing.ts"
    path.write_bytes(data[: 188 * 2000])
    process = start("analyze", path, "--follow", "--interval", "0.5s", "--json")
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    assert first["interval"]["end_packet"] < 2000
    seen = first["packets"]
    with path.open("ab") as file:
        file.write(data[188 * 2000 :])
    # Behind the last PCR stream time stands still: what is left comes by the machine's clock.
    ways = set()
    while seen < len(data) // 188 - 2:
        line = json.loads(process.stdout.readline())
        seen += line["packets"]
        ways.add(line["interval"]["ended_by"])
    assert ways == {"stream_time", "wall_time"}
    done = stop(process, signal.SIGINT)
    assert (done.code, done.err) == (0, "")
    total = json.loads(done.out.splitlines()[-1])
    assert total["interval"] is None
    # The last packet waits for a sync byte behind it until there can be none.
    assert total["packets"] == len(data) // 188
    assert total["complete"] is False


def test_following_ends_after_its_duration() -> None:
    done = finish(start("analyze", SAMPLE, "--follow", "--duration", "1s", "--json"))
    assert done.code == 0
    assert done.document["packets"] >= 7470
