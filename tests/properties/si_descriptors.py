"""Each typed descriptor of EN 300 468: what hypothesis draws of it, and its bytes by bitstring.

Texts are written by the code under test; tests of text judge that on their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bitstring import pack
from hypothesis import strategies as st

from tests.properties import si_strategies as draw
from tests.properties.si_reference import write_minutes, write_time
from tests.properties.si_strategies import bools, codes, few_bytes, texts, tuples_of
from tsloom import dvb
from tsloom.dvb import encode_text


class Case(NamedTuple):
    """A descriptor type: values of it, and what stands behind descriptor_length."""

    values: st.SearchStrategy[Any]
    write: Callable[[Any], bytes]


def put(layout: str, *values: Any) -> bytes:
    written: bytes = pack(layout, *values).tobytes()
    return written


def counted(data: bytes) -> bytes:
    return put("u8, bytes", len(data), data)


def text(value: str) -> bytes:
    return counted(encode_text(value))


def code(value: str) -> bytes:
    return value.encode("latin-1")


def join(write: Callable[[Any], bytes], items: Any) -> bytes:
    return b"".join(write(item) for item in items)


def write_named(name: dvb.LanguageName) -> bytes:
    return code(name.iso_639_language_code) + text(name.text)


def write_short_event(value: dvb.ShortEventDescriptor) -> bytes:
    return code(value.iso_639_language_code) + text(value.event_name) + text(value.text)


def write_extended_event(value: dvb.ExtendedEventDescriptor) -> bytes:
    items = join(lambda item: text(item.item_description) + text(item.item), value.items)
    return (
        put("u4, u4", value.descriptor_number, value.last_descriptor_number)
        + code(value.iso_639_language_code)
        + counted(items)
        + text(value.text)
    )


def write_component(value: dvb.ComponentDescriptor) -> bytes:
    return (
        put(
            "u4, u4, u8, u8",
            value.stream_content_ext,
            value.stream_content,
            value.component_type,
            value.component_tag,
        )
        + code(value.iso_639_language_code)
        + encode_text(value.text)
    )


def write_crid(one: dvb.ContentIdentifier) -> bytes:
    if one.crid is not None:
        return put("u6, 0b00", one.crid_type) + counted(one.crid.encode("latin-1"))
    return put("u6, 0b01, u16", one.crid_type, one.crid_ref)


def write_linkage(value: dvb.LinkageDescriptor) -> bytes:
    written = put(
        "u16, u16, u16, u8",
        value.transport_stream_id,
        value.original_network_id,
        value.service_id,
        value.linkage_type,
    )
    over, event = value.mobile_hand_over_info, value.event_linkage_info
    if over is not None:
        written += put("u4, u3, u1", over.hand_over_type, over.reserved_bits, over.origin_type)
        written += b"" if over.network_id is None else put("u16", over.network_id)
        written += b"" if over.initial_service_id is None else put("u16", over.initial_service_id)
    if event is not None:
        written += put(
            "u16, bool, bool, u6",
            event.target_event_id,
            event.target_listed,
            event.event_simulcast,
            event.reserved_bits,
        )
    return written + value.private_data


hand_overs = st.tuples(draw.u4, draw.u1).flatmap(
    lambda kinds: st.builds(
        dvb.MobileHandOverInfo,
        st.just(kinds[0]),
        st.just(kinds[1]),
        draw.u16 if kinds[0] in (1, 2, 3) else st.none(),
        st.none() if kinds[1] else draw.u16,
        reserved_bits=draw.u3,
    )
)
linkage_ids = (draw.u16, draw.u16, draw.u16)
linkages = (
    st.builds(
        dvb.LinkageDescriptor,
        *linkage_ids,
        draw.u8.filter(lambda number: number not in (0x08, 0x0D)),
        private_data=few_bytes,
    )
    | st.builds(
        dvb.LinkageDescriptor,
        *linkage_ids,
        st.just(0x08),
        mobile_hand_over_info=hand_overs,
        private_data=few_bytes,
    )
    | st.builds(
        dvb.LinkageDescriptor,
        *linkage_ids,
        st.just(0x0D),
        event_linkage_info=st.builds(
            dvb.EventLinkageInfo, draw.u16, bools, bools, reserved_bits=draw.u6
        ),
        private_data=few_bytes,
    )
)


def optional(*numbers: int | None) -> bytes:
    return join(lambda number: b"" if number is None else put("u8", number), numbers)


def write_ac3(value: dvb.AC3Descriptor) -> bytes:
    fields = (value.component_type, value.bsid, value.mainid, value.asvc)
    flags = (number is not None for number in fields)
    head = put("bool, bool, bool, bool, u4", *flags, value.reserved_bits)
    return head + optional(*fields) + value.additional_info


def write_eac3(value: dvb.EnhancedAC3Descriptor) -> bytes:
    fields = (value.component_type, value.bsid, value.mainid, value.asvc)
    streams = (value.substream1, value.substream2, value.substream3)
    flags = [number is not None for number in fields]
    flags += [value.mixinfoexists, *(number is not None for number in streams)]
    head = put(", ".join(["bool"] * 8), *flags)
    return head + optional(*fields, *streams) + value.additional_info


def write_aac(value: dvb.AACDescriptor) -> bytes:
    written = put("u8", value.profile_and_level)
    if value.saoc_de_flag is None:
        return written
    written += put(
        "bool, bool, u6", value.aac_type is not None, value.saoc_de_flag, value.reserved_bits
    )
    return written + optional(value.aac_type) + value.additional_info


def write_supplementary(value: dvb.SupplementaryAudioDescriptor) -> bytes:
    language = value.iso_639_language_code
    head = put(
        "u8, u1, u5, u1, bool",
        0x06,
        value.mix_type,
        value.editorial_classification,
        value.reserved_bits,
        language is not None,
    )
    return head + (b"" if language is None else code(language)) + value.private_data


def write_page(page: dvb.TeletextPage) -> bytes:
    return code(page.iso_639_language_code) + put(
        "u5, u3, u8",
        page.teletext_type,
        page.teletext_magazine_number,
        page.teletext_page_number,
    )


def write_local_time(one: dvb.LocalTimeOffset) -> bytes:
    return put(
        "bytes3, u6, u1, u1, hex16, bytes5, hex16",
        code(one.country_code),
        one.country_region_id,
        one.reserved_bits,
        one.local_time_offset_polarity,
        write_minutes(one.local_time_offset),
        write_time(one.time_of_change),
        write_minutes(one.next_time_offset),
    )


def write_channels(size: int) -> Callable[[Any], bytes]:
    ones = (1 << 15 - size) - 1

    def write(value: Any) -> bytes:
        return join(
            lambda one: put(
                f"u16, bool, u{15 - size}, u{size}",
                one.service_id,
                one.visible_service_flag,
                ones if one.reserved_bits is None else one.reserved_bits,
                one.logical_channel_number,
            ),
            value.channels,
        )

    return write


def channels(size: int) -> st.SearchStrategy[Any]:
    ones = (1 << 15 - size) - 1
    return tuples_of(
        st.builds(
            dvb.LogicalChannel,
            draw.u16,
            st.integers(0, (1 << size) - 1),
            bools,
            reserved_bits=st.none() | st.integers(0, ones - 1),
        )
    )


pages = tuples_of(st.builds(dvb.TeletextPage, codes, draw.u5, draw.u3, draw.u8))
names = tuples_of(st.builds(dvb.LanguageName, codes, texts))
crids = st.builds(
    dvb.ContentIdentifier, draw.u6, st.text(st.characters(max_codepoint=0xFF), max_size=9)
) | st.builds(dvb.ContentIdentifier, draw.u6, st.none(), draw.u16)
optional_u8 = st.none() | draw.u8
