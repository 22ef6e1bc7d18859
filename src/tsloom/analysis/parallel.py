"""The analysis of a file on several threads: pieces are read at the same time, joined in order."""

from __future__ import annotations

import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from tsloom.analysis.evidence import Joiner, PieceEvidence, collect_range
from tsloom.pipeline import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tsloom.analysis.analyzer import Analyzer
    from tsloom.analysis.report import Report
    from tsloom.io.file import FileSource

PIECE_BYTES = 16 * 1024 * 1024


def analyze_pieces(
    source: FileSource,
    workers: int,
    analyzer: Analyzer,
    *,
    should_stop: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """What a new analyzer reports. `EvidenceMismatchError`: the file wants one pass."""
    joiner = Joiner(analyzer)
    started = time.monotonic()
    done = 0
    stopped = False
    with ThreadPoolExecutor(workers) as pool:
        for piece in _collect_in_order(pool, source, workers):
            joiner.add(piece)
            done += piece.size_bytes
            if should_stop is not None and should_stop():
                pool.shutdown(cancel_futures=True)
                stopped = True
                break
            if progress is not None:
                packets = joiner.analyzer.packets
                progress(Progress(done, source.size_bytes, packets, time.monotonic() - started))
    return joiner.report(stopped=stopped)


def _collect_in_order(
    pool: ThreadPoolExecutor, source: FileSource, workers: int
) -> Iterator[PieceEvidence]:
    """A piece more than there are workers waits at most: memory does not grow with the file."""
    size = source.size_bytes or 0
    begins = iter(range(0, size, PIECE_BYTES))
    waiting: deque[Future[PieceEvidence]] = deque()
    while True:
        while len(waiting) <= workers and (begin := next(begins, None)) is not None:
            waiting.append(pool.submit(_collect, source.url.path, begin))
        if not waiting:
            return
        yield waiting.popleft().result()


def _collect(path: str, begin: int) -> PieceEvidence:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.lseek(descriptor, begin, os.SEEK_SET)
        return collect_range(descriptor, PIECE_BYTES)
    finally:
        os.close(descriptor)
