"""Objects on a Dask cluster of this process: their reports are those of one pass."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tsloom
from tests.builders import SERVICE_1, Multiplex
from tsloom.errors import NotATransportStreamError, OpenError, UsageError

distributed = pytest.importorskip("distributed")
MULTIPLEX = Multiplex(services=(SERVICE_1,), null_every=6)


@pytest.fixture(scope="module")
def client() -> Iterator[object]:
    with distributed.Client(
        processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as one:
        yield one


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    data = bytearray(MULTIPLEX.stream(3000))
    del data[188 * 700 : 188 * 703]
    data[188 * 1500] = 0
    path = tmp_path / "one.ts"
    path.write_bytes(data)
    return path


def analyze(urls: object, client: object) -> tsloom.distributed.DistributedReport:
    return tsloom.distributed.analyze(urls, client=client, piece_bytes=65536)  # type: ignore[arg-type]


def test_the_report_of_an_object_is_that_of_one_pass(client: object, recording: Path) -> None:
    found = analyze(str(recording), client)
    assert found.reports[str(recording)].to_json() == tsloom.analyze(recording).to_json()
    assert found.total.to_json() == tsloom.analyze(recording).to_json()


def test_the_total_is_that_of_all_objects_in_a_row(
    client: object, recording: Path, tmp_path: Path
) -> None:
    second, whole = tmp_path / "two.ts", tmp_path / "all.ts"
    second.write_bytes(MULTIPLEX.stream(2000)[77:])
    whole.write_bytes(recording.read_bytes() + second.read_bytes())
    found = analyze([str(recording), str(second)], client)
    assert found.total.to_json() == tsloom.analyze(whole).to_json()
    assert found.reports[str(second)].to_json() == tsloom.analyze(second).to_json()


def test_an_object_that_is_not_there_is_named(client: object, tmp_path: Path) -> None:
    with pytest.raises(OpenError, match=r"missing\.ts"):
        analyze(str(tmp_path / "missing.ts"), client)


def test_an_object_without_packets_is_said_to_be_none(client: object, tmp_path: Path) -> None:
    (tmp_path / "text.ts").write_bytes(b"no packets here " * 10_000)
    with pytest.raises(NotATransportStreamError):
        analyze(str(tmp_path / "text.ts"), client)


def test_without_a_cluster_the_error_says_what_to_do() -> None:
    script = "import tsloom; tsloom.distributed.analyze('any.ts')"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "UsageError: there is no cluster: make a distributed.Client first" in ended.stderr


def test_pieces_that_are_too_small_are_refused(client: object) -> None:
    with pytest.raises(UsageError):
        tsloom.distributed.analyze("any.ts", client=client, piece_bytes=1000)
