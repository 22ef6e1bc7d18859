"""A channel's file: what it says, and what is said of what is wrong in it."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsloom.errors import ConfigError
from tsloom.io import Triggers
from tsloom.io.quantities import Backoff
from tsloom.runner.channel_config import ChannelConfig
from tsloom.runner.relay import Redundancy
from tsloom.runner.stage_options import GivenCue, StageOptions
from tsloom.runner.toml_lines import find_line, find_lines

ENDS = 'input = "udp://127.0.0.1:5000"\noutput = "udp://127.0.0.1:5001"\n'
WHOLE = """\
name = "one"                         # a comment with input = "x"
input = "udp://@239.1.1.1:1234"
output = [
    "udp://127.0.0.1:5001?ttl=4",
]
duration = "90s"
max_retries = 3
exit_on_eof = true
restart = "1s..4s"
max_restarts = 5
stats_interval = 10

[filter]
keep_service = [1, 0x2]
drop_pid = 0x100
fix_continuity = true
bitrate = "20M"
remap = { 0x200 = 0x201, "514" = 515 }

[si]
network_name = "net"
service_provider = "all"
service_name.1 = "One"
service_type = { 1 = 0x19 }
tot.DEU = "Europe/Berlin"

[splice]
pid = 501
heartbeat = "10s"
utc_start = 2026-05-01T12:00:00Z

[[splice.break]]
start = "+10s"
duration = 30
auto_return = false
service = 7

[[splice.break]]
start = 2026-05-01T13:00:00Z
event_id = 0x10

[[splice.cue]]
text = "/DARAAAAAAAAAP/wAAAAAHpPv/8="
at = "+1s"
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        ChannelConfig.from_text(text, "a.toml")
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def test_each_key_is_what_its_option_is() -> None:
    config = ChannelConfig.from_text(WHOLE, "x/a.toml")
    stages = config.stages
    assert config == ChannelConfig(
        name="one",
        inputs=("udp://@239.1.1.1:1234",),
        outputs=("udp://127.0.0.1:5001?ttl=4",),
        duration=90.0,
        max_retries=3,
        exit_on_eof=True,
        restart=Backoff(1_000_000, 4_000_000),
        max_restarts=5,
        stats_interval=10.0,
        stages=StageOptions(
            keep_service=(1, 2),
            drop_pid=(256,),
            fix_continuity=True,
            bitrate="20M",
            remap=((512, 513), (514, 515)),
            network_name="net",
            service_provider=((None, "all"),),
            service_name=((1, "One"),),
            service_type=((1, 0x19),),
            tot=stages.tot,
            pid=501,
            heartbeat=10.0,
            utc_start=datetime(2026, 5, 1, 12, tzinfo=UTC),
            splice=(
                'start="+10s",duration="30",auto_return="no",service="7"',
                'start="2026-05-01T13:00:00+00:00",event_id="16"',
            ),
            cue=(GivenCue("/DARAAAAAAAAAP/wAAAAAHpPv/8=", "+1s"),),
        ),
    )
    assert [(code, str(zone)) for code, zone in stages.tot] == [("DEU", "Europe/Berlin")]


def test_a_channel_without_a_name_has_its_file_s() -> None:
    assert ChannelConfig.from_text(ENDS, "/etc/tsloom/news.toml").name == "news"


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = (
        'nmae = "x"\n'  # 1
        'input = "udp://127.0.0.1:5000?ttl=3"\n'
        "output = [\n"
        '  "srt://127.0.0.1:9000?passphrase=secret1234&latncy=3",\n'  # 4
        "]\n"
        "duration = 0\n"
        "[filter]\n"
        "keep_pid = [1,\n"
        "   9000]\n"  # 9
        'drop_nulls = "yes"\n'
        "[[splice.break]]\n"
        'start = "+1s"\n'
        "[[splice.break]]\n"
        'start = "+9s"\n'
        'duratoin = "3s"\n'  # 15
        "[guide]\n"
        'profile = "satelite"\n'
    )
    told = problems_of(text)
    assert [int(re.match(r"a\.toml:(\d+): ", line)[1]) for line in told] == [  # type: ignore[index]
        *(1, 6, 9, 10, 15, 17, 2, 4)
    ]
    assert "did you mean name?" in told[0]
    assert "filter.keep_pid[1] = 9000" in told[2]
    assert "splice.break[1].duratoin = '3s'" in told[4]
    assert "ttl= is for outputs" in told[6]
    assert "did you mean latency=?" in told[7]
    assert "secret" not in "\n".join(told)


@pytest.mark.parametrize(
    ("added", "line", "words"),
    [
        ("[filter]\nremap = {1 = 2}\n", 3, "PIDs below 0x10"),
        ("[splice]\npid = 3\nheartbeat = '1s'\n", 3, "a cue PID is from"),
        ("[guide]\nepg = 'nowhere.xml'\n", 3, "no such guide"),
        ("[[splice.break]]\nduration = '3s'\n", 3, "a break wants start="),
        ("[[splice.cue]]\nat = '3s'\n", 3, "text is wanted"),
        ("[[splice.cue]]\ntext = 'nowhere'\n", 3, "[splice]"),
        ("filter = 3\n", 3, "a table is wanted"),
        ("[splice]\nevent_ids = '/nowhere/at/all.db'\nheartbeat = 1\n", 3, "no folder"),
        ("x = [\n", 4, "not TOML"),
        ("[si]\nservice_name.x = 'One'\n", 4, "no service_id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(added: str, line: int, words: str) -> None:
    (told,) = problems_of(ENDS + added)
    assert told.startswith(f"a.toml:{line}: ")
    assert words in told


def test_what_is_wanted_is_asked_for() -> None:
    assert [line.split(": ", 1)[1] for line in problems_of("")] == [
        "input is wanted",
        "output is wanted",
    ]


def test_pipes_and_files_beside_other_inputs_are_refused() -> None:
    text = 'input = ["udp://:5000",\n"x.ts"]\noutput = ["null:",\n"-"]\n'
    first, second = problems_of(text)
    assert (first[:9], second[:9]) == ("a.toml:2:", "a.toml:4:")


def test_inputs_and_outputs_are_as_many_as_one_likes() -> None:
    text = (
        'input = ["udp://:5000", "udp://:5001"]\noutput = ["null:", "udp://127.0.0.1:1"]\n'
        '[failover]\ndata_timeout = "750ms"\nback_after = 3\ntrigger = "no-data"\n'
        'when_lost = "fill"\n'
    )
    config = ChannelConfig.from_text(text, "a.toml")
    assert config.redundancy == Redundancy(0.75, 3.0, Triggers(frozenset()), "fill")


# -- lines: documents whose lines are known because each is written with its own ----------------

KEYS = st.text("ab-_1", min_size=1, max_size=3) | st.sampled_from(['"a.b"', "'c d'", '"x=]#"'])
VALUES = st.sampled_from(
    [
        *("1", "-2.5", "true", "1979-05-27 07:32:00", '"x # y"', "'''\n[no]\nk = 1\n'''"),
        *('"""\n\\"""\nz = 1 """', "[1, [2,\n 3], # c\n]", "{ a = 1, b.c = [ {d = 2} ] }"),
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """A TOML text, and on which line each of its tables' keys was written."""
    text, where = "", {}
    for table in range(draw(st.integers(0, 3))):
        is_array = draw(st.booleans())
        text += f'[[t."]{table}"]]\n' if is_array else f"[t . u{table} ]  # x\n"
        for key in draw(st.lists(KEYS, unique_by=lambda key: key.strip("\"'"), max_size=4)):
            where[f"{table}{key.strip(chr(34) + chr(39))}"] = text.count("\n") + 1
            text += f"  {key} = {draw(VALUES)}\n"
            text += draw(st.sampled_from(["", "\n", "# a = 1\n"]))
    return text, where


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from leaves(inner, (*path, key))


@given(documents())
def test_each_key_s_line_is_found(document: tuple[str, dict[str, int]]) -> None:
    text, where = document
    lines = find_lines(text)
    assert set(lines) == set(leaves(tomllib.loads(text))) - {()}
    for path, line in lines.items():
        inner = path[3:] if path[2:3] == (0,) else path[2:]
        if len(inner) == 1:
            assert line == where[f"{str(path[1])[1:]}{inner[0]}"]


def test_what_has_no_line_has_that_of_what_it_is_in() -> None:
    lines = find_lines("\n[a]\n")
    assert find_line(lines, ("a", "b", 3)) == 2
    assert find_line(lines, ("x",)) == 1


def test_the_file_that_is_read_is_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(ENDS, "utf-8")
    assert ChannelConfig.from_toml(tmp_path / "x.toml").inputs == ("udp://127.0.0.1:5000",)
