"""What hypothesis draws for the PSI properties."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.properties.psi_reference import (
    Header,
    Program,
    Stream,
    write_ca_descriptor,
    write_descriptor,
)

pids = st.integers(0, 0x1FFF)
u16 = st.integers(0, 0xFFFF)

headers = st.builds(
    Header,
    version_number=st.integers(0, 31),
    current_next_indicator=st.integers(0, 1),
    section_number=st.just(0),
    last_section_number=st.integers(0, 255),
    reserved_1=st.integers(0, 7),
    reserved_2=st.integers(0, 3),
)
programs = st.lists(st.tuples(u16, st.integers(0, 7), pids), max_size=40)

ca_descriptors = st.builds(
    write_ca_descriptor, u16, st.integers(0, 7), pids, st.binary(max_size=12)
)
any_descriptors = st.builds(write_descriptor, st.integers(0, 255), st.binary(max_size=24))
loops = st.lists(ca_descriptors | any_descriptors, max_size=4).map(b"".join)
# A loop may end in bytes that are no descriptor.
torn_loops = st.builds(
    lambda loop, tail: loop + tail, loops, st.sampled_from((b"", b"\x05", b"\x05\x09CUE"))
)


def make_streams(loop: st.SearchStrategy[bytes]) -> st.SearchStrategy[Stream]:
    return st.builds(
        Stream,
        stream_type=st.integers(0, 255),
        elementary_pid=pids,
        descriptors=loop,
        reserved_1=st.integers(0, 7),
        reserved_2=st.integers(0, 15),
    )


def make_programs(loop: st.SearchStrategy[bytes]) -> st.SearchStrategy[Program]:
    return st.builds(
        Program,
        program_number=u16,
        header=headers,
        pcr_pid=pids,
        descriptors=loop,
        streams=st.lists(make_streams(loop), max_size=4).map(tuple),
        reserved_1=st.integers(0, 7),
        reserved_2=st.integers(0, 15),
    )


whole_pmts = make_programs(loops)
torn_pmts = make_programs(torn_loops)


def make_section(size: int, mark: int) -> bytes:
    """A private section of the short syntax, of so many bytes."""
    return bytes((0x80, 0x30 | (size - 3) >> 8, (size - 3) & 0xFF)) + bytes((mark,)) * (size - 3)


def make_sections(sizes: st.SearchStrategy[int]) -> st.SearchStrategy[list[bytes]]:
    section = st.builds(make_section, sizes, st.integers(0, 255))
    return st.lists(section, min_size=1, max_size=10)


def make_sizes(least: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(least, 184) | st.just(184), min_size=1, max_size=4)


sections = st.builds(make_section, st.integers(3, 700) | st.just(4096), st.integers(0, 255))
# Sections, and the payload sizes to put them into: two bytes are the least that can hold
# pointer_field and the start of a section.
streams = st.tuples(make_sections(st.integers(3, 50)), make_sizes(2)) | st.tuples(
    make_sections(st.integers(3, 1000) | st.just(4096)), make_sizes(150)
)
