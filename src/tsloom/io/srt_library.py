"""Where libsrt is found: the environment says, else a copy of our own, else the system's."""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path

from tsloom._native.srt import SrtLibrary
from tsloom.errors import MissingLibraryError

# Names the library to load, by path or as the system's loader knows it.
OVERRIDE = "TSLOOM_LIBSRT"
# GnuTLS first: encryption costs it a third of what it costs OpenSSL.
SYSTEM_NAMES = (
    "libsrt-gnutls.so.1.5",
    "libsrt.so.1.5",
    "libsrt-openssl.so.1.5",
    "libsrt-gnutls.so.1.4",
    "libsrt.so.1.4",
)
PACKAGE = "libsrt1.5-gnutls"

_lock = threading.Lock()
_loaded: list[SrtLibrary] = []


def candidates() -> tuple[str, ...]:
    """What is tried, in this order."""
    override = os.environ.get(OVERRIDE)
    if override:
        return (override,)
    own = Path(__file__).resolve().parent.parent / "lib" / "libsrt.so.1.5"
    return (str(own), *SYSTEM_NAMES)


def load_library() -> SrtLibrary:
    """libsrt, loaded once in a process; `MissingLibraryError` names the package to install."""
    with _lock:
        if not _loaded:
            library = _load_first(candidates())
            atexit.register(library.end)
            _loaded.append(library)
        return _loaded[0]


def _load_first(names: tuple[str, ...]) -> SrtLibrary:
    reasons = []
    for name in names:
        try:
            return SrtLibrary(name)
        except MissingLibraryError as error:
            reasons.append(str(error))
    if os.environ.get(OVERRIDE):
        raise MissingLibraryError(f"srt:// needs the library that {OVERRIDE} names: {reasons[0]}")
    raise MissingLibraryError(
        f"srt:// needs libsrt, which is not installed: apt install {PACKAGE}, "
        f"or name the library in {OVERRIDE}"
    )


def describe_version(library: SrtLibrary) -> str:
    """Such as 1.5.1."""
    version = library.version
    return f"{version >> 16 & 255}.{version >> 8 & 255}.{version & 255}"
