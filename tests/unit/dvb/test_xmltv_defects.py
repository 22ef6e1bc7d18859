"""Guides with defects: each is told of by its line, and the rest goes in."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.unit.dvb.schedules import KEY, OTHER
from tsloom import dvb
from tsloom.dvb import ImportDefect
from tsloom.errors import InputError

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n'
GOOD = (
    '<programme start="20261123200000 +0000" stop="20261123210000 +0000" channel="one">'
    "<title>First</title></programme>\n"
)
LAST = (
    '<programme start="20261124200000 +0000" stop="20261124210000 +0000" channel="one">'
    "<title>Last</title></programme>\n"
)


def programme(times: str, inner: str = "<title>T</title>", channel: str = "one") -> str:
    return f'<programme {times} channel="{channel}">{inner}</programme>\n'


def read(document: str | bytes) -> tuple[dvb.EventDatabase, dvb.ImportReport]:
    data = document.encode() if isinstance(document, str) else document
    database = dvb.EventDatabase.from_xmltv(io.BytesIO(data), {"one": KEY, "two": OTHER})
    report = database.import_report
    assert report is not None
    return database, report


def names(database: dvb.EventDatabase) -> list[str | None]:
    return [event.event_name for event in database.events(KEY)]


NOON_TO_ONE = 'start="20261123120000 +0000" stop="20261123130000 +0000"'


@pytest.mark.parametrize(
    ("middle", "defect"),
    [
        (programme(NOON_TO_ONE, channel="three"), ImportDefect.UNKNOWN_CHANNEL),
        (programme('stop="20261123130000"'), ImportDefect.NO_START),
        (programme('start="yesterday" stop="20261123130000"'), ImportDefect.BAD_TIME),
        (programme('start="20261323120000" stop="20261123130000"'), ImportDefect.BAD_TIME),
        (programme('start="20261123120000 XYZ"'), ImportDefect.BAD_TIME),
        (programme('start="20261123120000 ../etc"'), ImportDefect.BAD_TIME),
        (programme('start="20261123120000" stop="20261123120000"'), ImportDefect.ZERO_LENGTH),
        (programme('start="20261123120000" stop="20261123110000"'), ImportDefect.STOP_BEFORE_START),
        (programme('start="19000101120000" stop="19000101130000"'), ImportDefect.OUT_OF_RANGE),
        (programme('start="21290101120000" stop="21290101130000"'), ImportDefect.OUT_OF_RANGE),
        (programme('start="20261101000000" stop="20261123120000"'), ImportDefect.OUT_OF_RANGE),
        (programme('start="20261123200000" stop="20261123203000"'), ImportDefect.DUPLICATE),
        (programme(NOON_TO_ONE, ""), ImportDefect.NO_TITLE),
        (programme(NOON_TO_ONE, "<title>T</titel>"), ImportDefect.BROKEN_XML),
        (programme(NOON_TO_ONE, "<title>T & U</title>"), ImportDefect.BROKEN_XML),
        (programme(NOON_TO_ONE, "<a>" * 100), ImportDefect.BROKEN_XML),
        (f"<programme {NOON_TO_ONE} <title>T</title>\n", ImportDefect.BROKEN_XML),
        ("\x01\x02\n", ImportDefect.BROKEN_XML),
        ("</tv>\n<more/>\n", ImportDefect.BROKEN_XML),
    ],
)
def test_a_defect_costs_its_programme_alone(middle: str, defect: ImportDefect) -> None:
    database, report = read(f"{HEAD}{GOOD}{middle}{LAST}</tv>")
    assert names(database) == ["First", "Last"]
    assert report.diagnostics[0].defect is defect
    assert report.diagnostics[0].line in (4, 5)
    assert set(report.counts) == {defect}


@pytest.mark.parametrize(
    ("middle", "defect"),
    [
        (programme('start="20261123203000" stop="20261123220000"'), ImportDefect.OVERLAP),
        (programme(NOON_TO_ONE, "<title>T&nope;</title>"), ImportDefect.NO_ENTITY),
        (programme(NOON_TO_ONE, '<title lang="klingonisch">T</title>'), ImportDefect.NO_LANGUAGE),
        (programme(NOON_TO_ONE, "<title>T</title><title>U</title>"), ImportDefect.SEVERAL_TITLES),
        (programme(NOON_TO_ONE, f"<title>{'T' * 251}</title>"), ImportDefect.TEXT_CUT),
        (
            programme(NOON_TO_ONE, f"<title>T</title><desc>{'ab ' * 3_400_000}</desc>"),
            ImportDefect.TEXT_CUT,
        ),
        (
            programme(NOON_TO_ONE, "<title>T</title>" + "<category>News</category>" * 5000),
            ImportDefect.TEXT_CUT,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, ImportDefect) else "",
)
def test_a_lesser_defect_costs_nothing_or_text(middle: str, defect: ImportDefect) -> None:
    database, report = read(f"{HEAD}{GOOD}{middle}{LAST}</tv>")
    assert len(database) == 3
    assert [(one.defect, one.line) for one in report.diagnostics] == [(defect, 4)]


def test_the_year_2100_goes_in() -> None:
    middle = programme('start="21000101120000" stop="21000101130000"')
    database, report = read(f"{HEAD}{middle}</tv>")
    assert report.diagnostics == []
    assert database.events(KEY)[0].start_time == datetime(2100, 1, 1, 12, tzinfo=UTC)


def test_declared_entities_are_never_expanded() -> None:
    bomb = '<!ENTITY file SYSTEM "file:///etc/passwd">\n<!ENTITY a0 "ha">\n' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">\n' for level in range(1, 10)
    )
    first = programme(NOON_TO_ONE, "<title>T &a9; &file;</title>")
    second = programme('start="2026112313" stop="2026112314"', '<title x="&a9;">U</title>')
    database, report = read(f"<!DOCTYPE tv [\n{bomb}]>\n<tv>{first}{second}</tv>")
    assert names(database) == ["T \ufffd \ufffd", "U"]
    assert report.counts == {ImportDefect.ENTITY_DECLARATION: 1, ImportDefect.NO_ENTITY: 2}
    assert report.diagnostics[0].line == 2


def test_names_of_html_are_known_with_and_without_a_doctype() -> None:
    middle = programme(NOON_TO_ONE, "<title>Caf&eacute; &amp; Bar&#x21;</title>")
    for head in (HEAD, '<!DOCTYPE tv SYSTEM "http://example.org/xmltv.dtd">\n<tv>\n'):
        database, report = read(f"{head}{middle}</tv>")
        assert names(database) == ["Café & Bar!"]
        assert report.diagnostics == []


def test_a_missing_stop_is_the_next_start_of_the_channel_in_whatever_order() -> None:
    starts = ("20261123140000", "20261123120000", "20261123130000")
    middle = "".join(programme(f'start="{start}"', f"<title>{start}</title>") for start in starts)
    other = programme('start="20261123121500" stop="20261123123000"', channel="two")
    database, report = read(f"{HEAD}{middle}{other}</tv>")
    assert [event.duration and event.duration.seconds for event in database.events(KEY)] == [
        3600,
        3600,
    ]
    assert [(one.defect, one.line) for one in report.diagnostics] == [(ImportDefect.NO_STOP, 3)]


def test_overlaps_that_neighbours_do_not_show_are_told_of() -> None:
    long = programme('start="20261123120000" stop="20261123180000"')
    short = programme('start="20261123121000" stop="20261123122000"')
    inside = programme('start="20261123150000" stop="20261123160000"')
    database, report = read(f"{HEAD}{long}{short}{inside}</tv>")
    assert report.counts == {ImportDefect.OVERLAP: 2}
    assert len(database.overlaps(KEY)) == 2


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("20260701120000 +0200", 10),
        ("20260701120000 -0330", 15),
        ("202607011200", 12),
        ("2026070112", 12),
        ("20260701120000 BST", 11),
        ("20260701120000 Europe/Berlin", 10),
        ("20260701120000 UTC", 12),
        ("20260701120000Z", 12),
        ("20260701120000+02:00", 10),
    ],
)
def test_zones_are_understood(text: str, hour: int) -> None:
    middle = programme(f'start="{text}" stop="20260702 +0000"')
    database, report = read(f"{HEAD}{middle}</tv>")
    (event,) = database.events(KEY)
    assert report.diagnostics == []
    assert event.start_time is not None
    assert event.start_time.hour == hour


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-2", "windows-1252"])
def test_other_encodings_are_read_and_resumed(encoding: str) -> None:
    broken = programme(NOON_TO_ONE, "<title>T</titel>")
    middle = programme('start="20261124100000" stop="20261124110000"', "<title>Köln</title>")
    text = f"{HEAD}{broken}{middle}</tv>".replace("UTF-8", encoding.removesuffix("-le"))
    database, report = read(text.encode(encoding))
    assert names(database) == ["Köln"]
    assert [one.defect for one in report.diagnostics] == [ImportDefect.BROKEN_XML]


@pytest.mark.parametrize("data", [b"", b"\x47" * 1000, b"<html><p>no guide</html>", b"{}"])
def test_what_is_no_guide_is_an_error(data: bytes) -> None:
    with pytest.raises(InputError, match="XMLTV"):
        read(data)


@pytest.mark.parametrize(
    "junk",
    [
        lambda: b"<programme &" * 300_000,
        lambda: b"<programme start='" + b"1" * 9_000_000,
        lambda: b"<!-- " + b"-" * 9_000_000,
        lambda: b"<programme channel='one'><title>" + b"<a>" * 1_000_000,
    ],
    ids=["many errors", "endless attribute", "endless comment", "nested"],
)
def test_hostile_junk_ends_and_takes_little_memory(junk: Callable[[], bytes]) -> None:
    document = HEAD.encode() + GOOD.encode() + junk()
    tracemalloc.start()
    try:
        database, report = read(document)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert names(database) == ["First"]
    assert report.counts[ImportDefect.BROKEN_XML] >= 1
    assert len(report.diagnostics) <= 1000
    assert peak < len(document) + 20_000_000


def test_memory_is_the_texts_and_1000_bytes_a_programme() -> None:
    """And what is held beside the events does not grow with their number."""
    count = 20_000
    tracemalloc.start()
    try:
        database = dvb.EventDatabase.from_xmltv(Generated(count), {"one": KEY, "two": OTHER})
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(database) == count
    # Letters outside of Latin-1 are two bytes each; 430 is the longest text and its title.
    assert held < (1000 + 430 * 1.5) * count
    assert peak - held < 4_000_000


class Generated:
    """A file that is made as it is read: texts of some 400 letters, half of them Czech."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._said_head = False

    def read(self, size: int) -> bytes:
        if not self._said_head:
            self._said_head = True
            return HEAD.encode()
        if not self._left:
            return b""
        self._left -= 1
        number = self._left // 2
        text = f"{number} The harbour town waits for an answer. " * 9
        if self._left % 4 < 2:
            text = f"{number} Příliš žluťoučký kůň úpěl ďábelské ódy. " * 9
        day, minute = divmod(number * 30, 1440)
        month, day = divmod(day, 28)
        year, month = divmod(month, 12)
        stamp = f"{2026 + year}{month + 1:02d}{day + 1:02d}{minute // 60:02d}{minute % 60:02d}00"
        stop = f"{2026 + year}{month + 1:02d}{day + 1:02d}{minute // 60:02d}{minute % 60:02d}59"
        channel = "one" if self._left % 2 else "two"
        return programme(
            f'start="{stamp} +0000" stop="{stop} +0000"',
            f"<title>Programme {number}</title><desc>{text}</desc><category>News</category>",
            channel,
        ).encode()
