"""How a registry's objection reads, and those to limits."""

from __future__ import annotations

from collections.abc import Iterator

from schemacheck.formats.json_schema.document import Loc

UNKNOWN = ""  # stands where what the registry would say is not known


def told(kind: str, loc: Loc, name: str = "") -> str:
    """An objection: the registry's word for it, and where."""
    return f"{kind} at {loc.place}{f': {name}' if name else ''}"


def limits(old: Loc, new: Loc, low: str, high: str) -> Iterator[str]:
    """Limits that are new or tighter."""
    for keyword, sign in ((low, 1), (high, -1)):
        was, now = old.get(keyword), new.get(keyword)
        word = "".join(f"_{char}" if char.isupper() else char for char in keyword).upper()
        if now is not None and was is None:
            yield told(f"{word}_ADDED", new)
        elif now is not None and (now - was) * sign > 0:
            yield told(f"{word}_{'INCREASED' if sign > 0 else 'DECREASED'}", new)
