"""What differs between two shapes of one place, keyword by keyword."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.places import Found, several, spelt
from schemacheck.formats.json_schema.shape import ALL_TYPES, Shape, lower, upper
from schemacheck.formats.json_schema.values import ARRAY, NUMBER, OBJECT, STRING, TYPES, plain
from schemacheck.model import Direction

_SIZES = {
    STRING: ("length", "Length", "length"),
    ARRAY: ("items", "Items", "items"),
    OBJECT: ("props", "Properties", "properties"),
}


def types(old: Shape, new: Shape) -> Iterator[Found]:
    """Which types came and went."""
    if not old.types & new.types:
        yield rules.TYPE_CHANGED, {"old": _names(old, old.types), "new": _names(new, new.types)}, ("type",)
        return
    if gone := old.types - new.types:
        yield rules.TYPE[0], {"types": _names(old, gone)}, ("type",)
    if come := new.types - old.types:
        yield rules.TYPE[1], {"types": _names(new, come)}, ("type",)


def patterns(old: Shape, new: Shape, lost: Direction) -> Iterator[Found]:
    """Patterns; `lost`: the directions in which a text was found that is refused."""
    gone, come = sorted(old.patterns - new.patterns), sorted(new.patterns - old.patterns)
    if gone and come:
        values = {"old": _all(gone), "new": _all(come)}
        one = lost in (Direction.BACKWARD, Direction.FORWARD)
        yield rules.PATTERN_LIMIT[lost == Direction.FORWARD] if one else rules.PATTERN_CHANGED, values, ("pattern",)
    elif gone or come:
        yield rules.PATTERN[bool(gone)], {"pattern": _all(gone or come)}, ("pattern",)


def _all(texts: list[str]) -> str:
    return " and ".join(map(spelt, texts))


def _names(shape: Shape, types: frozenset[str]) -> str:
    if types == ALL_TYPES:
        return "anything"
    return " or ".join("integer" if kind == NUMBER and shape.integral else kind for kind in TYPES if kind in types)


def lists(old: Shape, new: Shape) -> Iterator[Found]:
    """Which values came and went."""
    mine, theirs = old.enum or {}, new.enum or {}
    if old.listed and new.listed:
        gone = [value for key, value in mine.items() if key not in theirs]
        come = [value for key, value in theirs.items() if key not in mine]
        if len(mine) == len(theirs) == 1 and gone:
            yield rules.CONST_CHANGED, {"old": spelt(gone[0]), "new": spelt(come[0])}, ("const",)
            return
        if gone:
            yield rules.ENUM[0], {"values": several(gone)}, ("enum", _text(gone[0]))
        if come:
            yield rules.ENUM[1], {"values": several(come)}, ("enum", _text(come[0]))
    elif new.listed:
        yield rules.LISTED[0], {"values": several([*theirs.values()])}, ("enum",)
    elif old.listed:
        yield rules.LISTED[1], {"values": several([*mine.values()])}, ("enum",)


def numbers(old: Shape, new: Shape) -> Iterator[Found]:
    """Bounds and steps."""
    if bool(old.integral) != bool(new.integral) and not old.listed and not new.listed:
        yield rules.INTEGER[bool(old.integral)], {}, ("type",)
    for mine, theirs, stricter, pair, key in (
        (old.low, new.low, lower, rules.MINIMUM, "minimum"),
        (old.high, new.high, upper, rules.MAXIMUM, "maximum"),
    ):
        if mine != theirs:
            lost = stricter(mine, theirs) == theirs
            shut = mine is not None and theirs is not None and mine[0] == theirs[0]
            steps = (f"exclusive{key.capitalize()}" if shut else key,)
            yield pair[not lost], {"old": _bound(mine), "new": _bound(theirs)}, steps
    if old.steps != new.steps:
        values = {"old": _steps(old.steps), "new": _steps(new.steps)}
        if _finer(old.steps, new.steps):
            yield rules.STEP[0], values, ("multipleOf",)
        if _finer(new.steps, old.steps):
            yield rules.STEP[1], values, ("multipleOf",)


def _bound(bound: tuple[Fraction, bool] | None) -> str:
    if bound is None:
        return "none"
    return f"{plain(bound[0])}{' itself excluded' if bound[1] else ''}"


def _steps(steps: frozenset[Fraction]) -> str:
    return " and ".join(str(plain(step)) for step in sorted(steps)) or "none"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _finer(mine: frozenset[Fraction], theirs: frozenset[Fraction]) -> bool:
    """Whether the first steps reach what the second do not."""
    return any(all((own / step).denominator != 1 for own in mine) for step in theirs)


def sizes(kind: str, old: Shape, new: Shape) -> Iterator[Found]:
    """Limits of length, of items or of properties."""
    attribute, word, name = _SIZES[kind]
    mine, theirs = ((getattr(shape, f"min_{attribute}"), getattr(shape, f"max_{attribute}")) for shape in (old, new))
    yield from limits(name, word, mine, theirs)


def limits(name: str, word: str, old: tuple[int, int | None], new: tuple[int, int | None]) -> Iterator[Found]:
    """A least and a greatest number."""
    if old[0] != new[0]:
        yield rules.LEAST[name][new[0] < old[0]], {"old": str(old[0]), "new": str(new[0])}, (f"min{word}",)
    if old[1] != new[1]:
        fell = old[1] is None or (new[1] is not None and new[1] < old[1])
        spelled = {key: "none" if most is None else str(most) for key, most in (("old", old[1]), ("new", new[1]))}
        yield rules.MOST[name][not fell], spelled, (f"max{word}",)
