"""tshark reads the SI that tsloom encodes, field by field, out of a transport stream."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.builders import packetize
from tests.properties import si_strategies as draw
from tests.properties.si_reference import write_duration
from tsloom import dvb
from tsloom.psi import Descriptor

pytestmark = pytest.mark.peer

PIDS: dict[type, int] = {
    dvb.NetworkInformationTable: 0x10,
    dvb.ServiceDescriptionTable: 0x11,
    dvb.BouquetAssociationTable: 0x11,
    dvb.EventInformationTable: 0x12,
    dvb.RunningStatusTable: 0x13,
    dvb.StuffingTable: 0x13,
    dvb.TimeAndDateTable: 0x14,
    dvb.TimeOffsetTable: 0x14,
}
# tshark reads plain letters of every table; what it does with marks is its own.
# Within the 32 bits that tshark 4.0 keeps of it in hertz.
frequencies = st.integers(0, (1 << 32) // 10)
names = st.text(st.characters(min_codepoint=0x41, max_codepoint=0x7A), min_size=1, max_size=12)
# Dates that tshark's own reading of MJD knows.
times = st.datetimes(datetime(1980, 1, 1), datetime(2038, 1, 1)).map(
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)
event_descriptors = draw.tuples_of(
    st.builds(dvb.ShortEventDescriptor, draw.codes, names, names)
    | st.builds(
        dvb.ContentDescriptor,
        draw.tuples_of(st.builds(dvb.Content, draw.u4, draw.u4, draw.u8)),
    )
    | st.builds(
        dvb.ParentalRatingDescriptor,
        # tshark 4.0 reads one country of a descriptor.
        st.tuples(st.builds(dvb.ParentalRating, draw.codes, draw.u8)),
    ),
    3,
)
service_descriptors = st.tuples(st.builds(dvb.ServiceDescriptor, draw.u8, names, names))
network_descriptors = draw.tuples_of(
    st.builds(dvb.NetworkNameDescriptor, names)
    | st.builds(
        dvb.ServiceListDescriptor,
        draw.tuples_of(st.builds(dvb.ListedService, draw.u16, draw.u8)),
    )
    | st.builds(dvb.TerrestrialDeliverySystemDescriptor, frequencies, *[draw.u2] * 7),
    3,
)
bouquet_descriptors = draw.tuples_of(st.builds(dvb.BouquetNameDescriptor, names), 2)
events = st.builds(
    dvb.Event, draw.u16, times, draw.durations, draw.u3, draw.bools, event_descriptors
)
headers = {"version_number": draw.u5, "current_next_indicator": draw.bools}
eits = st.builds(
    dvb.EventInformationTable,
    *[draw.u16] * 3,
    draw.tuples_of(events),
    st.integers(0x4E, 0x6F),
    draw.u8,
    draw.u8,
    **headers,
)
services = st.builds(
    dvb.Service, draw.u16, draw.bools, draw.bools, draw.u3, draw.bools, service_descriptors
)
sdts = st.builds(
    dvb.ServiceDescriptionTable,
    draw.u16,
    draw.u16,
    draw.tuples_of(services),
    st.sampled_from((0x42, 0x46)),
    **headers,
)
nits = st.builds(
    dvb.NetworkInformationTable,
    draw.u16,
    st.sampled_from((0x40, 0x41)),
    descriptors=network_descriptors,
    transport_streams=draw.transport_streams(network_descriptors),
    **headers,
)
bats = st.builds(
    dvb.BouquetAssociationTable,
    draw.u16,
    descriptors=bouquet_descriptors,
    transport_streams=draw.transport_streams(bouquet_descriptors),
    **headers,
)
offsets = st.builds(
    dvb.LocalTimeOffset, draw.codes, draw.offsets, draw.offsets, times, draw.u6, draw.u1
)
tots = st.builds(
    dvb.TimeOffsetTable,
    times,
    st.tuples(st.builds(dvb.LocalTimeOffsetDescriptor, draw.tuples_of(offsets))),
)
tables = st.one_of(
    nits,
    bats,
    sdts,
    eits,
    st.builds(dvb.TimeAndDateTable, times),
    tots,
    draw.rsts,
    draw.sts.filter(lambda table: not table.section_syntax_indicator and table.data != b""),
)


def of_type(descriptors: list[Descriptor], cls: type[Any]) -> list[Any]:
    return [value for value in descriptors if isinstance(value, cls)]


def descriptor_fields(descriptors: list[Descriptor]) -> dict[str, list[Any]]:
    short = of_type(descriptors, dvb.ShortEventDescriptor)
    contents = [one for d in of_type(descriptors, dvb.ContentDescriptor) for one in d.contents]
    ratings = [one for d in of_type(descriptors, dvb.ParentalRatingDescriptor) for one in d.ratings]
    named = of_type(descriptors, dvb.ServiceDescriptor)
    lists = [one for d in of_type(descriptors, dvb.ServiceListDescriptor) for one in d.services]
    terrestrial = of_type(descriptors, dvb.TerrestrialDeliverySystemDescriptor)
    return {
        "mpeg_descr.tag": [value.descriptor_tag for value in descriptors],
        "mpeg_descr.short_evt.lang_code": [one.iso_639_language_code for one in short],
        "mpeg_descr.short_evt.name": [one.event_name for one in short],
        "mpeg_descr.short_evt.txt": [one.text for one in short],
        "mpeg_descr.content.nibble_lvl_1": [one.content_nibble_level_1 for one in contents],
        "mpeg_descr.content.nibble_lvl_2": [one.content_nibble_level_2 for one in contents],
        "mpeg_descr.content.user": [one.user_byte for one in contents],
        "mpeg_descr.parental_rating.country_code": [one.country_code for one in ratings],
        "mpeg_descr.parental_rating.rating": [one.rating for one in ratings],
        "mpeg_descr.svc.type": [one.service_type for one in named],
        "mpeg_descr.svc.provider_name": [one.service_provider_name for one in named],
        "mpeg_descr.svc.svc_name": [one.service_name for one in named],
        "mpeg_descr.svc_list.id": [one.service_id for one in lists],
        "mpeg_descr.svc_list.type": [one.service_type for one in lists],
        "mpeg_descr.terr_delivery.centre_freq": [one.centre_frequency_hz for one in terrestrial],
        "mpeg_descr.terr_delivery.bandwidth": [one.bandwidth for one in terrestrial],
        "mpeg_descr.terr_delivery.constellation": [one.constellation for one in terrestrial],
        "mpeg_descr.terr_delivery.guard_interval": [one.guard_interval for one in terrestrial],
        "mpeg_descr.terr_delivery.transmission_mode": [
            one.transmission_mode for one in terrestrial
        ],
        "mpeg_descr.net_name.name": [
            one.network_name for one in of_type(descriptors, dvb.NetworkNameDescriptor)
        ],
        "mpeg_descr.bouquet_name.name": [
            one.bouquet_name for one in of_type(descriptors, dvb.BouquetNameDescriptor)
        ],
    }


def header_fields(prefix: str, table: Any) -> dict[str, list[Any]]:
    return {
        f"{prefix}.version": [table.version_number],
        f"{prefix}.cur_next_ind": [int(table.current_next_indicator)],
        f"{prefix}.sect_num": [0],
        f"{prefix}.last_sect_num": [0],
    }


def column(items: Any, name: str) -> list[Any]:
    values = [getattr(item, name) for item in items]
    return [int(value) if isinstance(value, bool) else value for value in values]


def all_descriptors(*groups: Any) -> list[Descriptor]:
    return [value for group in groups for item in group for value in item.descriptors]


def streams_fields(prefix: str, table: Any, original: str) -> dict[str, list[Any]]:
    entries = table.transport_streams
    return {
        f"{prefix}.ts.id": column(entries, "transport_stream_id"),
        f"{prefix}.ts.{original}": column(entries, "original_network_id"),
        **header_fields(prefix, table),
        **descriptor_fields([*table.descriptors, *all_descriptors(entries)]),
    }


def expected_fields(table: dvb.SiTable) -> dict[str, list[Any]]:
    match table:
        case dvb.NetworkInformationTable():
            fields = streams_fields("dvb_nit", table, "original_network_id")
            return fields | {"dvb_nit.sid": [table.network_id]}
        case dvb.BouquetAssociationTable():
            fields = streams_fields("dvb_bat", table, "original_nid")
            return fields | {"dvb_bat.bouquet_id": [table.bouquet_id]}
        case dvb.ServiceDescriptionTable():
            return service_fields(table)
        case dvb.EventInformationTable():
            return event_fields(table)
        case dvb.TimeAndDateTable():
            return {"dvb_tdt.utc_time": [table.utc_time]}
        case dvb.TimeOffsetTable():
            return offset_fields(table)
    return {}


def service_fields(table: dvb.ServiceDescriptionTable) -> dict[str, list[Any]]:
    prefix = "dvb_sdt.svc."
    return {
        "dvb_sdt.tsid": [table.transport_stream_id],
        "dvb_sdt.original_nid": [table.original_network_id],
        prefix + "id": column(table.services, "service_id"),
        prefix + "eit_schedule_flag": column(table.services, "eit_schedule_flag"),
        prefix + "eit_present_following_flag": column(table.services, "eit_present_following_flag"),
        prefix + "running_status": column(table.services, "running_status"),
        prefix + "free_ca_mode": column(table.services, "free_ca_mode"),
        **header_fields("dvb_sdt", table),
        **descriptor_fields(all_descriptors(table.services)),
    }


def event_fields(table: dvb.EventInformationTable) -> dict[str, list[Any]]:
    prefix = "dvb_eit.evt."
    return {
        "dvb_eit.sid": [table.service_id],
        "dvb_eit.tsid": [table.transport_stream_id],
        "dvb_eit.original_nid": [table.original_network_id],
        "dvb_eit.segment_last_sect_num": [table.segment_last_section_number],
        "dvb_eit.last_tid": [table.last_table_id],
        prefix + "id": column(table.events, "event_id"),
        prefix + "start_time": column(table.events, "start_time"),
        prefix + "duration": [
            int.from_bytes(write_duration(event.duration), "big") for event in table.events
        ],
        prefix + "running_status": column(table.events, "running_status"),
        prefix + "free_ca_mode": column(table.events, "free_ca_mode"),
        **header_fields("dvb_eit", table),
        **descriptor_fields(all_descriptors(table.events)),
    }


def offset_fields(table: dvb.TimeOffsetTable) -> dict[str, list[Any]]:
    prefix = "mpeg_descr.local_time_offset."
    (descriptor,) = table.descriptors
    assert isinstance(descriptor, dvb.LocalTimeOffsetDescriptor)
    entries = descriptor.offsets
    return {
        "dvb_tot.utc_time": [table.utc_time],
        prefix + "country_code": column(entries, "country_code"),
        prefix + "region_id": column(entries, "country_region_id"),
        prefix + "polarity": column(entries, "local_time_offset_polarity"),
        prefix + "time_of_change": column(entries, "time_of_change"),
        prefix + "offset": [one.local_time_offset.total_seconds() for one in entries],
        prefix + "next_time_offset": [one.next_time_offset.total_seconds() for one in entries],
    }


def read_with_tshark(tshark: str, stream: Path, fields: list[str]) -> list[dict[str, list[str]]]:
    """The fields of each packet, in the order of the stream."""
    columns = [argument for name in fields for argument in ("-e", name)]
    done = subprocess.run(
        [tshark, "-r", str(stream), "-T", "fields", *columns, "-E", "separator=/t",
         "-E", "aggregator=|", "-o", "mpeg_sect.verify_crc:TRUE"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    lines = done.stdout.removesuffix("\n").split("\n")
    return [
        dict(
            zip(fields, [cell.split("|") if cell else [] for cell in line.split("\t")], strict=True)
        )
        for line in lines
    ]


def as_wanted(text: str, wanted: Any) -> Any:
    """tshark's text as the type of what is expected."""
    if isinstance(wanted, datetime):
        return datetime.strptime(text[:21].rstrip("."), "%b %d, %Y %H:%M:%S").replace(tzinfo=UTC)
    if isinstance(wanted, float):
        return float(text)
    return int(text, 0) if isinstance(wanted, int) else text


@settings(
    max_examples=10,
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(made=st.lists(tables, min_size=10, max_size=40))
def test_tshark_reads_what_was_encoded(
    made: list[dvb.SiTable], program: Callable[[str], str], tmp_path: Path
) -> None:
    short = [table for table in made if len(dvb.encode_table(table)[0]) <= 183]
    wanted = [
        {
            "mpeg_sect.tid": [dvb.encode_table(table)[0][0]],
            "mpeg_sect.crc.invalid": [],
            **expected_fields(table),
        }
        for table in short
    ]
    if not short:
        return
    counters: dict[int, int] = {}
    stream = tmp_path / "si.ts"
    packets = []
    for table in short:
        pid = PIDS[type(table)]
        packets += packetize(dvb.encode_table(table)[0], pid, counters.get(pid, 0))
        counters[pid] = (counters.get(pid, 0) + 1) % 16
    stream.write_bytes(b"".join(packets))
    fields = sorted({name for one in wanted for name in one})
    read = read_with_tshark(program("tshark"), stream, fields)
    assert len(read) == len(short)
    for found, expected in zip(read, wanted, strict=True):
        for name, values in expected.items():
            assert len(found[name]) == len(values), name
            told = [as_wanted(text, value) for text, value in zip(found[name], values, strict=True)]
            assert told == values, name
