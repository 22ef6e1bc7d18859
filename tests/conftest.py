"""What all tests share: the external data, programs by others, and what a skip may be."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.external_data import DATA_DIR, HAVE_DATA, NO_DATA, load_manifest
from tsloom.sample import sample_path


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the external data; skips without it."""
    if not HAVE_DATA:
        pytest.skip(NO_DATA)
    return DATA_DIR


@pytest.fixture(scope="session")
def streams(data_dir: Path) -> Path:
    """The folder of the external streams."""
    return data_dir / "streams" / "streams"


@pytest.fixture(scope="session")
def manifest(data_dir: Path) -> dict[str, Any]:
    """What others say about each stream, by its name."""
    return load_manifest()


@pytest.fixture(scope="session")
def sample() -> Path:
    """The stream that comes with the package."""
    return sample_path()


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Gives a program's path by its name; skips where it is not installed."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not on the PATH")
        return path

    return find


def pytest_configure() -> None:
    """A shell starts background jobs with SIGINT ignored, and children inherit that: the tests of
    Ctrl-C want it as a terminal gives it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """TSLOOM_REQUIRE_PEERS=1: a peer test that is skipped has failed."""
    report = yield
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and os.environ.get("TSLOOM_REQUIRE_PEERS") == "1"
        and item.get_closest_marker("peer") is not None
    ):
        report.outcome = "failed"
        report.longrepr = f"TSLOOM_REQUIRE_PEERS=1 and {item.nodeid} was skipped: {report.longrepr}"
    return report


# The same examples in every run: a red run is a change of ours. TSLOOM_RANDOM=1 looks further.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("random", deadline=None)
settings.load_profile("random" if os.environ.get("TSLOOM_RANDOM") else "steady")
