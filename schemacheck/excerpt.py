"""What stands at a place of a file, cut to what fits beside a finding. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from schemacheck.model import Excerpt

_BEFORE, _AFTER = 60, 120  # characters kept of a long line, e.g. of a minified schema


def lines_of(text: str) -> Sequence[str]:
    """The lines of a schema, split as places count them."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def excerpt(lines: Sequence[str], line: int | None, column: int | None) -> Excerpt | None:
    """The line of a place; None if there is no such line."""
    if line is None or not 1 <= line <= len(lines):
        return None
    text, column = lines[line - 1], column or 1
    start = max(0, column - 1 - _BEFORE)
    if len(text) <= _BEFORE + _AFTER:
        start = 0
    part = text[start : start + _BEFORE + _AFTER]
    head, tail = "..." if start else "", "..." if start + len(part) < len(text) else ""
    return Excerpt(line, column - start + len(head), f"{head}{part}{tail}")
