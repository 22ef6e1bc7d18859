"""TSDuck's reading of descriptors, and ours, brought to one form to be compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tsloom import dvb
from tsloom.psi import CADescriptor, Descriptor

Node = dict[str, Any]
POLARIZATIONS = ("horizontal", "vertical", "left", "right")
MODULATIONS = ("auto", "QPSK", "8PSK", "16-QAM")
INNER_CODES = ("undefined", "1/2", "2/3", "3/4", "5/6", "7/8", "8/9", "3/5", "4/5", "9/10")
CODE_RATES = ("1/2", "2/3", "3/4", "5/6", "7/8")
SPECIFIERS = {"CanalPlus": 0xC0, "EACEM": 0x28}
T2_GUARDS = ("1/32", "1/16", "1/8", "1/4", "1/128", "19/128", "19/256")


def nodes(node: Node, name: str) -> list[Node]:
    return [child for child in children(node) if child["#name"] == name]


def children(node: Node) -> list[Node]:
    return [child for child in node.get("#nodes", ()) if isinstance(child, dict)]


def text_of(node: Node, name: str) -> str:
    return "".join("".join(child.get("#nodes", ())) for child in nodes(node, name))


def hex_of(node: Node, name: str) -> str:
    return text_of(node, name).replace(" ", "").lower()


def number(text: str) -> int:
    return int(text.replace(",", ""))


def write_time(time: datetime | None) -> str | None:
    return None if time is None else time.strftime("%Y-%m-%d %H:%M:%S")


def write_minutes(offset: timedelta) -> int:
    return round(offset.total_seconds()) // 60


def same_names(value: Descriptor, *names: str) -> list[Any]:
    return [getattr(value, name) for name in names]


def read_satellite(node: Node) -> list[Any]:
    return [
        number(node["frequency"]),
        node["orbital_position"],
        node["west_east_flag"],
        node["polarization"],
        node["modulation_system"],
        node["modulation_type"],
        number(node["symbol_rate"]),
        node["fec_inner"],
    ]


def say_satellite(value: dvb.SatelliteDeliverySystemDescriptor) -> list[Any]:
    return [
        value.frequency_hz,
        str(value.orbital_position / 10),
        "east" if value.west_east_flag else "west",
        POLARIZATIONS[value.polarization],
        "DVB-S2" if value.modulation_system else "DVB-S",
        MODULATIONS[value.modulation_type],
        value.symbols_per_second,
        INNER_CODES[value.fec_inner],
    ]


def read_terrestrial(node: Node) -> list[Any]:
    return [
        number(node["centre_frequency"]),
        node["bandwidth"],
        node["priority"],
        node["no_time_slicing"],
        node["no_mpe_fec"],
        node["constellation"],
        node["hierarchy_information"],
        node["code_rate_hp_stream"],
        node["code_rate_lp_stream"],
        node["guard_interval"],
        node["transmission_mode"],
        node["other_frequency"],
    ]


def say_terrestrial(value: dvb.TerrestrialDeliverySystemDescriptor) -> list[Any]:
    return [
        value.centre_frequency_hz,
        f"{(value.bandwidth_hz or 0) // 1_000_000}MHz",
        "HP" if value.priority else "LP",
        bool(value.time_slicing_indicator),
        bool(value.mpe_fec_indicator),
        ("QPSK", "16-QAM", "64-QAM")[value.constellation],
        value.hierarchy_information,
        CODE_RATES[value.code_rate_hp_stream],
        CODE_RATES[value.code_rate_lp_stream],
        ("1/32", "1/16", "1/8", "1/4")[value.guard_interval],
        ("2k", "8k", "4k")[value.transmission_mode],
        value.other_frequency_flag,
    ]


def read_t2(node: Node) -> list[Any]:
    return [
        node["plp_id"],
        node["t2_system_id"],
        [
            [
                part["bandwidth"],
                part["guard_interval"],
                part["transmission_mode"],
                part["siso_miso"],
                part["other_frequency"],
                part["tfs"],
                [
                    [
                        cell["cell_id"],
                        [number(one["value"]) for one in nodes(cell, "centre_frequency")],
                    ]
                    for cell in nodes(part, "cell")
                ],
            ]
            for part in nodes(node, "extension")
        ],
    ]


def say_t2(value: dvb.T2DeliverySystemDescriptor) -> list[Any]:
    parts = [] if value.parameters is None else [value.parameters]
    return [
        value.plp_id,
        value.t2_system_id,
        [
            [
                f"{(part.bandwidth_hz or 0) // 1_000_000}MHz",
                T2_GUARDS[part.guard_interval],
                ("2k", "8k", "4k", "1k", "16k", "32k")[part.transmission_mode],
                ("SISO", "MISO")[part.siso_miso],
                part.other_frequency_flag,
                part.tfs_flag,
                [[cell.cell_id, list(cell.centre_frequencies_hz)] for cell in part.cells],
            ]
            for part in parts
        ],
    ]


def read_local_time(node: Node) -> list[Any]:
    names = (
        "country_code",
        "country_region_id",
        "local_time_offset",
        "next_time_offset",
        "time_of_change",
    )
    return [[region[name] for name in names] for region in nodes(node, "region")]


def say_local_time(value: dvb.LocalTimeOffsetDescriptor) -> list[Any]:
    return [
        [
            one.country_code,
            one.country_region_id,
            write_minutes(one.utc_offset),
            write_minutes(one.next_utc_offset),
            write_time(one.time_of_change),
        ]
        for one in value.offsets
    ]


def read_specifier(text: str) -> int:
    return SPECIFIERS[text] if text in SPECIFIERS else int(text, 0)


def read_items(node: Node) -> list[Any]:
    return [[text_of(item, "description"), text_of(item, "name")] for item in nodes(node, "item")]


def fields_of(name: str, *fields: str) -> Callable[[Node], list[Any]]:
    """A loop of nodes, of each the fields."""
    return lambda node: [[one.get(field) for field in fields] for one in nodes(node, name)]


def loop_of(name: str, *fields: str) -> Callable[[Any], list[Any]]:
    """The same of our values."""
    return lambda value: [[getattr(one, field) for field in fields] for one in getattr(value, name)]


CELL = (
    "cell_id",
    "cell_latitude",
    "cell_longitude",
    "cell_extent_of_latitude",
    "cell_extent_of_longitude",
)
AC3 = ("component_type", "bsid", "mainid", "asvc")
SUBTITLES = ("subtitling_type", "composition_page_id", "ancillary_page_id")
COMPONENT = ("stream_content", "stream_content_ext", "component_type", "component_tag", "text")
LINKAGE = ("transport_stream_id", "original_network_id", "service_id", "linkage_type")
NUMBERS = ("descriptor_number", "last_descriptor_number")
CODE = "iso_639_language_code"

# By TSDuck's name: our type, what TSDuck reads, what we do.
DESCRIPTORS: dict[str, tuple[type, Callable[[Node], Any], Callable[[Any], Any]]] = {
    "network_name_descriptor": (
        dvb.NetworkNameDescriptor,
        lambda node: node["network_name"],
        lambda value: value.network_name,
    ),
    "bouquet_name_descriptor": (
        dvb.BouquetNameDescriptor,
        lambda node: node["bouquet_name"],
        lambda value: value.bouquet_name,
    ),
    "service_descriptor": (
        dvb.ServiceDescriptor,
        lambda node: [node["service_type"], node["service_provider_name"], node["service_name"]],
        lambda value: [value.service_type, value.service_provider_name, value.service_name],
    ),
    "service_list_descriptor": (
        dvb.ServiceListDescriptor,
        fields_of("service", "service_id", "service_type"),
        loop_of("services", "service_id", "service_type"),
    ),
    "short_event_descriptor": (
        dvb.ShortEventDescriptor,
        lambda node: [node["language_code"], text_of(node, "event_name"), text_of(node, "text")],
        lambda value: [value.iso_639_language_code, value.event_name, value.text],
    ),
    "extended_event_descriptor": (
        dvb.ExtendedEventDescriptor,
        lambda node: [
            *(node[name] for name in NUMBERS),
            node["language_code"],
            text_of(node, "text"),
            read_items(node),
        ],
        lambda value: [
            *same_names(value, *NUMBERS, CODE, "text"),
            [[item.item_description, item.item] for item in value.items],
        ],
    ),
    "component_descriptor": (
        dvb.ComponentDescriptor,
        lambda node: [node["language_code"], *(node.get(name, "") for name in COMPONENT)],
        lambda value: same_names(value, CODE, *COMPONENT),
    ),
    "content_descriptor": (
        dvb.ContentDescriptor,
        fields_of("content", "content_nibble_level_1", "content_nibble_level_2", "user_byte"),
        loop_of("contents", "content_nibble_level_1", "content_nibble_level_2", "user_byte"),
    ),
    "parental_rating_descriptor": (
        dvb.ParentalRatingDescriptor,
        fields_of("country", "country_code", "rating"),
        loop_of("ratings", "country_code", "rating"),
    ),
    "content_identifier_descriptor": (
        dvb.ContentIdentifierDescriptor,
        fields_of("crid", "crid_type", "crid"),
        loop_of("crids", "crid_type", "crid"),
    ),
    "PDC_descriptor": (
        dvb.PDCDescriptor,
        lambda node: node["programme_identification_label"],
        lambda value: f"{value.month:02}-{value.day:02} {value.hour:02}:{value.minute:02}",
    ),
    "private_data_specifier_descriptor": (
        dvb.PrivateDataSpecifierDescriptor,
        lambda node: read_specifier(str(node["private_data_specifier"])),
        lambda value: value.private_data_specifier,
    ),
    "linkage_descriptor": (
        dvb.LinkageDescriptor,
        lambda node: [*(node[name] for name in LINKAGE), hex_of(node, "private_data")],
        lambda value: [*same_names(value, *LINKAGE), value.private_data.hex()],
    ),
    "local_time_offset_descriptor": (
        dvb.LocalTimeOffsetDescriptor,
        read_local_time,
        say_local_time,
    ),
    "satellite_delivery_system_descriptor": (
        dvb.SatelliteDeliverySystemDescriptor,
        read_satellite,
        say_satellite,
    ),
    "terrestrial_delivery_system_descriptor": (
        dvb.TerrestrialDeliverySystemDescriptor,
        read_terrestrial,
        say_terrestrial,
    ),
    "T2_delivery_system_descriptor": (dvb.T2DeliverySystemDescriptor, read_t2, say_t2),
    "cell_list_descriptor": (
        dvb.CellListDescriptor,
        fields_of("cell", *CELL),
        loop_of("cells", *CELL),
    ),
    "eacem_HD_simulcast_logical_channel_descriptor": (
        dvb.HDSimulcastLogicalChannelDescriptor,
        fields_of("service", "service_id", "logical_channel_number", "visible_service"),
        loop_of("channels", "service_id", "logical_channel_number", "visible_service_flag"),
    ),
    "country_availability_descriptor": (
        dvb.CountryAvailabilityDescriptor,
        lambda node: [
            node["country_availability"],
            [one["country_code"] for one in nodes(node, "country")],
        ],
        lambda value: [value.country_availability_flag, list(value.country_codes)],
    ),
    "stream_identifier_descriptor": (
        dvb.StreamIdentifierDescriptor,
        lambda node: node["component_tag"],
        lambda value: value.component_tag,
    ),
    "teletext_descriptor": (
        dvb.TeletextDescriptor,
        lambda node: [
            [one["language_code"], one["teletext_type"], str(one["page_number"])]
            for one in nodes(node, "teletext")
        ],
        loop_of("pages", CODE, "teletext_type", "page"),
    ),
    "subtitling_descriptor": (
        dvb.SubtitlingDescriptor,
        fields_of("subtitling", "language_code", *SUBTITLES),
        loop_of("subtitles", CODE, *SUBTITLES),
    ),
    "DVB_AC3_descriptor": (
        dvb.AC3Descriptor,
        lambda node: [node.get(name) for name in AC3],
        lambda value: same_names(value, *AC3),
    ),
    "DVB_enhanced_AC3_descriptor": (
        dvb.EnhancedAC3Descriptor,
        lambda node: [node.get(name) for name in (*AC3, "mixinfoexists")],
        lambda value: same_names(value, *AC3, "mixinfoexists"),
    ),
    "supplementary_audio_descriptor": (
        dvb.SupplementaryAudioDescriptor,
        lambda node: [
            node["mix_type"],
            node["editorial_classification"],
            node.get("language_code"),
        ],
        lambda value: same_names(value, "mix_type", "editorial_classification", CODE),
    ),
    "application_signalling_descriptor": (
        dvb.ApplicationSignallingDescriptor,
        fields_of("application", "application_type", "ait_version_number"),
        loop_of("applications", "application_type", "ait_version_number"),
    ),
    "data_broadcast_id_descriptor": (
        dvb.DataBroadcastIdDescriptor,
        lambda node: [node["data_broadcast_id"], hex_of(node, "selector_bytes")],
        lambda value: [value.data_broadcast_id, value.selector.hex()],
    ),
    "CA_descriptor": (
        CADescriptor,
        lambda node: [node["ca_system_id"], node["ca_pid"]],
        lambda value: [value.ca_system_id, value.ca_pid],
    ),
}
NAMES = {ours: name for name, (ours, _, _) in DESCRIPTORS.items()}
