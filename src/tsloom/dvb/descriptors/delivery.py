"""Delivery systems and frequencies: EN 300 468, 6.2.13, 6.2.17 and 6.2.40.

Fields count what the standard has them count; properties give hertz and symbols a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.dvb.bcd import encode_bcd, parse_bcd
from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, check_range, join_fields

SATELLITE_FREQUENCY_HZ = 10_000
CABLE_FREQUENCY_HZ = 100
TERRESTRIAL_FREQUENCY_HZ = 10
SYMBOL_RATE = 100
BANDWIDTHS_HZ = (8_000_000, 7_000_000, 6_000_000, 5_000_000)
NO_ROLL_OFF = 0


def check_size(data: bytes, size: int) -> None:
    if len(data) != size:
        raise ValueError("a descriptor of another size")


@dataclass(frozen=True, slots=True)
class SatelliteDeliverySystemDescriptor(Descriptor):
    """6.2.13.2. `frequency` counts 10 kHz, `orbital_position` tenths of a degree, `symbol_rate` 100
    symbols a second. `modulation_system` is 0 for DVB-S, 1 for DVB-S2, which `roll_off` is for."""

    TAG: ClassVar[int] = 0x43
    NAME: ClassVar[str] = "satellite_delivery_system_descriptor"

    frequency: int
    orbital_position: int
    west_east_flag: int
    polarization: int
    modulation_system: int
    modulation_type: int
    symbol_rate: int
    fec_inner: int
    roll_off: int = NO_ROLL_OFF

    @property
    def frequency_hz(self) -> int:
        return self.frequency * SATELLITE_FREQUENCY_HZ

    @property
    def symbols_per_second(self) -> int:
        return self.symbol_rate * SYMBOL_RATE

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        check_size(data, 11)
        flags = data[6]
        rate = int.from_bytes(data[7:], "big")
        return cls(
            frequency=parse_bcd(int.from_bytes(data[:4], "big"), 8),
            orbital_position=parse_bcd(int.from_bytes(data[4:6], "big"), 4),
            west_east_flag=flags >> 7,
            polarization=flags >> 5 & 3,
            modulation_system=flags >> 2 & 1,
            modulation_type=flags & 3,
            symbol_rate=parse_bcd(rate >> 4, 7),
            fec_inner=rate & 0xF,
            roll_off=flags >> 3 & 3,
        )

    def encode_data(self) -> bytes:
        return join_fields(
            ("frequency", encode_bcd("frequency", self.frequency, 8), 32),
            ("orbital_position", encode_bcd("orbital_position", self.orbital_position, 4), 16),
            ("west_east_flag", self.west_east_flag, 1),
            ("polarization", self.polarization, 2),
            ("roll_off", self.roll_off, 2),
            ("modulation_system", self.modulation_system, 1),
            ("modulation_type", self.modulation_type, 2),
            ("symbol_rate", encode_bcd("symbol_rate", self.symbol_rate, 7), 28),
            ("fec_inner", self.fec_inner, 4),
        )


@dataclass(frozen=True, slots=True)
class CableDeliverySystemDescriptor(Descriptor):
    """6.2.13.1. `frequency` counts 100 Hz, `symbol_rate` 100 symbols a second; `modulation` is 1
    for 16-QAM to 5 for 256-QAM."""

    TAG: ClassVar[int] = 0x44
    NAME: ClassVar[str] = "cable_delivery_system_descriptor"

    frequency: int
    fec_outer: int
    modulation: int
    symbol_rate: int
    fec_inner: int
    reserved_bits: int = 0xFFF

    @property
    def frequency_hz(self) -> int:
        return self.frequency * CABLE_FREQUENCY_HZ

    @property
    def symbols_per_second(self) -> int:
        return self.symbol_rate * SYMBOL_RATE

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        check_size(data, 11)
        outer = int.from_bytes(data[4:6], "big")
        rate = int.from_bytes(data[7:], "big")
        return cls(
            frequency=parse_bcd(int.from_bytes(data[:4], "big"), 8),
            fec_outer=outer & 0xF,
            modulation=data[6],
            symbol_rate=parse_bcd(rate >> 4, 7),
            fec_inner=rate & 0xF,
            reserved_bits=outer >> 4,
        )

    def encode_data(self) -> bytes:
        return join_fields(
            ("frequency", encode_bcd("frequency", self.frequency, 8), 32),
            ("reserved_bits", self.reserved_bits, 12),
            ("fec_outer", self.fec_outer, 4),
            ("modulation", self.modulation, 8),
            ("symbol_rate", encode_bcd("symbol_rate", self.symbol_rate, 7), 28),
            ("fec_inner", self.fec_inner, 4),
        )


@dataclass(frozen=True, slots=True)
class TerrestrialDeliverySystemDescriptor(Descriptor):
    """6.2.13.4. `centre_frequency` counts 10 Hz; the others are codes of tables 44 to 51. An
    indicator of time slicing or MPE-FEC is 0 where it is used. `reserved_bits` are the 2 and the 32
    of the descriptor in their order."""

    TAG: ClassVar[int] = 0x5A
    NAME: ClassVar[str] = "terrestrial_delivery_system_descriptor"

    centre_frequency: int
    bandwidth: int
    constellation: int
    hierarchy_information: int
    code_rate_hp_stream: int
    code_rate_lp_stream: int
    guard_interval: int
    transmission_mode: int
    other_frequency_flag: bool = False
    priority: int = 1
    time_slicing_indicator: int = 1
    mpe_fec_indicator: int = 1
    reserved_bits: int = (1 << 34) - 1

    @property
    def centre_frequency_hz(self) -> int:
        return self.centre_frequency * TERRESTRIAL_FREQUENCY_HZ

    @property
    def bandwidth_hz(self) -> int | None:
        """None where table 44 has no bandwidth for the code."""
        return BANDWIDTHS_HZ[self.bandwidth] if self.bandwidth < len(BANDWIDTHS_HZ) else None

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        check_size(data, 11)
        flags = int.from_bytes(data[4:7], "big")
        return cls(
            centre_frequency=int.from_bytes(data[:4], "big"),
            bandwidth=flags >> 21,
            priority=flags >> 20 & 1,
            time_slicing_indicator=flags >> 19 & 1,
            mpe_fec_indicator=flags >> 18 & 1,
            constellation=flags >> 14 & 3,
            hierarchy_information=flags >> 11 & 7,
            code_rate_hp_stream=flags >> 8 & 7,
            code_rate_lp_stream=flags >> 5 & 7,
            guard_interval=flags >> 3 & 3,
            transmission_mode=flags >> 1 & 3,
            other_frequency_flag=bool(flags & 1),
            reserved_bits=(flags >> 16 & 3) << 32 | int.from_bytes(data[7:], "big"),
        )

    def encode_data(self) -> bytes:
        check_range("reserved_bits", self.reserved_bits, 34)
        return join_fields(
            ("centre_frequency", self.centre_frequency, 32),
            ("bandwidth", self.bandwidth, 3),
            ("priority", self.priority, 1),
            ("time_slicing_indicator", self.time_slicing_indicator, 1),
            ("mpe_fec_indicator", self.mpe_fec_indicator, 1),
            ("reserved_bits", self.reserved_bits >> 32, 2),
            ("constellation", self.constellation, 2),
            ("hierarchy_information", self.hierarchy_information, 3),
            ("code_rate_hp_stream", self.code_rate_hp_stream, 3),
            ("code_rate_lp_stream", self.code_rate_lp_stream, 3),
            ("guard_interval", self.guard_interval, 2),
            ("transmission_mode", self.transmission_mode, 2),
            ("other_frequency_flag", self.other_frequency_flag, 1),
            ("reserved_bits", self.reserved_bits & 0xFFFFFFFF, 32),
        )


@dataclass(frozen=True, slots=True)
class S2SatelliteDeliverySystemDescriptor(Descriptor):
    """6.2.13.3, beside a satellite_delivery_system_descriptor. `scrambling_sequence_index`,
    `input_stream_identifier` and `timeslice_number` are None where their flags leave them out.

    `reserved_zero` was backwards_compatibility_indicator before version 1.15. `reserved_bits` are
    the 2 of the first byte, and the 6 in front of the index where there is one.
    """

    TAG: ClassVar[int] = 0x79
    NAME: ClassVar[str] = "S2_satellite_delivery_system_descriptor"

    ts_gs_mode: int = 3
    scrambling_sequence_index: int | None = None
    input_stream_identifier: int | None = None
    timeslice_number: int | None = None
    reserved_zero: int = 0
    reserved_bits: int = 0b11_111111

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        flags = reader.take_number(1)
        index = reader.take_number(3) if flags & 0x80 else None
        return cls(
            flags & 3,
            None if index is None else index & 0x3FFFF,
            reader.take_number(1) if flags & 0x40 else None,
            None if flags & 0x10 else reader.take_number(1),
            flags >> 5 & 1,
            (flags >> 2 & 3) << 6 | (0x3F if index is None else index >> 18),
        )

    def encode_data(self) -> bytes:
        check_range("reserved_bits", self.reserved_bits, 8)
        index = self.scrambling_sequence_index
        joined = join_fields(
            ("scrambling_sequence_selector", index is not None, 1),
            ("multiple_input_stream_flag", self.input_stream_identifier is not None, 1),
            ("reserved_zero", self.reserved_zero, 1),
            ("not_timeslice_flag", self.timeslice_number is None, 1),
            ("reserved_bits", self.reserved_bits >> 6, 2),
            ("ts_gs_mode", self.ts_gs_mode, 2),
        )
        if index is not None:
            joined += join_fields(
                ("reserved_bits", self.reserved_bits & 0x3F, 6),
                ("scrambling_sequence_index", index, 18),
            )
        for name in ("input_stream_identifier", "timeslice_number"):
            number = getattr(self, name)
            joined += b"" if number is None else join_fields((name, number, 8))
        return joined


CODING_TYPES = {
    1: ("satellite", SATELLITE_FREQUENCY_HZ),
    2: ("cable", CABLE_FREQUENCY_HZ),
    3: ("terrestrial", TERRESTRIAL_FREQUENCY_HZ),
}


@dataclass(frozen=True, slots=True)
class FrequencyListDescriptor(Descriptor):
    """6.2.17. `centre_frequencies` count as in the delivery system that `coding_type` names: 1
    satellite, 2 cable, 3 terrestrial."""

    TAG: ClassVar[int] = 0x62
    NAME: ClassVar[str] = "frequency_list_descriptor"

    coding_type: int
    centre_frequencies: tuple[int, ...] = ()
    reserved_bits: int = 0b111111

    @property
    def centre_frequencies_hz(self) -> tuple[int, ...]:
        """In hertz. UsageError where the coding_type is not defined."""
        if self.coding_type not in CODING_TYPES:
            raise UsageError("a coding_type that is not defined", coding_type=self.coding_type)
        unit = CODING_TYPES[self.coding_type][1]
        return tuple(frequency * unit for frequency in self.centre_frequencies)

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        first = reader.take_number(1)
        numbers = []
        while reader.has_more:
            number = reader.take_number(4)
            numbers.append(parse_bcd(number, 8) if first & 3 in (1, 2) else number)
        return cls(first & 3, tuple(numbers), first >> 2)

    def encode_data(self) -> bytes:
        is_bcd = self.coding_type in (1, 2)
        return join_fields(
            ("reserved_bits", self.reserved_bits, 6),
            ("coding_type", self.coding_type, 2),
            *(
                (
                    "centre_frequency",
                    encode_bcd("centre_frequency", number, 8) if is_bcd else number,
                    32,
                )
                for number in self.centre_frequencies
            ),
        )


TYPES: tuple[type[Descriptor], ...] = (
    SatelliteDeliverySystemDescriptor,
    CableDeliverySystemDescriptor,
    TerrestrialDeliverySystemDescriptor,
    S2SatelliteDeliverySystemDescriptor,
    FrequencyListDescriptor,
)
