from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Self, final

from typing_extensions import disjoint_base

from tsloom._native.batch import PacketBatch
from tsloom._native.datagram_sender import DatagramSender
from tsloom._native.packet_reader import PacketReader
from tsloom._native.udp import UdpReceiver

@disjoint_base
class Stage:
    """Base of all stages: a native machine, or a Python one with `transform`.

    `lock` is held while a batch passes: whoever asks or tells the stage something from another
    thread holds it too.
    """

    lock: AbstractContextManager[bool]
    def serve(self) -> None:
        """Takes the stage's events; called between batches and where the stage asks for it."""
    def transform(self, batch: PacketBatch) -> PacketBatch | None:
        """What goes on instead of the batch, of a stage that is not native."""
    def poll(self) -> None:
        """For stages that others give something to do: called before each batch."""

@final
class Turnstile:
    """A lock that tells whether somebody waits for it: nobody has to be lucky to come by."""

    def __enter__(self) -> bool: ...
    def __exit__(self, *exc_info: object) -> None: ...

@final
class Engine:
    def __new__(cls, stages: Iterable[Stage]) -> Self: ...
    packets_in: int
    packets_out: int
    def process(self, source: PacketBatch) -> PacketBatch: ...
    def finish(self) -> PacketBatch: ...
    def flow(self, reader: PacketReader, receiver: UdpReceiver, sender: DatagramSender) -> int:
        """Batches from socket to socket without the interpreter, for some milliseconds: how many
        packets came; 0 where nothing did, or a stage or the sender wants Python for each batch."""
    def end(self, reader: PacketReader, write: Callable[[memoryview], object] | None) -> None:
        """Reads no more: what synchronisation still holds goes the way of all packets."""
    def step(
        self, reader: PacketReader, write: Callable[[memoryview], object] | None
    ) -> int | None: ...
