"""Delivery systems and cells, written with bitstring."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.properties import si_strategies as draw
from tests.properties.si_descriptors import counted, join, put
from tests.properties.si_strategies import bools, tuples_of
from tsloom import dvb

bcd8 = st.integers(0, 99_999_999)
bcd7 = st.integers(0, 9_999_999)
bcd4 = st.integers(0, 9_999)
areas = (draw.s16, draw.s16, draw.u12, draw.u12)


def write_satellite(value: dvb.SatelliteDeliverySystemDescriptor) -> bytes:
    return put(
        "hex32, hex16, u1, u2, u2, u1, u2, hex28, u4",
        f"{value.frequency:08}",
        f"{value.orbital_position:04}",
        value.west_east_flag,
        value.polarization,
        value.roll_off,
        value.modulation_system,
        value.modulation_type,
        f"{value.symbol_rate:07}",
        value.fec_inner,
    )


def write_cable(value: dvb.CableDeliverySystemDescriptor) -> bytes:
    return put(
        "hex32, u12, u4, u8, hex28, u4",
        f"{value.frequency:08}",
        value.reserved_bits,
        value.fec_outer,
        value.modulation,
        f"{value.symbol_rate:07}",
        value.fec_inner,
    )


def write_terrestrial(value: dvb.TerrestrialDeliverySystemDescriptor) -> bytes:
    return put(
        "u32, u3, u1, u1, u1, u2, u2, u3, u3, u3, u2, u2, bool, u32",
        value.centre_frequency,
        value.bandwidth,
        value.priority,
        value.time_slicing_indicator,
        value.mpe_fec_indicator,
        value.reserved_bits >> 32,
        value.constellation,
        value.hierarchy_information,
        value.code_rate_hp_stream,
        value.code_rate_lp_stream,
        value.guard_interval,
        value.transmission_mode,
        value.other_frequency_flag,
        value.reserved_bits & 0xFFFFFFFF,
    )


def write_s2(value: dvb.S2SatelliteDeliverySystemDescriptor) -> bytes:
    index = value.scrambling_sequence_index
    written = put(
        "bool, bool, u1, bool, u2, u2",
        index is not None,
        value.input_stream_identifier is not None,
        value.reserved_zero,
        value.timeslice_number is None,
        value.reserved_bits >> 6,
        value.ts_gs_mode,
    )
    if index is not None:
        written += put("u6, u18", value.reserved_bits & 0x3F, index)
    for number in (value.input_stream_identifier, value.timeslice_number):
        written += b"" if number is None else put("u8", number)
    return written


s2_without_index = st.builds(
    dvb.S2SatelliteDeliverySystemDescriptor,
    draw.u2,
    st.none(),
    st.none() | draw.u8,
    st.none() | draw.u8,
    draw.u1,
    draw.u2.map(lambda bits: bits << 6 | 0x3F),
)
s2_with_index = st.builds(
    dvb.S2SatelliteDeliverySystemDescriptor,
    draw.u2,
    st.integers(0, (1 << 18) - 1),
    st.none() | draw.u8,
    st.none() | draw.u8,
    draw.u1,
    draw.u8,
)


def write_frequencies(value: dvb.FrequencyListDescriptor) -> bytes:
    written = put("u6, u2", value.reserved_bits, value.coding_type)
    for number in value.centre_frequencies:
        is_bcd = value.coding_type in (1, 2)
        written += put("hex32", f"{number:08}") if is_bcd else put("u32", number)
    return written


def write_t2(value: dvb.T2DeliverySystemDescriptor) -> bytes:
    written = put("u8, u8, u16", 0x04, value.plp_id, value.t2_system_id)
    part = value.parameters
    if part is None:
        return written
    written += put(
        "u2, u4, u2, u3, u3, bool, bool",
        part.siso_miso,
        part.bandwidth,
        part.reserved_bits,
        part.guard_interval,
        part.transmission_mode,
        part.other_frequency_flag,
        part.tfs_flag,
    )
    for cell in part.cells:
        frequencies = join(lambda number: put("u32", number), cell.centre_frequencies)
        subcells = join(
            lambda one: put("u8, u32", one.cell_id_extension, one.transposer_frequency),
            cell.subcells,
        )
        written += put("u16", cell.cell_id)
        written += counted(frequencies) if part.tfs_flag else frequencies
        written += counted(subcells)
    return written


def t2_parameters(tfs_flag: bool) -> st.SearchStrategy[dvb.T2SystemParameters]:
    count = {"min_size": 0, "max_size": 3} if tfs_flag else {"min_size": 1, "max_size": 1}
    cells = st.builds(
        dvb.T2Cell,
        draw.u16,
        st.lists(draw.u32, **count).map(tuple),
        tuples_of(st.builds(dvb.T2Subcell, draw.u8, draw.u32), 2),
    )
    return st.builds(
        dvb.T2SystemParameters,
        draw.u2,
        draw.u4,
        draw.u3,
        draw.u3,
        bools,
        st.just(tfs_flag),
        tuples_of(cells, 3),
        reserved_bits=draw.u2,
    )


def write_area(latitude: int, longitude: int, *extents: int) -> bytes:
    return put("i16, i16, u12, u12", latitude, longitude, *extents)


def write_cell(cell: dvb.Cell) -> bytes:
    subcells = join(
        lambda one: (
            put("u8", one.cell_id_extension)
            + write_area(
                one.subcell_latitude,
                one.subcell_longitude,
                one.subcell_extent_of_latitude,
                one.subcell_extent_of_longitude,
            )
        ),
        cell.subcells,
    )
    area = write_area(
        cell.cell_latitude,
        cell.cell_longitude,
        cell.cell_extent_of_latitude,
        cell.cell_extent_of_longitude,
    )
    return put("u16", cell.cell_id) + area + counted(subcells)


def write_cell_frequency(cell: dvb.CellFrequency) -> bytes:
    subcells = join(
        lambda one: put("u8, u32", one.cell_id_extension, one.transposer_frequency), cell.subcells
    )
    return put("u16, u32", cell.cell_id, cell.frequency) + counted(subcells)
