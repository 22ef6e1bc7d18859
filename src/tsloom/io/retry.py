"""When to try again: exponential backoff with jitter."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tsloom.io.quantities import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = Backoff(500_000, 10_000_000)


class Retry:
    """Counts failures in a row and says how long to wait after each, in seconds.

    The wait doubles from the first to the longest; jitter takes up to half of it away, so that
    many that lost the same peer do not come back together.
    """

    def __init__(self, backoff: Backoff, jitter: Callable[[], float] = random.random) -> None:
        self._backoff = backoff
        self._jitter = jitter
        self.failures = 0

    def note_failure(self, *, is_final: bool = False) -> float:
        """How long to wait; is_final: trying again will hardly help, so at once the longest."""
        doubled = self._backoff.first_us << min(self.failures, 40)
        longest = self._backoff.longest_us
        wait_us = longest if is_final else min(doubled, longest)
        self.failures += 1
        return wait_us * (1 - self._jitter() / 2) / 1e6

    def note_success(self) -> None:
        self.failures = 0
