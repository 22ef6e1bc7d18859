from typing import Any, Self

from typing_extensions import disjoint_base

from tsloom._native.pipeline import Stage

KINDS: dict[int, str]

@disjoint_base
class RandomAccessStage(Stage):
    def __new__(cls, *, program_number: int = ..., **kwargs: Any) -> Self: ...
    def take_records(
        self,
    ) -> list[tuple[Any, ...]]: ...
