"""XML from outside, read in pieces and in spite of its defects.

expat reads; declared entities, the door to expansion bombs and to files, end its run as a defect in
the syntax does. After both, reading goes on at the next element of a name, in a document of its
own: it knows no declarations there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from xml.parsers import expat

# Of one tag or comment: expat holds it until it is whole.
TOKEN_LIMIT = 4 << 20
DEPTH_LIMIT = 64
RESUMED_MOST = 10_000
BYTE_ORDERS = {
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


class RefusedError(Exception):
    """What is well-formed but not read."""


class EntityDeclaredError(Exception):
    """An entity would be declared."""


@dataclass(frozen=True, slots=True)
class XmlHandlers:
    """Who is told: of elements with their attributes, of text, of entities that are not known, of
    defects with their line, and whether one was declared entities."""

    start: Callable[[str, dict[str, str]], None]
    end: Callable[[str], None]
    data: Callable[[str], None]
    entity: Callable[[str], None]
    defect: Callable[[int, str, bool], None]


class ResumingParser:
    """Fed with bytes; goes on at the next `element`, inside of a new `root`."""

    def __init__(self, handlers: XmlHandlers, root: str, element: str) -> None:
        self._handlers = handlers
        self._root = root
        self._element = element
        self._codec = ""
        self._encoding: str | None = None
        # What the parser has not read to its end, from the byte that it numbers so.
        self._window = b""
        self._window_index = 0
        # Where the document begins, by the parser's numbers.
        self._first_index = 0
        self._lines_before = 0
        self._resumed = 0
        self._depth = 0
        self._parser: expat.XMLParserType | None = self._make(None)

    @property
    def line(self) -> int:
        """The line that is read, from 1."""
        number = 1 if self._parser is None else self._parser.CurrentLineNumber
        return self._lines_before + number

    def feed(self, data: bytes) -> None:
        if not self._codec and data:
            self._codec = BYTE_ORDERS.get(data[:2], "ascii")
        self._window += data
        while not (self._parser is not None and self._parse(self._parser, data)):
            if not self._resume():
                return
            data = self._window

    def close(self) -> None:
        """At the end of the input."""
        if self._parser is not None:
            try:
                self._parser.Parse(b"", True)
            except expat.ExpatError as error:
                self._handlers.defect(self.line, describe(error), False)
            self._parser = None

    def _make(self, encoding: str | None) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        # An entity that is not declared is told of instead of being an error.
        parser.UseForeignDTD(True)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._handlers.data
        parser.SkippedEntityHandler = self._skip
        parser.EntityDeclHandler = self._refuse_entity
        parser.XmlDeclHandler = self._take_declaration
        self._depth = 0
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise RefusedError("nested too deep")
        self._handlers.start(name, attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handlers.end(name)

    def _skip(self, name: str, is_parameter: int) -> None:
        if not is_parameter:
            self._handlers.entity(name)

    def _refuse_entity(self, name: str, *_: Any) -> NoReturn:
        raise EntityDeclaredError(f"entity {name}")

    def _take_declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self._encoding = encoding

    def _parse(self, parser: expat.XMLParserType, data: bytes) -> bool:
        """Reads on; False at a defect, of which it tells."""
        try:
            parser.Parse(data, False)
        except expat.ExpatError as error:
            return self._stumble(parser.ErrorByteIndex, describe(error))
        except RefusedError as error:
            return self._stumble(parser.CurrentByteIndex, str(error))
        except EntityDeclaredError as error:
            return self._stumble(parser.CurrentByteIndex, str(error), is_entity=True)
        except (LookupError, ValueError) as error:  # an encoding that is unknown
            self._encoding = None
            return self._stumble(parser.CurrentByteIndex, str(error))
        done = max(0, parser.CurrentByteIndex - self._window_index)
        self._window = self._window[done:]
        self._window_index += done
        if len(self._window) > TOKEN_LIMIT:
            return self._stumble(self._window_index + 1, "a tag or a comment without an end")
        return True

    def _stumble(self, byte_index: int, message: str, *, is_entity: bool = False) -> bool:
        """Tells of the defect, and leaves what is behind it."""
        line = self.line
        self._handlers.defect(line, message, is_entity)
        self._lines_before = line - 1
        self._parser = None
        # Where a document began before, none begins again.
        place = max(byte_index, self._first_index + 1) - self._window_index
        self._drop(max(0, place), 0)
        return False

    def _resume(self) -> bool:
        """Begins a document at the next element; False if more data is wanted for that."""
        codec = self._codec or "ascii"
        wanted = f"<{self._element}".encode(codec)
        found = -1 if self._resumed >= RESUMED_MOST else self._window.find(wanted)
        if found < 0:
            self._drop(max(0, len(self._window) - len(wanted) + 1))
            return False
        self._drop(found)
        self._resumed += 1
        opening = f"<{self._root}>".encode(codec)
        self._parser = self._make(self._find_encoding(codec))
        self._parser.Parse(opening, False)
        self._window_index = self._first_index = len(opening)
        return True

    def _drop(self, size: int, lines: int | None = None) -> None:
        """Lets the window's front go."""
        counted = self._window.count(b"\n", 0, size) if lines is None else lines
        self._lines_before += counted
        self._window = self._window[size:]

    def _find_encoding(self, codec: str) -> str | None:
        """What a document that is resumed is encoded in, as expat calls it."""
        if codec != "ascii":
            return codec.upper().replace("16-", "16")
        named = self._encoding or ""
        return None if "16" in named else self._encoding


def describe(error: expat.ExpatError) -> str:
    """What was wrong, without the line, which is told beside."""
    return expat.ErrorString(error.code) or "no XML"
