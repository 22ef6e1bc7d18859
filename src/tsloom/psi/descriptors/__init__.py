"""Descriptors of ISO/IEC 13818-1 as typed values; all others as bytes."""

from __future__ import annotations

from tsloom.psi.descriptors import audio, metadata, mpeg4, program, video
from tsloom.psi.descriptors.audio import (
    AudioStreamDescriptor,
    MPEG2AACAudioDescriptor,
    MPEG4AudioDescriptor,
    MPEG4AudioExtensionDescriptor,
)
from tsloom.psi.descriptors.base import (
    BrokenDescriptor,
    Descriptor,
    RawDescriptor,
    encode_descriptor,
    encode_descriptors,
    first_of_type,
)
from tsloom.psi.descriptors.declared import DeclaredDescriptor
from tsloom.psi.descriptors.metadata import (
    ContentLabelingDescriptor,
    MetadataDescriptor,
    MetadataPointerDescriptor,
    MetadataSTDDescriptor,
)
from tsloom.psi.descriptors.mpeg4 import (
    ExternalESIDDescriptor,
    FlexMuxTimingDescriptor,
    FMCDescriptor,
    FMCEntry,
    IODDescriptor,
    IPMPDescriptor,
    MPEG4TextDescriptor,
    MultiplexBufferDescriptor,
    MuxcodeDescriptor,
    SLDescriptor,
)
from tsloom.psi.descriptors.program import (
    CADescriptor,
    CopyrightDescriptor,
    DataStreamAlignmentDescriptor,
    ExtensionDescriptor,
    HierarchyDescriptor,
    ISO639Language,
    ISO639LanguageDescriptor,
    MaximumBitrateDescriptor,
    MultiplexBufferUtilizationDescriptor,
    PrivateDataIndicatorDescriptor,
    RegistrationDescriptor,
    SmoothingBufferDescriptor,
    STDDescriptor,
    SystemClockDescriptor,
    remap_ca_pids,
)
from tsloom.psi.descriptors.registry import (
    DescriptorScope,
    parse_descriptors,
    register_descriptor,
    register_descriptor_type,
)
from tsloom.psi.descriptors.video import (
    AVCTimingAndHRDDescriptor,
    AVCVideoDescriptor,
    HEVCVideoDescriptor,
    IBPDescriptor,
    MPEG4VideoDescriptor,
    TargetBackgroundGridDescriptor,
    VideoStreamDescriptor,
    VideoWindowDescriptor,
)

__all__ = [
    "AVCTimingAndHRDDescriptor",
    "AVCVideoDescriptor",
    "AudioStreamDescriptor",
    "BrokenDescriptor",
    "CADescriptor",
    "ContentLabelingDescriptor",
    "CopyrightDescriptor",
    "DataStreamAlignmentDescriptor",
    "DeclaredDescriptor",
    "Descriptor",
    "DescriptorScope",
    "ExtensionDescriptor",
    "ExternalESIDDescriptor",
    "FMCDescriptor",
    "FMCEntry",
    "FlexMuxTimingDescriptor",
    "HEVCVideoDescriptor",
    "HierarchyDescriptor",
    "IBPDescriptor",
    "IODDescriptor",
    "IPMPDescriptor",
    "ISO639Language",
    "ISO639LanguageDescriptor",
    "MPEG2AACAudioDescriptor",
    "MPEG4AudioDescriptor",
    "MPEG4AudioExtensionDescriptor",
    "MPEG4TextDescriptor",
    "MPEG4VideoDescriptor",
    "MaximumBitrateDescriptor",
    "MetadataDescriptor",
    "MetadataPointerDescriptor",
    "MetadataSTDDescriptor",
    "MultiplexBufferDescriptor",
    "MultiplexBufferUtilizationDescriptor",
    "MuxcodeDescriptor",
    "PrivateDataIndicatorDescriptor",
    "RawDescriptor",
    "RegistrationDescriptor",
    "SLDescriptor",
    "STDDescriptor",
    "SmoothingBufferDescriptor",
    "SystemClockDescriptor",
    "TargetBackgroundGridDescriptor",
    "VideoStreamDescriptor",
    "VideoWindowDescriptor",
    "encode_descriptor",
    "encode_descriptors",
    "first_of_type",
    "parse_descriptors",
    "register_descriptor",
    "register_descriptor_type",
    "remap_ca_pids",
]

for _module in (program, video, audio, mpeg4, metadata):
    for _type in _module.TYPES:
        register_descriptor_type(_type)
