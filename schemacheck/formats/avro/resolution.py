"""The words of a comparison: edges between uses, pairs of types, and which kinds a reader takes for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.avro.tree import Named, Type, Union, Use
from schemacheck.model import Change, Direction, Rule

NONE, B, F, BF = Direction.NONE, Direction.BACKWARD, Direction.FORWARD, Direction.FULL

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
    dirs: Direction
    promoted: Direction = NONE  # of these, where a branch is taken by promotion although the taker has a match already
    namesake: Direction = NONE  # the same for a branch taken by short name or alias
    in_union: Direction = NONE  # of these, where the reader's side is a union
    at_root: str = ""  # ...and what it is at the root, which has no name: the branch alone, `Card.number`


@dataclass(slots=True, eq=False)
class Pair:
    """An old and a new type, and all directions in which a reader puts them together."""

    old: Type
    new: Type
    edges: Sequence[Edge] = ()
    facing: Direction = NONE
    plain: Direction = NONE  # of these, other than as `promoted`
    named: Direction = NONE  # of these, other than as `namesake`
    in_union: Direction = NONE

    @property
    def resolving(self) -> Direction:
        """The directions in which the kinds fit, so that the reader goes on to what is inside."""
        return self.facing & resolving(self.old, self.new)


def resolving(old: Type, new: Type) -> Direction:
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

    def change(self, rule: Rule, values: Mapping[str, Any], within: Direction) -> Change:
        """A change of this very place."""
        return Change(rule, values, self.where, self.pointer, self.old_pointer, within)

    def below(self, edge: Edge) -> Spot:
        """Where an edge leads."""
        where = self.where + edge.suffix if self.where else edge.at_root or edge.suffix
        return Spot(where, edge.new.pointer, edge.old.pointer)


def title(node: Type) -> str:
    """A type by its full name, or by its kind if it has none."""
    return node.name if isinstance(node, Named) else node.kind
