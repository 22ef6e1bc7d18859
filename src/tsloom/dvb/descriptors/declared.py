"""The long tail of EN 300 468, tables 12 and 109: descriptors declared in bitstring's format
language. What has a structure that no list of fields can say is `bytes`.
"""

from __future__ import annotations

from typing import NamedTuple

from tsloom.psi.descriptors import register_descriptor


class Declaration(NamedTuple):
    name: str
    tag: int
    format: str
    extension_tag: int | None = None


DECLARATIONS = (
    Declaration("association_tag_descriptor", 0x14, "u16=association_tag, u16=use, bytes=selector"),
    Declaration("carousel_identifier_descriptor", 0x13, "u32=carousel_id, bytes=private_data"),
    Declaration("stuffing_descriptor", 0x42, "bytes=stuffing"),
    Declaration("time_shifted_service_descriptor", 0x4C, "u16=reference_service_id"),
    Declaration(
        "time_shifted_event_descriptor", 0x4F, "u16=reference_service_id, u16=reference_event_id"
    ),
    Declaration(
        "mosaic_descriptor",
        0x51,
        (
            "bool=mosaic_entry_point, u3=number_of_horizontal_elementary_cells, 0b1, "
            "u3=number_of_vertical_elementary_cells, bytes=logical_cells"
        ),
    ),
    Declaration(
        "telephone_descriptor",
        0x57,
        (
            "0b11, bool=foreign_availability, u5=connection_type, 0b1, "
            "u2=country_prefix_length, u3=international_area_code_length, "
            "u2=operator_code_length, 0b1, u3=national_area_code_length, u4=core_number_length, "
            "bytes=numbers"
        ),
    ),
    Declaration(
        "service_move_descriptor",
        0x60,
        "u16=new_original_network_id, u16=new_transport_stream_id, u16=new_service_id",
    ),
    Declaration(
        "short_smoothing_buffer_descriptor", 0x61, "u2=sb_size, u6=sb_leak_rate, bytes=reserved"
    ),
    Declaration(
        "partial_transport_stream_descriptor",
        0x63,
        (
            "0b11, u22=peak_rate, 0b11, u22=minimum_overall_smoothing_rate, 0b11, "
            "u14=maximum_overall_smoothing_buffer"
        ),
    ),
    Declaration("scrambling_descriptor", 0x65, "u8=scrambling_mode"),
    Declaration("transport_stream_descriptor", 0x67, "bytes=data"),
    Declaration("DSNG_descriptor", 0x68, "bytes=data"),
    Declaration("ancillary_data_descriptor", 0x6B, "u8=ancillary_data_identifier"),
    Declaration(
        "announcement_support_descriptor",
        0x6E,
        "u16=announcement_support_indicator, bytes=announcements",
    ),
    Declaration("adaptation_field_data_descriptor", 0x70, "u8=adaptation_field_data_identifier"),
    Declaration("service_identifier_descriptor", 0x71, "bytes=textual_service_identifier"),
    Declaration(
        "service_availability_descriptor", 0x72, "bool=availability_flag, 0b1111111, bytes=cell_ids"
    ),
    Declaration("related_content_descriptor", 0x74, "bytes=data"),
    Declaration("TVA_id_descriptor", 0x75, "bytes=tva_ids"),
    Declaration(
        "time_slice_fec_identifier_descriptor",
        0x77,
        (
            "bool=time_slicing, u2=mpe_fec, 0b11, u3=frame_size, u8=max_burst_duration, "
            "u4=max_average_rate, u4=time_slice_fec_id, bytes=id_selector"
        ),
    ),
    Declaration(
        "ECM_repetition_rate_descriptor",
        0x78,
        "u16=ca_system_id, u16=ecm_repetition_rate, bytes=private_data",
    ),
    Declaration(
        "DTS_descriptor",
        0x7B,
        (
            "u4=sample_rate_code, u6=bit_rate_code, u7=nblks, u14=fsize, u6=surround_mode, "
            "bool=lfe_flag, u2=extended_surround_flag, bytes=additional_info"
        ),
    ),
    Declaration(
        "XAIT_location_descriptor",
        0x7D,
        "u16=xait_original_network_id, u16=xait_service_id, u5=xait_version_number, "
        "u3=xait_update_policy",
    ),
    Declaration(
        "FTA_content_management_descriptor",
        0x7E,
        (
            "bool=user_defined, 0b111, bool=do_not_scramble, "
            "u2=control_remote_access_over_internet, bool=do_not_apply_revocation"
        ),
    ),
    Declaration(
        "image_icon_descriptor",
        0x7F,
        "u4=descriptor_number, u4=last_descriptor_number, bytes=icon",
        0x00,
    ),
    Declaration("CPCM_delivery_signalling_descriptor", 0x7F, "u8=cpcm_version, bytes=selector", 1),
    Declaration(
        "CP_descriptor", 0x7F, "u16=cp_system_id, 0b111, u13=cp_pid, bytes=private_data", 2
    ),
    Declaration("CP_identifier_descriptor", 0x7F, "bytes=cp_system_ids", 0x03),
    Declaration(
        "SH_delivery_system_descriptor", 0x7F, "u4=diversity_mode, 0b1111, bytes=modulations", 0x05
    ),
    Declaration("network_change_notify_descriptor", 0x7F, "bytes=changes", 0x07),
    Declaration(
        "message_descriptor", 0x7F, "u8=message_id, bytes3=iso_639_language_code, bytes=text", 0x08
    ),
    Declaration("target_region_descriptor", 0x7F, "bytes3=country_code, bytes=regions", 0x09),
    Declaration(
        "target_region_name_descriptor",
        0x7F,
        "bytes3=country_code, bytes3=iso_639_language_code, bytes=regions",
        0x0A,
    ),
    Declaration(
        "service_relocated_descriptor",
        0x7F,
        "u16=old_original_network_id, u16=old_transport_stream_id, u16=old_service_id",
        0x0B,
    ),
    Declaration("XAIT_PID_descriptor", 0x7F, "0b111, u13=xait_pid", 0x0C),
    Declaration(
        "C2_delivery_system_descriptor",
        0x7F,
        (
            "u8=plp_id, u8=data_slice_id, u32=c2_system_tuning_frequency, "
            "u2=c2_system_tuning_frequency_type, u3=active_ofdm_symbol_duration, u3=guard_interval"
        ),
        0x0D,
    ),
    Declaration("DTS-HD_descriptor", 0x7F, "bytes=substreams", 0x0E),
    Declaration("DTS_Neural_descriptor", 0x7F, "u8=config_id, bytes=additional_info", 0x0F),
    Declaration("video_depth_range_descriptor", 0x7F, "bytes=ranges", 0x10),
    Declaration(
        "T2MI_descriptor",
        0x7F,
        (
            "0b00000, u3=t2mi_stream_id, 0b00000, u3=num_t2mi_streams_minus_one, 0b0000000, "
            "bool=pcr_iscr_common_clock_flag, bytes=reserved"
        ),
        0x11,
    ),
    Declaration("URI_linkage_descriptor", 0x7F, "u8=uri_linkage_type, bytes=uri_and_data", 0x13),
    Declaration("CI_ancillary_data_descriptor", 0x7F, "bytes=ancillary_data", 0x14),
    Declaration(
        "AC-4_descriptor",
        0x7F,
        "bool=ac4_config_flag, bool=ac4_toc_flag, 0b000000, bytes=config_toc_and_info",
        0x15,
    ),
    Declaration("C2_bundle_delivery_system_descriptor", 0x7F, "bytes=entries", 0x16),
    Declaration(
        "S2X_satellite_delivery_system_descriptor",
        0x7F,
        "u5=receiver_profiles, 0b000, u2=s2x_mode, bool=scrambling_sequence_selector, 0b000, "
        "u2=ts_gs_s2x_mode, bytes=parameters",
        0x17,
    ),
    Declaration(
        "protection_message_descriptor",
        0x7F,
        "0b1111, u4=component_count, bytes=component_tags",
        0x18,
    ),
    Declaration(
        "audio_preselection_descriptor",
        0x7F,
        "u5=num_preselections, 0b000, bytes=preselections",
        0x19,
    ),
    Declaration(
        "TTML_subtitling_descriptor",
        0x7F,
        "bytes3=iso_639_language_code, "
        "u6=subtitle_purpose, u2=tts_suitability, bool=essential_font_usage_flag, "
        "bool=qualifier_present_flag, 0b00, u4=dvb_ttml_profile_count, bytes=profiles",
        0x20,
    ),
    Declaration(
        "DTS-UHD_descriptor",
        0x7F,
        "u6=decoder_profile_code, u2=frame_duration_code, "
        "u3=max_payload_code, 0b00, u3=stream_index, bytes=codec_selector",
        0x21,
    ),
    Declaration("service_prominence_descriptor", 0x7F, "bytes=data", 0x22),
    Declaration("VVC_subpictures_descriptor", 0x7F, "bytes=data", 0x23),
    Declaration(
        "S2Xv2_satellite_delivery_system_descriptor",
        0x7F,
        "u32=delivery_system_id, bytes=parameters",
        0x24,
    ),
)


def declare_all() -> None:
    for declaration in DECLARATIONS:
        register_descriptor(
            declaration.tag,
            declaration.format,
            name=declaration.name,
            extension_tag=declaration.extension_tag,
        )
