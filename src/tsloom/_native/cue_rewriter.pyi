from collections.abc import Iterable
from typing import Any, Self

from _typeshed import ReadableBuffer
from typing_extensions import disjoint_base

from tsloom._native.pipeline import Stage

@disjoint_base
class CueRewriterStage(Stage):
    def __new__(
        cls,
        *,
        program_number: int = ...,
        pids: Iterable[int] = ...,
        room: str = ...,
        drops_freed: bool = ...,
        asks: bool = ...,
        table_ids: bytes | None = ...,
        **kwargs: Any,
    ) -> Self: ...
    def passing(self) -> list[tuple[int, int, int, int | None, int | None, bool, bytes]]: ...
    def remove_section(self, number: int) -> None: ...
    def replace_section(self, number: int, section: ReadableBuffer) -> None: ...
    def offset_from(self, pts_offset: int, packet_index: int) -> None: ...
    @property
    def pts_offset_90khz(self) -> int:
        """What is added to pts_adjustment now."""
    @property
    def restamped_sections(self) -> int: ...
    @property
    def replaced_sections(self) -> int: ...
    @property
    def removed_sections(self) -> int: ...
    @property
    def lost_sections(self) -> int:
        """Sections that found no room to leave in."""
