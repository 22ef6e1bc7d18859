"""The HTML page in Chromium, without a network: no complaint, nothing too wide, something drawn."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.analysis.report_cases import analyze, faulty_packets, hostile_report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
WIDTHS = (375, 1280)
# A frame has the width that is asked for; a window may refuse to be narrow.
FRAME = """<!doctype html><meta charset="utf-8">
<iframe id="page" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe>
<p id="seen"></p>
<script>
addEventListener("load", () => {{
  const inner = document.getElementById("page").contentDocument;
  const root = inner.documentElement;
  const seen = [root.scrollWidth, root.clientWidth, inner.scripts.length];
  document.getElementById("seen").textContent = seen.join(" ");
}});
</script>
"""


def chromium(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr"),
        f"--user-data-dir={page.parent / 'profile'}",
    ]
    return subprocess.run(
        [*command, *options, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.fixture(scope="module")
def text() -> str:
    return hostile_report().to_html()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_the_width_and_runs_nothing(text: str, width: int, tmp_path: Path) -> None:
    frame = tmp_path / "frame.html"
    frame.write_text(FRAME.format(width=width, page=html.escape(text)), encoding="utf-8")
    done = chromium(frame, "--dump-dom", "--window-size=1600,1000")
    found = re.search(r'<p id="seen">(\d+) (\d+) (\d+)</p>', done.stdout)
    assert found is not None
    assert [int(one) for one in found.groups()] == [width, width, 0]
    assert complaints(done) == []


def test_the_page_is_as_it_was_written(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(analyze(faulty_packets()).to_html("a stream"), encoding="utf-8")
    done = chromium(page, "--dump-dom")
    assert complaints(done) == []
    assert "Continuity_<wbr>count_<wbr>error" in done.stdout
    assert done.stdout.count("<svg") == page.read_text(encoding="utf-8").count("<svg")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_is_not_blank(text: str, width: int, scheme: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib reads the picture")
    from matplotlib.image import imread

    page, picture = tmp_path / "report.html", tmp_path / "picture.png"
    page.write_text(text, encoding="utf-8")
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    options = [f"--screenshot={picture}", f"--window-size={width},1600", *dark]
    done = chromium(page, *options)
    assert complaints(done) == []
    pixels = imread(picture)[:, :, :3]
    assert pixels.shape[1] == width
    assert pixels.std() > 0.03
    assert bool(pixels.mean() > 0.5) is (scheme == "light")
