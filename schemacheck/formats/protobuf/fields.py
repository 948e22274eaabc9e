"""What changed between two states of one field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.jsonform import json_facts, name_facts, own_form
from schemacheck.formats.protobuf.model import FieldDescriptor
from schemacheck.formats.protobuf.options import field_option_facts
from schemacheck.formats.protobuf.scalars import kind_of
from schemacheck.formats.protobuf.shapes import (
    ANOTHER_THING,
    Fact,
    comparable,
    is_map,
    named,
    parts,
    shape_facts,
    union,
)
from schemacheck.formats.protobuf.walk import Pair, Spot, Walk
from schemacheck.model import Change, Direction, Surface


def diff_field(walk: Walk, spot: Spot, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Change]:
    """The facts of two fields with one number; the types behind them wait for their own comparison."""
    for fact in _facts(walk, old, new):
        yield spot.below(fact.suffix).tell(fact.rule, fact.values, fact.within)
    meet_types(walk, spot, old, new)


def _facts(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    shape = list(shape_facts(walk, old, new))
    if old.name != new.name and any(fact.rule in ANOTHER_THING for fact in shape):
        yield Fact(rules.FIELD_NUMBER_REUSED, {"number": new.number, "old": named(old), "new": named(new)})
        return
    types = union(fact for fact in shape if fact.rule not in _REQUIRED or old.is_repeated != new.is_repeated)
    stronger = [*shape, *json_facts(walk, old, new, types), *_presence(walk, old, new, types)]
    names = list(name_facts(walk, old, new))
    yield from [*stronger, *names]
    if old.is_extension != new.is_extension:
        stronger += names
    if not any(walk.json or fact.rule.surface != Surface.JSON for fact in stronger) and _accessor(old) != _accessor(
        new
    ):
        yield Fact(rules.FIELD_ACCESSOR_CHANGED, {"name": named(new)})
    yield from _text(walk, old, new)
    if old.is_repeated and new.is_repeated and old.is_packed != new.is_packed and types == Direction.NONE:
        yield Fact(rules.FIELD_PACKING_CHANGED, {"name": named(new)})
    yield from field_option_facts(walk, old, new)


_REQUIRED = (rules.FIELD_BECAME_REQUIRED, rules.FIELD_STOPPED_BEING_REQUIRED)


# presence and defaults


def _presence(walk: Walk, old: FieldDescriptor, new: FieldDescriptor, types: Direction) -> Iterator[Fact]:
    """What an unset field means; nothing about a field that neither side can read as before."""
    both = (kind_of(walk.old, old), kind_of(walk.new, new))
    if types == Direction.FULL or any(field.is_repeated or field.is_required for field in (old, new)):
        return
    if not all(kind.scalar for kind in both):
        return
    before, after = _default(old), _default(new)
    values = {"name": named(new), "old": before, "new": after}
    differs = before != after and both[0].coding == both[1].coding and (old.has_presence or new.has_presence)
    if differs and (old.has_default_value or new.has_default_value):
        yield Fact(rules.FIELD_DEFAULT_CHANGED, values)
    elif differs and old.type == new.type == 14:
        yield Fact(rules.ENUM_DEFAULT_CHANGED, values)
    elif old.has_presence != new.has_presence:
        rule = rules.FIELD_GAINED_PRESENCE if new.has_presence else rules.FIELD_LOST_PRESENCE
        yield Fact(rule, {"name": named(new)})


def _default(field: FieldDescriptor) -> Any:
    """The value that an unset field reads as, as JSON can hold it."""
    value = field.default_value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return value


# what else a field says


def _accessor(field: FieldDescriptor) -> tuple[object, ...]:
    """What generated code is made after; the names of types are told with the types."""
    kind = "message" if field.type in (10, 11) else field.type
    return kind, field.is_repeated, is_map(field), field.has_presence, field.is_extension


def _text(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    """Whether text is checked, of a field, and of the keys and values of a map."""
    whole = [("", old, new)]
    if is_map(old) and is_map(new):
        whole = [("{key}", parts(old)[0], parts(new)[0]), ("{value}", parts(old)[1], parts(new)[1])]
    for suffix, was, now in whole:
        if was.type != 9 or now.type != 9:
            continue
        before, after = walk.old.verifies(was), walk.new.verifies(now)
        if before != after:
            rule = rules.UTF8_VALIDATION_ADDED if after else rules.UTF8_VALIDATION_REMOVED
            yield Fact(rule, {"name": named(new)}, suffix)


# the types behind a field


def meet_types(walk: Walk, spot: Spot, old: FieldDescriptor, new: FieldDescriptor) -> None:
    """Lets the enums or messages of two fields, or of the values of two maps, wait for their comparison."""
    suffix = "[]" if old.is_repeated and new.is_repeated else ""
    if is_map(old) and is_map(new):
        suffix = "{value}"
    if is_map(old) or is_map(new):
        if not _entries(old, new):
            return
        if not (is_map(old) and is_map(new)):
            suffix = "[].value"
        old, new = parts(old)[1], parts(new)[1]
    if old.type == new.type == 14:
        _meet_enums(walk, spot.below(suffix), old, new)
    elif old.type in (10, 11) and new.type in (10, 11) and comparable(old.message_type, new.message_type):
        _meet_messages(walk, spot.below(suffix), old, new)


def _entries(old: FieldDescriptor, new: FieldDescriptor) -> bool:
    """Whether both have messages with a key and a value, as maps and lists of entries do."""
    fields = (old, new)
    if any(field.type != 11 or not field.is_repeated for field in fields):
        return False
    return all({1, 2} <= set(field.message_type.fields_by_number) for field in fields)


def _meet_enums(walk: Walk, spot: Spot, old: FieldDescriptor, new: FieldDescriptor) -> None:
    before, after = old.enum_type, new.enum_type
    closed = walk.old.closed(old), walk.new.closed(new)
    if walk.settled(before, after, closed):
        return
    around = _met(walk, spot, before, after)
    walk.meet(walk.enums, Pair(before, after, around, rules.FIELD_ENUM_TYPE_RENAMED, closed))


def _meet_messages(walk: Walk, spot: Spot, old: FieldDescriptor, new: FieldDescriptor) -> None:
    before, after = old.message_type, new.message_type
    if before.full_name == after.full_name and own_form(before) not in (None, "value"):
        return  # compared by name
    if walk.settled(before, after):
        return
    around = _met(walk, spot, before, after)
    json = own_form(before) == own_form(after)
    renamed = rules.FIELD_MESSAGE_TYPE_RENAMED if json or not walk.json else None  # the other form was told
    walk.meet(walk.messages, Pair(before, after, around, renamed, json=json))


def _met(walk: Walk, spot: Spot, old: Any, new: Any) -> Spot:
    """The types behind a field: at the end of the way to it or, where the way is long beyond use, by their name."""
    if len(spot.where) < _LONG:
        return walk.both(old, new, spot.where, spot)
    return replace(walk.both(old, new, str(new.full_name), spot), around=None)


_LONG = 1000
