"""`python docs/build.py FOLDER`: the pages as HTML, and the reference out of the docstrings."""

from __future__ import annotations

import html
import re
import sys
import warnings
from pathlib import Path

import markdown2  # type: ignore[import-untyped]
import pdoc

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
TOP_PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md"]
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto }}
pre {{ background: #f4f4f4; padding: .7rem; overflow-x: auto }}
table {{ border-collapse: collapse }}
td, th {{ border: 1px solid #ccc; padding: .2rem .6rem; text-align: left }}
</style>
<nav><a href="{home}README.html">tsloom</a> ·
<a href="{home}reference/tsloom.html">reference</a></nav>
{body}
</html>
"""


def pages() -> dict[Path, Path]:
    """Each page and where its HTML goes, relative to the output folder."""
    found = {page: Path(page.name).with_suffix(".html") for page in TOP_PAGES}
    for page in sorted(DOCS.rglob("*.md")):
        found[page] = Path("docs") / page.relative_to(DOCS).with_suffix(".html")
    return found


def build_page(page: Path, target: Path, depth: int) -> None:
    """One page; links to other pages lead to their HTML."""
    text = page.read_text(encoding="utf-8")
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    body = str(markdown2.markdown(text, extras=["fenced-code-blocks", "tables", "header-ids"]))
    body = re.sub(r'(href="(?!https?:)[^"#]*)\.md((?:#[^"]*)?")', r"\1.html\2", body)
    name = html.escape(title.group(1) if title else page.stem)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(PAGE.format(title=name, home="../" * depth, body=body), encoding="utf-8")


def main(folder: Path) -> None:
    """Writes all of it."""
    for page, place in pages().items():
        build_page(page, folder / place, len(place.parts) - 1)
    # Names of _typeshed are there for type checkers only; pdoc shows them as they are written.
    warnings.filterwarnings("ignore", module=r"pdoc\.doc_types")
    pdoc.render.configure(docformat="markdown")
    pdoc.pdoc("tsloom", "!tsloom._native", output_directory=folder / "reference")
    print(f"{len(pages())} pages and the reference are in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "docs")
