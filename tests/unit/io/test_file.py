from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsloom.errors import OpenError, SystemRefusedError, UsageError
from tsloom.io import Sink, Source, open_sink, open_source

PACKET = bytes((0x47, 0x1F, 0xFF, 0x10)) + bytes(184)


def read_all(source: Source, room: int) -> bytes:
    buffer = bytearray(room)
    parts = []
    while (size := source.readinto(buffer)) != 0:
        if size is not None:
            parts.append(bytes(buffer[:size]))
    return b"".join(parts)


@given(content=st.binary(max_size=2000), room=st.integers(1, 700))
def test_a_file_is_read_whole_whatever_the_buffer(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, room: int
) -> None:
    path = tmp_path_factory.mktemp("file") / "in.ts"
    path.write_bytes(content)
    with open_source(path) as source:
        assert source.size_bytes == len(content)
        assert not source.is_live
        assert read_all(source, room) == content
        assert source.stats.bytes_read == len(content)
        assert source.readinto(bytearray(room)) == 0


def test_what_is_written_is_in_the_file_and_nothing_of_before(tmp_path: Path) -> None:
    path = tmp_path / "out.ts"
    path.write_bytes(b"x" * 1000)
    with open_sink(f"file:{path}") as sink:
        sink.write(PACKET)
        sink.write(memoryview(bytearray(PACKET * 2)))
        sink.flush()
        assert path.read_bytes() == PACKET * 3
        assert sink.stats.bytes_written == 564
    sink.close()


def test_read_needs_a_writable_buffer(tmp_path: Path) -> None:
    (tmp_path / "in.ts").write_bytes(PACKET)
    with open_source(tmp_path / "in.ts") as source, pytest.raises(BufferError):
        source.readinto(bytes(188))


@pytest.mark.parametrize(
    ("name", "reason", "number"),
    [
        ("missing.ts", "there is no such file", errno.ENOENT),
        (".", "it is a directory", errno.EISDIR),
        ("file.ts/x", "a part of the path is not a directory", errno.ENOTDIR),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, name: str, reason: str, number: int
) -> None:
    (tmp_path / "file.ts").write_bytes(PACKET)
    with pytest.raises(OpenError, match=f"cannot read {tmp_path}.*: {reason}") as caught:
        open_source(str(tmp_path / name))
    assert caught.value.errno == number
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason", "number"),
    [
        (".", "it is a directory", errno.EISDIR),
        ("missing/out.ts", "its directory does not exist", errno.ENOENT),
        ("file.ts/out.ts", "its directory does not exist", errno.ENOTDIR),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(
    tmp_path: Path, name: str, reason: str, number: int
) -> None:
    (tmp_path / "file.ts").write_bytes(PACKET)
    with pytest.raises(OpenError, match=f"cannot write {tmp_path}.*: {reason}") as caught:
        open_sink(str(tmp_path / name))
    assert caught.value.errno == number


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_missing_permission_is_told(tmp_path: Path) -> None:
    path = tmp_path / "locked.ts"
    path.touch(mode=0)
    with pytest.raises(OpenError, match="permission denied"):
        open_source(path)
    with pytest.raises(OpenError, match="permission denied"):
        open_sink(path)


def test_output_over_the_input_is_refused_and_leaves_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(PACKET)
    with open_source(path), pytest.raises(OpenError, match="it is being read or written"):
        open_sink(path)
    assert path.read_bytes() == PACKET
    with open_sink(path) as sink:
        sink.write(PACKET * 2)
    assert path.read_bytes() == PACKET * 2


def test_two_outputs_to_one_file_are_refused(tmp_path: Path) -> None:
    with open_sink(tmp_path / "out.ts"), pytest.raises(OpenError, match="read or written"):
        open_sink(tmp_path / "out.ts")


def test_a_file_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    with open_sink(tmp_path / "out.ts") as sink:
        sink.write(PACKET)
        with open_source(tmp_path / "out.ts") as source:
            assert read_all(source, 1000) == PACKET


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_device_is_told() -> None:
    with open_sink("/dev/full") as sink, pytest.raises(SystemRefusedError) as caught:
        sink.write(PACKET)
    assert caught.value.errno == errno.ENOSPC
    assert "cannot go on writing /dev/full: no space is left" in str(caught.value)


def test_a_write_that_stops_halfway_is_told_and_what_was_written_stays(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_sink(tmp_path / "out.ts") as sink:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
        try:
            with pytest.raises(SystemRefusedError, match="too large"):
                sink.write(PACKET * 2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert sink.stats.bytes_written == 300
    assert (tmp_path / "out.ts").read_bytes() == (PACKET * 2)[:300]


def test_the_null_sink_counts() -> None:
    sink: Sink
    with open_sink("null:") as sink:
        sink.write(PACKET * 3)
        sink.flush()
        assert sink.stats.bytes_written == 564
    with pytest.raises(UsageError, match="null: is an output"):
        open_source("null:")
