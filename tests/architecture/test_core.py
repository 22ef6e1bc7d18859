"""The native core knows neither Python nor, outside native/io, the system."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.external_data import ROOT

NATIVE = ROOT / "native"
HEADERS = sorted((NATIVE / "include").rglob("*.h"))
# native/io/udp_open.c and its like have their declarations in include/tsloom/udp.h, udp_paced.h.
IO_SUBJECTS = {path.stem.split("_")[0] for path in (NATIVE / "io").glob("*.c")}
IO_HEADERS = {path.name for path in HEADERS if path.stem.split("_")[0] in IO_SUBJECTS}
CORE = sorted(
    [
        *(path for path in HEADERS if path.name not in IO_HEADERS),
        *(NATIVE / "src").glob("*.[ch]"),
    ]
)
SYSTEM_INCLUDE = re.compile(r"^\s*#\s*include\s*<([^>]+)>", re.MULTILINE)

# What C11 gives without a system below it, and the CPU's own instructions and features.
PURE = {
    *("assert.h", "inttypes.h", "limits.h", "math.h", "stdalign.h", "stdatomic.h", "stdbool.h"),
    *("stddef.h", "stdint.h", "stdlib.h", "string.h"),
    *("arm_acle.h", "arm_neon.h", "cpuid.h", "immintrin.h", "smmintrin.h", "sys/auxv.h"),
    *("tmmintrin.h", "wmmintrin.h", "emmintrin.h", "asm/hwcap.h"),
}
# malloc and free are the core's only way to the system; these would be others.
CALLS = re.compile(r"\b(?:getenv|system|exit|abort|printf|fopen|time|clock_gettime|usleep)\s*\(")


def includes(path: Path) -> set[str]:
    """The headers in angle brackets that a C file includes."""
    return set(SYSTEM_INCLUDE.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(NATIVE)))
def test_the_core_includes_no_system_header(path: Path) -> None:
    assert includes(path) <= PURE


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(NATIVE)))
def test_the_core_calls_no_system_function(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert CALLS.findall(code) == []


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(NATIVE)))
def test_the_core_does_not_know_native_io(path: Path) -> None:
    own = re.findall(r'#\s*include\s*"(?:tsloom/)?([^"]+)"', path.read_text(encoding="utf-8"))
    assert not set(own) & IO_HEADERS


def test_no_c_file_includes_python() -> None:
    files = [path for path in NATIVE.rglob("*.[ch]") if "Python.h" in includes(path)]
    assert files == []


@pytest.mark.parametrize("path", HEADERS, ids=lambda path: path.name)
def test_a_header_stands_alone(path: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler is on the PATH")
    command = [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    flags = ["-D_GNU_SOURCE", "-I", str(NATIVE / "include"), "-x", "c", "-"]
    text = f"#include <{path.relative_to(NATIVE / 'include')}>\n"
    done = subprocess.run([*command, *flags], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
