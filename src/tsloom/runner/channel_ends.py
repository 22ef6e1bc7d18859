"""What a channel reads from and writes to: its inputs as one source, its outputs as one sink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tsloom.io import open_sink, open_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from tsloom.io import Sink, Source
    from tsloom.runner.channel_config import ChannelConfig

# How many there may be; None: as many as one likes.
MOST_INPUTS: Final[int | None] = 1
MOST_OUTPUTS: Final[int | None] = 1


def open_input(config: ChannelConfig) -> Source:
    """The source; errors as of `tsloom.io.open_source`."""
    (url,) = config.inputs
    return open_source(url, max_retries=config.max_retries, exit_on_eof=config.exit_on_eof)


def open_output(
    config: ChannelConfig, *, source_is_live: bool, should_stop: Callable[[], bool]
) -> Sink:
    """The sink; should_stop and errors as of `tsloom.io.open_sink`."""
    (url,) = config.outputs
    return open_sink(
        url,
        source_is_live=source_is_live,
        should_stop=should_stop,
        max_retries=config.max_retries,
    )
