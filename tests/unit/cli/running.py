"""The command line as a user meets it: within this process, or as one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tsloom.cli.main import main

# Nothing here takes long; what hangs is told apart from what is slow on a busy machine.
PATIENCE_S = 60


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        loaded = json.loads(self.out)
        assert isinstance(loaded, dict)
        return loaded

    def assert_refused(self, code: int, *words: str) -> None:
        """One line says why, with these words in it; nothing else is printed."""
        assert self.code == code, self
        assert self.out == ""
        assert len(self.err.splitlines()) == 1, self.err
        assert self.err.startswith("tsloom")
        assert "error: " in self.err
        assert self.err.rstrip("\n").isprintable()
        for word in words:
            assert word in self.err


def run(capfd: pytest.CaptureFixture[str], *arguments: object) -> Done:
    """Within this process."""
    capfd.readouterr()
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capfd.readouterr()
    return Done(code, out, err)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tsloom", *map(str, arguments)]


def buffered() -> dict[str, str]:
    """The environment, but that what is printed waits in a buffer, as it does for users."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=buffered(),
        **options,
    )


def finish(process: subprocess.Popen[str]) -> Done:
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.wait()
    return Done(process.returncode, out, err)


def run_shell(script: str, *values: object, cwd: Path) -> Done:
    """A script in which tsloom is this one; values are $1, $2 and so on."""
    name = f'tsloom() {{ "{sys.executable}" -m tsloom "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-c", name + script, "bash", *map(str, values)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=cwd,
        env=buffered(),
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def stop(process: subprocess.Popen[str], *signals: signal.Signals) -> Done:
    for number in signals:
        process.send_signal(number)
    return finish(process)


def write_packets(path: Path, packets: Sequence[bytes]) -> Path:
    path.write_bytes(b"".join(packets))
    return path
