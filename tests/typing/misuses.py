"""Not run: mypy --strict refuses each line that says so; one that it lets pass is an error."""

from __future__ import annotations

import tsloom


def misuse(batch: tsloom.PacketBatch) -> None:
    tsloom.analyze(12.5)  # type: ignore[arg-type]
    tsloom.KeepPids("0x100")  # type: ignore[arg-type]
    tsloom.RemapPids([0x100])  # type: ignore[arg-type]
    tsloom.Pipeline("drop-nulls")  # type: ignore[arg-type]
    tsloom.SpliceInserter(500)  # type: ignore[call-arg]
    tsloom.Break()  # type: ignore[call-arg]
    print(batch.pids)  # type: ignore[attr-defined]
    batch.first_index = "0"  # type: ignore[assignment]
    tsloom.open("in.ts", mode="rb")  # type: ignore[call-arg]
