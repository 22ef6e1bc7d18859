"""The demonstration holds what it shows, and says so when a cue is missing."""

from __future__ import annotations

import copy

from tsloom.cli.demo import describe
from tsloom.runner.demo import _judge, run_demo


def test_the_demonstration_holds_and_notices_a_missing_cue() -> None:
    result = run_demo(lambda text: None)
    assert result.holds, describe(result)
    assert "all of it holds" in describe(result)
    sent = result.received["report"]["packets"]
    without = copy.deepcopy(result.received)
    del without["cues"][0]
    assert not all(check.holds for check in _judge(without, sent, result.inserted))
    assert not all(check.holds for check in _judge(result.received, sent + 1, result.inserted))
