"""The public API's types, by mypy's word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tsloom
from tests.external_data import ROOT

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["uses.py", "misuses.py"])
def test_mypy_agrees_with(name: str, tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed: make check installs it")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent"]
    done = subprocess.run(
        [*command, "--cache-dir", str(ROOT / ".mypy_cache"), str(HERE / name)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_name_is_there_and_documented() -> None:
    undocumented = [
        name
        for name in tsloom.__all__
        if not name.startswith("__") and not (getattr(tsloom, name).__doc__ or "").strip()
    ]
    assert undocumented == []


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert (Path(tsloom.__file__).parent / "py.typed").is_file()
