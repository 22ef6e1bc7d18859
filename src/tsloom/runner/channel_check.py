"""Whether a channel can be what its configuration says, as far as no socket has to be opened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tsloom.errors import TsloomError
from tsloom.io import parse_url
from tsloom.io.direction import check_sink_url, check_source_url
from tsloom.io.url import FileUrl, PipeUrl
from tsloom.runner.filter_stages import make_filter_stages
from tsloom.runner.guide import make_eit_stages
from tsloom.runner.si_stages import make_si_editors, make_si_inserters
from tsloom.runner.splice_stages import make_splice_stages
from tsloom.scte35.event_ids import EventIdSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tsloom.io import Url
    from tsloom.pipeline import CueFailure, CueInsertion, SpliceInserter
    from tsloom.runner.stage_options import StageOptions
    from tsloom.scte35.break_record import BreakStatus
    from tsloom.scte35.breaks import Break


def check_sources(urls: Sequence[str]) -> Iterator[tuple[int, str]]:
    """What is wrong with which of the inputs."""
    return _check(urls, check_source_url, "input", is_alone=len(urls) == 1)


def check_sinks(urls: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Likewise the outputs."""
    return _check(urls, check_sink_url, "output", is_alone=True)


def _check(
    urls: Sequence[str], check: Callable[[Url], None], what: str, *, is_alone: bool
) -> Iterator[tuple[int, str]]:
    for index, text in enumerate(urls):
        try:
            url = parse_url(text)
            check(url)
        except TsloomError as error:
            yield index, str(error)
            continue
        if isinstance(url, PipeUrl):
            yield index, f"a channel has no pipe for its {what}: it may be begun again"
        elif isinstance(url, FileUrl) and not is_alone:
            yield index, "a file has no time of its own: it is no input beside others"


def check_stages(options: StageOptions) -> Iterator[tuple[str, str]]:
    """What cannot be made of which table: reads the guide and the cues' files, opens nothing that
    is written to."""
    makers: dict[str, Callable[[], object]] = {
        "si": lambda: (make_si_editors(options), make_si_inserters(options)),
        "filter": lambda: make_filter_stages(
            replace(options, service_name=(), service_provider=(), service_type=())
        ),
        "splice": lambda: make_splice_stages(
            options, _Deaf(), EventIdSequence(options.first_event_id)
        ),
        "guide": lambda: make_eit_stages(options),
    }
    for name, make in makers.items():
        try:
            make()
        except (TsloomError, OSError) as error:
            yield name, str(error)
    if options.event_ids is not None and not options.event_ids.absolute().parent.is_dir():
        yield "splice", f"event_ids: there is no folder for {options.event_ids}"


class _Deaf:
    """Hears nothing of stages that are made to see whether they can be."""

    def expect_break(self, inserter: SpliceInserter, break_id: int, wanted: Break) -> None: ...

    def expect_cue(self, inserter: SpliceInserter) -> None: ...

    def tell_cue(self, inserter: SpliceInserter, cue: CueInsertion | CueFailure) -> None: ...

    def tell_break(self, status: BreakStatus) -> None: ...

    def warn(self, text: str) -> None: ...
