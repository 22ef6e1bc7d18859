from collections.abc import Iterable
from typing import Any, final

from tsloom._native.scte35_value import Value

@final
class Diagnostic(Value):
    def __init__(
        self,
        name: str,
        field: str,
        clause: str,
        text: str,
        offset_bytes: int = 0,
        value: int = 0,
        is_error: bool = True,
    ) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def clause(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def offset_bytes(self) -> int: ...
    @property
    def value(self) -> int: ...
    @property
    def is_error(self) -> bool: ...
    def to_dict(self) -> dict[str, Any]: ...

def raise_for(diagnostics: Iterable[Diagnostic]) -> None: ...
