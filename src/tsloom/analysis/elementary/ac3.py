"""AC-3 and E-AC-3: syncinfo and bsi."""

from __future__ import annotations

from dataclasses import dataclass

from tsloom.analysis.elementary.bit_reader import BitReader

SYNC_WORD = 0x0B77
AC3_LAST_BSID = 10
EAC3_LAST_BSID = 16
SAMPLE_RATES_HZ = (48000, 44100, 32000)
# frmsizecod / 2 (TS 102 366, table 4.13)
BITRATES_KBPS = (
    *(32, 40, 48, 56, 64, 80, 96, 112, 128, 160),
    *(192, 224, 256, 320, 384, 448, 512, 576, 640),
)
# acmod (table 4.3); 0 is two programs of one channel each
FULL_BANDWIDTH_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
BLOCKS = (1, 2, 3, 6)
SAMPLES_A_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Ac3Header:
    """syncinfo() and bsi() (ETSI TS 102 366, 4.3 and 4.4; E-AC-3: annex E).

    `channels` counts the low-frequency effects channel too, of E-AC-3 those of the independent
    substream. `bitrate_bps` of E-AC-3 follows from the frame's size.
    """

    bsid: int
    sample_rate_hz: int
    bitrate_bps: int
    acmod: int
    lfeon: bool

    @property
    def codec(self) -> str:
        return "AC-3" if self.bsid <= AC3_LAST_BSID else "E-AC-3"

    @property
    def channels(self) -> int:
        return FULL_BANDWIDTH_CHANNELS[self.acmod] + self.lfeon


def parse_ac3_header(bytes_: bytes) -> Ac3Header:
    """The value of a syncframe's first eight bytes; `InputError` if they are none."""
    reader = BitReader(bytes_, "AC-3 syncframe")
    if reader.bits(16) != SYNC_WORD:
        raise reader.fail("not a syncframe")
    # bsid stands at the same place in both.
    bsid = BitReader(bytes_[5:], "AC-3 syncframe").bits(5)
    if bsid > EAC3_LAST_BSID:
        raise reader.fail("a bsid that is not known", bsid=bsid)
    return _read_ac3(reader, bsid) if bsid <= AC3_LAST_BSID else _read_eac3(reader, bsid)


def _read_ac3(reader: BitReader, bsid: int) -> Ac3Header:
    reader.skip(16)
    rate = SAMPLE_RATES_HZ[reader.one_of(2, range(3), "fscod")]
    frmsizecod = reader.one_of(6, range(2 * len(BITRATES_KBPS)), "frmsizecod")
    reader.skip(8)
    acmod = reader.bits(3)
    if acmod & 1 and acmod != 1:
        reader.skip(2)  # cmixlev
    if acmod & 4:
        reader.skip(2)  # surmixlev
    if acmod == 2:
        reader.skip(2)  # dsurmod
    return Ac3Header(bsid, rate, BITRATES_KBPS[frmsizecod // 2] * 1000, acmod, reader.flag())


def _read_eac3(reader: BitReader, bsid: int) -> Ac3Header:
    reader.one_of(2, range(3), "strmtyp")
    reader.skip(3)
    frame_bytes = (reader.bits(11) + 1) * 2
    fscod = reader.bits(2)
    # With fscod 3 comes fscod2: half the rate, and six blocks.
    code = reader.bits(2)
    if fscod == 3 and code == 3:
        raise reader.fail("a field has a forbidden value", field="fscod2", value=code)
    rate = SAMPLE_RATES_HZ[code] // 2 if fscod == 3 else SAMPLE_RATES_HZ[fscod]
    blocks = 6 if fscod == 3 else BLOCKS[code]
    acmod = reader.bits(3)
    lfeon = reader.flag()
    bitrate = frame_bytes * 8 * rate // (blocks * SAMPLES_A_BLOCK)
    return Ac3Header(bsid, rate, bitrate, acmod, lfeon)
