"""Imports go down only: docs/explanation/architecture.md draws the layers, LAYERS is the rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.external_data import ROOT

PACKAGE = ROOT / "src" / "tsloom"

# Layer -> what it may import beside itself. tsloom/__init__.py, which names the public API, is "".
LAYERS: dict[str, frozenset[str]] = {
    "errors": frozenset(),
    "sample": frozenset(),
    "_native": frozenset({"errors"}),
    "clock": frozenset({"errors", "_native"}),
    "recurrence": frozenset({"errors"}),
    "packets": frozenset({"errors", "_native", "clock"}),
    "psi": frozenset({"errors", "_native", "clock", "packets"}),
    "pes": frozenset({"errors", "_native", "clock", "packets"}),
    "dvb": frozenset({"errors", "_native", "clock", "packets", "psi", "recurrence"}),
    "scte35": frozenset({"errors", "_native", "clock", "packets", "psi", "recurrence"}),
    "io": frozenset({"errors", "_native", "clock", "packets"}),
    "pipeline": frozenset(
        {"errors", "_native", "clock", "packets", "psi", "pes", "dvb", "scte35", "io", "recurrence"}
    ),
}
LAYERS["analysis"] = LAYERS["pipeline"] | {"pipeline"}
LAYERS["distributed"] = LAYERS["analysis"] | {"analysis"}
LAYERS["runner"] = LAYERS["analysis"] | {"analysis", "sample"}
LAYERS[""] = LAYERS["analysis"] | {"analysis", "distributed", "runner"}
LAYERS["cli"] = LAYERS["runner"] | {"runner", ""}
LAYERS["__main__"] = frozenset({"cli"})

CYTHON_IMPORT = re.compile(
    r"^\s*(?:from\s+(tsloom[\w.]*)\s+c?import\s+(.+)|c?import\s+(tsloom[\w.]*))", re.MULTILINE
)
SOURCES = sorted(
    path for pattern in ("*.py", "*.pyx", "*.pxd", "*.pyi") for path in PACKAGE.rglob(pattern)
)


def layer_of(module: str) -> str:
    """The layer of a dotted module name."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in LAYERS else ""


def python_imports(source: str) -> Iterator[str]:
    """Modules of ours that a Python source or stub imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def cython_imports(source: str) -> Iterator[str]:
    """Modules of ours that a Cython source imports or cimports."""
    for module, names, whole in CYTHON_IMPORT.findall(source):
        if whole:
            yield whole
        else:
            yield from (f"{module}.{name.strip()}" for name in names.strip("() ").split(","))


def imported_layers(path: Path) -> set[str]:
    """The layers that a file imports."""
    source = path.read_text(encoding="utf-8")
    read = python_imports if path.suffix in (".py", ".pyi") else cython_imports
    modules = [name for name in read(source) if re.match(r"tsloom(\.|$)", name)]
    return {layer_of(name) for name in modules}


def own_layer(path: Path) -> str:
    """The layer that a file belongs to."""
    return layer_of(".".join(("tsloom", *path.relative_to(PACKAGE).with_suffix("").parts)))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_layers_below_its_own(path: Path) -> None:
    layer = own_layer(path)
    assert imported_layers(path) - {layer} <= LAYERS[layer]


def test_every_folder_and_module_is_a_layer_of_the_table() -> None:
    found = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    }
    assert found - {"__init__"} <= set(LAYERS)


def test_the_table_has_no_way_round() -> None:
    above: dict[str, set[str]] = {layer: set(below) for layer, below in LAYERS.items()}
    order: list[str] = []
    while above:
        free = [layer for layer, below in above.items() if not below - set(order)]
        assert free, f"a cycle among {sorted(above)}"
        order += free
        for layer in free:
            del above[layer]


def test_dvb_and_scte35_do_not_know_each_other() -> None:
    assert "scte35" not in LAYERS["dvb"]
    assert "dvb" not in LAYERS["scte35"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import tsloom.io.udp", {"tsloom.io.udp"}),
        ("def f():\n    from tsloom.cli import main", {"tsloom.cli.main"}),
        ("from tsloom import errors", {"tsloom.errors"}),
    ],
)
def test_python_imports_are_found(source: str, expected: set[str]) -> None:
    assert set(python_imports(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cimport tsloom._native.c_batch", {"tsloom._native.c_batch"}),
        ("from tsloom cimport psi", {"tsloom.psi"}),
        ("from tsloom._native cimport a, b", {"tsloom._native.a", "tsloom._native.b"}),
        ("    from tsloom.io import udp", {"tsloom.io.udp"}),
    ],
)
def test_cython_imports_are_found(source: str, expected: set[str]) -> None:
    assert set(cython_imports(source)) == expected
