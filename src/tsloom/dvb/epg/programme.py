"""A programme of a guide, as the guide has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tsloom.dvb.descriptors import ComponentDescriptor


@dataclass(slots=True)
class Programme:
    """The words of one programme; each text with its lang attribute, each name with its role."""

    line: int
    channel: str = ""
    start: str | None = None
    stop: str | None = None
    titles: list[tuple[str | None, str]] = field(default_factory=list)
    sub_titles: list[tuple[str | None, str]] = field(default_factory=list)
    descriptions: list[tuple[str | None, str]] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    credits: list[tuple[str, str]] = field(default_factory=list)
    ratings: list[tuple[str | None, str]] = field(default_factory=list)
    components: list[ComponentDescriptor] = field(default_factory=list)
    cut: bool = False
