"""What changed between the oneofs of two messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import Descriptor, FieldDescriptor, OneofDescriptor
from schemacheck.formats.protobuf.options import diff_options
from schemacheck.formats.protobuf.side import Side
from schemacheck.formats.protobuf.walk import Pair, Spot, Walk
from schemacheck.model import Change


def written(side: Side, field: FieldDescriptor) -> OneofDescriptor | None:
    """The oneof that an author wrote around a field; not the one that stands for `optional`."""
    oneof = field.containing_oneof
    return None if oneof is None or side.proto(field).proto3_optional else oneof


def partners(walk: Walk, pair: Pair) -> dict[str, str]:
    """Old name to new name: oneofs pair by name, what is left by the most members in common."""
    before, after = _members(walk.old, pair.old), _members(walk.new, pair.new)
    found = {name: name for name in before if name in after}
    holders = _holders({name: numbers for name, numbers in after.items() if name not in found})
    shared = Counter(
        (old, holders[number])
        for old, numbers in before.items()
        if old not in found
        for number in numbers
        if number in holders
    )
    taken = set(found.values())
    for (old, new), _ in sorted(shared.items(), key=lambda match: (-match[1], sorted(match[0]))):
        if old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _members(side: Side, message: Descriptor) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for field in message.fields:
        oneof = written(side, field)
        if oneof is not None:
            found.setdefault(oneof.name, set()).add(field.number)
    return found


def _holders(oneofs: Mapping[str, set[int]]) -> dict[int, str]:
    """Number of a field to the oneof that holds it."""
    return {number: name for name, numbers in oneofs.items() for number in numbers}


def diff_oneofs(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Which fields exclude each other, of those that both sides know; and the oneofs themselves."""
    if not pair.old.oneofs and not pair.new.oneofs:
        return
    matched = partners(walk, pair)
    origins = {new: old for old, new in matched.items()}
    before, after = _members(walk.old, pair.old), _members(walk.new, pair.new)
    holders = _holders(before), _holders(after)
    known = {number for number in pair.new.fields_by_number if number in pair.old.fields_by_number}
    yield from _alone(walk, pair, known)
    for name in after:
        partner = origins.get(name)
        members = after[name] & known
        if _apart(members, holders[0]):
            spot = _spot(walk, pair, partner, name)
            yield spot.tell(rules.FIELDS_BECAME_EXCLUSIVE, _values(pair.new, members, name))
        if partner is None and not members:
            yield _spot(walk, pair, None, name).tell(rules.ONEOF_ADDED, {"name": name})
    for name in before:
        partner = matched.get(name)
        members = before[name] & known
        if _apart(members, holders[1]):
            spot = _spot(walk, pair, name, partner)
            yield spot.tell(rules.FIELDS_BECAME_INDEPENDENT, _values(pair.old, members, name))
        if partner is None and not members:
            yield _spot(walk, pair, name, None).tell(rules.ONEOF_REMOVED, {"name": name})
    for old, new in matched.items():
        spot = _spot(walk, pair, old, new)
        if old != new:
            yield spot.tell(rules.ONEOF_RENAMED, {"old": old, "new": new})
        yield from diff_options(walk, spot, pair.old.oneofs_by_name[old], pair.new.oneofs_by_name[new])


def _apart(members: set[int], holders: Mapping[int, str]) -> bool:
    """Whether some of the members can be set together on the other side."""
    return len({holders.get(number, number) for number in members}) > 1


def _values(message: Descriptor, members: set[int], oneof: str) -> dict[str, str]:
    fields = ", ".join(f'"{message.fields_by_number[number].name}"' for number in sorted(members))
    return {"fields": fields, "oneof": oneof}


def _spot(walk: Walk, pair: Pair, old: str | None, new: str | None) -> Spot:
    """The spot of a oneof, by its names on the two sides."""
    where = f"{pair.spot.where}.(oneof {new or old})"
    if old is None:
        return walk.came(pair.new.oneofs_by_name[new], where, pair.spot)
    if new is None:
        return walk.went(pair.old.oneofs_by_name[old], where, pair.spot)
    return walk.both(pair.old.oneofs_by_name[old], pair.new.oneofs_by_name[new], where, pair.spot)


def _alone(walk: Walk, pair: Pair, known: set[int]) -> Iterator[Change]:
    """Fields that came into a oneof, or left one, that holds no other field that both sides know."""
    for field in pair.new.fields:
        if field.number not in known:
            continue
        old = pair.old.fields_by_number[field.number]
        before, after = written(walk.old, old), written(walk.new, field)
        if (before is None) == (after is None):
            continue
        oneof: OneofDescriptor = after or before
        if sum(member.number in known for member in oneof.fields) > 1:
            continue
        rule = rules.FIELD_MOVED_INTO_OWN_ONEOF if after else rules.FIELD_MOVED_OUT_OF_OWN_ONEOF
        spot = walk.both(old, field, f"{pair.spot.where}.{field.name}", pair.spot)
        yield spot.tell(rule, {"name": field.name, "oneof": oneof.name})
