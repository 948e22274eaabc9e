"""A pair of expressions at one place of a document, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.json_schema import values
from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.shape import Expr
from schemacheck.formats.pointer import join
from schemacheck.formats.strict import shown
from schemacheck.model import Direction, Rule

_LONG = 60
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Pair:
    """What old and new say of one place. `at` and `was` are where the nearest subschema stands."""

    old: Expr
    new: Expr
    where: str
    at: str
    was: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A difference that may be why a direction breaks; `ways`: the directions that are not proven at its place."""

    rule: Rule
    values: Mapping[str, Any]
    where: str
    pointer: str
    old_pointer: str
    ways: Direction


def placed(pool: Pool, expr: Expr, keyword: str, fallback: str) -> str:
    """Where the keyword of an expression stands; the expression itself if none has it."""
    own = [loc for loc in (pool.locs[atom] for atom in pool.conjuncts(expr)) if loc.file.path]
    for loc in own:
        if loc.get(keyword, _MISSING) is not _MISSING:
            return join(loc.place, keyword)
    return own[0].place if own else fallback


def note(pool: Pool, expr: Expr, keyword: str) -> Any:
    """The first value of an annotation; `nothing` if none has it."""
    for atom in pool.conjuncts(expr):
        found = pool.locs[atom].get(keyword, nothing)
        if found is not nothing:
            return found
    return nothing


nothing = object()


def spelt(value: Any) -> str:
    """A value in a message, cut if it is long."""
    text = values.text(value)
    return text if len(text) <= _LONG else shown(text)


def several(found: list[Any]) -> str:
    """Some values in a message."""
    texts = [spelt(value) for value in found]
    return ", ".join([*texts[:3], *([f"{len(texts) - 3} more"] if len(texts) > 3 else [])])
