"""The sections by others: what each file holds, as test parameters."""

from __future__ import annotations

import base64
import functools
import json
from typing import Any

import pytest

from tests.external_data import DATA_DIR, HAVE_DATA, NO_DATA

SCHEMA = DATA_DIR / "scte35" / "scte_35_20230713.xsd"


@functools.cache
def load(name: str) -> list[dict[str, Any]]:
    if not HAVE_DATA:
        return []
    lines = (DATA_DIR / "scte35" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def params(rows: list[dict[str, Any]]) -> list[Any]:
    if not HAVE_DATA:
        return [pytest.param(None, id="no-data", marks=pytest.mark.skip(reason=NO_DATA))]
    return [pytest.param(row, id=row["id"]) for row in rows]


def binary_rows() -> list[dict[str, Any]]:
    return [row for row in load("sections.jsonl") if row["encoding"] != "xml"]


def good_rows() -> list[dict[str, Any]]:
    return [row for row in binary_rows() if row["crc_ok"]]


def raw_bytes(row: dict[str, Any]) -> bytes:
    data = row["data"]
    return bytes.fromhex(data) if row["encoding"] == "hex" else base64.b64decode(data)


def whole_section(row: dict[str, Any]) -> bytes:
    """The bytes that section_length counts, without what the source has after them."""
    raw = raw_bytes(row)
    return raw[: 3 + (int.from_bytes(raw[1:3], "big") & 0xFFF)]
