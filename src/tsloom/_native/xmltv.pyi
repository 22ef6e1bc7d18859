from typing import Any, NoReturn, final

from typing_extensions import disjoint_base

CREDITS: tuple[str, ...]

@final
class Programme:
    """The words of one programme; each text with its lang attribute, each name with its role."""

    line: int
    channel: str
    start: str | None
    stop: str | None
    titles: list[tuple[str | None, str]]
    sub_titles: list[tuple[str | None, str]]
    descriptions: list[tuple[str | None, str]]
    categories: list[str]
    credits: list[tuple[str, str]]
    ratings: list[tuple[str | None, str]]
    components: list[Any]
    cut: bool
    def __init__(
        self, line: int, channel: str = ..., start: str | None = ..., stop: str | None = ...
    ) -> None: ...

@disjoint_base
class ProgrammeWalk:
    """Follows a document's tags and hands on each programme when it is whole."""

    programme: Programme | None
    has_root: bool
    def find_line(self) -> int:
        """The line that is read."""
    def refuse(self) -> NoReturn:
        """Raises what the parser takes for a refusal of what is nested too deep."""
    def take_component(
        self,
        programme: Programme,
        name: str,
        attributes: dict[str, str],
        facts: dict[str, str],
        language: str,
    ) -> None:
        """A video, audio or subtitles element: what its own attributes and children say, and the
        programme's language element."""
    def take(self, programme: Programme) -> None:
        """A programme that is whole."""
    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
    def end(self, name: str) -> None:
        """The last element that began ends."""
    def add(self, text: str) -> None:
        """Text, in as many pieces as it comes."""
    def trim(self) -> None:
        """Holds no more of a text than can be used; called now and then."""
    def abandon(self) -> Programme | None:
        """The programme that is broken is lost: it, or None. No element is open any more."""

def is_plain(text: str) -> bool:
    """Whether it is ASCII without control codes and without two spaces together."""
