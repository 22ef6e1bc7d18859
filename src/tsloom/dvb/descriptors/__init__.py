"""Descriptors of EN 300 468 as typed values; importing this makes them known to psi."""

from __future__ import annotations

from tsloom.dvb.descriptors import (
    audio,
    cells,
    data,
    delivery,
    delivery_t2,
    event,
    extension,
    local_time,
    names,
    private,
    service,
    stream,
)
from tsloom.dvb.descriptors.audio import (
    AACDescriptor,
    AC3Descriptor,
    EnhancedAC3Descriptor,
    SupplementaryAudioDescriptor,
)
from tsloom.dvb.descriptors.cells import (
    Cell,
    CellFrequency,
    CellFrequencyLinkDescriptor,
    CellListDescriptor,
    Subcell,
    SubcellFrequency,
)
from tsloom.dvb.descriptors.data import (
    ApplicationSignalling,
    ApplicationSignallingDescriptor,
    DataBroadcastDescriptor,
    DataBroadcastIdDescriptor,
)
from tsloom.dvb.descriptors.declared import declare_all
from tsloom.dvb.descriptors.delivery import (
    CableDeliverySystemDescriptor,
    FrequencyListDescriptor,
    S2SatelliteDeliverySystemDescriptor,
    SatelliteDeliverySystemDescriptor,
    TerrestrialDeliverySystemDescriptor,
)
from tsloom.dvb.descriptors.delivery_t2 import (
    T2Cell,
    T2DeliverySystemDescriptor,
    T2Subcell,
    T2SystemParameters,
)
from tsloom.dvb.descriptors.event import (
    ComponentDescriptor,
    Content,
    ContentDescriptor,
    ContentIdentifier,
    ContentIdentifierDescriptor,
    ExtendedEventDescriptor,
    ExtendedEventItem,
    ParentalRating,
    ParentalRatingDescriptor,
    PDCDescriptor,
    ShortEventDescriptor,
)
from tsloom.dvb.descriptors.extension import (
    DVBExtensionDescriptor,
    ExtendedDescriptor,
)
from tsloom.dvb.descriptors.local_time import (
    LocalTimeOffset,
    LocalTimeOffsetDescriptor,
)
from tsloom.dvb.descriptors.names import (
    BouquetNameDescriptor,
    LanguageName,
    MultilingualBouquetNameDescriptor,
    MultilingualComponentDescriptor,
    MultilingualNetworkNameDescriptor,
    MultilingualServiceNameDescriptor,
    NetworkNameDescriptor,
    ServiceDescriptor,
    ServiceLanguageName,
)
from tsloom.dvb.descriptors.private import (
    HDSimulcastLogicalChannelDescriptor,
    LogicalChannel,
    LogicalChannelDescriptor,
    NordigLogicalChannelDescriptor,
)
from tsloom.dvb.descriptors.service import (
    CAIdentifierDescriptor,
    CountryAvailabilityDescriptor,
    DefaultAuthorityDescriptor,
    EventLinkageInfo,
    LinkageDescriptor,
    ListedService,
    MobileHandOverInfo,
    NVODReferenceDescriptor,
    PrivateDataSpecifierDescriptor,
    ServiceListDescriptor,
    ServiceReference,
)
from tsloom.dvb.descriptors.stream import (
    StreamIdentifierDescriptor,
    Subtitling,
    SubtitlingDescriptor,
    TeletextDescriptor,
    TeletextPage,
    VBIDataDescriptor,
    VBIDataService,
    VBITeletextDescriptor,
)
from tsloom.psi.descriptors import register_descriptor_type

__all__ = [
    "AACDescriptor",
    "AC3Descriptor",
    "ApplicationSignalling",
    "ApplicationSignallingDescriptor",
    "BouquetNameDescriptor",
    "CAIdentifierDescriptor",
    "CableDeliverySystemDescriptor",
    "Cell",
    "CellFrequency",
    "CellFrequencyLinkDescriptor",
    "CellListDescriptor",
    "ComponentDescriptor",
    "Content",
    "ContentDescriptor",
    "ContentIdentifier",
    "ContentIdentifierDescriptor",
    "CountryAvailabilityDescriptor",
    "DVBExtensionDescriptor",
    "DataBroadcastDescriptor",
    "DataBroadcastIdDescriptor",
    "DefaultAuthorityDescriptor",
    "EnhancedAC3Descriptor",
    "EventLinkageInfo",
    "ExtendedDescriptor",
    "ExtendedEventDescriptor",
    "ExtendedEventItem",
    "FrequencyListDescriptor",
    "HDSimulcastLogicalChannelDescriptor",
    "LanguageName",
    "LinkageDescriptor",
    "ListedService",
    "LocalTimeOffset",
    "LocalTimeOffsetDescriptor",
    "LogicalChannel",
    "LogicalChannelDescriptor",
    "MobileHandOverInfo",
    "MultilingualBouquetNameDescriptor",
    "MultilingualComponentDescriptor",
    "MultilingualNetworkNameDescriptor",
    "MultilingualServiceNameDescriptor",
    "NVODReferenceDescriptor",
    "NetworkNameDescriptor",
    "NordigLogicalChannelDescriptor",
    "PDCDescriptor",
    "ParentalRating",
    "ParentalRatingDescriptor",
    "PrivateDataSpecifierDescriptor",
    "S2SatelliteDeliverySystemDescriptor",
    "SatelliteDeliverySystemDescriptor",
    "ServiceDescriptor",
    "ServiceLanguageName",
    "ServiceListDescriptor",
    "ServiceReference",
    "ShortEventDescriptor",
    "StreamIdentifierDescriptor",
    "Subcell",
    "SubcellFrequency",
    "Subtitling",
    "SubtitlingDescriptor",
    "SupplementaryAudioDescriptor",
    "T2Cell",
    "T2DeliverySystemDescriptor",
    "T2Subcell",
    "T2SystemParameters",
    "TeletextDescriptor",
    "TeletextPage",
    "TerrestrialDeliverySystemDescriptor",
    "VBIDataDescriptor",
    "VBIDataService",
    "VBITeletextDescriptor",
]

for _module in (
    audio,
    cells,
    data,
    delivery,
    delivery_t2,
    event,
    extension,
    local_time,
    names,
    service,
    stream,
):
    for _type in _module.TYPES:
        register_descriptor_type(_type)
for _type, _specifier in private.TYPES_BY_SPECIFIER:
    register_descriptor_type(_type, private_data_specifier=_specifier)
declare_all()
