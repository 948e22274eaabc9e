"""What changed between two states of one enum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemacheck.formats.protobuf import reserved, rules
from schemacheck.formats.protobuf.model import EnumDescriptor
from schemacheck.formats.protobuf.walk import Pair, Walk
from schemacheck.model import Change


def diff_enum(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Values pair by number, what is left by name."""
    old, new = pair.old, pair.new
    if old.is_closed != new.is_closed:
        rule = rules.ENUM_BECAME_CLOSED if new.is_closed else rules.ENUM_BECAME_OPEN
        yield walk.change(rule, {"name": new.name}, pair)
    before, after = _names(old), _names(new)
    moved = _renumbered(old, new)
    for name, (was, now) in moved.items():
        yield walk.change(rules.ENUM_VALUE_RENUMBERED, {"name": name, "old": was, "new": now}, pair, name)
    ranges, words = reserved.of_enum(old)
    for number, names in after.items():
        if number in before:
            yield from _renamed(walk, pair, number, before[number], names, moved)
        elif names[0] not in moved:
            closed = old.is_closed
            rule = rules.ENUM_VALUE_ADDED_TO_CLOSED_ENUM if closed else rules.ENUM_VALUE_ADDED
            yield walk.change(rule, {"name": names[0], "number": number}, pair, names[0])
            if reserved.holds(ranges, number):
                yield walk.change(rules.RESERVED_NUMBER_REUSED, {"name": names[0], "number": number}, pair, names[0])
            if names[0] in words:
                yield walk.change(rules.RESERVED_NAME_REUSED, {"name": names[0]}, pair, names[0])
    for number, names in before.items():
        if number not in after and names[0] not in moved:
            yield from _removed(walk, pair, number, names[0])
    yield from diff_reserved(walk, pair, set(before), set(after), _words(before), _words(after))
    yield from deprecated(walk, pair)


def _names(enum: EnumDescriptor) -> dict[int, list[str]]:
    """Number to names, the printed one first."""
    found: dict[int, list[str]] = {}
    for value in enum.values:
        found.setdefault(value.number, []).append(value.name)
    return found


def _words(values: Mapping[int, list[str]]) -> set[str]:
    return {name for names in values.values() for name in names}


def _renumbered(old: EnumDescriptor, new: EnumDescriptor) -> dict[str, tuple[int, int]]:
    """Names that stand at another number, and no longer at the old one."""
    found = {}
    for value in new.values:
        was = old.values_by_name.get(value.name)
        if was is not None and was.number != value.number:
            found[value.name] = (was.number, value.number)
    return found


def _renamed(
    walk: Walk,
    pair: Pair,
    number: int,
    before: list[str],
    after: list[str],
    moved: Mapping[str, tuple[int, int]],
) -> Iterator[Change]:
    """The names of one number: renamed, or aliases that came, went, or changed places."""
    gone = [name for name in before if name not in after and name not in moved]
    come = [name for name in after if name not in before and name not in moved]
    if not set(before) & set(after):
        if gone and come:
            yield walk.change(
                rules.ENUM_VALUE_RENAMED, {"number": number, "old": gone[0], "new": come[0]}, pair, come[0]
            )
        return
    for name in come:
        rule = rules.ENUM_ALIAS_PUT_FIRST if name == after[0] else rules.ENUM_ALIAS_ADDED
        yield walk.change(rule, {"name": name, "number": number}, pair, name)
    for name in gone:
        rule = rules.FIRST_ENUM_ALIAS_REMOVED if name == before[0] else rules.ENUM_ALIAS_REMOVED
        yield walk.change(rule, {"name": name, "number": number}, pair, None, name)


def _removed(walk: Walk, pair: Pair, number: int, name: str) -> Iterator[Change]:
    closed = pair.new.is_closed
    rule = rules.ENUM_VALUE_REMOVED_FROM_CLOSED_ENUM if closed else rules.ENUM_VALUE_REMOVED
    yield walk.change(rule, {"name": name, "number": number}, pair, None, name)
    ranges, words = reserved.of_enum(pair.new)
    if not reserved.holds(ranges, number):
        values = {"name": name, "number": number}
        yield walk.change(rules.ENUM_VALUE_REMOVED_WITHOUT_RESERVING_NUMBER, values, pair, None, name)
    if name not in words and name not in pair.new.values_by_name:
        yield walk.change(rules.ENUM_VALUE_REMOVED_WITHOUT_RESERVING_NAME, {"name": name}, pair, None, name)


def diff_reserved(
    walk: Walk, pair: Pair, before: set[int], after: set[int], old_names: set[str], new_names: set[str]
) -> Iterator[Change]:
    """What was reserved or given free; a number that goes with its element, or is taken again, is told there."""
    was, old_words = reserved.of_enum(pair.old)
    now, new_words = reserved.of_enum(pair.new)
    yield from reservations(walk, pair, (was, old_words), (now, new_words), (before, old_names), (after, new_names))


def reservations(
    walk: Walk,
    pair: Pair,
    old: tuple[reserved.Ranges, set[str]],
    new: tuple[reserved.Ranges, set[str]],
    used: tuple[set[int], set[str]],
    uses: tuple[set[int], set[str]],
) -> Iterator[Change]:
    """Reserved numbers and names that came and went; `used` and `uses` are what elements held and hold."""
    taken = [(number, number) for number in uses[0] if number not in used[0]]
    freed = [(number, number) for number in used[0] if number not in uses[0]]
    for span in reserved.without(reserved.without(old[0], new[0]), taken):
        yield walk.change(rules.RESERVED_NUMBER_REMOVED, {"numbers": reserved.spelt(span)}, pair)
    for span in reserved.without(reserved.without(new[0], old[0]), freed):
        yield walk.change(rules.RESERVED_NUMBER_ADDED, {"numbers": reserved.spelt(span)}, pair)
    for name in sorted(old[1] - new[1] - (uses[1] - used[1])):
        yield walk.change(rules.RESERVED_NAME_REMOVED, {"name": name}, pair)
    for name in sorted(new[1] - old[1] - (used[1] - uses[1])):
        yield walk.change(rules.RESERVED_NAME_ADDED, {"name": name}, pair)


def deprecated(walk: Walk, pair: Pair) -> Iterator[Change]:
    """Whether an element came to be deprecated, or ceased to be."""
    before, after = pair.old.GetOptions().deprecated, pair.new.GetOptions().deprecated
    if before != after:
        rule = rules.DEPRECATED_SET if after else rules.DEPRECATED_UNSET
        yield walk.change(rule, {"name": pair.new.name}, pair)
