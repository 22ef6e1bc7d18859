"""Streams of 188, 192 and 204 byte packets, whole and damaged."""

from __future__ import annotations

import random
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.builders import packet

# No sync byte in it: junk that looks like packets would be taken for some.
JUNK = bytes(range(0x80, 0x100))


def wrap(packets: list[bytes], unit: int, seed: int = 0) -> list[bytes]:
    """Packets as they lie in a file: with a time stamp before, with parity behind, or bare."""
    chance = random.Random(seed)
    if unit == 192:
        return [(number * 1000).to_bytes(4, "big") + made for number, made in enumerate(packets)]
    if unit == 204:
        return [made + bytes(chance.choices(JUNK, k=16)) for made in packets]
    return packets


@dataclass(frozen=True)
class Damaged:
    """A stream and the numbers of the packets that are whole in it."""

    data: bytes
    unit: int
    packets: tuple[bytes, ...]
    whole: tuple[int, ...]

    def __repr__(self) -> str:
        lost = sorted(set(range(len(self.packets))) - set(self.whole))
        return f"Damaged({len(self.packets)} packets of {self.unit} bytes, {lost} damaged)"


def numbered_packets(count: int) -> list[bytes]:
    """Packets that can be told apart, without a sync byte in their payload."""
    return [
        packet(0x100, number, (number | 0x80808080).to_bytes(4, "big") + bytes(180))
        for number in range(count)
    ]


@st.composite
def damaged_streams(draw: st.DrawFn) -> Damaged:
    """Junk before, between and behind packets, sync bytes broken, packets cut short.

    Between two places of damage lie ten whole packets and more: enough to acquire sync again.
    """
    unit = draw(st.sampled_from([188, 192, 204]))
    count = draw(st.integers(12, 80))
    packets = numbered_packets(count)
    pieces = wrap(packets, unit)
    whole = set(range(count))
    data = draw(_junk)
    at = 0
    while True:
        run = draw(st.integers(10, 40))
        data += b"".join(pieces[at : at + run])
        at += run
        if at >= count - 10:
            break
        damage, lost = draw(_damage(pieces[at : at + 4]))
        data += damage
        whole -= set(range(at, at + lost))
        at += lost
    data += b"".join(pieces[at:]) + draw(_junk)
    return Damaged(data, unit, tuple(packets), tuple(sorted(whole)))


_junk = st.integers(0, 400).map(lambda size: (JUNK * 4)[:size])


@st.composite
def _damage(draw: st.DrawFn, pieces: list[bytes]) -> tuple[bytes, int]:
    """Bytes in place of packets, and how many packets they stand for."""
    kind = draw(st.sampled_from(["junk", "sync", "short"]))
    if kind == "junk":
        return draw(_junk), 0
    if kind == "short":
        return pieces[0][: draw(st.integers(0, len(pieces[0]) - 1))], 1
    lost = draw(st.integers(1, len(pieces)))
    place = 4 if len(pieces[0]) == 192 else 0
    broken = [piece[:place] + b"\x00" + piece[place + 1 :] for piece in pieces[:lost]]
    return b"".join(broken), lost
