"""What a Confluent registry's Protobuf check would say: its behaviour, told in our words and found by our own code.

It pairs messages by name and fields by number, and knows one comparison only: under FORWARD it exchanges the schemas.
So it has no notion of an old reader; what it accepts may break one, and what it rejects may break nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor, FileDescriptor, Schema
from schemacheck.formats.protobuf.oneofs import written
from schemacheck.formats.protobuf.reach import changed_reach, outermost
from schemacheck.formats.protobuf.shapes import is_map, parts
from schemacheck.formats.protobuf.side import Side
from schemacheck.model import Direction

# Types that it takes for one another.
_GROUPS = ((5, 3, 13, 4, 8, 14), (17, 18), (9, 12), (7, 15), (6, 16), (2,), (1,))
_GROUP_OF = {kind: number for number, kinds in enumerate(_GROUPS) for kind in kinds}
_TEXT, _GROUP, _MESSAGE = (9, 12), 10, 11


def objections(old: Schema, new: Schema, way: Direction) -> Sequence[str] | None:
    """What it would object to in one direction, in document order; None for what its parser may not know."""
    sides = Side(old), Side(new)
    if any(side.syntax(side.schema.file).startswith("edition") for side in sides):
        return None
    first, second = sides if way == Direction.BACKWARD else sides[::-1]
    return list(dict.fromkeys(_Check(first, second, way == Direction.BACKWARD).file()))


@dataclass
class _Check:
    """One comparison: of what was there with what is there now, or the other way round."""

    before: Side
    after: Side
    forth: bool
    seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.touched = changed_reach(self.before.schema, self.after.schema)

    def file(self) -> Iterator[str]:
        """The package, and all messages of the two files."""
        old, new = self.before.schema.file, self.after.schema.file
        if old.package != new.package:
            yield f'the package "{self._pick(old.package, new.package)}" was renamed'
        yield from self._messages(old.message_types_by_name, new.message_types_by_name)

    def _pick(self, before: Any, after: Any) -> Any:
        """What the published schema says."""
        return before if self.forth else after

    @property
    def _gone(self) -> str:
        return "was removed" if self.forth else "was added"

    def _messages(self, old: Any, new: Any) -> Iterator[str]:
        for name, message in old.items():
            if message.GetOptions().map_entry:
                continue
            if name not in new:
                yield f'message "{message.full_name}" {self._gone}'
            else:
                yield from self._message(message, new[name])

    def _message(self, old: Descriptor, new: Descriptor) -> Iterator[str]:
        if (old.full_name, new.full_name) in self.seen or self._same(old, new):
            return
        self.seen.add((old.full_name, new.full_name))
        yield from self._fields(old, new)
        yield from self._oneofs(old, new)
        yield from self._messages(old.nested_types_by_name, new.nested_types_by_name)

    def _same(self, old: Descriptor, new: Descriptor) -> bool:
        """Whether two messages and all they lead to are the same, also as the two files name them."""
        packages = self.before.schema.file.package, self.after.schema.file.package
        return packages[0] == packages[1] and old.full_name == new.full_name and outermost(new) not in self.touched

    def _fields(self, old: Descriptor, new: Descriptor) -> Iterator[str]:
        for number in sorted({*old.fields_by_number, *new.fields_by_number}):
            was, now = old.fields_by_number.get(number), new.fields_by_number.get(number)
            if was is None or now is None:
                only = now if was is None else was
                if only.is_required:
                    added = (was is None) == self.forth
                    yield f'required field "{only.full_name}" was {"added" if added else "removed"}'
            elif _oneof(self.before, was) == _oneof(self.after, now):
                yield from self._field(was, now)

    def _field(self, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[str]:
        name = self._pick(old, new).full_name
        if _GROUP in (old.type, new.type):
            return
        if is_map(old) and is_map(new):
            for was, now in zip(parts(old), parts(new), strict=True):
                yield from self._types(was, now, name)
        else:
            yield from self._types(old, new, name)
        labels = _label(self.before, old), _label(self.after, new)
        if labels[0] != labels[1] and all(labels) and all(_numeric(each) for each in (old, new)):
            yield f'field "{name}" has another label'

    def _types(self, old: FieldDescriptor, new: FieldDescriptor, name: str) -> Iterator[str]:
        if _class(old) != _class(new):
            yield f'field "{name}" changed between scalar, message and map'
        elif _class(old) == "scalar":
            if _GROUP_OF[old.type] != _GROUP_OF[new.type]:
                yield f'field "{name}" has a type of another kind'
        elif _class(old) == "message":
            if self._local(self.before, old.message_type) != self._local(self.after, new.message_type):
                yield f'field "{name}" has a message type of another name'
            elif not self.before.owns(old.message_type) and not self.after.owns(new.message_type):
                yield from self._message(old.message_type, new.message_type)

    def _local(self, side: Side, message: Descriptor) -> str:
        """A name as it is written inside the package of the file."""
        file: FileDescriptor = side.schema.file
        return str(message.full_name.removeprefix(f"{file.package}." if file.package else ""))

    def _oneofs(self, old: Descriptor, new: Descriptor) -> Iterator[str]:
        for oneof in old.oneofs:
            members = {each.number for each in oneof.fields if written(self.before, each) is not None}
            there = new.oneofs_by_name.get(oneof.name)
            kept = {each.number for each in there.fields} if there is not None else members
            for number in sorted(members - kept):
                lost = old.fields_by_number[number]
                yield f'field "{lost.full_name}" {self._gone} in the oneof "{oneof.name}"'
        for oneof in new.oneofs:
            joined = [
                each
                for each in oneof.fields
                if written(self.after, each) is not None and self._was_plain(old, each.number)
            ]
            way = "into" if self.forth else "out of"
            if oneof.name in old.oneofs_by_name and joined:
                yield f'field "{joined[0].full_name}" moved {way} the oneof "{oneof.name}"'
            elif len(joined) > 1:
                yield f'several fields moved {way} the oneof "{oneof.name}"'

    def _was_plain(self, old: Descriptor, number: int) -> bool:
        was = old.fields_by_number.get(number)
        return was is not None and written(self.before, was) is None


def _oneof(side: Side, each: FieldDescriptor) -> str | None:
    oneof = written(side, each)
    return None if oneof is None else str(oneof.name)


def _class(each: FieldDescriptor) -> str:
    if is_map(each):
        return "map"
    return "message" if each.type == _MESSAGE else "scalar"


def _numeric(each: FieldDescriptor) -> bool:
    return _class(each) == "scalar" and each.type not in _TEXT


def _label(side: Side, each: FieldDescriptor) -> str | None:
    """The label that the author wrote; None without one."""
    if written(side, each) is not None or is_map(each):
        return None
    if each.is_repeated:
        return "repeated"
    if each.is_required:
        return "required"
    proto2 = side.syntax(each.file) == "proto2"
    return "optional" if proto2 or side.proto(each).proto3_optional else None
