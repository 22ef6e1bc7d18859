"""segmentation_type_id by name: ANSI/SCTE 35 2023r1, table 23."""

from __future__ import annotations

from enum import IntEnum


class SegmentationType(IntEnum):
    """What a segmentation_descriptor() announces. `title` is the name as the table writes it."""

    NOT_INDICATED = 0x00
    CONTENT_IDENTIFICATION = 0x01
    PRIVATE = 0x02
    PROGRAM_START = 0x10
    PROGRAM_END = 0x11
    PROGRAM_EARLY_TERMINATION = 0x12
    PROGRAM_BREAKAWAY = 0x13
    PROGRAM_RESUMPTION = 0x14
    PROGRAM_RUNOVER_PLANNED = 0x15
    PROGRAM_RUNOVER_UNPLANNED = 0x16
    PROGRAM_OVERLAP_START = 0x17
    PROGRAM_BLACKOUT_OVERRIDE = 0x18
    PROGRAM_JOIN = 0x19
    PROGRAM_IMMEDIATE_RESUMPTION = 0x1A
    CHAPTER_START = 0x20
    CHAPTER_END = 0x21
    BREAK_START = 0x22
    BREAK_END = 0x23
    OPENING_CREDIT_START = 0x24
    OPENING_CREDIT_END = 0x25
    CLOSING_CREDIT_START = 0x26
    CLOSING_CREDIT_END = 0x27
    PROVIDER_ADVERTISEMENT_START = 0x30
    PROVIDER_ADVERTISEMENT_END = 0x31
    DISTRIBUTOR_ADVERTISEMENT_START = 0x32
    DISTRIBUTOR_ADVERTISEMENT_END = 0x33
    PROVIDER_PLACEMENT_OPPORTUNITY_START = 0x34
    PROVIDER_PLACEMENT_OPPORTUNITY_END = 0x35
    DISTRIBUTOR_PLACEMENT_OPPORTUNITY_START = 0x36
    DISTRIBUTOR_PLACEMENT_OPPORTUNITY_END = 0x37
    PROVIDER_OVERLAY_PLACEMENT_OPPORTUNITY_START = 0x38
    PROVIDER_OVERLAY_PLACEMENT_OPPORTUNITY_END = 0x39
    DISTRIBUTOR_OVERLAY_PLACEMENT_OPPORTUNITY_START = 0x3A
    DISTRIBUTOR_OVERLAY_PLACEMENT_OPPORTUNITY_END = 0x3B
    PROVIDER_PROMO_START = 0x3C
    PROVIDER_PROMO_END = 0x3D
    DISTRIBUTOR_PROMO_START = 0x3E
    DISTRIBUTOR_PROMO_END = 0x3F
    UNSCHEDULED_EVENT_START = 0x40
    UNSCHEDULED_EVENT_END = 0x41
    ALTERNATE_CONTENT_OPPORTUNITY_START = 0x42
    ALTERNATE_CONTENT_OPPORTUNITY_END = 0x43
    PROVIDER_AD_BLOCK_START = 0x44
    PROVIDER_AD_BLOCK_END = 0x45
    DISTRIBUTOR_AD_BLOCK_START = 0x46
    DISTRIBUTOR_AD_BLOCK_END = 0x47
    NETWORK_START = 0x50
    NETWORK_END = 0x51

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").title()


# Types whose start takes the viewer away from the network feed, and the types that bring him back.
LEAVING = frozenset(
    {
        SegmentationType.BREAK_START,
        SegmentationType.PROVIDER_ADVERTISEMENT_START,
        SegmentationType.DISTRIBUTOR_ADVERTISEMENT_START,
        SegmentationType.PROVIDER_PLACEMENT_OPPORTUNITY_START,
        SegmentationType.DISTRIBUTOR_PLACEMENT_OPPORTUNITY_START,
        SegmentationType.PROVIDER_PROMO_START,
        SegmentationType.DISTRIBUTOR_PROMO_START,
        SegmentationType.ALTERNATE_CONTENT_OPPORTUNITY_START,
        SegmentationType.PROVIDER_AD_BLOCK_START,
        SegmentationType.DISTRIBUTOR_AD_BLOCK_START,
    }
)
RETURNING = frozenset(SegmentationType(start + 1) for start in LEAVING)
# Types whose descriptors may have sub_segment_num and sub_segments_expected (2023r1, table 23).
SUB_SEGMENTED = frozenset((0x30, 0x32, 0x34, 0x36, 0x38, 0x3A, 0x44, 0x46))


def segmentation_type_title(segmentation_type_id: int) -> str:
    """The type's name, or "Reserved"."""
    try:
        return SegmentationType(segmentation_type_id).title
    except ValueError:
        return "Reserved"
