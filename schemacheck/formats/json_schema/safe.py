"""Patterns that may be run: those of a small language whose matching cannot run away, on short printable ASCII text.

There, Python's `re` and the expressions of ECMA-262 agree. What is outside is never run.
"""

from __future__ import annotations

import functools
import math
import re

MAX_PATTERN = 500
MAX_TEXT = 300
_WAYS = 22.0  # the power of two of the ways in which one pattern may be tried on one text
_UNBOUNDED = _WAYS / 3  # what `+` and `*` add to it, and a start anywhere in the text; all else adds its choices
_CLASS = r"\[\^?(?:[A-Za-z0-9 _.,:;@/+*#%&=!?<>~$()|{}'\"-]|\\[dwsDWS.\-\\/\[\]^$+*?(){}|])+\]"
_ATOM = rf"(?:{_CLASS}|\\[dwsDWS.\-\\/\[\]^$+*?(){{}}|]|[A-Za-z0-9 _,:;@/#%&=!<>~'\"-]|\.)"
_COUNT = r"(?:\{\d{1,3}(?:,(?:\d{1,3})?)?\}|[+*?])?"
_LITERALS = r"\((?:\?:)?[A-Za-z0-9 _:@/-]+(?:\|[A-Za-z0-9 _:@/-]+)*\)\??"
_PIECE = re.compile(rf"({_LITERALS})|{_ATOM}({_COUNT})")

_DOUBLED = re.compile(r"--|&&|\|\||~~")  # Python warns that these may come to mean something


@functools.lru_cache(20_000)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern, if it is of the small language."""
    if len(pattern) > MAX_PATTERN or _DOUBLED.search(pattern):
        return None
    body = pattern.removeprefix("^")
    if body.endswith("$") and not body.endswith("\\$"):
        body = body[:-1]
    at, ways = 0, 0.0 if pattern.startswith("^") else _UNBOUNDED
    while at < len(body):
        piece = _PIECE.match(body, at)
        if piece is None:
            return None
        ways += _ways(piece)
        at = piece.end()
    if ways > _WAYS:
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError):
        return None


def _ways(piece: re.Match[str]) -> float:
    """The power of two of the ways in which one piece of a pattern may be tried."""
    count = piece[2] or ""
    if piece[1]:
        return math.log2(piece[1].count("|") + 1) + piece[1].endswith("?")
    if count in ("+", "*") or count.endswith(",}"):
        return _UNBOUNDED
    least, _, most = count.strip("{}").partition(",")
    return min(math.log2(max(int(most) - int(least), 0) + 1), _UNBOUNDED) if most else float(count == "?")


def plain(text: str) -> bool:
    """Whether a text is short and printable ASCII."""
    return len(text) <= MAX_TEXT and text.isascii() and (text.isprintable() or not text)


def matches(pattern: str, text: str) -> bool | None:
    """Whether a pattern is found in a text; None where that is not to be tried."""
    found = compiled(pattern) if plain(text) else None
    return None if found is None else found.search(text) is not None


@functools.lru_cache(4096)
def examples(pattern: str) -> tuple[str, ...]:
    """A few texts that match a pattern of the small language."""
    if compiled(pattern) is None:
        return ()
    body = pattern.removeprefix("^").removesuffix("$") if not pattern.endswith("\\$") else pattern.removeprefix("^")
    found: list[str] = []
    for letters in ("a0_-. :@/A", "Zz9 -_.:@/", "bB1 -_.:@/", "~}|{`_^"):
        for more in (0, 1, 3):
            text = "".join(_filled(piece, letters, more) for piece in _PIECE.finditer(body))
            if text not in found and matches(pattern, text):
                found.append(text)
    return tuple(found)


def _filled(piece: re.Match[str], letters: str, more: int) -> str:
    """A text for one piece of a pattern."""
    if piece[1]:
        return piece[1].strip("()?").removeprefix(":").split("|")[0]
    count = piece[2] or ""
    atom = piece[0].removesuffix(count) if count else piece[0]
    char = _char(atom, letters)
    if not count:
        return char
    if count[0] == "{":
        least, _, most = count[1:-1].partition(",")
        top = int(most) if most else int(least) + (more if "," in count else 0)
        return char * min(int(least) + more, top)
    return char * ({"?": min(more, 1), "*": more, "+": 1 + more}[count])


@functools.lru_cache(4096)
def _char(atom: str, letters: str) -> str:
    """A character that one atom matches, one of these letters if it may be."""
    return next((char for char in [*letters, *map(chr, range(32, 127))] if re.fullmatch(atom, char)), "")
