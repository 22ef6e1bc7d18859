"""Parameter sets and headers written with bitstring, field by field as the standards list them."""

from __future__ import annotations

from bitstring import BitArray, pack

H264_HIGH = 100


def escape(rbsp: bytes) -> bytes:
    """With emulation_prevention_three_bytes (ISO/IEC 14496-10, 7.4.1)."""
    out = bytearray()
    zeros = 0
    for byte in rbsp:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _finish(bits: BitArray) -> bytes:
    """With rbsp_trailing_bits."""
    return bits.tobytes() + b"\x80" if len(bits) % 8 == 0 else (bits + "0b1").tobytes()


def h264_sps(
    *,
    profile_idc: int = H264_HIGH,
    flags: int = 0,
    level_idc: int = 40,
    chroma_format_idc: int = 1,
    bit_depth: int = 8,
    scaling: bool = False,
    order_count_type: int = 0,
    width_mbs: int = 120,
    height_units: int = 68,
    frame_mbs_only: bool = True,
    crop: tuple[int, int, int, int] | None = (0, 0, 0, 4),
    aspect_ratio_idc: int | None = 1,
    timing: tuple[int, int] | None = (1, 50),
    hrd_bit_rates: tuple[int, ...] = (),
) -> bytes:
    """An SPS NAL unit (7.3.2.1.1, E.1.1, E.1.2)."""
    bits = pack("uint:8, uint:8, uint:8, uint:8, ue", 0x67, profile_idc, flags, level_idc, 0)
    if profile_idc in (100, 110, 122, 244):
        bits += pack("ue", chroma_format_idc)
        bits += "0b0" if chroma_format_idc == 3 else ""
        bits += pack("ue, ue, bool, bool", bit_depth - 8, bit_depth - 8, False, scaling)
        for number in range((12 if chroma_format_idc == 3 else 8) if scaling else 0):
            # Every other list is sent; the second of those ends early, by a delta that leads to 0.
            bits += pack("bool", number % 2 == 0)
            if number % 2 == 0:
                deltas = [1] * (16 if number < 6 else 64) if number != 2 else [3, -11]
                for delta in deltas:
                    bits += pack("se", delta)
    bits += pack("ue, ue", 0, order_count_type)
    if order_count_type == 0:
        bits += pack("ue", 2)
    elif order_count_type == 1:
        bits += pack("bool, se, se, ue, se, se", False, -3, 2, 2, -1, 5)
    bits += pack(
        "ue, bool, ue, ue, bool", 4, False, width_mbs - 1, height_units - 1, frame_mbs_only
    )
    bits += "" if frame_mbs_only else "0b1"
    bits += pack("bool, bool", True, crop is not None)
    for offset in crop or ():
        bits += pack("ue", offset)
    bits += pack("bool", True)
    bits += _h264_vui(aspect_ratio_idc, timing, hrd_bit_rates)
    return escape(_finish(bits))


def _h264_vui(
    aspect_ratio_idc: int | None, timing: tuple[int, int] | None, bit_rates: tuple[int, ...]
) -> BitArray:
    bits = pack("bool", aspect_ratio_idc is not None)
    if aspect_ratio_idc is not None:
        bits += pack("uint:8", aspect_ratio_idc)
        bits += pack("uint:16, uint:16", 40, 33) if aspect_ratio_idc == 255 else ""
    bits += pack("bool, bool", True, False)
    bits += pack("bool, uint:3, bool, bool, hex:24", True, 5, False, True, "010101")
    bits += pack("bool, ue, ue", True, 0, 0)
    bits += pack("bool", timing is not None)
    if timing is not None:
        bits += pack("uint:32, uint:32, bool", *timing, True)
    bits += pack("bool", bool(bit_rates))
    if bit_rates:
        bits += pack("ue, uint:4, uint:4", len(bit_rates) - 1, 0, 0)
        for rate in bit_rates:
            bits += pack("ue, ue, bool", rate // 64 - 1, 1000, False)
        bits += pack("uint:5, uint:5, uint:5, uint:5", 23, 23, 23, 0)
    bits += pack("bool", False)
    return bits + pack("bool, bool, bool", False, True, False)


def hevc_profile_tier_level(
    *, profile_idc: int, tier: bool, level_idc: int, interlaced: bool, sub_layers: int
) -> BitArray:
    """7.3.3, with a profile and a level of each sub-layer."""
    bits = pack("uint:2, bool, uint:5, hex:32", 0, tier, profile_idc, "60000000")
    bits += pack("bool, bool, uint:46, uint:8", not interlaced, interlaced, 0, level_idc)
    for _ in range(sub_layers):
        bits += "0b11"
    bits += "0b" + "00" * (8 - sub_layers) if sub_layers else ""
    for _ in range(sub_layers):
        bits += pack("uint:88, uint:8", 0, 30)
    return bits


def hevc_sps(
    *,
    profile_idc: int = 1,
    tier: bool = False,
    level_idc: int = 123,
    interlaced: bool = False,
    sub_layers: int = 0,
    width: int = 1920,
    height: int = 1088,
    window: tuple[int, int, int, int] | None = (0, 0, 0, 4),
    chroma_format_idc: int = 1,
    bit_depth: int = 8,
    scaling: bool = False,
    reference_sets: bool = True,
    timing: tuple[int, int] | None = (1, 50),
) -> bytes:
    """An SPS NAL unit (7.3.2.2, E.2.1)."""
    bits = pack("hex:16, uint:4, uint:3, bool", "4201", 0, sub_layers, True)
    bits += hevc_profile_tier_level(
        profile_idc=profile_idc,
        tier=tier,
        level_idc=level_idc,
        interlaced=interlaced,
        sub_layers=sub_layers,
    )
    bits += pack("ue, ue", 0, chroma_format_idc)
    bits += "0b0" if chroma_format_idc == 3 else ""
    bits += pack("ue, ue, bool", width, height, window is not None)
    for offset in window or ():
        bits += pack("ue", offset)
    bits += pack("ue, ue, ue, bool", bit_depth - 8, bit_depth - 8, 4, True)
    for _ in range(sub_layers + 1):
        bits += pack("ue, ue, ue", 4, 2, 0)
    bits += pack("ue, ue, ue, ue, ue, ue, bool", 0, 3, 0, 3, 1, 1, scaling)
    if scaling:
        bits += "0b1" + _hevc_scaling_lists()
    bits += pack("bool, bool, bool, uint:4, uint:4", True, True, True, 7, 7)
    bits += pack("ue, ue, bool", 0, 2, False)
    bits += _hevc_reference_sets() if reference_sets else pack("ue", 0)
    bits += pack("bool, ue, uint:8, bool, bool, bool", True, 1, 77, True, True, True)
    bits += pack("bool, bool, uint:8", True, True, 1)
    bits += pack("bool, bool, bool", False, False, False)
    bits += pack("bool, bool, bool, bool", False, False, False, False)
    bits += pack("bool", timing is not None)
    if timing is not None:
        bits += pack("uint:32, uint:32, bool, bool", *timing, False, False)
    return escape(_finish(bits + pack("bool, bool", False, False)))


def _hevc_scaling_lists() -> BitArray:
    """7.3.4: of each size, the first list is sent and the others are copies."""
    bits = BitArray()
    for size_id in range(4):
        for matrix in range(0, 6, 3 if size_id == 3 else 1):
            if matrix:
                bits += pack("bool, ue", False, 1)
                continue
            bits += pack("bool", True) + (pack("se", 4) if size_id > 1 else "")
            for _ in range(min(64, 1 << (4 + 2 * size_id))):
                bits += pack("se", -1)
    return bits


def _hevc_reference_sets() -> BitArray:
    """7.3.7: three, of which the second is told by the first, and the third by the second."""
    bits = pack("ue", 3)
    bits += pack("ue, ue, ue, bool, ue, bool, ue, bool", 2, 1, 0, True, 1, True, 0, False)
    bits += pack("bool, bool, ue", True, False, 0)
    bits += "0b100011"  # 1, 00, 01, 1: of three pictures and one more: all but one are kept
    bits += pack("bool, bool, ue", True, True, 2)
    return bits + "0b110100"  # 1, 1, 01, 00


def hevc_vps(timing: tuple[int, int] | None) -> bytes:
    """A VPS NAL unit (7.3.2.1) with two layer sets of three layers."""
    bits = pack("hex:16, uint:4, bool, bool, uint:6", "4001", 0, True, True, 0)
    bits += pack("uint:3, bool, hex:16", 1, True, "ffff")
    bits += hevc_profile_tier_level(
        profile_idc=1, tier=False, level_idc=93, interlaced=False, sub_layers=1
    )
    bits += pack("bool, ue, ue, ue", False, 4, 2, 0)
    bits += pack("uint:6, ue, uint:3", 2, 1, 5)
    bits += pack("bool", timing is not None)
    if timing is not None:
        bits += pack("uint:32, uint:32, bool, ue", *timing, False, 0)
    return escape(_finish(bits + pack("bool", False)))


def mpeg2_sequence(
    *,
    width: int = 720,
    height: int = 576,
    aspect: int = 3,
    rate_code: int = 3,
    bit_rate: int = 12_500,
    matrices: bool = False,
    indication: int | None = 0x48,
    progressive: bool = False,
    chroma_format: int = 1,
    rate_extension: tuple[int, int] = (0, 0),
    display: tuple[int, int] | None = None,
) -> bytes:
    """sequence_header, sequence_extension, sequence_display_extension (13818-2, 6.2.2)."""
    bits = pack("hex:32, uint:12, uint:12", "000001b3", width & 0xFFF, height & 0xFFF)
    bits += pack("uint:4, uint:4, uint:18, bool", aspect, rate_code, bit_rate & 0x3FFFF, True)
    bits += pack("uint:10, bool", 112, False)
    for _ in range(2):
        bits += pack("bool", matrices) + (pack("hex:512", "10" * 64) if matrices else "")
    if indication is None:
        return bits.tobytes()
    bits += pack("hex:32, uint:4, uint:8, bool", "000001b5", 1, indication, progressive)
    bits += pack("uint:2, uint:2, uint:2", chroma_format, width >> 12, height >> 12)
    bits += pack("uint:12, bool, uint:8, bool", bit_rate >> 18, True, 0, False)
    bits += pack("uint:2, uint:5", *rate_extension)
    if display is not None:
        bits += pack("hex:32, uint:4, uint:3, bool, hex:24", "000001b5", 2, 1, True, "010101")
        bits += pack("uint:14, bool, uint:14", display[0], True, display[1])
    return bits.tobytes()


def loas_frame(object_type: int, rate: int, channels: int, *, version: int = 0) -> bytes:
    """AudioSyncStream with StreamMuxConfig and its first AudioSpecificConfig (14496-3, 1.7)."""
    bits = pack("bool, bool", False, version == 1)
    bits += pack("bool, uint:2, uint:8", False, 0, 255) if version else ""
    bits += pack("bool, uint:6, uint:4, uint:3", True, 0, 0, 0)
    bits += pack("uint:2, uint:16", 1, 40) if version else ""
    bits += pack("uint:5, uint:4, uint:4", object_type, rate, channels)
    bits += pack("uint:4, uint:5", rate - 3, 2) if object_type in (5, 29) else ""
    bits += pack("uint:3, uint:3, uint:8, uint:200", 0, 0, 255, 0)
    payload = bits.tobytes()
    return pack("uint:11, uint:13", 0x2B7, len(payload)).tobytes() + payload
