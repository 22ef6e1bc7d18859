"""Names of tables by table_id: ISO/IEC 13818-1, table 2-31; EN 300 468, table 2; SCTE 35, 9.6;
ATSC A/65, table 4.1; ARIB STD-B10, part 2, table 5-2.

Values that EN 300 468 leaves to users (0x80 to 0xFE) are named as ATSC, ARIB or SCTE use them on
the PIDs where they do.
"""

from __future__ import annotations

NAMES = {
    0x00: "PAT",
    0x01: "CAT",
    0x02: "PMT",
    0x03: "TSDT",
    0x04: "ISO/IEC 14496 scene description",
    0x05: "ISO/IEC 14496 object descriptor",
    0x06: "metadata",
    0x07: "IPMP control information",
    0x3A: "DSM-CC multiprotocol encapsulation",
    0x3B: "DSM-CC user-to-network messages",
    0x3C: "DSM-CC download data",
    0x3D: "DSM-CC stream descriptors",
    0x3E: "DSM-CC private data",
    0x3F: "DSM-CC addressable",
    0x40: "NIT actual",
    0x41: "NIT other",
    0x42: "SDT actual",
    0x46: "SDT other",
    0x4A: "BAT",
    0x4B: "UNT",
    0x4C: "INT",
    0x4D: "SAT",
    0x4E: "EIT p/f actual",
    0x4F: "EIT p/f other",
    **dict.fromkeys(range(0x50, 0x60), "EIT schedule actual"),
    **dict.fromkeys(range(0x60, 0x70), "EIT schedule other"),
    0x70: "TDT",
    0x71: "RST",
    0x72: "ST",
    0x73: "TOT",
    0x74: "AIT",
    0x75: "TVA container",
    0x76: "TVA related content",
    0x77: "TVA content identifier",
    0x78: "MPE-FEC",
    0x79: "TVA resolution provider",
    0x7A: "MPE-IFEC",
    0x7B: "protection message",
    0x7C: "downloadable font information",
    0x7E: "DIT",
    0x7F: "SIT",
    0x80: "ECM",
    0x81: "ECM",
    **dict.fromkeys(range(0x82, 0x90), "EMM"),
    0xFC: "SCTE-35",
}

ATSC_NAMES = {
    0xC7: "ATSC MGT",
    0xC8: "ATSC TVCT",
    0xC9: "ATSC CVCT",
    0xCA: "ATSC RRT",
    0xCB: "ATSC EIT",
    0xCC: "ATSC ETT",
    0xCD: "ATSC STT",
    0xCE: "ATSC DET",
    0xD3: "ATSC DCCT",
    0xD4: "ATSC DCCSCT",
    0xD8: "SCTE cable emergency alert",
    0xD9: "ATSC aggregate data event",
    0xDA: "ATSC satellite VCT",
}

ISDB_NAMES = {
    0xC0: "ISDB DCT",
    0xC1: "ISDB DLT",
    0xC2: "ISDB PCAT",
    0xC3: "ISDB SDTT",
    0xC4: "ISDB BIT",
    0xC5: "ISDB NBIT body",
    0xC6: "ISDB NBIT reference",
    0xC7: "ISDB LDT",
    0xC8: "ISDB CDT",
    0xD0: "ISDB LIT",
    0xD1: "ISDB ERT",
    0xD2: "ISDB ITT",
    0xFE: "ISDB AMT",
}

# Where these tables are: the base PID of ATSC; the PIDs of ARIB STD-B10, part 2, table 5-1.
ATSC_PIDS = frozenset((0x1FFB,))
ISDB_PIDS = frozenset((0x17, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2E))


def name_table(table_id: int, pid: int | None = None) -> str:
    """The table's name, or its table_id in hexadecimal.

    ATSC and ISDB use some table_ids for different tables: the PID decides, without one, or another
    one, ATSC's name comes first.
    """
    sets = (ISDB_NAMES, ATSC_NAMES) if pid in ISDB_PIDS else (ATSC_NAMES, ISDB_NAMES)
    for names in (NAMES, *sets):
        name = names.get(table_id)
        if name is not None:
            return name
    return f"table_id 0x{table_id:02X}"
