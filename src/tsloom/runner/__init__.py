"""Relaying streams between files and sockets."""

from tsloom.runner.relay import relay

__all__ = ["relay"]
