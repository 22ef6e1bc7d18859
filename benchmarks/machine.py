"""What the numbers were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.native import compiler

PACKAGES = ("tsloom", "numpy", "cython", "av", "tstrans", "threefive")


def pin_to_one_core() -> int:
    """This process and its children stay on the last core there is."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def _cpu_model() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found.group(1) if found else platform.machine()


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _first_line(*command: str) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0] if lines else None


def facts(core: int) -> dict[str, Any]:
    """Processor, system, compiler, versions, and how busy it was when it began."""
    return {
        "cpu": _cpu_model(),
        "cpus": os.cpu_count(),
        "pinned_to_core": core,
        "load_average_before": os.getloadavg()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "compiler": _first_line(compiler(), "--version"),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "ffmpeg": _first_line("ffmpeg", "-version"),
        "tsduck": _first_line("tsp", "--version"),
    }
