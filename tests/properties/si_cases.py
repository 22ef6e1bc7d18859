"""The cases of si_descriptors by descriptor type."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.properties import si_delivery as delivery
from tests.properties import si_descriptors as d
from tests.properties import si_strategies as draw
from tests.properties.si_descriptors import Case, code, counted, join, put, text
from tests.properties.si_strategies import bools, codes, few_bytes, texts, tuples_of
from tsloom import dvb
from tsloom.dvb import encode_text
from tsloom.psi import Descriptor

CASES: dict[type[Descriptor], Case] = {
    dvb.NetworkNameDescriptor: Case(
        st.builds(dvb.NetworkNameDescriptor, texts), lambda v: encode_text(v.network_name)
    ),
    dvb.BouquetNameDescriptor: Case(
        st.builds(dvb.BouquetNameDescriptor, texts), lambda v: encode_text(v.bouquet_name)
    ),
    dvb.ServiceDescriptor: Case(
        st.builds(dvb.ServiceDescriptor, draw.u8, texts, texts),
        lambda v: put("u8", v.service_type) + text(v.service_provider_name) + text(v.service_name),
    ),
    dvb.MultilingualNetworkNameDescriptor: Case(
        st.builds(dvb.MultilingualNetworkNameDescriptor, d.names),
        lambda v: join(d.write_named, v.names),
    ),
    dvb.MultilingualBouquetNameDescriptor: Case(
        st.builds(dvb.MultilingualBouquetNameDescriptor, d.names),
        lambda v: join(d.write_named, v.names),
    ),
    dvb.MultilingualServiceNameDescriptor: Case(
        st.builds(
            dvb.MultilingualServiceNameDescriptor,
            tuples_of(st.builds(dvb.ServiceLanguageName, codes, texts, texts), 2),
        ),
        lambda v: join(
            lambda name: (
                code(name.iso_639_language_code)
                + text(name.service_provider_name)
                + text(name.service_name)
            ),
            v.names,
        ),
    ),
    dvb.MultilingualComponentDescriptor: Case(
        st.builds(dvb.MultilingualComponentDescriptor, draw.u8, d.names),
        lambda v: put("u8", v.component_tag) + join(d.write_named, v.names),
    ),
    dvb.ShortEventDescriptor: Case(
        st.builds(dvb.ShortEventDescriptor, codes, texts, texts), d.write_short_event
    ),
    dvb.ExtendedEventDescriptor: Case(
        st.builds(
            dvb.ExtendedEventDescriptor,
            codes,
            texts,
            tuples_of(st.builds(dvb.ExtendedEventItem, texts, texts), 3),
            draw.u4,
            draw.u4,
        ),
        d.write_extended_event,
    ),
    dvb.ComponentDescriptor: Case(
        st.builds(dvb.ComponentDescriptor, draw.u4, draw.u8, draw.u8, codes, texts, draw.u4),
        d.write_component,
    ),
    dvb.ContentDescriptor: Case(
        st.builds(
            dvb.ContentDescriptor,
            tuples_of(st.builds(dvb.Content, draw.u4, draw.u4, draw.u8)),
        ),
        lambda v: join(
            lambda one: put(
                "u4, u4, u8",
                one.content_nibble_level_1,
                one.content_nibble_level_2,
                one.user_byte,
            ),
            v.contents,
        ),
    ),
    dvb.ParentalRatingDescriptor: Case(
        st.builds(
            dvb.ParentalRatingDescriptor,
            tuples_of(st.builds(dvb.ParentalRating, codes, draw.u8)),
        ),
        lambda v: join(lambda one: code(one.country_code) + put("u8", one.rating), v.ratings),
    ),
    dvb.ContentIdentifierDescriptor: Case(
        st.builds(dvb.ContentIdentifierDescriptor, tuples_of(d.crids)),
        lambda v: join(d.write_crid, v.crids),
    ),
    dvb.PDCDescriptor: Case(
        st.builds(dvb.PDCDescriptor, draw.u5, draw.u4, draw.u5, draw.u6, draw.u4),
        lambda v: put("u4, u5, u4, u5, u6", v.reserved_bits, v.day, v.month, v.hour, v.minute),
    ),
    dvb.ServiceListDescriptor: Case(
        st.builds(
            dvb.ServiceListDescriptor, tuples_of(st.builds(dvb.ListedService, draw.u16, draw.u8))
        ),
        lambda v: join(lambda one: put("u16, u8", one.service_id, one.service_type), v.services),
    ),
    dvb.LinkageDescriptor: Case(d.linkages, d.write_linkage),
    dvb.NVODReferenceDescriptor: Case(
        st.builds(
            dvb.NVODReferenceDescriptor,
            tuples_of(st.builds(dvb.ServiceReference, draw.u16, draw.u16, draw.u16)),
        ),
        lambda v: join(
            lambda one: put(
                "u16, u16, u16", one.transport_stream_id, one.original_network_id, one.service_id
            ),
            v.services,
        ),
    ),
    dvb.CountryAvailabilityDescriptor: Case(
        st.builds(dvb.CountryAvailabilityDescriptor, bools, tuples_of(codes), draw.u7),
        lambda v: (
            put("bool, u7", v.country_availability_flag, v.reserved_bits)
            + join(code, v.country_codes)
        ),
    ),
    dvb.CAIdentifierDescriptor: Case(
        st.builds(dvb.CAIdentifierDescriptor, tuples_of(draw.u16)),
        lambda v: join(lambda number: put("u16", number), v.ca_system_ids),
    ),
    dvb.DefaultAuthorityDescriptor: Case(
        st.builds(dvb.DefaultAuthorityDescriptor, st.text(st.characters(max_codepoint=255))),
        lambda v: code(v.default_authority),
    ),
    dvb.PrivateDataSpecifierDescriptor: Case(
        st.builds(dvb.PrivateDataSpecifierDescriptor, draw.u32),
        lambda v: put("u32", v.private_data_specifier),
    ),
    dvb.SatelliteDeliverySystemDescriptor: Case(
        st.builds(
            dvb.SatelliteDeliverySystemDescriptor,
            delivery.bcd8,
            delivery.bcd4,
            draw.u1,
            draw.u2,
            draw.u1,
            draw.u2,
            delivery.bcd7,
            draw.u4,
            draw.u2,
        ),
        delivery.write_satellite,
    ),
    dvb.CableDeliverySystemDescriptor: Case(
        st.builds(
            dvb.CableDeliverySystemDescriptor,
            delivery.bcd8,
            draw.u4,
            draw.u8,
            delivery.bcd7,
            draw.u4,
            draw.u12,
        ),
        delivery.write_cable,
    ),
    dvb.TerrestrialDeliverySystemDescriptor: Case(
        st.builds(
            dvb.TerrestrialDeliverySystemDescriptor,
            draw.u32,
            draw.u3,
            draw.u2,
            draw.u3,
            draw.u3,
            draw.u3,
            draw.u2,
            draw.u2,
            bools,
            draw.u1,
            draw.u1,
            draw.u1,
            st.integers(0, (1 << 34) - 1),
        ),
        delivery.write_terrestrial,
    ),
    dvb.S2SatelliteDeliverySystemDescriptor: Case(
        delivery.s2_without_index | delivery.s2_with_index, delivery.write_s2
    ),
    dvb.FrequencyListDescriptor: Case(
        st.builds(dvb.FrequencyListDescriptor, draw.u2, tuples_of(delivery.bcd8), draw.u6),
        delivery.write_frequencies,
    ),
    dvb.T2DeliverySystemDescriptor: Case(
        st.builds(
            dvb.T2DeliverySystemDescriptor,
            draw.u8,
            draw.u16,
            st.none() | bools.flatmap(delivery.t2_parameters),
        ),
        delivery.write_t2,
    ),
    dvb.CellListDescriptor: Case(
        st.builds(
            dvb.CellListDescriptor,
            tuples_of(
                st.builds(
                    dvb.Cell,
                    draw.u16,
                    *delivery.areas,
                    tuples_of(st.builds(dvb.Subcell, draw.u8, *delivery.areas), 2),
                ),
                3,
            ),
        ),
        lambda v: join(delivery.write_cell, v.cells),
    ),
    dvb.CellFrequencyLinkDescriptor: Case(
        st.builds(
            dvb.CellFrequencyLinkDescriptor,
            tuples_of(
                st.builds(
                    dvb.CellFrequency,
                    draw.u16,
                    draw.u32,
                    tuples_of(st.builds(dvb.SubcellFrequency, draw.u8, draw.u32), 2),
                )
            ),
        ),
        lambda v: join(delivery.write_cell_frequency, v.cells),
    ),
    dvb.AC3Descriptor: Case(
        st.builds(dvb.AC3Descriptor, *[d.optional_u8] * 4, few_bytes, draw.u4), d.write_ac3
    ),
    dvb.EnhancedAC3Descriptor: Case(
        st.builds(dvb.EnhancedAC3Descriptor, *[d.optional_u8] * 7, bools, few_bytes), d.write_eac3
    ),
    dvb.AACDescriptor: Case(
        st.builds(dvb.AACDescriptor, draw.u8)
        | st.builds(dvb.AACDescriptor, draw.u8, bools, d.optional_u8, few_bytes, draw.u6),
        d.write_aac,
    ),
    dvb.SupplementaryAudioDescriptor: Case(
        st.builds(
            dvb.SupplementaryAudioDescriptor,
            draw.u1,
            draw.u5,
            st.none() | codes,
            few_bytes,
            draw.u1,
        ),
        d.write_supplementary,
    ),
    dvb.StreamIdentifierDescriptor: Case(
        st.builds(dvb.StreamIdentifierDescriptor, draw.u8), lambda v: put("u8", v.component_tag)
    ),
    dvb.TeletextDescriptor: Case(
        st.builds(dvb.TeletextDescriptor, d.pages), lambda v: join(d.write_page, v.pages)
    ),
    dvb.VBITeletextDescriptor: Case(
        st.builds(dvb.VBITeletextDescriptor, d.pages), lambda v: join(d.write_page, v.pages)
    ),
    dvb.SubtitlingDescriptor: Case(
        st.builds(
            dvb.SubtitlingDescriptor,
            tuples_of(st.builds(dvb.Subtitling, codes, draw.u8, draw.u16, draw.u16)),
        ),
        lambda v: join(
            lambda one: (
                code(one.iso_639_language_code)
                + put(
                    "u8, u16, u16",
                    one.subtitling_type,
                    one.composition_page_id,
                    one.ancillary_page_id,
                )
            ),
            v.subtitles,
        ),
    ),
    dvb.VBIDataDescriptor: Case(
        st.builds(
            dvb.VBIDataDescriptor, tuples_of(st.builds(dvb.VBIDataService, draw.u8, few_bytes))
        ),
        lambda v: join(lambda one: put("u8", one.data_service_id) + counted(one.data), v.services),
    ),
    dvb.DataBroadcastDescriptor: Case(
        st.builds(dvb.DataBroadcastDescriptor, draw.u16, draw.u8, codes, texts, few_bytes),
        lambda v: (
            put("u16, u8", v.data_broadcast_id, v.component_tag)
            + counted(v.selector)
            + code(v.iso_639_language_code)
            + text(v.text)
        ),
    ),
    dvb.DataBroadcastIdDescriptor: Case(
        st.builds(dvb.DataBroadcastIdDescriptor, draw.u16, few_bytes),
        lambda v: put("u16, bytes", v.data_broadcast_id, v.selector),
    ),
    dvb.ApplicationSignallingDescriptor: Case(
        st.builds(
            dvb.ApplicationSignallingDescriptor,
            tuples_of(
                st.builds(
                    dvb.ApplicationSignalling,
                    st.integers(0, 0x7FFF),
                    draw.u5,
                    reserved_bits=draw.u4,
                )
            ),
        ),
        lambda v: join(
            lambda one: put(
                "u1, u15, u3, u5",
                one.reserved_bits >> 3,
                one.application_type,
                one.reserved_bits & 7,
                one.ait_version_number,
            ),
            v.applications,
        ),
    ),
    dvb.LocalTimeOffsetDescriptor: Case(
        st.builds(
            dvb.LocalTimeOffsetDescriptor,
            tuples_of(
                st.builds(
                    dvb.LocalTimeOffset,
                    codes,
                    draw.offsets,
                    draw.offsets,
                    st.none() | draw.times,
                    draw.u6,
                    draw.u1,
                    reserved_bits=draw.u1,
                )
            ),
        ),
        lambda v: join(d.write_local_time, v.offsets),
    ),
    dvb.LogicalChannelDescriptor: Case(
        st.builds(dvb.LogicalChannelDescriptor, d.channels(10)), d.write_channels(10)
    ),
    dvb.HDSimulcastLogicalChannelDescriptor: Case(
        st.builds(dvb.HDSimulcastLogicalChannelDescriptor, d.channels(10)), d.write_channels(10)
    ),
    dvb.NordigLogicalChannelDescriptor: Case(
        st.builds(dvb.NordigLogicalChannelDescriptor, d.channels(14)), d.write_channels(14)
    ),
    dvb.DVBExtensionDescriptor: Case(
        st.builds(dvb.DVBExtensionDescriptor, st.integers(0x80, 0xFF), few_bytes),
        lambda v: put("u8, bytes", v.descriptor_tag_extension, v.selector),
    ),
}
SPECIFIERS: dict[type[Descriptor], int] = {
    dvb.LogicalChannelDescriptor: 0x28,
    dvb.HDSimulcastLogicalChannelDescriptor: 0x28,
    dvb.NordigLogicalChannelDescriptor: 0x29,
}
# In any loop, without a private_data_specifier_descriptor.
descriptors = st.one_of([CASES[cls].values for cls in CASES if cls not in SPECIFIERS])
loops = tuples_of(descriptors, 3)
