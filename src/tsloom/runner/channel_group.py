"""Several channels in one process: begun, looked after, reloaded and ended together."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsloom.errors import TsloomError, UsageError
from tsloom.runner.channel import DRAIN_S, Channel
from tsloom.runner.channel_config import ChannelConfig
from tsloom.runner.channel_counters import ChannelState
from tsloom.runner.systemd import Notifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TICK_S = 0.05
# A channel whose thread has not looked up for so long does not live, whatever systemd allows.
HUNG_AFTER_S = 10.0
STATUS_EVERY_S = 1.0
# Past the drain a thread has to close what it opened.
CLOSE_WITHIN_S = 2.0


class ChannelGroup:
    """Channels by the paths of their files.

    on_event gets what the channels tell, `{"event": "stats", ...}` of each at its stats_interval,
    and `{"event": "reload", ...}`. `UsageError` if two have one name.
    """

    def __init__(
        self, configs: Mapping[Path, ChannelConfig], *, on_event: Callable[[dict[str, Any]], None]
    ) -> None:
        _check_names(list(configs.values()))
        self._on_event = on_event
        self._notifier = Notifier()
        self._channels = {path: self._make(config) for path, config in configs.items()}
        self._next_stats: dict[str, float] = {}
        self._next_alive = self._next_status = 0.0
        self._is_ready = False

    @property
    def channels(self) -> Sequence[Channel]:
        return tuple(self._channels.values())

    def run(
        self, should_stop: Callable[[], bool], should_reload: Callable[[], bool]
    ) -> Sequence[Channel]:
        """Until all channels are over, or should_stop says so; the channels as they ended."""
        for channel in self.channels:
            channel.start()
        try:
            while not should_stop() and not all(one.state.is_over for one in self.channels):
                if should_reload():
                    self.reload()
                self._look_after()
                time.sleep(TICK_S)
        finally:
            self._notifier.send("STOPPING=1")
            self._stop(self.channels)
            self._notifier.close()
        return self.channels

    def reload(self) -> None:
        """Reads all files again. A channel whose file says what it said goes on untouched, one
        whose file is wrong goes on as it was; what cannot change while it runs begins anew."""
        self._notifier.send_reloading()
        wanted = {}
        for path, channel in self._channels.items():
            try:
                wanted[path] = ChannelConfig.from_toml(path)
            except TsloomError as error:
                self._tell(channel, "reload", result="refused", reason=str(error))
                wanted[path] = channel.config
        try:
            _check_names(list(wanted.values()))
        except UsageError as error:
            self._on_event({"event": "reload", "result": "refused", "reason": str(error)})
        else:
            for path, config in wanted.items():
                self._change(path, config)
        self._notifier.send("READY=1")

    def _change(self, path: Path, config: ChannelConfig) -> None:
        channel = self._channels[path]
        if config == channel.config and not channel.state.is_over:
            return
        if not channel.state.is_over and channel.reconfigure(config):
            self._tell(channel, "reload", result="changed")
            return
        self._stop([channel])
        self._channels[path] = self._make(config)
        self._channels[path].start()
        self._tell(self._channels[path], "reload", result="begun anew")

    def _make(self, config: ChannelConfig) -> Channel:
        return Channel(config, on_event=self._on_event)

    def _stop(self, channels: Sequence[Channel]) -> None:
        for channel in channels:
            channel.stop()
        until = time.monotonic() + DRAIN_S + CLOSE_WITHIN_S
        for channel in channels:
            # In short waits, as a signal is to end them.
            while not channel.join(TICK_S) and time.monotonic() < until:
                pass

    def _look_after(self) -> None:
        now = time.monotonic()
        for channel in self.channels:
            self._tell_stats(channel, now)
        if not self._is_ready and all(
            one.opened.is_set() or one.state is ChannelState.WAITING or one.state.is_over
            for one in self.channels
        ):
            self._is_ready = True
            self._notifier.send("READY=1")
        if now >= self._next_status:
            self._next_status = now + STATUS_EVERY_S
            running = sum(one.state is ChannelState.RUNNING for one in self.channels)
            self._notifier.send(f"STATUS={running} of {len(self.channels)} channels running")
        self._feed_watchdog(now)

    def _feed_watchdog(self, now: float) -> None:
        """Only while the thread of each channel that is not over shows that it lives."""
        watchdog_s = self._notifier.watchdog_s
        if watchdog_s is None or now < self._next_alive:
            return
        patience = min(watchdog_s, HUNG_AFTER_S) / 2
        if all(one.state.is_over or now - one.ticked_at < patience for one in self.channels):
            self._next_alive = now + watchdog_s / 4
            self._notifier.send("WATCHDOG=1")

    def _tell_stats(self, channel: Channel, now: float) -> None:
        interval = channel.config.stats_interval
        if interval is None or channel.state.is_over:
            return
        if now >= self._next_stats.setdefault(channel.name, now + interval):
            self._next_stats[channel.name] = now + interval
            self._tell(channel, "stats", **channel.counters.to_dict())

    def _tell(self, channel: Channel, event: str, **fields: Any) -> None:
        self._on_event({"channel": channel.name, "event": event, **fields})


def _check_names(configs: Sequence[ChannelConfig]) -> None:
    seen = set()
    for config in configs:
        if config.name in seen:
            raise UsageError("two channels have one name", name=config.name)
        seen.add(config.name)
