"""Edits of SDT and NIT values: names, providers, types, service lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tsloom.dvb.descriptors import (
    ListedService,
    NetworkNameDescriptor,
    ServiceDescriptor,
    ServiceListDescriptor,
)
from tsloom.dvb.nit import NetworkInformationTable
from tsloom.dvb.sdt import Service, ServiceDescriptionTable
from tsloom.dvb.transport_streams import TransportStream
from tsloom.psi.descriptors import Descriptor

DIGITAL_TELEVISION = 0x01
RUNNING = 4


@dataclass(frozen=True, slots=True)
class ServiceEdit:
    """What of a service's entry in the SDT becomes other; None stays as it is.

    service_type is of EN 300 468, table 87. Where there is no service_descriptor one is made, of
    type 0x01 unless another is given.
    """

    service_name: str | None = None
    service_provider_name: str | None = None
    service_type: int | None = None
    eit_schedule_flag: bool | None = None
    eit_present_following_flag: bool | None = None

    def apply(self, service: Service) -> Service:
        """The entry as it becomes."""
        schedule, present = self.eit_schedule_flag, self.eit_present_following_flag
        edited = replace(
            service,
            eit_schedule_flag=service.eit_schedule_flag if schedule is None else schedule,
            eit_present_following_flag=(
                service.eit_present_following_flag if present is None else present
            ),
        )
        if (self.service_name, self.service_provider_name, self.service_type) == (None, None, None):
            return edited
        described = self.describe(service.service_descriptor)
        return replace(edited, descriptors=put_descriptor(service.descriptors, described))

    def describe(self, before: ServiceDescriptor | None) -> ServiceDescriptor:
        name, provider = self.service_name, self.service_provider_name
        kind = self.service_type
        if before is None:
            return ServiceDescriptor(
                DIGITAL_TELEVISION if kind is None else kind, provider or "", name or ""
            )
        return ServiceDescriptor(
            before.service_type if kind is None else kind,
            before.service_provider_name if provider is None else provider,
            before.service_name if name is None else name,
        )


def put_descriptor(
    descriptors: tuple[Descriptor, ...], wanted: Descriptor
) -> tuple[Descriptor, ...]:
    """The loop with the descriptor in the place of the first of its type, or in front."""
    for place, descriptor in enumerate(descriptors):
        if type(descriptor) is type(wanted):
            return (*descriptors[:place], wanted, *descriptors[place + 1 :])
    return (wanted, *descriptors)


def edit_sdt(
    table: ServiceDescriptionTable,
    services: Mapping[int, ServiceEdit],
    all_services: ServiceEdit | None = None,
) -> ServiceDescriptionTable:
    """The table with its services edited: all of them first, then those that are named by their
    service_id. Where it is one section, services that it does not have are added to it."""
    edited = []
    for service in table.services:
        one = service if all_services is None else all_services.apply(service)
        own = services.get(service.service_id)
        edited.append(one if own is None else own.apply(one))
    if table.last_section_number == 0:
        known = {service.service_id for service in table.services}
        for service_id, edit in services.items():
            if service_id not in known:
                new = Service(service_id, running_status=RUNNING)
                one = new if all_services is None else all_services.apply(new)
                edited.append(edit.apply(one))
    return replace(table, services=tuple(edited))


def edit_nit(
    table: NetworkInformationTable,
    network_name: str | None = None,
    service_lists: Mapping[tuple[int, int], Mapping[int, int]] | None = None,
) -> NetworkInformationTable:
    """The table with another name, and with these service lists: by (original_network_id,
    transport_stream_id) the service_type of each service_id. Where it is one section, transport
    streams that it does not have are added to it."""
    descriptors, lists = table.descriptors, dict(service_lists or {})
    if network_name is not None and table.section_number == 0:
        descriptors = put_descriptor(descriptors, NetworkNameDescriptor(network_name))
    streams = []
    for stream in table.transport_streams:
        listed = lists.pop((stream.original_network_id, stream.transport_stream_id), None)
        if listed is not None:
            loop = put_descriptor(stream.descriptors, make_service_list(listed))
            stream = replace(stream, descriptors=loop)
        streams.append(stream)
    if table.last_section_number == 0:
        streams += [
            TransportStream(stream_id, network_id, (make_service_list(listed),))
            for (network_id, stream_id), listed in lists.items()
        ]
    return replace(table, descriptors=descriptors, transport_streams=tuple(streams))


def make_service_list(services: Mapping[int, int]) -> ServiceListDescriptor:
    return ServiceListDescriptor(
        tuple(ListedService(service_id, kind) for service_id, kind in services.items())
    )
