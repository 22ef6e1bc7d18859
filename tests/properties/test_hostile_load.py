"""However hostile a stream is, an analyzer's memory stays in bounds."""

from __future__ import annotations

import subprocess
import sys

from tests.external_data import ROOT


def test_a_million_hostile_packets_take_less_than_100_mb() -> None:
    """In a process of its own, whose peak is measured; it checks its counts too."""
    command = [sys.executable, "-m", "tests.properties.hostile_load", "1"]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert 0 <= int(run.stdout) < 100_000
