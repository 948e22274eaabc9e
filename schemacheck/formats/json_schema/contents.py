"""What a Confluent registry holds against objects and arrays: whether their content is open, covered or closed.

Something that is added is judged by the old content model, something that is removed by the new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from schemacheck.formats.json_schema import safe
from schemacheck.formats.json_schema.document import Loc
from schemacheck.formats.json_schema.forms import Form
from schemacheck.formats.json_schema.objection import UNKNOWN, limits, told

if TYPE_CHECKING:
    from schemacheck.formats.json_schema.registry import Check

Cover = Loc | bool | None  # a schema; anything, or nothing; None: not known


class Contents:
    """Compares what objects and arrays hold, by one check."""

    def __init__(self, check: Check) -> None:
        self.check = check

    def differences(self, old: Form, new: Form) -> Iterator[str]:
        """What is held against two objects, or two arrays."""
        if new.kind == "object":
            yield from limits(old.loc, new.loc, "minProperties", "maxProperties")
            yield from self._dependencies(old, new)
            yield from self._additional(old, new)
            yield from self._properties(old, new)
        elif new.kind == "array":
            yield from limits(old.loc, new.loc, "minItems", "maxItems")
            yield from self._array(old, new)

    def _held(self, old: Form, new: Form, was: Loc, now: Loc) -> list[str]:
        """What is held against two subschemas below a pair; they may have changed sides."""
        return self.check.pair(self.check.sides[old.side].of(was), self.check.sides[new.side].of(now))

    def _free(self, form: Form, loc: Loc) -> bool:
        """Whether a subschema says nothing."""
        return self.check.sides[form.side].of(loc).kind == "empty"

    # --- objects ------------------------------------------------------------------------------------------------------

    def _dependencies(self, old: Form, new: Form) -> Iterator[str]:
        for keyword in ("dependentRequired", "dependentSchemas"):
            now = new.loc.get(keyword)
            if now and now != old.loc.get(keyword):
                yield UNKNOWN
        was, now = old.loc.get("dependencies") or {}, new.loc.get("dependencies") or {}
        for name, value in now.items():
            before = was.get(name)
            if isinstance(value, list) and isinstance(before, list):
                if not set(value) <= set(before):
                    yield told("DEPENDENCY_ARRAY_EXTENDED", new.loc, name)
            elif before is None or isinstance(value, list) or isinstance(before, list):
                yield told("DEPENDENCY_ADDED", new.loc, name) if value != [] else UNKNOWN
            else:
                yield from self._held(
                    old, new, old.loc.child("dependencies", name), new.loc.child("dependencies", name)
                )

    def _additional(self, old: Form, new: Form) -> Iterator[str]:
        key = "additionalProperties"
        was, now = old.loc.get(key, True), new.loc.get(key, True)
        if now is False:
            if was is not False and not self.check.lenient:
                yield told("ADDITIONAL_PROPERTIES_REMOVED", new.loc)
        elif isinstance(now, dict) and isinstance(was, dict):
            yield from self._held(old, new, old.loc.child(key), new.loc.child(key))
        elif isinstance(now, dict) and was is True:
            if self._free(new, new.loc.child(key)):
                yield UNKNOWN
            elif not self.check.lenient:
                yield told("ADDITIONAL_PROPERTIES_NARROWED", new.loc)
        yield from _unevaluated(old.loc, new.loc, "unevaluatedProperties")

    def _properties(self, old: Form, new: Form) -> Iterator[str]:
        was, now = old.loc.get("properties") or {}, new.loc.get("properties") or {}
        required = new.loc.get("required")
        wanted = set(required) if isinstance(required, list) else set()
        before = old.loc.get("required")
        already = set(before) if isinstance(before, list) else set()
        for name in was:
            if name not in now:
                yield from self._removed(old, new, name)
        for name in now:
            here = new.loc.child("properties", name)
            if name not in was:
                yield from self._added(old, new, name, name in wanted)
                continue
            yield from self._held(old, new, old.loc.child("properties", name), here)
            if name in wanted - already and not _has_default(here):
                yield told("REQUIRED_ATTRIBUTE_ADDED", new.loc, name)

    def _removed(self, old: Form, new: Form, name: str) -> Iterator[str]:
        here, cover = old.loc.child("properties", name), _cover(new.loc, name)
        if cover is None:
            yield UNKNOWN
        elif cover is False and here.raw is not False and not self.check.lenient:
            yield told("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", new.loc, name)
        elif isinstance(cover, Loc):
            kind = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
            yield from _summed(self._held(old, new, here, cover), told(kind, new.loc, name))

    def _added(self, old: Form, new: Form, name: str, required: bool) -> Iterator[str]:
        here, cover = new.loc.child("properties", name), _cover(old.loc, name)
        if required and not _has_default(here):
            yield told("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", new.loc, name)
            return
        free = self._free(new, here)
        if cover is None or (cover is True and free and required):
            yield UNKNOWN
        elif cover is True and not free and not self.check.lenient:
            yield told("PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", new.loc, name)
        elif isinstance(cover, Loc):
            if self.check.lenient and not free and self._free(old, cover):
                yield UNKNOWN  # whether a schema that says nothing covers a name, or leaves it open
                return
            kind = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
            yield from _summed(self._held(old, new, cover, here), told(kind, new.loc, name))

    # --- arrays -------------------------------------------------------------------------------------------------------

    def _array(self, old: Form, new: Form) -> Iterator[str]:
        if new.loc.get("uniqueItems") is True and old.loc.get("uniqueItems") is not True:
            yield told("UNIQUE_ITEMS_ADDED", new.loc)
        yield from _unevaluated(old.loc, new.loc, "unevaluatedItems")
        (firsts, was), (nexts, now) = _items(old.loc), _items(new.loc)
        if nexts is None and now is None:
            return
        if nexts is None and now is not None:
            yield from self._list(old, new, firsts is not None, was, now)
        elif firsts is None and was is not None:
            yield told("ITEMS_CHANGED_TO_TUPLE", new.loc)
        else:
            yield from self._tuple(old, new, firsts or [], nexts or [])

    def _list(self, old: Form, new: Form, tuple_before: bool, was: Loc | None, now: Loc) -> Iterator[str]:
        """One schema for all items."""
        if tuple_before or (was is None and self._free(new, now)):
            yield UNKNOWN
        elif was is None:
            yield told("ITEM_SCHEMA_ADDED", new.loc)
        else:
            yield from self._held(old, new, was, now)

    def _tuple(self, old: Form, new: Form, firsts: list[Loc], nexts: list[Loc]) -> Iterator[str]:
        """A schema for each of the first items, and one for the rest."""
        was, now = _tail(old.loc), _tail(new.loc)
        for one, two in zip(firsts, nexts, strict=False):
            yield from self._held(old, new, one, two)
        for one in firsts[len(nexts) :]:
            if now is False and one.raw is not False:
                yield told("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", new.loc)
            elif isinstance(now, Loc):
                kind = "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
                yield from _summed(self._held(old, new, one, now), told(kind, new.loc))
        for two in nexts[len(firsts) :]:
            if was is True and not self._free(new, two):
                yield told("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", new.loc)
            elif isinstance(was, Loc):
                kind = "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
                yield from _summed(self._held(old, new, was, two), told(kind, new.loc))
        if now is False and was is not False:
            yield told("ADDITIONAL_ITEMS_REMOVED", new.loc)
        elif isinstance(now, Loc) and isinstance(was, Loc):
            yield from self._held(old, new, was, now)
        elif isinstance(now, Loc) and was is True:
            yield UNKNOWN if self._free(new, now) else told("ADDITIONAL_ITEMS_NARROWED", new.loc)


def _summed(held: list[str], words: str) -> Iterator[str]:
    """One objection for all that is held against a subschema and what covers its place."""
    if held:
        yield words if any(held) else UNKNOWN


def _has_default(loc: Loc) -> bool:
    return isinstance(loc.raw, dict) and "default" in loc.raw


def _unevaluated(old: Loc, new: Loc, keyword: str) -> Iterator[str]:
    """How the registry compares these is not known."""
    now = new.get(keyword, True)
    if now is not True and now != old.get(keyword, True):
        yield UNKNOWN


def _cover(loc: Loc, name: str) -> Cover:
    """What holds for a name that is not declared. Beside any pattern, a name that nothing covers counts as refused."""
    patterns: dict[str, Any] = loc.get("patternProperties") or {}
    fits = {pattern: safe.matches(pattern, name) for pattern in patterns}
    if None in fits.values() or sum(map(bool, fits.values())) > 1:
        return None
    for pattern, fit in fits.items():
        if fit:
            return loc.child("patternProperties", pattern)
    rests = [(keyword, loc.get(keyword, True)) for keyword in ("additionalProperties", "unevaluatedProperties")]
    for keyword, rest in rests:
        if isinstance(rest, dict):
            return loc.child(keyword)
    return not patterns and all(rest is True for _, rest in rests)


def _items(loc: Loc) -> tuple[list[Loc] | None, Loc | None]:
    """The schemas of the first items, or the schema of all."""
    first = "prefixItems" if loc.get("prefixItems") is not None else "items"
    items = loc.get(first)
    if isinstance(items, list):
        return [loc.child(first, index) for index in range(len(items))], None
    return None, None if items is None else loc.child("items")


def _tail(loc: Loc) -> Loc | bool:
    """What holds for the items after those that have a schema of their own."""
    keyword = "items" if loc.get("prefixItems") is not None else "additionalItems"
    rest = loc.get(keyword, True)
    return rest if isinstance(rest, bool) else loc.child(keyword)
