"""What a reader really got of an event, told in a few words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from schemacheck.formats.protobuf.model import FieldDescriptor
from schemacheck.formats.protobuf.route import Ends, Step
from schemacheck.formats.protobuf.samples import Message, get, has, put
from schemacheck.formats.protobuf.shapes import is_map, named
from schemacheck.formats.protobuf.side import unknown_fields

_LONG = 120


def reach(read: Message, steps: Sequence[Step]) -> tuple[Message | None, str]:
    """The message at the end of the way in what was read; or None, and the field where the way ends."""
    for step in steps:
        field = step.field.reader
        read = _inside(read, field)
        if read is not None and read.DESCRIPTOR.full_name != step.message.reader.full_name:
            read = _inside(read, read.DESCRIPTOR.fields_by_number[2])
        if read is None:
            return None, named(field)
    return read, ""


def _inside(read: Message, field: FieldDescriptor) -> Message | None:
    if is_map(field):
        return next(iter(get(read, field).values()), None)
    if field.is_repeated:
        return next(iter(get(read, field)), None)
    return get(read, field) if has(read, field) else None


def value_of(message: Message, field: FieldDescriptor) -> Any:
    """The value of a field; None if it is known to be unset."""
    if not field.is_repeated and field.has_presence and not has(message, field):
        return None
    return get(message, field)


def same(wrote: Any, got: Any, ends: Ends) -> bool:
    """Whether a reader got the value that was written."""
    writer, reader = ends.writer, ends.reader
    if is_map(writer) and is_map(reader):
        items = Ends(*(field.message_type.fields_by_number[2] for field in (writer, reader)))
        keys = {_plain(key): key for key in got}
        return len(wrote) == len(got) and all(
            _plain(key) in keys and _single(wrote[key], got[keys[_plain(key)]], items) for key in wrote
        )
    if is_map(writer) != is_map(reader) and writer.is_repeated != reader.is_repeated:
        return not wrote and not got
    mine, theirs = listed(wrote, writer), listed(got, reader)
    if (reader.is_repeated != writer.is_repeated) and reader.is_repeated and not wrote and not writer.has_presence:
        mine = []
    return len(mine) == len(theirs) and all(_single(one, other, ends) for one, other in zip(mine, theirs, strict=True))


def listed(value: Any, field: FieldDescriptor) -> list[Any]:
    """The elements of a list, the entries of a map as messages, or the single value if it is set."""
    if is_map(field):
        return [_entry(field, key, value[key]) for key in value]
    if field.is_repeated:
        return list(value)
    return [] if value is None else [value]


def _entry(field: FieldDescriptor, key: Any, value: Any) -> Message:
    from google.protobuf.message_factory import GetMessageClass

    made = GetMessageClass(field.message_type)()
    put(made, field.message_type.fields_by_number[1], key)
    put(made, field.message_type.fields_by_number[2], value)
    return made


def _single(wrote: Any, got: Any, ends: Ends) -> bool:
    writer, reader = ends.writer.message_type, ends.reader.message_type
    if writer is None and reader is None:
        return bool(_plain(wrote) == _plain(got))
    if writer is None or reader is None:
        if {ends.writer.type, ends.reader.type} != {_BYTES, _MESSAGE} or is_map(ends.writer) or is_map(ends.reader):
            return False
        return bool(_encoded(wrote) == _encoded(got))
    if not set(writer.fields_by_number) & set(reader.fields_by_number) and wrote.ListFields():
        return False
    theirs = reader.fields_by_number
    return all(
        same(value_of(wrote, field), value_of(got, theirs[field.number]), Ends(field, theirs[field.number]))
        for field in writer.fields
        if field.number in theirs
    )


_BYTES, _MESSAGE = 12, 11


def _encoded(value: Any) -> bytes:
    return value if isinstance(value, bytes) else bytes(value.SerializeToString())


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return value.encode() if isinstance(value, str) else value


def unknown(message: Message, number: int) -> bool:
    """Whether a message keeps a number that it does not know."""
    return any(field.field_number == number for field in unknown_fields(message))


def spelt(value: Any, field: FieldDescriptor) -> str:
    """A value as people write it, cut if it is long."""
    text = _spelt(value, field)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def _spelt(value: Any, field: FieldDescriptor) -> str:
    if is_map(field):
        key, inner = field.message_type.fields
        parts = (f"{_spelt_single(name, key)}: {_spelt_single(value[name], inner)}" for name in value)
        return f"{{{', '.join(parts)}}}"
    if field.is_repeated:
        return f"[{', '.join(_spelt_single(item, field) for item in value)}]"
    return _spelt_single(value, field)


def _spelt_single(value: Any, field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return compact(value) or "a message"
    if isinstance(value, bytes):
        return f"the bytes {value.hex()}" if value else "no bytes"
    if field.type == 14:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known is not None else f"{value}, which has no name"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def compact(message: Message, zeros: bool = False) -> str | None:
    """A message as Protobuf JSON on one line, if wanted with fields that are zero.

    None for what has no JSON form, such as a date beyond the calendar.
    """
    from google.protobuf import json_format

    try:
        text = json_format.MessageToJson(
            message,
            always_print_fields_with_no_presence=zeros,
            descriptor_pool=message.DESCRIPTOR.file.pool,
            ensure_ascii=False,
        )
    except (json_format.Error, TypeError, ValueError):
        return None
    return json.dumps(json.loads(text), ensure_ascii=False)
