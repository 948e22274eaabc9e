"""Values that may satisfy one expression and not another: at each limit that either side names, and beside it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema import safe
from schemacheck.formats.json_schema.evaluate import in_range
from schemacheck.formats.json_schema.shape import SPELLING, Shape
from schemacheck.formats.json_schema.values import ARRAY, BOOLEAN, NULL, NUMBER, OBJECT, STRING, TYPES, plain, respelt

_LONGEST = 2_000  # of a text that is made only to be long
_SMALL = Fraction(1, 2)
_HUGE = 10**300


def listed(left: Shape, right: Shape, mixed: bool) -> Iterator[Any]:
    """The values of the left side's list, those first that the right side's does not have; `mixed`: also as `1.0`."""
    mine = left.enum or {}
    gone = mine.keys() - right.enum.keys() if right.enum is not None else ()
    for part in ([key for key in mine if key in gone], [key for key in mine if key not in gone]):
        yield from (mine[key] for key in part)
    if mixed and left.integral != SPELLING:
        yield from (respelt(value) for key, value in mine.items() if key not in gone)


def _spelt(left: Shape, right: Shape) -> bool:
    """Whether the right side looks at how a whole number is written, and the left does not."""
    return left.integral != SPELLING and right.integral == SPELLING


def scalars(kind: str, left: Shape, right: Shape) -> Iterator[Any]:
    """Values of one type that are no containers; a few, the simplest first."""
    yield from (value for key, value in itertools.islice((right.enum or {}).items(), 60) if key[0] == kind)
    if kind == NULL:
        yield None
    elif kind == BOOLEAN:
        yield from (False, True)
    elif kind == NUMBER:
        yield from numbers(left, right)
    elif kind == STRING:
        yield from strings(left, right)


def numbers(left: Shape, right: Shape) -> Iterator[Any]:
    """Each bound, beside it, multiples and what is none; within the left side's bounds."""
    points = {Fraction(0), Fraction(1), Fraction(-1)}
    for shape in (left, right):
        points |= {bound[0] for bound in (shape.low, shape.high) if bound is not None}
    if left.low and left.high:
        points.add((left.low[0] + left.high[0]) / 2)
    steps = sorted({*left.steps, *right.steps})[:6]
    near = set()
    for point in sorted(points)[:12]:
        near |= {point + delta for delta in (0, 1, -1, _SMALL, -_SMALL, Fraction(1, 100), -Fraction(1, 100))}
        near |= {Fraction(point.__floor__()), Fraction(point.__ceil__())}
        for step in steps:
            whole = (point / step).__floor__() * step
            near |= {whole + step * count for count in (-1, 0, 1, 2)}
            near.add(whole + step / 2)
    if len(left.steps) > 1:
        near.add(Fraction(_product(left.steps)))
    for value in sorted(near, key=lambda number: (number.denominator, abs(number), number < 0)):
        fits = all((value / step).denominator == 1 for step in left.steps) and in_range(left, value)
        small = abs(value) <= _HUGE and value.denominator <= _HUGE and _decimal(value)
        if fits and small and (not left.integral or value.denominator == 1):
            yield plain(value)
            if value.denominator == 1 and _spelt(left, right):
                yield respelt(int(value))


def _product(steps: frozenset[Fraction]) -> Fraction:
    """A number that is a multiple of all."""
    found = Fraction(1)
    for step in sorted(steps):
        found = found * step.numerator
    return found


def _decimal(value: Fraction) -> bool:
    """Whether JSON can write it out."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def strings(left: Shape, right: Shape) -> Iterator[str]:
    """Texts of each length that counts, and examples of each pattern."""
    lengths = {0, 1, 3}
    for shape in (left, right):
        for limit in (shape.min_length, shape.max_length):
            if limit is not None:
                lengths |= {limit - 1, limit, limit + 1}
    made: list[str] = []
    for pattern in sorted(left.patterns | right.patterns)[:6]:
        made += safe.examples(pattern)
    longer = [(text, length) for text in made for length in sorted(lengths) if len(text) < length <= _LONGEST]
    made += [padded for text, length in longer for padded in (text.ljust(length, "x"), text.rjust(length, "x"))]
    for text in [*made, *(f"{text}{more}" for text in made for more in ("x", "0", "!")), *(text[:-1] for text in made)]:
        if left.min_length <= len(text) and (left.max_length is None or len(text) <= left.max_length):
            yield text
    for length in sorted(lengths):
        if left.min_length <= length <= min(_LONGEST, left.max_length if left.max_length is not None else _LONGEST):
            yield from ("x" * length, "7" * length)
            yield from (["X" * length, "!" * length] if left.patterns or right.patterns else [])


def kinds(left: Shape) -> list[str]:
    """The types of the left side, scalars first."""
    order = (STRING, NUMBER, BOOLEAN, NULL, OBJECT, ARRAY)
    assert {*order} == {*TYPES}
    return [kind for kind in order if kind in left.types]


def limits(low: int, high: int | None, other_low: int, other_high: int | None, extra: tuple[int, ...]) -> list[int]:
    """The sizes of a container that are worth a try, within its own limits."""
    sizes = {low, low + 1, *extra}
    for limit in (other_low, other_high, high):
        if limit is not None:
            sizes |= {limit - 1, limit, limit + 1}
    return sorted(size for size in sizes if low <= size <= (high if high is not None else size) and size <= 60)
