"""XML from outside: what is refused, and what is accepted though it is not quite right."""

from __future__ import annotations

import pytest

from tsloom import scte35
from tsloom.errors import SectionSyntaxError

NAMESPACE = 'xmlns="http://www.scte.org/schemas/35"'
BOMB = """<?xml version="1.0"?>
<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<SpliceInfoSection xmlns="http://www.scte.org/schemas/35"><SpliceNull>&b;</SpliceNull>
</SpliceInfoSection>"""
EXTERNAL = """<!DOCTYPE x SYSTEM "file:///etc/passwd">
<SpliceInfoSection xmlns="http://www.scte.org/schemas/35"><SpliceNull/></SpliceInfoSection>"""


def document(inner: str, attributes: str = "") -> str:
    return f"<SpliceInfoSection {NAMESPACE} {attributes}>{inner}</SpliceInfoSection>"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (BOMB, "DOCTYPE"),
        (EXTERNAL, "DOCTYPE"),
        ("", "xml"),
        ("<a", "xml"),
        ("<SpliceInfoSection/>", "SpliceInfoSection"),
        ('<SpliceInfoSection xmlns="http://www.scte.org/schemas/36"/>', "SpliceInfoSection"),
        (document(""), "SpliceInfoSection"),
        (document("<SpliceNull/><SpliceNull/>"), "SpliceInfoSection"),
        (document("<SpliceNull/>", 'tier="x"'), "tier"),
        (document("<SpliceNull/>", 'tier="-1"'), "tier"),
        (document("<SpliceNull/>", 'tier="²"'), "tier"),
        (document("<SpliceNull/>", 'protocolVersion="1"'), "protocolVersion"),
        (document('<SpliceInsert spliceEventId="1"/>'), "Program"),
        (
            document(
                '<SpliceInsert outOfNetworkIndicator="yes"><Program/></SpliceInsert>'
            ),
            "outOfNetworkIndicator",
        ),
        (document("<PrivateCommand/>"), "identifier"),
        (
            document('<PrivateCommand identifier="1"><PrivateBytes>0g</PrivateBytes>'
                     "</PrivateCommand>"),
            "PrivateBytes",
        ),
        (
            document('<SpliceSchedule><Event><Program utcSpliceTime="2024-01-01T00:00:00"/>'
                     "</Event></SpliceSchedule>"),
            "utcSpliceTime",
        ),
        (
            document("<SpliceNull/><SegmentationDescriptor><SegmentationUpid "
                     'segmentationUpidType="12" segmentationUpidFormat="base-64">*'
                     "</SegmentationUpid></SegmentationDescriptor>"),
            "SegmentationUpid",
        ),
        (
            document("<SpliceNull/><SegmentationDescriptor><SegmentationUpid "
                     'segmentationUpidType="1" segmentationUpidFormat="private:x">a'
                     "</SegmentationUpid></SegmentationDescriptor>"),
            "segmentationUpidFormat",
        ),
        (document("<SpliceNull/>" + "<Ext>" * 40 + "</Ext>" * 40), None),
        (f"<Signal {NAMESPACE}/>", "Signal"),
        (f"<Binary {NAMESPACE}>*</Binary>", "Binary"),
    ],
)  # fmt: skip
def test_bad_document_is_refused_by_name(text: str, field: str | None) -> None:
    with pytest.raises(SectionSyntaxError) as caught:
        scte35.from_xml(text)
    if field is not None:
        assert caught.value.facts["field"] == field
    assert caught.value.facts["clause"] == "12"


def test_number_that_does_not_fit_is_refused() -> None:
    for text in (
        document("<SpliceNull/>", 'tier="4096"'),
        document("<SpliceNull/>", 'ptsAdjustment="8589934592"'),
        document('<SpliceNull/><AvailDescriptor providerAvailId="4294967296"/>'),
    ):
        with pytest.raises(SectionSyntaxError):
            scte35.from_xml(text)


def test_too_much_xml_is_refused_before_it_is_read() -> None:
    with pytest.raises(SectionSyntaxError):
        scte35.from_xml(document("<SpliceNull/>" + " " * (1 << 20)))


def test_https_namespace_of_a_wide_spread_tool_is_accepted() -> None:
    text = document("<SpliceNull/>").replace("http://www.scte.org", "https://scte.org")
    assert scte35.from_xml(text) == scte35.SpliceInfoSection()


def test_binary_and_signal_hold_the_section_itself() -> None:
    made = scte35.SpliceInfoSection(scte35.TimeSignal(scte35.SpliceTime(7)))
    import base64

    binary = f"<Binary {NAMESPACE}>{base64.b64encode(made.encode()).decode()}</Binary>"
    assert scte35.from_xml(binary) == made
    assert scte35.from_xml(f"<Signal {NAMESPACE}>{binary}</Signal>") == made


def test_sane_spelling_of_the_compliance_attribute_is_read() -> None:
    for name in (
        "segmentationEventIdComplianceIndicator",
        "segmentationEventIdComplianceIndicatorbute",
    ):
        text = document(f'<SpliceNull/><SegmentationDescriptor {name}="false"/>')
        (one,) = scte35.from_xml(text).splice_descriptors
        assert isinstance(one, scte35.SegmentationDescriptor)
        assert one.segmentation_event_id_compliance_indicator is False


def test_two_upid_elements_are_a_mid() -> None:
    text = document(
        "<SpliceNull/><SegmentationDescriptor>"
        '<SegmentationUpid segmentationUpidType="8">0x2df3aad7</SegmentationUpid>'
        '<SegmentationUpid segmentationUpidType="9">SIGNAL:x</SegmentationUpid>'
        "</SegmentationDescriptor>"
    )
    (one,) = scte35.from_xml(text).splice_descriptors
    assert isinstance(one, scte35.SegmentationDescriptor)
    assert one.segmentation_upid_type == scte35.UpidType.MID
    assert [scte35.upid_to_text(upid) for upid in one.upids] == ["770943703", "SIGNAL:x"]


def test_what_xml_cannot_say_goes_as_binary() -> None:
    for section in (
        scte35.SpliceInfoSection(scte35.ReservedCommand(0x42, b"x")),
        scte35.SpliceInfoSection(scte35.SpliceInsert(1, components=[])),
        scte35.SpliceInfoSection(splice_descriptors=[scte35.UnreadableDescriptor(0, b"x")]),
    ):
        text = scte35.to_xml(section)
        assert "Binary" in text
        assert scte35.from_xml(text) == section
