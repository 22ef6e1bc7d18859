"""The rules of xmltv.dtd that concern what is written: order, number and attributes of elements."""

from __future__ import annotations

import io

from lxml import etree

RULES = """
<!ELEMENT tv (channel*, programme*)>
<!ATTLIST tv date CDATA #IMPLIED generator-info-name CDATA #IMPLIED>
<!ELEMENT channel (display-name+, icon*, url*)>
<!ATTLIST channel id CDATA #REQUIRED>
<!ELEMENT display-name (#PCDATA)>
<!ATTLIST display-name lang CDATA #IMPLIED>
<!ELEMENT icon EMPTY>
<!ELEMENT url (#PCDATA)>
<!ELEMENT programme (title+, sub-title*, desc*, credits?, date?, category*, keyword*, language?,
  orig-language?, length?, icon*, url*, country*, episode-num*, video?, audio?, previously-shown?,
  premiere?, last-chance?, new?, subtitles*, rating*, star-rating*, review*, image*)>
<!ATTLIST programme start CDATA #REQUIRED stop CDATA #IMPLIED channel CDATA #REQUIRED>
<!ELEMENT title (#PCDATA)> <!ATTLIST title lang CDATA #IMPLIED>
<!ELEMENT sub-title (#PCDATA)> <!ATTLIST sub-title lang CDATA #IMPLIED>
<!ELEMENT desc (#PCDATA)> <!ATTLIST desc lang CDATA #IMPLIED>
<!ELEMENT credits (director*, actor*, writer*, adapter*, producer*, composer*, editor*, presenter*,
  commentator*, guest*)>
<!ELEMENT director (#PCDATA)> <!ELEMENT actor (#PCDATA)> <!ELEMENT writer (#PCDATA)>
<!ELEMENT adapter (#PCDATA)> <!ELEMENT producer (#PCDATA)> <!ELEMENT composer (#PCDATA)>
<!ELEMENT editor (#PCDATA)> <!ELEMENT presenter (#PCDATA)> <!ELEMENT commentator (#PCDATA)>
<!ELEMENT guest (#PCDATA)>
<!ELEMENT date (#PCDATA)> <!ELEMENT keyword (#PCDATA)> <!ELEMENT language (#PCDATA)>
<!ELEMENT orig-language (#PCDATA)> <!ELEMENT length (#PCDATA)> <!ELEMENT country (#PCDATA)>
<!ELEMENT episode-num (#PCDATA)> <!ELEMENT previously-shown EMPTY> <!ELEMENT premiere (#PCDATA)>
<!ELEMENT last-chance (#PCDATA)> <!ELEMENT new EMPTY> <!ELEMENT star-rating (value)>
<!ELEMENT review (#PCDATA)> <!ELEMENT image (#PCDATA)>
<!ELEMENT category (#PCDATA)> <!ATTLIST category lang CDATA #IMPLIED>
<!ELEMENT video (present?, colour?, aspect?, quality?)>
<!ELEMENT present (#PCDATA)> <!ELEMENT colour (#PCDATA)>
<!ELEMENT aspect (#PCDATA)> <!ELEMENT quality (#PCDATA)>
<!ELEMENT audio (present?, stereo?)> <!ELEMENT stereo (#PCDATA)>
<!ELEMENT subtitles (language?)>
<!ATTLIST subtitles type (teletext | onscreen | deaf-signed) #IMPLIED>
<!ELEMENT rating (value, icon*)> <!ATTLIST rating system CDATA #IMPLIED>
<!ELEMENT value (#PCDATA)>
"""


def check_xmltv(document: bytes) -> etree._Element:
    """The root, if the document follows the rules."""
    root = etree.fromstring(document, etree.XMLParser(load_dtd=False, no_network=True))
    dtd = etree.DTD(io.StringIO(RULES))
    assert dtd.validate(root), dtd.error_log
    return root
