"""A specification is checked line by line, and what is wrong in it is named by key and line."""

from __future__ import annotations

from pathlib import Path

import pytest

import tsloom
from tests.external_data import ROOT
from tsloom.analysis.specification import KEYS, Measured, Specification, Verdict
from tsloom.analysis.specification_measured import analyze_formats, measure
from tsloom.analysis.specification_values import Span
from tsloom.errors import UsageError

DISTRIBUTOR = ROOT / "docs" / "examples" / "distributor.toml"
# A feed as the distributor asks for it.
GOOD = {
    "video.codec": "H.264",
    "video.profile": "High",
    "video.width": 1920,
    "video.height": 1080,
    "video.gop_length": Span(12, 12),
    "video.bitrate_bps": 5_100_000.0,
    "audio.codec": "AAC",
    "audio.profile": "LC",
    "audio.sample_rate_hz": 48_000,
    "audio.bitrate_bps": 127_900,
    "pids.video": 256,
    "pids.pcr": 256,
    "pids.scte35": 500,
    "pids.null": 8191,
}


def verdict(text: str, **values: object) -> Verdict:
    """Of a specification of one line."""
    named = {key.replace("__", "."): value for key, value in values.items()}
    (result,) = Specification.from_toml(text).check(Measured(named))  # type: ignore[arg-type]
    return result.verdict


def test_a_feed_as_asked_for_passes_and_says_what_was_not_measured() -> None:
    results = Specification.read(DISTRIBUTOR).check(Measured(GOOD))
    verdicts = {one.key: one.verdict for one in results}
    assert [key for key, one in verdicts.items() if one is Verdict.FAIL] == []
    unmeasured = [key for key, one in verdicts.items() if one is Verdict.NOT_MEASURED]
    assert unmeasured == ["scte35.preroll_s", "scte35.break_duration_s", "srt.latency_ms"]
    assert all(one.reason for one in results if one.verdict is Verdict.NOT_MEASURED)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("video.codec", "HEVC"),
        ("video.profile", "Main"),
        ("video.width", 1280),
        ("video.gop_length", Span(11, 12)),
        ("video.bitrate_bps", 5_500_001.0),
        ("audio.profile", "HE-AAC"),
        ("audio.sample_rate_hz", 44_100),
        ("pids.pcr", 300),
        ("pids.scte35", None),
        ("pids.null", None),
    ],
)
def test_one_difference_fails_one_line(key: str, value: object) -> None:
    measured = Measured({**GOOD, key: value})  # type: ignore[dict-item]
    results = Specification.read(DISTRIBUTOR).check(measured)
    assert [one.key for one in results if one.verdict is Verdict.FAIL] == [key]


@pytest.mark.parametrize(
    ("text", "value", "passes"),
    [
        ("width = 1920", 1920, True),
        ("width = [1280, 1920]", 1920, True),
        ("width = [1280, 1920]", 720, False),
        ("width = {min = 720, max = 1920}", 720, True),
        ("width = {max = 1919}", 1920, False),
        ("frame_rate = 29.97", 30000 / 1001, True),
        ("frame_rate = 30", 30000 / 1001, False),
        ("frame_rate = {nominal = 25, tolerance = 0.01}", 25.25, True),
        ("frame_rate = {nominal = 25, tolerance = 0.01}", 25.3, False),
        ('codec = "avc"', "H.264", True),
        ('codec = "h265"', "HEVC", True),
        ('codec = "MPEG-2"', "MPEG-2 video", True),
        ('codec = "h264"', "HEVC", False),
        ("level = 4", "4", True),
        ('level = "4.0"', "4", True),
        ("level = {max = 4.1}", "4.2", False),
        ('level = "High 1440"', "High-1440", True),
        ("interlaced = false", False, True),
        ("interlaced = false", True, False),
        ("gop_length = {max = 12}", Span(3, 12), True),
        ("gop_length = 12", Span(12, 13), False),
    ],
)
def test_values_are_compared_by_their_kind(text: str, value: object, passes: bool) -> None:
    key = f"video__{text.split(' ')[0]}"
    assert (verdict(f"[video]\n{text}\n", **{key: value}) is Verdict.PASS) == passes


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[video]\nwidth = 1\nheigth = 5\n", 3, ["no such key", "video.heigth", "value=5"]),
        ("# a comment\n[vidio]\ncodec = 'x'\n", 3, ["no such table", "vidio.codec"]),
        ("width = 5\n", 1, ["in no table", "width"]),
        ("[video]\n\nwidth = 'wide'\n", 3, ["a number", "video.width", "'wide'"]),
        ("[video]\nwidth = true\n", 2, ["a number", "video.width", "True"]),
        ("[video]\nwidth = nan\n", 2, ["a number"]),
        ("[video]\ninterlaced = 'no'\n", 2, ["true or false", "video.interlaced"]),
        ("[video]\ncodec = {min = 1}\n", 2, ["range", "video.codec"]),
        ("[video]\nwidth = {least = 1}\n", 2, ["min and max", "video.width"]),
        ("[video]\nwidth = {min = 2, max = 1}\n", 2, ["min is above max"]),
        ("[video]\nwidth = {nominal = 2}\n", 2, ["tolerance"]),
        ("[video]\nwidth = []\n", 2, ["empty list"]),
        ("[pids]\nscte35 = 8192\n", 2, ["0 to 8191", "pids.scte35"]),
        ("[pids]\npcr = 'sound'\n", 2, ["PID", "sound"]),
        ("[video]\nwidth == 3\n", 2, ["not TOML"]),
        ("[video\n", 1, ["not TOML"]),
    ],
)
def test_what_is_wrong_is_named_with_key_value_and_line(
    text: str, line: int, words: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        Specification.from_toml(text)
    assert caught.value.facts["line"] == line
    assert [word for word in words if word not in str(caught.value)] == []


def test_a_specification_that_wants_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="wants nothing"):
        Specification.from_toml("# nothing\n")


def test_dotted_keys_have_their_lines_too() -> None:
    spec = Specification.from_toml("video.width = 5\n[audio]\n\n'codec' = 'AAC'\n")
    assert [(one.key, one.line) for one in spec.requirements] == [
        ("video.width", 1),
        ("audio.codec", 4),
    ]


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "spec.toml"
    path.write_bytes(b"[video]\nwidth = 1 # \xff\n")
    with pytest.raises(UsageError, match="UTF-8") as caught:
        Specification.read(path)
    assert caught.value.facts["line"] == 2


def test_every_key_is_measured_or_says_why_not(sample: Path) -> None:
    report, formats = analyze_formats(sample)
    for source in (formats, {}):
        measured = measure(report, source)
        assert set(measured.values) | set(measured.reasons) == set(KEYS)
        assert all(measured.reasons.values())
    none = measure(report, formats, service_id=77)
    assert set(none.values) | set(none.reasons) == set(KEYS)
    assert "video.codec" in none.reasons


def test_the_sample_is_measured(sample: Path) -> None:
    report, formats = analyze_formats(sample)
    values = measure(report, formats).values
    assert values["video.codec"] == "H.264"
    assert values["video.gop_length"] == Span(25, 25)
    assert values["video.idr_interval_s"] == Span(1.0, 1.0)
    assert values["audio.language"] == "eng"
    assert values["pids.pcr"] == values["pids.video"] == 256
    assert report == tsloom.analyze(sample, formats=True)
