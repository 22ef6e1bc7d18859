"""Options of `filter` and `relay` that edit or make SDT, NIT, TDT and TOT."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tsloom.cli.console import log, service_number
from tsloom.dvb import ServiceEdit
from tsloom.errors import UsageError
from tsloom.pipeline import NitEditor, SdtEditor, SdtInserter, TimeInserter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from tsloom.pipeline import Room, Stage

TYPE_MAX = 0xFF


def add_si_options(parser: argparse.ArgumentParser) -> None:
    """Names, and the time; the make_* functions here read them."""
    group = parser.add_argument_group("service information")
    group.add_argument(
        "--service-name",
        type=_named,
        action="append",
        default=[],
        metavar="ID=NAME",
        help="in the SDT; an SDT is made where there is none",
    )
    group.add_argument(
        "--service-provider",
        type=_named_or_all,
        action="append",
        default=[],
        metavar="[ID=]NAME",
        help="of one service, or of all",
    )
    group.add_argument(
        "--service-type",
        type=_typed,
        action="append",
        default=[],
        metavar="ID=TYPE",
        help="such as 1=0x19 (EN 300 468, table 87)",
    )
    group.add_argument("--network-name", metavar="NAME", help="in the NIT that the stream has")
    group.add_argument(
        "--tdt", action="store_true", help="make TDT (and TOT) by the clock, instead of those there"
    )
    group.add_argument(
        "--tot",
        type=_zone,
        action="append",
        default=[],
        metavar="CODE=ZONE",
        help="--tdt and a TOT with the local time of a country, such as DEU=Europe/Berlin",
    )


def _named(text: str) -> tuple[int, str]:
    """ID=NAME."""
    number, separator, name = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not ID=NAME")
    return service_number(number), name


def _named_or_all(text: str) -> tuple[int | None, str]:
    """ID=NAME, or a name for all services."""
    number, separator, _ = text.partition("=")
    return _named(text) if separator and number.strip().isalnum() else (None, text)


def _typed(text: str) -> tuple[int, int]:
    number, name = _named(text)
    try:
        kind = int(name, 0)
    except ValueError:
        kind = -1
    if not 0 <= kind <= TYPE_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not ID=TYPE, a type from 0 to 255")
    return number, kind


def _zone(text: str) -> tuple[str, tzinfo]:
    code, _, name = text.partition("=")
    try:
        if len(code) != 3 or not code.isascii() or not code.isalpha():
            raise ValueError(text)
        return code.upper(), ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not CODE=ZONE, such as DEU=Europe/Berlin"
        ) from error


def read_services(options: argparse.Namespace) -> dict[int, ServiceEdit]:
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


def make_si_editors(options: argparse.Namespace) -> list[Stage]:
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


def make_si_inserters(
    options: argparse.Namespace, room: Room | str, utc_start: datetime | None
) -> list[Stage]:
    """The stages that make tables: an SDT where there is none, TDT and TOT."""
    stages: list[Stage] = []
    services = read_services(options)
    named = {number: edit for number, edit in services.items() if edit.service_name is not None}
    if named:
        stages.append(SdtInserter(named, room=room))
    if options.tdt or options.tot:
        stages.append(TimeInserter(dict(options.tot), utc_start=utc_start, room=room))
    return stages


def tell_missing_time(stages: Iterable[Stage]) -> bool:
    """Whether no TDT was made as nobody said what time it was; says so."""
    found = any(isinstance(stage, TimeInserter) and stage.missing for stage in stages)
    if found:
        log("error: no TDT was made: --utc-start is wanted for this stream")
    return found


def tell_failures(stages: Iterable[Stage]) -> None:
    """The tables that could not be edited, each once."""
    reasons = {
        (failure.table_id, failure.reason)
        for stage in stages
        if isinstance(stage, SdtEditor | NitEditor)
        for failure in stage.failures
    }
    for table_id, reason in sorted(reasons):
        log(f"table 0x{table_id:02X} passed as it was: {reason}")
