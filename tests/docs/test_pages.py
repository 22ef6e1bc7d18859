"""Every command in the documents works, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, RUN, SHOWN, Block, blocks_of
from tests.external_data import ROOT
from tsloom.cli.main import main

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
MAKE = re.compile(r"^\$ make (\w+)", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
COMMAND = re.compile(r"^\$ tsloom (\w+)((?:.|\\\n)*?)$", re.MULTILINE)


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def environment() -> dict[str, str]:
    """The interpreter that runs the tests comes first on the PATH, as in an active environment."""
    scripts = Path(sys.executable).parent
    return {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}


def run_block(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a block as a user would paste it: the shell stops at the first failure."""
    shell = ["bash", "-eu", "-o", "pipefail", "-c", block.text]
    python = [sys.executable, "-c", block.text]
    return subprocess.run(
        shell if block.language == "sh" else python,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.language in RUN for block in blocks_of(page))],
    ids=page_id,
)
def test_the_blocks_of_a_page_run(page: Path, sample: Path, tmp_path: Path) -> None:
    shutil.copyfile(sample, tmp_path / "in.ts")
    for block in blocks_of(page):
        if block.language in RUN:
            done = run_block(block, tmp_path)
            assert done.returncode == 0, f"{page.name}:{block.line}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_page_has_only_blocks_that_are_run_or_plainly_shown(page: Path) -> None:
    unknown = [block for block in blocks_of(page) if block.language not in (*RUN, *SHOWN)]
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_the_links_of_a_page_lead_to_files(page: Path) -> None:
    links = [
        link
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not link.startswith(("http://", "https://"))
    ]
    assert [link for link in links if not (page.parent / link).exists()] == []


def shown_blocks() -> list[tuple[Path, Block]]:
    return [(page, block) for page in PAGES for block in blocks_of(page)]


def test_the_make_targets_that_pages_name_are_there() -> None:
    named = {target for _, block in shown_blocks() for target in MAKE.findall(block.text)}
    assert named >= {"demo", "test", "bench"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in sorted(named) if f"\n{target}:" not in makefile] == []


def test_the_options_of_shown_commands_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    for page, block in shown_blocks():
        if block.language != "console":
            continue
        for command, rest in COMMAND.findall(block.text.replace("\\\n", " ")):
            with pytest.raises(SystemExit) as end:
                main([command, "--help"])
            assert end.value.code == 0, f"{page.name}:{block.line}: tsloom {command}"
            told = capsys.readouterr().out
            missing = [option for option in OPTION.findall(rest) if option not in told]
            assert missing == [], f"{page.name}:{block.line}"
