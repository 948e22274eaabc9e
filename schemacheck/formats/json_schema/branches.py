"""Branches, negations and conditions of two sides, paired by what they say: not by where they stand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.prove import Prover
from schemacheck.formats.json_schema.shape import Choice, Expr, Shape
from schemacheck.model import Rule

Found = tuple[Rule, dict[str, Any], str]
_MANY = 40  # branches of which each pair is looked at


class Branches:
    """Pairs by the proofs of one prover."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.pool = prover.pool

    def differences(self, old: Expr, new: Expr) -> Iterator[Found]:
        """What came and went."""
        mine, theirs = self.pool.shape(old), self.pool.shape(new)
        for one in (False, True):
            pair, keyword = (rules.ONE_BRANCH, "oneOf") if one else (rules.ANY_BRANCH, "anyOf")
            for before, after in _choices(mine, theirs, one):
                _, gone, come = self._paired(before.branches, after.branches)
                if len(gone) != len(come):
                    yield from ((pair[0], {}, keyword) for _ in gone)
                    yield from ((pair[1], {}, keyword) for _ in come)
                if one:
                    overlaps = self._overlaps(new, after) - self._overlaps(old, before)
                    if overlaps:
                        yield rules.OVERLAP[overlaps < 0], {}, keyword
        _, gone, come = self._paired(mine.nots, theirs.nots)
        yield from ((rules.NOT[0], {}, "not") for _ in come)
        yield from ((rules.NOT[1], {}, "not") for _ in gone)
        former, further = self._conditions(mine, theirs)
        yield from ((rules.CONDITION[0], {}, "if") for _ in further)
        yield from ((rules.CONDITION[1], {}, "if") for _ in former)

    def pairs(self, old: Expr, new: Expr) -> Iterator[tuple[Expr, Expr, str]]:
        """Branches that belong together, and what they are called."""
        mine, theirs = self.pool.shape(old), self.pool.shape(new)
        for one in (False, True):
            for before, after in _choices(mine, theirs, one):
                pairs, gone, come = self._paired(before.branches, after.branches)
                if len(gone) == len(come):
                    pairs += zip(gone, come, strict=True)
                for left, right in sorted(pairs, key=lambda pair: after.branches.index(pair[1])):
                    yield left, right, self._name(after, right)

    def _name(self, choice: Choice, branch: Expr) -> str:
        tag = next(iter(sorted(self._tags(branch))), None)
        return f"{tag[0]}={tag[1]}" if tag else str(choice.branches.index(branch))

    def _paired(
        self, mine: Sequence[Expr], theirs: Sequence[Expr]
    ) -> tuple[list[tuple[Expr, Expr]], list[Expr], list[Expr]]:
        """Those that mean the same or carry the same tag, and what is left on either side."""
        gone, come = list(mine), list(theirs)
        pairs: list[tuple[Expr, Expr]] = []
        for fits in (self._tagged_alike, self._equal):
            for left in list(gone):
                right = next((other for other in come if fits(left, other)), None)
                if right is not None:
                    pairs.append((left, right))
                    gone.remove(left)
                    come.remove(right)
        return pairs, gone, come

    def _equal(self, left: Expr, right: Expr) -> bool:
        return self.prover.proves(left, right) and self.prover.proves(right, left)

    def _tagged_alike(self, left: Expr, right: Expr) -> bool:
        return bool(self._tags(left) & self._tags(right))

    def _tags(self, branch: Expr) -> set[tuple[str, str]]:
        """Required properties that can have one text only."""
        shape = self.pool.shape(branch)
        found = set()
        for name in shape.required:
            inner = self.pool.shape(self.prover.member(shape, name))
            if inner.enum is not None and len(inner.enum) == 1:
                (value,) = inner.enum.values()
                if isinstance(value, str):
                    found.add((name, value))
        return found

    def _overlaps(self, expr: Expr, choice: Choice) -> int:
        """How many pairs of branches may hold at once."""
        never = frozenset([self.pool.never])
        pairs = itertools.combinations(choice.branches[:_MANY], 2)
        return sum(not self.prover.proves(expr | one | two, never) for one, two in pairs)

    def _conditions(self, mine: Shape, theirs: Shape) -> tuple[list[Choice], list[Choice]]:
        gone = [choice for choice in mine.choices if choice.condition is not None]
        come = [choice for choice in theirs.choices if choice.condition is not None]
        for left in list(gone):
            right = next((other for other in come if self._alike(left, other)), None)
            if right is not None:
                gone.remove(left)
                come.remove(right)
        return gone, come

    def _alike(self, left: Choice, right: Choice) -> bool:
        assert left.condition is not None
        assert right.condition is not None
        return all(self._equal(one, other) for one, other in zip(left.condition, right.condition, strict=True))


def _choices(mine: Shape, theirs: Shape, one: bool) -> Iterator[tuple[Choice, Choice]]:
    """Choices of one kind, in order."""
    left, right = (
        [choice for choice in shape.choices if choice.one is one and choice.condition is None]
        for shape in (mine, theirs)
    )
    return zip(left, right, strict=False)
