"""Files stay under 400 lines and functions under 40."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture.sizes import c_functions, cython_functions, function_sizes, python_functions
from tests.external_data import ROOT

MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 40
# A test may list its cases.
MOST_LINES_IN_A_TEST = 80
FOLDERS = ("src", "native", "tests", "benchmarks", "docs", ".ci")
SUFFIXES = (".py", ".pyx", ".pxd", ".pyi", ".c", ".h")


def sources() -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SUFFIXES and path.is_file()
    )


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_under_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MOST_LINES_IN_A_FILE


@pytest.mark.parametrize(
    "path",
    [path for path in sources() if path.suffix in (".py", ".pyx", ".c", ".h")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_functions_are_under_40_lines(path: Path) -> None:
    is_test = path.is_relative_to(ROOT / "tests")
    most = MOST_LINES_IN_A_TEST if is_test else MOST_LINES_IN_A_FUNCTION
    assert [item for item in function_sizes(path) if item[1] >= most] == []


def test_a_python_function_is_measured_without_its_docstring() -> None:
    source = 'def f(\n    a,\n):\n    """One\n    two."""\n    return a\n'
    assert list(python_functions(source)) == [("f", 4)]


def test_a_cython_function_is_measured() -> None:
    source = (
        "cdef class A:\n    cdef int f(self):\n        return 1\n\n    def g(self):\n        pass\n"
    )
    assert list(cython_functions(source)) == [("f", 2), ("g", 2)]


def test_a_c_function_is_measured() -> None:
    source = "static int f(int a,\n             int b) {\n    return a;\n}\nint g(void) {\n}\n"
    assert list(c_functions(source)) == [("f", 4), ("g", 2)]


def test_the_repository_holds_no_large_or_foreign_file() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the list of files is unknown")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    large = {path.name for path in paths if path.is_file() and path.stat().st_size > 300_000}
    assert large <= {"sample.ts"}
