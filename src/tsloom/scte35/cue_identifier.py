"""cue_identifier_descriptor() of the PMT: ANSI/SCTE 35 2023r1, 8.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from tsloom.psi import Descriptor, register_descriptor_type
from tsloom.psi.fields import check_range

# "CUEI" as a format_identifier.
CUEI = 0x43554549


@dataclass(frozen=True, slots=True)
class CueIdentifierDescriptor(Descriptor):
    """What a cue PID carries, in its elementary stream's loop of the PMT.

    `cue_stream_type` 0 is splice_insert, splice_null and splice_schedule, 1 all commands, 2
    segmentation, 3 tiered splicing, 4 tiered segmentation; 0x80 to 0xFF are private.
    """

    TAG: ClassVar[int] = 0x8A
    NAME: ClassVar[str] = "cue_identifier_descriptor"

    cue_stream_type: int = 1

    def __post_init__(self) -> None:
        check_range("cue_stream_type", self.cue_stream_type, 8)

    @classmethod
    def parse_data(cls, data: bytes) -> Self:
        return cls(data[0])

    def encode_data(self) -> bytes:
        return bytes((self.cue_stream_type,))


register_descriptor_type(CueIdentifierDescriptor, format_identifier=CUEI)
