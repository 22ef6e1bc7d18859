"""Second generation terrestrial delivery: EN 300 468, 6.4.6.3."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from tsloom.dvb.descriptors.delivery import TERRESTRIAL_FREQUENCY_HZ
from tsloom.dvb.descriptors.extension import ExtendedDescriptor
from tsloom.errors import UsageError
from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, join_counted, join_fields
from tsloom.psi.values import Value

BANDWIDTHS_HZ = (8_000_000, 7_000_000, 6_000_000, 5_000_000, 10_000_000, 1_712_000)


@dataclass(frozen=True, slots=True)
class T2Subcell(Value):
    """A transposer within a cell; its frequency counts 10 Hz."""

    cell_id_extension: int
    transposer_frequency: int


@dataclass(frozen=True, slots=True)
class T2Cell(Value):
    """A cell and its frequencies, counting 10 Hz: one, or with time frequency slicing several."""

    cell_id: int
    centre_frequencies: tuple[int, ...]
    subcells: tuple[T2Subcell, ...] = ()

    @property
    def centre_frequencies_hz(self) -> tuple[int, ...]:
        return tuple(number * TERRESTRIAL_FREQUENCY_HZ for number in self.centre_frequencies)


@dataclass(frozen=True, slots=True)
class T2SystemParameters(Value):
    """What all but the first descriptors of a T2 system may leave out."""

    siso_miso: int
    bandwidth: int
    guard_interval: int
    transmission_mode: int
    other_frequency_flag: bool = False
    tfs_flag: bool = False
    cells: tuple[T2Cell, ...] = ()
    reserved_bits: int = field(default=0b11, repr=False, kw_only=True)

    @property
    def bandwidth_hz(self) -> int | None:
        """None where table 119 has no bandwidth for the code."""
        return BANDWIDTHS_HZ[self.bandwidth] if self.bandwidth < len(BANDWIDTHS_HZ) else None


@dataclass(frozen=True, slots=True)
class T2DeliverySystemDescriptor(ExtendedDescriptor):
    """6.4.6.3."""

    EXTENSION_TAG: ClassVar[int | None] = 0x04
    NAME: ClassVar[str] = "T2_delivery_system_descriptor"

    plp_id: int
    t2_system_id: int
    parameters: T2SystemParameters | None = None

    @classmethod
    def parse_selector(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        plp_id, system_id = reader.take_number(1), reader.take_number(2)
        return cls(plp_id, system_id, take_parameters(reader) if reader.has_more else None)

    def encode_selector(self) -> bytes:
        head = join_fields(("plp_id", self.plp_id, 8), ("t2_system_id", self.t2_system_id, 16))
        return head if self.parameters is None else head + encode_parameters(self.parameters)


def take_parameters(reader: ByteReader) -> T2SystemParameters:
    flags = reader.take_number(2)
    tfs_flag = bool(flags & 1)
    cells = []
    while reader.has_more:
        cells.append(take_cell(reader, tfs_flag))
    return T2SystemParameters(
        flags >> 14,
        flags >> 10 & 0xF,
        flags >> 5 & 7,
        flags >> 2 & 7,
        bool(flags & 2),
        tfs_flag,
        tuple(cells),
        reserved_bits=flags >> 8 & 3,
    )


def take_cell(reader: ByteReader, tfs_flag: bool) -> T2Cell:
    cell_id = reader.take_number(2)
    frequencies = ByteReader(reader.take_counted() if tfs_flag else reader.take(4))
    numbers = []
    while frequencies.has_more:
        numbers.append(frequencies.take_number(4))
    loop = ByteReader(reader.take_counted())
    subcells = []
    while loop.has_more:
        subcells.append(T2Subcell(loop.take_number(1), loop.take_number(4)))
    return T2Cell(cell_id, tuple(numbers), tuple(subcells))


def encode_parameters(parameters: T2SystemParameters) -> bytes:
    head = join_fields(
        ("siso_miso", parameters.siso_miso, 2),
        ("bandwidth", parameters.bandwidth, 4),
        ("reserved_bits", parameters.reserved_bits, 2),
        ("guard_interval", parameters.guard_interval, 3),
        ("transmission_mode", parameters.transmission_mode, 3),
        ("other_frequency_flag", parameters.other_frequency_flag, 1),
        ("tfs_flag", parameters.tfs_flag, 1),
    )
    return head + b"".join(encode_cell(cell, parameters.tfs_flag) for cell in parameters.cells)


def encode_cell(cell: T2Cell, tfs_flag: bool) -> bytes:
    frequencies = join_fields(
        *(("centre_frequency", number, 32) for number in cell.centre_frequencies)
    )
    if not tfs_flag and len(cell.centre_frequencies) != 1:
        raise UsageError("several frequencies go with tfs_flag", cell_id=cell.cell_id)
    subcells = b"".join(
        join_fields(
            ("cell_id_extension", subcell.cell_id_extension, 8),
            ("transposer_frequency", subcell.transposer_frequency, 32),
        )
        for subcell in cell.subcells
    )
    return (
        join_fields(("cell_id", cell.cell_id, 16))
        + (join_counted("frequency_loop", frequencies) if tfs_flag else frequencies)
        + join_counted("subcell_info_loop", subcells)
    )


TYPES: tuple[type[Descriptor], ...] = (T2DeliverySystemDescriptor,)
