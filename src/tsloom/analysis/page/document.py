"""The page: its parts one after the other, with the style sheet in it."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from tsloom.analysis.bitrate_stack import stack_bitrates
from tsloom.analysis.page.alarms import indicators, si_repetition, timeline
from tsloom.analysis.page.charts import legend, stacked_steps
from tsloom.analysis.page.clocks import find_pcr_figures, pcrs, timestamps
from tsloom.analysis.page.markup import Markup, element, escape, section
from tsloom.analysis.page.numbers import rate
from tsloom.analysis.page.overview import events, pids, services, summary

if TYPE_CHECKING:
    from tsloom.analysis.report import Report

# More windows than this are narrower than the dots of a screen.
MOST_WINDOWS = 500
# Whatever a stream's texts say, the page loads nothing and runs nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header><h1><bdi>{title}</bdi></h1>{links}</header>
<main>
{main}
</main>
</body>
</html>
"""
NAMES = {
    "summary": "Summary",
    "timeline": "Alarms",
    "tr101290": "TR 101 290",
    "bitrate": "Bitrate",
    "services": "Services",
    "pids": "PIDs",
    "pcr": "PCR",
    "timestamps": "PTS",
    "si": "SI",
    "events": "Events",
}


def report_page(report: Report, title: str) -> str:
    """The whole document."""
    parts = {
        "summary": summary(report),
        "timeline": timeline(report),
        "bitrate": bitrate(report),
        "services": services(report),
        "pids": pids(report),
        "tr101290": indicators(report),
        "si": si_repetition(report),
        "pcr": pcrs(find_pcr_figures(report)),
        "timestamps": timestamps(report),
        "events": events(report),
    }
    shown = {name: part for name, part in parts.items() if part is not None}
    links = element("nav", *(element("a", NAMES[name], href=f"#{name}") for name in shown))
    style = files("tsloom.analysis.page").joinpath("style.css").read_text(encoding="utf-8")
    return PAGE.format(
        policy=escape(POLICY),
        title=escape(title),
        style=style,
        links=links,
        main="\n".join(shown.values()),
    )


def bitrate(report: Report) -> Markup | None:
    """The bitrate over time, PIDs upon each other; None where it was not measured."""
    stack = stack_bitrates(report, most_windows=MOST_WINDOWS)
    if stack is None:
        return None
    colours, single = [], 0
    for layer in stack.layers:
        colours.append(f"s{single}" if layer.kind == "pid" else layer.kind)
        single += layer.kind == "pid"
    words = [f"{layer.label}: {rate(layer.mean_bps)} on average" for layer in stack.layers]
    chart = stacked_steps(
        stack.windows,
        [(colour, layer.rates_bps) for colour, layer in zip(colours, stack.layers, strict=True)],
        words,
        label="bitrate by PID over time",
        words=rate_mark,
    )
    key = legend(list(zip(colours, words, strict=True)))
    return section("bitrate", "Bitrate", chart, key)


def rate_mark(bps: float) -> str:
    """A round bitrate, for an axis."""
    if bps >= 1e6:
        return f"{bps / 1e6:g} Mb/s"
    return f"{bps / 1e3:g} kb/s"
