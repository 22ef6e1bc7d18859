"""Relaying streams between files and sockets, and event ids that outlive a process."""

from tsloom.runner.event_ids import EventIdStore
from tsloom.runner.relay import Redundancy, relay

__all__ = ["EventIdStore", "Redundancy", "relay"]
