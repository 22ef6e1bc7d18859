"""PAT, CAT and PMT against the same tables written with bitstring and crcmod."""

from __future__ import annotations

import contextlib
from array import array
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties import psi_reference as reference
from tests.properties.psi_strategies import (
    headers,
    loops,
    make_streams,
    pids,
    programs,
    torn_loops,
    torn_pmts,
    u16,
    whole_pmts,
)
from tsloom._native import psi as native
from tsloom.errors import InputError, SectionLengthError, UsageError
from tsloom.psi import (
    BrokenDescriptor,
    CADescriptor,
    ConditionalAccessTable,
    ElementaryStream,
    ProgramAssociationTable,
    ProgramMapTable,
    RawDescriptor,
    encode_cat,
    encode_descriptors,
    encode_pat,
    encode_pmt,
    parse_cat,
    parse_descriptors,
    parse_pat,
    parse_pmt,
)

maps = st.dictionaries(pids, pids, max_size=30)


def as_array(new_pids: dict[int, int]) -> array[int]:
    return array("H", (new_pids.get(pid, pid) for pid in range(0x2000)))


@given(u16, headers, programs)
def test_a_pat_is_read_and_written_as_the_syntax_says(
    transport_stream_id: int, header: reference.Header, entries: list[tuple[int, int, int]]
) -> None:
    section = reference.write_pat(transport_stream_id, header, entries)
    table = parse_pat(section)
    assert table.transport_stream_id == transport_stream_id
    assert table.version_number == header.version_number
    assert table.current_next_indicator == bool(header.current_next_indicator)
    assert table.section_number == header.section_number
    assert table.last_section_number == header.last_section_number
    assert [(e.program_number, e.reserved_bits, e.pid) for e in table.programs] == entries
    assert encode_pat(table) == section
    assert ProgramAssociationTable.from_dict(table.to_dict()) == table


@given(torn_pmts)
def test_a_pmt_is_read_and_written_as_the_syntax_says(program: reference.Program) -> None:
    section = reference.write_pmt(program)
    table = parse_pmt(section)
    assert table.program_number == program.program_number
    assert table.pcr_pid == program.pcr_pid
    assert table.version_number == program.header.version_number
    assert encode_descriptors(table.descriptors) == program.descriptors
    assert [
        (stream.stream_type, stream.elementary_pid, encode_descriptors(stream.descriptors))
        for stream in table.elementary_streams
    ] == [
        (stream.stream_type, stream.elementary_pid, stream.descriptors)
        for stream in program.streams
    ]
    assert encode_pmt(table) == section
    assert ProgramMapTable.from_dict(table.to_dict()) == table


@given(u16, headers, torn_loops)
def test_a_cat_is_read_and_written_as_the_syntax_says(
    extension: int, header: reference.Header, loop: bytes
) -> None:
    section = reference.write_section(1, extension, header, loop)
    table = parse_cat(section)
    assert table.reserved_extension == extension
    assert encode_descriptors(table.descriptors) == loop
    assert encode_cat(table) == section
    assert ConditionalAccessTable.from_dict(table.to_dict()) == table


@given(st.binary(max_size=80))
def test_any_loop_comes_back_as_it_was(loop: bytes) -> None:
    assert encode_descriptors(parse_descriptors(loop)) == loop


@given(loops)
def test_a_whole_loop_breaks_into_its_descriptors(loop: bytes) -> None:
    expected = []
    at = 0
    while at < len(loop):
        end = at + 2 + loop[at + 1]
        expected.append((loop[at], loop[at + 2 : end]))
        at = end
    descriptors = parse_descriptors(loop)
    assert [(d.descriptor_tag, d.encode_data()) for d in descriptors] == expected


@given(whole_pmts, st.data())
def test_a_damaged_pmt_is_refused_or_comes_back_as_it_was(
    program: reference.Program, data: st.DataObject
) -> None:
    section = bytearray(reference.write_pmt(program))
    position = data.draw(st.integers(1, len(section) - 5))
    section[position] = data.draw(st.integers(0, 255))
    for content in (bytes(section), native.seal(section)):
        with contextlib.suppress(InputError):
            assert encode_pmt(parse_pmt(content)) == content


# The core's edits of bytes against the same edits of values, which were judged above.


@given(u16, headers, programs, st.sets(u16), st.integers(0, 40))
def test_keeping_programs_is_the_same_in_bytes_and_values(
    transport_stream_id: int,
    header: reference.Header,
    entries: list[tuple[int, int, int]],
    others: set[int],
    kept: int,
) -> None:
    wanted = {number for number, _, _ in entries[:kept]} | others
    section = reference.write_pat(transport_stream_id, header, entries)
    left = [entry for entry in entries if entry[0] == 0 or entry[0] in wanted]
    expected = reference.write_pat(transport_stream_id, header, left)
    assert native.keep_programs(section, array("H", sorted(wanted))) == expected
    assert encode_pat(parse_pat(section).keep_programs(wanted)) == expected


@given(u16, headers, programs, maps)
def test_a_remapped_pat_is_the_same_in_bytes_and_values(
    transport_stream_id: int,
    header: reference.Header,
    entries: list[tuple[int, int, int]],
    new_pids: dict[int, int],
) -> None:
    section = reference.write_pat(transport_stream_id, header, entries)
    moved = [(number, bits, new_pids.get(pid, pid)) for number, bits, pid in entries]
    expected = reference.write_pat(transport_stream_id, header, moved)
    assert native.remap(section, as_array(new_pids)) == expected
    assert encode_pat(parse_pat(section).remap_pids(new_pids)) == expected


def remap_loop(loop: bytes, new_pids: dict[int, int]) -> bytes:
    """CA_PIDs in place, found by walking the bytes."""
    moved = bytearray(loop)
    at = 0
    while at + 2 <= len(loop) and at + 2 + loop[at + 1] <= len(loop):
        if loop[at] == 9 and loop[at + 1] >= 4:
            word = int.from_bytes(loop[at + 4 : at + 6], "big")
            pid = word & 0x1FFF
            moved[at + 4 : at + 6] = (word - pid + new_pids.get(pid, pid)).to_bytes(2, "big")
        at += 2 + loop[at + 1]
    return bytes(moved)


@given(torn_pmts, maps, st.data())
def test_a_remapped_pmt_is_the_same_in_bytes_and_values(
    program: reference.Program, new_pids: dict[int, int], data: st.DataObject
) -> None:
    used = [stream.elementary_pid for stream in program.streams] + [program.pcr_pid]
    new_pids = new_pids | data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(used, pids)))
    pcr_pid = program.pcr_pid
    expected = reference.write_pmt(
        replace(
            program,
            pcr_pid=pcr_pid if pcr_pid == 0x1FFF else new_pids.get(pcr_pid, pcr_pid),
            descriptors=remap_loop(program.descriptors, new_pids),
            streams=tuple(
                replace(
                    stream,
                    elementary_pid=new_pids.get(stream.elementary_pid, stream.elementary_pid),
                    descriptors=remap_loop(stream.descriptors, new_pids),
                )
                for stream in program.streams
            ),
        )
    )
    section = reference.write_pmt(program)
    assert native.remap(section, as_array(new_pids)) == expected
    assert encode_pmt(parse_pmt(section).remap_pids(new_pids)) == expected


@given(u16, headers, torn_loops, maps)
def test_a_remapped_cat_is_the_same_in_bytes_and_values(
    extension: int, header: reference.Header, loop: bytes, new_pids: dict[int, int]
) -> None:
    section = reference.write_section(1, extension, header, loop)
    expected = reference.write_section(1, extension, header, remap_loop(loop, new_pids))
    assert native.remap(section, as_array(new_pids)) == expected
    assert encode_cat(parse_cat(section).remap_pids(new_pids)) == expected


@given(whole_pmts, loops, make_streams(loops))
def test_an_appended_stream_is_the_same_in_bytes_and_values(
    program: reference.Program, added: bytes, stream: reference.Stream
) -> None:
    stream = replace(stream, reserved_1=7, reserved_2=15)
    section = reference.write_pmt(program)
    table = parse_pmt(section)
    arguments = (added, stream.stream_type, stream.elementary_pid, stream.descriptors)
    entry = ElementaryStream(stream.stream_type, stream.elementary_pid, as_raw(stream.descriptors))
    if any(stream.elementary_pid == other.elementary_pid for other in program.streams):
        with pytest.raises(UsageError):
            native.append_stream(section, *arguments)
        with pytest.raises(UsageError):
            table.with_elementary_stream(entry)
        return
    there = split_loop(program.descriptors)
    missing = b"".join(piece for piece in split_loop(added) if piece not in there)
    expected = reference.write_pmt(
        replace(
            program,
            descriptors=program.descriptors + missing,
            streams=(*program.streams, stream),
        )
    )
    assert native.append_stream(section, *arguments) == expected
    appended = replace(
        table, descriptors=table.descriptors + as_raw(missing)
    ).with_elementary_stream(entry)
    assert encode_pmt(appended) == expected


def split_loop(loop: bytes) -> list[bytes]:
    pieces = []
    while loop:
        size = 2 + loop[1]
        pieces.append(loop[:size])
        loop = loop[size:]
    return pieces


def as_raw(loop: bytes) -> tuple[RawDescriptor, ...]:
    return tuple(RawDescriptor(piece[0], piece[2:]) for piece in split_loop(loop))


@given(torn_pmts, st.data())
def test_a_removed_stream_is_the_same_in_bytes_and_values(
    program: reference.Program, data: st.DataObject
) -> None:
    assume(program.streams)
    gone = data.draw(st.sampled_from(program.streams)).elementary_pid
    section = reference.write_pmt(program)
    expected = reference.write_pmt(
        replace(
            program,
            streams=tuple(stream for stream in program.streams if stream.elementary_pid != gone),
        )
    )
    assert native.remove_stream(section, gone) == expected
    assert encode_pmt(parse_pmt(section).without_elementary_stream(gone)) == expected


@given(whole_pmts)
def test_a_raised_version_changes_nothing_else(program: reference.Program) -> None:
    raised = replace(program.header, version_number=(program.header.version_number + 1) % 32)
    expected = reference.write_pmt(replace(program, header=raised))
    section = reference.write_pmt(program)
    assert native.raise_version(section) == expected
    assert encode_pmt(parse_pmt(section).with_next_version()) == expected


@given(st.binary(max_size=40))
def test_descriptors_added_to_a_broken_loop_can_be_read(tail: bytes) -> None:
    """Behind a BrokenDescriptor they would be part of it."""
    broken = b"\x52\x01\x01" + b"\x05\xff" + tail
    section = reference.write_pmt(reference.Program(1, descriptors=broken))
    edited = parse_pmt(native.append_stream(section, b"\x05\x04CUEI", 0x86, 500, b""))
    assert edited.descriptors[1].encode_data() == b"CUEI"
    assert edited.descriptors[2] == BrokenDescriptor(b"\x05\xff" + tail)


def test_a_section_above_1024_bytes_is_refused_in_bytes_and_values() -> None:
    entries = [(number, 7, 0x20) for number in range(1, 254)]
    assert len(reference.write_pat(1, reference.Header(), entries)) == 1024
    too_many = reference.write_pat(1, reference.Header(), [*entries, (300, 7, 0x20)])
    with pytest.raises(SectionLengthError):
        parse_pat(too_many)
    full = parse_pat(reference.write_pat(1, reference.Header(), entries))
    with pytest.raises(SectionLengthError) as refused:
        encode_pat(full.with_program(300, 0x20))
    assert refused.value.facts["size_bytes"] == 1028
    full_pmt = reference.write_pmt(
        reference.Program(1, streams=(reference.Stream(6, 0x30, b"\xc0\x00" * 500),))
    )
    with pytest.raises(SectionLengthError):
        native.append_stream(full_pmt, b"", 0x86, 500, b"\x8a\x01\x01")


def test_the_ca_pid_of_a_short_ca_descriptor_is_left_alone() -> None:
    (short,) = parse_descriptors(b"\x09\x03\x01\x02\x03")
    assert short == RawDescriptor(9, b"\x01\x02\x03")
    (whole,) = parse_descriptors(b"\x09\x04\x01\x02\xe3\x04")
    assert whole == CADescriptor(0x0102, 0x0304)
