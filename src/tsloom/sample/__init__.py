"""The stream that comes with the package: 16 s of a test pattern with tones at a constant 700 kb/s.

Service 1 "tsloom sample": H.264 High with the PCR on PID 256, AAC-LC on PID 257, PMT on PID 4096; a
fifth of the packets are null packets. make_sample.py beside it made it.
"""

from __future__ import annotations

from pathlib import Path


def sample_path() -> Path:
    """Where sample.ts lies. The package holds native modules, so it is always a folder on disk."""
    return Path(__file__).with_name("sample.ts")
