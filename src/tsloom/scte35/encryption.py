"""Encryption of splice information with fixed keys: ANSI/SCTE 35 2023r1, clause 11."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tsloom.errors import MissingLibraryError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB

DES_ECB, DES_CBC, TRIPLE_DES_ECB = 1, 2, 3
_KEY_SIZES = {DES_ECB: 8, DES_CBC: 8, TRIPLE_DES_ECB: 24}
_BLOCK_SIZE = 8


class KeyRing:
    """Control words by cw_index, up to 256 of them (11.2).

    A key has 8 bytes for DES and 24 for triple DES (three keys of 8 bytes, encrypt, decrypt,
    encrypt). Keys are bytes or hexadecimal text; they are never shown.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[int, bytes | str]) -> None:
        self._keys: dict[int, bytes] = {}
        for cw_index, key in keys.items():
            if not 0 <= cw_index <= 0xFF:
                raise UsageError("does not fit its field", field="cw_index", value=cw_index)
            word = _key_bytes(cw_index, key)
            if len(word) not in (8, 24):
                raise UsageError("a key has 8 or 24 bytes", cw_index=cw_index, size=len(word))
            self._keys[cw_index] = word

    def __repr__(self) -> str:
        return f"KeyRing({sorted(self._keys)})"

    def __contains__(self, cw_index: object) -> bool:
        return cw_index in self._keys

    def decrypt(self, encryption_algorithm: int, cw_index: int, data: bytes) -> bytes | None:
        """The plain text, or None where the ring has no key that fits the algorithm."""
        key = self._keys.get(cw_index)
        if key is None or len(key) != _KEY_SIZES.get(encryption_algorithm):
            return None
        if not data or len(data) % _BLOCK_SIZE:
            return None
        decryptor = _cipher(encryption_algorithm, key).decryptor()
        return bytes(decryptor.update(data) + decryptor.finalize())

    def encrypt(self, encryption_algorithm: int, cw_index: int, data: bytes) -> bytes:
        """The cipher text of whole blocks of 8 bytes."""
        if encryption_algorithm not in _KEY_SIZES:
            raise UsageError(
                "not one that SCTE 35 defines",
                field="encryption_algorithm",
                value=encryption_algorithm,
            )
        key = self._keys.get(cw_index)
        if key is None:
            raise UsageError("the ring has no such key", cw_index=cw_index)
        if len(key) != _KEY_SIZES[encryption_algorithm]:
            raise UsageError(
                "the key's size is not the algorithm's",
                cw_index=cw_index,
                encryption_algorithm=encryption_algorithm,
                size=len(key),
            )
        encryptor = _cipher(encryption_algorithm, key).encryptor()
        return bytes(encryptor.update(data) + encryptor.finalize())


def _key_bytes(cw_index: int, key: bytes | str) -> bytes:
    if not isinstance(key, str):
        return bytes(key)
    try:
        return bytes.fromhex(key)
    except ValueError:  # whose message would show the key
        raise UsageError("a key is not hexadecimal", cw_index=cw_index) from None


def _cipher(encryption_algorithm: int, key: bytes) -> Cipher[ECB | CBC]:
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher, modes

        try:
            from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        except ImportError:  # before release 43
            from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES
    except ImportError as error:
        raise MissingLibraryError(
            "decrypting splice information needs tsloom[crypto]", package="cryptography"
        ) from error
    # Three equal keys make triple DES single DES, which the library no longer has by itself.
    mode = modes.CBC(bytes(_BLOCK_SIZE)) if encryption_algorithm == DES_CBC else modes.ECB()
    return Cipher(TripleDES(key * (24 // len(key))), mode)
