"""`tsloom`: the commands, and what becomes of errors.

Exit codes: 0 done, 1 failed at run time, 2 wrong use, 3 a relay's input or output cannot be opened,
4 the other end is gone, 5 a library is missing, 6 the other end does not accept the passphrase or
the streamid, 130 ended by Ctrl-C with what was done so far.
"""

from __future__ import annotations

import argparse
import errno
import sys
from typing import TYPE_CHECKING, NoReturn

from tsloom.cli import analyze, cues, demo, eit, filtering, relay, scte35, tables, version
from tsloom.cli.console import (
    DONE,
    FAILED,
    INTERRUPTED,
    LIBRARY_MISSING,
    NOT_AUTHORISED,
    NOT_OPENED,
    PEER_LOST,
    WRONG_USE,
)
from tsloom.cli.streams import forget_stdout, one_line, say, stand_in_for_closed
from tsloom.errors import (
    AuthenticationRefusedError,
    ClosedByPeerError,
    MissingLibraryError,
    OpenError,
    PeerLostError,
    TsloomError,
    UsageError,
)
from tsloom.io.refusals import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import SupportsWrite

GROUPS = (demo, analyze, tables, cues, filtering, relay, scte35, eit, version)


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and not before its help has left."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"{self.prog}: error: {one_line(message)}; see {self.prog} --help\n")

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        (sys.stdout if file is None else file).write(self.format_help())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        sys.stdout.flush()
        super().exit(status, message)


def make_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = Parser(
        prog="tsloom",
        description="MPEG transport streams: measure, filter, relay, SCTE-35.",
        epilog="INPUT and OUTPUT are paths or URLs (udp://, rtp://, srt://, file:); "
        "- is a pipe. Exit codes: 0 done, 1 failed, 2 wrong use, 3 not opened, 4 peer lost, "
        "5 library missing, 6 not authorised, 130 stopped by Ctrl-C.",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_commands(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    stand_in_for_closed()
    try:
        options = make_parser().parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        return _complain(str(error), WRONG_USE)
    except ClosedByPeerError as error:
        say(str(error))
        return DONE
    except BrokenPipeError:
        forget_stdout()  # whoever read it has gone, and knows
        return DONE
    except TsloomError as error:
        return _complain(str(error), _code_of(error, options.command))
    except OSError as error:
        forget_stdout()
        return _complain(_describe(error), FAILED)
    except MemoryError:
        return _complain("out of memory", FAILED)
    except KeyboardInterrupt:
        forget_stdout()
        return INTERRUPTED
    return code


def _code_of(error: TsloomError, command: str) -> int:
    """A relay runs for months: whoever starts it anew wants to know whether that can help."""
    kinds = (
        (MissingLibraryError, LIBRARY_MISSING),
        (AuthenticationRefusedError, NOT_AUTHORISED),
        (PeerLostError, PEER_LOST),
        (OpenError, NOT_OPENED if command == "relay" else FAILED),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), FAILED)


def _complain(message: str, code: int) -> int:
    say(f"error: {message}")
    return code


def _describe(error: OSError) -> str:
    """One that no source or sink has put in words: of a file's name, or of standard output."""
    reason = explain(error.errno or errno.EIO)
    return f"cannot write -: {reason}" if error.filename is None else f"{error.filename}: {reason}"


if __name__ == "__main__":
    sys.exit(main())
