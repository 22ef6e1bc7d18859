"""What commands that make an EIT share: the guide, and the options of its tables."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tsloom.cli.console import argument, duration
from tsloom.dvb import CycleClass, EitTables, Overflow, Versions
from tsloom.runner.option_values import parse_bitrate, parse_stream_ids
from tsloom.runner.stage_options import EIT_PROFILES


def add_guide_options(parser: Any, *, required: bool) -> None:
    """Where the guide is, and what is made of it; runner/guide.py reads it."""
    parser.add_argument(
        "--epg", type=Path, required=required, metavar="FILE", help="a guide: XMLTV, or JSON"
    )
    parser.add_argument("--epg-map", metavar="TOML", help="the services of XMLTV's channel ids")
    parser.add_argument(
        "--actual",
        type=argument(parse_stream_ids),
        metavar="ONID:TSID",
        help="original_network_id and transport_stream_id of the stream (what its SDT says)",
    )
    parser.add_argument(
        "--eit-profile", choices=EIT_PROFILES, default="satellite", help="the cycles of TS 101 211"
    )
    parser.add_argument(
        "--eit-cycle",
        type=_cycle,
        action="append",
        default=[],
        metavar="CLASS=D",
        help=f"another cycle; classes: {', '.join(CycleClass)}; prime_days=N",
    )
    parser.add_argument(
        "--eit-bitrate",
        type=argument(parse_bitrate),
        metavar="BPS",
        help="at most, such as 500k; no limit",
    )
    parser.add_argument(
        "--eit-tables",
        type=lambda text: text.split(","),
        default=list(EitTables),
        metavar="LIST",
        help=f"some of {','.join(EitTables)} (all)",
    )
    parser.add_argument("--eit-days", type=int, default=8, metavar="N", help="of the schedule (8)")
    parser.add_argument("--eit-versions", choices=list(Versions), default=Versions.TABLE.value)
    parser.add_argument("--eit-overflow", choices=list(Overflow), default=Overflow.SHORTEN.value)


def _cycle(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not CLASS=D")
    return name, duration(value)
