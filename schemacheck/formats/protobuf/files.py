"""What changed about an event's file itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.options import option_changes
from schemacheck.formats.protobuf.walk import Spot, Walk
from schemacheck.model import Change

# Options of generated code, by language.
_OPTIONS = (
    *("java_package", "java_outer_classname", "java_multiple_files", "java_generic_services"),
    *("go_package", "csharp_namespace", "objc_class_prefix", "swift_prefix", "ruby_package"),
    *("php_class_prefix", "php_namespace", "php_metadata_namespace"),
    *("cc_enable_arenas", "cc_generic_services", "py_generic_services", "optimize_for"),
)
_PACKAGE, _PUBLIC, _OPTION, _SYNTAX = 2, 10, 8, 12  # fields of FileDescriptorProto


def diff_file(walk: Walk) -> Iterator[Change]:
    """Syntax, package, options and public imports."""
    old, new = walk.old.schema.file, walk.new.schema.file
    before, after = walk.old.file(old), walk.new.file(new)
    syntaxes = walk.old.syntax(old), walk.new.syntax(new)
    if syntaxes[0] != syntaxes[1]:
        values = {"old": syntaxes[0], "new": syntaxes[1]}
        yield _spot(walk, "", _SYNTAX).tell(rules.SYNTAX_CHANGED, values)
    if before.package != after.package:
        values = {"old": before.package, "new": after.package}
        yield _spot(walk, "", _PACKAGE).tell(rules.PACKAGE_CHANGED, values)
    yield from _options(walk, before.options, after.options)
    yield from _public_imports(walk, before, after)


def _spot(walk: Walk, where: str, *path: int) -> Spot:
    inner = "/".join(map(str, path))
    top = walk.top
    return replace(top, where=where, pointer=f"{top.pointer}{inner}", old_pointer=f"{top.old_pointer}{inner}")


def _options(walk: Walk, before: Any, after: Any) -> Iterator[Change]:
    for option in _OPTIONS:
        old, new = _value(before, option), _value(after, option)
        if old != new:
            spot = _spot(walk, f"(option {option})", _OPTION, type(after).DESCRIPTOR.fields_by_name[option].number)
            yield spot.tell(rules.FILE_OPTION_CHANGED, {"option": option, "old": old, "new": new})
    name = walk.new.schema.path.rpartition("/")[2]
    yield from option_changes(walk, _spot(walk, "", _OPTION), name, before, after)


def _value(options: Any, option: str) -> Any:
    """The value of an option, set or not, as people write it."""
    value = getattr(options, option)
    if option == "optimize_for":
        return options.DESCRIPTOR.fields_by_name[option].enum_type.values_by_number[value].name
    return value


def _public_imports(walk: Walk, before: Any, after: Any) -> Iterator[Change]:
    old, new = ([proto.dependency[index] for index in proto.public_dependency] for proto in (before, after))
    for index, name in enumerate(new):
        if name not in old:
            spot = _spot(walk, f"(import {name})", _PUBLIC, index)
            yield replace(spot, old_pointer=None).tell(rules.PUBLIC_IMPORT_ADDED, {"name": name})
    for name in old:
        if name not in new:
            yield replace(walk.top, where=f"(import {name})").tell(rules.PUBLIC_IMPORT_REMOVED, {"name": name})
