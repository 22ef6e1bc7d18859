"""A splice_info_section as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom import scte35
from tsloom.scte35.signals import PTS_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

TIER_ANY = 0xFFF


def describe(section: scte35.SpliceInfoSection) -> str:
    """Several lines, without the last line's end."""
    return "\n".join(
        [*_header(section), *_command(section), *_descriptors(section), *_ends(section)]
    )


def seconds(ticks: int) -> str:
    """90 kHz ticks as seconds and as they are."""
    return f"{ticks / PTS_HZ:.6f} s ({ticks})"


def _header(section: scte35.SpliceInfoSection) -> Iterator[str]:
    command = section.splice_command
    yield f"splice_info_section: {type(command).__name__ if command else 'not readable'}"
    if section.pts_adjustment:
        yield f"  pts_adjustment: {seconds(section.pts_adjustment)}"
    if section.tier != TIER_ANY:
        yield f"  tier: 0x{section.tier:03X}"
    if section.encrypted_packet:
        algorithm, cw_index = section.encryption_algorithm, section.cw_index
        yield f"  encrypted: algorithm {algorithm}, cw_index {cw_index}"


def _splice_time(name: str, time: scte35.SpliceTime, adjustment: int) -> str:
    if time.pts_time is None:
        return f"{name}: not specified"
    adjusted = (time.pts_time + adjustment) % (1 << 33)
    text = f"{name}: {seconds(time.pts_time)}"
    return text if adjusted == time.pts_time else f"{text}, adjusted {seconds(adjusted)}"


def _command(section: scte35.SpliceInfoSection) -> Iterator[str]:
    adjustment = section.pts_adjustment
    match section.splice_command:
        case scte35.TimeSignal(time):
            yield "  " + _splice_time("splice_time", time, adjustment)
        case scte35.SpliceInsert() as insert:
            yield from _insert(insert, adjustment)
        case scte35.SpliceSchedule(events):
            for event in events:
                yield from _event(event)
        case scte35.PrivateCommand(identifier, private_bytes):
            yield f"  identifier: 0x{identifier:08X}"
            yield f"  private_bytes: {private_bytes.hex()}"
        case scte35.ReservedCommand(kind, data):
            yield f"  splice_command_type: 0x{kind:02X}, bytes {data.hex()}"


def _insert(insert: scte35.SpliceInsert, adjustment: int) -> Iterator[str]:
    yield f"  splice_event_id: {insert.splice_event_id} (0x{insert.splice_event_id:08X})"
    if insert.splice_event_cancel_indicator:
        yield "  cancelled"
        return
    yield f"  direction: {'out of the network' if insert.out_of_network_indicator else 'return'}"
    if insert.splice_immediate_flag:
        yield "  splice_time: immediate"
    elif insert.splice_time is not None:
        yield "  " + _splice_time("splice_time", insert.splice_time, adjustment)
    for component in insert.components or ():
        if component.splice_time is not None:
            name = f"component {component.component_tag}"
            yield "  " + _splice_time(name, component.splice_time, adjustment)
    yield from _event_tail(insert)


def _event(event: scte35.SpliceScheduleEvent) -> Iterator[str]:
    yield f"  splice_event_id: {event.splice_event_id} (0x{event.splice_event_id:08X})"
    if event.splice_event_cancel_indicator:
        yield "  cancelled"
        return
    yield f"  direction: {'out of the network' if event.out_of_network_indicator else 'return'}"
    if event.utc_splice_time is not None:
        yield f"  utc_splice_time: {scte35.datetime_of(event.utc_splice_time).isoformat()}"
    for component in event.components or ():
        moment = scte35.datetime_of(component.utc_splice_time).isoformat()
        yield f"  component {component.component_tag}: {moment}"
    yield from _event_tail(event)


def _event_tail(event: scte35.SpliceInsert | scte35.SpliceScheduleEvent) -> Iterator[str]:
    duration = event.break_duration
    if duration is not None:
        how = "automatic return" if duration.auto_return else "explicit return"
        yield f"  break_duration: {seconds(duration.duration)}, {how}"
    yield f"  unique_program_id: {event.unique_program_id}"
    yield f"  avail: {event.avail_num} of {event.avails_expected}"


def _descriptors(section: scte35.SpliceInfoSection) -> Iterator[str]:
    for descriptor in section.splice_descriptors:
        yield f"  {type(descriptor).__name__}"
        match descriptor:
            case scte35.SegmentationDescriptor():
                yield from _segmentation(descriptor)
            case scte35.AvailDescriptor(provider_avail_id):
                yield f"    provider_avail_id: {provider_avail_id}"
            case scte35.DtmfDescriptor(preroll, dtmf_chars):
                yield f"    preroll: {preroll / 10:.1f} s, tones {dtmf_chars}"
            case scte35.TimeDescriptor(tai_seconds, tai_ns, utc_offset):
                yield f"    TAI: {tai_seconds}.{tai_ns:09d} s, UTC_offset {utc_offset} s"
            case scte35.AudioDescriptor(audio):
                for one in audio:
                    yield (
                        f"    component {one.component_tag}: {one.iso_code}, "
                        f"Bit_Stream_Mode {one.bit_stream_mode}, Num_Channels {one.num_channels}"
                    )
            case scte35.PrivateDescriptor(tag, identifier, private_bytes):
                yield f"    tag 0x{tag:02X}, identifier 0x{identifier:08X}: {private_bytes.hex()}"
            case scte35.UnreadableDescriptor(tag, raw):
                yield f"    tag 0x{tag:02X}: {raw.hex()}"


def _segmentation(descriptor: scte35.SegmentationDescriptor) -> Iterator[str]:
    event_id = descriptor.segmentation_event_id
    yield f"    segmentation_event_id: {event_id} (0x{event_id:08X})"
    if descriptor.segmentation_event_cancel_indicator:
        yield "    cancelled"
        return
    kind = descriptor.segmentation_type_id
    yield f"    segmentation_type_id: 0x{kind:02X} {scte35.segmentation_type_title(kind)}"
    if descriptor.segmentation_duration is not None:
        yield f"    segmentation_duration: {seconds(descriptor.segmentation_duration)}"
    for upid in descriptor.upids:
        text = scte35.upid_to_text(upid)
        shown = f"0x{upid.segmentation_upid.hex()}" if text is None else text
        yield f"    upid: {_upid_name(upid.segmentation_upid_type)} {shown}"
    yield f"    segment: {descriptor.segment_num} of {descriptor.segments_expected}"
    if descriptor.sub_segment_num is not None:
        yield f"    sub segment: {descriptor.sub_segment_num} of {descriptor.sub_segments_expected}"
    if not descriptor.delivery_not_restricted_flag:
        yield (
            f"    delivery: web {_allowed(descriptor.web_delivery_allowed_flag)}, "
            f"archive {_allowed(descriptor.archive_allowed_flag)}, "
            f"{'no ' if descriptor.no_regional_blackout_flag else ''}regional blackout, "
            f"device_restrictions {descriptor.device_restrictions}"
        )
    for component in descriptor.components or ():
        yield f"    component {component.component_tag}: {seconds(component.pts_offset)}"


def _upid_name(kind: int) -> str:
    try:
        return scte35.UpidType(kind).name
    except ValueError:
        return f"type 0x{kind:02X}"


def _allowed(flag: bool | None) -> str:
    return "allowed" if flag else "not allowed"


def _ends(section: scte35.SpliceInfoSection) -> Iterator[str]:
    for diagnostic in section.diagnostics:
        yield f"  {'error' if diagnostic.is_error else 'note'}: {diagnostic}"
