"""Arguments and surroundings that nobody means: one line, the right exit code, no traceback."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.cli.running import run, run_shell
from tsloom.sample import sample_path

SAMPLE = str(sample_path())
FILTER = ("filter", SAMPLE, "null:")
RELAY = ("relay", "--input", SAMPLE, "--output", "null:")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "COMMAND"),
        (("unheard-of",), "unheard-of"),
        (("analyze",), "INPUT"),
        (("analyze", SAMPLE, "--unheard-of"), "--unheard-of"),
        (("analyze", "--duration=-1s", SAMPLE), "duration"),
        (("analyze", "--duration=nan", SAMPLE), "duration"),
        (("analyze", "--duration=" + "9" * 400, SAMPLE), "duration"),
        (("analyze", ""), "empty"),
        (("analyze", "a\0b"), "NUL"),
        (("analyze", "null:"), "output"),
        (("analyze", "http://127.0.0.1/"), "http"),
        (("analyze", "udp://127.0.0.1"), "port"),
        (("analyze", "udp://127.0.0.1:65536"), "65536"),
        (("analyze", "udp://127.0.0.1:-1"), "-1"),
        (("analyze", "udp://127.0.0.1:1234?nonsense=1"), "nonsense"),
        (("analyze", "udp://[::1:1234"), "brackets"),
        (("analyze", "udp://127.0.0.1:1234?ttl=2"), "ttl"),
        (("filter", SAMPLE, "udp://127.0.0.1:1234?ttl=999"), "ttl"),
        (("filter", SAMPLE, "file:"), "path"),
        ((*FILTER, "--remap", "256=300", "--remap", "256=301"), "256"),
        ((*FILTER, "--remap", "256=300", "--remap", "257=300"), "300"),
        ((*FILTER, "--remap", "256"), "OLD=NEW"),
        ((*FILTER, "--remap", "0=300"), "PIDs below"),
        ((*FILTER, "--keep-pid", "8192"), "8192"),
        ((*FILTER, "--keep-pid=-1"), "-1"),
        ((*FILTER, "--drop-pid", "x" * 5000), "PID"),
        ((*FILTER, "--keep-service", "0"), "service_id"),
        ((*RELAY, "--splice", ""), "start="),
        ((*RELAY, "--splice", "\x1b[2J"), "\\x1b"),
        ((*RELAY, "--splice", "start=+1s,duration=-3s"), "duration"),
        ((*RELAY, "--splice", "start=+1s,pid=99999"), "pid"),
        ((*RELAY, "--splice", "a" * 100_000), "key=value"),
        ((*RELAY, "--room", "luck"), "luck"),
        (("scte35", "encode"), "cue"),
        (("scte35", "encode", "--splice-insert", "--event-id", "-1"), "splice_event_id"),
        (("scte35", "encode", "--time-signal", "--segmentation", "x=y"), "x=y"),
    ],
)
def test_wrong_use_is_one_line(
    arguments: tuple[str, ...], word: str, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run(capfd, *arguments)
    done.assert_refused(2, word)
    assert len(done.err) < 1200


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("", "no cue"),
        ("x", "base64"),
        ("#EXT-X-VERSION:3", "no cue"),
        ("{" + '"a":{' * 20_000, "JSON"),
        ("<a>" * 20_000, "nested"),
        ("{}", "splice_command_type"),
        (".", "it is a directory"),
        ("\udcff", "base64"),
    ],
)
def test_what_is_no_cue_is_one_line(
    given: str, word: str, capfd: pytest.CaptureFixture[str]
) -> None:
    run(capfd, "scte35", "decode", given).assert_refused(1, word)


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff" * 100, b"\n\n", b"<", b"{", b"\xef\xbb\xbf"]
)
def test_files_without_a_cue_end_with_1(
    content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cue"
    path.write_bytes(content)
    done = run(capfd, "scte35", "decode", path)
    assert done.code == 1
    assert done.out or done.err.count("\n") == 1


def test_missing_keys_are_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = run(capfd, "scte35", "decode", "/DAA", "--keys", tmp_path / "none.json")
    done.assert_refused(1, "no such file", "none.json")


def test_an_immediate_break_is_told_of(capfd: pytest.CaptureFixture[str]) -> None:
    done = run(capfd, *RELAY, "--splice", "start=now")
    assert done.code == 0
    assert "cue OUT of event 1" in done.err
    assert "immediate" in done.err


def test_names_that_are_no_text_are_shown_as_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in (b"\xff.ts", b"a\nb.ts", b"\x1b[31m.ts"):
        path = os.fsencode(tmp_path) + b"/" + name
        run(capfd, "analyze", os.fsdecode(path)).assert_refused(1, "no such file")
        Path(os.fsdecode(path)).write_bytes(sample_path().read_bytes())
        done = run(capfd, "filter", os.fsdecode(path), os.fsdecode(path) + ".out")
        assert (done.code, Path(os.fsdecode(path) + ".out").stat().st_size) == (0, 1405864)


PRINTS = [
    "version",
    "analyze $1",
    "analyze $1 --json",
    "tables $1",
    "filter $1 -",
    "filter $1 out.ts --json",
    "relay --input $1 --output -",
    "scte35 encode --splice-null",
    "scte35 encode --splice-null --binary",
    "--help",
]


@pytest.mark.parametrize("command", PRINTS)
def test_a_closed_stdout_is_one_line(command: str, tmp_path: Path) -> None:
    done = run_shell(f"tsloom {command} >&-", SAMPLE, cwd=tmp_path)
    code = 3 if command.startswith("relay") else 1
    done.assert_refused(code, "cannot write -", "it is closed")


@pytest.mark.parametrize("command", PRINTS)
def test_a_full_stdout_is_one_line(command: str, tmp_path: Path) -> None:
    done = run_shell(f"tsloom {command} >/dev/full", SAMPLE, cwd=tmp_path)
    *before, last = done.err.splitlines(keepends=True)
    assert [line for line in before if "relaying" not in line] == []
    replace(done, err=last).assert_refused(1, "-: no space is left")


@pytest.mark.parametrize("command", ["analyze -", "cues -", "filter - out.ts", "scte35 decode -"])
def test_a_closed_stdin_is_one_line(command: str, tmp_path: Path) -> None:
    done = run_shell(f"tsloom {command} <&-", cwd=tmp_path)
    done.assert_refused(1, "reading -: it is closed" if "scte35" in command else "read -")


def test_what_nobody_can_read_on_stderr_gets_nowhere_else(tmp_path: Path) -> None:
    """With stderr closed the output file would have its number."""
    for where in ("2>&-", "2>/dev/full"):
        done = run_shell(f"tsloom filter $1 out.ts {where}", SAMPLE, cwd=tmp_path)
        assert (done.code, done.out) == (0, "")
        assert (tmp_path / "out.ts").read_bytes() == sample_path().read_bytes()
