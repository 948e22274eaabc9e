"""What differs between the properties of two objects: names, what covers them, and what depends on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.ask import Ask, B, F
from schemacheck.formats.json_schema.places import Found, Pair, note, nothing, spelt
from schemacheck.formats.json_schema.shape import ANY, Expr, Shape
from schemacheck.formats.json_schema.values import STRING
from schemacheck.model import Direction, Rule

_REST = (
    ("additionalProperties", rules.REST_CLOSED, rules.REST),
    ("unevaluatedProperties", rules.UNEVALUATED_CLOSED, rules.UNEVALUATED),
)


class Objects:
    """Compares by what one walk knows."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.pool = ask.pool

    def differences(self, pair: Pair) -> Iterator[Found]:
        """The rules that two objects give cause for, but for properties that came and went."""
        old, new = self.pool.shape(pair.old), self.pool.shape(pair.new)
        yield from self._required(old, new)
        yield from self._others(pair)
        yield from self._patterns(old, new)
        if old.key_names != new.key_names:
            keys = (self.ask.only(shape.key_names, STRING) for shape in (old, new))
            yield from _either(rules.NAMES, self.ask.ways(*keys), "propertyNames")
        yield from self._dependent(pair, old, new)

    def _required(self, old: Shape, new: Shape) -> Iterator[Found]:
        for index, (more, less) in enumerate(((new, old), (old, new))):
            for name in sorted(more.required - less.required):
                default = note(self.pool, self.ask.prover.member(more, name), "default")
                pair = rules.REQUIRED if default is nothing else rules.REQUIRED_WITH_DEFAULT
                yield pair[index], {"name": name}, ("required", name)

    def names(self, pair: Pair) -> Iterator[Found]:
        """The names that came and went. What covers a name on the side without it tells what that means."""
        mine, theirs = (dict.fromkeys(self.pool.shape(expr).declared()) for expr in (pair.old, pair.new))
        for index, (own, other) in enumerate(((theirs, mine), (mine, theirs))):
            for name in (name for name in own if name not in other):
                old, new = (self.ask.member(expr, name) for expr in (pair.old, pair.new))
                for rule in self._name(index, old, new):
                    yield rule, {"name": name}, ("properties", name)

    def _name(self, gone: int, old: Expr, new: Expr) -> Iterator[Rule]:
        """A property that came, or is gone."""
        cover = new if gone else old
        ways = self.ask.ways(old, new)
        if not ways:
            yield rules.WITHIN_COVER[gone]
        elif self.ask.dead(cover):
            yield rules.CLOSED_PROPERTY[1 - gone]
        elif cover == ANY:
            yield rules.OPEN_PROPERTY[gone]
        else:
            narrower, wider = (F, B) if gone else (B, F)
            if narrower in ways:
                yield rules.COVER_NARROWER[gone]
            if wider in ways:
                yield rules.COVER_WIDER[1 - gone]

    def _others(self, pair: Pair) -> Iterator[Found]:
        """Names that nothing mentions."""
        written = [[self.ask.written(expr, key) for expr in (pair.old, pair.new)] for key, *_ in _REST]
        if not self.ask.ways(written[0][0] | written[1][0], written[0][1] | written[1][1]):
            return
        for (keyword, closed, limit), (mine, theirs) in zip(_REST, written, strict=True):
            shut = [self.ask.dead(rest) for rest in (mine, theirs)]
            if shut[0] != shut[1]:
                yield closed[shut[0]], {}, (keyword,)
            elif not shut[0]:
                yield from _either(limit, self.ask.ways(mine, theirs), keyword)

    def _patterns(self, old: Shape, new: Shape) -> Iterator[Found]:
        mine, theirs = by_pattern(old), by_pattern(new)
        for index, (own, other, shape) in enumerate(((theirs, mine, old), (mine, theirs, new))):
            cover = ANY.union(*(names.rest for names in shape.names))
            for pattern in sorted(own.keys() - other.keys()):
                values, steps = {"pattern": spelt(pattern)}, ("patternProperties", pattern)
                if self.ask.dead(own[pattern]) and self.ask.dead(cover):
                    continue
                if self.ask.dead(cover):
                    yield rules.CLOSED_PATTERN[1 - index], values, steps
                elif not self.ask.prover.proves(cover, own[pattern]):
                    yield rules.PATTERN_PROPERTY[index], values, steps

    # --- what depends on a name ---------------------------------------------------------------------------------------

    def _dependent(self, pair: Pair, old: Shape, new: Shape) -> Iterator[Found]:
        mine, theirs = (self._needed(expr) for expr in (pair.old, pair.new))
        for index, (more, less, shape) in enumerate(((theirs, mine, new), (mine, theirs, old))):
            for name, needed in more.items():
                further = [one for one in needed if one not in {*less.get(name, ()), *shape.required, name}]
                if further:
                    words = " and ".join(f'"{one}"' for one in further)
                    own = pair.old if index else pair.new
                    steps = (self.ask.first(own, "dependentRequired", "dependencies"), name)
                    yield rules.DEPENDENT_REQUIRED[index], {"name": name, "needed": words}, steps
        before, after = (self._applied(expr) for expr in (pair.old, pair.new))
        for name in dict.fromkeys([*after, *before]):
            left, right = before.get(name, ANY), after.get(name, ANY)
            ways = self.ask.ways(left, right)
            own = pair.new if name in after else pair.old
            steps = (self.ask.first(own, "dependentSchemas", "dependencies"), name)
            if name in before and name in after:
                found = _either(rules.DEPENDENT_LIMIT, ways, "")
            else:
                found = _either(rules.DEPENDENT_SCHEMA, ways, "")
            yield from ((rule, {"name": name}, steps) for rule, _, _ in found)

    def _needed(self, expr: Expr) -> Mapping[str, list[str]]:
        """The names that must be there beside a name."""
        found: dict[str, list[str]] = {}
        for loc in (self.pool.locs[atom] for atom in self.pool.conjuncts(expr)):
            for keyword in ("dependentRequired", "dependencies"):
                for name, needed in loc.get(keyword, {}).items():
                    if isinstance(needed, list):
                        found.setdefault(name, []).extend(needed)
        return found

    def _applied(self, expr: Expr) -> Mapping[str, Expr]:
        """The schemas that apply beside a name."""
        found: dict[str, Expr] = {}
        for loc in (self.pool.locs[atom] for atom in self.pool.conjuncts(expr)):
            for keyword in ("dependentSchemas", "dependencies"):
                for name, inner in loc.get(keyword, {}).items():
                    if not isinstance(inner, list):
                        found[name] = found.get(name, ANY) | self.pool.of(loc.child(keyword, name))
        return found


def by_pattern(shape: Shape) -> dict[str, Expr]:
    """The schemas of an object's patterns."""
    found: dict[str, Expr] = {}
    for names in shape.names:
        for pattern, inner in names.patterns.items():
            found[pattern] = found.get(pattern, ANY) | inner
    return found


def _either(pair: tuple[Rule, Rule], ways: Direction, keyword: str) -> Iterator[Found]:
    """The rule of each direction that is not proven."""
    yield from ((pair[way is F], {}, (keyword,)) for way in (B, F) if way in ways)
