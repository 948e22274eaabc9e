"""What differs between the branches, negations and conditions of one place, paired by what they say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.ask import Ask, B, F
from schemacheck.formats.json_schema.places import Found, Pair, spelt
from schemacheck.formats.json_schema.shape import Choice, Expr, Shape
from schemacheck.formats.json_schema.variants import Paired, Side, constants, paired
from schemacheck.model import Direction

_PAIRS = 780  # pairs of one choice that may overlap
_BRANCH = {True: rules.ONE_BRANCH, False: rules.ANY_BRANCH}
_KEYWORD = {True: "oneOf", False: "anyOf"}
Choices = tuple[list[tuple[Choice, Choice]], list[Choice], list[Choice]]


@dataclass(frozen=True, slots=True)
class Lone:
    """A choice where the other side has none. `kept`: the branch that is what the other side has."""

    added: bool
    choice: Choice
    kept: Expr | None


class Branches:
    """Compares by what one walk knows."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.pool = ask.pool
        self.pool.refill()
        self._sides: dict[tuple[Expr, tuple[Expr, ...], bool], Side] = {}
        self._pairs: dict[tuple[Side, Side], tuple[str | None, Paired | None]] = {}
        self._known_overlaps: dict[Side, int] = {}

    def differences(self, pair: Pair) -> Iterator[Found]:
        """What came and went."""
        both, gone, come = self._choices(pair)
        for old, new in both:
            yield from self._choice(pair, old, new)
        lone = self.lone(pair)
        if lone is not None:
            yield from self._beside(pair, lone.added, lone.choice, lone.kept)
        else:
            yield from ((rules.ALL_BRANCH[0], {"keyword": _KEYWORD[one.one]}, (_KEYWORD[one.one],)) for one in come)
            yield from ((rules.ALL_BRANCH[1], {"keyword": _KEYWORD[one.one]}, (_KEYWORD[one.one],)) for one in gone)
        yield from self._nots(pair)
        yield from self._conditions(pair)

    def below(self, pair: Pair) -> Iterator[tuple[Expr, Expr, str]]:
        """Branches that belong together, and what they are called."""
        for old, new in self._choices(pair)[0]:
            right = self._side(pair.new, new)
            _, found = self._paired(self._side(pair.old, old), right)
            pairs = found[0] if found is not None else []
            for one, two in sorted(pairs, key=lambda both: new.branches.index(both[1])):
                yield one, two, right.name(two)

    def joined(self, pair: Pair) -> tuple[Expr, Expr, str] | None:
        """A schema and the branch that it became, or the reverse, and what the branch is called."""
        lone = self.lone(pair)
        if lone is None or lone.kept is None:
            return None
        side = self._side(pair.new if lone.added else pair.old, lone.choice)
        full, single, name = side.full(lone.kept), pair.old if lone.added else pair.new, side.name(lone.kept)
        types = self.ask.shape(full).types
        if types < self.ask.shape(single).types:  # other types are other branches', or told to be gone
            single = self.ask.only(single, *types)
        return (single, full, name) if lone.added else (full, single, name)

    def _choices(self, pair: Pair) -> Choices:
        """The choices of both sides, of one kind first, in order; those that are left on either side."""
        gone, come = (self._open(expr) for expr in (pair.old, pair.new))
        both: list[tuple[Choice, Choice]] = []
        for alike in (True, False):
            for old in list(gone):
                new = next((other for other in come if not alike or other.one is old.one), None)
                if new is not None:
                    both.append((old, new))
                    gone.remove(old)
                    come.remove(new)
        return both, gone, come

    def _open(self, expr: Expr) -> list[Choice]:
        """The choices of which no branch is among the atoms already."""
        found = (choice for choice in self.pool.shape(expr).choices if choice.condition is None)
        return [choice for choice in found if not any(branch <= expr for branch in choice.branches)]

    def _choice(self, pair: Pair, old: Choice, new: Choice) -> Iterator[Found]:
        left, right = self._side(pair.old, old), self._side(pair.new, new)
        shared, found = self._paired(left, right)
        if found is None:
            yield rules.DISCRIMINATOR, {"old": left.tags()[0], "new": right.tags()[0]}, (_KEYWORD[new.one],)
            return
        _, gone, come = found
        for index, (side, left_over, reader) in enumerate(((left, gone, pair.new), (right, come, pair.old))):
            yield from (
                self._left(index, side, branch, shared) for branch in left_over if self._new(side, branch, reader)
            )
        yield from self._counted(left, right)

    def _side(self, around: Expr, choice: Choice) -> Side:
        """The branches of a choice; the same ones wherever it is referred to."""
        key = self.pool.plain(around), choice.branches, choice.one
        if key not in self._sides:
            self._sides[key] = Side(self.ask, key[0], choice)
        return self._sides[key]

    def _paired(self, left: Side, right: Side) -> tuple[str | None, Paired | None]:
        """The tag of both sides, and the pairs of branches; None if each side has a tag of its own."""
        if (left, right) not in self._pairs:
            tags, others = left.tags(), right.tags()
            shared = next((tag for tag in tags if tag in others), None)
            apart = shared is None and tags and others
            self._pairs[left, right] = shared, None if apart else paired(left, right, shared)
        return self._pairs[left, right]

    def _left(self, index: int, side: Side, branch: Expr, tag: str | None) -> Found:
        """A branch that one side alone has."""
        steps = (_KEYWORD[side.choice.one], branch)
        if tag is None:
            return _BRANCH[side.choice.one][index], {"branch": side.name(branch)}, steps
        return rules.VARIANT[index], {"tag": tag, "value": spelt(side.value(branch, tag))}, steps

    def _counted(self, old: Side, new: Side) -> Iterator[Found]:
        """Whether what fits several branches is valid: under `anyOf` it is, under `oneOf` it is not."""
        one = new.choice.one
        before, after = self._overlaps(old), self._overlaps(new)
        if old.choice.one != one:
            if after if one else before:
                yield rules.BECAME[not one], {}, (_KEYWORD[one],)
        elif one and after != before:
            yield rules.OVERLAP[after < before], {}, ("oneOf",)

    def _overlaps(self, side: Side) -> int:
        """How many pairs of branches may hold at once, where only one may."""
        if not side.choice.one:
            return 0
        if side not in self._known_overlaps:
            pairs = itertools.islice(self.ask.prover.glance.together(side.choice, side.around), _PAIRS)
            self._known_overlaps[side] = sum(not self.ask.dead(both) for both in pairs)
        return self._known_overlaps[side]

    # --- a choice where the other side has none -----------------------------------------------------------------------

    def lone(self, pair: Pair) -> Lone | None:
        """The choice that one side alone has, if it stands for all that the other side says."""
        both, gone, come = self._choices(pair)
        if both or len(gone) + len(come) != 1:
            return None
        choice, added = (come or gone)[0], bool(come)
        side, single = self._side(pair.new if added else pair.old, choice), pair.old if added else pair.new
        equal = next((one for one in choice.branches if not self.ask.ways(side.full(one), single)), None)
        if equal is not None:
            return Lone(added, choice, equal)
        types = self.ask.shape(single).types
        fits = [one for one in choice.branches if self.ask.shape(side.full(one)).types & types]
        if len(fits) > 1 and not _plain(self.pool.shape(side.around)):
            return None
        if len(fits) > 1:
            names = {*self.pool.shape(single).declared()}
            shared = {one: len(names & {*self.pool.shape(side.full(one)).declared()}) for one in fits}
            fits = [one for one in fits if shared[one] == max(shared.values())]
        return Lone(added, choice, fits[0] if len(fits) == 1 else None)

    def _beside(self, pair: Pair, added: bool, choice: Choice, kept: Expr | None) -> Iterator[Found]:
        """The branches beside the one that is kept, as far as their types do not tell it already."""
        side, other = self._side(pair.new if added else pair.old, choice), pair.old if added else pair.new
        tag = next((tag for tag in side.tags() if tag in constants(self.ask, other)), None)
        for branch in choice.branches:
            if branch != kept and self._new(side, branch, other):
                yield self._left(added, side, branch, tag)
        if self._overlaps(side):
            yield rules.OVERLAP[not added], {}, ("oneOf",)

    def _new(self, side: Side, branch: Expr, other: Expr) -> bool:
        """Whether a branch takes documents that the other side does not, and not by their type alone."""
        full = side.full(branch)
        return bool(self.ask.shape(full).types & self.ask.shape(other).types) and not self.ask.prover.proves(
            full, other
        )

    # --- not, if ------------------------------------------------------------------------------------------------------

    def _nots(self, pair: Pair) -> Iterator[Found]:
        mine, theirs = list(self.pool.shape(pair.old).nots), list(self.pool.shape(pair.new).nots)
        for one in list(mine):
            other = next((two for two in theirs if not self.ask.ways(one, two)), None)
            if other is not None:
                mine.remove(one)
                theirs.remove(other)
        for one, other in zip(mine, theirs, strict=False):
            ways = self.ask.ways(one, other)
            yield from ((rules.NOT_LIMIT[way is B], {}, ("not",)) for way in (F, B) if way in ways)
        yield from ((rules.NOT[0], {}, ("not",)) for _ in theirs[len(mine) :])
        yield from ((rules.NOT[1], {}, ("not",)) for _ in mine[len(theirs) :])

    def _conditions(self, pair: Pair) -> Iterator[Found]:
        mine, theirs = (self._written(self.pool.shape(expr)) for expr in (pair.old, pair.new))
        for one in list(mine):
            other = next((two for two in theirs if not self._changed(one, two)), None)
            if other is not None:
                mine.remove(one)
                theirs.remove(other)
        for left, right in zip(mine, theirs, strict=False):
            ways = self._changed(left, right)
            yield from ((rules.CONDITION_LIMIT[way is F], {}, ("if",)) for way in (B, F) if way in ways)
        yield from ((rules.CONDITION[0], {}, ("if",)) for _ in theirs[len(mine) :])
        yield from ((rules.CONDITION[1], {}, ("if",)) for _ in mine[len(theirs) :])

    def _written(self, shape: Shape) -> list[tuple[Expr, Expr, Expr]]:
        """The conditions that are written as such, not as what depends on a property."""
        return [
            choice.condition
            for choice in shape.choices
            if choice.condition is not None and all(self.pool.locs[atom].file.path for atom in choice.condition[0])
        ]

    def _changed(self, old: tuple[Expr, Expr, Expr], new: tuple[Expr, Expr, Expr]) -> Direction:
        """The directions in which a condition may have become stricter."""
        if self.ask.ways(old[0], new[0]):
            return Direction.FULL
        return self.ask.ways(old[1], new[1]) | self.ask.ways(old[2], new[2])


def _plain(shape: Shape) -> bool:
    """Whether a shape says nothing beside its choices but which types there may be."""
    return replace(shape, choices=[]).only_types()
