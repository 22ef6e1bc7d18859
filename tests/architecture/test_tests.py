"""What every test file owes: a skip names its reason, and a test can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.external_data import ROOT

TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))
# A call of one of these, or of a function named for what it holds, is a check.
CHECKING_CALLS = {"raises", "warns", "fail"}
CHECKING_PREFIXES = ("assert", "check_", "expect_", "verify_")


def called_name(call: ast.Call) -> str:
    """The last part of what is called: skip of pytest.mark.skip."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def has_reason(call: ast.Call) -> bool:
    """A reason in words stands in a skip, skipif, xfail or importorskip."""
    name = called_name(call)
    if any(keyword.arg == "reason" for keyword in call.keywords):
        return True
    return name == "skip" and bool(call.args)


def silent_skips(tree: ast.AST) -> Iterator[int]:
    """Lines with a skip or an expected failure that gives no reason."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node) in ("skip", "skipif", "xfail"):
            if not has_reason(node):
                yield node.lineno
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "pytest.mark.skip",
            "pytest.mark.xfail",
        ):
            parents = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.func is node]
            if not parents:
                yield node.lineno


def can_fail(test: ast.AST) -> bool:
    """The test asserts, expects an error, or calls something named for a check."""
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = called_name(node)
            if name in CHECKING_CALLS or name.lstrip("_").startswith(CHECKING_PREFIXES):
                return True
            if any(keyword.arg == "check" for keyword in node.keywords):
                return True
    return False


def functions_named_test(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_test_skips_without_saying_why(path: Path) -> None:
    assert list(silent_skips(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_can_fail(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [test.name for test in functions_named_test(tree) if not can_fail(test)] == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("pytest.skip()", 1),
        ("pytest.skip('no program')", 0),
        ("@pytest.mark.skip\ndef test_a(): pass", 1),
        ("@pytest.mark.skipif(True)\ndef test_a(): pass", 1),
        ("@pytest.mark.skipif(True, reason='x')\ndef test_a(): pass", 0),
    ],
)
def test_silent_skips_are_found(source: str, count: int) -> None:
    assert len(list(silent_skips(ast.parse(source)))) == count


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def test_a():\n    assert 1", True),
        ("def test_a():\n    f()", False),
        ("def test_a():\n    with pytest.raises(ValueError):\n        f()", True),
    ],
)
def test_tests_that_cannot_fail_are_found(source: str, expected: bool) -> None:
    assert [can_fail(test) for test in functions_named_test(ast.parse(source))] == [expected]
