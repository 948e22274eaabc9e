"""What changed between two states of one field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor
from schemacheck.formats.protobuf.scalars import Kind, Reads, kind_of, reads
from schemacheck.formats.protobuf.walk import Pair, Walk
from schemacheck.model import Change, Direction, Rule, Surface

# Types with a JSON form of their own: compared by name, since two of them can have one structure.
BY_NAME = {
    f"google.protobuf.{name}" for name in ("Any", "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue")
}
_WRAPPERS = {
    f"google.protobuf.{name}Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
}
_PACKABLE = ("varint", "4 bytes", "8 bytes")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is true of a pair of fields, before it has a place."""

    rule: Rule
    values: dict[str, Any]
    suffix: str = ""
    within: Direction = Direction.FULL

    @property
    def breaks(self) -> Direction:
        return self.rule.breaks & self.within


def is_map(field: FieldDescriptor) -> bool:
    """Whether a field is a map."""
    return bool(field.type == 11 and field.is_repeated and field.message_type.GetOptions().map_entry)


def spelt(field: FieldDescriptor) -> str:
    """A field's type as its author wrote it."""
    if is_map(field):
        entry = field.message_type.fields_by_name
        return f"map<{kind_of(entry['key']).name}, {kind_of(entry['value']).name}>"
    return f"{'repeated ' if field.is_repeated else ''}{kind_of(field).name}"


def diff_field(walk: Walk, inside: Pair, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Change]:
    """The facts of two fields with one number, and the types behind them, which wait for their own comparison."""
    facts = list(_binary(old, new))
    binary = _union(facts)
    reused = old.name != new.name and any(f.rule in _ANOTHER_THING for f in facts)
    if reused:
        facts = [Fact(rules.FIELD_NUMBER_REUSED, {"number": new.number, "old": old.name, "new": new.name})]
        binary = Direction.FULL
    facts += _json_form(old, new, binary)
    if not reused:
        facts += _names(old, new)
        facts += _presence(old, new)
        facts += _details(old, new)
    for fact in facts:
        suffix = fact.suffix
        where = f"{inside.where}.{new.name}{suffix}"
        change = walk.change(fact.rule, fact.values, inside, new.name, old.name, within=fact.within)
        yield Change(change.rule, change.values, where, change.pointer, change.old_pointer, change.within)
    if not reused:
        _meet_types(walk, inside, old, new)


def _union(facts: list[Fact]) -> Direction:
    found = Direction.NONE
    for fact in facts:
        found |= fact.breaks
    return found


# the binary form


def _binary(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    if is_map(old) and is_map(new):
        before, after = old.message_type.fields_by_name, new.message_type.fields_by_name
        for part in ("key", "value"):
            for fact in _element(before[part], after[part], new.name):
                yield Fact(fact.rule, fact.values, f"{{{part}}}", fact.within)
        return
    if is_map(old) or is_map(new):
        yield _map_and_other(old, new)
        return
    if old.is_repeated == new.is_repeated:
        if old.is_repeated and _packed_apart(old, new):
            yield _changed(old, new)
        else:
            yield from _element(old, new, new.name)
        yield from _required(old, new)
        return
    yield from _list_and_single(old, new)


def _map_and_other(old: FieldDescriptor, new: FieldDescriptor) -> Fact:
    mapped, other = (old, new) if is_map(old) else (new, old)
    entry = other.message_type
    alike = (
        other.is_repeated
        and entry is not None
        and other.type == 11
        and [field.number for field in entry.fields] == [1, 2]
        and all(
            reads(kind_of(mine), kind_of(theirs)) == Reads.SAME == reads(kind_of(theirs), kind_of(mine))
            and not mine.is_repeated
            for mine, theirs in zip(entry.fields, mapped.message_type.fields, strict=True)
        )
    )
    if not alike:
        return _changed(old, new)
    return Fact(rules.MAP_BECAME_LIST if mapped is old else rules.LIST_BECAME_MAP, {"name": new.name})


def _packed_apart(old: FieldDescriptor, new: FieldDescriptor) -> bool:
    """Lists of which one is packed, with elements of another wire form: the bytes are cut at other places."""
    return (old.is_packed or new.is_packed) and kind_of(old).form != kind_of(new).form


def _list_and_single(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    facts = list(_element(old, new, new.name))
    if any(fact.rule.surface == Surface.WIRE for fact in facts):
        yield _changed(old, new)
        return
    yield from _required(old, new)
    many = new if new.is_repeated else old
    if many.is_packed and kind_of(many).form in _PACKABLE:
        rule = rules.FIELD_BECAME_PACKED_LIST if many is new else rules.PACKED_LIST_BECAME_FIELD
    else:
        rule = rules.FIELD_BECAME_LIST if many is new else rules.LIST_BECAME_FIELD
    yield Fact(rule, {"name": new.name})
    yield from (fact for fact in facts if fact.breaks & ~rule.breaks)


def _required(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    if old.is_required != new.is_required:
        rule = rules.FIELD_BECAME_REQUIRED if new.is_required else rules.FIELD_STOPPED_BEING_REQUIRED
        yield Fact(rule, {"name": new.name})


def _changed(old: FieldDescriptor, new: FieldDescriptor) -> Fact:
    return Fact(rules.FIELD_TYPE_CHANGED, {"name": new.name, "old": spelt(old), "new": spelt(new)})


_BY_VERDICTS = {
    (Reads.SAME, Reads.OTHER_VALUE): rules.FIELD_TYPE_WIDENED,
    (Reads.OTHER_VALUE, Reads.SAME): rules.FIELD_TYPE_NARROWED,
    (Reads.OTHER_VALUE, Reads.OTHER_VALUE): rules.FIELD_TYPE_REINTERPRETED,
}
_BY_CODINGS = {
    ("text", "bytes"): rules.FIELD_STRING_BECAME_BYTES,
    ("bytes", "text"): rules.FIELD_BYTES_BECAME_STRING,
    ("message", "bytes"): rules.FIELD_MESSAGE_BECAME_BYTES,
    ("bytes", "message"): rules.FIELD_BYTES_BECAME_MESSAGE,
}
_ANOTHER_THING = (rules.FIELD_TYPE_CHANGED, rules.FIELD_TYPE_REINTERPRETED, rules.WELL_KNOWN_TYPE_SWAPPED)


def _element(old: FieldDescriptor, new: FieldDescriptor, name: str) -> Iterator[Fact]:
    """The facts of two single elements: of fields, of list items, of map keys or values."""
    before, after = kind_of(old), kind_of(new)
    values = {"name": name, "old": before.name, "new": after.name}
    if before.form == "group" or after.form == "group":
        yield from _grouped(old, new, before, after, values)
    elif before.coding == after.coding == "message":
        yield from _messages(old.message_type, new.message_type, values)
    elif old.type == new.type == 14:
        return
    elif rule := _BY_CODINGS.get((before.coding, after.coding)):
        wanted = {key: values[key] for key in ("name", "old", "new") if "{" + key + "}" in rule.message}
        yield Fact(rule, wanted)
    elif rule := _type_rule(before, after):
        yield Fact(rule, values)


def _type_rule(before: Kind, after: Kind) -> Rule | None:
    verdicts = reads(after, before), reads(before, after)
    if verdicts == (Reads.SAME, Reads.SAME):
        return None
    if verdicts == (Reads.NOT, Reads.SAME) and after.numbers is not None:
        return rules.FIELD_INTEGER_BECAME_CLOSED_ENUM
    if verdicts == (Reads.SAME, Reads.NOT) and before.numbers is not None:
        return rules.FIELD_CLOSED_ENUM_BECAME_INTEGER
    return _BY_VERDICTS.get(verdicts, rules.FIELD_TYPE_CHANGED)


def _grouped(
    old: FieldDescriptor, new: FieldDescriptor, before: Kind, after: Kind, values: dict[str, Any]
) -> Iterator[Fact]:
    if before.form == after.form:
        yield from _messages(old.message_type, new.message_type, values)
    elif before.scalar or after.scalar:
        yield Fact(rules.FIELD_TYPE_CHANGED, values)
    else:
        yield Fact(rules.FIELD_DELIMITING_CHANGED, {"name": values["name"]})


def _messages(old: Descriptor, new: Descriptor, values: dict[str, Any]) -> Iterator[Fact]:
    """Two message types; their insides are compared on their own."""
    if old.full_name == new.full_name:
        return
    if old.full_name in BY_NAME and new.full_name in BY_NAME:
        yield Fact(rules.WELL_KNOWN_TYPE_SWAPPED, values)
    elif strangers(old, new):
        yield Fact(rules.FIELD_TYPE_CHANGED, values)


def strangers(old: Descriptor, new: Descriptor) -> bool:
    """Whether two messages have nothing in common: neither a name nor a field number."""
    numbers = {field.number for field in old.fields}, {field.number for field in new.fields}
    return old.name != new.name and all(numbers) and numbers[0].isdisjoint(numbers[1])


# the JSON form


def _json_form(old: FieldDescriptor, new: FieldDescriptor, binary: Direction) -> Iterator[Fact]:
    """What breaks for JSON in a direction in which the binary form is whole."""
    values = {"name": new.name, "old": spelt(old), "new": spelt(new)}
    if is_map(old) and is_map(new):
        old, new = (field.message_type.fields_by_name["value"] for field in (old, new))
    elif old.is_repeated != new.is_repeated or is_map(old) != is_map(new):
        yield from _left(rules.FIELD_JSON_FORM_CHANGED, values, binary)
        return
    before, after = kind_of(old), kind_of(new)
    if before.json == "enum" and after.json == "32-bit integer":
        yield from _left(rules.FIELD_OPEN_ENUM_BECAME_INTEGER, values, binary)
    elif before.json == "32-bit integer" and after.json == "enum":
        yield from _left(rules.FIELD_INTEGER_BECAME_OPEN_ENUM, values, binary)
    elif {before.json, after.json} == {"32-bit integer", "64-bit integer"}:
        yield Fact(rules.FIELD_JSON_QUOTING_CHANGED, values)
    elif before.json != after.json or _own_form(old) != _own_form(new):
        yield from _left(rules.FIELD_JSON_FORM_CHANGED, values, binary)


def _own_form(field: FieldDescriptor) -> str | None:
    """The name of a type whose JSON form is not that of its fields."""
    if field.type not in (10, 11):
        return None
    name = field.message_type.full_name
    return name if name in BY_NAME or name in _WRAPPERS else None


def _left(rule: Rule, values: dict[str, Any], binary: Direction) -> Iterator[Fact]:
    within = ~binary & Direction.FULL
    if rule.breaks & within:
        yield Fact(rule, values, within=within)


def _names(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    """Names are all that JSON has: parsers take the JSON name and the field's own."""
    if old.is_extension:
        if old.full_name != new.full_name:
            yield Fact(rules.EXTENSION_RENAMED, {"old": old.full_name, "new": new.full_name})
        return
    backward = old.json_name not in (new.json_name, new.name)
    forward = new.json_name not in (old.json_name, old.name)
    if not backward and not forward:
        return
    if old.name != new.name:
        within = (Direction.BACKWARD if backward else Direction.NONE) | (
            Direction.FORWARD if forward else Direction.NONE
        )
        yield Fact(rules.FIELD_RENAMED, {"old": old.name, "new": new.name}, within=within)
        return
    values = {"name": new.name, "old": old.json_name, "new": new.json_name}
    if backward and forward:
        yield Fact(rules.FIELD_JSON_NAME_CHANGED, values)
    else:
        yield Fact(
            rules.FIELD_JSON_NAME_BECAME_FIELD_NAME if backward else rules.FIELD_JSON_NAME_LEFT_FIELD_NAME, values
        )


# presence, defaults, features


def _presence(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    if old.is_repeated or new.is_repeated or old.is_required or new.is_required:
        return
    if old.has_presence != new.has_presence and kind_of(old).scalar and kind_of(new).scalar:
        yield Fact(rules.FIELD_GAINED_PRESENCE if new.has_presence else rules.FIELD_LOST_PRESENCE, {"name": new.name})
    if not kind_of(old).scalar or not kind_of(new).scalar or kind_of(old).coding != kind_of(new).coding:
        return
    explicit = old.has_default_value or new.has_default_value
    before, after = _default(old), _default(new)
    if before == after or not (old.has_presence or new.has_presence):
        return
    if explicit:
        yield Fact(rules.FIELD_DEFAULT_CHANGED, {"name": new.name, "old": before, "new": after})
    elif old.type == new.type == 14 and old.has_presence and new.has_presence:
        yield Fact(rules.ENUM_DEFAULT_CHANGED, {"name": new.name, "old": before, "new": after})


def _default(field: FieldDescriptor) -> Any:
    """The value that an unset field reads as, as JSON can hold it."""
    value = field.default_value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return int(value) if isinstance(value, bool) and field.type != 8 else value


def _details(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    name = {"name": new.name}
    if old.type == new.type == 9:
        checked = [field._GetFeatures().utf8_validation == 2 for field in (old, new)]
        if checked[0] != checked[1]:
            yield Fact(rules.UTF8_VALIDATION_ADDED if checked[1] else rules.UTF8_VALIDATION_REMOVED, name)
    if old.is_repeated and new.is_repeated and old.is_packed != new.is_packed and not _packed_apart(old, new):
        yield Fact(rules.FIELD_PACKING_CHANGED, name)
    before, after = old.GetOptions().deprecated, new.GetOptions().deprecated
    if before != after:
        yield Fact(rules.DEPRECATED_SET if after else rules.DEPRECATED_UNSET, name)


# the types behind a field


def _meet_types(walk: Walk, inside: Pair, old: FieldDescriptor, new: FieldDescriptor) -> None:
    if is_map(old) and is_map(new):
        old, new = (field.message_type.fields_by_name["value"] for field in (old, new))
        where = f"{inside.where}.{_owner(new)}{{value}}"
    else:
        if is_map(old) or is_map(new):
            return
        suffix = "[]" if new.is_repeated and old.is_repeated else ""
        where = f"{inside.where}.{new.name}{suffix}"
    if old.type == new.type == 14:
        walk.meet(walk.enums, walk.pair(old.enum_type, new.enum_type, where, inside))
    elif kind_of(old).coding in ("message", "group") and kind_of(new).coding in ("message", "group"):
        before, after = old.message_type, new.message_type
        swapped = before.full_name in BY_NAME and after.full_name in BY_NAME
        if not swapped and not (before.full_name != after.full_name and strangers(before, after)):
            walk.meet(walk.messages, walk.pair(before, after, where, inside))


def _owner(value: FieldDescriptor) -> str:
    """The name of the map field whose entry a value field belongs to."""
    entry = value.containing_type
    return str(next(field.name for field in entry.containing_type.fields if field.message_type == entry))
