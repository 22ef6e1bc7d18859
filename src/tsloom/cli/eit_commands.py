"""`tsloom eit build`, `tsloom eit check`, `tsloom eit inject`."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom._native.section import packetize
from tsloom.analysis import read_si_sections
from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    log,
    moment,
    print_json,
    progress_line,
    service_number,
    stopping,
)
from tsloom.cli.eit_options import add_guide_options
from tsloom.cli.filtering import check_not_the_same, plain_result
from tsloom.dvb import EitGenerator, check_cycles, name_table
from tsloom.dvb.eit import PID
from tsloom.errors import OpenError, UsageError
from tsloom.pipeline import EitInserter, Pipeline, Room
from tsloom.runner import relay
from tsloom.runner.guide import cycle_options, load_guide, make_eit_stages, table_options
from tsloom.runner.stage_options import StageOptions

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from tsloom.dvb import EventLoss, Feasibility
    from tsloom.dvb.epg import EventDatabase

SHOWN_LOSSES = 20


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("build", help="the sections of a guide's EIT, once each")
    parser.add_argument("output", type=Path, metavar="OUT", help="a file of transport packets")
    parser.add_argument(
        "--sections", action="store_true", help="OUT gets the bare sections, one behind the other"
    )
    _add_moment(parser)
    parser.set_defaults(run=run_build)
    parser = subparsers.add_parser("check", help="whether a guide's EIT fits into a bitrate")
    _add_moment(parser)
    parser.add_argument(
        "--si", metavar="STREAM", help="whose NIT, BAT, SDT, TDT and TOT are in the bitrate too"
    )
    parser.set_defaults(run=run_check)
    parser = subparsers.add_parser("inject", help="put a guide's EIT into a stream")
    parser.add_argument("input", metavar="IN", help="path or URL; - reads a pipe")
    parser.add_argument("output", metavar="OUT", help="path or URL; - writes a pipe")
    _add_inject_options(parser)
    parser.set_defaults(run=run_inject)


def _add_moment(parser: argparse.ArgumentParser) -> None:
    add_guide_options(parser, required=True)
    parser.add_argument("--at", type=moment, metavar="ISO", help="as of that time (now)")
    parser.add_argument("--json", action="store_true", help="what came of it, as a JSON document")


def _add_inject_options(parser: argparse.ArgumentParser) -> None:
    add_guide_options(parser, required=True)
    parser.add_argument(
        "--utc-start",
        type=moment,
        metavar="ISO",
        help="UTC of the first PCR of a recording (what its TDT says)",
    )
    parser.add_argument(
        "--service", type=service_number, metavar="ID", help="whose clock counts (the first)"
    )
    parser.add_argument(
        "--room", choices=[room.value for room in Room], default=Room.NULLS_THEN_ADD.value
    )
    parser.add_argument("--json", action="store_true", help="what was done, as a JSON document")


def _generate(options: argparse.Namespace, database: EventDatabase) -> EitGenerator:
    actual = options.actual
    if actual is None:
        streams = {(key.original_network_id, key.transport_stream_id) for key in database.services}
        if len(streams) != 1:
            raise UsageError("--actual says which of the guide's streams it is", streams=streams)
        (actual,) = streams
    now = options.at or datetime.now(UTC)
    return EitGenerator(database, now, actual=actual, **table_options(StageOptions.of(options)))


def run_build(options: argparse.Namespace) -> int:
    """0 once it is written, whether or not some events were left out: they are told of."""
    generator = _generate(options, load_guide(StageOptions.of(options)))
    sections = list(generator.sections)
    try:
        options.output.write_bytes(
            b"".join(sections) if options.sections else _to_packets(sections)
        )
    except OSError as error:
        raise OpenError(f"cannot write {options.output}: {error.strerror}") from error
    tables = Counter(name_table(section[0], PID) for section in sections)
    if options.json:
        losses = [loss.to_dict() for loss in generator.losses]
        print_json({"sections": tables, "bytes": sum(map(len, sections)), "losses": losses})
        return DONE
    for name, count in tables.items():
        print(f"{name:20} {count:8,} sections")
    _tell_losses(generator.losses)
    return DONE


def _to_packets(sections: Iterable[bytes]) -> bytes:
    packets: list[bytes] = []
    counter = 0
    for section in sections:
        packets.append(packetize(section, PID, counter))
        counter = (counter + len(packets[-1]) // 188) % 16
    return b"".join(packets)


def _tell_losses(losses: list[EventLoss]) -> None:
    for loss in losses[:SHOWN_LOSSES]:
        ids = (loss.original_network_id, loss.transport_stream_id, loss.service_id)
        log(
            f"{loss.kind.value}: event {loss.event_id} at {loss.start_time} of "
            f"{'.'.join(map(str, ids))}: {loss.reason}"
        )
    if len(losses) > SHOWN_LOSSES:
        log(f"{len(losses)} such events in all; --json lists them")


def run_check(options: argparse.Namespace) -> int:
    """0 where every cycle is kept, 1 where some are stretched."""
    generator = _generate(options, load_guide(StageOptions.of(options)))
    others = [] if options.si is None else read_si_sections(options.si)
    found = check_cycles([*generator.sections, *others], **cycle_options(StageOptions.of(options)))
    if options.json:
        print_json(_plain(found))
    else:
        _show(found)
        _tell_losses(generator.losses)
    return DONE if found.fits else FAILED


def _plain(found: Feasibility) -> dict[str, Any]:
    tables = [
        load.to_dict()
        | {"wanted_bps": load.wanted_bps, "available_bps": load.available_bps, "fits": load.fits}
        for load in found.loads
    ]
    return {
        "tables": tables,
        "bitrate_limit_bps": found.bitrate_limit_bps,
        "wanted_bps": found.wanted_bps,
        "planned_bps": found.planned_bps,
        "fits": found.fits,
    }


def _show(found: Feasibility) -> None:
    print(f"{'table':28}{'sections':>9}{'wanted':>13}{'available':>13}{'cycle':>9}{'planned':>9}")
    for load in found.loads:
        wanted, available = load.wanted_bps / 1e3, load.available_bps / 1e3
        cycles = f"{load.cycle_s:7.1f} s{load.planned_cycle_s:7.1f} s"
        mark = "" if load.fits else "  stretched"
        print(
            f"{load.cycle_class.value:28}{load.sections:9,}{wanted:8,.1f} kb/s"
            f"{available:8,.1f} kb/s{cycles}{mark}"
        )
    limit = found.bitrate_limit_bps
    of_limit = "" if limit is None else f" of {limit / 1e3:,.1f} kb/s"
    verdict = "every cycle is kept" if found.fits else "does not fit"
    print(f"wanted {found.wanted_bps / 1e3:,.1f} kb/s{of_limit}: {verdict}")


def run_inject(options: argparse.Namespace) -> int:
    """0 once it is in; 1 if the stream and the options do not say what is wanted for it."""
    check_not_the_same(options.input, options.output)
    stages = make_eit_stages(StageOptions.of(options))
    (inserter,) = (stage for stage in stages if isinstance(stage, EitInserter))
    with stopping() as stopper, progress_line() as progress:
        result = relay(
            options.input,
            options.output,
            Pipeline(*stages),
            should_stop=stopper,
            progress=progress,
        )
    for name in inserter.missing:
        log(f"error: nothing was inserted: --{MISSING_OPTIONS[name]} is wanted for this stream")
    _tell_losses(inserter.losses)
    if options.json and options.output != "-":
        found = {"sections": inserter.insertion_count, "failed": inserter.failure_count}
        print_json(plain_result(result) | found)
    else:
        log(f"{inserter.insertion_count:,} sections inserted, {inserter.failure_count:,} failed")
    if stopper.interrupted:
        return INTERRUPTED
    return FAILED if inserter.missing else DONE


MISSING_OPTIONS = {"utc": "utc-start", "actual": "actual"}
