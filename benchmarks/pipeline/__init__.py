"""Rows of whole pipelines: a file in, a report or nothing out."""

from benchmarks.pipeline import remux, rows

ROWS = [*rows.ROWS, *remux.ROWS]

__all__ = ["ROWS"]
