"""What tells branches apart at a glance: the values that a required property can have, or the instance itself.

A glance never proves an inclusion. It finds the few branches of many that are worth a proof.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.shape import ALL_TYPES, ANY, Choice, Expr
from schemacheck.formats.json_schema.values import OBJECT, frozen, type_of

_ITSELF = ""  # stands for the instance; as the name of a property it is no tag
_NAMES = 40  # required properties of one object that are looked at
_DEPTH = 30  # choices inside each other that are looked at
Keys = frozenset[Hashable]
Tags = Mapping[str, Keys]
_Seen = tuple[frozenset[str], Tags]


@dataclass(slots=True)
class _Index:
    """The branches of a choice by the values of their tags; `free` have no such tag."""

    by: dict[str, dict[Hashable, list[int]]] = field(default_factory=dict)
    free: dict[str, list[int]] = field(default_factory=dict)


class Glance:
    """Looks at one pool's expressions, and remembers."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._seen: dict[Expr, _Seen] = {}
        self._choices: dict[tuple[tuple[Expr, ...], frozenset[str]], _Seen] = {}
        self._depth = 0
        self._indexes: dict[tuple[Expr, ...], _Index] = {}

    def kinds(self, expr: Expr) -> frozenset[str]:
        """The types that an instance may have, by what stands there and in the branches of choices."""
        return self._look(expr)[0]

    def tags(self, expr: Expr) -> Tags:
        """The name of a property that each object must have, to the keys of all values that it can have there."""
        return self._look(expr)[1]

    def _look(self, expr: Expr) -> _Seen:
        found = self._seen.get(expr)
        if found is None:
            self._depth += 1
            found = self._read(expr) if self._depth <= _DEPTH else (ALL_TYPES, {})
            self._depth -= 1
            self._seen[expr] = found
        return found

    def _read(self, expr: Expr) -> _Seen:
        shape = self.pool.shape(expr)
        kinds = shape.types
        found: dict[str, Keys] = {} if shape.enum is None else {_ITSELF: frozenset(shape.enum)}
        for name in sorted(shape.required - {_ITSELF})[:_NAMES]:
            inner = ANY.union(*(names.props[name] for names in shape.names if name in names.props))
            enum = self.pool.shape(inner).enum if inner else None
            if enum is not None:
                found[name] = frozenset(enum)
        self.pool.spend(2 * len(shape.choices))
        for choice in shape.choices:
            types, tags = self._any(choice.branches, shape.types)
            kinds &= types
            for name, keys in tags.items():
                found[name] = found[name] & keys if name in found else keys
        return kinds, found

    def _any(self, branches: tuple[Expr, ...], among: frozenset[str]) -> _Seen:
        """What holds for each branch, as far as it may have one of some types."""
        found = self._choices.get((branches, among))
        if found is None:
            self.pool.spend(len(branches))
            every = [self._look(branch) for branch in branches]
            kinds: frozenset[str] = frozenset().union(*(types for types, _ in every))
            fitting = [tags for types, tags in every if types & among]
            names = set(fitting[0]).intersection(*fitting[1:]) if fitting else ()
            tags = {name: Keys().union(*(one[name] for one in fitting)) for name in names}
            found = self._choices[branches, among] = kinds, tags
        return found

    def apart(self, one: Expr, other: Expr) -> bool:
        """Whether it is plain that no instance satisfies both."""
        self.pool.spend(1)
        (types, mine), (others, theirs) = self._look(one), self._look(other)
        both = types & others
        return not both or any(
            keys.isdisjoint(theirs[name])
            for name, keys in mine.items()
            if name in theirs and (name == _ITSELF or both == {OBJECT})
        )

    def beyond(self, left: Expr, right: Expr) -> bool:
        """Whether the left side has types or tags that the right side does not, though perhaps only in words."""
        (types, mine), (wanted, theirs) = self._look(left), self._look(right)
        return not types <= wanted or any(
            not keys <= theirs[name]
            for name, keys in mine.items()
            if name in theirs and (name == _ITSELF or types == {OBJECT})
        )

    def fitting(self, choice: Choice, left: Expr) -> list[int]:
        """The branches that are not plainly apart from a left side, by their index."""
        types, tags = self._look(left)
        if types != {OBJECT}:
            tags = {name: keys for name, keys in tags.items() if name == _ITSELF}
        found = self._narrowed(choice, tags)
        return [index for index in found if not self.apart(left, choice.branches[index])]

    def together(self, choice: Choice, left: Expr) -> Iterator[Expr]:
        """For each two branches that are not plainly apart in a left side: all that must then hold."""
        for index, branch in enumerate(choice.branches):
            both = left | branch
            for other in self.fitting(choice, both):
                if other > index:
                    yield both | choice.branches[other]

    def taking(self, choice: Choice, value: Any) -> Iterable[int]:
        """The branches that a value may satisfy, by their index."""
        self.pool.spend(2 + len(choice.branches) // 4)
        if type_of(value) != OBJECT:
            kind = type_of(value)
            return [index for index, one in enumerate(choice.branches) if kind in self.kinds(one)]
        index = self._index(choice)
        keys = {name: frozenset([frozen(value[name])] if name in value else []) for name in index.by if name != _ITSELF}
        return self._narrowed(choice, keys)

    def _narrowed(self, choice: Choice, tags: Tags) -> Iterable[int]:
        """The branches with one of the keys, for the tag that leaves the fewest."""
        index = self._index(choice)
        found: Iterable[int] = range(len(choice.branches))
        best = len(choice.branches)
        for name, keys in tags.items():
            if name not in index.by:
                continue
            fits = {at for key in keys for at in index.by[name].get(key, ())}.union(index.free[name])
            if len(fits) < best:
                found, best = sorted(fits), len(fits)
        return found

    def _index(self, choice: Choice) -> _Index:
        index = self._indexes.get(choice.branches)
        if index is None:
            index = _Index()
            every = [self.tags(branch) for branch in choice.branches]
            self.pool.spend(len(every) + sum(len(keys) for tags in every for keys in tags.values()) // 8)
            for name in dict.fromkeys(name for tags in every for name in tags):
                index.by[name], index.free[name] = {}, []
                for at, tags in enumerate(every):
                    if name not in tags:
                        index.free[name].append(at)
                    for key in tags.get(name, ()):
                        index.by[name].setdefault(key, []).append(at)
            self._indexes[choice.branches] = index
        return index
