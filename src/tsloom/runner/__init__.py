"""Relaying streams between files and sockets, and event ids that outlive a process."""

from tsloom.runner.async_stream import AsyncStream, open_async
from tsloom.runner.channel import Channel
from tsloom.runner.channel_config import ChannelConfig
from tsloom.runner.channel_counters import ChannelCounters, ChannelState
from tsloom.runner.event_ids import EventIdStore
from tsloom.runner.relay import Redundancy, relay

__all__ = [
    "AsyncStream",
    "Channel",
    "ChannelConfig",
    "ChannelCounters",
    "ChannelState",
    "EventIdStore",
    "Redundancy",
    "open_async",
    "relay",
]
