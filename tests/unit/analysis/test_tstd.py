"""Sizes by clause, events with their facts, and bursts where arithmetic puts them."""

from __future__ import annotations

import json

import pytest

from tsloom.analysis.tstd import BufferEvent, BufferModel, BufferParameters
from tsloom.errors import UsageError

SECOND = 27_000_000


@pytest.mark.parametrize(
    ("codec", "known", "sizes", "rx", "rbx", "assumed"),
    [
        # ISO/IEC 13818-1, 2.4.2.3, and 13818-2, tables 8-13 and 8-14
        (
            "mpeg2_video",
            {"profile": 4, "level": 8, "buffer_bits": 1_835_008},
            (512, 10_000, 229_376),
            18_000_000,
            15_000_000,
            (),
        ),
        (
            "mpeg2_video",
            {"profile": 4, "level": 8, "buffer_bits": 835_008},
            (512, 10_000 + 125_000, 104_376),
            18_000_000,
            15_000_000,
            (),
        ),
        (
            "mpeg2_video",
            {"profile": 4, "level": 4, "bitrate_bps": 20_000_000, "buffer_bits": 9_781_248},
            (512, 53_333, 1_222_656),
            96_000_000,
            21_000_000,
            (),
        ),
        # 2.14.3.1, with 1,250 and 750 packets a second for PES headers and 4 ms
        ("avc", {"profile": 77, "level": 30}, (512, 8000, 1_500_000), 12_000_000, 12_000_000, "b"),
        (
            "avc",
            {"profile": 100, "level": 40},
            (512, 20_000, 4_687_500),
            30 * 10**6,
            30 * 10**6,
            "b",
        ),
        ("hevc", {"level": 123}, (512, 14_666, 2_750_000), 22_000_000, 22_000_000, "b"),
        ("mpeg_audio", {}, (512, 3584, 0), 2_000_000, 0, ()),
        ("aac", {"channels": 2}, (512, 3584, 0), 2_000_000, 0, ()),
        ("aac", {"channels": 6}, (512, 8976, 0), 5_529_600, 0, ()),
        ("aac", {"channels": 12}, (512, 12_804, 0), 8_294_400, 0, ()),
        ("aac", {"channels": 24}, (512, 51_216, 0), 33_177_600, 0, ()),
        ("ac3", {}, (512, 5696, 0), 2_000_000, 0, ()),
        ("sections", {"bitrate_bps": 30_000_000}, (512, 1536, 0), 1_000_000, 80_000, ()),
        ("sections", {"bitrate_bps": 60_000_000}, (512, 1536, 0), 1_000_000, 120_000, ()),
    ],
)
def test_parameters_are_those_of_the_clauses(
    codec: str,
    known: dict[str, int],
    sizes: tuple[int, ...],
    rx: int,
    rbx: int,
    assumed: object,
) -> None:
    made = BufferParameters.for_stream(codec, **known)  # type: ignore[arg-type]
    assert made.sizes_bytes == pytest.approx(sizes, abs=2)
    assert (made.rx_bps, made.rbx_bps) == (rx, rbx)
    assert made.assumed == (("buffer",) if assumed == "b" else assumed)


@pytest.mark.parametrize(
    ("codec", "assumed"),
    [
        ("mpeg2_video", ("level", "buffer", "rate")),
        ("avc", ("level", "buffer")),
        ("hevc", ("level", "buffer")),
        ("aac", ("channels",)),
        ("eac3", ("codec",)),
        ("private", ("codec",)),
        ("sections", ("rate",)),
    ],
)
def test_what_the_stream_does_not_tell_is_labelled(codec: str, assumed: tuple[str, ...]) -> None:
    assert BufferParameters.for_stream(codec).assumed == assumed  # type: ignore[arg-type]


@pytest.mark.parametrize(("gap", "overflows"), [(16_848, 0), (16_847, 0), (5615, 1), (5616, 0)])
def test_a_burst_of_system_packets_overflows_where_arithmetic_says(
    gap: int, overflows: int
) -> None:
    """TBsys gives way at a byte in 216 ticks: 3 packets with 2 gaps need 52 * 216 ticks."""
    model = BufferModel(BufferParameters.for_stream("sections", bitrate_bps=10_000_000))
    events = [event for i in range(3) for event in model.feed(i, i * gap, data_bytes=184)]
    expected = [BufferEvent("overflow", "TBsys", 2, 2 * gap, 513, 512)] * overflows
    assert events == expected


def test_a_packet_flows_in_over_its_duration() -> None:
    """At 10 Mbit/s in and 1 Mbit/s out a tenth of a packet has left when it is all in."""
    model = BufferModel(BufferParameters.for_stream("sections", bitrate_bps=10_000_000))
    duration = 188 * 8 * SECOND // 10_000_000
    model.feed(0, 0, duration_27mhz=duration, data_bytes=184)
    assert model.report().buffers[0].max_fill_bytes == 170  # 188 - 18.8, rounded up


def test_still_pictures_may_wait_for_a_minute() -> None:
    for still, kinds in ((True, []), (False, ["delay"])):
        model = BufferModel(BufferParameters.for_stream("avc", profile=77, level=30, still=still))
        events = model.feed(0, 0, header_bytes=19, data_bytes=165, units=((0, 59 * SECOND),))
        assert [event.kind for event in events] == kinds
        assert model.report().max_delay_27mhz == 59 * SECOND


def test_units_may_begin_within_a_packet() -> None:
    model = BufferModel(BufferParameters.for_stream("mpeg_audio"))
    units = ((0, 1_000_000), (100, 2_000_000), (150, 3_000_000))
    model.feed(0, 0, header_bytes=14, data_bytes=170, units=units)
    fills = []
    for time in (999_999, 1_000_000, 2_000_000, 3_000_000):
        model.advance(time)
        fills.append(model.fills_bytes[1])
    assert fills == [184, 70, 20, 0]
    assert model.report().units == 3


def test_audio_that_waits_too_long_overflows_b() -> None:
    model = BufferModel(BufferParameters.for_stream("mpeg_audio"))
    events = []
    for i in range(30):
        units = ((0, SECOND),) if i == 0 else ()
        events += model.feed(i, i * 30_000, data_bytes=184, units=units)
    # 3584 / 184 is 19.5: the twentieth packet, which the next finds in B
    assert [(e.kind, e.buffer, e.packet_index) for e in events] == [("overflow", "B", 19)]
    assert events[0].limit == 3584
    assert model.report().buffers[1].overflow_packets == 10


def test_a_restart_empties_and_keeps_counts() -> None:
    model = BufferModel(BufferParameters.for_stream("mpeg_audio"))
    model.feed(0, 0, data_bytes=184, units=((0, SECOND),))
    model.advance(100_000)
    assert model.fills_bytes == (0, 184)
    model.restart()
    assert model.fills_bytes == (0, 0)
    assert model.report().units == 1
    assert model.report().buffers[1].max_fill_bytes == 184


def test_the_report_goes_to_json() -> None:
    model = BufferModel(BufferParameters.for_stream("avc", profile=100, level=31))
    plain = json.loads(json.dumps(model.report().to_dict()))
    assert [buffer["name"] for buffer in plain["buffers"]] == ["TB", "MB", "EB"]
    assert plain["parameters"]["assumed"] == ["buffer"]


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: BufferParameters.for_stream("vorbis"),
        lambda: BufferModel(BufferParameters("audio", (512, 1, 0), 999, 0)),
        lambda: BufferModel(BufferParameters("video", (512, 1, 1), 10**6, 0)),
        lambda: BufferModel(BufferParameters("radio", (512, 1, 1), 10**6, 0)),
        lambda: BufferModel(BufferParameters.for_stream("aac")).feed(0, 0, data_bytes=185),
    ],
)
def test_what_cannot_be_is_refused(misuse: object) -> None:
    with pytest.raises(UsageError):
        misuse()  # type: ignore[operator]
