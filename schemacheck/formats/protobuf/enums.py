"""What changed between two states of one enum."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemacheck.formats.protobuf import reserved, rules
from schemacheck.formats.protobuf.model import EnumDescriptor
from schemacheck.formats.protobuf.options import diff_options
from schemacheck.formats.protobuf.visible import diff_symbol
from schemacheck.formats.protobuf.walk import Pair, Spot, Walk
from schemacheck.model import Change


def diff_enum(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Values pair by number, what is left by name."""
    yield from _closed(pair)
    yield from diff_symbol(walk, pair)
    yield from diff_options(walk, pair.spot, pair.old, pair.new)
    yield from _values(walk, pair)
    yield from _reserved(walk, pair)


def _closed(pair: Pair) -> Iterator[Change]:
    """C++ and Java ask the file of the field whether an enum is closed, other readers the enum itself."""
    for before, after in (pair.closed, (pair.old.is_closed, pair.new.is_closed)):
        if before != after:
            rule = rules.ENUM_BECAME_CLOSED if after else rules.ENUM_BECAME_OPEN
            yield pair.spot.tell(rule, {"name": pair.new.name})
            return


def _values(walk: Walk, pair: Pair) -> Iterator[Change]:
    old, new = pair.old, pair.new
    before, after = _names(old), _names(new)
    moved = {v.name for v in new.values if v.name in old.values_by_name and _number(old, v.name) != v.number}
    for name in sorted(moved, key=lambda moving: new.values_by_name[moving].index):
        values = {"name": name, "old": _number(old, name), "new": _number(new, name)}
        yield _spot(walk, pair, name, name).tell(rules.ENUM_VALUE_RENUMBERED, values)
    for number, names in after.items():
        if number in before:
            yield from _renamed(walk, pair, number, before[number], names, moved)
        elif names[0] not in moved:
            rule = rules.ENUM_VALUE_ADDED_TO_CLOSED_ENUM if pair.closed[0] else rules.ENUM_VALUE_ADDED
            yield _spot(walk, pair, None, names[0]).tell(rule, {"name": names[0], "number": number})
    for number, names in before.items():
        if number not in after and names[0] not in moved:
            yield from _removed(walk, pair, number, names[0])
    for value in new.values:
        was = old.values_by_name.get(value.name)
        if was is not None:
            yield from diff_options(walk, _spot(walk, pair, value.name, value.name), was, value)


def _names(enum: EnumDescriptor) -> dict[int, list[str]]:
    """Number to names, the printed one first."""
    found: dict[int, list[str]] = {}
    for value in enum.values:
        found.setdefault(value.number, []).append(value.name)
    return found


def _number(enum: EnumDescriptor, name: str) -> int:
    return int(enum.values_by_name[name].number)


def _spot(walk: Walk, pair: Pair, old: str | None, new: str | None) -> Spot:
    """The spot of a value, by its names on the two sides."""
    where = f"{pair.spot.where}.{new or old}"
    if old is None:
        return walk.came(pair.new.values_by_name[new], where, pair.spot)
    if new is None:
        return walk.went(pair.old.values_by_name[old], where, pair.spot)
    return walk.both(pair.old.values_by_name[old], pair.new.values_by_name[new], where, pair.spot)


def _renamed(
    walk: Walk, pair: Pair, number: int, before: list[str], after: list[str], moved: Collection[str]
) -> Iterator[Change]:
    """The names of one number: renamed, or aliases that came, went, or changed places."""
    gone = [name for name in before if name not in after and name not in moved]
    come = [name for name in after if name not in before and name not in moved]
    if not set(before) & set(after):
        if gone and come:
            values = {"number": number, "old": gone[0], "new": come[0]}
            yield _spot(walk, pair, gone[0], come[0]).tell(rules.ENUM_VALUE_RENAMED, values)
        return
    for name in come:
        rule = rules.ENUM_ALIAS_PUT_FIRST if name == after[0] else rules.ENUM_ALIAS_ADDED
        yield _spot(walk, pair, None, name).tell(rule, {"name": name, "number": number})
    for name in gone:
        rule = rules.FIRST_ENUM_ALIAS_REMOVED if name == before[0] else rules.ENUM_ALIAS_REMOVED
        yield _spot(walk, pair, name, None).tell(rule, {"name": name, "number": number})


def _removed(walk: Walk, pair: Pair, number: int, name: str) -> Iterator[Change]:
    spot = _spot(walk, pair, name, None)
    values = {"name": name, "number": number}
    rule = rules.ENUM_VALUE_REMOVED_FROM_CLOSED_ENUM if pair.closed[1] else rules.ENUM_VALUE_REMOVED
    yield spot.tell(rule, values)
    ranges, names = reserved.of(walk.new, pair.new)
    if not reserved.holds(ranges, number):
        yield spot.tell(rules.ENUM_VALUE_REMOVED_WITHOUT_RESERVING_NUMBER, values)
    if name not in names and name not in pair.new.values_by_name:
        yield spot.tell(rules.ENUM_VALUE_REMOVED_WITHOUT_RESERVING_NAME, {"name": name})


def _reserved(walk: Walk, pair: Pair) -> Iterator[Change]:
    kept = reserved.of(walk.old, pair.old)
    before, after = _names(pair.old), _names(pair.new)
    for value in pair.new.values:
        spot = walk.came(value, f"{pair.spot.where}.{value.name}", pair.spot)
        if value.number not in before and after[value.number][0] == value.name:
            yield from reserved.number_reused(spot, kept, value.name, value.number)
        if value.name not in pair.old.values_by_name:
            yield from reserved.name_reused(spot, kept, value.name)
    yield from reserved.diff_reserved(
        pair.spot,
        kept,
        reserved.of(walk.new, pair.new),
        (before, set(pair.old.values_by_name)),
        (after, set(pair.new.values_by_name)),
    )
