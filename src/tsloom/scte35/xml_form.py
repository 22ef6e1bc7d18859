"""Splice information as XML: ANSI/SCTE 35 2023r1, clause 12, and back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from tsloom._native.scte35 import SpliceInfoSection
from tsloom._native.scte35_commands import (
    BandwidthReservation,
    PrivateCommand,
    SpliceInsert,
    SpliceNull,
    SpliceSchedule,
    TimeSignal,
)
from tsloom._native.scte35_events import (
    SpliceInsertComponent,
    SpliceScheduleComponent,
    SpliceScheduleEvent,
)
from tsloom._native.scte35_times import BreakDuration, SpliceTime
from tsloom._native.scte35_value import SpliceCommand
from tsloom.errors import UsageError
from tsloom.scte35.codec import parse
from tsloom.scte35.utc_time import datetime_of, utc_splice_time_of
from tsloom.scte35.xml_descriptors import add_descriptor, bool_text, read_descriptors
from tsloom.scte35.xml_reader import (
    NAMESPACE,
    child,
    children,
    get_bool,
    get_hex,
    get_int,
    get_optional_int,
    read_xml,
    tag,
    xml_error,
)

OWN_NAMESPACE = "urn:tsloom:scte35"
_CLEAR = f"{{{OWN_NAMESPACE}}}encryptedPacket"
register_namespace("scte35", NAMESPACE)
register_namespace("tsloom", OWN_NAMESPACE)


def to_xml(section: SpliceInfoSection) -> str:
    """The section as a SpliceInfoSection element, valid by the schema of 2023.

    One that XML cannot say (encrypted without a key, another protocol_version, a command or a
    descriptor that cannot be read) gives a Binary element, which holds the bytes.
    """
    element = section_element(section)
    if element is None:
        element = Element(tag("Binary"))
        element.text = base64.b64encode(section.encode(strict=False)).decode("ascii")
    return tostring(element, encoding="unicode")


def from_xml(text: str | bytes) -> SpliceInfoSection:
    """The section in a SpliceInfoSection, Binary or Signal document.

    Raises `SectionSyntaxError` that names the element, the attribute or the field.
    """
    return section_of(read_xml(text))


def section_of(root: Element) -> SpliceInfoSection:
    """The section in one of the elements that stand for one."""
    if root.tag == tag("Signal"):
        inner = children(root, "SpliceInfoSection", "Binary")
        if len(inner) != 1:
            raise xml_error("needs one SpliceInfoSection or Binary", "Signal", len(inner))
        root = inner[0]
    if root.tag == tag("Binary"):
        return _read_binary(root)
    if root.tag != tag("SpliceInfoSection"):
        raise xml_error("not splice information in its namespace", "SpliceInfoSection", root.tag)
    try:
        return _read_section(root)
    except UsageError as error:  # what a caller must not give, a document must not hold
        field, value = str(error.facts.get("field")), error.facts.get("value")
        raise xml_error("does not fit its field", field, value) from error


def _read_section(root: Element) -> SpliceInfoSection:
    if get_int(root, "protocolVersion", 0) != 0:
        raise xml_error("is not 0", "protocolVersion", root.get("protocolVersion"))
    algorithm, cw_index, encrypted = _read_encryption(child(root, "EncryptedPacket"))
    return SpliceInfoSection(
        _read_command(root),
        read_descriptors(root),
        pts_adjustment=get_int(root, "ptsAdjustment", 0),
        tier=get_int(root, "tier", 0xFFF),
        cw_index=cw_index,
        sap_type=get_int(root, "sapType", 3),
        encrypted_packet=encrypted,
        encryption_algorithm=algorithm,
    )


def section_element(section: SpliceInfoSection) -> Element | None:
    """The SpliceInfoSection element, or None where XML cannot say what the section says."""
    root = Element(
        tag("SpliceInfoSection"),
        sapType=str(section.sap_type),
        ptsAdjustment=str(section.pts_adjustment),
        protocolVersion=str(section.protocol_version),
        tier=str(section.tier),
    )
    if section.protocol_version != 0:
        return None
    _add_encryption(root, section)
    if not _add_command(root, section.splice_command):
        return None
    for descriptor in section.splice_descriptors:
        if not add_descriptor(root, descriptor):
            return None
    return root


def _add_encryption(root: Element, section: SpliceInfoSection) -> None:
    """In the clear the algorithm means nothing; an extension says that it is kept, not in force."""
    algorithm, cw_index = section.encryption_algorithm, section.cw_index
    if not (section.encrypted_packet or algorithm or cw_index):
        return
    element = SubElement(
        root,
        tag("EncryptedPacket"),
        encryptionAlgorithm=str(algorithm),
        cwIndex=str(cw_index),
    )
    if section.encrypted_packet != (algorithm != 0):
        SubElement(element, tag("Ext")).set(_CLEAR, bool_text(section.encrypted_packet))


def _read_encryption(element: Element | None) -> tuple[int, int, bool]:
    if element is None:
        return 0, 0, False
    algorithm = get_int(element, "encryptionAlgorithm", 0)
    extension = child(element, "Ext")
    encrypted = algorithm != 0
    if extension is not None:
        encrypted = get_bool(extension, _CLEAR, encrypted)
    return algorithm, get_int(element, "cwIndex", 0), encrypted


def _read_binary(element: Element) -> SpliceInfoSection:
    try:
        data = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise xml_error("not base64", "Binary", (element.text or "")[:40]) from error
    return parse(data)


def _add_splice_time(parent: Element, splice_time: SpliceTime | None) -> None:
    if splice_time is not None:
        element = SubElement(parent, tag("SpliceTime"))
        if splice_time.pts_time is not None:
            element.set("ptsTime", str(splice_time.pts_time))


def _read_splice_time(parent: Element) -> SpliceTime | None:
    element = child(parent, "SpliceTime")
    return None if element is None else SpliceTime(get_optional_int(element, "ptsTime"))


def _add_event_fields(element: Element, event: SpliceInsert | SpliceScheduleEvent) -> None:
    element.set("spliceEventId", str(event.splice_event_id))
    element.set("spliceEventCancelIndicator", bool_text(event.splice_event_cancel_indicator))
    element.set("eventIdComplianceFlag", bool_text(event.event_id_compliance_flag))
    if event.splice_event_cancel_indicator:
        return
    element.set("outOfNetworkIndicator", bool_text(event.out_of_network_indicator))
    element.set("uniqueProgramId", str(event.unique_program_id))
    element.set("availNum", str(event.avail_num))
    element.set("availsExpected", str(event.avails_expected))


def _add_break_duration(parent: Element, duration: BreakDuration | None) -> None:
    if duration is not None:
        SubElement(
            parent,
            tag("BreakDuration"),
            autoReturn=bool_text(duration.auto_return),
            duration=str(duration.duration),
        )


def _read_break_duration(parent: Element) -> BreakDuration | None:
    element = child(parent, "BreakDuration")
    if element is None:
        return None
    return BreakDuration(get_bool(element, "autoReturn"), get_int(element, "duration"))


def _add_insert(root: Element, command: SpliceInsert) -> None:
    element = SubElement(root, tag("SpliceInsert"))
    _add_event_fields(element, command)
    if command.splice_event_cancel_indicator:
        SubElement(element, tag("Program"))  # the schema wants it even here
        return
    element.set("spliceImmediateFlag", bool_text(command.splice_immediate_flag))
    if command.components is None:
        _add_splice_time(SubElement(element, tag("Program")), command.splice_time)
    for component in command.components or ():
        one = SubElement(element, tag("Component"), componentTag=str(component.component_tag))
        _add_splice_time(one, component.splice_time)
    _add_break_duration(element, command.break_duration)


def _read_insert(element: Element) -> SpliceInsert:
    program = child(element, "Program")
    parts = children(element, "Component")
    immediate = get_bool(element, "spliceImmediateFlag", False)
    cancelled = get_bool(element, "spliceEventCancelIndicator", False)
    if program is None and not (parts or immediate or cancelled):
        raise xml_error("a splice that is not immediate needs one", "Program")
    # An immediate splice has no time (9.7.3.1), whatever else is written there.
    components = [
        SpliceInsertComponent(
            get_int(one, "componentTag"), None if immediate else _read_splice_time(one)
        )
        for one in parts
    ]
    return SpliceInsert(
        get_int(element, "spliceEventId", 0),
        splice_event_cancel_indicator=cancelled,
        event_id_compliance_flag=get_bool(element, "eventIdComplianceFlag", True),
        out_of_network_indicator=get_bool(element, "outOfNetworkIndicator", False),
        splice_immediate_flag=(
            immediate if element.get("spliceImmediateFlag") is not None else None
        ),
        splice_time=None if program is None or immediate else _read_splice_time(program),
        components=components or None,
        break_duration=_read_break_duration(element),
        unique_program_id=get_int(element, "uniqueProgramId", 0),
        avail_num=get_int(element, "availNum", 0),
        avails_expected=get_int(element, "availsExpected", 0),
    )


def _date_text(utc_splice_time: int) -> str:
    return datetime_of(utc_splice_time).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_date(element: Element) -> int:
    text = element.get("utcSpliceTime", "")
    try:
        return utc_splice_time_of(datetime.fromisoformat(text.strip()))
    except ValueError as error:  # UsageError is one, too
        raise xml_error("not a date and time with a zone", "utcSpliceTime", text[:40]) from error


def _add_schedule(root: Element, command: SpliceSchedule) -> None:
    schedule = SubElement(root, tag("SpliceSchedule"))
    for event in command.events:
        element = SubElement(schedule, tag("Event"))
        _add_event_fields(element, event)
        if event.components is None:
            # A cancelled event has no time, but the schema wants one.
            SubElement(
                element, tag("Program"), utcSpliceTime=_date_text(event.utc_splice_time or 0)
            )
        for component in event.components or ():
            SubElement(
                element,
                tag("Component"),
                componentTag=str(component.component_tag),
                utcSpliceTime=_date_text(component.utc_splice_time),
            )
        _add_break_duration(element, event.break_duration)


def _read_event(element: Element) -> SpliceScheduleEvent:
    program = child(element, "Program")
    components = [
        SpliceScheduleComponent(get_int(one, "componentTag"), _read_date(one))
        for one in children(element, "Component")
    ]
    return SpliceScheduleEvent(
        get_int(element, "spliceEventId", 0),
        splice_event_cancel_indicator=get_bool(element, "spliceEventCancelIndicator", False),
        event_id_compliance_flag=get_bool(element, "eventIdComplianceFlag", True),
        out_of_network_indicator=get_bool(element, "outOfNetworkIndicator", False),
        utc_splice_time=None if program is None else _read_date(program),
        components=components or None,
        break_duration=_read_break_duration(element),
        unique_program_id=get_int(element, "uniqueProgramId", 0),
        avail_num=get_int(element, "availNum", 0),
        avails_expected=get_int(element, "availsExpected", 0),
    )


def _add_command(root: Element, command: SpliceCommand | None) -> bool:
    match command:
        case SpliceNull():
            SubElement(root, tag("SpliceNull"))
        case BandwidthReservation():
            SubElement(root, tag("BandwidthReservation"))
        case TimeSignal():
            _add_splice_time(SubElement(root, tag("TimeSignal")), command.splice_time)
        case SpliceInsert() if command.components != ():
            _add_insert(root, command)
        case SpliceSchedule() if all(event.components != () for event in command.events):
            _add_schedule(root, command)
        case PrivateCommand():
            element = SubElement(root, tag("PrivateCommand"), identifier=str(command.identifier))
            SubElement(element, tag("PrivateBytes")).text = command.private_bytes.hex()
        case _:
            return False
    return True


_READERS: dict[str, Callable[[Element], SpliceCommand]] = {
    "SpliceNull": lambda one: SpliceNull(),
    "SpliceSchedule": lambda one: SpliceSchedule(
        _read_event(event) for event in children(one, "Event")
    ),
    "SpliceInsert": _read_insert,
    "TimeSignal": lambda one: TimeSignal(_read_splice_time(one) or SpliceTime()),
    "BandwidthReservation": lambda one: BandwidthReservation(),
    "PrivateCommand": lambda one: PrivateCommand(
        get_int(one, "identifier"), get_hex(child(one, "PrivateBytes"), "PrivateBytes")
    ),
}


def _read_command(root: Element) -> SpliceCommand:
    found = children(root, *_READERS)
    if len(found) != 1:
        raise xml_error("needs one command", "SpliceInfoSection", len(found))
    return _READERS[found[0].tag.rpartition("}")[2]](found[0])
