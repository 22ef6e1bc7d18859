"""Prints the requirements of pyproject.toml: "build", or the name of an optional dependency."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def requirements(name: str) -> list[str]:
    """The requirement lines under that name."""
    project = Path(__file__).resolve().parents[2] / "pyproject.toml"
    document = tomllib.loads(project.read_text(encoding="utf-8"))
    if name == "build":
        return list(document["build-system"]["requires"])
    return list(document["project"]["optional-dependencies"][name])


if __name__ == "__main__":
    print("\n".join(requirements(sys.argv[1])))
