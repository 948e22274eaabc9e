"""JSON values as validation sees them: numbers are int or Decimal, `1` equals `1.0`, `true` does not equal `1`."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

NULL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT = TYPES = ("null", "boolean", "number", "string", "array", "object")
ALL = frozenset(TYPES)
EXACT = Context(prec=1_000)  # schemas whose numbers are longer are refused by the loader


def type_of(value: Any) -> str:
    """The type of a value; integers are numbers."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | Decimal):
        return NUMBER
    return STRING if isinstance(value, str) else ARRAY if isinstance(value, list) else OBJECT


def frozen(value: Any) -> Hashable:
    """A key that is equal for equal values only."""
    kind = type_of(value)
    if kind == NUMBER:
        return kind, Fraction(value)
    if kind == ARRAY:
        return kind, tuple(map(frozen, value))
    if kind == OBJECT:
        return kind, frozenset((name, frozen(inner)) for name, inner in value.items())
    return kind, value


def integral(value: Any) -> bool:
    """Whether a number has no fraction."""
    return isinstance(value, int) or value == value.to_integral_value(context=EXACT)


def respelt(value: Any) -> Any:
    """The value with a fraction of zero on every whole number: `1` as `1.0`, which draft 4 takes for no integer."""
    kind = type_of(value)
    if kind == NUMBER and isinstance(value, int):
        return Decimal(f"{value}.0")
    if kind == ARRAY:
        return [respelt(inner) for inner in value]
    return {name: respelt(inner) for name, inner in value.items()} if kind == OBJECT else value


def whole(value: Any) -> Any:
    """The value with every whole number as int, which draft 6 and later take `1.0` for."""
    kind = type_of(value)
    if kind == NUMBER:
        return int(value) if integral(value) else value
    if kind == ARRAY:
        return [whole(inner) for inner in value]
    return {name: whole(inner) for name, inner in value.items()} if kind == OBJECT else value


def plain(number: Decimal | Fraction) -> int | Decimal:
    """The number as int where it is one."""
    if isinstance(number, Fraction):
        if number.denominator == 1:
            return int(number)
        number = EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
    return int(number) if integral(number) else number


def text(value: Any) -> str:
    """The value as JSON, its numbers as exact as they are."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for index, (name, inner) in enumerate(value.items()):
            yield f"{', ' if index else ''}{json.dumps(name)}: "
            yield from _pieces(inner)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, inner in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(inner)
        yield "]"
    else:
        yield str(value) if isinstance(value, Decimal) else json.dumps(value)
