"""Rows of whole pipelines: a file in, a report or nothing out."""

from benchmarks.pipeline.rows import ROWS

__all__ = ["ROWS"]
