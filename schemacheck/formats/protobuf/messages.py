"""What changed between two messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from schemacheck.formats.protobuf import reserved, rules
from schemacheck.formats.protobuf.fields import diff_field, meet_types
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor
from schemacheck.formats.protobuf.oneofs import diff_oneofs, partners, written
from schemacheck.formats.protobuf.options import diff_options
from schemacheck.formats.protobuf.side import Side
from schemacheck.formats.protobuf.visible import diff_symbol
from schemacheck.formats.protobuf.walk import Pair, Spot, Walk
from schemacheck.model import Change, Rule


def diff_message(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Fields pair by number, what is left by name: that is a renumbering."""
    if walk.unchanged(pair.old, pair.new):
        yield from _types(walk, pair)
        return
    yield from _whole(walk, pair)
    yield from _fields(walk, pair)
    yield from diff_oneofs(walk, pair)
    yield from _reserved(walk, pair)
    yield from _extension_ranges(pair)


def _types(walk: Walk, pair: Pair) -> Iterator[Change]:
    """What the types behind the fields bring, of two messages that say the same."""
    for field in pair.new.fields:
        behind = field.message_type or field.enum_type
        if behind is not None and not walk.settled(behind, behind):
            old = pair.old.fields_by_number[field.number]
            yield from diff_field(walk, _spot(walk, pair, old, field), old, field)


def _whole(walk: Walk, pair: Pair) -> Iterator[Change]:
    before, after = walk.old.proto(pair.old).options, walk.new.proto(pair.new).options
    name = {"name": pair.new.name}
    if before.message_set_wire_format != after.message_set_wire_format:
        yield pair.spot.tell(rules.MESSAGE_SET_FORMAT_CHANGED, name)
    if before.no_standard_descriptor_accessor != after.no_standard_descriptor_accessor:
        removed = after.no_standard_descriptor_accessor
        rule = rules.STANDARD_DESCRIPTOR_ACCESSOR_REMOVED if removed else rules.STANDARD_DESCRIPTOR_ACCESSOR_RESTORED
        yield pair.spot.tell(rule, name)
    yield from diff_symbol(walk, pair)
    yield from diff_options(walk, pair.spot, pair.old, pair.new)


# fields


def _fields(walk: Walk, pair: Pair) -> Iterator[Change]:
    old, new = pair.old, pair.new
    names = old.fields_by_name
    oneofs = partners(walk, pair)
    matched = set(oneofs.values())
    kept = reserved.of(walk.new, pair.new)
    moved = {f.name for f in new.fields if f.name in names and names[f.name].number != f.number}
    for field in new.fields:
        was = old.fields_by_number.get(field.number)
        if field.name in moved:
            yield from _renumbered(walk, pair, names[field.name], field)
        elif was is None:
            yield from _came(walk, pair, field, matched)
        if was is None:
            continue
        if (was.name in moved) != (field.name in moved):  # one of the two is elsewhere; of both, both say so
            values = {"number": field.number, "old": was.name, "new": field.name}
            yield _spot(walk, pair, was, field).tell(rules.FIELD_NUMBER_REUSED, values)
        elif field.name not in moved:
            yield from diff_field(walk, _spot(walk, pair, was, field), was, field)
    for field in old.fields:
        if field.number not in new.fields_by_number and field.name not in moved:
            yield from _went(walk, pair, field, oneofs, kept)


def _spot(walk: Walk, pair: Pair, old: FieldDescriptor, new: FieldDescriptor) -> Spot:
    return walk.both(old, new, f"{pair.spot.where}.{new.name}", pair.spot)


def _renumbered(walk: Walk, pair: Pair, old: FieldDescriptor, new: FieldDescriptor) -> Iterator[Change]:
    spot = _spot(walk, pair, old, new)
    yield spot.tell(rules.FIELD_RENUMBERED, {"name": new.name, "old": old.number, "new": new.number})
    meet_types(walk, spot, old, new)


def _came(walk: Walk, pair: Pair, field: FieldDescriptor, oneofs: Collection[str]) -> Iterator[Change]:
    extension = _extension(walk.old, pair.old, field.number)
    if extension is not None:
        yield from diff_field(walk, _spot(walk, pair, extension, field), extension, field)
        return
    spot = walk.came(field, f"{pair.spot.where}.{field.name}", pair.spot)
    name = {"name": field.name}
    oneof = written(walk.new, field)
    if field.is_required:
        yield spot.tell(rules.REQUIRED_FIELD_ADDED, name)
    elif oneof is not None and oneof.name in oneofs:
        yield spot.tell(rules.ONEOF_MEMBER_ADDED, {**name, "oneof": oneof.name})
    else:
        yield spot.tell(rules.FIELD_ADDED, name)
    if walk.strict_json:
        yield spot.tell(rules.JSON_KEY_ADDED, {"name": field.json_name})


def _went(
    walk: Walk, pair: Pair, field: FieldDescriptor, oneofs: Collection[str], kept: reserved.Reserved
) -> Iterator[Change]:
    extension = _extension(walk.new, pair.new, field.number)
    if extension is not None:
        spot = walk.both(field, extension, f"[{extension.full_name}]", pair.spot)
        yield from diff_field(walk, spot, field, extension)
        return
    spot = walk.went(field, f"{pair.spot.where}.{field.name}", pair.spot)
    name = {"name": field.name}
    oneof = written(walk.old, field)
    if field.is_required:
        yield spot.tell(rules.REQUIRED_FIELD_REMOVED, name)
    elif oneof is not None and oneof.name in oneofs:
        yield spot.tell(rules.ONEOF_MEMBER_REMOVED, {**name, "oneof": oneof.name})
    else:
        yield spot.tell(rules.FIELD_REMOVED, name)
    ranges, names = kept
    if not reserved.holds(ranges, field.number):
        yield spot.tell(rules.FIELD_REMOVED_WITHOUT_RESERVING_NUMBER, {**name, "number": field.number})
    if field.name not in names and field.name not in pair.new.fields_by_name:
        yield spot.tell(rules.FIELD_REMOVED_WITHOUT_RESERVING_NAME, name)
    if walk.strict_json:
        yield spot.tell(rules.JSON_KEY_REMOVED, {"name": field.json_name})


def _extension(side: Side, message: Descriptor, number: int) -> FieldDescriptor | None:
    """The extension that holds a number of a message, if the side knows one."""
    if not message.is_extendable:
        return None
    try:
        return side.schema.pool.FindExtensionByNumber(message, number)
    except KeyError:
        return None


# numbers and names that are kept free


def _reserved(walk: Walk, pair: Pair) -> Iterator[Change]:
    kept = reserved.of(walk.old, pair.old)
    for field in pair.new.fields:
        spot = walk.came(field, f"{pair.spot.where}.{field.name}", pair.spot)
        if field.number not in pair.old.fields_by_number:
            yield from reserved.number_reused(spot, kept, field.name, field.number)
        if field.name not in pair.old.fields_by_name:
            yield from reserved.name_reused(spot, kept, field.name)
    used, uses = (
        ({f.number for f in message.fields}, {f.name for f in message.fields}) for message in (pair.old, pair.new)
    )
    yield from reserved.diff_reserved(pair.spot, kept, reserved.of(walk.new, pair.new), used, uses)


def _extension_ranges(pair: Pair) -> Iterator[Change]:
    before, after = (
        reserved.merged((low, high - 1) for low, high in message.extension_ranges) for message in (pair.old, pair.new)
    )
    for rule, ranges in (
        (rules.EXTENSION_RANGE_REMOVED, reserved.without(before, after)),
        (rules.EXTENSION_RANGE_ADDED, reserved.without(after, before)),
    ):
        yield from _each_range(pair.spot, rule, ranges)


def _each_range(spot: Spot, rule: Rule, ranges: Sequence[tuple[int, int]]) -> Iterator[Change]:
    for span in ranges:
        yield spot.tell(rule, {"numbers": reserved.spelt(span)})
