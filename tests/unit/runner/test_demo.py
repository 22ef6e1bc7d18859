"""The demonstration holds what it shows, and says so when a cue or an event is missing."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

from tsloom.cli.demo import describe
from tsloom.runner.demo import _judge, _judge_guide, run_demo
from tsloom.runner.demo_guide import SERVICE, make_guide


def test_the_demonstration_holds_and_notices_a_missing_cue_and_event() -> None:
    result = run_demo(lambda text: None)
    assert result.holds, describe(result)
    assert "all of it holds" in describe(result)
    assert "The test pattern, " in "\n".join(describe(result))
    sent = result.received["report"]["packets"]
    without = copy.deepcopy(result.received)
    del without["cues"][0]
    assert not all(check.holds for check in _judge(without, sent, result.inserted))
    assert not all(check.holds for check in _judge(result.received, sent + 1, result.inserted))


def test_each_event_that_was_not_received_is_noticed() -> None:
    guide = make_guide(datetime.now(UTC))
    names = [event.event_name for event in guide.events(SERVICE)]
    assert len(names) == 5
    checks = _judge_guide({"eit": []}, guide)
    assert [check.holds for check in checks] == [False, False, False]
    assert checks[0].wanted.startswith("The test pattern, 20")
