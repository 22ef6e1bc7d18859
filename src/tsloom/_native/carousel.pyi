from typing import Self, final

@final
class CarouselRings:
    """Sections on rings that turn. Times are ticks of 27 MHz that never go back; a section is where
    its slot says, its place in parts of a turn of 2^-32. `UsageError` where something is out of its
    range.

    spacing: of sections of a group; packet_ticks: that a packet takes under the limit, 0 for none.
    """

    def __new__(cls, *, spacing: int, packet_ticks: int = 0) -> Self: ...
    def put(self, ring: int, place: int, group: int, pid: int, section: bytes) -> int:
        """Its slot."""
    def replace(self, slot: int, section: bytes) -> None: ...
    def remove(self, slot: int) -> None: ...
    def set_turn(self, ring: int, origin: int, period: int) -> None: ...
    def get_turn(self, ring: int) -> tuple[int, int]:
        """origin and period."""
    def skip_to(self, time: int) -> None:
        """Leaves out what would have come by before."""
    def take(self, until: int) -> list[tuple[int, int, bytes]]:
        """What comes by up to that time: when it is to leave, the PID, the section."""
    @property
    def due(self) -> int | None:
        """When the next section comes by; None if there are none."""
    @property
    def free_from(self) -> int:
        """Under the limit: the next section leaves no earlier."""
