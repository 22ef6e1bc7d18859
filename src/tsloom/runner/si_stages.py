"""The stages that edit or make SDT, NIT, TDT and TOT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tsloom.dvb import ServiceEdit
from tsloom.errors import UsageError
from tsloom.pipeline import NitEditor, SdtEditor, SdtInserter, TimeInserter

if TYPE_CHECKING:
    from tsloom.pipeline import Stage
    from tsloom.runner.stage_options import StageOptions


def read_services(options: StageOptions) -> dict[int, ServiceEdit]:
    """What the options say of each service that they name."""
    fields: dict[int, dict[str, Any]] = {}
    for name, given in (
        ("service_name", options.service_name),
        ("service_provider_name", options.service_provider),
        ("service_type", options.service_type),
    ):
        for service_id, value in given:
            if service_id is not None:
                fields.setdefault(service_id, {})[name] = value
    return {service_id: ServiceEdit(**found) for service_id, found in fields.items()}


def make_si_editors(options: StageOptions) -> list[Stage]:
    """The stages that edit the tables that the stream has."""
    stages: list[Stage] = []
    services = read_services(options)
    providers = [name for service_id, name in options.service_provider if service_id is None]
    if len(providers) > 1:
        raise UsageError("all services have one provider", service_provider=providers)
    for_all = ServiceEdit(service_provider_name=providers[0]) if providers else None
    if services or for_all is not None:
        stages.append(SdtEditor(services, all_services=for_all))
    if options.network_name is not None:
        stages.append(NitEditor(options.network_name))
    return stages


def make_si_inserters(options: StageOptions) -> list[Stage]:
    """The stages that make tables: an SDT where there is none, TDT and TOT."""
    stages: list[Stage] = []
    services = read_services(options)
    named = {number: edit for number, edit in services.items() if edit.service_name is not None}
    if named:
        stages.append(SdtInserter(named, room=options.room))
    if options.tdt or options.tot:
        stages.append(
            TimeInserter(dict(options.tot), utc_start=options.utc_start, room=options.room)
        )
    return stages
