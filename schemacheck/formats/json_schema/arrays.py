"""What differs between the items of two arrays: their positions, the tail behind them, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator

from schemacheck.formats.json_schema import keywords, rules
from schemacheck.formats.json_schema.ask import Ask, B, F
from schemacheck.formats.json_schema.places import Found, Pair
from schemacheck.formats.json_schema.shape import ANY, Contains, Expr, Shape
from schemacheck.model import Direction, Rule

POSITIONS = 200  # that are looked at


class Arrays:
    """Compares by what one walk knows."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.pool = ask.pool

    def differences(self, pair: Pair) -> Iterator[Found]:
        """The rules that two arrays give cause for."""
        old, new = self.pool.shape(pair.old), self.pool.shape(pair.new)
        several = all(shape.max_items is None or shape.max_items > 1 for shape in (old, new))
        if old.unique != new.unique and several:
            yield rules.UNIQUE[old.unique], {}, ("uniqueItems",)
        for index in range(min(old.prefix(), new.prefix()), min(max(old.prefix(), new.prefix()), POSITIONS)):
            gone = index < old.prefix()
            own = pair.old if gone else pair.new
            steps = (self.ask.first(own, "prefixItems", "items"), self.pool.shape(own).at(index))
            items = (self.ask.item(expr, index) for expr in (pair.old, pair.new))
            yield from ((rule, {"index": str(index)}, steps) for rule in self._position(gone, *items))
        yield from self._tail(pair, old, new)
        yield from self._counted(old, new)

    def _position(self, gone: int, old: Expr, new: Expr) -> Iterator[Rule]:
        """A position that got a schema of its own, or lost it."""
        cover = new if gone else old
        ways = self.ask.ways(old, new)
        if not ways:
            return
        if self.ask.dead(cover):
            yield rules.CLOSED_TAIL[1 - gone]
        elif cover == ANY:
            yield rules.OPEN_TAIL[gone]
        else:
            narrower, wider = (F, B) if gone else (B, F)
            if narrower in ways:
                yield rules.TAIL_NARROWER[gone]
            if wider in ways:
                yield rules.TAIL_WIDER[1 - gone]

    def _tail(self, pair: Pair, old: Shape, new: Shape) -> Iterator[Found]:
        """All behind the positions."""
        index = max(old.prefix(), new.prefix())
        if not self.ask.ways(self.ask.item(pair.old, index), self.ask.item(pair.new, index)):
            return
        mine, theirs = old.at(index), new.at(index)
        shut = [self.ask.dead(rest) for rest in (mine, theirs)]
        if index and shut[0] != shut[1]:
            keyword = self.ask.first(pair.old if shut[0] else pair.new, "additionalItems", "items")
            yield rules.TAIL[shut[0]], {}, (keyword,)
        elif (mine == ANY) != (theirs == ANY):
            yield rules.ITEMS[theirs == ANY], {}, ("items",)
        loose = [self.ask.dead(self.ask.written(expr, "unevaluatedItems")) for expr in (pair.old, pair.new)]
        if loose[0] != loose[1]:
            yield rules.UNEVALUATED_TAIL[loose[0]], {}, ("unevaluatedItems",)

    def _counted(self, old: Shape, new: Shape) -> Iterator[Found]:
        """What must be contained, paired by what is counted, then by order."""
        mine, theirs = list(old.contains), list(new.contains)
        pairs: list[tuple[Contains, Contains]] = []
        for one in list(mine):
            other = next((two for two in theirs if not self.ask.ways(one.inner, two.inner)), None)
            if other is not None:
                pairs.append((one, other))
                mine.remove(one)
                theirs.remove(other)
        pairs += zip(mine, theirs, strict=False)
        for one, other in pairs:
            ways = self.ask.ways(one.inner, other.inner)
            if ways and not one.most is other.most is None:
                ways = Direction.FULL  # where there is a greatest number too, more that counts is less that is accepted
            yield from ((rules.CONTAINS_LIMIT[way is F], {}, ("contains",)) for way in (B, F) if way in ways)
            yield from keywords.limits("contains", "Contains", (one.least, one.most), (other.least, other.most))
        for index, left in enumerate((theirs[len(mine) :], mine[len(theirs) :])):
            for one in left:
                if one.least:
                    yield rules.CONTAINS[index], {}, ("contains",)
                elif one.most is not None:
                    values = {"old": str(one.most), "new": "none"} if index else {"old": "none", "new": str(one.most)}
                    yield rules.MOST["contains"][index], values, ("maxContains",)
