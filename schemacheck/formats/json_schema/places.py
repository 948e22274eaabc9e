"""A pair of expressions at one place of a document, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.json_schema import values
from schemacheck.formats.json_schema.document import Loc
from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.shape import Expr
from schemacheck.formats.pointer import join
from schemacheck.formats.strict import shown
from schemacheck.model import Direction, Rule

Steps = tuple[str | Expr, ...]  # a keyword, and what of it: a name, a text of its list, a branch
Found = tuple[Rule, dict[str, Any], Steps]  # a rule, its values, what it is about
_LONG = 60
_ALSO = {"maximum": "exclusiveMaximum", "minimum": "exclusiveMinimum", "enum": "const", "const": "enum"}
_ALSO |= {limit: keyword for keyword, limit in _ALSO.items()}
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Pair:
    """What old and new say of one place. `at` and `was` are where the nearest subschema stands.

    `step` leads here from the place above: a property, an index, None for a branch of the same value.
    `noted`: its annotations have been compared.
    """

    old: Expr
    new: Expr
    where: str
    at: str
    was: str
    above: Pair | None = None
    step: str | int | None = None
    noted: bool = False

    @property
    def path(self) -> tuple[str | int, ...]:
        """The steps from the whole document to the place."""
        above = self.above.path if self.above else ()
        return above if self.step is None else (*above, self.step)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A difference that may be why a direction breaks; `ways`: the directions that are not proven at its place.

    `branch`: the one of a choice that it is about.
    """

    pair: Pair
    rule: Rule
    values: Mapping[str, Any]
    where: str
    pointer: str
    old_pointer: str
    ways: Direction
    branch: Expr | None = None


def named(where: str, name: str) -> str:
    """The place of a property."""
    return f"{where}.{name}" if where else name


def inside(where: str, values: Mapping[str, Any], steps: Steps) -> str:
    """The place that a rule is about: the property or the position, where it is about one of them."""
    if steps[0] in ("properties", "required") and "name" in values:
        return named(where, values["name"])
    if "pattern" in values and steps[0] == "patternProperties":
        return named(where, f"{{{steps[1]}}}")
    return f"{where}[{values['index']}]" if "index" in values else where


def placed(pool: Pool, expr: Expr, steps: Steps, fallback: str) -> str:
    """Where the steps lead from an expression, as far as they do; the expression itself if none has the keyword."""
    own = [loc for loc in (pool.locs[atom] for atom in pool.conjuncts(expr)) if loc.file.path]
    ends = [(len(inner), loc, inner) for loc in own for inner in [_inner(pool, loc, steps)]]
    if not ends:
        return fallback
    _, loc, inner = max(ends, key=lambda end: end[0])
    return join(loc.place, *inner)


def _inner(pool: Pool, loc: Loc, steps: Steps) -> list[str | int]:
    """The steps that can be taken."""
    keyword, *further = steps
    assert isinstance(keyword, str)
    if loc.get(keyword, _MISSING) is _MISSING:
        keyword = _ALSO.get(keyword, keyword)
    value = loc.get(keyword, _MISSING)
    if value is _MISSING:
        return []
    found: list[str | int] = [keyword]
    for step in further:
        if isinstance(value, list):
            fits = (_is(pool, loc, keyword, index, step) for index in range(len(value)))
            found += [index for index, fit in enumerate(fits) if fit][:1]
        elif isinstance(value, dict) and step in value and isinstance(step, str):
            found.append(step)
    return found


def _is(pool: Pool, loc: Loc, keyword: str, index: int, step: str | Expr) -> bool:
    """Whether an entry of a keyword's list is the one that is meant."""
    return loc.raw[keyword][index] == step if isinstance(step, str) else pool.of(loc.child(keyword, index)) == step


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
