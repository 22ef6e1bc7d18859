"""Analysis on a Dask cluster: objects are cut into byte ranges, which the workers read.

Needs `tsloom[dask]`. The cluster is yours: a `distributed.Client` is made by you, whatever it is
connected to. Objects are opened by fsspec: paths, http, s3 and what else it has been given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tsloom.analysis.analyzer import Analyzer
from tsloom.analysis.evidence import Evidence, EvidenceMismatchError, Joiner
from tsloom.errors import MissingLibraryError, OpenError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tsloom.analysis.limits import Limits
    from tsloom.analysis.report import Report

PIECE_BYTES = 128 * 1024 * 1024
LEAST_PIECE_BYTES = 64 * 1024
BLOCK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class DistributedReport:
    """`reports` by URL, and `total`, that of all objects read one behind the other."""

    total: Report
    reports: Mapping[str, Report] = field(default_factory=dict, repr=False)


def analyze(
    urls: str | Sequence[str],
    *,
    client: Any = None,
    limits: Limits | None = None,
    piece_bytes: int = PIECE_BYTES,
    storage_options: Mapping[str, Any] | None = None,
) -> DistributedReport:
    """The reports of objects, read in pieces of `piece_bytes` by the workers of a cluster.

    `client` is a `distributed.Client`, by default the current one; `storage_options` are fsspec's.
    What is sent back of a piece is its evidence, 4 to 11 hundredths of it in ordinary streams. The
    reports are those of `tsloom.analyze`, to the byte. `OpenError` names an object that cannot be
    read, `UsageError` says that there is no cluster.
    """
    names = [urls] if isinstance(urls, str) else list(urls)
    if not names:
        raise UsageError("there is nothing to analyse")
    if piece_bytes < LEAST_PIECE_BYTES:
        raise UsageError(f"pieces are {LEAST_PIECE_BYTES} bytes or more", piece_bytes=piece_bytes)
    cluster = _current_client() if client is None else client
    options = dict(storage_options or {})
    sizes = cluster.gather([cluster.submit(_get_size, name, options, pure=False) for name in names])
    pieces = {
        name: [
            cluster.submit(_collect, name, begin, piece_bytes, options, pure=False)
            for begin in range(0, size, piece_bytes)
        ]
        for name, size in zip(names, sizes, strict=True)
    }
    reports = {}
    total = Joiner(Analyzer(limits=limits))
    for name in names:
        evidence = Evidence()
        for piece in pieces.pop(name, ()):
            evidence += piece.result()
        reports[name] = _report(cluster, evidence, name, limits, options)
        total = _add(total, evidence, names, limits, options)
    return DistributedReport(total.report(), reports)


def _current_client() -> Any:
    try:
        from distributed import get_client
    except ImportError:
        raise MissingLibraryError(
            "Dask is not installed", library="distributed", install="pip install 'tsloom[dask]'"
        ) from None
    try:
        return get_client()
    except ValueError:
        raise UsageError("there is no cluster: make a distributed.Client first") from None


def _open(url: str, options: dict[str, Any]) -> Any:
    try:
        import fsspec
    except ImportError:
        raise MissingLibraryError(
            "fsspec is not installed", library="fsspec", install="pip install 'tsloom[dask]'"
        ) from None
    try:
        return fsspec.open(url, "rb", **options).open()
    except (OSError, ValueError, ImportError) as error:
        raise OpenError(f"cannot read {url}: {error}") from None


def _get_size(url: str, options: dict[str, Any]) -> int:
    with _open(url, options) as opened:
        opened.seek(0, 2)
        size: int = opened.tell()
    return size


def _read(url: str, begin: int, size: int | None, options: dict[str, Any]) -> Iterator[bytes]:
    with _open(url, options) as opened:
        opened.seek(begin)
        left = size
        while block := opened.read(BLOCK_BYTES if left is None else min(BLOCK_BYTES, left)):
            yield block
            left = None if left is None else left - len(block)


def _collect(url: str, begin: int, size: int, options: dict[str, Any]) -> Evidence:
    return Evidence.collect(_read(url, begin, size, options))


def _report_whole(url: str, limits: Limits | None, options: dict[str, Any]) -> Report:
    joiner = Joiner(Analyzer(limits=limits))
    joiner.feed(_read(url, 0, None, options))
    return joiner.report()


def _report(
    cluster: Any, evidence: Evidence, url: str, limits: Limits | None, options: dict[str, Any]
) -> Report:
    try:
        return evidence.report(limits=limits)
    except EvidenceMismatchError:
        whole: Report = cluster.submit(_report_whole, url, limits, options, pure=False).result()
        return whole


def _add(
    total: Joiner,
    evidence: Evidence,
    urls: Sequence[str],
    limits: Limits | None,
    options: dict[str, Any],
) -> Joiner:
    """Where the pieces do not join, all up to here is read here, in one pass."""
    try:
        for piece in evidence.pieces:
            total.add(piece)
    except EvidenceMismatchError:
        total = Joiner(Analyzer(limits=limits))
        for url in urls:
            total.feed(_read(url, 0, None, options))
    return total
