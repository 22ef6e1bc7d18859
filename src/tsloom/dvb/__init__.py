"""DVB service information (EN 300 468)."""

from tsloom.dvb.sdt import Service, parse_sdt
from tsloom.dvb.text import decode_text

__all__ = ["Service", "decode_text", "parse_sdt"]
