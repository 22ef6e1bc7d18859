"""Inputs that are no stream and outputs that cannot be: one line and the exit code, no more."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import Multiplex
from tests.unit.cli.running import Done, run, run_shell, write_packets
from tsloom.sample import sample_path

SAMPLE = sample_path()
READERS = ("analyze", "tables", "cues", "filter", "relay")


def code_of_refused_opening(name: str) -> int:
    return 3 if name == "relay" else 1


def read_with(capfd: pytest.CaptureFixture[str], name: str, source: object) -> Done:
    if name == "filter":
        return run(capfd, "filter", source, "null:")
    if name == "relay":
        done = run(capfd, "relay", "--input", source, "--output", "null:")
        first, *rest = done.err.splitlines(keepends=True)
        return Done(done.code, done.out, "".join(rest) if "relaying" in first else done.err)
    return run(capfd, name, source)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("content", [b"", b"G", b"\x00" * 5000, bytes(range(256)) * 40])
def test_what_holds_no_packet_is_said_in_one_line(
    content: bytes, name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(content)
    done = read_with(capfd, name, path)
    done.assert_refused(1, "no transport packets", f"bytes_read={len(content)}")


@pytest.mark.parametrize("name", READERS)
def test_what_is_not_there_or_no_file_is_said_in_one_line(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = code_of_refused_opening(name)
    read_with(capfd, name, tmp_path).assert_refused(code, "it is a directory", str(tmp_path))
    missing = tmp_path / "missing.ts"
    read_with(capfd, name, missing).assert_refused(code, "no such file", str(missing))
    read_with(capfd, name, missing / "in.ts").assert_refused(code, "no such file")
    read_with(capfd, name, SAMPLE / "in.ts").assert_refused(code, "not a directory")
    read_with(capfd, name, "a" * 5000).assert_refused(code, "name too long")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_may_not_be_read_is_said_in_one_line(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(SAMPLE.read_bytes())
    path.chmod(0)
    read_with(capfd, name, path).assert_refused(code_of_refused_opening(name), "permission denied")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=3000), name=st.sampled_from(READERS))
def test_random_bytes_end_with_a_code_that_is_documented(
    content: bytes, name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(content)
    done = read_with(capfd, name, path)
    assert done.code in (0, 1)
    if done.code:
        done.assert_refused(1, "no transport packets")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    contents=st.lists(st.binary(min_size=187, max_size=187), min_size=6, max_size=30),
    name=st.sampled_from(READERS),
)
def test_random_packets_are_all_read(
    contents: list[bytes], name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_packets(tmp_path / "in.ts", [b"\x47" + content for content in contents])
    assert read_with(capfd, name, path).code == 0
    assert run(capfd, "analyze", path, "--json").document["packets"] == len(contents)
    assert run(capfd, "filter", path, tmp_path / "out.ts").code == 0
    assert (tmp_path / "out.ts").read_bytes() == path.read_bytes()


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 400), size=st.integers(0, 188 * 40))
def test_a_stream_cut_anywhere_gives_the_packets_that_are_whole(
    start: int, size: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    packets = Multiplex(null_every=0).packets(50)
    stream = b"".join(packets)
    path = tmp_path / "in.ts"
    path.write_bytes(stream[start : start + size])
    whole = packets[-(-start // 188) : (start + size) // 188]
    done = run(capfd, "filter", path, tmp_path / "out.ts")
    # Fewer than five in a row behind a broken one are not known from chance.
    if len(whole) >= 6:
        assert done.code == 0
        assert (tmp_path / "out.ts").read_bytes() == b"".join(whole)
    elif not whole:
        done.assert_refused(1, "no transport packets")
    else:
        assert done.code in (0, 1)


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("name", READERS)
def test_a_port_in_use_is_said_in_one_line(
    name: str, used_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    done = read_with(capfd, name, f"udp://127.0.0.1:{used_port}")
    done.assert_refused(code_of_refused_opening(name), f"port {used_port} is in use")


def write_with(capfd: pytest.CaptureFixture[str], name: str, sink: object) -> Done:
    if name == "filter":
        return run(capfd, "filter", SAMPLE, sink)
    done = run(capfd, "relay", "--input", SAMPLE, "--output", sink)
    kept = [line for line in done.err.splitlines(keepends=True) if "relaying" not in line]
    return Done(done.code, done.out, "".join(kept))


@pytest.mark.parametrize("name", ["filter", "relay"])
def test_an_output_that_cannot_be_is_said_in_one_line(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = code_of_refused_opening(name)
    write_with(capfd, name, tmp_path).assert_refused(code, "it is a directory")
    write_with(capfd, name, tmp_path / "no" / "out.ts").assert_refused(code, "does not exist")
    write_with(capfd, name, "/dev/full").assert_refused(1, "no space is left")
    write_with(capfd, name, "b" * 5000).assert_refused(code, "name too long")
    write_with(capfd, name, "udp://127.0.0.1:0").assert_refused(2, "address and a port")


@pytest.mark.parametrize("other", ["./in.ts", "symbolic.ts", "hard.ts", "file:in.ts"])
def test_a_file_is_not_written_over_itself(
    other: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.ts").write_bytes(SAMPLE.read_bytes())
    Path("symbolic.ts").symlink_to("in.ts")
    Path("hard.ts").hardlink_to("in.ts")
    run(capfd, "filter", "in.ts", other).assert_refused(2, "the same file")
    run(capfd, "filter", other, "in.ts").assert_refused(2, "the same file")
    relayed = run(capfd, "relay", "--input", other, "--output", "in.ts")
    relayed.assert_refused(2, "the same file")
    assert Path("in.ts").read_bytes() == SAMPLE.read_bytes()


@pytest.mark.parametrize(
    "script",
    [
        "tsloom filter - in.ts < in.ts",
        "tsloom filter in.ts - >> in.ts",
        "tsloom filter - - <>in.ts >&0",
    ],
)
def test_nor_by_way_of_the_shell(script: str, tmp_path: Path) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(SAMPLE.read_bytes())
    run_shell(script, cwd=tmp_path).assert_refused(2, "the same file")
    assert path.read_bytes() == SAMPLE.read_bytes()
