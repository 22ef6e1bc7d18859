from typing import Any, Final, final

BIN_EDGES_NS: Final[tuple[int, ...]]

@final
class IpMeasure:
    def see(self, arrival_ns: int, size: int, lost: int = 0) -> None: ...
    def figures(self) -> dict[str, Any]: ...
