"""Source-info paths as lines and columns in characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Positions:
    """Where the elements of one compiled file stand in its text."""

    def __init__(self, text: str, proto: Any) -> None:
        self._lines = text.split("\n")
        self._spans: Mapping[tuple[int, ...], Sequence[int]] = {
            tuple(location.path): tuple(location.span) for location in reversed(proto.source_code_info.location)
        }

    def find(self, path: str) -> tuple[int, int]:
        """Line and column, from 1, of a path such as `4/0/2/1`, or of its nearest ancestor that has a place."""
        parts = tuple(int(part) for part in path.split("/") if part.isdigit())
        while parts and parts not in self._spans:
            parts = parts[:-1]
        span = self._spans.get(parts) if parts else None
        if span is None:
            return 1, 1
        return span[0] + 1, self.column(span[0] + 1, span[1] + 1)

    def column(self, line: int, column: int) -> int:
        """A column of the compiler, which counts bytes and tabs up to the next 8, in characters."""
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        at = 0
        for number, character in enumerate(text):
            if at >= column - 1:
                return number + 1
            at += 8 - at % 8 if character == "\t" else len(character.encode("utf-8", "surrogatepass"))
        return len(text) + 1
