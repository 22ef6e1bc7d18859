"""XML and JSON of every section by others, and the documents that others wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.scte35_sections import SCHEMA, binary_rows, load, params
from tsloom import scte35
from tsloom.errors import SectionSyntaxError

# Of the documents by others: what is wrong with those that are refused.
REFUSED = {
    "xml-006": "xml",  # text where a comment belongs
    "xml-012": "SpliceInfoSection",  # no namespace
    "xml-013": "xml",  # an attribute's name in two
    "xml-018": "Program",  # neither a time nor immediate (9.7.3)
    "xml-023": "xml",  # a missing quotation mark
    "xml-024": "xml",  # a comment of a shell
    "xml-032": "SpliceInfoSection",  # a namespace of its own
    "xml-035": "xml",  # a prefix without its namespace
}
# Where another's XML says less or otherwise than the section: private_bytes that are no element
# of the schema, utc_splice_time without leap seconds (9.7.2.1), component mode with no component.
OTHERS_SAY_LESS = {
    "scte35-js-004",
    "tsduck-test-009",
    "issue-003",
    "tsduck-test-017",
    "x9k3-002",
}
# PrivateDescriptor without descriptorTag, which the schema requires.
OTHERS_ARE_INVALID = {"gots-031", "gots-033", "scte35-decoder-001", "scte35-decoder-002"}


@pytest.fixture(scope="module")
def schema() -> Any:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


@pytest.mark.data
@pytest.mark.parametrize("row", params(binary_rows()))
def test_xml_is_valid_and_reads_back(row: dict[str, Any], schema: Any) -> None:
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    section = scte35.parse(row["data"])
    text = scte35.to_xml(section)
    schema.assertValid(etree.fromstring(text))
    again = scte35.from_xml(text)
    assert again == section
    if "Binary" in text[:30]:
        assert again.encode(strict=False) == section.encode(strict=False)


@pytest.mark.data
@pytest.mark.parametrize("row", params([row for row in binary_rows() if row.get("xml")]))
def test_xml_by_a_second_implementation_says_the_same(row: dict[str, Any]) -> None:
    if row["id"] in OTHERS_ARE_INVALID:
        with pytest.raises(SectionSyntaxError):
            scte35.from_xml(row["xml"])
        return
    section = scte35.parse(row["data"])
    other = scte35.from_xml(row["xml"])
    if row["id"] in OTHERS_SAY_LESS:
        assert other != section
        return
    theirs, ours = other.to_dict(), section.to_dict()
    for name in ("pts_adjustment", "tier", "cw_index", "sap_type", "splice_command_type"):
        assert theirs[name] == ours[name]
    assert other.splice_command == section.splice_command
    assert len(other.splice_descriptors) == len(section.splice_descriptors)


@pytest.mark.data
@pytest.mark.parametrize("row", params([row for row in load("sections.jsonl")
                                        if row["encoding"] == "xml"]))  # fmt: skip
def test_documents_of_others_are_read_or_refused_by_name(row: dict[str, Any]) -> None:
    if row["id"] in REFUSED:
        with pytest.raises(SectionSyntaxError) as caught:
            scte35.from_xml(row["data"])
        assert caught.value.facts["field"] == REFUSED[row["id"]]
        return
    section = scte35.from_xml(row["data"])
    again = scte35.parse(section.encode(strict=False))
    assert again == section


@pytest.mark.data
@pytest.mark.parametrize("row", params(binary_rows()))
def test_json_follows_its_schema_and_reads_back(row: dict[str, Any]) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    section = scte35.parse(row["data"])
    text = scte35.to_json(section)
    jsonschema.Draft202012Validator(scte35.json_schema()).validate(json.loads(text))
    again = scte35.from_json(text)
    if section.splice_command is None:
        assert again.encode(strict=False) == section.encode(strict=False)
    else:
        assert again == section
