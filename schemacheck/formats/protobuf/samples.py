"""The smallest events that go one way and carry one value, built from the writer's descriptors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor
from schemacheck.formats.protobuf.route import Step
from schemacheck.formats.protobuf.shapes import is_map

Message: TypeAlias = Any
_DEEP = 40  # levels of required messages; a message that requires itself cannot be written
_MARK = "\x01\x7f\x01\x7f\x01"  # text that is put in the place of bytes which are no UTF-8
NO_TEXT = (_MARK.encode(), b"\xff\xfe\xff\xfe\xff")

_LIMITS = {5: (-(2**31), 2**31 - 1), 3: (-(2**63), 2**63 - 1), 13: (0, 2**32 - 1), 4: (0, 2**64 - 1)}
_LIMITS |= {15: _LIMITS[5], 17: _LIMITS[5], 16: _LIMITS[3], 18: _LIMITS[3], 7: _LIMITS[13], 6: _LIMITS[4]}
_NUMBERS = (5_000_000_000, -1, 4_294_967_295, 18_446_744_073_709_551_615, 2_147_483_647, 2, 1)
_OTHERS: dict[int, Sequence[Any]] = {
    8: (True, False),
    9: ("A-1", "hello"),
    12: (b"\xff", b"A-1", b"\x08\x01"),
    2: (1.5, -2.0),
    1: (1.5, 1e300),
}


def begin(message: Descriptor, depth: int = 0) -> Message:
    """A message with nothing in it but what is required; raises ValueError if there is none."""
    from google.protobuf.message_factory import GetMessageClass

    made = GetMessageClass(message)()
    fill_required(made, depth)
    return made


def fill_required(made: Message, depth: int = 0) -> None:
    """Sets the required fields of a message to their zero, and of the messages in them."""
    if depth > _DEEP:
        raise ValueError("the message requires itself")
    for field in made.DESCRIPTOR.fields:
        if field.is_required and not made.HasField(field.name):
            if field.message_type is None:
                setattr(made, field.name, field.default_value)
            else:
                inner = getattr(made, field.name)
                inner.SetInParent()
                fill_required(inner, depth + 1)


def get(made: Message, field: FieldDescriptor) -> Any:
    """The value of a field or an extension."""
    return made.Extensions[field] if field.is_extension else getattr(made, field.name)


def has(made: Message, field: FieldDescriptor) -> bool:
    """Whether a single field or extension is set."""
    return bool(made.HasExtension(field) if field.is_extension else made.HasField(field.name))


def put(made: Message, field: FieldDescriptor, value: Any) -> None:
    """Sets a field or an extension: a value, a list, or a list of pairs for a map or a list of entries."""
    if is_map(field):
        container = get(made, field)
        inner = field.message_type.fields_by_number[2]
        for key, item in value:
            if inner.message_type is None:
                container[key] = item
            else:
                container[key].CopyFrom(item)
    elif field.is_repeated:
        get(made, field).extend(value)
    elif field.message_type is not None:
        get(made, field).CopyFrom(value)
        get(made, field).SetInParent()
    elif field.is_extension:
        made.Extensions[field] = value
    else:
        setattr(made, field.name, value)


def lead(made: Message, steps: Sequence[Step]) -> Message:
    """The message at the end of the way, with one element of every list and one entry of every map."""
    for step in steps:
        made = _into(made, step.field.writer)
        if made.DESCRIPTOR.full_name != step.message.writer.full_name:  # a list of entries, seen as a map
            made = _into(made, made.DESCRIPTOR.fields_by_number[2])
    return made


def _into(made: Message, field: FieldDescriptor) -> Message:
    if is_map(field):
        inner = get(made, field)[values(field.message_type.fields_by_number[1])[0]]
    elif field.is_repeated:
        inner = get(made, field).add()
    else:
        inner = get(made, field)
        inner.SetInParent()
    fill_required(inner)
    return inner


def values(field: FieldDescriptor, depth: int = 0) -> Sequence[Any]:
    """Single values of a field that another reader is likeliest to misread, the likeliest first."""
    if field.message_type is not None:
        return [filled(field.message_type, depth)]
    if field.type == 14:
        listed = [value.number for value in field.enum_type.values]
        order = sorted(listed, key=lambda number: number == 0)
        return order if field.enum_type.is_closed else [*order, unlisted(listed), -1]
    if field.type in _OTHERS:
        return _OTHERS[field.type]
    low, high = _LIMITS[field.type]
    return [number for number in _NUMBERS if low <= number <= high]


def unlisted(*enums: Sequence[int]) -> int:
    """A number that is in none of some enums."""
    known = {number for enum in enums for number in enum}
    return next(number for number in range(7, len(known) + 9) if number not in known)


def filled(message: Descriptor, depth: int = 0) -> Message:
    """A message with its first fields set: of each oneof one, of messages within messages a few levels."""
    made = begin(message)
    chosen = _SPECIAL.get(message.full_name)
    fields = message.fields[:_WIDE] if chosen is None else [f for f in message.fields if f.number == chosen]
    seen = set()
    for field in fields:
        oneof = field.containing_oneof
        if (oneof is not None and oneof.name in seen) or (field.message_type is not None and depth > _NESTED):
            continue
        if oneof is not None:
            seen.add(oneof.name)
        put(made, field, next(shaped(field, depth + 1)))
    return made


_WIDE, _NESTED = 3, 1
# Types of whose fields only one can be set, or makes a value that has a JSON form.
_SPECIAL = {
    f"google.protobuf.{name}": number
    for name, number in {"Any": 0, "Struct": 1, "Value": 3, "Timestamp": 1, "Duration": 1, "FieldMask": 1}.items()
}


def shaped(field: FieldDescriptor, depth: int = 0) -> Iterator[Any]:
    """What to put into a field, of its own shape; lists with two elements come after those with one."""
    if is_map(field):
        yield from entries(field, depth)
        return
    singles = values(field, depth)
    if not field.is_repeated:
        yield from singles
        return
    yield from ([single] for single in singles)
    if len(singles) == 1:
        yield [singles[0], singles[0]]
    else:
        yield [singles[-1], singles[0]]
    if field.message_type is not None and {1, 2} <= set(field.message_type.fields_by_number):
        yield from entries(field, depth)


def entries(field: FieldDescriptor, depth: int = 0) -> Iterator[Any]:
    """Entries of a map, or of a list that could be one: for each key and each value, and two with one key."""
    entry = field.message_type
    key, inner = entry.fields_by_number[1], entry.fields_by_number[2]
    if is_map(field):
        for item in values(inner, depth):
            yield [(values(key)[0], item)]
        for number in values(key):
            yield [(number, values(inner, depth)[0])]
        if len(values(key)) > 1:
            yield [(values(key)[-1], values(inner, depth)[0]), (values(key)[0], values(inner, depth)[0])]
    elif not key.is_repeated and not inner.is_repeated and key.message_type is None:
        pair = []
        for item in (values(inner, depth)[0], values(inner, depth)[-1]):
            made = begin(entry)
            put(made, key, values(key)[-1])
            put(made, inner, item)
            pair.append(made)
        yield pair
