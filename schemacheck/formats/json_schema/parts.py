"""The right side of a proof, taken apart: one demand after the other, each to be met by the left side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from schemacheck.formats.json_schema.shape import ANY, Choice, Contains, Expr, Names, Shape
from schemacheck.formats.json_schema.values import ARRAY, NUMBER, OBJECT, STRING

if TYPE_CHECKING:
    from schemacheck.formats.json_schema.prove import Prover

Demand = Callable[[Expr, Shape], bool]
_POSITIONS = 200
UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_ONE = Fraction(1)


class Parts:
    """What one expression demands."""

    def __init__(self, prover: Prover, right: Expr) -> None:
        self.prover = prover
        self.right = right
        self.shape = prover.pool.shape(right)

    def goals(self) -> Iterator[Demand]:
        """The demands, the cheap ones first. Each is a question about a left side and its shape."""
        shape = self.shape
        yield self.types
        if shape.enum is not None:
            yield self.listed
        yield self.numbers
        yield self.strings
        yield self.arrays
        for index in range(min(shape.prefix(), _POSITIONS) + 1 if shape.tuples else 0):
            yield partial(self.position, index)
        if shape.prefix() > _POSITIONS:
            yield lambda _left, _shape: False
        yield self.objects
        yield self.keys
        for names in shape.names:
            yield partial(self.members, names)
        for one in shape.contains:
            yield partial(self.contains, one)
        for inner in shape.nots:
            yield partial(self.excluded, inner)
        for keyword, atom in shape.opaque:
            yield partial(self.opaque, keyword, atom)

    def has(self, shape: Shape, kind: str) -> bool:
        """Whether an instance of a type may be left on the left side."""
        return kind in shape.types and not self.prover.dead(shape, kind)

    def types(self, _left: Expr, shape: Shape) -> bool:
        return not any(self.has(shape, kind) for kind in sorted(shape.types - self.shape.types))

    def listed(self, left: Expr, shape: Shape) -> bool:
        assert self.shape.enum is not None
        if shape.enum is None:
            return False
        return all(key in self.shape.enum or self.prover.refused(left, value) for key, value in shape.enum.items())

    def numbers(self, left: Expr, shape: Shape) -> bool:
        right = self.shape
        if NUMBER not in right.types or not self.has(shape, NUMBER):
            return True
        if shape.enum is not None:
            return self._values(left, shape, NUMBER)
        low = right.low is None or (shape.low is not None and shape.low >= right.low)
        high = right.high is None or (
            shape.high is not None and (shape.high[0], not shape.high[1]) <= (right.high[0], not right.high[1])
        )
        mine = shape.steps | ({_ONE} if shape.integral else set())
        steps = all(any((own / step).denominator == 1 for own in mine) for step in right.steps)
        return low and high and steps and right.integral <= shape.integral

    def strings(self, left: Expr, shape: Shape) -> bool:
        right = self.shape
        if STRING not in right.types or not self.has(shape, STRING):
            return True
        if shape.enum is not None:
            return self._values(left, shape, STRING)
        long_enough = shape.min_length >= right.min_length and _within(shape.max_length, right.max_length)
        return long_enough and right.patterns <= shape.patterns

    def _values(self, left: Expr, shape: Shape, kind: str) -> bool:
        """Each value of one type in the left side's list, against the whole right side."""
        assert shape.enum is not None
        values = [value for key, value in shape.enum.items() if key[0] == kind]
        return all(
            self.prover.refused(left, value) or self.prover.accepted(shape, self.right, value) for value in values
        )

    # --- arrays -------------------------------------------------------------------------------------------------------

    def arrays(self, _left: Expr, shape: Shape) -> bool:
        right = self.shape
        if ARRAY not in right.types or not self.has(shape, ARRAY):
            return True
        most = self._longest(shape)
        unique = not right.unique or shape.unique or (most is not None and most <= 1)
        return shape.min_items >= right.min_items and _within(most, right.max_items) and unique

    def _longest(self, shape: Shape) -> int | None:
        """The most items that an array of the left side can have."""
        for index in range(min(shape.prefix(), _POSITIONS) + 1):
            if shape.max_items is not None and index >= shape.max_items:
                break
            if self.prover.nothing(shape.at(index)):
                return index
        return shape.max_items

    def position(self, index: int, _left: Expr, shape: Shape) -> bool:
        """What stands at an index; for the last one, also all that follow."""
        right = self.shape
        if ARRAY not in right.types or not self.has(shape, ARRAY):
            return True
        last = index == right.prefix()
        for at in range(index, max(index, min(shape.prefix(), _POSITIONS) if last else index) + 1):
            if shape.max_items is not None and at >= shape.max_items:
                return True
            if any(self.prover.nothing(shape.at(before)) for before in range(min(at, shape.prefix() + 1))):
                return True
            if not self.prover.deeper(shape.at(at), right.at(at)):
                return False
        return not last or shape.prefix() <= _POSITIONS

    def contains(self, wanted: Contains, _left: Expr, shape: Shape) -> bool:
        """How many items fit: what the left side counts is counted here, and the reverse for the most."""
        if ARRAY not in self.shape.types or not self.has(shape, ARRAY):
            return True
        enough = wanted.least == 0 or any(
            own.least >= wanted.least and self.prover.deeper(own.inner, wanted.inner) for own in shape.contains
        )
        few = wanted.most is None or any(
            own.most is not None and own.most <= wanted.most and self.prover.deeper(wanted.inner, own.inner)
            for own in shape.contains
        )
        return enough and few

    # --- objects ------------------------------------------------------------------------------------------------------

    def objects(self, _left: Expr, shape: Shape) -> bool:
        right = self.shape
        if OBJECT not in right.types or not self.has(shape, OBJECT):
            return True
        if not right.required <= shape.required:
            return False
        names = self._all_names(shape)
        most = shape.max_props if names is None else min(len(names), shape.max_props or len(names))
        if shape.max_props == 0:
            most = 0
        return max(shape.min_props, len(shape.required)) >= right.min_props and _within(most, right.max_props)

    def _all_names(self, shape: Shape) -> set[str] | None:
        """Every name that an object of the left side can have, if that is a list."""
        if shape.max_props is not None and shape.max_props <= len(shape.required):
            return set(shape.required)
        if shape.key_names:
            keys = self.prover.pool.shape(shape.key_names)
            if keys.enum is not None:
                return {name for name in keys.enum.values() if isinstance(name, str)}
        for names in shape.names:
            if not names.patterns and self.prover.nothing(self.prover.rest(shape, names)):
                closed = self.prover.closed and names.free
                declared = set(self.prover.declared(shape)) if closed else set(names.props)
                return {name for name in declared if not self.prover.nothing(self.prover.member(shape, name))}
        return None

    def keys(self, _left: Expr, shape: Shape) -> bool:
        """What names may be like."""
        right = self.shape
        if not right.key_names or OBJECT not in right.types or not self.has(shape, OBJECT):
            return True
        names = self._all_names(shape)
        if names is not None:
            return all(self.prover.evaluator.holds(right.key_names, name) is True for name in names)
        string = self.prover.pool.make(2020, {"type": "string"})
        return self.prover.deeper(shape.key_names | {string}, right.key_names)

    def members(self, wanted: Names, _left: Expr, shape: Shape) -> bool:
        """What the values of names must be: of each that one side mentions, of each pattern, and of all others."""
        right = self.shape
        if OBJECT not in right.types or not self.has(shape, OBJECT) or shape.max_props == 0:
            return True
        listed = self._all_names(shape)
        mentioned = {*wanted.props, *self.prover.declared(shape)} if listed is None else listed
        for name in sorted(mentioned, key=lambda name: (not self._tags(wanted, name), name)):
            if not self.prover.deeper(self.prover.member(shape, name), self.prover.wanted(wanted, name)):
                return False
        if listed is not None:
            return True
        if not all(self._pattern(wanted, pattern, shape) for pattern in wanted.patterns):
            return False
        return not wanted.rest or self._others(wanted, shape)

    def _tags(self, wanted: Names, name: str) -> bool:
        """Whether a list of values stands there: it tells branches apart, and costs nothing."""
        return name in wanted.props and self.prover.pool.shape(wanted.props[name]).enum is not None

    def _pattern(self, wanted: Names, pattern: str, shape: Shape) -> bool:
        """Names of which a pattern is found; which of the left side's other patterns are, is not known."""
        found = ANY
        for names in shape.names:
            if pattern in names.patterns:
                found |= names.patterns[pattern]
            elif not names.patterns:
                found |= self.prover.rest(shape, names)
        return self.prover.deeper(found, wanted.patterns[pattern])

    def _others(self, wanted: Names, shape: Shape) -> bool:
        """Names that nothing on the right mentions."""
        found = ANY
        for names in shape.names:
            further = [inner for pattern, inner in names.patterns.items() if pattern not in wanted.patterns]
            rest = self.prover.rest(shape, names)
            if not further:
                found |= rest
            elif all(self.prover.deeper(inner, wanted.rest) for inner in [rest, *further]):
                return True
        return self.prover.deeper(found, wanted.rest)

    # --- logic --------------------------------------------------------------------------------------------------------

    def excluded(self, inner: Expr, left: Expr, _shape: Shape) -> bool:
        return self.prover.empty(left | inner)

    def opaque(self, keyword: str, atom: int, _left: Expr, shape: Shape) -> bool:
        """The same keyword beside the same neighbours on the left, saying no less."""
        if (OBJECT if keyword == "unevaluatedProperties" else ARRAY) not in shape.types and keyword in UNEVALUATED:
            return True
        same = self.prover.same
        alike = [other for own, other in shape.opaque if own == keyword]
        if any(same.atoms(other, atom) for other in alike):
            return True
        beside = [other for other in alike if keyword in UNEVALUATED and same.beside(other, atom, keyword)]
        return any(self.prover.deeper(*(self._said(one, keyword) for one in (other, atom))) for other in beside)

    def _said(self, atom: int, keyword: str) -> Expr:
        return self.prover.pool.of(self.prover.pool.locs[atom].child(keyword))

    def choice(self, choice: Choice, left: Expr, _shape: Shape) -> bool:
        """The branches as they are, or one type of the left side after the other."""
        if self._branches(choice, left):
            return True
        kinds = self.prover.glance.kinds(left)
        if len(kinds) == 1:
            return False
        for kind in sorted(kinds):
            piece = left | {self.prover.pool.make(2020, {"type": kind})}
            if not (self.prover.empty(piece) or self._branches(choice, piece)):
                return False
        return True

    def _branches(self, choice: Choice, left: Expr) -> bool:
        if choice.condition is not None:
            return self._condition(choice.condition, left)
        glance = self.prover.glance
        fitting = [choice.branches[index] for index in glance.fitting(choice, left)]
        for index, branch in enumerate(fitting):
            if not glance.beyond(left, branch) and self.prover.includes(left, branch):
                others = (other for at, other in enumerate(fitting) if at != index)
                if not choice.one or all(self.prover.empty(left | other) for other in others):
                    return True
        return False

    def paired(self, choice: Choice, left: Expr, shape: Shape) -> bool:
        """Whether a `oneOf` of the left side is this one, branch for branch, so that as many hold."""
        return choice.one and any(own.one and self._paired(own, choice, left) for own in shape.choices)

    def _paired(self, own: Choice, choice: Choice, left: Expr) -> bool:
        """Whether each branch of the left means one of the right, and the right's others nothing."""
        free = list(choice.branches)
        for branch in own.branches:
            for other in free:
                if self.prover.includes(left | branch, other) and self.prover.includes(left | other, branch):
                    free.remove(other)
                    break
            else:
                return False
        return all(self.prover.empty(left | other) for other in free)

    def _condition(self, condition: tuple[Expr, Expr, Expr], left: Expr) -> bool:
        when, then, other = condition
        without = frozenset([self.prover.pool.negation(when)])
        if not (
            self.prover.includes(left, then)
            or self.prover.includes(left | when, then)
            or self.prover.empty(left | when)
        ):
            return False
        return (
            self.prover.includes(left, other)
            or self.prover.includes(left, when)
            or self.prover.includes(left | without, other)
        )


def _within(mine: int | None, limit: int | None) -> bool:
    return limit is None or (mine is not None and mine <= limit)
