"""Streams and sections by others: where they lie, and what skips where they do not.

They lie in ../shared/data beside the project, or where TSLOOM_TEST_DATA points.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("TSLOOM_TEST_DATA") or ROOT.parent / "shared" / "data")
HAVE_DATA = (DATA_DIR / "streams" / "manifest.json").is_file()
NO_DATA = "the external test data is neither in ../shared/data nor where TSLOOM_TEST_DATA points"


@functools.cache
def load_manifest() -> dict[str, Any]:
    """The entries of streams/manifest.json by stream name; none where the data is absent."""
    if not HAVE_DATA:
        return {}
    document = json.loads((DATA_DIR / "streams" / "manifest.json").read_text(encoding="utf-8"))
    return {entry["name"]: entry for entry in document["streams"]}


def stream_params(tier: str = "core", suffix: str = ".ts") -> list[Any]:
    """Parameters for `pytest.mark.parametrize`: each stream's manifest entry, with its name as id.

    Without the data it is one parameter that skips and says why.
    """
    if not HAVE_DATA:
        return [pytest.param(None, id="no-data", marks=pytest.mark.skip(reason=NO_DATA))]
    return [
        pytest.param(entry, id=name)
        for name, entry in load_manifest().items()
        if tier in (entry["tier"], "all") and name.endswith(suffix)
    ]


def stream_path(entry: dict[str, Any]) -> Path:
    """The file of a manifest entry."""
    return DATA_DIR / "streams" / str(entry["file"])
