"""Stages and the Pipeline that runs them."""

from tsloom._native.pipeline import Stage
from tsloom.pipeline.pipeline import Pipeline, Progress, RunResult
from tsloom.pipeline.stages import (
    Callback,
    DropNulls,
    DropPids,
    FixContinuity,
    KeepPids,
    KeepServices,
    RemapPids,
)

__all__ = [
    "Callback",
    "DropNulls",
    "DropPids",
    "FixContinuity",
    "KeepPids",
    "KeepServices",
    "Pipeline",
    "Progress",
    "RemapPids",
    "RunResult",
    "Stage",
]
