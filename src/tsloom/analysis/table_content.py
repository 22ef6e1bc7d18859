"""What sections say, as dictionaries in the standards' names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tsloom.dvb.sdt import ServiceDescriptionTable
from tsloom.dvb.tables import PARSERS as SI_PARSERS
from tsloom.psi import parse_cat, parse_pat, parse_pmt
from tsloom.psi.values import Value

PARSERS: dict[int, Callable[[bytes], Value]] = {
    **SI_PARSERS,
    0x00: parse_pat,
    0x01: parse_cat,
    0x02: parse_pmt,
}
NAMES_OF_SERVICES = ("service_type", "service_provider_name", "service_name")
OF_ONE_SECTION = ("section_number", "last_section_number", "segment_last_section_number")


def read_content(data: bytes) -> dict[str, Any] | None:
    """The section's fields; None of a table that is kept as bytes. InputError if it is no good one.

    Services have what their service_descriptor says beside it.
    """
    parse = PARSERS.get(data[0])
    if parse is None:
        return None
    table = parse(data)
    content = table.to_dict()
    if isinstance(table, ServiceDescriptionTable):
        for service, plain in zip(table.services, content["services"], strict=True):
            plain |= {name: getattr(service, name) for name in NAMES_OF_SERVICES}
    return content


def join_contents(contents: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One dictionary for the sections of a table: lists joined, the rest as in the first."""
    if len(contents) == 1:
        return contents[0]
    joined = {name: value for name, value in contents[0].items() if name not in OF_ONE_SECTION}
    for name, value in joined.items():
        if isinstance(value, list):
            joined[name] = [item for content in contents for item in content.get(name, ())]
    return joined
