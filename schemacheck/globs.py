"""Path patterns: `**` crosses folders, `*` and `?` do not; a folder stands for all below it.

Who proposes a change may write a pattern and the paths that it meets. A regular expression may try every way in which
its wildcards share a path, so it is used where that cannot take long, and else a walk that takes each wildcard once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

_GLOB = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_STEPS = 200_000  # of a regular expression


@functools.lru_cache(1024)
def _compiled(pattern: str) -> tuple[re.Pattern[str], Sequence[str], int]:
    """A pattern as an expression, its pieces, and how many of them are as long as they like."""
    pieces = [piece for piece in re.split(r"(\*\*/|\*\*|\*|\?)", pattern.rstrip("/")) if piece]
    text = "".join(_GLOB.get(piece) or re.escape(piece) for piece in pieces)
    wild = sum(piece in _GLOB and piece != "?" for piece in pieces)
    return re.compile(f"{text}(?:/.*)?", re.DOTALL), pieces, wild


def matches(path: str, pattern: str) -> bool:
    """Whether a path of the repository is covered by a pattern of the configuration."""
    expression, pieces, wild = _compiled(pattern)
    if wild < 2 or (wild < 8 and len(path) ** wild <= _STEPS):
        return expression.fullmatch(path) is not None
    return walked(path, pieces)


def walked(path: str, pieces: Sequence[str]) -> bool:
    """The same, piece by piece: which places of the path all pieces up to here can end at."""
    ends = {0}
    for piece in pieces:
        if piece == "**":
            ends = set(range(min(ends), len(path) + 1))
        elif piece == "**/":
            first = min(ends)
            ends |= {at + 1 for at in range(first, len(path)) if path[at] == "/"}
        elif piece == "*":
            ends = _within(path, ends)
        elif piece == "?":
            ends = {at + 1 for at in ends if at < len(path) and path[at] != "/"}
        else:
            ends = {at + len(piece) for at in ends if path.startswith(piece, at)}
        if not ends:
            return False
    return any(at == len(path) or path[at] == "/" for at in ends)


def _within(path: str, starts: set[int]) -> set[int]:
    """The places that can be reached without crossing a folder."""
    found: set[int] = set()
    for start in sorted(starts):
        at = start
        while at not in found:
            found.add(at)
            if at == len(path) or path[at] == "/":
                break
            at += 1
    return found
