"""TSDuck's reading of SI tables, and ours, brought to one form to be compared."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.vectors.tsduck_descriptors import DESCRIPTORS, NAMES, Node, children, nodes, write_time
from tsloom import dvb
from tsloom.psi import Descriptor

RUNNING = ("undefined", "not-running", "starting", "pausing", "running", "off-air")


def load_tables(folder: Path) -> list[Node]:
    """What tstables wrote of a stream; none where it was not run on it."""
    for name in ("tsduck_tables.json", "tsduck_tables.json.gz"):
        path = folder / name
        if path.is_file():
            opener: Any = gzip.open if name.endswith("gz") else open
            with opener(path, "rt", encoding="utf-8") as file:
                tables: list[Node] = json.load(file)
                return tables
    return []


def read_loop(node: Node) -> list[Any]:
    """TSDuck's descriptors that are in the table above."""
    return [
        [child["#name"], DESCRIPTORS[child["#name"]][1](child)]
        for child in children(node)
        if child["#name"] in DESCRIPTORS
    ]


def say_loop(descriptors: tuple[Descriptor, ...]) -> list[Any]:
    """Ours that are in the table above."""
    return [
        [NAMES[type(value)], DESCRIPTORS[NAMES[type(value)]][2](value)]
        for value in descriptors
        if type(value) in NAMES
    ]


def unknown_names(table: Node) -> set[str]:
    """Descriptors anywhere in the table that the table above has not."""
    found = set()
    for child in children(table):
        if child["#name"].endswith("_descriptor") and child["#name"] not in DESCRIPTORS:
            found.add(str(child["#name"]))
        found |= unknown_names(child)
    return found


def read_header(table: Node) -> list[Any]:
    return [table["version"], table["current"]]


def read_table(table: Node) -> Any:
    """The table as `say_table` says ours; None of one that is not of SI."""
    match table["#name"]:
        case "NIT" | "BAT" as name:
            identifier = table["network_id" if name == "NIT" else "bouquet_id"]
            streams = sorted(
                [one["transport_stream_id"], one["original_network_id"], read_loop(one)]
                for one in nodes(table, "transport_stream")
            )
            actual = table.get("actual")
            return [name, actual, identifier, *read_header(table), read_loop(table), streams]
        case "SDT":
            return [
                "SDT",
                table["actual"],
                table["transport_stream_id"],
                table["original_network_id"],
                *read_header(table),
                sorted(read_service(one) for one in nodes(table, "service")),
            ]
        case "EIT":
            return ["EIT", *read_eit_ids(table), *read_header(table), read_events(table)]
        case "TDT" | "TOT" as name:
            return [name, table["utc_time"], read_loop(table)]
    return None


def read_service(node: Node) -> list[Any]:
    return [
        node["service_id"],
        node["eit_schedule"],
        node["eit_present_following"],
        RUNNING.index(node["running_status"]),
        node["ca_mode"],
        read_loop(node),
    ]


def read_eit_ids(table: Node) -> list[Any]:
    return [
        str(table["type"]),
        table["actual"],
        table["service_id"],
        table["transport_stream_id"],
        table["original_network_id"],
    ]


def read_events(table: Node) -> list[Any]:
    return [
        [
            one["event_id"],
            one["start_time"],
            one["duration"],
            RUNNING.index(one["running_status"]),
            one["ca_mode"],
            read_loop(one),
        ]
        for one in nodes(table, "event")
    ]


def say_header(table: Any) -> list[Any]:
    return [table.version_number, table.current_next_indicator]


def say_table(table: dvb.SiTable) -> Any:
    """Our value in the form of `read_table`."""
    match table:
        case dvb.NetworkInformationTable() | dvb.BouquetAssociationTable():
            is_nit = isinstance(table, dvb.NetworkInformationTable)
            return [
                "NIT" if is_nit else "BAT",
                table.table_id == 0x40 if isinstance(table, dvb.NetworkInformationTable) else None,
                table.network_id
                if isinstance(table, dvb.NetworkInformationTable)
                else table.bouquet_id,
                *say_header(table),
                say_loop(table.descriptors),
                sorted(
                    [one.transport_stream_id, one.original_network_id, say_loop(one.descriptors)]
                    for one in table.transport_streams
                ),
            ]
        case dvb.ServiceDescriptionTable():
            return [
                "SDT",
                table.table_id == 0x42,
                table.transport_stream_id,
                table.original_network_id,
                *say_header(table),
                sorted(say_service(one) for one in table.services),
            ]
        case dvb.EventInformationTable():
            return ["EIT", *say_eit_ids(table), *say_header(table), say_events(table)]
        case dvb.TimeAndDateTable():
            return ["TDT", write_time(table.utc_time), []]
        case dvb.TimeOffsetTable():
            return ["TOT", write_time(table.utc_time), say_loop(table.descriptors)]
    return None


def say_service(service: dvb.Service) -> list[Any]:
    return [
        service.service_id,
        service.eit_schedule_flag,
        service.eit_present_following_flag,
        service.running_status,
        service.free_ca_mode,
        say_loop(service.descriptors),
    ]


def say_eit_ids(table: dvb.EventInformationTable) -> list[Any]:
    return [
        str(table.table_id % 16) if table.is_schedule else "pf",
        table.table_id == 0x4E or 0x50 <= table.table_id <= 0x5F,
        table.service_id,
        table.transport_stream_id,
        table.original_network_id,
    ]


def say_events(table: dvb.EventInformationTable) -> list[Any]:
    return [
        [
            event.event_id,
            write_time(event.start_time),
            None if event.duration is None else str(event.duration).rjust(8, "0"),
            event.running_status,
            event.free_ca_mode,
            say_loop(event.descriptors),
        ]
        for event in table.events
    ]
