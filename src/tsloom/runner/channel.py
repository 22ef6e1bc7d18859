"""A channel: one relay that is begun again when it fails, in a thread of its own."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tsloom.errors import (
    AuthenticationRefusedError,
    ClosedByPeerError,
    MissingLibraryError,
    PeerLostError,
    TsloomError,
    UsageError,
)
from tsloom.io.retry import Retry
from tsloom.pipeline import SpliceInserter
from tsloom.pipeline.stages import check_pid
from tsloom.runner.channel_commands import CommandQueue
from tsloom.runner.channel_config import ChannelConfig
from tsloom.runner.channel_counters import ChannelCounters, ChannelState
from tsloom.runner.channel_run import ChannelRun
from tsloom.runner.channel_splices import SpliceEvents, find_unsaid
from tsloom.runner.splice_stages import open_event_ids

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from concurrent.futures import Future

    from tsloom.io import InputEvent
    from tsloom.runner.channel_commands import Result
    from tsloom.runner.splice_stages import PlacedBreak
    from tsloom.scte35 import SpliceInfoSection
    from tsloom.scte35.breaks import Break
    from tsloom.scte35.event_ids import EventIds

# How long what has been read may take to leave when the channel is stopped.
DRAIN_S = 1.0
# Waiting threads look this often whether they are to go on; the watchdog wants to see them live.
TICK_S = 0.1
_HARDLY_MENDED = (UsageError, MissingLibraryError, AuthenticationRefusedError)


class Channel:
    """Relays as its configuration says, until it is stopped or its input ends.

    A run that fails is begun again after an exponential wait with jitter; the breaks of which
    nothing had been said are taken over, and event ids go on. on_event is called in the channel's
    thread with what happens, as plain values: `{"event": "state", "channel": ..., ...}` with the
    counters, `cue_inserted`, `cue_failed`, `break`, `warning`, as in the JSON Lines of
    `tsloom relay`.

    config is the value or the path of a channel's file: `ConfigError` or `OpenError` if it does not
    hold.

    Commands may be given at any time, from any thread. They take effect between two batches of a
    stream that runs, and wait for one; each gives a `concurrent.futures.Future`.
    """

    def __init__(
        self,
        config: ChannelConfig | str | os.PathLike[str],
        *,
        on_event: Callable[[dict[str, Any]], None] | None = None,
    ) -> None:
        if not isinstance(config, ChannelConfig):
            config = ChannelConfig.from_toml(config)
        self.config = config
        self.error: Exception | None = None
        self.ticked_at = time.monotonic()
        self.opened = threading.Event()
        self._on_event = on_event
        self._commands = CommandQueue()
        self._splices = SpliceEvents(self._tell)
        self._dropped_pids = frozenset(config.stages.drop_pid)
        self._state = ChannelState.NEW
        self._past = ChannelCounters()
        self._run: ChannelRun | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._cut_at = float("inf")
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def state(self) -> ChannelState:
        return self._state

    @property
    def counters(self) -> ChannelCounters:
        """What has been counted so far."""
        with self._lock:
            return self._add_up(self._run)

    # -- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins; comes back at once. `UsageError` if it was started before."""
        if self._thread is not None:
            raise UsageError("a channel is started once", name=self.name)
        self._thread = threading.Thread(target=self._live, name=f"channel {self.name}", daemon=True)
        self._thread.start()

    def stop(self, drain: float = DRAIN_S) -> None:
        """Reads no more; what has been read leaves, for drain seconds at the most. Comes back at
        once: `join` waits for the end."""
        self._cut_at = time.monotonic() + drain
        self._stop.set()

    def join(self, timeout: float | None = None) -> bool:
        """Waits until it is over, so many seconds at the most; whether it is."""
        if self._thread is not None:
            self._thread.join(timeout)
            return not self._thread.is_alive()
        return True

    def __enter__(self) -> Channel:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
        self.join()

    # -- commands -------------------------------------------------------------------------------

    def call(self, command: Callable[[ChannelRun], Result]) -> Future[Result]:
        """The command is called with the run, whose `pipeline` and `stages` it may use."""
        return self._commands.add(command)

    def add_break(
        self, wanted: Break, *, service_id: int | None = None, pid: int | None = None
    ) -> Future[int]:
        """Schedules a break; its id. Where the configuration has breaks, cues, a heartbeat or
        on_demand only: a cue PID cannot be announced later."""
        return self.call(lambda run: self._find(run, service_id, pid).schedule(wanted))

    def cancel_break(self, break_id: int, *, pid: int | None = None) -> Future[None]:
        """As `SpliceInserter.cancel_break`."""
        return self.call(lambda run: self._find(run, None, pid).cancel_break(break_id))

    def crash_out(self, break_id: int, *, pid: int | None = None) -> Future[None]:
        """As `SpliceInserter.crash_out`."""
        return self.call(lambda run: self._find(run, None, pid).crash_out(break_id))

    def send_cue(
        self, section: SpliceInfoSection, at: str = "now", *, pid: int | None = None
    ) -> Future[None]:
        """Sends a section that was made elsewhere."""
        return self.call(lambda run: self._find(run, None, pid).send(section, at))

    def drop_pids(self, *pids: int) -> Future[None]:
        """Drops these PIDs of the input from the next batch on, over restarts too."""
        return self._change_filter(pids, keep=False)

    def pass_pids(self, *pids: int) -> Future[None]:
        """Passes PIDs again that `drop_pids` drops."""
        return self._change_filter(pids, keep=True)

    def reconfigure(self, config: ChannelConfig) -> bool:
        """Takes over what can change while it runs: drop_pid and stats_interval. False, and
        nothing is changed, where another channel would have to take its place."""
        before = self.config
        stages = replace(config.stages, drop_pid=before.stages.drop_pid)
        as_before = replace(config, stages=stages, stats_interval=before.stats_interval)
        if as_before != before:
            return False
        old, new = set(before.stages.drop_pid), set(config.stages.drop_pid)
        self.config = config
        if new - old:
            self.drop_pids(*sorted(new - old))
        if old - new:
            self.pass_pids(*sorted(old - new))
        return True

    def _change_filter(self, pids: tuple[int, ...], *, keep: bool) -> Future[None]:
        for pid in pids:
            check_pid(pid)

        def change(run: ChannelRun) -> None:
            for pid in pids:
                (run.filter.keep if keep else run.filter.drop)(pid)
            changed = frozenset(pids)
            self._dropped_pids = (
                self._dropped_pids - changed if keep else self._dropped_pids | changed
            )

        return self.call(change)

    def _find(self, run: ChannelRun, service_id: int | None, pid: int | None) -> SpliceInserter:
        options = self.config.stages
        wanted_pid = options.pid if pid is None else pid
        wanted = options.service if service_id is None else service_id
        for stage in run.stages:
            if not isinstance(stage, SpliceInserter) or stage.pid != wanted_pid:
                continue
            if wanted is None or stage.service_id == wanted:
                return stage
        raise UsageError(
            "the channel has no cues there; on_demand = true makes a place for them",
            service_id=wanted,
            pid=wanted_pid,
        )

    # -- the thread -----------------------------------------------------------------------------

    def _live(self) -> None:
        retry = Retry(self.config.restart)
        duration = self.config.duration
        end = None if duration is None else time.monotonic() + duration
        event_ids: EventIds | None = None
        breaks: list[PlacedBreak] | None = None
        state = ChannelState.STOPPED
        while not self._stop.is_set():
            run, began = None, time.monotonic()
            try:
                event_ids = open_event_ids(self.config.stages) if event_ids is None else event_ids
                run = ChannelRun(
                    self.config,
                    self._splices,
                    event_ids,
                    breaks,
                    self._dropped_pids,
                    on_input=self._tell_input,
                )
                state = self._go_through(run, end)
                break
            except Exception as error:  # whatever it is, only this channel is to suffer
                breaks = self._note_failure(error, run, breaks)
                if time.monotonic() - began > self.config.restart.longest_us / 1e6:
                    retry.note_success()
                if self._gives_up(error, retry):
                    state = ChannelState.FAILED
                    break
                wait_s = retry.note_failure(is_final=isinstance(error, _HARDLY_MENDED))
                if not self._wait(wait_s, end):
                    state = ChannelState.STOPPED if self._stop.is_set() else ChannelState.ENDED
                    break
        if state is not ChannelState.FAILED:
            self.error = None
        self._commands.close()
        self._move_to(state)

    def _go_through(self, run: ChannelRun, end: float | None) -> ChannelState:
        """One run to its end; what the channel is then."""
        with self._lock:
            self._run = run
        self._move_to(ChannelState.OPENING)
        try:
            run.run(
                duration=None if end is None else max(end - time.monotonic(), 0.0),
                on_open=self._note_open,
                at_boundary=lambda: self._look(run),
                is_cut=self._is_cut,
                tell=self._splices.warn,
            )
        except ClosedByPeerError:
            pass  # whoever read it has gone: that is the end, and no failure
        finally:
            with self._lock:
                self._past, self._run = self._add_up(run), None
        return ChannelState.STOPPED if self._stop.is_set() else ChannelState.ENDED

    def _look(self, run: ChannelRun) -> bool:
        self.ticked_at = time.monotonic()
        self._commands.execute(run)
        return self._stop.is_set()

    def _is_cut(self) -> bool:
        self.ticked_at = time.monotonic()
        return self.ticked_at >= self._cut_at

    def _note_open(self) -> None:
        self._move_to(ChannelState.RUNNING)
        self.opened.set()

    def _note_failure(
        self, error: Exception, run: ChannelRun | None, breaks: list[PlacedBreak] | None
    ) -> list[PlacedBreak] | None:
        """Keeps the reason; the breaks that the next run is to have."""
        self.error = error
        # An exception of ours says it in words; of others the kind tells more than the text.
        told = str(error) if isinstance(error, TsloomError | OSError) else repr(error)
        with self._lock:
            self._past = replace(self._past, last_error=told)
        if run is None or not run.pipeline.packets_in:
            return breaks
        return find_unsaid(run.stages)

    def _gives_up(self, error: Exception, retry: Retry) -> bool:
        most = self.config.max_restarts
        # The input has counted its own failures, as it was told to.
        is_given_up = isinstance(error, PeerLostError)
        return is_given_up or (most is not None and retry.failures >= most)

    def _wait(self, seconds: float, end: float | None) -> bool:
        """Whether to begin again after it."""
        with self._lock:
            self._past = replace(self._past, restarts=self._past.restarts + 1)
        self._move_to(ChannelState.WAITING)
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            self.ticked_at = now
            if end is not None and now >= end:
                return False
            if self._stop.wait(min(TICK_S, until - now)):
                return False
        return True

    # -- telling --------------------------------------------------------------------------------

    def _add_up(self, run: ChannelRun | None) -> ChannelCounters:
        past = replace(
            self._past,
            state=self._state,
            cues_inserted=self._splices.inserted,
            cues_failed=self._splices.failed,
        )
        if run is None:
            return past
        return replace(
            past,
            packets_in=past.packets_in + run.pipeline.packets_in,
            packets_out=past.packets_out + run.pipeline.packets_out,
            bytes_in=past.bytes_in + run.bytes_in,
            bytes_out=past.bytes_out + run.bytes_out,
            continuity_errors=past.continuity_errors + run.continuity.continuity_errors,
            transport_errors=past.transport_errors + run.continuity.transport_errors,
            cues_seen=past.cues_seen + run.cues_seen,
        )

    def _move_to(self, state: ChannelState) -> None:
        self.ticked_at = time.monotonic()
        self._state = state
        self._tell({"event": "state", **self.counters.to_dict()})

    def _tell_input(self, event: InputEvent) -> None:
        self._tell({"event": "input", **event.to_dict()})

    def _tell(self, event: dict[str, Any]) -> None:
        if self._on_event is not None:
            self._on_event({"channel": self.name, **event})
