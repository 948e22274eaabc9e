"""The words of a comparison: edges between uses, pairs of types, and which kinds a reader takes for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemacheck.formats.avro.tree import Field, Named, Type, Union, Use
from schemacheck.model import Change, Direction, Rule

# Directions as the bits of `model.Direction`: the walk does little else than to combine them, and enums are slow.
Ways = int
NONE, B, F, BF = 0, 1, 2, 3
DIRECTIONS = tuple(Direction(bits) for bits in (NONE, B, F, BF))

# writer → reader (specification, "Schema Resolution")
PROMOTIONS = frozenset(
    {
        *(("int", reader) for reader in ("long", "float", "double")),
        *(("long", reader) for reader in ("float", "double")),
        ("float", "double"),
        ("string", "bytes"),
        ("bytes", "string"),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """From a pair to one below it: the two uses, and the directions in which a reader puts them together."""

    old: Use
    new: Use
    suffix: str  # what it adds to `where`...
    dirs: Ways
    promoted: Ways = NONE  # of these, where a branch is taken by promotion although the taker has a match already
    namesake: Ways = NONE  # the same for a branch taken by short name or alias
    in_union: Ways = NONE  # of these, where the reader's side is a union
    at_root: str = ""  # ...and what it is at the root, which has no name: the branch alone, `Card.number`


@dataclass(frozen=True, slots=True)
class FieldPair:
    """Two fields that a reader puts together. `dirs` is both for equal names, else where an alias says so."""

    old: Field
    new: Field
    dirs: Ways

    @property
    def renamed(self) -> bool:
        return self.old.name != self.new.name


@dataclass(frozen=True, slots=True)
class Fields:
    """How the fields of two records face each other: pairs in the order of the new record, and the rest."""

    pairs: tuple[FieldPair, ...]
    added: tuple[Field, ...]
    removed: tuple[Field, ...]


@dataclass(slots=True, eq=False)
class Pair:
    """An old and a new type, and all directions in which a reader puts them together."""

    old: Type
    new: Type
    edges: Sequence[Edge] = ()
    fields: Fields | None = None  # of two records
    facing: Ways = NONE
    plain: Ways = NONE  # of these, other than as `promoted`
    named: Ways = NONE  # of these, other than as `namesake`
    in_union: Ways = NONE

    @property
    def resolving(self) -> Ways:
        """The directions in which the kinds fit, so that the reader goes on to what is inside."""
        return self.facing & resolving(self.old, self.new)


def resolving(old: Type, new: Type) -> Ways:
    """The directions in which the kinds of two types fit, by themselves or by promotion."""
    if old.kind == new.kind or isinstance(old, Union) or isinstance(new, Union):
        return BF
    found = NONE
    if (old.kind, new.kind) in PROMOTIONS:
        found |= B
    if (new.kind, old.kind) in PROMOTIONS:
        found |= F
    return found


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a pair stands: by name, and where each side writes it."""

    where: str
    pointer: str
    old_pointer: str

    def change(self, rule: Rule, values: Mapping[str, Any], within: Ways) -> Change:
        """A change of this very place."""
        return Change(rule, values, self.where, self.pointer, self.old_pointer, DIRECTIONS[within])

    def below(self, edge: Edge) -> Spot:
        """Where an edge leads."""
        where = self.where + edge.suffix if self.where else edge.at_root or edge.suffix
        return Spot(where, edge.new.pointer, edge.old.pointer)


def only_new(change: Change) -> Change:
    """The change of a thing that had no place in the old schema."""
    return replace(change, old_pointer=None)


def title(node: Type) -> str:
    """A type by its full name, or by its kind if it has none."""
    return node.name if isinstance(node, Named) else node.kind
