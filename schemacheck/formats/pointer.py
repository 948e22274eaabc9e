"""JSON pointers (RFC 6901) to exact lines and columns, for the formats whose schemas are JSON.

The standard parser tells no positions. This scanner walks the same text with a work list, notes where each value
starts, and keeps what the parser throws away: repeated keys. It runs only when there is a place to show.
"""

from __future__ import annotations

import bisect
import json
import re
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # it is there, and undocumented

MAX_DEPTH = 500  # deeper texts are no schemas, and their pointers would eat the memory
_SPACE = re.compile(r"[ \t\n\r]*")
_SCALAR = re.compile(r"[^\s,:\[\]{}\"]+")
_NEWLINE = re.compile("\n")


def join(pointer: str, *steps: str | int) -> str:
    """The pointer to a member or an item below another."""
    return pointer + "".join(f"/{escape(step) if isinstance(step, str) else step}" for step in steps)


def escape(key: str) -> str:
    """A key as a pointer writes it."""
    return key.replace("~", "~0").replace("/", "~1")


def parent(pointer: str) -> str:
    """The pointer one step up."""
    return pointer.rpartition("/")[0]


@dataclass(slots=True)
class Positions:
    """Where every value of one JSON text stands. Lines and columns count from 1, columns in characters."""

    values: dict[str, int] = field(default_factory=dict)  # pointer to the offset of the value
    repeated: list[tuple[str, str, int]] = field(default_factory=list)  # pointer of the object, key, offset of the key
    odd: list[tuple[str, str, int]] = field(default_factory=list)  # pointer, word, offset: NaN and Infinity
    _lines: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> Positions:
        """The positions in a text that `json.loads` accepts; of any other text those before its first error."""
        found = cls(_lines=[0, *(match.end() for match in _NEWLINE.finditer(text))])
        found._scan(text)
        return found

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        line = bisect.bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def find(self, pointer: str) -> tuple[int, int]:
        """Line and column of the value a pointer names, or of its nearest ancestor that exists."""
        while pointer and pointer not in self.values:
            pointer = parent(pointer)
        return self.place(self.values.get(pointer, 0))

    def _scan(self, text: str) -> None:
        """Note every value of the text; ends without a word where the text is no JSON."""
        size = len(text)
        at = _skip(text, 0)
        pointer = ""
        # One entry per open container: its pointer, its next index (array) or None, its keys (object).
        stack: list[tuple[str, int | None, set[str]]] = []
        while at < size:
            self.values.setdefault(pointer, at)
            char = text[at]
            if char in "[{":
                if len(stack) >= MAX_DEPTH:
                    return
                stack.append((pointer, 0 if char == "[" else None, set()))
                at = _skip(text, at + 1)
                if at < size and text[at] in "]}":
                    stack.pop()
                    at = _skip(text, at + 1)
                else:
                    step = self._enter(text, at, stack)
                    if step is None:
                        return
                    pointer, at = step
                    continue
            else:
                end = _end_of_scalar(text, at)
                if end is None:
                    return
                if text[at] in "NI" or text.startswith("-I", at):
                    self.odd.append((pointer, text[at:end], at))
                at = _skip(text, end)
            # The value has ended: close containers, or go on behind a comma.
            while stack and at < size and text[at] in "]}":
                stack.pop()
                at = _skip(text, at + 1)
            if not stack or at >= size or text[at] != ",":
                return
            step = self._enter(text, _skip(text, at + 1), stack)
            if step is None:
                return
            pointer, at = step

    def _enter(self, text: str, at: int, stack: list[tuple[str, int | None, set[str]]]) -> tuple[str, int] | None:
        """Pointer and offset of the next value in the innermost container; None where the text is no JSON."""
        base, index, keys = stack[-1]
        if index is not None:
            stack[-1] = (base, index + 1, keys)
            return f"{base}/{index}", at
        if at >= len(text) or text[at] != '"':
            return None
        try:
            key, end = scanstring(text, at + 1)
        except json.JSONDecodeError:
            return None
        if key in keys:
            self.repeated.append((base, key, at))
        keys.add(key)
        colon = _skip(text, end)
        if colon >= len(text) or text[colon] != ":":
            return None
        return f"{base}/{escape(key)}", _skip(text, colon + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _end_of_scalar(text: str, at: int) -> int | None:
    if text[at] != '"':
        match = _SCALAR.match(text, at)
        return match.end() if match else None
    try:
        return int(scanstring(text, at + 1)[1])
    except json.JSONDecodeError:
        return None
