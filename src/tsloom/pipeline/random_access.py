"""Random access points as they pass: the access units of video at which a decoder can begin."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tsloom._native.random_access import RandomAccessStage
from tsloom.clock import PCR_HZ
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

# More points than these wait at most for someone to take them.
KEPT_POINTS = 100_000


class RandomAccessKind(StrEnum):
    """What makes an access unit a random access point."""

    RANDOM_ACCESS_INDICATOR = "random_access_indicator"
    """The adaptation field says so; the payload is scrambled and tells nothing."""
    I_PICTURE = "i_picture"
    """MPEG-1 and MPEG-2 video: picture_coding_type 1 (ISO/IEC 13818-2, 6.3.9)."""
    IDR = "idr"
    """H.264: nal_unit_type 5 (ISO/IEC 14496-10, 7.4.1)."""
    RECOVERY_POINT = "recovery_point"
    """H.264 without IDR: a recovery_point SEI message with recovery_frame_cnt 0 (D.2.8)."""
    BLA_W_LP = "bla_w_lp"
    """HEVC: nal_unit_type 16 (ISO/IEC 23008-2, 7.4.2.2), and so on to 21."""
    BLA_W_RADL = "bla_w_radl"
    BLA_N_LP = "bla_n_lp"
    IDR_W_RADL = "idr_w_radl"
    IDR_N_LP = "idr_n_lp"
    CRA = "cra"


@dataclass(frozen=True, slots=True)
class RandomAccessPoint:
    """An access unit at which a decoder can begin.

    `packet_index` is that of the packet in which the access unit begins, and `stream_time_27mhz`
    the time of that packet: ticks of 27 MHz from the program's first PCR, None without one so far.
    `pts_90khz` is the access unit's PTS: None where it is not the first that commences in its PES
    packet, where that has none, and where it is scrambled (ISO/IEC 13818-1, 2.4.3.7).
    `presentation_time_27mhz` is the stream time at which the PTS is reached.
    `has_sequence_header`: an MPEG-2 sequence_header, or a sequence parameter set, is in the access
    unit. `random_access_indicator`: the adaptation field announced the access unit.
    """

    kind: RandomAccessKind
    service_id: int
    pid: int
    packet_index: int
    stream_time_27mhz: int | None
    pts_90khz: int | None
    presentation_time_27mhz: int | None
    has_sequence_header: bool
    random_access_indicator: bool

    @property
    def stream_time_s(self) -> float | None:
        """Seconds from the program's first PCR."""
        return None if self.stream_time_27mhz is None else self.stream_time_27mhz / PCR_HZ

    def to_dict(self) -> dict[str, Any]:
        """Keys and values for JSON."""
        return {name: getattr(self, name) for name in self.__slots__} | {"kind": self.kind.value}


class RandomAccessMonitor(RandomAccessStage):
    """A stage that changes nothing and collects the random access points of video.

    Of the service with this service_id, or of all; PAT and PMTs are followed. A video PID that
    several services list is told of once, for the first of them. A point is known as soon as the
    first slice or picture header of its access unit has passed.
    """

    def __new__(cls, service_id: int | None = None, **_: Any) -> Self:
        if service_id is not None and not 0 < service_id <= 0xFFFF:
            raise UsageError("a service_id is from 1 to 65535", service_id=service_id)
        return super().__new__(cls, program_number=service_id or 0)

    def __init__(
        self,
        service_id: int | None = None,
        *,
        on_point: Callable[[RandomAccessPoint], None] | None = None,
    ) -> None:
        self.service_id = service_id
        self._on_point = on_point
        self._points: deque[RandomAccessPoint] = deque(maxlen=KEPT_POINTS)

    def serve(self) -> None:
        for kind, *fields in self.take_records():
            point = RandomAccessPoint(RandomAccessKind(kind), *fields)
            self._points.append(point)
            if self._on_point is not None:
                self._on_point(point)

    def take_points(self) -> list[RandomAccessPoint]:
        """The points since the last call."""
        with self.lock:
            taken = list(self._points)
            self._points.clear()
        return taken
