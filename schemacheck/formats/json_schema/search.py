"""The search for a document that one side takes and the other refuses. Deterministic, and bounded in its steps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from schemacheck.formats.json_schema import safe, samples
from schemacheck.formats.json_schema.evaluate import Evaluator
from schemacheck.formats.json_schema.prove import Prover
from schemacheck.formats.json_schema.shape import ANY, Expr, Shape
from schemacheck.formats.json_schema.values import ARRAY, OBJECT, frozen

_DEPTH = 9
_EACH = 14  # values that are tried at one place
_NAMES = 80
_PAIRS = 60
_OPENED = 3  # choices of the left side that are opened inside each other
_LISTED = 2_000  # values of one list
_COUNT = 60  # items of one array, members of one object


class Search:
    """Searches by the pool and the proofs of one prover."""

    def __init__(self, prover: Prover) -> None:
        self.prover = prover
        self.pool = prover.pool
        self.evaluator = Evaluator(prover.pool, prover.glance)
        self.never: Expr = frozenset([prover.pool.never])
        self._valid: dict[Expr, list[Any]] = {}
        self._open: set[Expr] = set()

    def against(self, left: Expr, right: Expr, depth: int = 0, opened: int = 0) -> Iterator[Any]:
        """Values that are not known to break the left side, nor to satisfy the right."""
        if depth > _DEPTH:
            return
        seen = set()
        for value in self._candidates(left, right, depth, opened):
            key = (self.pool.key(value), repr(value) if depth == 0 or self.pool.mixed else "")
            if key in seen:
                continue
            seen.add(key)
            self.pool.spend(8)
            if self.fits(left, right, value):
                yield value

    def fits(self, left: Expr, right: Expr, value: Any) -> bool:
        """Whether a value is not known to break the left side, nor to satisfy the right."""
        return self.evaluator.holds(left, value) is not False and self.evaluator.holds(right, value) is not True

    def about(self, left: Expr, right: Expr, name: str) -> Iterator[Any]:
        """Objects of the left side with one property as the right does not want it, or without it."""
        mine, other = self.pool.shape(left), self.pool.shape(right)
        bases = [value for value in self.valid(left, 0) if isinstance(value, dict)]
        for value in self._varied(mine, other, [name], bases, 0):
            if self.fits(left, right, value):
                yield value

    def valid(self, expr: Expr, depth: int, count: int = 3) -> list[Any]:
        """Some values that are not known to break an expression; none inside the search for the same."""
        if expr in self._open:
            return []
        found = self._valid.get(expr)
        if found is None or (len(found) < count and count > 3):
            self._open.add(expr)
            try:
                found = list(itertools.islice(self.against(expr, self.never, depth + 1), max(count, 3)))
            finally:
                self._open.discard(expr)
            if found or not self._open:
                self._valid[expr] = found
        return found[:count]

    def _candidates(self, left: Expr, right: Expr, depth: int, opened: int) -> Iterator[Any]:
        mine, other = self.pool.shape(left), self.pool.shape(right)
        self.pool.spend(len(mine.enum or ()) // 8)
        yield from itertools.islice(samples.listed(mine, other, self.pool.mixed), _LISTED)
        for kind in samples.kinds(mine) if mine.enum is None else ():
            if kind == OBJECT:
                yield from self._objects(left, right, depth)
            elif kind == ARRAY:
                yield from self._arrays(left, right, depth)
            else:
                yield from samples.scalars(kind, mine, other)
        if opened < _OPENED:
            yield from self._opened(left, right, mine, depth, opened)
            yield from self._logic(left, mine, other, depth, opened)

    def _opened(self, left: Expr, right: Expr, mine: Shape, depth: int, opened: int) -> Iterator[Any]:
        """Values of each branch of the left side."""
        for choice in mine.choices:
            if any(branch <= left for branch in choice.branches):
                continue
            for branch in choice.branches:
                if not self.prover.proves(left | branch, right):
                    yield from itertools.islice(self.against(left | branch, right, depth, opened + 1), _EACH * 4)

    def _logic(self, left: Expr, mine: Shape, other: Shape, depth: int, opened: int) -> Iterator[Any]:
        """Values of what the right side forbids, of two of its branches at once, and of none."""
        for inner in other.nots:
            for own in mine.nots:
                yield from self._some(left | inner, own, depth, opened)
            yield from self._some(left | inner, self.never, depth, opened)
        for choice in other.choices:
            if choice.condition is not None:
                when, then, otherwise = choice.condition
                without = frozenset([self.pool.negation(when)])
                yield from self._some(left | when, then, depth, opened)
                yield from self._some(left | without, otherwise, depth, opened)
                continue
            if choice.one:
                for both in itertools.islice(self.prover.glance.together(choice, left), _PAIRS):
                    if not self.prover.proves(both, self.never):
                        yield from self._some(both, self.never, depth, opened)
            for branch in choice.branches[:_PAIRS]:
                if not self.prover.proves(left, branch):
                    yield from self._some(left, branch, depth, opened)

    def _some(self, left: Expr, right: Expr, depth: int, opened: int) -> Iterator[Any]:
        return itertools.islice(self.against(left, right, depth, opened + 1), _EACH)

    # --- objects ------------------------------------------------------------------------------------------------------

    def _objects(self, left: Expr, right: Expr, depth: int) -> Iterator[dict[str, Any]]:
        mine, other = self.pool.shape(left), self.pool.shape(right)
        base: dict[str, Any] = {}
        for name in sorted(mine.required):
            values = self.valid(self.prover.member(mine, name), depth)
            if not values:
                return
            base[name] = values[0]
        names = self._names(mine, other, depth)
        simple = {name: self.valid(self.prover.member(mine, name), depth, 1) for name in names}
        declared = {*self.prover.declared(mine)}
        full = base | {name: values[0] for name, values in simple.items() if values and name in declared}
        bases = [base, full] if len(full) != len(base) else [base]
        suspect = [name for name in names if not self.prover.proves(*self._sides(mine, other, name))]
        yield from bases
        yield from self._varied(mine, other, suspect, bases, depth)
        for size in samples.limits(
            max(mine.min_props, len(base)), mine.max_props, other.min_props, other.max_props, (len(full),)
        ):
            yield self._of_size(base, {**simple, **self._spare(mine, size, depth)}, mine, size)
        yield from self._unevaluated(left, right, bases, depth)
        yield from self._varied(mine, other, [name for name in names if name not in suspect], bases, depth)
        for one, two in itertools.islice(itertools.combinations(names, 2), _PAIRS):
            if simple[one] and simple[two]:
                yield base | {one: simple[one][0], two: simple[two][0]}

    def _varied(
        self, mine: Shape, other: Shape, names: list[str], bases: list[dict[str, Any]], depth: int
    ) -> Iterator[dict[str, Any]]:
        """Objects with one member changed, or left out."""
        for name in names:
            values = self._members(mine, other, name, depth)
            for start in bases:
                yield from (start | {name: value} for value in values)
                yield {key: value for key, value in start.items() if key != name}

    def _sides(self, mine: Shape, other: Shape, name: str) -> tuple[Expr, Expr]:
        """What either side says of a member."""
        return self.prover.member(mine, name), ANY.union(*(self.prover.wanted(names, name) for names in other.names))

    def _members(self, mine: Shape, other: Shape, name: str, depth: int) -> list[Any]:
        """Values to try under a name."""
        own, wanted = self._sides(mine, other, name)
        if self.prover.proves(own, wanted):
            return self.valid(own, depth, 2)
        return list(itertools.islice(self.against(own, wanted, depth + 1), _EACH)) or self.valid(own, depth, 2)

    def _names(self, mine: Shape, other: Shape, depth: int) -> list[str]:
        """The names that are worth a try, declared ones first."""
        found = dict.fromkeys([*self.prover.declared(mine), *self.prover.declared(other)])
        for shape in (mine, other):
            for names in shape.names:
                for pattern in itertools.islice(names.patterns, _NAMES):
                    found |= dict.fromkeys(safe.examples(pattern)[:2])
        if mine.key_names or other.key_names:
            texts = frozenset([self.pool.make(2020, {"type": "string"})])
            for left, right in ((mine.key_names, other.key_names), (mine.key_names, self.never)):
                found |= dict.fromkeys(itertools.islice(self.against(left | texts, right, depth + 1), 4))
        return [*found, "x0"][:_NAMES]

    def _spare(self, mine: Shape, count: int, depth: int) -> dict[str, list[Any]]:
        """Names that nothing mentions, or a pattern does, and what the left side wants there."""
        patterns = itertools.chain.from_iterable(one.patterns for one in mine.names)
        names = [text for pattern in itertools.islice(patterns, _NAMES) for text in safe.examples(pattern)]
        if mine.key_names:
            texts = frozenset([self.pool.make(2020, {"type": "string"})])
            names += self.valid(mine.key_names | texts, depth, count)
        names += [f"x{index}" for index in range(count)]
        return {name: self.valid(self.prover.member(mine, name), depth, 1) for name in names}

    def _unevaluated(
        self, left: Expr, right: Expr, bases: list[dict[str, Any]], depth: int
    ) -> Iterator[dict[str, Any]]:
        """Objects with one more member, for what either side says of those that nothing else speaks of."""
        for value in self._further("unevaluatedProperties", left, right, depth):
            yield from (start | {"x0": value} for start in bases)

    def _further(self, keyword: str, left: Expr, right: Expr, depth: int) -> Iterator[Any]:
        """Values of what a keyword that is not modelled says on the left, and not on the right."""
        mine, other = ([*self._of_opaque(side, keyword)] for side in (left, right))
        for wanted in other:
            yield from itertools.islice(self.against(ANY.union(*mine), wanted, depth + 1), _EACH)
        yield from self.valid(ANY.union(*mine), depth) if mine else ()

    def _of_opaque(self, side: Expr, keyword: str) -> Iterator[Expr]:
        locs = [self.pool.locs[atom] for word, atom in self.pool.shape(side).opaque if word == keyword]
        return (self.pool.of(loc.child(keyword)) for loc in locs)

    def _of_size(self, base: dict[str, Any], simple: dict[str, list[Any]], mine: Shape, size: int) -> dict[str, Any]:
        """The base with members added until it has a size, as far as the left side lets them."""
        found = dict(base)
        for name, values in simple.items():
            if len(found) >= size:
                break
            own = self.prover.member(mine, name)
            for value in values:
                if name not in found and self.evaluator.holds(own, value) is not False:
                    found[name] = value
        return found

    # --- arrays -------------------------------------------------------------------------------------------------------

    def _arrays(self, left: Expr, right: Expr, depth: int) -> Iterator[list[Any]]:
        mine, other = self.pool.shape(left), self.pool.shape(right)
        prefix = max(mine.prefix(), other.prefix())
        sizes = samples.limits(
            mine.min_items, mine.max_items, other.min_items, other.max_items, (0, 1, 2, prefix, prefix + 1)
        )
        longest = max(sizes, default=0)
        items: list[list[Any]] = []
        for index in range(longest):
            same = index > prefix and items
            values = items[-1] if same else self.valid(mine.at(index), depth, longest + 1 if mine.unique else 2)
            if not values:
                break
            items.append(values)
        yield from self._counted(mine, other, depth)
        for size in sizes:
            if size <= len(items):
                if not mine.unique:
                    yield [values[0] for values in items[:size]]
                yield self._distinct(items[:size])
        for value in self._further("unevaluatedItems", left, right, depth):
            yield from ([*(values[0] for values in items[:size]), value] for size in sizes if size <= len(items))
        for index in range(min(prefix + 1, _NAMES)):
            if (mine.max_items is not None and index >= mine.max_items) or index > len(items):
                break
            if not self.prover.proves(mine.at(index), other.at(index)):
                start = self._distinct(items[: max(index, mine.min_items)])
                for value in itertools.islice(self.against(mine.at(index), other.at(index), depth + 1), _EACH):
                    yield [*start[:index], value, *start[index + 1 :]]

    def _counted(self, mine: Shape, other: Shape, depth: int) -> Iterator[list[Any]]:
        """Arrays with items that one side counts, and perhaps the other does not."""
        for one in mine.contains:
            for wanted in [two.inner for two in other.contains] or [self.never]:
                for value in itertools.islice(self.against(one.inner, wanted, depth + 1), 4):
                    yield from ([value] * size for size in {1, max(one.least, 1), one.most or 2})
        needed = [value for one in mine.contains for value in self._copies(mine, one.inner, one.least, depth)]
        for two in other.contains:
            inner = ANY.union(two.inner, mine.at(mine.prefix()))
            for one in mine.contains if two.most is not None else ():
                for value in itertools.islice(self.against(inner, one.inner, depth + 1), 4):
                    yield from ([*needed, *[value] * size] for size in range(1, min(two.most or 0, _COUNT) + 2))
            for value in self.valid(two.inner, depth):
                limits = {1, 2, max(two.least, 1), (two.most or 2) + 1}
                yield from ([value] * min(size, _COUNT) for size in sorted(limits))

    def _copies(self, mine: Shape, inner: Expr, count: int, depth: int) -> list[Any]:
        """So many items of the left side that fit an expression; fewer if there are none."""
        count = min(count, _COUNT)
        values = self.valid(inner | mine.at(mine.prefix()), depth, count if mine.unique else 1)
        return values if mine.unique else values * count

    def _distinct(self, items: list[list[Any]]) -> list[Any]:
        """An item for each place, none twice where there is a choice."""
        found: list[Any] = []
        seen = set()
        for values in items:
            value = next((one for one in values if frozen(one) not in seen), values[0])
            seen.add(frozen(value))
            found.append(value)
        return found
