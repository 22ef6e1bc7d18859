"""Options of `filter` and `relay` that edit or make SDT, NIT, TDT and TOT, and what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.cli.console import argument, log
from tsloom.pipeline import NitEditor, SdtEditor, TimeInserter
from tsloom.runner.option_values import (
    parse_country_zone,
    parse_named,
    parse_named_or_all,
    parse_typed,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from tsloom.pipeline import Stage


def add_si_options(parser: argparse.ArgumentParser) -> None:
    """Names, and the time; runner/si_stages.py reads them."""
    group = parser.add_argument_group("service information")
    group.add_argument(
        "--service-name",
        type=argument(parse_named),
        action="append",
        default=[],
        metavar="ID=NAME",
        help="in the SDT; an SDT is made where there is none",
    )
    group.add_argument(
        "--service-provider",
        type=argument(parse_named_or_all),
        action="append",
        default=[],
        metavar="[ID=]NAME",
        help="of one service, or of all",
    )
    group.add_argument(
        "--service-type",
        type=argument(parse_typed),
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
        type=argument(parse_country_zone),
        action="append",
        default=[],
        metavar="CODE=ZONE",
        help="--tdt and a TOT with the local time of a country, such as DEU=Europe/Berlin",
    )


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
