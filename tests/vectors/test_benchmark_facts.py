"""The count that benchmarks are checked with agrees with what others counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.streams import count_facts

# Whole packets from the first byte on, no transport errors, some with continuity errors.
STREAMS = ["pcr_gap.ts", "cc_simple.ts", "mumudvb_dump17.ts", "mpts2_multi_pcr.ts", "sdt_ca1.ts"]


@pytest.mark.data
@pytest.mark.parametrize("name", STREAMS)
def test_the_numpy_count_agrees_with_the_manifest(
    name: str, streams: Path, manifest: dict[str, Any]
) -> None:
    facts = count_facts(np.fromfile(streams / name, dtype=np.uint8))
    expected = manifest[name]["facts"]
    assert facts.packets == expected["packets"]
    assert facts.continuity_errors == expected["cc_errors"]
    assert facts.pcrs == sum(pcr["count"] for pcr in expected["pcr"].values())
