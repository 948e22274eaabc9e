"""JSON as a schema may be written: no key twice, no NaN, no bottomless nesting; each flaw with its exact place."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schemacheck.formats.pointer import Positions, join

MAX_DEPTH = 200
_SHOWN = 60
_KEPT = 1000  # characters of a text whose form is kept
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong at one place of a file. `fatal`: no tree can be made; else published text is let pass."""

    pointer: str
    message: str
    hint: str = ""
    fatal: bool = True
    place: tuple[int, int] | None = None  # line and column, where no pointer can say it
    reason: str = "unreadable"


def read_json(text: str, number: Callable[[str], Any] | None = None) -> tuple[Any, list[Flaw]]:
    """The value of a JSON text, or all flaws that keep it from being one. `number` makes what is written as no int."""
    odd: list[str] = []
    repeated: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(members)
        if len(value) != len(members):
            repeated.append("")
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=odd.append, parse_float=number)
    except json.JSONDecodeError as error:
        return None, [Flaw("", f"it is no JSON: {error.msg}", "mend the text", place=(error.lineno, error.colno))]
    except RecursionError:
        return None, [_too_deep()]
    except ValueError:  # a number of more digits than Python converts
        return None, [Flaw("", "it holds a number of thousands of digits", "write a smaller number")]
    if _depth(value) > MAX_DEPTH:
        return None, [_too_deep()]
    flaws = [*_repeated_and_odd(text)] if odd or repeated else []
    if _SURROGATE.search(text):
        flaws += _half_characters(value)
    return value, flaws


def _too_deep() -> Flaw:
    return Flaw(
        "", f"it is nested more than {MAX_DEPTH} levels deep", "give the inner types names of their own", place=(1, 1)
    )


def _depth(value: Any) -> int:
    """Levels of objects and arrays, counted as far as it matters."""
    level = [value]
    depth = 0
    while depth <= MAX_DEPTH:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return depth + 1
        depth += 1
    return depth


def _repeated_and_odd(text: str) -> Iterator[Flaw]:
    """Keys written twice, of which parsers take the last, and NaN and its like, which no other parser takes."""
    positions = Positions.of(text)
    for pointer, key, at in positions.repeated:
        message = f"{shown(key)} is written twice in one object"
        yield Flaw(pointer, message, "keep one of them", fatal=False, place=positions.place(at))
    for pointer, word, at in positions.odd:
        yield Flaw(pointer, f"{word} is no JSON", "write a number", place=positions.place(at))


def _half_characters(value: Any) -> Iterator[Flaw]:
    """Texts with half of a surrogate pair, which no UTF-8 can hold."""
    waiting = [("", value)]
    while waiting:
        pointer, inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend((join(pointer, key), member) for key, member in reversed(inner.items()))
            texts = [*inner]
        elif isinstance(inner, list):
            waiting.extend((join(pointer, index), inner[index]) for index in reversed(range(len(inner))))
            continue
        else:
            texts = [inner] if isinstance(inner, str) else []
        if any("\ud800" <= char <= "\udfff" for part in texts for char in part):
            yield Flaw(pointer, "the text holds half of a surrogate pair", "write both halves, or neither")


def shown(value: Any) -> str:
    """A JSON value as ASCII text; a long one cut, with a hash so that two of them stay two."""
    return _shown_text(value) if type(value) is str and len(value) < _KEPT else _shown(value)


@lru_cache(maxsize=4096)  # a history tells the same texts again and again
def _shown_text(text: str) -> str:
    return _shown(text)


def _shown(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]}... ({hashlib.sha256(text.encode()).hexdigest()[:8]})"
