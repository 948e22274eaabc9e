"""The properties of an event as anybody sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.formats.json_schema.load import Schema
from schemacheck.formats.json_schema.places import note, placed
from schemacheck.formats.json_schema.pool import Exhausted, Pool
from schemacheck.formats.json_schema.shape import Expr, Shape
from schemacheck.formats.json_schema.values import ALL, ARRAY, NULL, NUMBER, OBJECT
from schemacheck.model import Member

_DEPTH = 12
_FORMATS = {"date-time": "timestamp"}


def outline(schema: Schema) -> Sequence[Member]:
    """The properties of the root, if it is an object; with those of its branches."""
    pool = Pool(schema.files)
    try:
        return tuple(_members(pool, pool.of(schema.files.root), frozenset()))
    except (Exhausted, RecursionError):
        return ()


def _members(pool: Pool, expr: Expr, above: frozenset[Expr]) -> Iterator[Member]:
    if _meaning(pool, expr) in above or len(above) > _DEPTH:
        return
    found: dict[str, Member] = {}
    for part in _alternatives(pool, expr):
        shape = pool.shape(part)
        for names in shape.names:
            for name, inner in names.props.items():
                pool.spend(40)
                if name not in found and pool.shape(inner).types:
                    found[name] = _member(pool, shape, name, inner, above | {_meaning(pool, expr)})
    yield from found.values()


def _meaning(pool: Pool, expr: Expr) -> Expr:
    """An expression without the atoms that only refer to others."""
    return frozenset(atom for atom in pool.conjuncts(expr) if pool.locs[atom].get("$ref") is None)


def _alternatives(pool: Pool, expr: Expr, depth: int = 3) -> Iterator[Expr]:
    """An expression, and its branches."""
    yield expr
    for choice in pool.shape(expr).choices if depth else ():
        for branch in choice.branches:
            yield from _alternatives(pool, branch, depth - 1)


def _member(pool: Pool, shape: Shape, name: str, expr: Expr, above: frozenset[Expr]) -> Member:
    parts = list(_alternatives(pool, expr))
    shapes = [pool.shape(part) for part in parts]
    typed = [one for one in shapes if one.types != ALL] or shapes[:1]
    kinds = {kind for one in typed for kind in one.types}
    inner = [one.at(one.prefix()) for one in typed if ARRAY in one.types and one.types != ALL]
    free = [names.rest for one in typed if OBJECT in one.types for names in one.names if names.rest and not names.props]
    return Member(
        name=name,
        types=frozenset(word for part in [*parts, *inner] for word in _words(pool, part)),
        pointer=placed(pool, expr, ("type",), "").removesuffix("/type") or None,
        nullable=NULL in kinds or name not in shape.required,
        repeated=bool(inner),
        mapped=bool(free),
        members=tuple(member for part in (expr, *inner) for member in _members(pool, part, above)),
    )


def _words(pool: Pool, expr: Expr) -> Iterator[str]:
    """The names of a type: as JSON Schema has it, and its format."""
    shape = pool.shape(expr)
    if shape.types == ALL:
        return
    for kind in sorted(shape.types - {NULL}):
        yield "integer" if kind == NUMBER and shape.integral else kind
    if isinstance(form := note(pool, expr, "format"), str):
        yield form
        yield _FORMATS.get(form, form)
