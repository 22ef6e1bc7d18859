"""A transport stream around sections, made with bitstring and crcmod alone."""

from __future__ import annotations

from collections.abc import Iterable

import bitstring
import crcmod.predefined

crc_32_mpeg = crcmod.predefined.mkCrcFun("crc-32-mpeg")
CUE_PID = 0x1F4
PMT_PID = 0x100
PACKET_PAYLOAD = 184


def _table(table_id: int, table_id_extension: int, body: bytes) -> bytes:
    head = bitstring.pack(
        "uint:8, bool=1, bool=0, uint:2=3, uint:12, uint:16, uint:2=3, uint:5=0, bool=1, uint:16=0",
        table_id,
        len(body) + 9,
        table_id_extension,
    )
    raw = head.tobytes() + body
    return raw + crc_32_mpeg(raw).to_bytes(4, "big")


def _pat() -> bytes:
    entry = bitstring.pack("uint:16=1, uint:3=7, uint:13", PMT_PID)
    return _table(0x00, 1, entry.tobytes())


def _pmt() -> bytes:
    registration = bytes((0x05, 4)) + b"CUEI"
    head = bitstring.pack("uint:3=7, uint:13=8191, uint:4=15, uint:12", len(registration))
    stream = bitstring.pack("uint:8=134, uint:3=7, uint:13, uint:4=15, uint:12=0", CUE_PID)
    return _table(0x02, 1, head.tobytes() + registration + stream.tobytes())


class _Pid:
    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._continuity_counter = 0

    def packets(self, section: bytes) -> bytes:
        """Each section starts a packet, with pointer_field 0 (SCTE 35, 9.6)."""
        out = bytearray()
        data = b"\0" + section
        for at in range(0, len(data), PACKET_PAYLOAD):
            head = bitstring.pack(
                "uint:8=71, bool=0, bool, bool=0, uint:13, uint:2=0, uint:2=1, uint:4",
                at == 0,
                self._pid,
                self._continuity_counter,
            )
            self._continuity_counter = (self._continuity_counter + 1) % 16
            out += head.tobytes() + data[at : at + PACKET_PAYLOAD].ljust(PACKET_PAYLOAD, b"\xff")
        return bytes(out)


def stream_of(sections: Iterable[bytes]) -> bytes:
    """PAT, PMT and the sections, each PID with its own continuity_counter."""
    cues = _Pid(CUE_PID)
    tables = _Pid(0).packets(_pat()) + _Pid(PMT_PID).packets(_pmt())
    return tables + b"".join(cues.packets(section) for section in sections)
