"""Headers read bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PREFIX = 32


def remove_emulation_prevention(bytes_: bytes) -> bytes:
    """An RBSP: the NAL unit's bytes without emulation_prevention_three_bytes (14496-10, 7.3.1)."""
    return bytes_.replace(b"\x00\x00\x03", b"\x00\x00")


class BitReader:
    """Takes bits off the front, most significant first; `InputError` where there are no more."""

    def __init__(self, bytes_: bytes, header: str) -> None:
        self._value = int.from_bytes(bytes_, "big")
        self._left = len(bytes_) * 8
        self._header = header

    @property
    def left(self) -> int:
        """Bits that are still there."""
        return self._left

    def fail(self, reason: str, **facts: object) -> InputError:
        """What is wrong with the header, to be raised."""
        return InputError(reason, header=self._header, **facts)

    def bits(self, count: int) -> int:
        """An unsigned number of so many bits, u(n)."""
        if count > self._left:
            raise self.fail("a header ends before its fields do", wanted=count, left=self._left)
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def flag(self) -> bool:
        return self.bits(1) == 1

    def skip(self, count: int) -> None:
        self.bits(count)

    def ue(self) -> int:
        """ue(v) (ISO/IEC 14496-10, 9.1)."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > LONGEST_PREFIX:
                raise self.fail("an Exp-Golomb code is above 32 bits")
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        """se(v) (ISO/IEC 14496-10, 9.1.1)."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)

    def skip_ue(self, count: int) -> None:
        for _ in range(count):
            self.ue()

    def ue_at_most(self, most: int, name: str) -> int:
        """ue(v) in the range that its semantics allow."""
        value = self.ue()
        if value > most:
            raise self.fail("a field is above its range", field=name, value=value, most=most)
        return value

    def one_of(self, count: int, allowed: Iterable[int], name: str) -> int:
        """u(n) that is one of the values which are not forbidden or reserved."""
        value = self.bits(count)
        if value not in allowed:
            raise self.fail("a field has a forbidden value", field=name, value=value)
        return value
