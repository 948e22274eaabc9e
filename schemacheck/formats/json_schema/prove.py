"""Proofs that every instance of one expression satisfies another. What is not modelled is not proven.

Each goal speaks of all instances, and is proven by induction over their size: a goal that is met again, after at least
one step into a property or an item, may be taken for proven. If it fails later, what rested on it is forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

from schemacheck.formats.json_schema import safe
from schemacheck.formats.json_schema.evaluate import Evaluator
from schemacheck.formats.json_schema.parts import Parts
from schemacheck.formats.json_schema.pool import Exhausted, Pool
from schemacheck.formats.json_schema.same import Same
from schemacheck.formats.json_schema.shape import ANY, SPELLING, Choice, Expr, Names, Shape
from schemacheck.formats.json_schema.tags import Glance
from schemacheck.formats.json_schema.values import ARRAY, NUMBER, OBJECT, respelt, type_of

_OPEN = 70  # goals that rest on each other
_DEEP = 20_000  # what it costs to go deeper, or to reach the end of the interpreter's stack
_SPLITS = 3  # choices of the left side that are opened for one goal
_ENOUGH = 64  # values of a list that are tried one by one
Goal = tuple[str, Expr, Expr]


class Prover:
    """Proves by one pool. `closed`: the left side's writers emit only the properties that they declare."""

    def __init__(self, pool: Pool, closed: bool = False) -> None:
        self.pool = pool
        self.closed = closed
        self.same = Same(pool)
        self.glance = Glance(pool)
        self.evaluator = Evaluator(pool, self.glance)
        self._declared: dict[int, Collection[str]] = {}  # by the identity of a shape, which the pool keeps
        self._open: dict[Goal, int] = {}  # a goal in progress to the depth where it was met
        self._proven: dict[Goal, None] = {}  # in the order of the proofs
        self._failed: set[Goal] = set()
        self._depth = 0

    def again(self) -> Prover:
        """The same with all that is known so far."""
        other = Prover(self.pool, self.closed)
        other.same, other._proven, other._failed = self.same, self._proven, self._failed
        return other

    def proves(self, left: Expr, right: Expr) -> bool:
        """Whether each instance of the left satisfies the right; False also where the budget ends."""
        try:
            return self.includes(left, right)
        except Exhausted:
            return False
        except RecursionError:
            self.pool.left -= _DEEP
            return False

    def includes(self, left: Expr, right: Expr) -> bool:
        """Whether each instance of the left satisfies the right."""
        left, right = self.pool.plain(left), self.pool.plain(right)
        if right <= left:
            return True
        return self._goal(("in", left, right), lambda: self._includes(left, right))

    def empty(self, expr: Expr) -> bool:
        """Whether no instance satisfies the expression."""
        expr = self.pool.plain(expr)
        return bool(expr) and self._goal(("no", expr, ANY), lambda: self._empty(expr))

    def _goal(self, goal: Goal, proof: Callable[[], bool]) -> bool:
        self.pool.spend(1)
        if goal in self._proven:
            return True
        if goal in self._failed:
            return False
        if goal in self._open:
            return self._depth > self._open[goal]
        self.pool.spend(8 + len(goal[1]) + (_DEEP if len(self._open) > _OPEN else 0))
        if len(self._open) > _OPEN:
            raise Exhausted
        before = len(self._proven)
        self._open[goal] = self._depth
        proven = False
        try:
            proven = proof()
        finally:  # also where the budget ends: what was proven meanwhile may rest on this goal
            self._open.pop(goal, None)
            while not proven and len(self._proven) > before:
                self._proven.popitem()
        if proven:
            self._proven[goal] = None
        else:
            self._failed.add(goal)
        return proven

    def deeper(self, left: Expr, right: Expr) -> bool:
        """Inclusion one step further down in the instance."""
        self._depth += 1
        try:
            return self.includes(left, right)
        finally:
            self._depth -= 1

    def nothing(self, expr: Expr) -> bool:
        """Emptiness one step further down."""
        self._depth += 1
        try:
            return self.empty(expr)
        finally:
            self._depth -= 1

    # --- emptiness ----------------------------------------------------------------------------------------------------

    def _empty(self, expr: Expr) -> bool:
        shape = self.pool.shape(expr)
        if not shape.types:
            return True
        if shape.enum is not None and len(shape.enum) <= _ENOUGH:
            return all(self.refused(expr, value) for value in shape.enum.values())
        if all(self.dead(shape, kind) for kind in shape.types):
            return True
        if any(self.includes(expr, inner) for inner in shape.nots):
            return True
        return any(all(self.apart(expr, branch) for branch in choice.branches) for choice in self._splits(expr, shape))

    def apart(self, one: Expr, other: Expr) -> bool:
        """Whether no instance satisfies both."""
        return self.glance.apart(one, other) or self.empty(one | other)

    def refused(self, expr: Expr, value: Any) -> bool:
        """Whether a value does not satisfy an expression, however it is written."""
        return all(self.evaluator.holds(expr, spelt) is False for spelt in (value, respelt(value)))

    def dead(self, shape: Shape, kind: str) -> bool:
        """Whether no instance of one type is left, by what is inside it."""
        if kind == ARRAY:
            return any(self.nothing(shape.at(index)) for index in range(min(shape.min_items, shape.prefix() + 1)))
        if kind == OBJECT:
            if any(
                not names.patterns and len(names.props) < shape.min_props and self.nothing(self.rest(shape, names))
                for names in shape.names
            ):
                return not (self.closed and self.declared(shape))
            return any(
                self.nothing(self.member(shape, name))
                or (bool(shape.key_names) and self.evaluator.holds(shape.key_names, name) is False)
                for name in sorted(shape.required)
            )
        return False

    def _splits(self, expr: Expr, shape: Shape) -> Iterator[Choice]:
        """The choices that are still open: none of their branches is among the atoms."""
        open_ones = [choice for choice in shape.choices if not any(branch <= expr for branch in choice.branches)]
        self.pool.spend(sum(len(choice.branches) for choice in shape.choices) // 8)
        yield from open_ones[: _SPLITS * 2]

    # --- objects ------------------------------------------------------------------------------------------------------

    def member(self, shape: Shape, name: str) -> Expr:
        """What the value of a name must at least satisfy."""
        found = ANY
        self.pool.spend(2 + 2 * len(shape.names))
        for names in shape.names:
            self.pool.spend(len(names.patterns))
            matching = [safe.matches(pattern, name) for pattern in names.patterns]
            for truth, inner in zip(matching, names.patterns.values(), strict=True):
                found |= inner if truth else ANY
            if name in names.props:
                found |= names.props[name]
            elif not any(truth is not False for truth in matching):
                found |= names.rest if self.closed and name in self.declared(shape) else self.rest(shape, names)
        return found

    def rest(self, shape: Shape, names: Names) -> Expr:
        if self.closed and names.free and not any(one.patterns for one in shape.names) and self.declared(shape):
            return frozenset([self.pool.never])
        return names.rest

    def declared(self, shape: Shape) -> Collection[str]:
        """The names that an object declares, also in a branch."""
        found = self._declared.get(id(shape))
        if found is None:
            names: dict[str, None] = {}
            seen: set[Expr] = set()
            waiting = deque([shape])
            while waiting:
                one = waiting.popleft()
                self.pool.spend(10)
                names |= dict.fromkeys([*one.declared(), *sorted(one.required)])
                for branch in (branch for choice in one.choices for branch in choice.branches):
                    if branch not in seen:
                        seen.add(branch)
                        waiting.append(self.pool.shape(branch))
            found = self._declared[id(shape)] = names.keys()
        return found

    def wanted(self, names: Names, name: str) -> Expr:
        """What is surely enough for the value of a name: all that may apply to it."""
        self.pool.spend(4 + len(names.patterns))
        matching = [safe.matches(pattern, name) for pattern in names.patterns]
        found = names.props.get(name, ANY)
        for truth, inner in zip(matching, names.patterns.values(), strict=True):
            found |= ANY if truth is False else inner
        return found if name in names.props or any(matching) else found | names.rest

    def _includes(self, left: Expr, right: Expr) -> bool:
        if self.same.exprs(left, right) or self.empty(left):
            return True
        shape = self.pool.shape(left)
        few = shape.enum if shape.enum is not None and len(shape.enum) <= _ENOUGH else None
        if few is not None and all(
            self.refused(left, value) or self.accepted(shape, right, value) for value in few.values()
        ):
            return True
        parts = Parts(self, right)
        return all(self._part(left, part, _SPLITS) for part in parts.goals()) and all(
            self._part(left, partial(parts.choice, choice), _SPLITS) or parts.paired(choice, left, shape)
            for choice in parts.shape.choices
        )

    def accepted(self, shape: Shape, right: Expr, value: Any) -> bool:
        """Whether a value of the left side's list satisfies the right, however it is written."""
        spellings = [value] if shape.integral == SPELLING and type_of(value) == NUMBER else [value, respelt(value)]
        return all(self.evaluator.holds(right, spelt) is True for spelt in spellings)

    def _part(self, left: Expr, part: Callable[[Expr, Shape], bool], splits: int) -> bool:
        """Whether the left side keeps one demand of the right: as it is, or in each branch of a choice."""
        self.pool.spend(2)
        shape = self.pool.shape(left)
        if part(left, shape):
            return True
        if splits and not shape.types:
            return True
        return bool(splits) and any(
            all(self.apart(left, branch) or self._part(left | branch, part, splits - 1) for branch in choice.branches)
            for choice in self._splits(left, shape)
        )
