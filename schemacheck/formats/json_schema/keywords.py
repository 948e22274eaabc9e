"""What differs between two shapes of one place, keyword by keyword."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from schemacheck.formats.json_schema import rules
from schemacheck.formats.json_schema.places import several, spelt
from schemacheck.formats.json_schema.shape import ALL_TYPES, Shape, lower, upper
from schemacheck.formats.json_schema.values import ARRAY, NUMBER, OBJECT, STRING, TYPES, plain
from schemacheck.model import Rule

Found = tuple[Rule, dict[str, Any], str]
_SIZES = (
    (STRING, "length", "Length", "length"),
    (ARRAY, "items", "Items", "items"),
    (OBJECT, "props", "Properties", "properties"),
)


def differences(old: Shape, new: Shape) -> Iterator[Found]:
    """The rules that the keywords of one place give cause for, both ways."""
    if old.types != new.types:
        yield from _types(old, new)
    if not old.types & new.types:
        return
    yield from _lists(old, new)
    both = old.types & new.types
    if old.listed and new.listed:
        return
    if NUMBER in both:
        yield from _numbers(old, new)
    for kind, attribute, word, name in _SIZES:
        if kind in both:
            yield from _sizes(old, new, attribute, word, name)
    if STRING in both and old.patterns != new.patterns:
        gone, come = sorted(old.patterns - new.patterns), sorted(new.patterns - old.patterns)
        if gone and come:
            yield rules.PATTERN_CHANGED, {"old": _all(gone), "new": _all(come)}, "pattern"
        else:
            yield rules.PATTERN[bool(gone)], {"pattern": _all(gone or come)}, "pattern"


def quoted(text: str) -> str:
    """A pattern in a message."""
    return spelt(text)


def _all(patterns: list[str]) -> str:
    return " and ".join(map(quoted, patterns))


def _types(old: Shape, new: Shape) -> Iterator[Found]:
    if not new.types or not old.types:
        yield rules.VALUE[not old.types], {}, "type"
    elif not old.types & new.types:
        yield rules.TYPE_CHANGED, {"old": _names(old, old.types), "new": _names(new, new.types)}, "type"
    else:
        if gone := old.types - new.types:
            yield rules.TYPE[0], {"types": _names(old, gone)}, "type"
        if come := new.types - old.types:
            yield rules.TYPE[1], {"types": _names(new, come)}, "type"


def _names(shape: Shape, types: frozenset[str]) -> str:
    if types == ALL_TYPES:
        return "anything"
    return " or ".join("integer" if kind == NUMBER and shape.integral else kind for kind in TYPES if kind in types)


def _lists(old: Shape, new: Shape) -> Iterator[Found]:
    mine, theirs = old.enum or {}, new.enum or {}
    if old.listed and new.listed:
        gone = [value for key, value in mine.items() if key not in theirs]
        come = [value for key, value in theirs.items() if key not in mine]
        if len(mine) == len(theirs) == 1 and gone:
            yield rules.CONST_CHANGED, {"old": spelt(gone[0]), "new": spelt(come[0])}, "const"
            return
        if gone:
            yield rules.ENUM[0], {"values": several(gone)}, "enum"
        if come:
            yield rules.ENUM[1], {"values": several(come)}, "enum"
    elif new.listed:
        yield rules.LISTED[0], {"values": several([*theirs.values()])}, "enum"
    elif old.listed:
        yield rules.LISTED[1], {"values": several([*mine.values()])}, "enum"


def _numbers(old: Shape, new: Shape) -> Iterator[Found]:
    if bool(old.integral) != bool(new.integral) and not old.listed and not new.listed:
        yield rules.INTEGER[bool(old.integral)], {}, "type"
    for mine, theirs, stricter, pair, key in (
        (old.low, new.low, lower, rules.MINIMUM, "minimum"),
        (old.high, new.high, upper, rules.MAXIMUM, "maximum"),
    ):
        if mine != theirs:
            lost = stricter(mine, theirs) == theirs
            yield pair[not lost], {"old": _bound(mine), "new": _bound(theirs)}, key
    if old.steps != new.steps:
        values = {"old": _steps(old.steps), "new": _steps(new.steps)}
        if _finer(old.steps, new.steps):
            yield rules.STEP[0], values, "multipleOf"
        if _finer(new.steps, old.steps):
            yield rules.STEP[1], values, "multipleOf"


def _bound(bound: tuple[Fraction, bool] | None) -> str:
    if bound is None:
        return "none"
    return f"{plain(bound[0])}{' itself excluded' if bound[1] else ''}"


def _steps(steps: frozenset[Fraction]) -> str:
    return " and ".join(str(plain(step)) for step in sorted(steps)) or "none"


def _finer(mine: frozenset[Fraction], theirs: frozenset[Fraction]) -> bool:
    """Whether the first steps reach what the second do not."""
    return any(all((own / step).denominator != 1 for own in mine) for step in theirs)


def _sizes(old: Shape, new: Shape, attribute: str, word: str, name: str) -> Iterator[Found]:
    mine, theirs = getattr(old, f"min_{attribute}"), getattr(new, f"min_{attribute}")
    if mine != theirs:
        yield rules.LEAST[name][theirs < mine], {"old": str(mine), "new": str(theirs)}, f"min{word}"
    mine, theirs = getattr(old, f"max_{attribute}"), getattr(new, f"max_{attribute}")
    if mine != theirs:
        fell = mine is None or (theirs is not None and theirs < mine)
        values = {"old": "none" if mine is None else str(mine), "new": "none" if theirs is None else str(theirs)}
        yield rules.MOST[name][not fell], values, f"max{word}"
