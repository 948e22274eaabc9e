"""What a walk asks about two sides: which directions are proven at a place, and what is written there."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace

from schemacheck.formats.json_schema.pool import Exhausted
from schemacheck.formats.json_schema.search import Search
from schemacheck.formats.json_schema.shape import ANY, Expr, Shape
from schemacheck.formats.json_schema.verdict import Comparison
from schemacheck.model import Direction

B, F = Direction.BACKWARD, Direction.FORWARD
_TRIED = 20  # values that are tried where a proof failed


class Ask:
    """Asks the prover of one comparison."""

    def __init__(self, comparison: Comparison) -> None:
        self.pool = comparison.pool
        self.prover = comparison.prover
        self.never: Expr = frozenset([self.pool.never])
        self._shapes: dict[Expr, Shape] = {}

    def ways(self, old: Expr, new: Expr) -> Direction:
        """The directions that are not proven."""
        back = Direction.NONE if self.prover.proves(old, new) else B
        return back | (Direction.NONE if self.prover.proves(new, old) else F)

    def lost(self, old: Expr, new: Expr) -> Direction:
        """The directions in which a value is known that the other side refuses."""
        return (B if self._refuted(old, new) else Direction.NONE) | (F if self._refuted(new, old) else Direction.NONE)

    def _refuted(self, left: Expr, right: Expr) -> bool:
        search = Search(self.prover.again())
        with contextlib.suppress(Exhausted, RecursionError):
            return any(
                search.evaluator.holds(left, value) is True and search.evaluator.holds(right, value) is False
                for value in itertools.islice(search.against(left, right), _TRIED)
            )
        return False

    def dead(self, expr: Expr) -> bool:
        """Whether no value is left."""
        return self.prover.proves(expr, self.never)

    def only(self, expr: Expr, *kinds: str) -> Expr:
        """The expression for values of some types."""
        return expr | {self.pool.make(2020, {"type": sorted(kinds)})}

    def shape(self, expr: Expr) -> Shape:
        """The shape, with the types alone of which there are values."""
        if expr not in self._shapes:
            shape = self.pool.shape(expr)
            if (shape.choices or shape.nots) and len(shape.types) > 1:
                alive = frozenset(kind for kind in shape.types if not self.dead(self.only(expr, kind)))
                shape = replace(shape, types=alive)
            self._shapes[expr] = shape
        return self._shapes[expr]

    def member(self, expr: Expr, name: str) -> Expr:
        """What the value of a name must be, also by what is demanded of names that nothing evaluates."""
        shape = self.pool.shape(expr)
        found = self.prover.member(shape, name)
        if name not in set(self.prover.declared(shape)):
            found |= self.written(expr, "unevaluatedProperties")
        return found

    def item(self, expr: Expr, index: int) -> Expr:
        """What an item must be, likewise."""
        shape = self.pool.shape(expr)
        return shape.at(index) | (self.written(expr, "unevaluatedItems") if index >= shape.prefix() else ANY)

    def written(self, expr: Expr, keyword: str) -> Expr:
        """All that is written under a keyword which holds one schema."""
        locs = (self.pool.locs[atom] for atom in self.pool.conjuncts(expr))
        return ANY.union(*(self.pool.of(loc.child(keyword)) for loc in locs if loc.get(keyword) is not None))

    def first(self, expr: Expr, *keywords: str) -> str:
        """The first keyword that is written; the last if none is."""
        locs = [self.pool.locs[atom] for atom in self.pool.conjuncts(expr)]
        return next((key for key in keywords if any(loc.get(key) is not None for loc in locs)), keywords[-1])
