"""Remultiplexing: any input in the slots of a constant bitrate, PCRs exact."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tsloom._native.remux import RemuxStage
from tsloom.clock import to_27mhz
from tsloom.errors import UsageError
from tsloom.io.quantities import parse_rate

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any, Self

    Duration = str | float | timedelta

PACKET_SIZE = 188
KEPT_EVENTS = 10_000
LEAST_BPS, MOST_BPS = 1_000, 2_000_000_000
LONGEST = "60s"
# Held while there is no clock: a third of a second at 150 Mbit/s.
MAX_BYTES = 6 << 20
# An input slower than this part of the bitrate is a break, not nulls without end.
MAX_FILL = 256


class Overflow(StrEnum):
    """What becomes of packets that would leave more than max_delay after their time."""

    DROP = "drop"
    """They are dropped; those with PCRs or PSI only from twice max_delay on."""
    DELAY = "delay"
    """They leave late, however late."""


class RemuxEventKind(StrEnum):
    """What happened. `value` of the event is what stands in brackets."""

    STARTED = "started"
    """Times are known from here on [bits a second]."""
    NO_CLOCK = "no_clock"
    """There is no PCR: packets pass as they come [packets that had been held]."""
    PCR_LATE = "pcr_late"
    """No PCR of the reference for max_hold: time goes on at the mean rate [packets since]."""
    REFERENCE = "reference"
    """The PCRs of this PID are the reference from now on."""
    CLOCK_BROKEN = "clock_broken"
    """discontinuity_indicator, or a jump of the PCR by more than a second or backwards."""
    PCR_STEP = "pcr_step"
    """A program's PCRs parted from the reference's by more than a quarter of a second."""
    DRIFTING = "drifting"
    """A program's clock drifts by more than 60 ppm against the reference [parts in 10^9]."""
    OVERFLOW_BEGAN = "overflow_began"
    """The input is above the bitrate for longer than max_delay takes up [ticks of delay]."""
    OVERFLOW_ENDED = "overflow_ended"
    """It is below it again [packets that were dropped, or delayed by more]."""
    TIME_SKIPPED = "time_skipped"
    """The output's time jumped [ticks]: so slow an input is not filled up with nulls, or times
    guessed for want of a PCR were too far ahead."""


@dataclass(frozen=True, slots=True)
class RemuxEvent:
    """Something that happened to the time line.

    `packet_index` counts the input's packets, `output_index` those that had left.
    """

    kind: RemuxEventKind
    pid: int | None
    packet_index: int
    output_index: int
    value: int


@dataclass(frozen=True, slots=True)
class RemuxCounters:
    """What has been done so far; packets but for the last. `repeats_dropped` are second copies of
    packets behind which a PCR was added: copies must follow each other (ISO/IEC 13818-1, 2.4.3.3).
    """

    packets_in: int
    packets_out: int
    nulls_dropped: int
    nulls_added: int
    dropped: int
    overflows: int
    unplaced: int
    pcrs_restamped: int
    pcrs_added: int
    repeats_dropped: int
    spaced: int
    crowded: int
    longest_delay_27mhz: int


class Remux(RemuxStage):
    """Puts the packets into the slots of a constant bitrate, with exact PCRs.

    bitrate: bits a second, a number or such as "20M"; "input" measures the first half second of the
    input and takes that; "variable" drops null packets and touches nothing else. Each packet has
    the time that the PCRs around it say (of the service's PCR_PID, else of the first PID that
    carries PCRs) and leaves in the first slot at or after it, in order. Slots that stay free become
    null packets. Every PCR is written anew for its slot, on its own program's clock; PTS and DTS
    stay. What comes out counts packets from 0.

    max_hold bounds the wait for the PCR behind a packet, max_delay the time from a packet's time to
    its slot; beyond it is an overflow. pcr_interval: adaptation fields with a PCR are added where
    more would pass, in free slots, or in others where it is the delay that stretched the interval;
    None adds none. psi_leak, si_leak: bits a second that leave a decoder's transport buffer of 512
    bytes a PID (ISO/IEC 13818-1, 2.4.2.3); packets that would run it over leave up to 100 ms later,
    behind those of other PIDs; None leaves them where they are. max_bytes are held at the most
    while there is no clock; max_fill null packets are added for an input packet on the average.
    """

    def __new__(
        cls,
        bitrate: int | str,
        *,
        service_id: int | None = None,
        overflow: Overflow | str = Overflow.DROP,
        max_delay: Duration = "500ms",
        max_hold: Duration = "500ms",
        pcr_interval: Duration | None = "40ms",
        psi_leak: int | str | None = "1M",
        si_leak: int | str | None = "1M",
        max_bytes: int = MAX_BYTES,
        max_fill: int = MAX_FILL,
        **_: Any,
    ) -> Self:
        if service_id is not None and not 0 < service_id <= 0xFFFF:
            raise UsageError("a service_id is from 1 to 65535", service_id=service_id)
        if max_bytes < PACKET_SIZE or not 0 < max_fill < 1 << 20:
            raise UsageError("at least a packet", max_bytes=max_bytes, max_fill=max_fill)
        try:
            overflow = Overflow(overflow)
        except ValueError as error:
            known = ", ".join(Overflow)
            raise UsageError("unknown policy", overflow=overflow, known=known) from error
        mode = bitrate if bitrate in ("input", "variable") else "constant"
        return super().__new__(
            cls,
            mode=mode,
            overflow=overflow.value,
            bitrate=_rate(bitrate) if mode == "constant" else 0,
            program_number=service_id or 0,
            max_delay_27mhz=_ticks(max_delay),
            max_hold_27mhz=_ticks(max_hold),
            pcr_interval_27mhz=_ticks(pcr_interval or 0),
            psi_leak_bps=_rate(psi_leak) if psi_leak is not None else 0,
            si_leak_bps=_rate(si_leak) if si_leak is not None else 0,
            max_held=max_bytes // PACKET_SIZE,
            max_fill=max_fill,
        )

    def __init__(
        self,
        bitrate: int | str,
        *,
        service_id: int | None = None,
        overflow: Overflow | str = Overflow.DROP,
        max_delay: Duration = "500ms",
        max_hold: Duration = "500ms",
        pcr_interval: Duration | None = "40ms",
        psi_leak: int | str | None = "1M",
        si_leak: int | str | None = "1M",
        max_bytes: int = MAX_BYTES,
        max_fill: int = MAX_FILL,
        on_event: Callable[[RemuxEvent], None] | None = None,
    ) -> None:
        self.service_id = service_id
        self.overflow = Overflow(overflow)
        self.events: deque[RemuxEvent] = deque(maxlen=KEPT_EVENTS)
        self._on_event = on_event

    @property
    def counters(self) -> RemuxCounters:
        """What has been done so far."""
        counted = self.get_counters()
        return RemuxCounters(
            pcrs_restamped=counted.pop("restamped"),
            longest_delay_27mhz=counted.pop("longest_delay"),
            **counted,
        )

    def serve(self) -> None:
        for kind, pid, packet_index, output_index, value in self.take_events():
            event = RemuxEvent(RemuxEventKind(kind), pid, packet_index, output_index, value)
            self.events.append(event)
            if self._on_event is not None:
                self._on_event(event)


def _rate(rate: int | str) -> int:
    try:
        bps = parse_rate(rate) if isinstance(rate, str) else rate
    except ValueError as error:
        raise UsageError(str(error), rate=rate) from error
    if not LEAST_BPS <= bps <= MOST_BPS:
        raise UsageError("a bitrate is from 1k to 2G bits a second", rate=rate)
    return bps


def _ticks(duration: Duration) -> int:
    ticks = to_27mhz(duration)
    if ticks > to_27mhz(LONGEST):
        raise UsageError(f"a span is {LONGEST} at the most", duration=duration)
    return ticks
