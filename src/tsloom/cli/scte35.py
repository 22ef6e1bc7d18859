"""`tsloom scte35`: `decode` and `encode`; `insert` is in scte35_insert."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom import scte35
from tsloom.cli import scte35_insert
from tsloom.cli.console import DONE, FAILED, moment, print_line
from tsloom.cli.scte35_view import describe
from tsloom.errors import InputError, UsageError
from tsloom.runner.cue_input import read_cues, read_keys, read_sections

if TYPE_CHECKING:
    from collections.abc import Iterator

PTS_HZ = 90_000


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("scte35", help="decode, encode and insert SCTE 35 cues")
    commands = parser.add_subparsers(dest="scte35_command", metavar="COMMAND", required=True)
    _add_decode(commands)
    _add_encode(commands)
    scte35_insert.add_command(commands)


def _add_decode(commands: Any) -> None:
    parser = commands.add_parser("decode", help="show cues")
    parser.add_argument(
        "input",
        metavar="TEXT|FILE|-",
        help="a cue in base64 or hex, or a file or pipe with one a line, one section, XML or JSON",
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="JSON, one line a cue")
    forms.add_argument("--xml", action="store_true", help="XML by SCTE 35, clause 12")
    forms.add_argument("--hls", action="store_true", help="the tags of an HLS playlist")
    parser.add_argument(
        "--start-date",
        type=moment,
        help="with --hls: when the cue takes place, for EXT-X-DATERANGE",
    )
    parser.add_argument("--strict", action="store_true", help="refuse what breaks a clause")
    parser.add_argument("--keys", type=Path, help="JSON file of keys in hex by cw_index")
    parser.set_defaults(run=run_decode)


def _add_encode(commands: Any) -> None:
    parser = commands.add_parser("encode", help="make a cue")
    parser.add_argument("input", nargs="?", metavar="FILE|-", help="a cue in JSON or XML")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--splice-null", action="store_true", help="a heartbeat")
    kinds.add_argument("--splice-insert", action="store_true", help="an avail, out or return")
    kinds.add_argument("--time-signal", action="store_true", help="a time for --segmentation")
    parser.add_argument("--event-id", type=_number, default=1)
    parser.add_argument("--out", action="store_true", help="leaves the network; else it returns")
    parser.add_argument("--cancel", action="store_true", help="cancels the event")
    parser.add_argument(
        "--pts", type=_number, help="pts_time, absolute, in 90 kHz ticks; immediate without"
    )
    parser.add_argument("--duration", type=_seconds, help="of the break, in seconds")
    parser.add_argument("--auto-return", action="store_true")
    parser.add_argument("--unique-program-id", type=_number, default=0)
    parser.add_argument("--avail-num", type=_number, default=0)
    parser.add_argument("--avails-expected", type=_number, default=0)
    parser.add_argument(
        "--segmentation",
        action="append",
        default=[],
        metavar="NAME=VALUE,...",
        help="a descriptor: type, event_id, duration (seconds), upid_type, upid, segment_num, "
        "segments_expected, sub_segment_num, sub_segments_expected; may be given again",
    )
    parser.add_argument("--pts-adjustment", type=_number, default=0)
    parser.add_argument("--tier", type=_number, default=0xFFF)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--base64", action="store_true", help="the default")
    forms.add_argument("--hex", action="store_true")
    forms.add_argument("--binary", action="store_true", help="the section's bytes")
    forms.add_argument("--xml", action="store_true")
    forms.add_argument("--json", action="store_true")
    forms.add_argument("--hls", action="store_true")
    parser.add_argument("--lenient", action="store_true", help="write what a clause forbids")
    parser.set_defaults(run=run_encode)


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error


def _seconds(text: str) -> int:
    """Seconds, with an optional s, as 90 kHz ticks."""
    try:
        value = float(text.removesuffix("s"))
        if not 0 <= value < 1e9:
            raise ValueError(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration in seconds") from error
    return round(value * PTS_HZ)


def run_decode(options: argparse.Namespace) -> int:
    """0 where every cue is sound, 1 where one has an error; all are shown."""
    keys = read_keys(options.keys) if options.keys else None
    sound = True
    found = False
    for section in read_sections(options.input, keys, strict=options.strict):
        found = True
        _show(section, options)
        sound = sound and not any(diagnostic.is_error for diagnostic in section.diagnostics)
    if not found:
        raise InputError("no cue in the input")
    return DONE if sound else FAILED


def _show(section: scte35.SpliceInfoSection, options: argparse.Namespace) -> None:
    if options.json:
        print_line(json.loads(scte35.to_json(section)))
    elif options.xml:
        print(scte35.to_xml(section))
    elif options.hls:
        for tag in _hls_tags(section, options.start_date):
            print(tag)
    else:
        print(describe(section))


def _hls_tags(section: scte35.SpliceInfoSection, start_date: datetime | None) -> Iterator[str]:
    if start_date is not None:
        yield scte35.to_daterange(section, start_date).to_tag()
    yield from scte35.to_cue_tags(section)


def run_encode(options: argparse.Namespace) -> int:
    """0 once the cue is written."""
    chosen = options.splice_null or options.splice_insert or options.time_signal
    if bool(chosen) == (options.input is not None):
        raise UsageError("give a cue in JSON or XML, or one of the commands")
    section = _section_of_options(options) if chosen else _read_one(options.input)
    encoded = section.encode(strict=not options.lenient)
    if options.binary:
        sys.stdout.buffer.write(encoded)
    elif options.hex:
        print(encoded.hex())
    elif options.xml:
        print(scte35.to_xml(section))
    elif options.json:
        print(scte35.to_json(section))
    elif options.hls:
        print("\n".join(scte35.to_cue_tags(section)))
    else:
        print(base64.b64encode(encoded).decode("ascii"))
    return DONE


def _read_one(given: str) -> scte35.SpliceInfoSection:
    sections = list(read_cues(given))
    if len(sections) != 1:
        raise UsageError("needs one cue", cues=len(sections))
    return sections[0]


def _section_of_options(options: argparse.Namespace) -> scte35.SpliceInfoSection:
    command: scte35.SpliceCommand = scte35.SpliceNull()
    if options.time_signal:
        command = scte35.TimeSignal(scte35.SpliceTime(options.pts))
    elif options.splice_insert:
        command = _insert_of_options(options)
    return scte35.SpliceInfoSection(
        command,
        [_segmentation(text) for text in options.segmentation],
        pts_adjustment=options.pts_adjustment,
        tier=options.tier,
    )


def _insert_of_options(options: argparse.Namespace) -> scte35.SpliceInsert:
    duration = options.duration
    return scte35.SpliceInsert(
        options.event_id,
        splice_event_cancel_indicator=options.cancel,
        out_of_network_indicator=options.out,
        splice_time=None if options.pts is None else scte35.SpliceTime(options.pts),
        break_duration=(
            None if duration is None else scte35.BreakDuration(options.auto_return, duration)
        ),
        unique_program_id=options.unique_program_id,
        avail_num=options.avail_num,
        avails_expected=options.avails_expected,
    )


_SEGMENTATION_NUMBERS = {
    "event_id": "segmentation_event_id",
    "type": "segmentation_type_id",
    "upid_type": "segmentation_upid_type",
    "segment_num": "segment_num",
    "segments_expected": "segments_expected",
    "sub_segment_num": "sub_segment_num",
    "sub_segments_expected": "sub_segments_expected",
}


def _segmentation(text: str) -> scte35.SegmentationDescriptor:
    """A descriptor out of NAME=VALUE pairs. The UPID is in its type's notation, or 0x and hex."""
    fields: dict[str, Any] = {"segmentation_event_id": 1}
    upid = None
    for pair in text.split(","):
        name, separator, value = pair.partition("=")
        try:
            if not separator:
                raise ValueError(pair)
            if name == "upid":
                upid = value
            elif name == "duration":
                fields["segmentation_duration"] = _seconds(value)
            else:
                fields[_SEGMENTATION_NUMBERS[name]] = int(value, 0)
        except (KeyError, ValueError, argparse.ArgumentTypeError) as error:
            raise UsageError("not a NAME=VALUE of a segmentation", segmentation=pair) from error
    if upid is not None:
        fields["segmentation_upid"] = _upid(fields.get("segmentation_upid_type", 0), upid)
    return scte35.SegmentationDescriptor(**fields)


def _upid(kind: int, text: str) -> bytes:
    if text.startswith("0x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError as error:
            raise UsageError("not hexadecimal", upid=text) from error
    return scte35.upid_from_text(kind, text).segmentation_upid
