"""Rows of whole pipelines: a file in, a report or nothing out."""

from benchmarks.pipeline import relay, remux, rows

ROWS = [*rows.ROWS, *remux.ROWS, *relay.ROWS]

__all__ = ["ROWS"]
