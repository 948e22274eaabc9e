"""What a value stands for: changes of logical types, Connect types, documentation, properties and tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemacheck.formats.avro import rules
from schemacheck.formats.avro.logical import PARSED, Connect, Meaning, close
from schemacheck.formats.avro.resolution import Spot, Ways
from schemacheck.formats.avro.tree import Type, spelt_json
from schemacheck.formats.strict import shown
from schemacheck.model import Change, Rule

_LOGICAL_KEYS = frozenset({"logicalType", "precision", "scale"})
_NOTHING = Connect(None)


def meaning_changes(old: Type, new: Type, spot: Spot, within: Ways, tags: frozenset[str]) -> Iterator[Change]:
    """All that changed about what two types that resolve stand for."""
    # A pair that no reader goes through means nothing to anybody.
    if not within:
        return
    if old.logical or new.logical or old.unknown or new.unknown:
        yield from _logical(old, new, spot, within)
        hidden = _LOGICAL_KEYS
    else:
        hidden = frozenset()
    if old.connect or new.connect:
        yield from _connect(old, new, spot, within)
    yield from doc_change(old.doc, new.doc, spot, within)
    if old.props or new.props:
        yield from property_changes(old.props, new.props, spot, within, tags, hidden)


def _logical(old: Type, new: Type, spot: Spot, within: Ways) -> Iterator[Change]:
    before, after = semantics(old), semantics(new)
    if before and after and (old.logical or new.logical):
        yield from _between(before, after, spot, within)
    if old.logical and not new.logical:
        yield _lost(old, new, spot, within, _LOST)
    elif new.logical and not old.logical:
        yield _lost(new, old, spot, within, _GAINED)
    elif not old.logical and not new.logical and old.unknown != new.unknown:
        values = {"old": old.unknown or "none", "new": new.unknown or "none"}
        yield spot.change(rules.CUSTOM_LOGICAL_TYPE_CHANGED, values, within)


_LOST = (
    rules.LOGICAL_TYPE_MISSPELT,
    rules.LOGICAL_TYPE_MISPLACED,
    rules.PARSED_LOGICAL_TYPE_REMOVED,
    rules.LOGICAL_TYPE_REMOVED,
)
_GAINED = (
    rules.LOGICAL_TYPE_SPELLING_CORRECTED,
    rules.LOGICAL_TYPE_PLACEMENT_CORRECTED,
    rules.PARSED_LOGICAL_TYPE_ADDED,
    rules.LOGICAL_TYPE_ADDED,
)


def _lost(known: Type, other: Type, spot: Spot, within: Ways, which: tuple[Rule, Rule, Rule, Rule]) -> Change:
    """How a logical type that one side applies is missing on the other."""
    misspelt, misplaced, parsed, plain = which
    assert known.logical is not None
    name = known.logical.name
    if other.unknown and close(other.unknown, name):
        old, new = (name, other.unknown) if which is _LOST else (other.unknown, name)
        return spot.change(misspelt, {"old": old, "new": new}, within)
    if other.misplaced:
        said, why = other.misplaced
        old, new = (name, said) if which is _LOST else (said, name)
        return spot.change(misplaced, {"old": old, "new": new, "why": why}, within)
    rule = parsed if (name, known.kind) in PARSED else plain
    return spot.change(rule, {"logical": name}, within)


def semantics(node: Type) -> Meaning | None:
    """What a value stands for: by the effective logical type, else by a known Connect type."""
    if node.logical:
        return node.logical.meaning
    return node.connect.meaning if node.connect else None


def _between(before: Meaning, after: Meaning, spot: Spot, within: Ways) -> Iterator[Change]:
    if before.kind != after.kind:
        yield spot.change(rules.LOGICAL_TYPE_CHANGED, {"old": _words(before), "new": _words(after)}, within)
    elif before.unit != after.unit:
        yield spot.change(rules.TIME_UNIT_CHANGED, {"old": _words(before), "new": _words(after)}, within)
    elif before.scale != after.scale:
        yield spot.change(rules.DECIMAL_SCALE_CHANGED, {"old": before.scale, "new": after.scale}, within)
    elif before.precision is not None and after.precision is not None and before.precision != after.precision:
        grown = after.precision > before.precision
        rule = rules.DECIMAL_PRECISION_INCREASED if grown else rules.DECIMAL_PRECISION_DECREASED
        yield spot.change(rule, {"old": before.precision, "new": after.precision}, within)


def _words(meaning: Meaning) -> str:
    return f"{meaning.kind} in {meaning.unit}" if meaning.unit not in ("", "days") else meaning.kind


# --- Connect ----------------------------------------------------------------------------------------------------------


def _connect(old: Type, new: Type, spot: Spot, within: Ways) -> Iterator[Change]:
    before, after = old.connect or _NOTHING, new.connect or _NOTHING
    told = _told_by_logical(old, new)
    if before.name and after.name:
        yield from _connect_names(before, after, spot, within, told)
    elif after.name and not (told and not old.logical):
        yield spot.change(rules.CONNECT_TYPE_ADDED, {"connect": after.name}, within)
    elif before.name and not (told and not new.logical):
        yield spot.change(rules.CONNECT_TYPE_REMOVED, {"connect": before.name}, within)
    hidden = _told_parameters(old, new)
    yield from parameter_changes(before.parameters, after.parameters, spot, within, hidden)
    if before.version != after.version:
        values = {"old": shown(before.version), "new": shown(after.version)}
        yield spot.change(rules.CONNECT_VERSION_CHANGED, values, within)


def _connect_names(before: Connect, after: Connect, spot: Spot, within: Ways, told: bool) -> Iterator[Change]:
    if before.name == after.name:
        if before.meaning and after.meaning and before.meaning != after.meaning and not told:
            yield from _between(before.meaning, after.meaning, spot, within)
        return
    values = {"old": before.name, "new": after.name}
    same = before.meaning is not None and after.meaning is not None and before.meaning == after.meaning
    if same:
        yield spot.change(rules.CONNECT_TYPE_RENAMED, values, within)
    elif not told:
        yield spot.change(rules.CONNECT_TYPE_CHANGED, values, within)


def _told_by_logical(old: Type, new: Type) -> bool:
    """Whether logical types changed too, and say on each side what the Connect type says."""
    if old.logical is None and new.logical is None:
        return False
    return _agrees(old) and _agrees(new)


def _agrees(node: Type) -> bool:
    said = node.connect.meaning if node.connect else None
    if node.logical is None:
        return said is None
    mine = node.logical.meaning
    return said is None or (said.kind, said.unit, said.scale) == (mine.kind, mine.unit, mine.scale)


def _told_parameters(old: Type, new: Type) -> frozenset[str]:
    """The parameters of a decimal, where the decimal rules speak of them."""
    before, after = semantics(old), semantics(new)
    decimals = before is not None and after is not None and before.kind == after.kind == "decimal"
    return frozenset({"scale", "connect.decimal.precision"}) if decimals else frozenset()


def parameter_changes(
    old: Mapping[str, str],
    new: Mapping[str, str],
    spot: Spot,
    within: Ways,
    hidden: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    """Each of `connect.parameters` that came, left or changed."""
    if not old and not new:
        return
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in hidden and old.get(key) != new.get(key):
            values = {"key": key, "old": shown(old.get(key)), "new": shown(new.get(key))}
            yield spot.change(rules.CONNECT_PARAMETER_CHANGED, values, within)


# --- documentation, properties, tags ----------------------------------------------------------------------------------


def doc_change(old: str, new: str, spot: Spot, within: Ways) -> Iterator[Change]:
    """A documentation that came, left or changed."""
    if old != new:
        yield spot.change(rules.DOC_CHANGED, {"old": shown(old), "new": shown(new)}, within)


def property_changes(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    spot: Spot,
    within: Ways,
    tags: frozenset[str],
    hidden: frozenset[str] = frozenset(),
) -> Iterator[Change]:
    """Each custom property that came, left or changed; tags by their values."""
    if not old and not new:
        return
    for key in [*new, *(key for key in old if key not in new)]:
        if key in hidden:
            continue
        if key in tags:
            yield from _tags(key, _marks(old.get(key)), _marks(new.get(key)), spot, within)
        elif key not in old:
            yield spot.change(rules.PROPERTY_ADDED, {"key": key, "value": shown(new[key])}, within)
        elif key not in new:
            yield spot.change(rules.PROPERTY_REMOVED, {"key": key, "value": shown(old[key])}, within)
        elif spelt_json(old[key]) != spelt_json(new[key]):
            values = {"key": key, "old": shown(old[key]), "new": shown(new[key])}
            yield spot.change(rules.PROPERTY_CHANGED, values, within)


def _tags(key: str, old: list[str], new: list[str], spot: Spot, within: Ways) -> Iterator[Change]:
    for tag in new:
        if tag not in old:
            yield spot.change(rules.TAG_ADDED, {"key": key, "tag": tag}, within)
    for tag in old:
        if tag not in new:
            yield spot.change(rules.TAG_REMOVED, {"key": key, "tag": tag}, within)


def _marks(value: Any) -> list[str]:
    """The values of a tag as texts; nothing for none, false and the empty ones."""
    if value in (None, False, "", [], {}):
        return []
    marks = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(mark if isinstance(mark, str) else shown(mark) for mark in marks))
