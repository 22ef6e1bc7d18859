"""Sections of streams by others: counted, read and written as others say they are."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.external_data import DATA_DIR, stream_params, stream_path
from tsloom.packets import PacketBatch, PacketSync
from tsloom.psi import (
    AVCVideoDescriptor,
    CADescriptor,
    ConditionalAccessTable,
    DataStreamAlignmentDescriptor,
    Descriptor,
    ISO639LanguageDescriptor,
    MaximumBitrateDescriptor,
    MetadataDescriptor,
    MetadataPointerDescriptor,
    ProgramAssociationTable,
    ProgramMapTable,
    RegistrationDescriptor,
    Section,
    SectionAssembler,
    SmoothingBufferDescriptor,
    encode_cat,
    encode_pat,
    encode_pmt,
    parse_cat,
    parse_pat,
    parse_pmt,
)

pytestmark = pytest.mark.data

Entry = dict[str, Any]
CODECS: dict[int, tuple[Callable[[Section], Any], Callable[[Any], bytes]]] = {
    0: (parse_pat, encode_pat),
    1: (parse_cat, encode_cat),
    2: (parse_pmt, encode_pmt),
}
# PIDs that ISO/IEC 13818-1 (table 2-3) and EN 300 468 (table 1) give to sections.
RESERVED_PIDS = range(0x20)


@functools.lru_cache(maxsize=2)
def read_batches(path: Path) -> tuple[PacketBatch, PacketBatch]:
    sync = PacketSync()
    return sync.feed(path.read_bytes()), sync.flush()


def read_sections(path: Path, pid: int) -> list[Section]:
    assembler = SectionAssembler(pid)
    events = [event for batch in read_batches(path) for event in assembler.feed(batch)]
    return [event for event in events if isinstance(event, Section)]


@functools.lru_cache(maxsize=2)
def read_pats(path: Path) -> tuple[ProgramAssociationTable, ...]:
    return tuple(
        parse_pat(section)
        for section in read_sections(path, 0)
        if section.table_id == 0 and section.crc_ok
    )


def find_program_map_pids(path: Path) -> set[int]:
    return {pid for pat in read_pats(path) for pid in pat.program_map_pids.values()}


def read_psi(path: Path) -> Iterator[Section]:
    """The good PAT, CAT and PMT sections, on the PIDs where they belong."""
    for table_id, pids in ((0, {0}), (1, {1}), (2, find_program_map_pids(path))):
        for pid in sorted(pids):
            for section in read_sections(path, pid):
                if section.table_id == table_id and section.crc_ok:
                    yield section


@pytest.mark.parametrize("entry", stream_params("all"))
def test_every_pat_cat_and_pmt_is_written_as_it_was_read(entry: Entry) -> None:
    for section in read_psi(stream_path(entry)):
        parse, encode = CODECS[section.table_id]
        table = parse(section)
        assert encode(table) == section.bytes
        assert type(table).from_dict(json.loads(json.dumps(table.to_dict()))) == table


@pytest.mark.parametrize("entry", stream_params("all"))
def test_the_pat_has_the_programs_of_the_manifest(entry: Entry) -> None:
    if "facts" not in entry:
        pytest.skip("the manifest has no facts of this stream")
    programs = {
        str(program.program_number): program.pid
        for pat in read_pats(stream_path(entry))
        for program in pat.programs
    }
    assert programs == (entry["facts"].get("programs") or {})


@pytest.mark.parametrize("entry", stream_params("core"))
def test_crc_errors_are_as_many_as_the_manifest_says(entry: Entry) -> None:
    path = stream_path(entry)
    pids = find_program_map_pids(path) | set(RESERVED_PIDS)
    errors = sum(section.crc_ok is False for pid in pids for section in read_sections(path, pid))
    assert errors == entry["facts"]["section_crc_errors"]


# TSDuck's reading of the tables -----------------------------------------------------------------


def load_tsduck(entry: Entry) -> list[dict[str, Any]]:
    if entry["name"] == "syncloss.ts":
        pytest.skip("TSDuck reads nothing from a stream that starts out of sync")
    folder = DATA_DIR / "streams" / "truth" / entry["name"]
    for name in ("tsduck_tables.json", "tsduck_tables.json.gz"):
        if (folder / name).is_file():
            opener: Any = gzip.open if name.endswith("gz") else open
            with opener(folder / name, "rt", encoding="utf-8") as file:
                tables: list[dict[str, Any]] = json.load(file)
                return tables
    pytest.skip("TSDuck has not read this stream")


def nodes(node: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [child for child in node.get("#nodes", ()) if child["#name"] == name]


def as_set(items: list[Any]) -> set[str]:
    return {json.dumps(item, sort_keys=True) for item in items}


def describe_pat(pat: ProgramAssociationTable) -> Any:
    return [
        pat.transport_stream_id,
        pat.version_number,
        pat.current_next_indicator,
        pat.network_pid,
        sorted(pat.program_map_pids.items()),
    ]


@pytest.mark.parametrize("entry", stream_params("all"))
def test_pats_say_what_tsduck_reads(entry: Entry) -> None:
    expected = [
        [
            table["transport_stream_id"],
            table["version"],
            table["current"],
            table.get("network_pid"),
            sorted([n["service_id"], n["program_map_pid"]] for n in nodes(table, "service")),
        ]
        for table in load_tsduck(entry)
        if table["#name"] == "PAT"
    ]
    assert as_set([describe_pat(pat) for pat in read_pats(stream_path(entry))]) == as_set(expected)


AVC_FIELDS = (
    "profile_idc",
    *(f"constraint_set{number}" for number in range(6)),
    "avc_compatible_flags",
    "level_idc",
    "avc_still_present",
    "avc_24_hour_picture",
    "frame_packing_sei_not_present",
)
METADATA_FIELDS = (
    "metadata_application_format",
    "metadata_application_format_identifier",
    "metadata_format",
    "metadata_format_identifier",
    "metadata_service_id",
)


def read_tsduck_descriptor(node: dict[str, Any]) -> Any:
    """What there is to compare in TSDuck's reading; None of descriptors that are not of 13818-1."""
    match node["#name"]:
        case "registration_descriptor" as name:
            return [name, node["format_identifier"]]
        case "CA_descriptor" as name:
            private = "".join("".join(n["#nodes"]) for n in nodes(node, "private_data"))
            return [name, node["ca_system_id"], node["ca_pid"], private.replace(" ", "").lower()]
        case "ISO_639_language_descriptor" as name:
            return [name, [[n["code"], n["audio_type"]] for n in nodes(node, "language")]]
        case "maximum_bitrate_descriptor" as name:
            return [name, node["maximum_bitrate"]]
        case "smoothing_buffer_descriptor" as name:
            return [name, node["sb_leak_rate"], node["sb_size"]]
        case "data_stream_alignment_descriptor" as name:
            return [name, node["alignment_type"]]
        case "AVC_video_descriptor" as name:
            return [name, [node[field] for field in AVC_FIELDS]]
        case "metadata_pointer_descriptor" as name:
            flags = [node["mpeg_carriage_flags"], node["program_number"]]
            return [name, [node[field] for field in METADATA_FIELDS], flags]
        case "metadata_descriptor" as name:
            flags = [node["decoder_config_flags"]]
            return [name, [node[field] for field in METADATA_FIELDS], flags]
    return None


def describe_metadata(descriptor: MetadataDescriptor | MetadataPointerDescriptor) -> list[Any]:
    return [getattr(descriptor, field) for field in METADATA_FIELDS]


def describe_descriptor(descriptor: Descriptor) -> Any:
    match descriptor:
        case RegistrationDescriptor():
            return [descriptor.name, descriptor.format_identifier]
        case CADescriptor():
            private = descriptor.private_data.hex()
            return [descriptor.name, descriptor.ca_system_id, descriptor.ca_pid, private]
        case ISO639LanguageDescriptor():
            languages = [[n.iso_639_language_code, n.audio_type] for n in descriptor.languages]
            return [descriptor.name, languages]
        case MaximumBitrateDescriptor():
            return [descriptor.name, descriptor.maximum_bitrate_bps]
        case SmoothingBufferDescriptor():
            return [descriptor.name, descriptor.sb_leak_rate, descriptor.sb_size]
        case DataStreamAlignmentDescriptor():
            return [descriptor.name, descriptor.alignment_type]
        case AVCVideoDescriptor():
            plain = descriptor.to_dict()
            return [descriptor.name, [plain.get(f, plain.get(f"{f}_flag")) for f in AVC_FIELDS]]
        case MetadataPointerDescriptor():
            flags = [descriptor.mpeg_carriage_flags, descriptor.program_number]
            return [descriptor.name, describe_metadata(descriptor), flags]
        case MetadataDescriptor():
            flags = [descriptor.decoder_config_flags]
            return [descriptor.name, describe_metadata(descriptor), flags]
    return None


def describe_loop(descriptors: tuple[Descriptor, ...]) -> list[Any]:
    described = [describe_descriptor(descriptor) for descriptor in descriptors]
    return [item for item in described if item is not None]


def read_tsduck_loop(node: dict[str, Any]) -> list[Any]:
    described = [read_tsduck_descriptor(child) for child in node.get("#nodes", ())]
    return [item for item in described if item is not None]


def describe_pmt(pmt: ProgramMapTable) -> Any:
    return [
        pmt.program_number,
        pmt.version_number,
        pmt.current_next_indicator,
        pmt.pcr_pid,
        describe_loop(pmt.descriptors),
        [
            [stream.elementary_pid, stream.stream_type, describe_loop(stream.descriptors)]
            for stream in pmt.elementary_streams
        ],
    ]


@pytest.mark.parametrize("entry", stream_params("all"))
def test_pmts_say_what_tsduck_reads(entry: Entry) -> None:
    expected = [
        [
            table["service_id"],
            table["version"],
            table["current"],
            table.get("pcr_pid", 0x1FFF),
            read_tsduck_loop(table),
            [
                [n["elementary_pid"], n["stream_type"], read_tsduck_loop(n)]
                for n in nodes(table, "component")
            ],
        ]
        for table in load_tsduck(entry)
        if table["#name"] == "PMT"
    ]
    pmts = [parse_pmt(s) for s in read_psi(stream_path(entry)) if s.table_id == 2]
    assert as_set([describe_pmt(pmt) for pmt in pmts]) == as_set(expected)


def describe_cat(cat: ConditionalAccessTable) -> Any:
    return [cat.version_number, cat.current_next_indicator, describe_loop(cat.descriptors)]


@pytest.mark.parametrize("entry", stream_params("all"))
def test_cats_say_what_tsduck_reads(entry: Entry) -> None:
    expected = [
        [table["version"], table["current"], read_tsduck_loop(table)]
        for table in load_tsduck(entry)
        if table["#name"] == "CAT"
    ]
    cats = [parse_cat(s) for s in read_psi(stream_path(entry)) if s.table_id == 1]
    assert as_set([describe_cat(cat) for cat in cats]) == as_set(expected)
