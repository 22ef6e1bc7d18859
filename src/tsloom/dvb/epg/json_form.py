"""A database as JSON, and back, one event at a time.

`epg.schema.json` beside this file describes the form. Events are those of `Event.to_dict`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import IO, TYPE_CHECKING, Any

from tsloom.dvb.eit import Event
from tsloom.dvb.epg.service_events import ServiceKey, make_key
from tsloom.errors import InputError, UsageError

if TYPE_CHECKING:
    from tsloom.dvb.epg.database import EventDatabase

CHUNK_SIZE = 1 << 16
# Of one event or one name, in letters.
VALUE_LIMIT = 4 << 20
_DECODER = json.JSONDecoder()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the form (draft 2020-12)."""
    text = files("tsloom.dvb.epg").joinpath("epg.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def write_json(database: EventDatabase) -> Iterator[str]:
    """The document in pieces, an event a line."""
    yield '{"services": ['
    for number, key in enumerate(database.services):
        ids = ", ".join(f'"{name}": {value}' for name, value in key._asdict().items())
        yield f'{"," if number else ""}\n{{{ids}, "events": ['
        for place, event in enumerate(database.events(key)):
            yield f"{',' if place else ''}\n{json.dumps(event.to_dict())}"
        yield "]}"
    yield "\n]}\n"


def read_json(file: IO[str], database: EventDatabase) -> int:
    """Puts the document's events into a database; how many they were.

    An event without an event_id gets a free one. `InputError` if it is not of the form, with what
    is wrong; the events before that are in.
    """
    reader = JsonPieces(file)
    count = 0
    for name in reader.names():
        if name != "services":
            reader.take_value()
            continue
        for _ in reader.items():
            count += read_service(reader, database)
    reader.expect_end()
    return count


def read_service(reader: JsonPieces, database: EventDatabase) -> int:
    numbers: dict[str, Any] = {}
    count = 0
    for name in reader.names():
        if name != "events":
            numbers[name] = reader.take_value()
            continue
        key = read_key(numbers, reader)
        database.add_service(key)
        for _ in reader.items():
            put_event(database, key, reader)
            count += 1
    read_key(numbers, reader)
    return count


def read_key(numbers: dict[str, Any], reader: JsonPieces) -> ServiceKey:
    try:
        return make_key(ServiceKey(**numbers))
    except (TypeError, UsageError) as error:
        raise reader.error(
            "a service has original_network_id, transport_stream_id and service_id in front of "
            "its events"
        ) from error


def put_event(database: EventDatabase, key: ServiceKey, reader: JsonPieces) -> None:
    plain = reader.take_value()
    if not isinstance(plain, dict):
        raise reader.error("an event is an object")
    try:
        event = Event.from_dict({"event_id": 0, **plain})
        if "event_id" in plain:
            database.add(key, event)
        else:
            database.add_new(key, event)
    except (UsageError, RecursionError) as error:
        raise reader.error(str(error)) from error


class JsonPieces:
    """Reads a document without holding it: objects name by name, lists item by item."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._text = ""
        self._place = 0
        self._lines = 1

    def error(self, message: str) -> InputError:
        line = self._lines + self._text.count("\n", 0, self._place)
        return InputError(message, line=line)

    def names(self) -> Iterator[str]:
        """The names of an object; the value of each is to be taken before the next."""
        for _ in self._members("{", "}"):
            name = self.take_value()
            if not isinstance(name, str):
                raise self.error("a name is wanted")
            self._take(":")
            yield name

    def items(self) -> Iterator[None]:
        """Once for each item of a list, which is to be taken then."""
        return self._members("[", "]")

    def take_value(self) -> Any:
        """The value that comes next, whole."""
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._place)
            except (ValueError, RecursionError) as error:
                if len(self._text) - self._place > VALUE_LIMIT or not self._fill():
                    raise self.error("not JSON") from error
                continue
            # A number might go on in what is not read yet.
            if end < len(self._text) or not self._fill():
                self._place = end
                return value

    def expect_end(self) -> None:
        if self._peek():
            raise self.error("more behind the document")

    def _members(self, opening: str, closing: str) -> Iterator[None]:
        self._take(opening)
        if self._peek() == closing:
            self._place += 1
            return
        while True:
            yield
            if self._peek() == closing:
                self._place += 1
                return
            self._take(",")

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self.error(f"{wanted} is wanted")
        self._place += 1

    def _peek(self) -> str:
        """The next letter that is no white space; none at the end."""
        while True:
            while self._place < len(self._text):
                if self._text[self._place] not in " \t\r\n":
                    return self._text[self._place]
                self._place += 1
            if not self._fill():
                return ""

    def _fill(self) -> bool:
        """Reads on; False at the end."""
        # As much again as is held, so that a large value is looked at a few times only.
        try:
            more = self._file.read(max(CHUNK_SIZE, len(self._text) - self._place))
        except UnicodeDecodeError as error:
            raise self.error("not UTF-8") from error
        self._lines += self._text.count("\n", 0, self._place)
        self._text = self._text[self._place :] + more
        self._place = 0
        return bool(more)
