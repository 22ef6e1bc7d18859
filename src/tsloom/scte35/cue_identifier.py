"""cue_identifier_descriptor() of the PMT: ANSI/SCTE 35 2023r1, 8.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tsloom.errors import SectionLengthError, UsageError


@dataclass(frozen=True, slots=True)
class CueIdentifierDescriptor:
    """What a cue PID carries, in its elementary stream's loop of the PMT.

    `cue_stream_type` 0 is splice_insert, splice_null and splice_schedule, 1 all commands, 2
    segmentation, 3 tiered splicing, 4 tiered segmentation; 0x80 to 0xFF are private.
    """

    descriptor_tag: ClassVar[int] = 0x8A
    cue_stream_type: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.cue_stream_type <= 0xFF:
            raise UsageError(
                "does not fit its field", field="cue_stream_type", value=self.cue_stream_type
            )

    def encode(self) -> bytes:
        """The descriptor with its tag and length: three bytes."""
        return bytes((self.descriptor_tag, 1, self.cue_stream_type))

    @classmethod
    def parse(cls, data: bytes) -> CueIdentifierDescriptor:
        """From a descriptor with its tag and length."""
        if len(data) != 3 or data[0] != cls.descriptor_tag or data[1] != 1:
            raise SectionLengthError(
                "not a cue_identifier_descriptor", field="descriptor_length", clause="8.2"
            )
        return cls(cue_stream_type=data[2])
