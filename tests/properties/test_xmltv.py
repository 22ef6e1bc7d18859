"""XMLTV there and back, with lxml as the second reader."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.properties.si_strategies import any_texts
from tests.unit.dvb.schedules import KEY, NOON
from tests.unit.dvb.xmltv_dtd import check_xmltv
from tsloom import dvb
from tsloom.dvb.eit import encode_event
from tsloom.dvb.epg.event_text import clean, clean_line, make_extended, make_short
from tsloom.dvb.epg.json_form import read_json, write_json
from tsloom.dvb.epg.xmltv_writer import list_channels, write_xmltv
from tsloom.errors import InputError

words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn"), max_codepoint=0x2FFF), max_size=40
)
titles = words.filter(clean_line)
long_texts = st.one_of(
    words, st.builds(lambda text, times: text * times, words, st.integers(0, 60))
)
languages = st.sampled_from(("eng", "deu", "ces", "rus"))
programmes = st.fixed_dictionaries(
    {
        "title": titles,
        "sub_title": words,
        "desc": long_texts,
        "director": words,
        "language": languages,
        "minutes": st.integers(1, 5999),
    }
)


def document_of(drawn: list[dict[str, object]]) -> bytes:
    """The guide that lxml writes of them, one after the other."""
    root = etree.Element("tv")
    start = NOON
    for one in drawn:
        stop = start + timedelta(minutes=int(str(one["minutes"])))
        element = etree.SubElement(root, "programme", channel="a b")
        element.set("start", start.strftime("%Y%m%d%H%M%S +0000"))
        element.set("stop", stop.strftime("%Y%m%d%H%M%S +0000"))
        for name, tag in (("title", "title"), ("sub_title", "sub-title"), ("desc", "desc")):
            etree.SubElement(element, tag, lang=str(one["language"])).text = str(one[name])
        people = etree.SubElement(element, "credits")
        etree.SubElement(people, "director").text = str(one["director"])
        start = stop
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def read(document: bytes) -> dvb.EventDatabase:
    return dvb.EventDatabase.from_xmltv(io.BytesIO(document), {"a b": KEY})


def write(database: dvb.EventDatabase) -> bytes:
    return "".join(write_xmltv(list_channels(database, {"a b": KEY}))).encode()


def text_of(element: etree._Element, tag: str) -> str:
    return element.findtext(tag) or ""


@given(st.lists(programmes, max_size=4))
def test_what_lxml_wrote_lxml_reads_again(drawn: list[dict[str, object]]) -> None:
    database = read(document_of(drawn))
    assert len(database) == len(drawn)
    written = check_xmltv(write(database)).findall("programme")
    assert len(written) == len(drawn)
    for one, element in zip(drawn, written, strict=True):
        assert text_of(element, "title") == clean_line(str(one["title"]))
        assert text_of(element, "credits/director") == clean_line(str(one["director"]))
        sub_title, desc = clean_line(str(one["sub_title"])), clean(str(one["desc"]))
        # A sub-title alone has no other place than where a description would be.
        shown = [text_of(element, "sub-title"), text_of(element, "desc")]
        if sub_title and desc:
            assert "".join(shown) == sub_title + desc
        else:
            assert "".join(shown) == (sub_title or desc)


@given(st.lists(programmes, max_size=3))
def test_a_guide_that_is_written_and_read_stays_as_it_is(drawn: list[dict[str, object]]) -> None:
    once = write(read(document_of(drawn)))
    assert write(read(once)) == once


@given(languages, titles, long_texts)
def test_texts_are_cut_to_what_descriptors_take_and_nothing_is_lost(
    language: str, title: str, text: str
) -> None:
    name, whole = clean_line(title), clean(text)
    short, rest = make_short(language, name, whole)
    assert len(short.encode_data()) <= 255
    parts, cut = make_extended(language, rest)
    assert all(len(part.encode_data()) <= 255 for part in parts)
    assert not cut
    assert short.event_name == name[: len(short.event_name)]
    assert short.text + "".join(part.text for part in parts) == whole
    assert [part.descriptor_number for part in parts] == list(range(len(parts)))
    assert {part.last_descriptor_number for part in parts} <= {len(parts) - 1}


@given(any_texts, st.integers(1, 40))
def test_any_text_makes_an_event_that_fits_a_section(text: str, times: int) -> None:
    root = etree.Element("tv")
    for lang in ("en", "de", "cs"):
        made = clean(text).replace("\x86", "").replace("\x87", "")
        legal = "".join(letter for letter in made if letter not in "\ufffe\uffff")
        element = root.find("programme")
        if element is None:
            element = etree.SubElement(
                root, "programme", channel="a b", start="20260101", stop="20260102"
            )
        etree.SubElement(element, "title", lang=lang).text = "T"
        etree.SubElement(element, "desc", lang=lang).text = legal * times * 9
    database = read(etree.tostring(root))
    (event,) = database.events(KEY)
    assert len(encode_event(event)) <= 4078


@given(st.lists(programmes, max_size=4), st.data())
def test_it_does_not_matter_how_the_bytes_come_in(
    drawn: list[dict[str, object]], data: st.DataObject
) -> None:
    document = document_of(drawn)
    size = data.draw(st.integers(1, 300))
    pieces = [document[at : at + size] for at in range(0, len(document), size)]

    class Pieces:
        def read(self, size: int) -> bytes:
            return pieces.pop(0) if pieces else b""

    found = dvb.EventDatabase.from_xmltv(Pieces(), {"a b": KEY})  # type: ignore[arg-type]
    assert found.events(KEY) == read(document).events(KEY)


@given(st.lists(programmes, max_size=4), st.data())
def test_damage_never_raises_more_than_an_error_of_the_input(
    drawn: list[dict[str, object]], data: st.DataObject
) -> None:
    document = bytearray(document_of(drawn))
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(document) - 1))
        document[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=5))
    try:
        database = read(bytes(document))
    except InputError:
        return
    report = database.import_report
    assert report is not None
    assert len(database) <= report.programmes


@given(st.lists(programmes, max_size=4))
def test_json_holds_all_and_follows_its_schema(drawn: list[dict[str, object]]) -> None:
    database = read(document_of(drawn))
    document = "".join(write_json(database))
    jsonschema.validate(json.loads(document), dvb.epg_json_schema())
    again = dvb.EventDatabase()
    assert read_json(io.StringIO(document), again) == len(drawn)
    assert again.services == database.services
    assert again.events(KEY) == database.events(KEY)
