"""The facts between two events. Read `_pair_changes` from top to bottom: it is the order of the report.

What is paired, and in which directions, `pairs` has found; here each pair tells once what changed about it, in the
order of the new document, at the first place that leads to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.fields import (
    Records,
    added_changes,
    pair_changes,
    record_changes,
    removed_changes,
)
from schemacheck.formats.avro.meaning import meaning_changes
from schemacheck.formats.avro.named import (
    claim_changes,
    enum_changes,
    error_changes,
    fixed_changes,
    kind_changes,
    name_changes,
)
from schemacheck.formats.avro.pairs import Pairs
from schemacheck.formats.avro.resolution import Edge, FieldPair, Pair, Spot
from schemacheck.formats.avro.tree import Enum, Fixed, Named, Record, Schema, Union
from schemacheck.formats.avro.unions import union_changes
from schemacheck.model import Change


def diff(old: Schema, new: Schema) -> Iterator[Change]:
    """Every change between two events, in document order of the new one."""
    changes = [change for _, change in walk(Pairs(old, new))]
    # fastavro reads by the writer's schema alone as long as nothing differs, so anything else exposes such a union.
    if all(change.rule in _EXPOSED for change in changes):
        return iter(())
    return iter(changes)


_EXPOSED = (rules.AMBIGUOUS_UNION_EXPOSED, rules.TYPE_ALIAS_BECAME_AMBIGUOUS, rules.TYPE_ALIAS_WAS_AMBIGUOUS)


def walk(pairs: Pairs) -> Iterator[tuple[Pair, Change]]:
    """Every change with the pair it is about.

    Depth first through all pairs, with a stack of its own: references may nest deeper than Python recurses.
    """
    roots = (pairs.new.node(pairs.root.new), pairs.old.node(pairs.root.old))
    where = next((root.short for root in roots if isinstance(root, Named)), "")
    start = pairs.of(pairs.root)
    assert start is not None
    told = {id(start)}
    spot = Spot(where, pairs.new.root.pointer, pairs.old.root.pointer)
    stack = [(start, spot, _pair_changes(pairs, start, spot, root=True))]
    while stack:
        pair, spot, rest = stack[-1]
        found = next(rest, None)
        if found is None:
            stack.pop()
        elif isinstance(found, Change):
            yield pair, found
        else:
            inner = pairs.of(found)
            if inner is not None and id(inner) not in told:
                told.add(id(inner))
                below = spot.below(found)
                stack.append((inner, below, _pair_changes(pairs, inner, below, root=False)))


def _pair_changes(pairs: Pairs, pair: Pair, spot: Spot, root: bool) -> Iterator[Change | Edge]:
    """What changed about one pair, with the edges to what is below it in their place."""
    old, new = pair.old, pair.new
    if isinstance(old, Union) or isinstance(new, Union):
        yield from union_changes(pairs.old, pairs.new, pair, spot)
        return
    if old.kind != new.kind:
        yield from kind_changes(pair, spot)
        yield from meaning_changes(old, new, spot, pair.resolving, pairs.new.tags)
        return
    # What a named type says stands at its definition, which may be in another place, or another file, than its use.
    at = Spot(spot.where, new.pointer, old.pointer)
    if isinstance(old, Named) and isinstance(new, Named):
        yield from name_changes(old, new, pair, at, root)
        yield from claim_changes(old, new, pair, at, pairs)
    yield from meaning_changes(old, new, at, pair.resolving, pairs.new.tags)
    if isinstance(old, Enum) and isinstance(new, Enum):
        yield from enum_changes(old, new, pair, at)
    elif isinstance(old, Fixed) and isinstance(new, Fixed):
        yield from fixed_changes(old, new, pair, at)
    elif isinstance(old, Record) and isinstance(new, Record):
        assert pair.fields is not None
        yield from error_changes(old, new, pair, at)
        yield from _record(pairs, pair, Records(old, new, pairs.old, pairs.new, pair.fields, pair.resolving, at))
    else:
        yield from pair.edges


def _record(pairs: Pairs, pair: Pair, both: Records) -> Iterator[Change | Edge]:
    """A record's fields in the order of the new one, then those that left."""
    yield from record_changes(both, lambda: pairs.equal_for_java)
    edges = {(edge.old.pointer, edge.new.pointer): edge for edge in pair.edges}
    met: dict[str, list[FieldPair]] = {}
    for one in both.fields.pairs:
        met.setdefault(one.new.name, []).append(one)
    for field in both.new.fields:
        if field.name not in met:
            yield from added_changes(both, field)
        for one in met.get(field.name, ()):
            yield from pair_changes(both, one)
            below = edges.get((one.old.type.pointer, one.new.type.pointer))
            if below:
                yield below
    for field in both.fields.removed:
        yield from removed_changes(both, field)
