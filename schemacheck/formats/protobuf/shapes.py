"""What the binary form of a field makes of another type, or of a list or map in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor
from schemacheck.formats.protobuf.scalars import Kind, Reads, kind_of, reads
from schemacheck.formats.protobuf.side import Side
from schemacheck.formats.protobuf.walk import Walk
from schemacheck.model import Direction, Rule, Surface

# Types with a JSON form of their own: compared by name, since two of them can have one structure.
BY_NAME = {
    f"google.protobuf.{name}" for name in ("Any", "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue")
}
_MESSAGES = ("message", "group")


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


def union(facts: Iterable[Fact]) -> Direction:
    """All directions that some fact breaks."""
    found = Direction.NONE
    for fact in facts:
        found |= fact.breaks
    return found


def is_map(field: FieldDescriptor) -> bool:
    """Whether a field is a map."""
    return bool(field.type == 11 and field.is_repeated and field.message_type.GetOptions().map_entry)


def parts(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    """Key and value of a map."""
    entry = field.message_type.fields_by_number
    return entry[1], entry[2]


def named(field: FieldDescriptor) -> str:
    """The name of a field; of an extension the full one."""
    return str(field.full_name if field.is_extension else field.name)


def spelt(side: Side, field: FieldDescriptor) -> str:
    """A field's type as its author wrote it."""
    if is_map(field):
        key, value = parts(field)
        return f"map<{kind_of(side, key).name}, {kind_of(side, value).name}>"
    return f"{'repeated ' if field.is_repeated else ''}{kind_of(side, field).name}"


def shape_facts(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    """What another type, cardinality or required-ness breaks."""
    if is_map(old) and is_map(new):
        for suffix, was, now in zip(("{key}", "{value}"), parts(old), parts(new), strict=True):
            for fact in _element(walk, was, now, named(new)):
                yield Fact(fact.rule, fact.values, suffix)
    elif is_map(old) or is_map(new):
        yield _map_and_other(walk, old, new)
    elif old.is_repeated != new.is_repeated:
        yield from _list_and_single(walk, old, new)
    else:
        if _cut_apart(walk, old, new):
            yield _changed(walk, old, new)
        else:
            yield from _element(walk, old, new, named(new))
        yield from _required(old, new)


def _map_and_other(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Fact:
    """A map is a list of entries with key 1 and value 2, and such a list can be read as a map."""
    entries = [field.message_type for field in (old, new)]
    alike = (
        old.is_repeated
        and new.is_repeated
        and None not in entries
        and old.type == new.type == 11
        and all([field.number for field in entry.fields] == [1, 2] for entry in entries)
        and all(not field.is_repeated for entry in entries for field in entry.fields)
        and all(_read_alike(walk, *both) for both in zip(parts(old), parts(new), strict=True))
    )
    if not alike:
        return _changed(walk, old, new)
    return Fact(rules.MAP_BECAME_LIST if is_map(old) else rules.LIST_BECAME_MAP, {"name": named(new)})


def _read_alike(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> bool:
    return not any(True for _ in _element(walk, old, new, ""))


def _cut_apart(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> bool:
    """Lists of which one is packed, with elements of another wire form: the bytes are cut at other places."""
    forms = kind_of(walk.old, old).form, kind_of(walk.new, new).form
    return (old.is_packed or new.is_packed) and forms[0] != forms[1]


def _list_and_single(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    facts = list(_element(walk, old, new, named(new)))
    if any(fact.rule.surface == Surface.WIRE and fact.breaks == Direction.FULL for fact in facts):
        yield _changed(walk, old, new)
        return
    many = new if new.is_repeated else old
    cardinality = next(_required(old, new), None)  # a list that may be empty, against a value that must be there
    if cardinality is None and many.is_packed:
        rule = rules.FIELD_BECAME_PACKED_LIST if many is new else rules.PACKED_LIST_BECAME_FIELD
        cardinality = Fact(rule, {"name": named(new)})
    elif cardinality is None:
        rule = rules.FIELD_BECAME_LIST if many is new else rules.LIST_BECAME_FIELD
        cardinality = Fact(rule, {"name": named(new)})
    yield cardinality
    yield from (fact for fact in facts if fact.breaks & ~cardinality.breaks)


def _required(old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    if old.is_required != new.is_required:
        rule = rules.FIELD_BECAME_REQUIRED if new.is_required else rules.FIELD_STOPPED_BEING_REQUIRED
        yield Fact(rule, {"name": named(new)})


def _changed(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Fact:
    values = {"name": named(new), "old": spelt(walk.old, old), "new": spelt(walk.new, new)}
    return Fact(rules.FIELD_TYPE_CHANGED, values)


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
ANOTHER_THING = (rules.FIELD_TYPE_CHANGED, rules.FIELD_TYPE_REINTERPRETED, rules.WELL_KNOWN_TYPE_SWAPPED)


def _element(walk: Walk, old: FieldDescriptor, new: FieldDescriptor, name: str) -> Iterator[Fact]:
    """The facts of two single elements: of fields, of list items, of map keys or values."""
    before, after = kind_of(walk.old, old), kind_of(walk.new, new)
    values = {"name": name, "old": before.name, "new": after.name}
    if before.coding in _MESSAGES and after.coding in _MESSAGES:
        facts = list(message_facts(old.message_type, new.message_type, name))
        if before.form != after.form and not facts:
            facts = [Fact(rules.FIELD_DELIMITING_CHANGED, {"name": name})]
        yield from facts
    elif old.type == new.type == 14:
        return  # the two enums are compared on their own
    elif rule := _BY_CODINGS.get((before.coding, after.coding)):
        yield Fact(rule, {key: value for key, value in values.items() if f"{{{key}}}" in rule.message})
    elif found := _type_rule(before, after):
        yield Fact(found, values)


def _type_rule(before: Kind, after: Kind) -> Rule | None:
    verdicts = reads(after, before), reads(before, after)
    if verdicts == (Reads.SAME, Reads.SAME):
        return None
    if verdicts == (Reads.NOT, Reads.SAME) and after.numbers is not None:
        return rules.FIELD_INTEGER_BECAME_CLOSED_ENUM
    if verdicts == (Reads.SAME, Reads.NOT) and before.numbers is not None:
        return rules.FIELD_CLOSED_ENUM_BECAME_INTEGER
    return _BY_VERDICTS.get(verdicts, rules.FIELD_TYPE_CHANGED)


def message_facts(old: Descriptor, new: Descriptor, name: str) -> Iterator[Fact]:
    """Two message types as a whole; their insides are compared on their own."""
    values = {"name": name, "old": old.full_name, "new": new.full_name}
    if old.full_name == new.full_name:
        return
    if old.full_name in BY_NAME and new.full_name in BY_NAME:
        yield Fact(rules.WELL_KNOWN_TYPE_SWAPPED, values)
    elif _strangers(old, new):
        yield Fact(rules.FIELD_TYPE_CHANGED, values)


def comparable(old: Descriptor, new: Descriptor) -> bool:
    """Whether it says anything to compare the insides of two message types."""
    if old.full_name in BY_NAME and new.full_name in BY_NAME:
        return False
    return bool(old.full_name == new.full_name) or not _strangers(old, new)


def _strangers(old: Descriptor, new: Descriptor) -> bool:
    """Whether two messages have nothing in common: neither a name nor a field number."""
    numbers = {field.number for field in old.fields}, {field.number for field in new.fields}
    return old.name != new.name and all(numbers) and numbers[0].isdisjoint(numbers[1])
