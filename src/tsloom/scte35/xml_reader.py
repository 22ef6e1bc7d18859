"""XML from outside, read without its dangers.

A DTD is the only door to entities, expansion bombs and external files, and splice information has
none; so expat, with every DTD refused, is safe without a further library.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from tsloom.errors import SectionSyntaxError

SIZE_LIMIT = 1 << 20
DEPTH_LIMIT = 32
NAMESPACE = "http://www.scte.org/schemas/35"
# A widely used tool writes this one.
_WRONG_NAMESPACE = "https://scte.org/schemas/35"


def xml_error(message: str, field: str, value: object = None) -> SectionSyntaxError:
    """An error of the XML form, which clause 12 defines."""
    return SectionSyntaxError(message, field=field, clause="12", value=value)


class _Builder:
    def __init__(self, parser: expat.XMLParserType) -> None:
        self.tree = TreeBuilder()
        self._depth = 0
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.tree.data
        parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise xml_error("nested too deep", name, DEPTH_LIMIT)
        self.tree.start(_known(name), {_known(key): value for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.tree.end(_known(name))

    def _refuse(self, name: str, *_: object) -> None:
        raise xml_error("a document type declaration is not allowed", "DOCTYPE", name)


def _known(name: str) -> str:
    """expat's "uri name" as "{uri}name", the wrong namespace put right."""
    uri, separator, local = name.rpartition(" ")
    if not separator:
        return name
    return f"{{{NAMESPACE if uri == _WRONG_NAMESPACE else uri}}}{local}"


def read_xml(text: str | bytes) -> Element:
    """The document's root. Raises `SectionSyntaxError` for what is not well-formed or not safe."""
    data = text.encode("utf-8") if isinstance(text, str) else bytes(text)
    if len(data) > SIZE_LIMIT:
        raise xml_error("more XML than splice information needs", "xml", len(data))
    encoding = "utf-8" if isinstance(text, str) else None
    parser = expat.ParserCreate(encoding=encoding, namespace_separator=" ")
    parser.buffer_text = True
    builder = _Builder(parser)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise xml_error("not well-formed XML", "xml", str(error)) from error
    return builder.tree.close()


def tag(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def children(element: Element, *locals_: str) -> list[Element]:
    """The child elements of these names, in document order; others are extensions."""
    wanted = {tag(local) for local in locals_}
    return [child for child in element if child.tag in wanted]


def child(element: Element, local: str) -> Element | None:
    found = children(element, local)
    if len(found) > 1:
        raise xml_error("more than one", local, len(found))
    return found[0] if found else None


def get_int(element: Element, name: str, default: int | None = None) -> int:
    """An unsigned attribute; an error names it where it is missing and has no default."""
    text = element.get(name)
    if text is None:
        if default is None:
            raise xml_error("missing", name)
        return default
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit()) or len(stripped) > 20:
        raise xml_error("not an unsigned number", name, text[:40])
    return int(stripped)


def get_optional_int(element: Element, name: str) -> int | None:
    return None if element.get(name) is None else get_int(element, name)


def get_bool(element: Element, name: str, default: bool | None = None) -> bool:
    text = element.get(name)
    if text is None:
        if default is None:
            raise xml_error("missing", name)
        return default
    try:
        return {"true": True, "1": True, "false": False, "0": False}[text.strip()]
    except KeyError as error:
        raise xml_error("neither true nor false", name, text[:40]) from error


def get_hex(element: Element | None, name: str) -> bytes:
    """The bytes of an element's hexadecimal text; none where the element is not there."""
    if element is None:
        return b""
    try:
        return bytes.fromhex("".join((element.text or "").split()))
    except ValueError as error:
        raise xml_error("not hexadecimal", name, (element.text or "")[:40]) from error
