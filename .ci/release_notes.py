"""Prints what CHANGELOG.md says about a version; fails if it says nothing, so that no release goes out untold."""

from __future__ import annotations

import re
import sys
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


def notes(changelog: str, version: str) -> str:
    """The section of a version, without its heading; empty if there is none."""
    sections = re.split(r"^## \[(.+?)\].*$", changelog, flags=re.MULTILINE)
    found = dict(zip(sections[1::2], sections[2::2], strict=True)).get(version, "")
    return found.strip()


if __name__ == "__main__":
    text = notes(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1].removeprefix("v"))
    if not text:
        sys.exit(f"CHANGELOG.md has no section for {sys.argv[1]}")
    sys.stdout.write(f"{text}\n")
