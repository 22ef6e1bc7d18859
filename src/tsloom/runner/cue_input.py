"""How cues are taken: as text, out of a file or a pipe."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tsloom import scte35
from tsloom.errors import InputError, UsageError
from tsloom.io.refusals import read_error
from tsloom.io.url import PipeUrl

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a command line or a pipe may hold: many cues, no stream.
SIZE_LIMIT = 64 << 20


def read_keys(path: Path) -> scte35.KeyRing:
    """Keys in hexadecimal by cw_index, out of a JSON file."""
    try:
        keys = json.loads(path.read_text("utf-8"))
        return scte35.KeyRing({int(cw_index): key for cw_index, key in keys.items()})
    except (AttributeError, TypeError, UnicodeDecodeError, ValueError) as error:
        raise UsageError("not a JSON object of hexadecimal keys by cw_index", keys=str(path)) from (
            error
        )


def read_cues(given: str) -> Iterator[scte35.SpliceInfoSection]:
    """The cues that are to go into a stream or another form; an error if one is unsound."""
    return read_sections(given, None, strict=True)


def read_sections(
    given: str, keys: scte35.KeyRing | None, *, strict: bool
) -> Iterator[scte35.SpliceInfoSection]:
    """The cues in a text (base64, hexadecimal, XML, JSON, a tag of HLS), in a file with one a line
    or one section's bytes, or, as "-", in a pipe. strict: `InputError` where a clause is broken."""
    data = _read_input(given)
    if data is None:
        yield from _from_text(given, keys, strict)
    elif data[:1] == b"\xfc" or (not data.isascii() and b"<" not in data[:64]):
        yield scte35.parse(data, keys=keys, strict=strict)
    else:
        yield from _from_text(data.decode("utf-8", "replace"), keys, strict)


def _read_input(given: str) -> bytes | None:
    """The bytes of a pipe or a file; None where the argument is the cue itself."""
    if given == "-":
        try:
            data = sys.stdin.buffer.read(SIZE_LIMIT + 1)
        except OSError as error:
            raise read_error(PipeUrl(), error.errno or 0) from None
    else:
        path = Path(given)
        try:
            if not given or not path.exists():
                return None
        except (OSError, ValueError):  # too long for a path: a cue
            return None
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    if len(data) > SIZE_LIMIT:
        raise UsageError("more than cues: is it a stream? See tsloom cues", input=given)
    return data


def _from_text(
    text: str, keys: scte35.KeyRing | None, strict: bool
) -> Iterator[scte35.SpliceInfoSection]:
    stripped = text.strip().removeprefix("\ufeff")
    if stripped.startswith("<"):
        yield scte35.from_xml(stripped)
        return
    lines = [line for line in stripped.splitlines() if line.strip()]
    if stripped.startswith("{"):
        documents = [stripped] if not _is_json_lines(lines) else lines
        for document in documents:
            yield scte35.from_json(document)
        return
    if not lines:
        raise InputError("no cue in the input")
    for line in lines:
        if line.startswith("#EXT"):
            yield from _from_tag(line)
        else:
            # Text that is no literal at all is an error of the input, strict or not.
            raw = scte35.bytes_from_text(line)
            yield scte35.parse(raw, keys=keys, strict=strict)


def _is_json_lines(lines: list[str]) -> bool:
    return len(lines) > 1 and all(line.strip().endswith("}") for line in lines)


def _from_tag(line: str) -> Iterator[scte35.SpliceInfoSection]:
    if line.startswith("#EXT-X-DATERANGE:"):
        tag = scte35.DateRange.from_tag(line)
        found = (tag.scte35_cmd, tag.scte35_out, tag.scte35_in)
        yield from (section for section in found if section is not None)
    else:
        section = scte35.from_cue_tags([line])
        if section is not None:
            yield section
