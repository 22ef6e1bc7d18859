"""What a channel is: its name, where it reads and writes, what it does in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tsloom.errors import OpenError
from tsloom.io.quantities import Backoff
from tsloom.io.retry import DEFAULT
from tsloom.runner.channel_toml import read_channel
from tsloom.runner.relay import Redundancy
from tsloom.runner.stage_options import StageOptions

if TYPE_CHECKING:
    import os

SIZE_LIMIT = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """One channel; docs/howto/run-channels.md has the keys of its file.

    inputs are in order of priority, `redundancy` says when one is left; outputs all get the same.
    duration and stats_interval are seconds; None: for ever, and never. max_retries and exit_on_eof
    are of SRT, as in `tsloom.relay`. A run that fails is begun anew after a wait within restart;
    max_restarts gives up after so many failures in a row, None never does.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    duration: float | None = None
    max_retries: int | None = None
    exit_on_eof: bool = False
    restart: Backoff = DEFAULT
    max_restarts: int | None = None
    stats_interval: float | None = None
    redundancy: Redundancy = field(default_factory=Redundancy)
    stages: StageOptions = field(default_factory=StageOptions)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Self:
        """A channel's file. `ConfigError` with all that is wrong in it, `OpenError` if it cannot be
        read."""
        return cls.from_text(read_text(path), str(path))

    @classmethod
    def from_text(cls, text: str, file_name: str) -> Self:
        """Likewise of a text; file_name is for messages, and for a channel that has no name."""
        default = Path(file_name).stem
        fields, options = read_channel(text, file_name)
        redundancy = Redundancy(**fields.pop("failover"))
        return cls(
            **{"name": default, **fields},
            redundancy=redundancy,
            stages=StageOptions(**options),
        )


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a channel's file; `OpenError` if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise OpenError(f"cannot read {path}: {error.strerror}", errno=error.errno) from error
    if len(data) > SIZE_LIMIT:
        raise OpenError(f"cannot read {path}: it is too large for a channel's file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OpenError(f"cannot read {path}: it is not UTF-8") from error
