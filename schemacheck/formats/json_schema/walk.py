"""Both schemas in step, place by place: what differs, and could be why documents of one are refused by the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from schemacheck.formats.json_schema import keywords, rules, safe
from schemacheck.formats.json_schema.arrays import POSITIONS, Arrays
from schemacheck.formats.json_schema.ask import Ask
from schemacheck.formats.json_schema.branches import Branches
from schemacheck.formats.json_schema.notes import notes
from schemacheck.formats.json_schema.objects import Objects, by_pattern
from schemacheck.formats.json_schema.places import Candidate, Found, Pair, inside, named, placed
from schemacheck.formats.json_schema.shape import ANY, Expr
from schemacheck.formats.json_schema.values import ARRAY, NUMBER, OBJECT, STRING
from schemacheck.formats.json_schema.verdict import Comparison
from schemacheck.model import Direction, Surface

_PLACES = 3_000


class Walk:
    """Collects candidates."""

    def __init__(self, comparison: Comparison) -> None:
        self.ask = Ask(comparison)
        self.pool = comparison.pool
        self.objects = Objects(self.ask)
        self.arrays = Arrays(self.ask)
        self.branches = Branches(self.ask)
        self._seen: set[tuple[Expr, Expr]] = set()

    def candidates(self, start: Pair) -> Iterator[Candidate]:
        """All that differs at a place and below it."""
        waiting = [start]
        while waiting:
            pair = waiting.pop()
            both = self.pool.plain(pair.old), self.pool.plain(pair.new)
            if both in self._seen or len(self._seen) > _PLACES:
                continue
            self._seen.add(both)
            for (rule, values, steps), ways in self._found(pair):
                at, was = placed(self.pool, pair.new, steps, pair.at), placed(self.pool, pair.old, steps, pair.was)
                branch = next((step for step in steps if not isinstance(step, str)), None)
                where = inside(pair.where, values, steps)
                yield Candidate(pair, rule, values, where, at, was, ways, branch)
            if self.ask.dead(pair.old) == self.ask.dead(pair.new):
                waiting.extend(reversed([*self._below(pair)]))

    def _found(self, pair: Pair) -> Iterator[tuple[Found, Direction]]:
        """What is found at a place, each with the directions that are not proven as far as it reaches."""
        ways = self.ask.ways(pair.old, pair.new)
        if ways:
            dead = [self.ask.dead(expr) for expr in (pair.old, pair.new)]
            if dead[0] != dead[1]:
                yield (rules.VALUE[dead[0]], {}, ("type",)), ways
            else:
                yield from self._differences(pair, ways)
        elif OBJECT in self.pool.shape(pair.old).types & self.pool.shape(pair.new).types:
            yield from ((found, ways) for found in self.objects.names(pair) if found[0].surface == Surface.INFO)
        if not pair.noted:
            lone = self.branches.lone(pair)
            among = () if lone is None else lone.choice.branches if lone.kept is None else (lone.kept,)
            branches = [among if lone is not None and lone.added is added else () for added in (False, True)]
            yield from ((found, ways) for found in notes(self.pool, pair, *branches))

    def _differences(self, pair: Pair, ways: Direction) -> Iterator[tuple[Found, Direction]]:
        old, new = self.ask.shape(pair.old), self.ask.shape(pair.new)
        if old.types != new.types and not (old.listed and new.listed and old.types & new.types):
            yield from ((found, ways) for found in keywords.types(old, new))
        both = old.types & new.types
        if self.branches.lone(pair) is None and both:
            yield from ((found, ways) for found in keywords.lists(old, new))
            for kind in (NUMBER, STRING, ARRAY, OBJECT) if not (old.listed and new.listed) else ():
                if kind in both:
                    yield from self._kind(pair, kind)
        yield from ((found, ways) for found in self.branches.differences(pair))

    def _kind(self, pair: Pair, kind: str) -> Iterator[tuple[Found, Direction]]:
        """What differs for the values of one type."""
        old, new = self.pool.shape(pair.old), self.pool.shape(pair.new)
        only = [self.ask.only(expr, kind) for expr in (pair.old, pair.new)]
        ways = self.ask.ways(*only)
        if kind == OBJECT:  # names are told of, too, that came and went and break nothing
            yield from ((found, ways) for found in self.objects.names(pair))
        if not ways:
            return
        if kind == NUMBER:
            yield from ((found, ways) for found in keywords.numbers(old, new))
            return
        yield from ((found, ways) for found in keywords.sizes(kind, old, new))
        if kind == STRING and old.patterns != new.patterns:
            yield from ((found, ways) for found in keywords.patterns(old, new, self.ask.lost(*only)))
        elif kind == ARRAY:
            yield from ((found, ways) for found in self.arrays.differences(pair))
        elif kind == OBJECT:
            yield from ((found, ways) for found in self.objects.differences(pair))

    # --- further down -------------------------------------------------------------------------------------------------

    def _below(self, pair: Pair) -> Iterator[Pair]:
        old, new = self.pool.shape(pair.old), self.pool.shape(pair.new)
        if OBJECT in old.types & new.types:
            there = set(old.declared())
            for name in dict.fromkeys(name for name in new.declared() if name in there):
                mine, theirs = (self.ask.member(expr, name) for expr in (pair.old, pair.new))
                yield self._at(pair, mine, theirs, named(pair.where, name), name)
            before, after = by_pattern(old), by_pattern(new)
            for pattern in (pattern for pattern in after if pattern in before):
                name = next(iter(safe.examples(pattern)), pattern)
                yield self._at(pair, before[pattern], after[pattern], f"{pair.where}.{{{pattern}}}", name)
        if ARRAY in old.types & new.types:
            for index in range(min(old.prefix(), new.prefix(), POSITIONS)):
                yield self._at(pair, old.at(index), new.at(index), f"{pair.where}[{index}]", index)
            last = max(old.prefix(), new.prefix())
            mine, theirs = (self.ask.item(expr, last) for expr in (pair.old, pair.new))
            shut = last and self.ask.dead(mine) != self.ask.dead(
                theirs
            )  # then the tail is told to be closed, or opened
            if ANY not in (mine, theirs) and not shut:
                yield self._at(pair, mine, theirs, f"{pair.where}[]", last)
        for mine, theirs, name in self.branches.below(pair):
            yield self._at(pair, mine, theirs, f"{pair.where}<{name}>", None)
        joined = self.branches.joined(pair)
        if joined is not None:
            mine, theirs, name = joined
            yield replace(self._at(pair, mine, theirs, f"{pair.where}<{name}>", None), noted=True)

    def _at(self, above: Pair, old: Expr, new: Expr, where: str, step: str | int | None) -> Pair:
        at, was = self._place(new, above.at), self._place(old, above.was)
        return Pair(old, new, where, at, was, above, step)

    def _place(self, expr: Expr, fallback: str) -> str:
        return next(
            (self.pool.locs[a].place for a in self.pool.conjuncts(expr) if self.pool.locs[a].file.path), fallback
        )
