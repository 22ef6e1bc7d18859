"""What a PMT's stream_type says (ISO/IEC 13818-1, table 2-34)."""

from __future__ import annotations

STREAM_TYPE_NAMES = {
    0x00: "reserved",
    0x01: "MPEG-1 video",
    0x02: "MPEG-2 video",
    0x03: "MPEG-1 audio",
    0x04: "MPEG-2 audio",
    0x05: "private sections",
    0x06: "private data in PES packets",
    0x07: "MHEG",
    0x08: "DSM-CC",
    0x09: "H.222.1",
    0x0A: "DSM-CC type A",
    0x0B: "DSM-CC type B",
    0x0C: "DSM-CC type C",
    0x0D: "DSM-CC type D",
    0x0E: "auxiliary data",
    0x0F: "AAC audio in ADTS",
    0x10: "MPEG-4 visual",
    0x11: "AAC audio in LATM",
    0x12: "MPEG-4 SL or FlexMux in PES packets",
    0x13: "MPEG-4 SL or FlexMux in sections",
    0x14: "synchronized download protocol",
    0x15: "metadata in PES packets",
    0x16: "metadata in sections",
    0x17: "metadata in a data carousel",
    0x18: "metadata in an object carousel",
    0x19: "metadata in the synchronized download protocol",
    0x1A: "MPEG-2 IPMP",
    0x1B: "AVC video",
    0x1C: "MPEG-4 audio without transport syntax",
    0x1D: "MPEG-4 text",
    0x1E: "auxiliary video",
    0x1F: "SVC sub-bitstream",
    0x20: "MVC sub-bitstream",
    0x21: "JPEG 2000 video",
    0x22: "additional view, MPEG-2 video",
    0x23: "additional view, AVC video",
    0x24: "HEVC video",
    0x25: "HEVC temporal subset",
    0x26: "MVCD sub-bitstream",
    0x27: "timeline and external media information",
    0x28: "HEVC enhancement, annex G",
    0x29: "HEVC temporal enhancement, annex G",
    0x2A: "HEVC enhancement, annex H",
    0x2B: "HEVC temporal enhancement, annex H",
    0x2C: "green access units",
    0x2D: "MPEG-H 3D audio, main stream",
    0x2E: "MPEG-H 3D audio, auxiliary stream",
    0x2F: "quality access units",
    0x30: "media orchestration access units",
    0x31: "HEVC motion-constrained tiles",
    0x32: "JPEG XS video",
    0x33: "VVC video",
    0x34: "VVC temporal subset",
    0x35: "EVC video",
    0x7F: "IPMP",
    # User private: what others than the standard have given these values.
    0x80: "user private (DigiCipher II video)",
    0x81: "user private (ATSC AC-3 audio)",
    0x82: "user private (SCTE 27 subtitles)",
    0x86: "user private (SCTE 35 splice information)",
    0x87: "user private (ATSC E-AC-3 audio)",
    0xD1: "user private (Dirac video)",
    0xEA: "user private (VC-1 video)",
}

STREAM_TYPE_SPLICE_INFORMATION = 0x86
USER_PRIVATE_FIRST = 0x80


def get_stream_type_name(stream_type: int) -> str:
    """A name for the stream_type; "reserved" or "user private" where it has none of its own."""
    name = STREAM_TYPE_NAMES.get(stream_type)
    if name is not None:
        return name
    return "user private" if stream_type >= USER_PRIVATE_FIRST else "reserved"
