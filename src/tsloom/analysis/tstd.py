"""The buffers of the transport stream system target decoder (ISO/IEC 13818-1, 2.4.2).

They tell indicators 3.3, 3.9 and 3.10 of ETSI TR 101 290. docs/explanation/buffer-model.md says
what is modelled and how.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from tsloom._native.tstd import DecoderBuffers, get_parameters
from tsloom.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BufferEvent", "BufferFigures", "BufferModel", "BufferParameters", "BufferReport"]

_BUFFER_NAMES = {
    "video": ("TB", "MB", "EB"),
    "audio": ("TB", "B"),
    "systems": ("TBsys", "Bsys"),
}
Codec = Literal[
    "mpeg1_video",
    "mpeg2_video",
    "avc",
    "hevc",
    "mpeg_audio",
    "aac",
    "ac3",
    "eac3",
    "dts",
    "private",
    "sections",
]


@dataclass(frozen=True, slots=True)
class BufferParameters:
    """Sizes in bytes and rates in bit/s of one stream's buffers.

    Sizes of TB, MB and EB for video; TB, B and 0 for audio and systems. `rx_bps` is the rate out of
    TB, `rbx_bps` out of MB, or out of B of systems. `assumed` names what the stream did not tell:
    level, buffer (vbv or CPB), rate, channels; or codec, where no clause has sizes for it.
    """

    kind: Literal["video", "audio", "systems"]
    sizes_bytes: tuple[int, int, int]
    rx_bps: int
    rbx_bps: int
    delay_limit_27mhz: int = 27_000_000
    assumed: tuple[str, ...] = ()

    @classmethod
    def for_stream(
        cls,
        codec: Codec,
        *,
        profile: int = 0,
        level: int = 0,
        high_tier: bool = False,
        still: bool = False,
        channels: int = 0,
        bitrate_bps: int = 0,
        buffer_bits: int = 0,
    ) -> Self:
        """What the clauses say of a stream; 0 is "not told".

        `profile` and `level`: profile_idc and level_idc of AVC (9 is level 1b), general_level_idc
        of HEVC, the halves of MPEG-2's profile_and_level_indication. `bitrate_bps` is the sequence
        header's, for sections that of the transport stream. `buffer_bits`: vbv or CPB size.
        """
        return cls(
            **get_parameters(
                codec,
                profile=profile,
                level=level,
                high_tier=high_tier,
                still=still,
                channels=channels,
                bitrate_bps=bitrate_bps,
                buffer_bits=buffer_bits,
            )
        )

    @property
    def buffer_names(self) -> tuple[str, ...]:
        """TB, MB and EB; TB and B; or TBsys and Bsys."""
        return _BUFFER_NAMES[self.kind]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class BufferEvent(NamedTuple):
    """`overflow` (3.3), `not_empty` (3.9), `delay` (3.10); `underflow` is of no indicator.

    `amount` of `limit`: bytes that the buffer would hold, of its size (for an underflow: bytes that
    were missing, of 0); for not_empty and delay ticks of 27 MHz.
    """

    kind: Literal["overflow", "not_empty", "delay", "underflow"]
    buffer: str
    packet_index: int
    time_27mhz: int
    amount: int
    limit: int


@dataclass(frozen=True, slots=True)
class BufferFigures:
    """One buffer: greatest fill, runs of packets that found no room, seconds without being empty.

    `max_fill_bytes` is rounded up, and counts what was lost. `not_empty` is kept for TB and MB.
    """

    name: str
    size_bytes: int
    max_fill_bytes: int
    overflows: int
    overflow_packets: int
    not_empty: int


@dataclass(frozen=True, slots=True)
class BufferReport:
    """All buffers of one stream. Times in ticks of 27 MHz.

    `units_dropped` are access units beyond the 256 that may wait: they were decoded too early, and
    fills after that are too low.
    """

    packets: int
    units: int
    buffers: tuple[BufferFigures, ...]
    delays: int
    max_delay_27mhz: int
    underflows: int
    units_dropped: int
    parameters: BufferParameters

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers."""
        return asdict(self)


class BufferModel:
    """The decoder's buffers of one elementary stream, or of a program's system data.

    Fed with the packets of its PID (of its PIDs), it gives events as they occur. `UsageError` for
    rates that are not within 1 kbit/s and 2^30 bit/s, and sizes above 2^31 bytes.
    """

    def __init__(self, parameters: BufferParameters) -> None:
        if parameters.kind not in _BUFFER_NAMES or len(parameters.sizes_bytes) != 3:
            raise UsageError("no such set of buffers", parameters=parameters)
        for value in (*parameters.sizes_bytes, parameters.rx_bps, parameters.rbx_bps):
            if not 0 <= value <= 1 << 31:
                raise UsageError("a size or rate is out of its range", value=value)
        self.parameters = parameters
        self._buffers = DecoderBuffers(
            kind=parameters.kind,
            sizes_bytes=parameters.sizes_bytes,
            rx_bps=parameters.rx_bps,
            rbx_bps=parameters.rbx_bps,
            delay_limit_27mhz=parameters.delay_limit_27mhz,
        )

    def feed(
        self,
        packet_index: int,
        time_27mhz: int,
        *,
        duration_27mhz: int = 0,
        header_bytes: int = 0,
        data_bytes: int = 0,
        units: Sequence[tuple[int, int | None]] = (),
    ) -> list[BufferEvent]:
        """One packet, in stream order: when its first byte comes, and how long until it is all in.

        `header_bytes` of PES header and `data_bytes` of elementary stream behind it; of sections
        the payload. `units` are access units that begin in it: offset in the data, and decode time
        in stream time, or None without a time stamp.
        """
        if not (0 <= header_bytes <= 184 and 0 <= data_bytes <= 184 - header_bytes):
            raise UsageError("more bytes than a payload", header=header_bytes, data=data_bytes)
        return self._events(
            self._buffers.feed(
                packet_index, time_27mhz, duration_27mhz, header_bytes, data_bytes, units
            )
        )

    def advance(self, time_27mhz: int) -> list[BufferEvent]:
        """Goes on to a stream time without a packet: what is due is decoded."""
        return self._events(self._buffers.advance(time_27mhz))

    def restart(self) -> None:
        """Empties the buffers, where the program's clock breaks; counts stay."""
        self._buffers.restart()

    @property
    def fills_bytes(self) -> tuple[int, ...]:
        """What each buffer holds now, rounded up."""
        return self._buffers.fills_bytes[: len(self.parameters.buffer_names)]

    def report(self) -> BufferReport:
        """The figures so far."""
        return read_report(self.parameters, self._buffers.figures)

    def _events(self, raw: Iterable[tuple[Any, ...]]) -> list[BufferEvent]:
        names = self.parameters.buffer_names
        return [BufferEvent(kind, names[buffer], *rest) for kind, buffer, *rest in raw]


def read_report(parameters: BufferParameters, raw: Mapping[str, Any]) -> BufferReport:
    """The native core's figures of one stream."""
    return BufferReport(
        packets=raw["packets"],
        units=raw["units"],
        buffers=tuple(
            BufferFigures(
                name=name,
                size_bytes=parameters.sizes_bytes[i],
                max_fill_bytes=raw["max_fill"][i],
                overflows=raw["overflows"][i],
                overflow_packets=raw["overflow_packets"][i],
                not_empty=raw["not_empty"][i],
            )
            for i, name in enumerate(parameters.buffer_names)
        ),
        delays=raw["delays"],
        max_delay_27mhz=raw["max_delay"],
        underflows=raw["underflows"],
        units_dropped=raw["units_dropped"],
        parameters=parameters,
    )
