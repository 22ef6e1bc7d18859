"""The published schema: every report holds it, and it tells of every key."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given

import tsloom
from tests.external_data import stream_params, stream_path
from tests.properties.strategies import BRIEF, hard_cases
from tests.unit.analysis.report_cases import analyze, faulty_packets, hostile_report
from tsloom import Report
from tsloom.analysis import report_schema

SCHEMA = report_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def faults(report: Report) -> list[str]:
    plain = json.loads(report.to_json())
    found = [f"{one.json_path}: {one.message}" for one in VALIDATOR.iter_errors(plain)]
    return found + list(undescribed(plain, SCHEMA, "$"))


def undescribed(value: Any, schema: dict[str, Any], path: str) -> list[str]:
    """Keys of objects that the schema does not name; objects without properties are free."""
    choices = [choice for choice in schema.get("anyOf", []) if "$ref" in choice]
    if choices and value is not None:
        return min((list(undescribed(value, choice, path)) for choice in choices), key=len)
    if "$ref" in schema:
        return undescribed(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], path)
    if isinstance(value, list) and "items" in schema and schema["items"]:
        return [fault for one in value for fault in undescribed(one, schema["items"], path + "[]")]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{path}.{key} is not described" for key in value if key not in schema["properties"]]
    for key, one in value.items():
        found += undescribed(one, schema["properties"].get(key, {}), f"{path}.{key}")
    return found


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("entry", stream_params("all"))
def test_the_report_of_a_stream_holds_the_schema(entry: dict[str, Any]) -> None:
    try:
        report = tsloom.analyze(stream_path(entry))
    except tsloom.errors.NotATransportStreamError:
        assert not entry.get("packets"), "a stream of packets was not read"
        return
    assert faults(report) == []


@BRIEF
@given(packets=hard_cases())
def test_the_report_of_any_packets_holds_the_schema(packets: list[bytes]) -> None:
    assert faults(analyze(packets)) == []


def test_a_report_with_faults_holds_the_schema() -> None:
    report = hostile_report()
    assert sum(report.errors(priority) for priority in (1, 2, 3)) > 0
    assert faults(report) == []


def test_a_wrong_value_and_a_missing_key_do_not_hold() -> None:
    plain = json.loads(analyze(faulty_packets()).to_json())
    assert VALIDATOR.is_valid(plain)
    assert not VALIDATOR.is_valid(plain | {"packets": -1})
    assert not VALIDATOR.is_valid(plain | {"tr101290": [{"number": "1.1"}]})
    del plain["services"]
    assert not VALIDATOR.is_valid(plain)


def test_every_figure_is_described() -> None:
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    figures = [(name, one) for part in objects for name, one in part["properties"].items()]
    assert [name for name, one in figures if not one.get("description")] == []
    ends = {"_bps": "bits a second", "_s": "second", "_90khz": "90 kHz"}
    for name, one in figures:
        for end, unit in ends.items():
            if name.endswith(end):
                assert unit in one["description"], name
