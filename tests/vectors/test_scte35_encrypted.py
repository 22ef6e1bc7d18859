"""Encrypted sections by others, confirmed with openssl: decrypted, and encrypted again."""

from __future__ import annotations

import base64
import builtins
from typing import Any

import crcmod.predefined
import pytest

from tests.vectors.scte35_sections import load, params
from tsloom import scte35
from tsloom.errors import CrcError, MissingLibraryError, UsageError

pytest.importorskip("cryptography", reason="tsloom[crypto] is not installed")
crc_32_mpeg = crcmod.predefined.mkCrcFun("crc-32-mpeg")
ROWS = load("encrypted.jsonl")
GOOD = [row for row in ROWS if "plain_section" in row]
BAD_E_CRC = [row for row in ROWS if "plain_section" not in row]


def ring(row: dict[str, Any]) -> scte35.KeyRing:
    return scte35.KeyRing({int(index): key for index, key in row["keys"].items()})


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_decrypted_section_says_what_the_plain_one_says(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"], keys=ring(row))
    plain = scte35.parse(row["plain_section"])
    assert section.encrypted_packet
    assert section.encryption_algorithm == row["encryption_algorithm"]
    assert section.cw_index == row["cw_index"]
    assert section.splice_command == plain.splice_command
    assert section.splice_descriptors == plain.splice_descriptors
    assert len(section.alignment_stuffing) == row["alignment_stuffing"]
    assert not [one for one in section.diagnostics if one.is_error]
    decrypted = bytes.fromhex(row["decrypted_hex"])
    assert section.e_crc_32 == int.from_bytes(decrypted[-4:], "big")
    assert crc_32_mpeg(decrypted) == 0


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_encrypted_section_encodes_to_its_bytes_without_a_key(row: dict[str, Any]) -> None:
    raw = base64.b64decode(row["data"])
    assert scte35.parse(raw).encode() == raw
    assert scte35.parse(raw, keys=ring(row)).encode() == raw


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_plain_section_encrypts_to_the_same_bytes(row: dict[str, Any]) -> None:
    plain = scte35.parse(row["plain_section"])
    encrypted = plain.replace(
        encrypted_packet=True,
        encryption_algorithm=row["encryption_algorithm"],
        cw_index=row["cw_index"],
    )
    assert encrypted.encode(keys=ring(row)) == base64.b64decode(row["data"])


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_restamping_leaves_the_cipher_text_alone(row: dict[str, Any]) -> None:
    raw = base64.b64decode(row["data"])
    after = scte35.parse(raw).replace(pts_adjustment=12345).encode()
    assert after[13:-4] == raw[13:-4]
    assert crc_32_mpeg(after) == 0
    assert scte35.parse(after, keys=ring(row)).pts_adjustment == 12345


@pytest.mark.data
@pytest.mark.parametrize("row", params(BAD_E_CRC))
def test_bad_e_crc_32_is_said(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"], keys=ring(row))
    assert section.crc_ok
    assert section.splice_command is None
    assert "E_CRC_32" in {one.field for one in section.diagnostics}
    with pytest.raises(CrcError) as caught:
        scte35.parse(row["data"], keys=ring(row), strict=True)
    assert caught.value.facts["field"] == "E_CRC_32"


@pytest.mark.data
@pytest.mark.parametrize("row", params(ROWS))
def test_clear_fields_are_readable_without_a_key(row: dict[str, Any]) -> None:
    for keys in (None, scte35.KeyRing({200: bytes(8)})):
        section = scte35.parse(row["data"], keys=keys)
        assert section.cw_index == row["cw_index"]
        assert section.tier == 0xFFF
        assert section.splice_command is None
        assert section.splice_command_type is None
        assert [one.name for one in section.diagnostics] == ["encrypted"]


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_wrong_key_is_said_and_reads_nothing(row: dict[str, Any]) -> None:
    size = 24 if row["encryption_algorithm"] == 3 else 8
    wrong = scte35.KeyRing({row["cw_index"]: bytes(range(size))})
    section = scte35.parse(row["data"], keys=wrong)
    assert section.splice_command is None
    assert "e_crc_32" in {one.name for one in section.diagnostics}


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_edited_payload_is_encrypted_anew_and_needs_the_key(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"], keys=ring(row))
    edited = section.replace(splice_command=scte35.TimeSignal(scte35.SpliceTime(1)))
    with pytest.raises(UsageError):
        edited.encode()
    again = scte35.parse(edited.encode(keys=ring(row)), keys=ring(row))
    assert again.splice_command == scte35.TimeSignal(scte35.SpliceTime(1))
    assert again.splice_descriptors == section.splice_descriptors
    assert again.encrypted_packet


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD))
def test_decrypted_section_is_put_in_the_clear_by_the_flag(row: dict[str, Any]) -> None:
    section = scte35.parse(row["data"], keys=ring(row))
    clear = section.replace(encrypted_packet=False, encryption_algorithm=0, cw_index=0xFF)
    plain = scte35.parse(row["plain_section"]).replace(cw_index=0xFF)
    assert clear.encode() == plain.encode()


@pytest.mark.data
@pytest.mark.parametrize("row", params(GOOD[:1]))
def test_missing_library_is_one_clear_error(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real_import = builtins.__import__

    def without_cryptography(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_cryptography)
    with pytest.raises(MissingLibraryError) as caught:
        scte35.parse(row["data"], keys=ring(row))
    assert caught.value.facts == {"package": "cryptography"}
    assert scte35.parse(row["data"]).cw_index == row["cw_index"]
