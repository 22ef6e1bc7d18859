"""`tsloom scte35 decode` and `encode`: what they print and their exit codes."""

from __future__ import annotations

import argparse
import base64
import io
import json
from pathlib import Path

import pytest

from tsloom import scte35
from tsloom.cli.scte35 import add_commands
from tsloom.errors import InputError, TsloomError, UsageError

OUT = "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo="
BAD_CRC = OUT[:-4] + "AAA="

TIME = scte35.SpliceTime(90_000)
EVERY_KIND = [
    scte35.SpliceInfoSection(
        scte35.TimeSignal(TIME),
        [
            scte35.SegmentationDescriptor(
                7,
                segmentation_type_id=0x34,
                segmentation_duration=90_000,
                segmentation_upid_type=scte35.UpidType.TI,
                segmentation_upid=bytes(8),
                web_delivery_allowed_flag=False,
                sub_segment_num=1,
                components=[scte35.SegmentationComponent(1, 9)],
            ),
            scte35.SegmentationDescriptor(8, segmentation_event_cancel_indicator=True),
            scte35.SegmentationDescriptor(9, segmentation_upid_type=0x99, segmentation_upid=b"x"),
            scte35.DtmfDescriptor(15, "12*"),
            scte35.TimeDescriptor(5, 6, 37),
            scte35.AudioDescriptor([scte35.AudioChannel(1, "eng", 0, 2, True)]),
            scte35.PrivateDescriptor(1, 2, b"\x03"),
        ],
        pts_adjustment=90_000,
        tier=1,
    ),
    scte35.SpliceInfoSection(
        scte35.SpliceInsert(1, components=[scte35.SpliceInsertComponent(5, TIME)])
    ),
    scte35.SpliceInfoSection(scte35.SpliceInsert(1, splice_event_cancel_indicator=True)),
    scte35.SpliceInfoSection(
        scte35.SpliceSchedule(
            [
                scte35.SpliceScheduleEvent(1, utc_splice_time=0),
                scte35.SpliceScheduleEvent(2, splice_event_cancel_indicator=True),
                scte35.SpliceScheduleEvent(
                    3, components=[scte35.SpliceScheduleComponent(4, 86_400)]
                ),
            ]
        )
    ),
    scte35.SpliceInfoSection(scte35.PrivateCommand(0x41424344, b"\xab")),
]
EVERY_WORD = [
    "adjusted 2.000000 s",
    "Provider Placement Opportunity Start",
    "upid: TI 0",
    "upid: type 0x99 0x78",
    "sub segment: 1 of 0",
    "web not allowed",
    "cancelled",
    "preroll: 1.5 s, tones 12*",
    "TAI: 5.000000006 s",
    "component 1: eng",
    "tag 0x01, identifier 0x00000002: 03",
    "component 5: 1.000000 s",
    "utc_splice_time: 1980-01-06T00:00:00+00:00",
    "component 4: 1980-01-07T00:00:00+00:00",
    "identifier: 0x41424344",
    "tier: 0x001",
]


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers(required=True))
    options = parser.parse_args(["scte35", *arguments])
    code: int = options.run(options)
    return code


def test_people_see_times_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("decode", OUT) == 0
    shown = capsys.readouterr().out
    assert "SpliceInsert" in shown
    assert "splice_event_id: 1207959695 (0x4800008F)" in shown
    assert "out of the network" in shown
    assert "60.293567 s (5426421), automatic return" in shown
    assert "provider_avail_id: 309" in shown


def test_every_kind_of_value_is_described(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("decode", EVERY_KIND[0].encode().hex()) == 0
    text = "\n".join(base64.b64encode(section.encode()).decode() for section in EVERY_KIND)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run("decode", "-") == 0
    shown = capsys.readouterr().out
    for word in EVERY_WORD:
        assert word in shown


def test_machine_forms_read_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    section = scte35.parse(OUT)
    assert run("decode", OUT, "--json") == 0
    text = capsys.readouterr().out
    assert scte35.from_json(text) == section
    (tmp_path / "cue.json").write_text(text)
    assert run("decode", OUT, "--xml") == 0
    xml = capsys.readouterr().out
    assert scte35.from_xml(xml) == section
    (tmp_path / "cue.xml").write_text(xml)
    assert run("decode", OUT, "--hls", "--start-date", "2024-01-01T00:00:00Z") == 0
    tags = capsys.readouterr().out.splitlines()
    assert scte35.DateRange.from_tag(tags[0]).scte35_out == section
    assert scte35.from_cue_tags(tags[1:]) == section
    (tmp_path / "cue.m3u8").write_text("\n".join(tags[:2]))
    (tmp_path / "cue.bin").write_bytes(section.encode())
    for name in ("cue.json", "cue.xml", "cue.bin", "cue.m3u8"):
        assert run("decode", str(tmp_path / name), "--json") == 0
        for line in capsys.readouterr().out.splitlines():
            assert scte35.from_json(line) == section
    for name in ("cue.json", "cue.xml"):
        assert run("encode", str(tmp_path / name)) == 0
        assert capsys.readouterr().out.strip() == OUT


def test_damaged_cue_is_shown_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("decode", BAD_CRC) == 1
    assert "error: CRC_32 does not match" in capsys.readouterr().out
    with pytest.raises(InputError):
        run("decode", BAD_CRC, "--strict")
    for text in ("no cue", "", "*"):
        with pytest.raises(TsloomError):
            run("decode", text)


def test_encrypted_cue_is_shown_with_its_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("cryptography", reason="tsloom[crypto] is not installed")
    ring = scte35.KeyRing({7: bytes(range(8))})
    encrypted = scte35.parse(OUT).replace(encrypted_packet=True, encryption_algorithm=2, cw_index=7)
    text = encrypted.encode(keys=ring).hex()
    assert run("decode", text) == 0
    assert "not readable" in capsys.readouterr().out
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"7": bytes(range(8)).hex()}))
    assert run("decode", text, "--keys", str(keys)) == 0
    assert "1207959695" in capsys.readouterr().out
    keys.write_text("[]")
    with pytest.raises(UsageError):
        run("decode", text, "--keys", str(keys))


def test_cue_is_made_from_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(
        "encode", "--splice-insert", "--event-id", "0x10", "--out", "--pts", "900000",
        "--duration", "30s", "--auto-return", "--avail-num", "1", "--avails-expected", "2",
    ) == 0  # fmt: skip
    assert scte35.parse(capsys.readouterr().out, strict=True).splice_command == scte35.SpliceInsert(
        16,
        out_of_network_indicator=True,
        splice_time=scte35.SpliceTime(900_000),
        break_duration=scte35.BreakDuration(auto_return=True, duration=2_700_000),
        avail_num=1,
        avails_expected=2,
    )
    assert run(
        "encode", "--time-signal", "--pts", "1", "--hex", "--segmentation",
        "type=0x34,event_id=5,duration=60,upid_type=8,upid=748724618",
        "--segmentation", "type=0x36,upid_type=12,upid=0x4142434401",
    ) == 0  # fmt: skip
    first, second = scte35.parse(capsys.readouterr().out, strict=True).splice_descriptors
    assert first == scte35.SegmentationDescriptor(
        5,
        segmentation_type_id=0x34,
        segmentation_duration=5_400_000,
        segmentation_upid_type=8,
        segmentation_upid=bytes.fromhex("000000002ca0a18a"),
    )
    assert isinstance(second, scte35.SegmentationDescriptor)
    assert second.segmentation_upid == b"ABCD\x01"


@pytest.mark.parametrize("form", ["--xml", "--json", "--hls", "--hex", "--base64"])
def test_made_cue_is_written_in_every_form(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("encode", "--splice-null", form) == 0
    text = capsys.readouterr().out
    assert run("decode", text.strip(), "--json") == 0
    assert json.loads(capsys.readouterr().out)["splice_command_type"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode"],
        ["encode", OUT, "--splice-null"],
        ["encode", "--time-signal", "--segmentation", "type"],
        ["encode", "--time-signal", "--segmentation", "kind=1"],
        ["encode", "--time-signal", "--segmentation", "duration=-1"],
        ["encode", "--time-signal", "--segmentation", "upid_type=10,upid=x"],
        ["encode", "--time-signal", "--segmentation", "upid=0xz"],
        ["encode", "--splice-insert", "--event-id", "4294967296"],
    ],
)
def test_wrong_use_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        run(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode", "--splice-insert", "--pts", "x"],
        ["encode", "--splice-insert", "--duration", "-3"],
        ["decode", OUT, "--start-date", "2024-01-01T00:00:00"],
        ["decode", OUT, "--xml", "--json"],
        ["decode"],
    ],
)
def test_wrong_options_exit_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err
