"""Patterns that may be run: those of a small language whose matching cannot run away, on short printable ASCII text.

There, Python's `re` and the expressions of ECMA-262 agree. What is outside is never run.
"""

from __future__ import annotations

import functools
import re

MAX_PATTERN = 500
MAX_TEXT = 300
_UNBOUNDED = 3  # `+` and `*` in one pattern: each adds a power to the time
_CLASS = r"\[\^?(?:[A-Za-z0-9 _.,:;@/+*#%&=!?<>~$()|{}'\"-]|\\[dwsDWS.\-\\/\[\]^$+*?(){}|])+\]"
_ATOM = rf"(?:{_CLASS}|\\[dwsDWS.\-\\/\[\]^$+*?(){{}}|]|[A-Za-z0-9 _,:;@/#%&=!<>~'\"-]|\.)"
_COUNT = r"(?:\{\d{1,3}(?:,(?:\d{1,3})?)?\}|[+*?])?"
_LITERALS = r"\((?:\?:)?[A-Za-z0-9 _:@/-]+(?:\|[A-Za-z0-9 _:@/-]+)*\)\??"
_PIECE = re.compile(rf"({_LITERALS})|{_ATOM}({_COUNT})")

_DOUBLED = re.compile(r"--|&&|\|\||~~")  # Python warns that these may come to mean something


@functools.lru_cache(1024)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern, if it is of the small language."""
    if len(pattern) > MAX_PATTERN or _DOUBLED.search(pattern):
        return None
    body = pattern.removeprefix("^")
    if body.endswith("$") and not body.endswith("\\$"):
        body = body[:-1]
    at = unbounded = 0
    while at < len(body):
        piece = _PIECE.match(body, at)
        if piece is None:
            return None
        count = piece[2] or ""
        unbounded += count in ("+", "*") or count.endswith(",}")
        at = piece.end()
    if unbounded > _UNBOUNDED:
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError):
        return None


def plain(text: str) -> bool:
    """Whether a text is short and printable ASCII."""
    return len(text) <= MAX_TEXT and text.isascii() and (text.isprintable() or not text)


def matches(pattern: str, text: str) -> bool | None:
    """Whether a pattern is found in a text; None where that is not to be tried."""
    found = compiled(pattern) if plain(text) else None
    return None if found is None else found.search(text) is not None


def examples(pattern: str) -> list[str]:
    """A few texts that match a pattern of the small language."""
    if compiled(pattern) is None:
        return []
    body = pattern.removeprefix("^").removesuffix("$") if not pattern.endswith("\\$") else pattern.removeprefix("^")
    found = []
    for letters in ("a0_-. :@/A", "Zz9 -_.:@/", "bB1 -_.:@/", "~}|{`_^"):
        for more in (0, 1, 3):
            text = "".join(_filled(piece, letters, more) for piece in _PIECE.finditer(body))
            if text not in found and matches(pattern, text):
                found.append(text)
    return found


def _filled(piece: re.Match[str], letters: str, more: int) -> str:
    """A text for one piece of a pattern."""
    if piece[1]:
        return piece[1].strip("()?").removeprefix(":").split("|")[0]
    count = piece[2] or ""
    atom = piece[0].removesuffix(count) if count else piece[0]
    every = [*letters, *map(chr, range(32, 127))]
    char = next((char for char in every if re.fullmatch(atom, char)), "")
    if not count:
        return char
    if count[0] == "{":
        least, _, most = count[1:-1].partition(",")
        top = int(most) if most else int(least) + (more if "," in count else 0)
        return char * min(int(least) + more, top)
    return char * ({"?": min(more, 1), "*": more, "+": 1 + more}[count])
