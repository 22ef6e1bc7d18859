"""C beside the rows: compiled with the core's own flags into a library for ctypes."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.data import ROOT, bench_dir

CORE = ROOT / "native"


def compiler() -> str:
    """The C compiler's path."""
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        path = shutil.which(name) if name else None
        if path:
            return path
    raise SystemExit("a C compiler is needed: apt install gcc")


def load(source: Path, *, with_core: bool) -> ctypes.CDLL:
    """The library of one source, with the core behind it where asked."""
    sources = [source, *(sorted((CORE / "src").glob("*.c")) if with_core else [])]
    headers = [*(CORE / "include").rglob("*.h"), *(CORE / "src").glob("*.h")]
    library = bench_dir() / f"{source.stem}.so"
    newest = max(path.stat().st_mtime for path in [*sources, *headers])
    if not library.is_file() or library.stat().st_mtime < newest:
        flags = ["-O3", "-DNDEBUG", "-std=gnu11", "-D_GNU_SOURCE", "-fPIC", "-shared"]
        flags += ["-fvisibility=default", "-I", str(CORE / "include")]
        command = [compiler(), *flags, *map(str, sources), "-o", str(library), "-lpthread"]
        subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))
