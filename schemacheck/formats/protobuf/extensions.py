"""What changed between the extensions that an event's file declares, at its top or inside messages."""

from __future__ import annotations

from collections.abc import Iterator

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.fields import diff_field, meet_types
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor, FileDescriptor
from schemacheck.formats.protobuf.side import Side, declared_messages
from schemacheck.formats.protobuf.walk import Walk
from schemacheck.model import Change


def diff_extensions(walk: Walk) -> Iterator[Change]:
    """Extensions pair by what they extend, and number; what is left by name: that is a renumbering."""
    before, after = list(_declared(walk.old.schema.file)), list(_declared(walk.new.schema.file))
    left = {old.full_name: old for old in before if _now(walk, old) is None}
    for new in after:
        old = _then(walk, new)
        if old is not None:
            yield from _both(walk, old, new)
        elif new.full_name in left:
            yield from _renumbered(walk, left.pop(new.full_name), new)
        elif not _is_field(_published(walk, new.containing_type), new.number):
            spot = walk.came(new, f"[{new.full_name}]", walk.top)
            yield spot.tell(rules.EXTENSION_ADDED, {"name": new.full_name})
            if walk.strict_json:
                yield spot.tell(rules.JSON_KEY_ADDED, {"name": f"[{new.full_name}]"})
    declared = {new.full_name for new in after}
    for old in before:
        now = _now(walk, old)
        if now is not None and now.full_name not in declared:
            yield from _both(walk, old, now)
        elif old.full_name in left and not _is_field(_current(walk, old.containing_type), old.number):
            spot = walk.went(old, f"[{old.full_name}]", walk.top)
            yield spot.tell(rules.EXTENSION_REMOVED, {"name": old.full_name})
            if walk.strict_json:
                yield spot.tell(rules.JSON_KEY_REMOVED, {"name": f"[{old.full_name}]"})


def _declared(file: FileDescriptor) -> Iterator[FieldDescriptor]:
    yield from file.extensions_by_name.values()
    for message in declared_messages(file):
        yield from message.extensions


def _both(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Change]:
    spot = walk.both(old, new, f"[{new.full_name}]", walk.top)
    files = walk.moved(old, new)
    if files is not None:
        values = {"name": new.full_name, "old": files[0], "new": files[1]}
        yield spot.tell(rules.TYPE_MOVED_TO_OTHER_FILE, values)
    yield from diff_field(walk, spot, old, new)


def _renumbered(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Change]:
    spot = walk.both(old, new, f"[{new.full_name}]", walk.top)
    values = {"name": new.full_name, "old": old.number, "new": new.number}
    yield spot.tell(rules.FIELD_RENUMBERED, values)
    meet_types(walk, spot, old, new)


def _now(walk: Walk, old: FieldDescriptor) -> FieldDescriptor | None:
    """What the new side has for a published extension, in whichever file."""
    return _extension(walk.new, _current(walk, old.containing_type), old.number)


def _then(walk: Walk, new: FieldDescriptor) -> FieldDescriptor | None:
    """What the published side has for an extension, in whichever file."""
    return _extension(walk.old, _published(walk, new.containing_type), new.number)


def _current(walk: Walk, extended: Descriptor) -> Descriptor | None:
    if walk.untouched(extended):
        return walk.new.message(extended.full_name)
    return walk.new.message(walk.partners.get(extended.full_name) or walk.expected(extended))


def _published(walk: Walk, extended: Descriptor) -> Descriptor | None:
    name = extended.full_name
    if walk.untouched(extended):
        return walk.old.message(name)
    return walk.old.message(walk.origins.get(name) or walk.formerly.get(name, name))


def _extension(side: Side, extended: Descriptor | None, number: int) -> FieldDescriptor | None:
    if extended is None:
        return None
    try:
        return side.schema.pool.FindExtensionByNumber(extended, number)
    except KeyError:
        return None


def _is_field(message: Descriptor | None, number: int) -> bool:
    """Whether the number belongs to a field there: then the two messages say what became of it."""
    return message is not None and number in message.fields_by_number
