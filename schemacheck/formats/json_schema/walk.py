"""Both schemas in step, place by place: what differs, and could be why documents of one are refused by the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.json_schema import keywords, rules
from schemacheck.formats.json_schema.branches import Branches
from schemacheck.formats.json_schema.notes import notes
from schemacheck.formats.json_schema.places import Candidate, Pair, note, nothing, placed
from schemacheck.formats.json_schema.shape import ANY, Expr, Shape
from schemacheck.formats.json_schema.values import ARRAY, OBJECT
from schemacheck.formats.json_schema.verdict import Comparison
from schemacheck.model import Direction, Rule

_PLACES = 3_000
_B, _F = Direction.BACKWARD, Direction.FORWARD
Found = tuple[Rule, dict[str, Any], str]  # a rule, its values, the keyword it is about


class Walk:
    """Collects candidates."""

    def __init__(self, comparison: Comparison) -> None:
        self.pool = comparison.pool
        self.prover = comparison.prover
        self.branches = Branches(self.prover)
        self._seen: set[tuple[Expr, Expr]] = set()

    def ways(self, old: Expr, new: Expr) -> Direction:
        """The directions that are not proven."""
        back = Direction.NONE if self.prover.proves(old, new) else _B
        return back | (Direction.NONE if self.prover.proves(new, old) else _F)

    def candidates(self, start: Pair) -> Iterator[Candidate]:
        """All that differs at a place and below it."""
        waiting = [start]
        while waiting:
            pair = waiting.pop()
            if (pair.old, pair.new) in self._seen or len(self._seen) > _PLACES:
                continue
            self._seen.add((pair.old, pair.new))
            ways = self.ways(pair.old, pair.new)
            for rule, values, keyword in self._found(pair, ways):
                yield Candidate(
                    rule,
                    values,
                    pair.where,
                    placed(self.pool, pair.new, keyword, pair.at),
                    placed(self.pool, pair.old, keyword, pair.was),
                    ways,
                )
            waiting.extend(reversed([*self._below(pair)]))

    def _found(self, pair: Pair, ways: Direction) -> Iterator[Found]:
        old, new = self.pool.shape(pair.old), self.pool.shape(pair.new)
        if ways:
            yield from keywords.differences(old, new)
            if OBJECT in old.types & new.types:
                yield from self._objects(old, new)
            if ARRAY in old.types & new.types:
                yield from self._arrays(old, new)
            yield from self.branches.differences(pair.old, pair.new)
        yield from notes(self.pool, pair)

    # --- objects ------------------------------------------------------------------------------------------------------

    def _objects(self, old: Shape, new: Shape) -> Iterator[Found]:
        for name in sorted(new.required - old.required):
            yield self._required(new, name)[0], {"name": name}, "required"
        for name in sorted(old.required - new.required):
            yield self._required(old, name)[1], {"name": name}, "required"
        mine, theirs = dict.fromkeys(old.declared()), dict.fromkeys(new.declared())
        for name in (name for name in theirs if name not in mine):
            if self._dead(old, name) and not self._dead(new, name):
                yield rules.CLOSED_PROPERTY[1], {"name": name}, "properties"
            elif self.prover.member(old, name) == ANY and self.prover.member(new, name) != ANY:
                yield rules.OPEN_PROPERTY[0], {"name": name}, "properties"
        for name in (name for name in mine if name not in theirs):
            if self._dead(new, name) and not self._dead(old, name):
                yield rules.CLOSED_PROPERTY[0], {"name": name}, "properties"
            elif self.prover.member(new, name) == ANY and self.prover.member(old, name) != ANY:
                yield rules.OPEN_PROPERTY[1], {"name": name}, "properties"
        yield from self._others(old, new)

    def _required(self, shape: Shape, name: str) -> tuple[Rule, Rule]:
        default = note(self.pool, self.prover.member(shape, name), "default")
        return rules.REQUIRED if default is nothing else rules.REQUIRED_WITH_DEFAULT

    def _dead(self, shape: Shape, name: str) -> bool:
        return self.prover.proves(self.prover.member(shape, name), frozenset([self.pool.never]))

    def _others(self, old: Shape, new: Shape) -> Iterator[Found]:
        never = frozenset([self.pool.never])
        mine, theirs = _rest(old), _rest(new)
        if mine != theirs:
            key = "additionalProperties"
            shut = [self.prover.proves(rest, never) for rest in (mine, theirs)]
            ways = self.ways(mine, theirs)
            if shut[1] and not shut[0]:
                yield rules.REST_CLOSED[0], {}, key
            elif shut[0] and not shut[1]:
                yield rules.REST_CLOSED[1], {}, key
            else:
                yield from ((rules.REST[way is _F], {}, key) for way in (_B, _F) if way in ways)
        patterns = [{key for names in shape.names for key in names.patterns} for shape in (old, new)]
        for index, only in enumerate((patterns[1] - patterns[0], patterns[0] - patterns[1])):
            for pattern in sorted(only):
                yield rules.PATTERN_PROPERTY[index], {"pattern": keywords.quoted(pattern)}, "patternProperties"
        if old.key_names != new.key_names:
            text = frozenset([self.pool.make(2020, {"type": "string"})])
            ways = self.ways(old.key_names | text, new.key_names | text)
            yield from ((rules.NAMES[way is _F], {}, "propertyNames") for way in (_B, _F) if way in ways)

    # --- arrays -------------------------------------------------------------------------------------------------------

    def _arrays(self, old: Shape, new: Shape) -> Iterator[Found]:
        several = all(shape.max_items is None or shape.max_items > 1 for shape in (old, new))
        if old.unique != new.unique and several:
            yield rules.UNIQUE[old.unique], {}, "uniqueItems"
        index = max(old.prefix(), new.prefix())
        mine, theirs = old.at(index), new.at(index)
        if mine == ANY and theirs != ANY:
            yield rules.ITEMS[0], {}, "items"
        elif theirs == ANY and mine != ANY:
            yield rules.ITEMS[1], {}, "items"

    # --- further down -------------------------------------------------------------------------------------------------

    def _below(self, pair: Pair) -> Iterator[Pair]:
        old, new = self.pool.shape(pair.old), self.pool.shape(pair.new)
        if OBJECT in old.types & new.types:
            names = dict.fromkeys([*new.declared(), *old.declared()])
            both = {*old.declared()} & {*new.declared()}
            for name in names:
                mine, theirs = self.prover.member(old, name), self.prover.member(new, name)
                if name in both or (
                    mine != ANY and theirs != ANY and not self._dead(old, name) and not self._dead(new, name)
                ):
                    yield self._at(pair, mine, theirs, f"{pair.where}.{name}" if pair.where else name)
            yield from self._patterns(pair, old, new)
        if ARRAY in old.types & new.types:
            last = max(old.prefix(), new.prefix())
            for index in range(min(last, 50) + 1):
                mine, theirs = old.at(index), new.at(index)
                if index < last or (mine != ANY and theirs != ANY):
                    yield self._at(pair, mine, theirs, f"{pair.where}[{index if index < last else ''}]")
        for mine, theirs, name in self.branches.pairs(pair.old, pair.new):
            yield self._at(pair, mine, theirs, f"{pair.where}<{name}>")

    def _patterns(self, pair: Pair, old: Shape, new: Shape) -> Iterator[Pair]:
        mine, theirs = (
            {pattern: inner for names in shape.names for pattern, inner in names.patterns.items()}
            for shape in (old, new)
        )
        for pattern in (pattern for pattern in theirs if pattern in mine):
            yield self._at(pair, mine[pattern], theirs[pattern], f"{pair.where}.{{{pattern}}}")

    def _at(self, above: Pair, old: Expr, new: Expr, where: str) -> Pair:
        at = placed(self.pool, new, "type", above.at).removesuffix("/type")
        was = placed(self.pool, old, "type", above.was).removesuffix("/type")
        return Pair(old, new, where, at, was)


def _rest(shape: Shape) -> Expr:
    """What a property must be that nothing mentions."""
    return ANY.union(*(names.rest for names in shape.names))
