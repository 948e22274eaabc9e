"""Whether a value satisfies an expression: true, false, or None where that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema import safe
from schemacheck.formats.json_schema.pool import Pool
from schemacheck.formats.json_schema.shape import NO, SPELLING, Choice, Contains, Expr, Names, Shape
from schemacheck.formats.json_schema.tags import Glance
from schemacheck.formats.json_schema.values import ARRAY, NUMBER, OBJECT, STRING, frozen, integral, type_of

Truth = bool | None


def every(truths: Iterable[Truth]) -> Truth:
    """False if one is, else None if one is, else true."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def negated(truth: Truth) -> Truth:
    """None stays None."""
    return None if truth is None else not truth


class Evaluator:
    """Judges values by one pool; raises Exhausted after a number of steps."""

    def __init__(self, pool: Pool, glance: Glance) -> None:
        self.pool = pool
        self.glance = glance

    def holds(self, expr: Expr, value: Any) -> Truth:
        """Whether a value satisfies an expression."""
        if not expr:
            return True
        self.pool.spend(2)
        shape = self.pool.shape(expr)
        kind = type_of(value)
        if kind not in shape.types or (shape.enum is not None and self.pool.key(value) not in shape.enum):
            return False
        own: Truth = True
        if kind == NUMBER:
            own = _number(shape, value)
        elif kind == STRING:
            own = _string(shape, value)
        elif kind == ARRAY:
            own = self._array(shape, value)
        elif kind == OBJECT:
            own = self._object(shape, value)
        return own if own is False else every([own, *self._logic(shape, value)])

    def _logic(self, shape: Shape, value: Any) -> Iterable[Truth]:
        for inner in shape.nots:
            yield negated(self.holds(inner, value))
        for choice in shape.choices:
            yield self._choice(choice, value)
        if shape.opaque:
            yield None

    def _choice(self, choice: Choice, value: Any) -> Truth:
        truths = [self.holds(choice.branches[index], value) for index in self.glance.taking(choice, value)]
        if not choice.one:
            return negated(every(negated(truth) for truth in truths))
        if truths.count(True) > 1:
            return False
        return None if None in truths else truths.count(True) == 1

    def _array(self, shape: Shape, value: list[Any]) -> Truth:
        if len(value) < shape.min_items or (shape.max_items is not None and len(value) > shape.max_items):
            return False
        if shape.unique and len({frozen(item) for item in value}) != len(value):
            return False
        self.pool.spend(len(value))
        items = every(self.holds(shape.at(index), item) for index, item in enumerate(value))
        return items if items is False else every([items, *(self._contains(one, value) for one in shape.contains)])

    def _contains(self, wanted: Contains, value: list[Any]) -> Truth:
        truths = [self.holds(wanted.inner, item) for item in value]
        sure, possible = truths.count(True), len(truths) - truths.count(False)
        if possible < wanted.least or (wanted.most is not None and sure > wanted.most):
            return False
        return True if sure >= wanted.least and (wanted.most is None or possible <= wanted.most) else None

    def _object(self, shape: Shape, value: dict[str, Any]) -> Truth:
        if len(value) < shape.min_props or (shape.max_props is not None and len(value) > shape.max_props):
            return False
        if not shape.required <= value.keys():
            return False
        self.pool.spend(len(value) * (1 + 2 * len(shape.names)))
        keys = every(self.holds(shape.key_names, name) for name in value) if shape.key_names else True
        return every(
            [keys, *(self._member(names, name, inner) for names in shape.names for name, inner in value.items())]
        )

    def _member(self, names: Names, name: str, value: Any) -> Truth:
        matching = {pattern: safe.matches(pattern, name) for pattern in names.patterns}
        truths: list[Truth] = []
        for pattern, truth in matching.items():
            held = True if truth is False else self.holds(names.patterns[pattern], value)
            truths.append(held if held or truth else None)
        if name in names.props:
            truths.append(self.holds(names.props[name], value))
        elif not any(matching.values()):
            rest = self.holds(names.rest, value)
            truths.append(rest if rest or None not in matching.values() else None)
        return every(truths)


def _number(shape: Shape, value: Any) -> Truth:
    if not in_range(shape, Fraction(value)) or any((Fraction(value) / step).denominator != 1 for step in shape.steps):
        return False
    if shape.integral == NO:
        return True
    if not integral(value):
        return False
    return None if shape.integral == SPELLING and not isinstance(value, int) else True


def in_range(shape: Shape, value: Fraction) -> bool:
    """Whether a number is within the bounds."""
    if shape.low and (value < shape.low[0] or (value == shape.low[0] and shape.low[1])):
        return False
    return not (shape.high and (value > shape.high[0] or (value == shape.high[0] and shape.high[1])))


def _string(shape: Shape, value: str) -> Truth:
    if len(value) < shape.min_length or (shape.max_length is not None and len(value) > shape.max_length):
        return False
    return every(safe.matches(pattern, value) for pattern in shape.patterns)
