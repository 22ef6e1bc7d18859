"""The buffer model against bytes that move one by one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.byte_decoder import ByteDecoder, Packet
from tests.properties.strategies import BRIEF
from tsloom.analysis.tstd import BufferEvent, BufferModel, BufferParameters

LARGE = 1 << 24
DELAY = 10 * 27_000_000


def parameters(kind: str, rx_bps: int, rbx_bps: int) -> BufferParameters:
    """Buffers so large that nothing is lost."""
    sizes = (LARGE, LARGE, LARGE if kind == "video" else 0)
    return BufferParameters(kind, sizes, rx_bps, rbx_bps, DELAY)  # type: ignore[arg-type]


@st.composite
def packets_of_units(draw: st.DrawFn, gap: int) -> list[Packet]:
    """Packets some of which begin a unit, each due after all of the units before have come."""
    made = []
    time = due = 0
    wait = draw(st.integers(3_000_000, 9_000_000))
    for i in range(draw(st.integers(1, 60))):
        time += draw(st.one_of(st.just(0), st.integers(0, gap), st.integers(0, 20 * gap)))
        begins = i == 0 or draw(st.integers(0, 5)) == 0
        due = max(due, time + wait) if begins else due
        header = draw(st.integers(9, 19)) if begins else 0
        data = draw(st.one_of(st.just(184 - header), st.integers(1, 184 - header)))
        made.append(Packet(time, header, data, due if begins else None))
    return made


def feed(model: BufferModel, packets: list[Packet]) -> list[BufferEvent]:
    events = []
    for index, packet in enumerate(packets):
        events += model.feed(
            index,
            packet.time,
            header_bytes=packet.header,
            data_bytes=packet.data,
            units=() if packet.due is None else ((0, packet.due),),
        )
    return events + model.advance(packets[-1].time + DELAY)


def greatest(model: BufferModel) -> list[int]:
    return [buffer.max_fill_bytes for buffer in model.report().buffers]


def is_in_time(packets: list[Packet], onward: list[int], slack: int) -> bool:
    """Every byte is there before its unit is due, and as many are yet to come."""
    model = ByteDecoder(packets, 2_000_000)
    return all(due > came + slack for due, came in zip(model.decode_times(), onward, strict=True))


@given(packets=packets_of_units(25_000))
@BRIEF
def test_system_buffers_fill_as_bytes_do(packets: list[Packet]) -> None:
    model = BufferModel(parameters("systems", 1_000_000, 80_000))
    feed(model, [Packet(p.time, 0, p.header + p.data) for p in packets])
    slow = ByteDecoder([Packet(p.time, 0, p.header + p.data) for p in packets], 1_000_000)
    assert greatest(model) == pytest.approx([slow.tb(), slow.b_of_systems(80_000)], abs=2)


@given(packets=packets_of_units(15_000))
@BRIEF
def test_audio_buffers_fill_as_bytes_do(packets: list[Packet]) -> None:
    slow = ByteDecoder(packets, 2_000_000)
    assume(is_in_time(packets, slow.onward, 0))
    model = BufferModel(parameters("audio", 2_000_000, 0))
    events = feed(model, packets)
    assert greatest(model) == pytest.approx([slow.tb(), slow.b_of_audio()], abs=2)
    assert [event for event in events if event.kind != "not_empty"] == []
    assert model.fills_bytes == (0, 0)


@given(packets=packets_of_units(2_000))
@BRIEF
def test_video_buffers_fill_as_bytes_do(packets: list[Packet]) -> None:
    slow = ByteDecoder(packets, 18_000_000)
    assume(is_in_time(packets, slow.onward, 5 * 200_000))
    assume(slow.tb() <= 8 * 188)  # of more packets in TB than ever fit the order is not kept
    model = BufferModel(parameters("video", 18_000_000, 15_000_000))
    events = feed(model, packets)
    tb, mb, eb = greatest(model)
    slow_mb, slow_eb = slow.mb_and_eb(15_000_000)
    assert (tb, eb) == pytest.approx((slow.tb(), slow_eb), abs=4)
    # Just before a PES header leaves MB no one looks: it holds up to a header more.
    assert slow_mb - 19 - 4 <= mb <= slow_mb + 4
    assert [event for event in events if event.kind != "not_empty"] == []
    assert model.fills_bytes == (0, 0, 0)


@given(packets=packets_of_units(15_000), size=st.integers(188, 2000))
@BRIEF
def test_the_first_overflow_of_tb_is_where_bytes_say(packets: list[Packet], size: int) -> None:
    fills = [ByteDecoder(packets[: i + 1], 2_000_000).tb() for i in range(len(packets))]
    assume(all(abs(fill - size) > 1 for fill in fills))
    model = BufferModel(BufferParameters("audio", (size, LARGE, 0), 2_000_000, 0, DELAY))
    overflows = [e for e in feed(model, packets) if (e.kind, e.buffer) == ("overflow", "TB")]
    beyond = [index for index, fill in enumerate(fills) if fill > size]
    assert [e.packet_index for e in overflows[:1]] == beyond[:1]
    if overflows:
        assert overflows[0].amount == pytest.approx(fills[beyond[0]], abs=1)
        assert overflows[0].limit == size


@given(packets=packets_of_units(15_000), cuts=st.lists(st.integers(0, 60), max_size=5))
@BRIEF
def test_looking_in_between_changes_nothing(packets: list[Packet], cuts: list[int]) -> None:
    settings = BufferParameters.for_stream("mpeg_audio")
    plain, looked_at = BufferModel(settings), BufferModel(settings)
    expected = feed(plain, packets)
    events = []
    for index, packet in enumerate(packets):
        units = () if packet.due is None else ((0, packet.due),)
        settled = {"header_bytes": packet.header, "data_bytes": packet.data, "units": units}
        if index in cuts:
            events += looked_at.advance(packet.time)
        events += looked_at.feed(index, packet.time, **settled)  # type: ignore[arg-type]
    events += looked_at.advance(packets[-1].time + DELAY)
    assert events == expected
    assert looked_at.report() == plain.report()
