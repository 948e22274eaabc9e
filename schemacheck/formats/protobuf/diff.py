"""What changed between two Protobuf events. Reading it from top to bottom is the specification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemacheck.formats.protobuf import reserved, rules
from schemacheck.formats.protobuf.enums import deprecated, diff_enum, reservations
from schemacheck.formats.protobuf.fields import diff_field
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor, OneofDescriptor, Schema
from schemacheck.formats.protobuf.walk import Pair, Walk
from schemacheck.model import Change, Surface


def diff(old: Schema, new: Schema) -> Iterator[Change]:
    """The facts between two events, roots first, then all that they lead to, then the rest of their files."""
    walk = Walk(old, new)
    json = new.options.get("json", True)
    seen: set[tuple[str, str, str]] = set()
    for change in _all(walk):
        key = change.rule.id, change.where, repr(sorted(change.values.items()))
        if key in seen or (change.rule.surface == Surface.JSON and not json):
            continue
        seen.add(key)
        yield change


def _all(walk: Walk) -> Iterator[Change]:
    yield from _roots(walk)
    yield from _services(walk)
    yield from _waiting(walk)
    _meet_the_rest(walk)
    yield from _waiting(walk)
    yield from _extensions_of_files(walk)
    yield from _waiting(walk)


def _waiting(walk: Walk) -> Iterator[Change]:
    while walk.messages or walk.enums:
        if walk.messages:
            yield from _message(walk, walk.messages.popleft())
        else:
            yield from diff_enum(walk, walk.enums.popleft())


# roots


def _roots(walk: Walk) -> Iterator[Change]:
    """Events pair by full name; of those left, one of the same short name was renamed, and so was a lone one."""
    before = {message.full_name: message for message in walk.old.roots}
    after = {message.full_name: message for message in walk.new.roots}
    gone = [message for name, message in before.items() if _find(walk.new, name) is None]
    come = [message for name, message in after.items() if _find(walk.old, name) is None]
    for message in walk.new.roots:
        same = _find(walk.old, message.full_name)
        if same is not None:
            walk.meet(walk.messages, walk.pair(same, message, message.full_name))
    for message in walk.old.roots:
        same = _find(walk.new, message.full_name)
        if same is not None:
            walk.meet(walk.messages, walk.pair(message, same, message.full_name))
    renamed = [(old, new) for new in come for old in gone if old.name == new.name]
    if len(gone) == len(come) == 1:
        renamed = [(gone[0], come[0])]
    for old, new in renamed:
        pair = walk.pair(old, new, new.full_name)
        yield walk.change(rules.MESSAGE_RENAMED, {"old": old.full_name, "new": new.full_name}, pair)
        walk.meet(walk.messages, pair)
    for message in come:
        if all(message is not new for _, new in renamed):
            yield walk.came(rules.MESSAGE_ADDED, {"name": message.full_name}, message, message.full_name)
    for message in gone:
        if any(message is old for old, _ in renamed):
            continue
        yield walk.went(rules.MESSAGE_REMOVED, {"name": message.full_name}, message, message.full_name)


def _find(schema: Schema, name: str) -> Descriptor | None:
    try:
        return schema.pool.FindMessageTypeByName(name)
    except KeyError:
        return None


# messages


def _message(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Fields pair by number, what is left by name: that is a renumbering."""
    old, new = pair.old, pair.new
    if old.GetOptions().message_set_wire_format != new.GetOptions().message_set_wire_format:
        yield walk.change(rules.MESSAGE_SET_FORMAT_CHANGED, {"name": new.name}, pair)
    moved = {name for name, field in _named(new).items() if _number(old, name) not in (None, field.number)}
    for field in new.fields:
        was = old.fields_by_number.get(field.number)
        if field.name in moved:
            values = {"name": field.name, "old": _number(old, field.name), "new": field.number}
            yield walk.change(rules.FIELD_RENUMBERED, values, pair, field.name)
        elif was is not None and was.name in moved:
            values = {"number": field.number, "old": was.name, "new": field.name}
            yield walk.change(rules.FIELD_NUMBER_REUSED, values, pair, field.name)
        elif was is not None:
            yield from diff_field(walk, pair, was, field)
        else:
            yield from _added(walk, pair, field)
    for field in old.fields:
        if field.number not in new.fields_by_number and field.name not in moved:
            yield from _removed(walk, pair, field)
    yield from _oneofs(walk, pair)
    used, uses = set(old.fields_by_number), set(new.fields_by_number)
    names = {field.name for field in old.fields}, {field.name for field in new.fields}
    before, after = reserved.of_message(old), reserved.of_message(new)
    yield from reservations(walk, pair, before, after, (used, names[0]), (uses, names[1]))
    yield from _extensions(walk, pair, list(old.extensions), list(new.extensions))
    yield from deprecated(walk, pair)


def _named(message: Descriptor) -> dict[str, FieldDescriptor]:
    return {field.name: field for field in message.fields}


def _number(message: Descriptor, name: str) -> int | None:
    field = message.fields_by_name.get(name)
    return field.number if field else None


def _added(walk: Walk, pair: Pair, field: FieldDescriptor) -> Iterator[Change]:
    name = {"name": field.name}
    oneof = _oneof(field)
    if field.is_required:
        yield walk.change(rules.REQUIRED_FIELD_ADDED, name, pair, field.name)
    elif oneof is not None and oneof.name in pair.old.oneofs_by_name:
        yield walk.change(rules.ONEOF_MEMBER_ADDED, {**name, "oneof": oneof.name}, pair, field.name)
    else:
        yield walk.change(rules.FIELD_ADDED, name, pair, field.name)
    ranges, words = reserved.of_message(pair.old)
    if reserved.holds(ranges, field.number):
        yield walk.change(rules.RESERVED_NUMBER_REUSED, {**name, "number": field.number}, pair, field.name)
    if field.name in words:
        yield walk.change(rules.RESERVED_NAME_REUSED, name, pair, field.name)


def _removed(walk: Walk, pair: Pair, field: FieldDescriptor) -> Iterator[Change]:
    name = {"name": field.name}
    oneof = _oneof(field)
    if field.is_required:
        yield walk.change(rules.REQUIRED_FIELD_REMOVED, name, pair, None, field.name)
    elif oneof is not None and oneof.name in pair.new.oneofs_by_name:
        yield walk.change(rules.ONEOF_MEMBER_REMOVED, {**name, "oneof": oneof.name}, pair, None, field.name)
    else:
        yield walk.change(rules.FIELD_REMOVED, name, pair, None, field.name)
    ranges, words = reserved.of_message(pair.new)
    if not reserved.holds(ranges, field.number):
        values = {**name, "number": field.number}
        yield walk.change(rules.FIELD_REMOVED_WITHOUT_RESERVING_NUMBER, values, pair, None, field.name)
    if field.name not in words and field.name not in pair.new.fields_by_name:
        yield walk.change(rules.FIELD_REMOVED_WITHOUT_RESERVING_NAME, name, pair, None, field.name)


# oneofs


def _oneof(field: FieldDescriptor) -> OneofDescriptor | None:
    """The oneof that an author wrote around a field; not the one that stands for `optional`."""
    oneof = field.containing_oneof
    if oneof is None or (len(oneof.fields) == 1 and oneof.name == f"_{field.name}" and _synthetic(field)):
        return None
    return oneof


def _synthetic(field: FieldDescriptor) -> bool:
    from google.protobuf.descriptor_pb2 import DescriptorProto

    proto = DescriptorProto()
    field.containing_type.CopyToProto(proto)
    return any(entry.number == field.number and entry.proto3_optional for entry in proto.field)


def _oneofs(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Fields that both sides know, and that exclude each other on one side only."""
    known = [n for n in pair.new.fields_by_number if n in pair.old.fields_by_number]
    before = {number: _oneof(pair.old.fields_by_number[number]) for number in known}
    after = {number: _oneof(pair.new.fields_by_number[number]) for number in known}
    for rule, here, there, message in (
        (rules.FIELDS_BECAME_EXCLUSIVE, after, before, pair.new),
        (rules.FIELDS_BECAME_INDEPENDENT, before, after, pair.old),
    ):
        for oneof in message.oneofs:
            members = [n for n in known if (mine := here[n]) is not None and mine.name == oneof.name]
            apart = {theirs.name if (theirs := there[n]) is not None else n for n in members}
            if len(apart) < 2:
                continue
            fields = ", ".join(f'"{message.fields_by_number[number].name}"' for number in sorted(members))
            name = oneof.name if oneof.name in pair.new.oneofs_by_name else None
            change = walk.change(
                rule, {"fields": fields, "oneof": oneof.name}, pair, name, None if name else oneof.name
            )
            yield Change(rule, change.values, f"{pair.where}.(oneof {oneof.name})", change.pointer, change.old_pointer)


# extensions, services, and what no event leads to


def _extensions(walk: Walk, pair: Pair, old: list[Any], new: list[Any]) -> Iterator[Change]:
    """Extensions pair by what they extend, and number."""
    before = {(e.containing_type.full_name, e.number): e for e in old}
    after = {(e.containing_type.full_name, e.number): e for e in new}
    for key, extension in after.items():
        name = {"name": extension.full_name}
        if key not in before:
            yield walk.came(rules.EXTENSION_ADDED, name, extension, f"[{extension.full_name}]")
            continue
        for change in diff_field(walk, pair, before[key], extension):
            where = f"[{extension.full_name}]"
            yield Change(change.rule, change.values, where, change.pointer, change.old_pointer, change.within)
    for key, extension in before.items():
        if key not in after:
            name = {"name": extension.full_name}
            yield walk.went(rules.EXTENSION_REMOVED, name, extension, f"[{extension.full_name}]")


def _extensions_of_files(walk: Walk) -> Iterator[Change]:
    old, new = walk.old.file.extensions_by_name, walk.new.file.extensions_by_name
    if not old and not new:
        return
    extended = next(iter([*new.values(), *old.values()])).containing_type
    pair = Pair(extended, extended, "", f"{walk.new.path}#", f"{walk.old.path}#")
    yield from _extensions(walk, pair, list(old.values()), list(new.values()))


def _services(walk: Walk) -> Iterator[Change]:
    for name, service in walk.new.file.services_by_name.items():
        was = walk.old.file.services_by_name.get(name)
        if was is None:
            continue
        for method in service.methods:
            before = was.methods_by_name.get(method.name)
            if before is not None:
                yield from _method(walk, before, method)


def _method(walk: Walk, old: Any, new: Any) -> Iterator[Change]:
    where = f"{new.containing_service.full_name}.{new.name}"
    before, after = (f"{_stream(m.client_streaming)} in, {_stream(m.server_streaming)} out" for m in (old, new))
    pointers = walk.method_pointers(old, new)
    if before != after:
        values = {"name": new.name, "old": before, "new": after}
        yield Change(rules.RPC_STREAMING_CHANGED, values, where, *pointers)
    for part, mine, theirs in (
        ("request", old.input_type, new.input_type),
        ("response", old.output_type, new.output_type),
    ):
        inside = Pair(mine, theirs, where, pointers[0], pointers[1])
        walk.meet(walk.messages, walk.pair(mine, theirs, f"{where}({part})", inside))


def _stream(streaming: bool) -> str:
    return "a stream" if streaming else "one message"


def _meet_the_rest(walk: Walk) -> None:
    """What stands in the event's file, and no event leads to, pairs by full name."""
    for name, message in walk.new.file.message_types_by_name.items():
        was = walk.old.file.message_types_by_name.get(name)
        if was is not None:
            walk.meet(walk.messages, walk.pair(was, message, message.full_name))
    for name, enum in walk.new.file.enum_types_by_name.items():
        was = walk.old.file.enum_types_by_name.get(name)
        if was is not None:
            walk.meet(walk.enums, walk.pair(was, enum, enum.full_name))
