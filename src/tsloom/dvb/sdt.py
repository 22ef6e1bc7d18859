"""The service description table: EN 300 468, 5.2.3, and its service_descriptor, 6.2.33."""

from __future__ import annotations

from dataclasses import dataclass

from tsloom.dvb.text import decode_text

TABLE_ID_SDT_ACTUAL = 0x42
TABLE_ID_SDT_OTHER = 0x46
_HEADER_SIZE = 11
_ENTRY_SIZE = 5
_CRC_SIZE = 4
_SERVICE_DESCRIPTOR = 0x48


@dataclass(frozen=True, slots=True)
class Service:
    """One entry of the SDT; the names are None where it has no service_descriptor."""

    service_id: int
    service_type: int | None = None
    service_provider_name: str | None = None
    service_name: str | None = None


def parse_sdt(section: bytes) -> tuple[Service, ...]:
    """The services that one SDT section lists; a loop that runs over ends the list."""
    end = len(section) - _CRC_SIZE
    at = _HEADER_SIZE
    services: list[Service] = []
    while at + _ENTRY_SIZE <= end:
        service_id = int.from_bytes(section[at : at + 2])
        length = int.from_bytes(section[at + 3 : at + 5]) & 0x0FFF
        at += _ENTRY_SIZE
        if at + length > end:
            break
        services.append(_parse_names(service_id, section[at : at + length]))
        at += length
    return tuple(services)


def _parse_names(service_id: int, loop: bytes) -> Service:
    at = 0
    while at + 2 <= len(loop):
        tag, length = loop[at], loop[at + 1]
        data = loop[at + 2 : at + 2 + length]
        if tag == _SERVICE_DESCRIPTOR and len(data) == length >= 3:
            provider_end = 2 + data[1]
            if provider_end < length:
                name_end = provider_end + 1 + data[provider_end]
                return Service(
                    service_id,
                    data[0],
                    decode_text(data[2:provider_end]),
                    decode_text(data[provider_end + 1 : name_end]),
                )
        at += 2 + length
    return Service(service_id)
