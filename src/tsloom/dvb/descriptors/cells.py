"""Cells of terrestrial networks: EN 300 468, 6.2.6 and 6.2.7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.psi.descriptors.base import Descriptor
from tsloom.psi.fields import ByteReader, join_counted, join_fields
from tsloom.psi.values import Value

SIGN = 1 << 15
MODULUS = 1 << 16


@dataclass(frozen=True, slots=True)
class Subcell(Value):
    """A transposer's area within a cell, in the cell's units."""

    cell_id_extension: int
    subcell_latitude: int
    subcell_longitude: int
    subcell_extent_of_latitude: int
    subcell_extent_of_longitude: int


@dataclass(frozen=True, slots=True)
class Cell(Value):
    """A cell: its south-west corner and how far it goes north and east. Latitudes count 90 degrees
    / 2**15, longitudes 180 degrees / 2**15; south and west are negative."""

    cell_id: int
    cell_latitude: int
    cell_longitude: int
    cell_extent_of_latitude: int
    cell_extent_of_longitude: int
    subcells: tuple[Subcell, ...] = ()

    @property
    def latitude_degrees(self) -> float:
        return self.cell_latitude * 90 / SIGN

    @property
    def longitude_degrees(self) -> float:
        return self.cell_longitude * 180 / SIGN


def take_area(reader: ByteReader) -> tuple[int, int, int, int]:
    """Latitude, longitude and their extents."""
    area = reader.take_number(7)
    latitude, longitude = area >> 40, area >> 24 & 0xFFFF
    return (
        latitude - MODULUS if latitude & SIGN else latitude,
        longitude - MODULUS if longitude & SIGN else longitude,
        area >> 12 & 0xFFF,
        area & 0xFFF,
    )


def encode_area(latitude: int, longitude: int, extent: tuple[int, int]) -> bytes:
    return join_fields(
        ("latitude", latitude + MODULUS if -SIGN <= latitude < 0 else latitude, 16),
        ("longitude", longitude + MODULUS if -SIGN <= longitude < 0 else longitude, 16),
        ("extent_of_latitude", extent[0], 12),
        ("extent_of_longitude", extent[1], 12),
    )


@dataclass(frozen=True, slots=True)
class CellListDescriptor(Descriptor):
    """6.2.7."""

    TAG: ClassVar[int] = 0x6C
    NAME: ClassVar[str] = "cell_list_descriptor"

    cells: tuple[Cell, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        cells = []
        while reader.has_more:
            head = (reader.take_number(2), *take_area(reader))
            loop = ByteReader(reader.take_counted())
            subcells = []
            while loop.has_more:
                subcells.append(Subcell(loop.take_number(1), *take_area(loop)))
            cells.append(Cell(*head, tuple(subcells)))
        return cls(tuple(cells))

    def encode_data(self) -> bytes:
        return b"".join(encode_cell(cell) for cell in self.cells)


def encode_cell(cell: Cell) -> bytes:
    extent = (cell.cell_extent_of_latitude, cell.cell_extent_of_longitude)
    subcells = b"".join(
        join_fields(("cell_id_extension", subcell.cell_id_extension, 8))
        + encode_area(
            subcell.subcell_latitude,
            subcell.subcell_longitude,
            (subcell.subcell_extent_of_latitude, subcell.subcell_extent_of_longitude),
        )
        for subcell in cell.subcells
    )
    return (
        join_fields(("cell_id", cell.cell_id, 16))
        + encode_area(cell.cell_latitude, cell.cell_longitude, extent)
        + join_counted("subcell_info_loop", subcells)
    )


@dataclass(frozen=True, slots=True)
class SubcellFrequency(Value):
    """A transposer and its frequency, counting 10 Hz."""

    cell_id_extension: int
    transposer_frequency: int


@dataclass(frozen=True, slots=True)
class CellFrequency(Value):
    """A cell and its frequency, counting 10 Hz."""

    cell_id: int
    frequency: int
    subcells: tuple[SubcellFrequency, ...] = ()


@dataclass(frozen=True, slots=True)
class CellFrequencyLinkDescriptor(Descriptor):
    """6.2.6."""

    TAG: ClassVar[int] = 0x6D
    NAME: ClassVar[str] = "cell_frequency_link_descriptor"

    cells: tuple[CellFrequency, ...] = ()

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        reader = ByteReader(data)
        cells = []
        while reader.has_more:
            cell_id, frequency = reader.take_number(2), reader.take_number(4)
            loop = ByteReader(reader.take_counted())
            subcells = []
            while loop.has_more:
                subcells.append(SubcellFrequency(loop.take_number(1), loop.take_number(4)))
            cells.append(CellFrequency(cell_id, frequency, tuple(subcells)))
        return cls(tuple(cells))

    def encode_data(self) -> bytes:
        return b"".join(encode_frequency(cell) for cell in self.cells)


def encode_frequency(cell: CellFrequency) -> bytes:
    subcells = b"".join(
        join_fields(
            ("cell_id_extension", subcell.cell_id_extension, 8),
            ("transposer_frequency", subcell.transposer_frequency, 32),
        )
        for subcell in cell.subcells
    )
    head = join_fields(("cell_id", cell.cell_id, 16), ("frequency", cell.frequency, 32))
    return head + join_counted("subcell_info_loop", subcells)


TYPES: tuple[type[Descriptor], ...] = (CellListDescriptor, CellFrequencyLinkDescriptor)
