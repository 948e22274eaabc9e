"""Options that no decoder reads: custom ones, constraints for validators, and hints for generated code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import FieldDescriptor
from schemacheck.formats.protobuf.shapes import Fact, named
from schemacheck.formats.protobuf.side import Side, unknown_fields
from schemacheck.formats.protobuf.walk import Spot, Walk
from schemacheck.model import Change

_VALIDATION = ("(buf.validate.", "(validate.")
# Standard options of a field with rules of their own.
_TOLD = {"deprecated", "packed", "features", "uninterpreted_option"}


def field_option_facts(walk: Walk, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Fact]:
    """The options of two fields."""
    before, after = walk.old.proto(old).options, walk.new.proto(new).options
    if before == after:
        return
    name = named(new)
    if before.deprecated != after.deprecated:
        yield Fact(rules.DEPRECATED_SET if after.deprecated else rules.DEPRECATED_UNSET, {"name": name})
    known = [{f.name: value for f, value in options.ListFields() if not f.is_extension} for options in (before, after)]
    for option in sorted(known[0].keys() | known[1].keys()):
        if option not in _TOLD and known[0].get(option) != known[1].get(option):
            yield Fact(rules.FIELD_OPTION_CHANGED, {"name": name, "option": option})
    features = _custom(walk.old, before.features), _custom(walk.new, after.features)
    for option in _differing(*features):
        yield Fact(rules.FIELD_OPTION_CHANGED, {"name": name, "option": f"features.{option}"})
    for option in _differing(_custom(walk.old, before), _custom(walk.new, after)):
        yield Fact(_custom_rule(option), {"name": name, "option": option})


def diff_options(walk: Walk, spot: Spot, old: Any, new: Any) -> Iterator[Change]:
    """Deprecation and custom options of two elements: a message, oneof, enum, enum value, service or method."""
    before, after = walk.old.proto(old).options, walk.new.proto(new).options
    yield from option_changes(walk, spot, new.name, before, after)


def option_changes(walk: Walk, spot: Spot, name: str, before: Any, after: Any) -> Iterator[Change]:
    """Deprecation and custom options that differ."""
    if before == after:
        return
    was, now = (getattr(options, "deprecated", False) for options in (before, after))
    if was != now:
        yield spot.tell(rules.DEPRECATED_SET if now else rules.DEPRECATED_UNSET, {"name": name})
    for option in _differing(_custom(walk.old, before), _custom(walk.new, after)):
        yield spot.tell(_custom_rule(option), {"name": name, "option": option})


def _custom_rule(option: str) -> Any:
    return rules.CONSTRAINT_CHANGED if option.startswith(_VALIDATION) else rules.CUSTOM_OPTION_CHANGED


def _differing(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    """The names whose values differ, sorted."""
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name


def _custom(side: Side, options: Any) -> dict[str, bytes]:
    """Custom options by `(full.name)`, each in one spelling; by number where the definition is not at hand."""
    from google.protobuf.message_factory import GetMessageClass

    if not unknown_fields(options):
        return {}
    try:
        shape: Any = GetMessageClass(side.schema.pool.FindMessageTypeByName(options.DESCRIPTOR.full_name))
    except KeyError:
        shape = type(options)
    parsed = shape.FromString(options.SerializeToString())
    found = {f"({field.full_name})": _alone(parsed, field) for field, _ in parsed.ListFields() if field.is_extension}
    for left in unknown_fields(parsed):
        name = f"({left.field_number})"
        found[name] = found.get(name, b"") + _spelt(left.data)
    return found


def _alone(parsed: Any, field: FieldDescriptor) -> bytes:
    """One option of a message of options, as bytes that do not depend on its spelling."""
    alone = type(parsed)()
    if field.is_repeated:
        alone.Extensions[field].MergeFrom(parsed.Extensions[field])
    elif field.message_type is not None:
        alone.Extensions[field].CopyFrom(parsed.Extensions[field])
    else:
        alone.Extensions[field] = parsed.Extensions[field]
    return bytes(alone.SerializeToString(deterministic=True))


def _spelt(data: Any) -> bytes:
    """The value of an unknown field: a number, bytes, or the fields of a group."""
    if isinstance(data, int | bytes):
        return repr(data).encode()
    return b"".join(b"%d:%b" % (field.field_number, _spelt(field.data)) for field in data)
