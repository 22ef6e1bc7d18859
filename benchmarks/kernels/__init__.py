"""Rows of the batch kernels: work in RAM, no I/O."""

from benchmarks.kernels.scan import ROWS

__all__ = ["ROWS"]
