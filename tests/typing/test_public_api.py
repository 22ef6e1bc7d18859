"""The public API's types, by mypy's word."""

from __future__ import annotations

import ast
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


def docstring_of(value: object) -> str | None:
    """The docstring; of a native class the one that its stub holds, which the reference shows."""
    module = sys.modules.get(getattr(value, "__module__", ""))
    if module is None or not module.__name__.startswith("tsloom._native"):
        return value.__doc__
    folder = Path(tsloom.__file__).parent / "_native"
    stub = folder / f"{module.__name__.rpartition('.')[2]}.pyi"
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == getattr(value, "__name__", ""):
            return ast.get_docstring(node)
    return None


def test_every_public_name_is_there_and_documented() -> None:
    names = [name for name in tsloom.__all__ if not name.startswith("__")]
    assert [name for name in names if not docstring_of(getattr(tsloom, name))] == []


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert (Path(tsloom.__file__).parent / "py.typed").is_file()
