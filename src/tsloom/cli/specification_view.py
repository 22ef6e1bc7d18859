"""A specification's results for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tsloom.analysis.specification import Verdict
from tsloom.analysis.specification_measured import list_formats, measure
from tsloom.cli.streams import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tsloom.analysis import Report
    from tsloom.analysis.specification import Specification, SpecificationResult


def check_specification(
    specification: Specification, report: Report
) -> tuple[SpecificationResult, ...]:
    """A result for each line of a specification."""
    return specification.check(measure(report, list_formats(report), specification.service_id))


def describe_results(name: str, results: Sequence[SpecificationResult]) -> list[str]:
    """A line each, and how many of each verdict there are."""
    width = max(len(one.key) for one in results)
    lines = [
        f"{one.verdict.value:<12}  {one.key:<{width}}  {one_line(_describe(one))}"
        for one in results
    ]
    counts = [f"{sum(one.verdict is verdict for one in results)} {verdict}" for verdict in Verdict]
    return [
        f"specification {name}: {', '.join(counts)}",
        *(f"  {line}" for line in lines),
    ]


def _describe(result: SpecificationResult) -> str:
    if result.verdict is Verdict.NOT_MEASURED:
        return f"wanted {result.wanted}: {result.reason}"
    if result.verdict is Verdict.FAIL:
        return f"wanted {result.wanted}, found {result.found}"
    return (
        f"{result.found}" if result.found == result.wanted else f"{result.found} ({result.wanted})"
    )
