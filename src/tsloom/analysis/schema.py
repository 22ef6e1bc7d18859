"""The published JSON schema of reports."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def report_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `Report.to_dict()` and `tsloom analyze --json`, with units."""
    text = files("tsloom.analysis").joinpath("report.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
