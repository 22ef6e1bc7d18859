"""MPEG transport streams at memory speed."""

__version__ = "0.1.0"
