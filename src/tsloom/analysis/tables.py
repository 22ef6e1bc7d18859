"""What the tables of a stream say now: programs, their PMTs, their names."""

from __future__ import annotations

from tsloom.dvb.sdt import TABLE_ID_ACTUAL as TABLE_ID_SDT_ACTUAL
from tsloom.dvb.sdt import Service, parse_sdt
from tsloom.errors import InputError
from tsloom.psi import (
    ProgramMapTable,
    SectionDropReason,
    parse_pat,
    parse_pmt,
)

TABLE_ID_PAT = 0x00
TABLE_ID_PMT = 0x02
# By the core's number: 0 is a whole section.
DROP_REASONS = ("", *(reason.value for reason in SectionDropReason))


class StreamTables:
    """Fed with good sections as they change; holds the current state."""

    def __init__(self) -> None:
        self.transport_stream_id: int | None = None
        self.pmts: dict[int, ProgramMapTable] = {}
        self.services: dict[int, Service] = {}
        self._programs: dict[int, dict[int, int]] = {}
        self._version: int | None = None

    @property
    def programs(self) -> dict[int, int]:
        """PMT PIDs by program_number, network_PID left out."""
        return {
            number: pid
            for section in self._programs.values()
            for number, pid in section.items()
            if number
        }

    def feed(self, pid: int, data: bytes) -> InputError | None:
        """Takes in one section with a right CRC_32; others than PAT, PMT and SDT pass by.

        What is wrong with its content, if anything: then nothing is learnt from it.
        """
        if len(data) < 12 or not data[5] & 1:
            return None
        try:
            if pid == 0 and data[0] == TABLE_ID_PAT:
                self._feed_pat(data)
            elif data[0] == TABLE_ID_PMT:
                self._feed_pmt(pid, data)
            elif data[0] == TABLE_ID_SDT_ACTUAL:
                sdt = parse_sdt(data)
                self.services |= {service.service_id: service for service in sdt.services}
        except InputError as error:
            return error
        return None

    def _feed_pat(self, data: bytes) -> None:
        pat = parse_pat(data)
        version = data[5] >> 1 & 31
        if version != self._version:
            self._programs.clear()
            self._version = version
        self.transport_stream_id = pat.transport_stream_id
        self._programs[data[6]] = {entry.program_number: entry.pid for entry in pat.programs}
        known = self.programs
        self.pmts = {number: pmt for number, pmt in self.pmts.items() if number in known}

    def _feed_pmt(self, pid: int, data: bytes) -> None:
        pmt = parse_pmt(data)
        if self.programs.get(pmt.program_number) == pid:
            self.pmts[pmt.program_number] = pmt

    def roles(self) -> dict[int, tuple[tuple[int, ...], int | None]]:
        """For each PID that a table names: the services it belongs to, and its stream_type."""
        members: dict[int, set[int]] = {}
        types: dict[int, int] = {}
        for number, pmt_pid in self.programs.items():
            members.setdefault(pmt_pid, set()).add(number)
        for number, pmt in self.pmts.items():
            if pmt.pcr_pid != 0x1FFF:
                members.setdefault(pmt.pcr_pid, set()).add(number)
            for stream in pmt.elementary_streams:
                members.setdefault(stream.elementary_pid, set()).add(number)
                types[stream.elementary_pid] = stream.stream_type
        return {pid: (tuple(sorted(numbers)), types.get(pid)) for pid, numbers in members.items()}
