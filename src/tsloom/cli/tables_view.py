"""Tables for people: one head line each, and what they say below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tsloom.analysis.section_log import TableSection, TableVersion
from tsloom.analysis.table_content import NAMES_OF_SERVICES

# Said in the head line, or of no interest to people.
UNSAID = frozenset(
    (
        "table_id",
        "version_number",
        "current_next_indicator",
        "section_number",
        "last_section_number",
        "descriptor",
        "descriptor_tag",
        "tag",
    )
)
RAW_BYTES_SHOWN = 32


def describe_table(table: TableVersion) -> list[str]:
    """Name, PID, where and in which version it became whole, and its content."""
    facts = table.to_dict()
    head = f"{table.name} PID {table.pid}: {table.change.value}"
    if table.collected.version_number is not None:
        head += f", version {table.collected.version_number}"
        if not table.collected.current_next_indicator:
            head += " (next)"
    count = len(table.collected.sections)
    head += f", {count} sections" if count > 1 else ""
    raw = table.collected.sections[0].bytes
    return [f"{head}, at packet {table.packet_index}", *describe_content(facts, raw)]


def describe_section(section: TableSection) -> list[str]:
    """A section of which no whole table is known."""
    facts = section.to_dict()
    head = f"{section.name} PID {section.pid}: "
    if facts.get("section_number") is not None:
        number, last = facts["section_number"], facts["last_section_number"]
        head += f"version {facts['version_number']}, section {number} of 0 to {last}, "
    head += f"at packet {section.packet_index}"
    if not section.crc_ok:
        return [f"{head}, CRC_32 is wrong"]
    return [head, *describe_content(facts, section.data)]


def describe_content(facts: Mapping[str, Any], raw: bytes) -> list[str]:
    if "defect" in facts:
        return [f"  defect: {facts['defect']}"]
    if "content" in facts:
        return list_lines(facts["content"], "  ")
    shown = raw[:RAW_BYTES_SHOWN].hex(" ")
    return [f"  {len(raw)} bytes: {shown}{' ...' if len(raw) > RAW_BYTES_SHOWN else ''}"]


def list_lines(value: Mapping[str, Any], indent: str) -> list[str]:
    """A dictionary's plain values in one line, lists and dictionaries below it."""
    plain = [
        f"{name} {quote(item)}"
        for name, item in value.items()
        if not isinstance(item, list | dict) and not is_unsaid(name, value)
    ]
    lines = []
    if "descriptor" in value:
        title = f"{value['descriptor']} 0x{value['descriptor_tag']:02X}"
        lines.append(f"{indent}{title}{': ' if plain else ''}{', '.join(plain)}")
    elif plain:
        lines.append(indent + ", ".join(plain))
    for name, item in value.items():
        if isinstance(item, dict):
            lines += [f"{indent}  {name}", *list_lines(item, indent + "    ")]
        elif isinstance(item, list) and item:
            lines += list_items(name, item, indent)
    return lines


def is_unsaid(name: str, among: Mapping[str, Any]) -> bool:
    return name in UNSAID or (name in NAMES_OF_SERVICES and "descriptors" in among)


def list_items(name: str, items: list[Any], indent: str) -> list[str]:
    if not isinstance(items[0], dict):
        return [f"{indent}  {name} {', '.join(quote(item) for item in items)}"]
    # Descriptors say by themselves what they are.
    lines = [] if name == "descriptors" else [f"{indent}  {name}"]
    inner = indent + "    "
    for item in items:
        described = list_lines(item, inner)
        if described:
            described[0] = f"{indent}  - {described[0].lstrip()}"
        lines += described
    return lines


def quote(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return str(value)
    # What a stream says must not steer the terminal.
    letters = (one if one.isprintable() else f"\\u{ord(one):04x}" for one in value)
    return f'"{"".join(letters)}"'
