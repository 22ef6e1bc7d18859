"""The key ring: what it refuses, and what it never shows."""

from __future__ import annotations

import pytest

from tsloom import scte35
from tsloom.errors import UsageError

pytest.importorskip("cryptography", reason="tsloom[crypto] is not installed")
RING = scte35.KeyRing({0: bytes(range(8)), 255: "00" * 24})


def test_keys_are_never_shown() -> None:
    assert repr(RING) == "KeyRing([0, 255])"
    with pytest.raises(UsageError) as caught:
        scte35.KeyRing({1: "secret"})
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_ring_knows_its_indices() -> None:
    assert 0 in RING
    assert 1 not in RING


@pytest.mark.parametrize("size", [0, 7, 16, 25])
def test_key_of_a_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(UsageError):
        scte35.KeyRing({1: bytes(size)})


@pytest.mark.parametrize(
    ("algorithm", "cw_index"),
    [(0, 0), (4, 0), (32, 0), (1, 1), (1, 255), (3, 0)],
)
def test_key_that_does_not_fit_the_algorithm_encrypts_nothing(
    algorithm: int, cw_index: int
) -> None:
    with pytest.raises(UsageError):
        RING.encrypt(algorithm, cw_index, bytes(8))
    assert RING.decrypt(algorithm, cw_index, bytes(8)) is None


def test_torn_blocks_are_not_decrypted() -> None:
    assert RING.decrypt(1, 0, bytes(7)) is None
    assert RING.decrypt(1, 0, b"") is None


def test_single_des_meets_a_published_answer() -> None:
    # FIPS 81, appendix B: ECB of "Now is t" and CBC of the same from IV 0 by one key.
    ring = scte35.KeyRing({1: "0123456789abcdef"})
    assert ring.encrypt(1, 1, b"Now is t").hex() == "3fa40e8a984d4815"
    assert ring.encrypt(2, 1, b"Now is t").hex() == "3fa40e8a984d4815"
    assert ring.decrypt(1, 1, bytes.fromhex("3fa40e8a984d4815")) == b"Now is t"
