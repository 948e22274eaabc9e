"""The types of an event's file that no event leads to: those that pair by name, and those that came or went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.model import EnumDescriptor
from schemacheck.formats.protobuf.side import declared_enums, declared_messages
from schemacheck.formats.protobuf.walk import Pair, Walk
from schemacheck.model import Change, Rule


def meet_other_messages(walk: Walk) -> None:
    """Lets each message that stands in either file, and has a partner by name anywhere, wait for its comparison."""
    for message in declared_messages(walk.old.schema.file):
        partner = walk.new.message(walk.expected(message))
        if partner is not None and message.full_name not in walk.partners and not walk.settled(message, partner):
            walk.meet(walk.messages, _pair(walk, message, partner))
    for message in declared_messages(walk.new.schema.file):
        partner = walk.old.message(message.full_name)
        if partner is not None and message.full_name not in walk.origins and not walk.settled(partner, message):
            walk.meet(walk.messages, _pair(walk, partner, message))


def meet_other_enums(walk: Walk) -> None:
    """The same of the enums that no field led to; and those without a partner that were renamed."""
    for enum in declared_enums(walk.old.schema.file):
        partner = walk.new.enum(walk.expected(enum))
        if partner is not None and enum.full_name not in walk.partners and not walk.settled(enum, partner):
            walk.meet(walk.enums, _pair(walk, enum, partner))
    for enum in declared_enums(walk.new.schema.file):
        partner = walk.old.enum(enum.full_name)
        if partner is not None and enum.full_name not in walk.origins and not walk.settled(partner, enum):
            walk.meet(walk.enums, _pair(walk, partner, enum))
    _meet_renamed_enums(walk)


def _meet_renamed_enums(walk: Walk) -> None:
    """Enums without a partner that have the same values were renamed."""
    come: dict[frozenset[tuple[str, int]], list[EnumDescriptor]] = {}
    for new in declared_enums(walk.new.schema.file):
        if new.full_name not in walk.origins:
            come.setdefault(_values(new), []).append(new)
    for old in declared_enums(walk.old.schema.file):
        if old.full_name not in walk.partners and (same := come.get(_values(old))):
            walk.meet(walk.enums, _pair(walk, old, same.pop(0), rules.ENUM_RENAMED))


def _values(enum: EnumDescriptor) -> frozenset[tuple[str, int]]:
    return frozenset((value.name, value.number) for value in enum.values)


def _pair(walk: Walk, old: Any, new: Any, renamed: Rule | None = None) -> Pair:
    closed = getattr(old, "is_closed", False), getattr(new, "is_closed", False)
    return Pair(old, new, walk.both(old, new, new.full_name, walk.top), renamed, closed)


def came_and_went(walk: Walk) -> Iterator[Change]:
    """The types that only one side has, the outermost of each; events are told as messages."""
    old, new = walk.old.schema, walk.new.schema
    for message in _outermost(declared_messages(new.file), walk.origins, new.roots):
        spot = walk.came(message, message.full_name, walk.top)
        yield spot.tell(rules.NESTED_MESSAGE_ADDED, {"name": message.full_name})
    for enum in _outermost(declared_enums(new.file), walk.origins, new.roots):
        yield walk.came(enum, enum.full_name, walk.top).tell(rules.ENUM_ADDED, {"name": enum.full_name})
    gone = walk.partners.keys()
    for message in _outermost(declared_messages(old.file), gone, old.roots):
        spot = walk.went(message, message.full_name, walk.top)
        yield spot.tell(rules.NESTED_MESSAGE_REMOVED, {"name": message.full_name})
    for enum in _outermost(declared_enums(old.file), gone, old.roots):
        yield walk.went(enum, enum.full_name, walk.top).tell(rules.ENUM_REMOVED, {"name": enum.full_name})


def _outermost(types: Iterable[Any], met: Iterable[str], roots: Iterable[Any]) -> Iterator[Any]:
    """The types that were not met, and that do not stand in another such type."""
    known = set(met)
    events = {root.full_name for root in roots}
    for each in types:
        outer = each.containing_type
        if each.full_name in known or each.full_name in events:
            continue
        if outer is None or outer.full_name in known:
            yield each
