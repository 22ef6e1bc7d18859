"""Splice descriptors in the XML form: ANSI/SCTE 35 2023r1, clause 12 and scte_35_20230713.xsd."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from tsloom._native.scte35_descriptors import (
    AudioChannel,
    AudioDescriptor,
    AvailDescriptor,
    DtmfDescriptor,
    PrivateDescriptor,
    TimeDescriptor,
    UnreadableDescriptor,
    encode_descriptor,
    parse_descriptor,
)
from tsloom._native.scte35_segmentation import (
    SegmentationComponent,
    SegmentationDescriptor,
    SegmentationUpid,
)
from tsloom.errors import UsageError
from tsloom.scte35.upid import UpidType, mid, mpu, upid_from_text, upid_to_text
from tsloom.scte35.xml_reader import (
    child,
    children,
    get_bool,
    get_hex,
    get_int,
    get_optional_int,
    tag,
    xml_error,
)

if TYPE_CHECKING:
    from tsloom._native.scte35_value import SpliceDescriptor

IDENTIFIER_CUEI = 0x43554549
_DESCRIPTOR_BODY_OFFSET = 6
_COMPLIANCE = "segmentationEventIdComplianceIndicator"
_COMPLIANCE_OF_XSD = "segmentationEventIdComplianceIndicatorbute"
_LANGUAGE = re.compile(r"[A-Za-z]{3}")
_DTMF_CHARS = re.compile(r"[0-9#*]+")
# What survives the whitespace rules of xsd:token and may stand in XML at all.
_TOKEN = re.compile(
    r"[\x21-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]+"
    r"(?: [\x21-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]+)*"
)


def bool_text(value: bool) -> str:
    return "true" if value else "false"


def add_descriptor(parent: Element, descriptor: SpliceDescriptor) -> bool:
    """Appends the descriptor's element. False where XML has no way to say it.

    One that the schema does not allow (DTMF without tones, audio without channels, ...) goes as a
    PrivateDescriptor of identifier "CUEI", which is read back to the same descriptor.
    """
    match descriptor:
        case AvailDescriptor():
            SubElement(
                parent, tag("AvailDescriptor"), providerAvailId=str(descriptor.provider_avail_id)
            )
        case DtmfDescriptor() if _DTMF_CHARS.fullmatch(descriptor.dtmf_chars):
            SubElement(
                parent,
                tag("DTMFDescriptor"),
                preroll=str(descriptor.preroll),
                chars=descriptor.dtmf_chars,
            )
        case SegmentationDescriptor() if descriptor.components != ():
            _add_segmentation(parent, descriptor)
        case TimeDescriptor():
            SubElement(
                parent,
                tag("TimeDescriptor"),
                taiSeconds=str(descriptor.tai_seconds),
                taiNs=str(descriptor.tai_ns),
                utcOffset=str(descriptor.utc_offset),
            )
        case AudioDescriptor() if descriptor.audio and all(
            _LANGUAGE.fullmatch(channel.iso_code) for channel in descriptor.audio
        ):
            _add_audio(parent, descriptor)
        case UnreadableDescriptor():
            return False
        case _:
            _add_private(parent, descriptor)
    return True


def _add_private(parent: Element, descriptor: SpliceDescriptor) -> None:
    element = SubElement(
        parent,
        tag("PrivateDescriptor"),
        descriptorTag=str(descriptor.splice_descriptor_tag),
        identifier=str(descriptor.identifier),
    )
    body = encode_descriptor(descriptor)[_DESCRIPTOR_BODY_OFFSET:]
    SubElement(element, tag("PrivateBytes")).text = body.hex()


def _add_audio(parent: Element, descriptor: AudioDescriptor) -> None:
    element = SubElement(parent, tag("AudioDescriptor"))
    for channel in descriptor.audio:
        SubElement(
            element,
            tag("AudioChannel"),
            ISOCode=channel.iso_code,
            BitStreamMode=str(channel.bit_stream_mode),
            NumChannels=str(channel.num_channels),
            FullSrvcAudio=str(int(channel.full_srvc_audio)),
            componentTag=str(channel.component_tag),
        )


def _add_segmentation(parent: Element, descriptor: SegmentationDescriptor) -> None:
    element = SubElement(
        parent,
        tag("SegmentationDescriptor"),
        segmentationEventId=str(descriptor.segmentation_event_id),
        segmentationEventCancelIndicator=bool_text(descriptor.segmentation_event_cancel_indicator),
    )
    element.set(
        _COMPLIANCE_OF_XSD, bool_text(descriptor.segmentation_event_id_compliance_indicator)
    )
    if descriptor.segmentation_event_cancel_indicator:
        return
    numbers = {
        "segmentationDuration": descriptor.segmentation_duration,
        "segmentationTypeId": descriptor.segmentation_type_id,
        "segmentNum": descriptor.segment_num,
        "segmentsExpected": descriptor.segments_expected,
        "subSegmentNum": descriptor.sub_segment_num,
        "subSegmentsExpected": descriptor.sub_segments_expected,
    }
    for name, number in numbers.items():
        if number is not None:
            element.set(name, str(number))
    _add_restrictions(element, descriptor)
    _add_upids(element, descriptor)
    for component in descriptor.components or ():
        SubElement(
            element,
            tag("Component"),
            componentTag=str(component.component_tag),
            ptsOffset=str(component.pts_offset),
        )


def _add_restrictions(parent: Element, descriptor: SegmentationDescriptor) -> None:
    if not descriptor.delivery_not_restricted_flag:
        SubElement(
            parent,
            tag("DeliveryRestrictions"),
            webDeliveryAllowedFlag=bool_text(bool(descriptor.web_delivery_allowed_flag)),
            noRegionalBlackoutFlag=bool_text(bool(descriptor.no_regional_blackout_flag)),
            archiveAllowedFlag=bool_text(bool(descriptor.archive_allowed_flag)),
            deviceRestrictions=str(descriptor.device_restrictions),
        )


def _add_upids(parent: Element, descriptor: SegmentationDescriptor) -> None:
    """Two or more elements are a MID; one with fewer entries or a torn one goes as bytes."""
    upids = descriptor.upids
    if descriptor.segmentation_upid_type == UpidType.MID and (
        len(upids) < 2 or mid(upids).segmentation_upid != descriptor.segmentation_upid
    ):
        upids = (SegmentationUpid(UpidType.MID, descriptor.segmentation_upid),)
    for upid in upids:
        kind, data = upid.segmentation_upid_type, upid.segmentation_upid
        element = SubElement(parent, tag("SegmentationUpid"), segmentationUpidType=str(kind))
        if kind == UpidType.MPU and len(data) >= 4:
            element.set("formatIdentifier", str(int.from_bytes(data[:4], "big")))
            data = data[4:]
        text = upid_to_text(upid)
        if text is not None and _TOKEN.fullmatch(text):
            element.set("segmentationUpidFormat", "text")
            element.text = text
        else:
            element.set("segmentationUpidFormat", "hexbinary")
            element.text = data.hex()


def _read_upid(element: Element) -> SegmentationUpid:
    kind = get_int(element, "segmentationUpidType", 0)
    text = " ".join((element.text or "").split())
    form = element.get("segmentationUpidFormat", "hexbinary" if kind == UpidType.MPU else "text")
    if kind == UpidType.MPU and element.get("formatIdentifier") is not None:
        identifier = get_int(element, "formatIdentifier")
        if identifier > 0xFFFFFFFF:
            raise xml_error("does not fit its field", "formatIdentifier", identifier)
        return mpu(identifier, _upid_bytes(kind, form, text))
    return SegmentationUpid(kind, _upid_bytes(kind, form, text))


def _upid_bytes(kind: int, form: str, text: str) -> bytes:
    if form == "base-64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise xml_error("not base64", "SegmentationUpid", text[:40]) from error
    if form == "hexbinary":
        digits = text.removeprefix("0x")
        if kind == UpidType.TI:  # a number: written without its leading zeros, too
            digits = digits.rjust(16, "0")
        try:
            return bytes.fromhex(digits)
        except ValueError as error:
            # Text under the name of hexbinary is what a widely used tool writes.
            if text.startswith("0x"):
                raise xml_error("not hexadecimal", "SegmentationUpid", text[:40]) from error
    elif form != "text":
        raise xml_error("a private format", "segmentationUpidFormat", form[:40])
    try:
        return upid_from_text(kind, text).segmentation_upid
    except UsageError as error:
        if form == "text":
            return text.encode("utf-8")
        raise xml_error("not in its type's notation", "SegmentationUpid", text[:40]) from error


def _read_segmentation(element: Element) -> SegmentationDescriptor:
    compliance = element.get(_COMPLIANCE_OF_XSD, element.get(_COMPLIANCE))
    upids = [_read_upid(one) for one in children(element, "SegmentationUpid")]
    upid = SegmentationUpid(0) if not upids else upids[0] if len(upids) == 1 else mid(upids)
    restrictions = child(element, "DeliveryRestrictions")
    web = blackout = archive = device = None
    if restrictions is not None:
        web = get_bool(restrictions, "webDeliveryAllowedFlag")
        blackout = get_bool(restrictions, "noRegionalBlackoutFlag")
        archive = get_bool(restrictions, "archiveAllowedFlag")
        device = get_int(restrictions, "deviceRestrictions")
    components = [
        SegmentationComponent(get_int(one, "componentTag"), get_int(one, "ptsOffset"))
        for one in children(element, "Component")
    ]
    return SegmentationDescriptor(
        get_int(element, "segmentationEventId", 0),
        segmentation_event_cancel_indicator=get_bool(
            element, "segmentationEventCancelIndicator", False
        ),
        segmentation_event_id_compliance_indicator=compliance is None
        or get_bool(Element("flag", {_COMPLIANCE: compliance}), _COMPLIANCE),
        segmentation_type_id=get_int(element, "segmentationTypeId", 0),
        segment_num=get_int(element, "segmentNum", 0),
        segments_expected=get_int(element, "segmentsExpected", 0),
        sub_segment_num=get_optional_int(element, "subSegmentNum"),
        sub_segments_expected=get_optional_int(element, "subSegmentsExpected"),
        segmentation_duration=get_optional_int(element, "segmentationDuration"),
        segmentation_upid_type=upid.segmentation_upid_type,
        segmentation_upid=upid.segmentation_upid,
        web_delivery_allowed_flag=web,
        no_regional_blackout_flag=blackout,
        archive_allowed_flag=archive,
        device_restrictions=device,
        components=components or None,
    )


def _read_audio(element: Element) -> AudioDescriptor:
    return AudioDescriptor(
        AudioChannel(
            get_int(one, "componentTag", 0xFF),
            one.get("ISOCode", ""),
            get_int(one, "BitStreamMode"),
            get_int(one, "NumChannels"),
            get_bool(one, "FullSrvcAudio"),
        )
        for one in children(element, "AudioChannel")
    )


def _read_private(element: Element) -> SpliceDescriptor:
    descriptor = PrivateDescriptor(
        get_int(element, "descriptorTag"),
        get_int(element, "identifier"),
        get_hex(child(element, "PrivateBytes"), "PrivateBytes"),
    )
    if descriptor.identifier == IDENTIFIER_CUEI:
        return parse_descriptor(encode_descriptor(descriptor))
    return descriptor


_READERS: dict[str, Callable[[Element], SpliceDescriptor]] = {
    tag("AvailDescriptor"): lambda one: AvailDescriptor(get_int(one, "providerAvailId")),
    tag("DTMFDescriptor"): lambda one: DtmfDescriptor(
        get_int(one, "preroll", 0), one.get("chars", "").strip()
    ),
    tag("SegmentationDescriptor"): _read_segmentation,
    tag("TimeDescriptor"): lambda one: TimeDescriptor(
        get_int(one, "taiSeconds", 0), get_int(one, "taiNs", 0), get_int(one, "utcOffset", 0)
    ),
    tag("AudioDescriptor"): _read_audio,
    tag("PrivateDescriptor"): _read_private,
}


def read_descriptors(parent: Element) -> tuple[SpliceDescriptor, ...]:
    """The descriptors among the element's children, in document order."""
    return tuple(_READERS[one.tag](one) for one in parent if one.tag in _READERS)
