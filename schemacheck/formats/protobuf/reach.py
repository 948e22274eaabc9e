"""Which types of two compilations are the same with all that they lead to, so that no walk has to go there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from schemacheck.formats.protobuf.model import Schema


class _Top(NamedTuple):
    """A message or an enum that stands at the top of a file."""

    file: Any
    proto: Any
    place: str


def changed_reach(old: Schema, new: Schema) -> frozenset[str]:
    """The full names of the top-level types, of either side, that differ or lead to one that does.

    A type differs if its text does, or what its file says about all types in it, or where that stands.
    """
    known = new.compilation.beside.get(id(old.compilation)) or old.compilation.beside.get(id(new.compilation))
    if known is None:
        known = old.compilation, frozenset(_reaching(_tops(old), _tops(new)))
        new.compilation.beside[id(old.compilation)] = known
    return known[1]


def outermost(element: Any) -> str:
    """The full name of the top-level type that a message or an enum is, or stands in."""
    while element.containing_type is not None:
        element = element.containing_type
    return str(element.full_name)


def _tops(schema: Schema) -> dict[str, _Top]:
    found = {}
    for proto in schema.compilation.protos.values():
        prefix = f"{proto.package}." if proto.package else ""
        place = schema.paths.get(proto.name, str(proto.name))
        for each in (*proto.message_type, *proto.enum_type):
            found[f"{prefix}{each.name}"] = _Top(proto, each, place)
    return found


def _reaching(old: Mapping[str, _Top], new: Mapping[str, _Top]) -> Iterator[str]:
    """The names of what differs, then of all that leads there."""
    alike: dict[tuple[str, str], bool] = {}
    differing = [name for name in {*old, *new} if not _same(old.get(name), new.get(name), alike)]
    seen = set(differing)
    if not seen:
        return
    users = _users(new)
    while differing:
        name = differing.pop()
        yield name
        fresh = users.get(name, set()) - seen
        seen |= fresh
        differing += fresh


def _same(old: _Top | None, new: _Top | None, alike: dict[tuple[str, str], bool]) -> bool:
    if old is None or new is None or old.place != new.place:
        return False
    files = old.file.name, new.file.name
    if files not in alike:
        before, after = old.file, new.file
        alike[files] = (before.name, before.package, before.syntax, before.edition, before.options) == (
            *(after.name, after.package, after.syntax, after.edition, after.options),
        )
    return alike[files] and type(old.proto) is type(new.proto) and old.proto == new.proto


def _users(tops: Mapping[str, _Top]) -> dict[str, set[str]]:
    """Name of a top-level type to those that have fields or extensions of it, or of what is in it."""
    found: dict[str, set[str]] = {}
    for name, top in tops.items():
        for used in set(_used(top.proto)) if hasattr(top.proto, "field") else ():
            while used and used not in tops:
                used = used.rpartition(".")[0]
            found.setdefault(used, set()).add(name)
    return found


def _used(message: Any) -> Iterator[str]:
    todo = [message]
    for each in todo:
        for field in (*each.field, *each.extension):
            if field.type_name:
                yield field.type_name[1:]
            if field.extendee:
                yield field.extendee[1:]
        todo += each.nested_type
