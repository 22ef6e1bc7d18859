"""The live benchmarks run, and what they count is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
needs_tools = pytest.mark.skipif(
    not (shutil.which("cc") and shutil.which("ffmpeg")), reason="makes its stream with ffmpeg"
)


def run(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_tools
def test_channels_side_by_side_lose_nothing() -> None:
    said = run("benchmarks.live.many_channels", "--channels", "10", "--seconds", "1")
    assert "lost 0 packets" in said


@needs_tools
def test_a_relay_has_its_cost_beside_the_bare_one() -> None:
    words = ["--rates", "20", "--seconds", "1", "--repetitions", "1", "--only", "tsloom full"]
    lines = run("benchmarks.live.relay_cost", *words).splitlines()
    rows = {line[:12]: line.split() for line in lines}
    assert rows["bare C relay"][-1] == rows["tsloom full "][-1] == "0"
