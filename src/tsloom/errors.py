"""Every exception of tsloom, by whose fault it is.

`UsageError`: what the caller did. `InputError`: what the bytes are. `SystemRefusedError`: what the
system would not do. Defects within a stream are no exceptions: they are events in the data.
"""

from __future__ import annotations


class TsloomError(Exception):
    """Base of all; the facts given to it are attributes and stand in the message."""

    def __init__(self, message: str = "", **facts: object) -> None:
        shown = ", ".join(f"{name}={value!r}" for name, value in facts.items())
        super().__init__(f"{message} ({shown})" if message and shown else message or shown)
        # Only now: OSError.__init__ clears errno.
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)


class UsageError(TsloomError, ValueError):
    """The caller asked for something that cannot be."""


class PidClashError(UsageError):
    """A PID that should be new is in use; `free_pids` names some that are not."""


class UrlError(UsageError):
    """A URL that the grammar does not allow."""


class ConfigError(UsageError):
    """A channel's configuration does not hold; `problems` is all that is wrong in it, a line of
    text each."""

    problems: tuple[str, ...] = ()


class InputError(TsloomError, ValueError):
    """The bytes are not what they should be."""


class SyncLostError(InputError):
    """Packets were promised, but a sync byte is missing at `packet_index`."""


class NotATransportStreamError(InputError):
    """No run of sync bytes was found."""


class SectionLengthError(InputError):
    """A section's length fields contradict its bytes (ISO/IEC 13818-1, 2.4.4)."""


class SectionSyntaxError(InputError):
    """A section holds a value that its clause forbids."""


class CrcError(InputError):
    """CRC_32 does not match (ISO/IEC 13818-1, annex A)."""


class SystemRefusedError(TsloomError, OSError):
    """The system refused: a file, a socket, memory."""


class OpenError(SystemRefusedError):
    """A source or a sink could not be opened."""


class PeerLostError(SystemRefusedError):
    """Whoever was connected, or should have been, is not there, and was tried often enough."""


class AuthenticationRefusedError(PeerLostError):
    """The other end does not accept the passphrase or the streamid."""


class ClosedByPeerError(SystemRefusedError):
    """Whoever read what is written here has gone: the end of the work rather than a failure."""


class MissingLibraryError(SystemRefusedError):
    """A shared library or an optional package is not installed; the message names it."""
