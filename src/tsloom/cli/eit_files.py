"""`tsloom eit import`, `tsloom eit export`."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any

from tsloom.analysis.epg import read_events
from tsloom.cli.console import DONE, INTERRUPTED, log, print_json, stopping
from tsloom.dvb.epg import EventDatabase
from tsloom.dvb.epg.json_form import write_json
from tsloom.dvb.epg.xmltv_writer import list_channels, write_xmltv
from tsloom.errors import UsageError
from tsloom.runner.guide import find_form

if TYPE_CHECKING:
    import argparse

FORMS = ("xmltv", "json", "stream")
SHOWN_DIAGNOSTICS = 20


def add_commands(subparsers: Any) -> None:
    parser = subparsers.add_parser("import", help="a guide, or a stream's EIT, as JSON")
    parser.add_argument("input", metavar="INPUT", help="XMLTV, JSON, or a stream's path or URL")
    parser.add_argument("--from", dest="form", choices=FORMS, help="what INPUT is; else it is seen")
    add_shared(parser)
    parser.add_argument("--report", action="store_true", help="what went in and what did not")
    parser.set_defaults(run=run_import)
    parser = subparsers.add_parser("export", help="a guide in JSON as XMLTV")
    parser.add_argument("input", metavar="EPG", help="JSON as eit import writes it")
    add_shared(parser)
    parser.set_defaults(run=run_export)


def add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--channels", metavar="TOML", help="the services of XMLTV's channel ids")
    parser.add_argument(
        "--output", metavar="FILE", default="-", help="where it goes; - is stdout, the default"
    )


def run_import(options: argparse.Namespace) -> int:
    if options.report and options.output == "-":
        raise UsageError("--report wants --output, as both would go to stdout")
    form = options.form or find_form(options.input)
    code = DONE
    if form == "xmltv":
        database = EventDatabase()
        source = sys.stdin.buffer if options.input == "-" else options.input
        report = database.read_xmltv(source, options.channels)
        for diagnostic in islice(report.diagnostics, SHOWN_DIAGNOSTICS):
            log(str(diagnostic))
        if sum(report.counts.values()) > SHOWN_DIAGNOSTICS:
            log(f"{sum(report.counts.values())} diagnostics in all; --report counts them by kind")
    elif form == "json":
        database = EventDatabase.from_json(options.input)
    else:
        with stopping() as stopper:
            database = read_events(options.input, should_stop=stopper)
        code = INTERRUPTED if stopper.stopped else DONE
    write(options.output, database, None)
    log(f"{len(database)} events of {len(database.services)} services")
    if options.report:
        found = database.import_report
        print_json({"events": len(database)} if found is None else found.to_dict())
    return code


def run_export(options: argparse.Namespace) -> int:
    write(options.output, EventDatabase.from_json(options.input), options)
    return DONE


def write(output: str, database: EventDatabase, as_xmltv: argparse.Namespace | None) -> None:
    """The database as JSON; as XMLTV by these options' channels."""
    if output == "-":
        sys.stdout.writelines(
            write_json(database)
            if as_xmltv is None
            else write_xmltv(list_channels(database, as_xmltv.channels))
        )
    elif as_xmltv is None:
        database.to_json(output)
    else:
        database.to_xmltv(output, as_xmltv.channels)
