"""splice_info_section() written a second time: the syntax tables of SCTE 35, with bitstring.

The independent judge of what tsloom encodes; CRC_32 is crcmod's.
"""

from __future__ import annotations

import bitstring
import crcmod.predefined

from tsloom import scte35

crc_32_mpeg = crcmod.predefined.mkCrcFun("crc-32-mpeg")
pack = bitstring.pack


def splice_time(time: scte35.SpliceTime) -> bitstring.Bits:
    if time.pts_time is None:
        return pack("bool=0, uint:7=127")
    return pack("bool=1, uint:6=63, uint:33", time.pts_time)


def event_tail(event: scte35.SpliceInsert | scte35.SpliceScheduleEvent) -> bitstring.Bits:
    bits = bitstring.BitArray()
    if event.break_duration is not None:
        duration = event.break_duration
        bits += pack("bool, uint:6=63, uint:33", duration.auto_return, duration.duration)
    numbers = (event.unique_program_id, event.avail_num, event.avails_expected)
    return bits + pack("uint:16, uint:8, uint:8", *numbers)


def insert(command: scte35.SpliceInsert) -> bitstring.Bits:
    if command.splice_event_cancel_indicator:
        return pack("uint:32, bool=1, uint:7=127", command.splice_event_id)
    bits = pack(
        "uint:32, bool=0, uint:7=127, bool, bool, bool, bool, bool, uint:3=7",
        command.splice_event_id,
        command.out_of_network_indicator,
        command.components is None,
        command.break_duration is not None,
        command.splice_immediate_flag,
        command.event_id_compliance_flag,
    )
    if command.components is None:
        if command.splice_time is not None:
            bits += splice_time(command.splice_time)
    else:
        bits += pack("uint:8", len(command.components))
        for component in command.components:
            bits += pack("uint:8", component.component_tag)
            if component.splice_time is not None:
                bits += splice_time(component.splice_time)
    return bits + event_tail(command)


def event(one: scte35.SpliceScheduleEvent) -> bitstring.Bits:
    head = (one.splice_event_id, one.splice_event_cancel_indicator, one.event_id_compliance_flag)
    bits = pack("uint:32, bool, bool, uint:6=63", *head)
    if one.splice_event_cancel_indicator:
        return bits
    flags = (one.out_of_network_indicator, one.components is None, one.break_duration is not None)
    bits += pack("bool, bool, bool, uint:5=31", *flags)
    if one.components is None:
        bits += pack("uint:32", one.utc_splice_time)
    else:
        bits += pack("uint:8", len(one.components))
        for component in one.components:
            bits += pack("uint:8, uint:32", component.component_tag, component.utc_splice_time)
    return bits + event_tail(one)


def command_bits(command: scte35.SpliceCommand) -> bitstring.Bits:
    match command:
        case scte35.SpliceInsert():
            return insert(command)
        case scte35.TimeSignal():
            return splice_time(command.splice_time)
        case scte35.SpliceSchedule():
            bits = pack("uint:8", len(command.events))
            for one in command.events:
                bits += event(one)
            return bits
        case scte35.PrivateCommand():
            return pack("uint:32, bytes", command.identifier, command.private_bytes)
    return bitstring.Bits()


def segmentation(one: scte35.SegmentationDescriptor) -> bitstring.Bits:
    bits = pack(
        "uint:32, bool, bool, uint:6=63",
        one.segmentation_event_id,
        one.segmentation_event_cancel_indicator,
        one.segmentation_event_id_compliance_indicator,
    )
    if one.segmentation_event_cancel_indicator:
        return bits
    free = one.web_delivery_allowed_flag is None
    flags = (one.components is None, one.segmentation_duration is not None, free)
    bits += pack("bool, bool, bool", *flags)
    if free:
        bits += pack("uint:5=31")
    else:
        bits += pack(
            "bool, bool, bool, uint:2",
            one.web_delivery_allowed_flag,
            one.no_regional_blackout_flag,
            one.archive_allowed_flag,
            one.device_restrictions,
        )
    if one.components is not None:
        bits += pack("uint:8", len(one.components))
        for component in one.components:
            bits += pack("uint:8, uint:7=127, uint:33", component.component_tag,
                         component.pts_offset)  # fmt: skip
    if one.segmentation_duration is not None:
        bits += pack("uint:40", one.segmentation_duration)
    upid = one.segmentation_upid
    bits += pack("uint:8, uint:8, bytes", one.segmentation_upid_type, len(upid), upid)
    numbers = (one.segmentation_type_id, one.segment_num, one.segments_expected)
    bits += pack("uint:8, uint:8, uint:8", *numbers)
    if one.sub_segment_num is not None:
        bits += pack("uint:8, uint:8", one.sub_segment_num, one.sub_segments_expected)
    return bits


def descriptor_body(one: scte35.SpliceDescriptor) -> bitstring.Bits:
    match one:
        case scte35.AvailDescriptor():
            return pack("uint:32", one.provider_avail_id)
        case scte35.DtmfDescriptor():
            chars = one.dtmf_chars.encode("ascii")
            return pack("uint:8, uint:3, uint:5=31, bytes", one.preroll, len(chars), chars)
        case scte35.SegmentationDescriptor():
            return segmentation(one)
        case scte35.TimeDescriptor():
            return pack("uint:48, uint:32, uint:16", one.tai_seconds, one.tai_ns, one.utc_offset)
        case scte35.AudioDescriptor():
            bits = pack("uint:4, uint:4=15", len(one.audio))
            for channel in one.audio:
                bits += pack(
                    "uint:8, bytes, uint:3, uint:4, bool",
                    channel.component_tag,
                    channel.iso_code.encode("ascii"),
                    channel.bit_stream_mode,
                    channel.num_channels,
                    channel.full_srvc_audio,
                )
            return bits
        case scte35.PrivateDescriptor():
            return pack("bytes", one.private_bytes)
    raise AssertionError(one)


def section_bytes(section: scte35.SpliceInfoSection) -> bytes:
    """The section, bit by bit as 9.6 lays it out."""
    command = section.splice_command
    assert command is not None
    payload = command_bits(command)
    loop = bitstring.BitArray()
    for one in section.splice_descriptors:
        body = descriptor_body(one)
        head = (one.splice_descriptor_tag, 4 + len(body) // 8, one.identifier)
        loop += pack("uint:8, uint:8, uint:32", *head) + body
    rest = pack(
        "uint:8, bool, uint:6, uint:33, uint:8, uint:12, uint:12, uint:8",
        section.protocol_version,
        section.encrypted_packet,
        section.encryption_algorithm,
        section.pts_adjustment,
        section.cw_index,
        section.tier,
        len(payload) // 8,
        command.splice_command_type,
    )
    rest += payload + pack("uint:16", len(loop) // 8) + loop
    head = pack("uint:8=252, bool=0, bool=0, uint:2, uint:12", section.sap_type,
                len(rest) // 8 + 4)  # fmt: skip
    raw = (head + rest).tobytes()
    return raw + crc_32_mpeg(raw).to_bytes(4, "big")
