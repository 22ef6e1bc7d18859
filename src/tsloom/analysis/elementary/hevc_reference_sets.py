"""HEVC: what stands in a sequence parameter set before its VUI and is passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tsloom.analysis.elementary.bit_reader import BitReader

MAX_SETS = 64
MAX_PICTURES = 16


def skip_scaling_list_data(reader: BitReader) -> None:
    """scaling_list_data() (ISO/IEC 23008-2, 7.3.4)."""
    for size_id in range(4):
        for _ in range(0, 6, 3 if size_id == 3 else 1):
            if not reader.flag():
                reader.ue()
                continue
            if size_id > 1:
                reader.se()
            for _ in range(min(64, 1 << (4 + (size_id << 1)))):
                reader.se()


def skip_short_term_reference_sets(reader: BitReader) -> None:
    """num_short_term_ref_pic_sets and each st_ref_pic_set() (7.3.7)."""
    count = reader.ue_at_most(MAX_SETS, "num_short_term_ref_pic_sets")
    before = 0  # NumDeltaPocs of the set before
    for number in range(count):
        if number and reader.flag():  # inter_ref_pic_set_prediction_flag
            before = _skip_predicted_set(reader, before)
        else:
            before = _skip_told_set(reader)


def _skip_predicted_set(reader: BitReader, before: int) -> int:
    reader.skip(1)
    reader.ue()
    kept = 0
    for _ in range(before + 1):
        # used_by_curr_pic_flag; use_delta_flag is there if that is 0, and inferred as 1 if not.
        if reader.flag() or reader.flag():
            kept += 1
    return min(kept, MAX_PICTURES)


def _skip_told_set(reader: BitReader) -> int:
    count = reader.ue_at_most(MAX_PICTURES, "num_negative_pics")
    count += reader.ue_at_most(MAX_PICTURES, "num_positive_pics")
    for _ in range(count):
        reader.ue()
        reader.skip(1)
    return count
