"""Others, side by side on the same files, on the same core. Rows that do other work say so."""

from benchmarks.peers.peer import Measured, Peer, measure_peer
from benchmarks.peers.programs import PROGRAMS
from benchmarks.peers.pythons import LIBRARIES

PEERS = [*LIBRARIES, *PROGRAMS]

__all__ = ["PEERS", "Measured", "Peer", "measure_peer"]
