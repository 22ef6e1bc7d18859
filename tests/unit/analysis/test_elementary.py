"""Formats of elementary streams: what headers do not say is named with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import packet, pes_header, split
from tests.external_data import load_manifest, stream_path
from tests.unit.analysis import parameter_sets as written
from tsloom import Pipeline
from tsloom.analysis.elementary import (
    AudioFormat,
    ElementaryMonitor,
    ElementaryReader,
    VideoFormat,
)

FRAME = 3600
START = b"\x00\x00\x01"
PICTURES = {"I": b"\x00\x08\xff\xf8", "P": b"\x00\x10\xff\xf8", "B": b"\x00\x18\xff\xf8"}
CODING_EXTENSION = START + bytes.fromhex("b5 8ffff3 4180")
SLICE = START + b"\x01" + bytes(40)
H264_SLICES = {"I": b"\x65\x88\x80\x04", "P": b"\x41\x9a\x20\x10", "B": b"\x01\x9e\x40\x10"}


def mpeg2_picture(letter: str) -> bytes:
    sequence = written.mpeg2_sequence() if letter == "I" else b""
    return sequence + START + b"\x00" + PICTURES[letter] + CODING_EXTENSION + SLICE


def h264_picture(letter: str) -> bytes:
    sps = START + written.h264_sps() if letter == "I" else b""
    return START + b"\x09\xf0" + sps + START + H264_SLICES[letter] + bytes(range(1, 60))


def packets_of(payload: bytes, pts: int, counter: int = 0) -> list[bytes]:
    """A PES packet of video in transport packets; the last is stuffed behind."""
    whole = pes_header(0xE0, pts) + payload
    pieces = [whole[at : at + 184] for at in range(0, len(whole), 184)]
    return [
        packet(0x100, counter + number, piece, payload_unit_start=number == 0)
        for number, piece in enumerate(pieces)
    ]


def feed(reader: ElementaryReader, payloads: Iterable[bytes], ticks: int = FRAME) -> None:
    counter = 0
    for number, payload in enumerate(payloads):
        packets = packets_of(payload, number * ticks, counter)
        counter += len(packets)
        for one in packets:
            reader.feed(one)


def read(kind: str, payloads: Iterable[bytes], ticks: int = FRAME) -> VideoFormat | AudioFormat:
    reader = ElementaryReader(kind)
    feed(reader, payloads, ticks)
    return reader.format


def test_mpeg2_video_is_told_by_its_headers() -> None:
    found = read("mpeg_video", map(mpeg2_picture, "IBPBIBPBI"))
    assert isinstance(found, VideoFormat)
    assert (found.codec, found.profile, found.level) == ("MPEG-2 video", "Main", "Main")
    assert (found.width, found.height, found.frame_rate) == (720, 576, 25)
    assert found.interlaced is False
    assert found.gop is not None
    assert (found.gop.structure, found.gop.count, found.gop.open_count) == ("IBPB", 2, 3)
    assert found.not_measured == {"idr_intervals_90khz": "MPEG video has no IDR pictures"}


def test_several_pictures_in_a_pes_packet_are_no_group_that_could_be_measured() -> None:
    threes = [mpeg2_picture(a) + mpeg2_picture(b) + mpeg2_picture("B") for a, b in ("IB", "PB") * 4]
    found = read("mpeg_video", threes, ticks=3 * FRAME)
    assert isinstance(found, VideoFormat)
    assert found.gop is None
    assert found.not_measured["gop"] == "a PES packet holds several access units"
    assert found.width == 720


def test_pes_packets_that_begin_within_a_picture_are_told_of() -> None:
    shifted = [b"\x55" * 30 + mpeg2_picture(letter) for letter in "IPPIPP"]
    found = read("mpeg_video", shifted)
    assert isinstance(found, VideoFormat)
    assert found.not_measured["gop"] == "PES packets begin in the middle of access units"


def test_a_rate_that_no_header_tells_comes_from_timestamps() -> None:
    def picture(letter: str) -> bytes:
        sps = START + written.h264_sps(timing=None) if letter == "I" else b""
        return START + b"\x09\xf0" + sps + START + H264_SLICES[letter] + bytes(range(1, 60))

    found = read("h264", map(picture, "IPPIPP"), ticks=1800)
    assert isinstance(found, VideoFormat)
    assert (found.frame_rate, found.frame_rate_source) == (50, "timestamps")
    assert found.idr_intervals_90khz == (5400, 5400)


def test_a_loss_costs_the_group_that_it_is_in() -> None:
    reader = ElementaryReader("h264")
    feed(reader, map(h264_picture, "IPPIP"))
    reader.lose()
    feed(reader, map(h264_picture, "PIPI"))
    found = reader.format
    assert isinstance(found, VideoFormat)
    assert found.gop is not None
    assert (found.gop.count, found.gop.shortest, found.gop.longest) == (2, 2, 3)


def test_to_ask_in_between_changes_nothing() -> None:
    asked, unasked = ElementaryReader("h264"), ElementaryReader("h264")
    for number, letter in enumerate("IPBIPB"):
        for one in packets_of(h264_picture(letter), number * FRAME, number):
            asked.feed(one)
            assert asked.format.codec == "H.264"
            unasked.feed(one)
    assert asked.format == unasked.format


def test_a_parameter_set_that_is_broken_is_named(sample: Path) -> None:
    broken = START + b"\x09\xf0" + START + b"\x67\x64" + START + H264_SLICES["I"] + bytes(40)
    found = read("h264", [broken])
    assert isinstance(found, VideoFormat)
    assert found.width is None
    assert "ends before" in found.not_measured["width"]


def test_what_stands_beyond_four_packets_costs_that_picture(sample: Path) -> None:
    reader = ElementaryReader("h264")
    position = 99
    for one in split(sample.read_bytes()):
        if (one[1] << 8 | one[2]) & 0x1FFF == 256:
            position = 0 if one[1] & 0x40 else position + 1
            if position < 4:
                reader.feed(one)
    monitor = ElementaryMonitor()
    Pipeline(monitor).run(sample)
    few, all_ = reader.format, monitor.formats[256]
    assert isinstance(few, VideoFormat)
    assert isinstance(all_, VideoFormat)
    # The encoder's settings fill the first access unit's SEI: its slice is beyond.
    assert (few.frames, few.unknown_pictures) == (all_.frames, 1)
    assert few.idr_pictures == (all_.idr_pictures or 0) - 1
    assert few.gop is not None
    assert all_.gop is not None
    assert few.gop == replace(all_.gop, count=all_.gop.count - 1)


def test_formats_go_to_json(sample: Path) -> None:
    monitor = ElementaryMonitor()
    Pipeline(monitor).run(sample)
    video, audio = (json.loads(json.dumps(one.to_dict())) for one in monitor.formats.values())
    assert (video["kind"], video["frame_rate"], video["gop"]["longest"]) == ("video", 25.0, 25)
    assert (audio["kind"], audio["codec"], audio["channels"]) == ("audio", "AAC", 2)


@pytest.mark.data
def test_what_is_scrambled_is_not_measured(data_dir: Path) -> None:
    monitor = ElementaryMonitor()
    Pipeline(monitor).run(stream_path(load_manifest()["scrambled_csa2.ts"]))
    found = monitor.formats[120]
    assert isinstance(found, VideoFormat)
    assert found.scrambled
    assert found.width is None
    assert {found.not_measured[name] for name in ("width", "gop", "captions")} == {
        "the payload is scrambled"
    }
