"""`tsloom`: the commands, and what becomes of errors.

Exit codes: 0 done, 1 failed at run time, 2 wrong use, 130 a file job ended by Ctrl-C with what was
done so far.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from tsloom.cli import analyze, cues, demo, filtering, relay, scte35, tables, version
from tsloom.cli.console import DONE, FAILED, INTERRUPTED, WRONG_USE
from tsloom.errors import TsloomError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS = (demo, analyze, tables, cues, filtering, relay, scte35, version)


def make_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="tsloom",
        description="MPEG transport streams: measure, filter, relay, SCTE-35.",
        epilog="INPUT and OUTPUT are paths or URLs (udp://, file:); - is a pipe. "
        "Exit codes: 0 done, 1 failed, 2 wrong use, 130 stopped by Ctrl-C.",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in GROUPS:
        group.add_commands(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    options = make_parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except UsageError as error:
        return _complain(error, WRONG_USE)
    except BrokenPipeError:
        # Whoever read our output has gone: nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (TsloomError, OSError) as error:
        return _complain(error, FAILED)
    except MemoryError:
        return _complain(OSError("out of memory"), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _complain(error: Exception, code: int) -> int:
    print(f"tsloom: error: {' '.join(str(error).split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
