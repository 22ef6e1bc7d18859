"""One tree of errors by blame; the facts are in the message and in attributes."""

from __future__ import annotations

import inspect
import pickle

import pytest

import tsloom
from tsloom import errors

ALL = [
    value
    for _, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, errors.TsloomError)
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_each_error_has_one_blame(kind: type[errors.TsloomError]) -> None:
    if kind is errors.TsloomError:
        return
    blames = (errors.UsageError, errors.InputError, errors.SystemRefusedError)
    assert sum(issubclass(kind, blame) for blame in blames) == 1
    assert kind.__doc__


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_facts_are_attributes_and_stand_in_the_message(kind: type[errors.TsloomError]) -> None:
    error = kind("it went wrong", packet_index=7, errno=2)
    assert str(error) == "it went wrong (packet_index=7, errno=2)"
    assert (error.packet_index, error.errno) == (7, 2)  # type: ignore[attr-defined]
    assert error.facts == {"packet_index": 7, "errno": 2}
    assert str(kind("alone")) == "alone"
    assert str(kind(pid=5)) == "pid=5"


def test_misuse_and_input_are_value_errors_and_refusals_are_os_errors() -> None:
    assert issubclass(errors.UsageError, ValueError)
    assert issubclass(errors.InputError, ValueError)
    assert issubclass(errors.SystemRefusedError, OSError)
    assert tsloom.TsloomError is errors.TsloomError


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_survives_a_process_pool(kind: type[errors.TsloomError]) -> None:
    error = kind("it went wrong", packet_index=7)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
