from typing import Any, Self, final

from _typeshed import ReadableBuffer
from typing_extensions import disjoint_base

from tsloom._native.pipeline import Stage

KINDS: dict[str, int]
NAMES: dict[int, str]

@final
class ElementaryHeads:
    def __new__(cls, kind: str) -> Self: ...
    def feed(self, packet: ReadableBuffer) -> bool: ...
    def lose(self) -> None: ...
    def measured(self) -> dict[str, Any]: ...

@disjoint_base
class ElementaryStage(Stage):
    def __new__(cls, *args: Any, **kwargs: Any) -> Self: ...
    def measured(self) -> dict[int, dict[str, Any]]: ...
