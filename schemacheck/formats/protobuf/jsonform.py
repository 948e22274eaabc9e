"""What another type or name means for the JSON form of a field, where the binary form is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor
from schemacheck.formats.protobuf.scalars import kind_of
from schemacheck.formats.protobuf.shapes import BY_NAME, Fact, is_map, named, parts, spelt
from schemacheck.formats.protobuf.walk import Walk
from schemacheck.model import Direction, Rule

_WRAPPERS = {
    f"google.protobuf.{name}Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
}


def json_facts(walk: Walk, old: FieldDescriptor, new: FieldDescriptor, binary: Direction) -> Iterator[Fact]:
    """What breaks in a direction that is not among the broken ones of the binary form."""
    values = {"name": named(new), "old": spelt(walk.old, old), "new": spelt(walk.new, new)}
    if old.is_repeated != new.is_repeated or is_map(old) != is_map(new):
        yield from _left(rules.FIELD_JSON_FORM_CHANGED, values, binary)
    elif is_map(old):
        keys, items = zip(parts(old), parts(new), strict=True)
        # A key is text in JSON, whatever its type; only "true" is no number, and a number no "true".
        if (keys[0].type == 8) != (keys[1].type == 8):
            yield from _left(rules.FIELD_JSON_FORM_CHANGED, values, binary)
        else:
            yield from _single(walk, *items, values, binary)
    else:
        yield from _single(walk, old, new, values, binary)


def _single(
    walk: Walk, old: FieldDescriptor, new: FieldDescriptor, values: dict[str, Any], binary: Direction
) -> Iterator[Fact]:
    before, after = kind_of(walk.old, old), kind_of(walk.new, new)
    if {before.json, after.json} == {"32-bit integer", "64-bit integer"}:
        yield from _left(rules.FIELD_JSON_QUOTING_CHANGED, values, binary)
    elif before.json == after.json == "message":
        if own_form(old.message_type) != own_form(new.message_type):
            yield from _left(rules.FIELD_JSON_FORM_CHANGED, values, binary)
    elif before.json != after.json:
        integer = binary == Direction.NONE and {before.json, after.json} == {"enum", "32-bit integer"}
        yield from _left(_ENUM_AND_INTEGER[before.json] if integer else rules.FIELD_JSON_FORM_CHANGED, values, binary)


# Enum readers take numbers, integer readers refuse names.
_ENUM_AND_INTEGER = {
    "enum": rules.FIELD_OPEN_ENUM_BECAME_INTEGER,
    "32-bit integer": rules.FIELD_INTEGER_BECAME_OPEN_ENUM,
}


def own_form(message: Descriptor) -> str | None:
    """What stands in JSON for a type whose form there is not that of its fields."""
    if message.full_name in _WRAPPERS:
        return "value"
    return str(message.full_name) if message.full_name in BY_NAME else None


def _left(rule: Rule, values: dict[str, Any], binary: Direction) -> Iterator[Fact]:
    within = ~binary & Direction.FULL
    if rule.breaks & within:
        yield Fact(rule, values, within=within)


def name_facts(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    """Names are all that JSON has: parsers take the JSON name and the field's own."""
    if old.is_extension or new.is_extension:
        yield from _extension_names(old, new)
        return
    within = Direction.NONE
    if old.json_name not in (new.json_name, new.name):
        within |= Direction.BACKWARD
    if new.json_name not in (old.json_name, old.name):
        within |= Direction.FORWARD
    if old.name != new.name:
        values = {"old": old.name, "new": new.name}
        if within == Direction.NONE:
            yield Fact(rules.FIELD_RENAMED_KEEPING_JSON_NAME, values)
        elif walk.json:
            yield Fact(rules.FIELD_RENAMED, values, within=within)
        else:  # still a warning: nobody can tell a rename from another use of the number
            yield Fact(rules.FIELD_RENAMED_IN_BINARY, values)
    elif rule := _BY_JSON_NAME.get(within):
        yield Fact(rule, {"name": new.name, "old": old.json_name, "new": new.json_name})


_BY_JSON_NAME = {
    Direction.FULL: rules.FIELD_JSON_NAME_CHANGED,
    Direction.BACKWARD: rules.FIELD_JSON_NAME_BECAME_FIELD_NAME,
    Direction.FORWARD: rules.FIELD_JSON_NAME_LEFT_FIELD_NAME,
}


def _extension_names(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    if not new.is_extension:
        yield Fact(rules.EXTENSION_BECAME_FIELD, {"name": new.name, "old": old.full_name})
    elif not old.is_extension:
        yield Fact(rules.FIELD_BECAME_EXTENSION, {"name": old.name, "new": new.full_name})
    elif old.full_name != new.full_name:
        yield Fact(rules.EXTENSION_RENAMED, {"old": old.full_name, "new": new.full_name})
