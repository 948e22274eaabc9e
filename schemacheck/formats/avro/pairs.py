"""Which old type a reader puts against which new one, and in which directions: the ground that `diff` stands on.

A pair *faces* in a direction when a reader there meets the one type where it expects the other, and *resolves* there
when kind or promotion allows it; only resolving directions go on to what is below. A work list gathers the directions
of every pair until nothing is new. Since a union commits to one branch without looking inside, nothing is ever assumed
and taken back: recursion needs no care (a pair is unreadable exactly when a break can be reached from it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from schemacheck.formats.avro.fields import match_fields
from schemacheck.formats.avro.resolution import BF, Edge, Fields, Pair, Ways
from schemacheck.formats.avro.tree import (
    PRIMITIVES,
    Container,
    Named,
    Record,
    Schema,
    Type,
    Union,
    equal_for_java,
    same_text,
)
from schemacheck.formats.avro.unions import branch_edges

Claims = Mapping[str, Sequence[Named]]


class Pairs:
    """All pairs of two events."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old = old
        self.new = new
        self.root = Edge(old.root, new.root, "", BF)
        self._found: dict[tuple[int, int], Pair] = {}
        self._gather()

    @cached_property
    def equal_for_java(self) -> bool:
        """Whether Java finds the two events equal, and so never applies their aliases."""
        return equal_for_java(self.old, self.new)

    @cached_property
    def claims(self) -> tuple[Claims, Claims]:
        """For the old and the new event: each alias of a type, and the types that have it."""
        return _claims(self.old), _claims(self.new)

    def of(self, edge: Edge) -> Pair | None:
        """The pair that an edge leads to; None if no reader ever follows it."""
        return self._found.get((id(self.old.node(edge.old)), id(self.new.node(edge.new))))

    def all(self) -> Sequence[Pair]:
        """Every pair, in the order in which they were met."""
        return list(self._found.values())

    def _gather(self) -> None:
        waiting = self._meet(self.root, BF)
        while waiting:
            pair = waiting.pop()
            for edge in pair.edges:
                if edge.dirs & pair.resolving:
                    waiting += self._meet(edge, edge.dirs & pair.resolving)

    def _meet(self, edge: Edge, dirs: Ways) -> list[Pair]:
        """Give a pair the directions of an edge; the pair itself, if one is new to it."""
        old, new = self.old.node(edge.old), self.new.node(edge.new)
        pair = self._found.get((id(old), id(new)))
        if pair is None:
            pair = self._found[id(old), id(new)] = self._make(old, new, edge)
        faced = pair.facing
        pair.facing |= dirs
        pair.plain |= dirs & ~edge.promoted
        pair.named |= dirs & ~edge.namesake
        pair.in_union |= dirs & edge.in_union
        return [pair] if pair.facing != faced else []

    def _make(self, old: Type, new: Type, edge: Edge) -> Pair:
        if isinstance(old, Union) or isinstance(new, Union):
            return Pair(old, new, branch_edges(self.old, edge.old, self.new, edge.new))
        if isinstance(old, Record) and isinstance(new, Record):
            fields = match_fields(old, new)
            return Pair(old, new, list(self._field_edges(fields)), fields)
        if isinstance(old, Container) and isinstance(new, Container) and old.kind == new.kind:
            return Pair(old, new, [Edge(old.items, new.items, "[]" if old.kind == "array" else "{}", BF)])
        return Pair(old, new)

    def _field_edges(self, fields: Fields) -> Iterator[Edge]:
        """To the types of all fields, but where nothing can differ."""
        claimed = any(self.claims)  # an alias elsewhere may say something about a type that did not change
        for pair in fields.pairs:
            old, new = pair.old.type, pair.new.type
            if not same_text(old, new) or (claimed and self.old.node(old).kind not in PRIMITIVES):
                yield Edge(old, new, f".{pair.new.name}", pair.dirs)


def _claims(schema: Schema) -> Claims:
    found: dict[str, list[Named]] = {}
    for node in schema.types.values():
        for alias in node.aliases:
            if alias != node.name:
                found.setdefault(alias, []).append(node)
    return found
