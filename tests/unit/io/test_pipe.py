from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tsloom.errors import ClosedByPeerError
from tsloom.io import open_sink, open_source

PACKET = bytes((0x47, 0x1F, 0xFF, 0x10)) + bytes(184)

COPY = """
import sys
from tsloom.io import open_sink, open_source
with open_source("-") as source, open_sink(sys.argv[1]) as sink:
    buffer = bytearray(188 * 1000)
    kept = b""
    print(source.size_bytes, file=sys.stderr)
    while (size := source.readinto(buffer)) != 0:
        if size is not None:
            kept += bytes(buffer[:size])
            whole = len(kept) // 188 * 188
            sink.write(kept[:whole])
            kept = kept[whole:]
"""


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    return path


def test_a_named_pipe_carries_from_sink_to_source(fifo: Path) -> None:
    content = b"".join(bytes((0x47, 0, n, 0x10)) + bytes(184) for n in range(256)) * 50

    def write() -> None:
        with open_sink(fifo) as sink:
            sink.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    received = bytearray()
    buffer = bytearray(10_000)
    with open_source(fifo) as source:
        assert source.size_bytes is None
        while (size := source.readinto(buffer)) != 0:
            received += buffer[: size or 0]
        assert source.stats.bytes_read == len(content)
    writer.join()
    assert received == content


def test_a_pipe_with_nothing_in_it_answers_none(fifo: Path) -> None:
    keeper = os.open(fifo, os.O_RDWR)
    try:
        with open_source(fifo, timeout=0.001) as source:
            assert source.readinto(bytearray(188)) is None
            os.write(keeper, b"abc")
            assert source.readinto(bytearray(188)) == 3
    finally:
        os.close(keeper)


def test_a_reader_that_has_gone_ends_the_writing(fifo: Path) -> None:
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with open_sink(fifo) as sink:
        sink.write(PACKET)
        os.close(reader)
        with pytest.raises(ClosedByPeerError) as caught:
            sink.write(PACKET)
        assert caught.value.errno == errno.EPIPE
        assert sink.stats.bytes_written == 188


def test_a_standard_output_made_non_blocking_by_others_loses_nothing(tmp_path: Path) -> None:
    content = PACKET * 20_000
    path = tmp_path / "in.ts"
    path.write_bytes(content)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with path.open("rb") as file, open(reader, "rb") as output:
        child = subprocess.Popen(
            [sys.executable, "-c", COPY, "-"], stdin=file, stdout=writer, stderr=subprocess.DEVNULL
        )
        os.close(writer)
        assert output.read() == content
        assert child.wait() == 0


def test_standard_input_and_output_are_pipes() -> None:
    content = PACKET * 3000
    done = subprocess.run(
        [sys.executable, "-c", COPY, "pipe:"], input=content, capture_output=True, check=True
    )
    assert done.stdout == content
    assert done.stderr == b"None\n"


def test_a_file_at_standard_input_has_a_size(tmp_path: Path) -> None:
    path = tmp_path / "in.ts"
    path.write_bytes(PACKET * 5)
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", COPY, "-"], stdin=file, capture_output=True, check=True
        )
    assert done.stdout == PACKET * 5
    assert done.stderr == b"940\n"


def test_a_closed_standard_output_is_told(tmp_path: Path) -> None:
    code = "from tsloom.io import open_sink\ntry:\n open_sink('-')\nexcept OSError as e:\n"
    code += f" open({str(tmp_path / 'said')!r}, 'w').write(str(e))"
    subprocess.run(["sh", "-c", 'exec "$0" -c "$1" >&-', sys.executable, code], check=True)
    assert "cannot write -: it is closed" in (tmp_path / "said").read_text()


def test_a_terminal_gets_no_packets(tmp_path: Path) -> None:
    controller, terminal = os.openpty()
    code = "from tsloom.io import open_sink\ntry:\n open_sink('-')\nexcept ValueError as e:\n"
    code += f" open({str(tmp_path / 'said')!r}, 'w').write(str(e))"
    subprocess.run([sys.executable, "-c", code], stdout=terminal, check=True)
    os.close(terminal)
    os.close(controller)
    assert "not for a terminal" in (tmp_path / "said").read_text()
