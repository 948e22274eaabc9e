"""What changed between two Protobuf events. Reading it from top to bottom is the specification."""

from __future__ import annotations

from collections.abc import Iterator

from schemacheck.formats.protobuf import rules
from schemacheck.formats.protobuf.enums import diff_enum
from schemacheck.formats.protobuf.extensions import diff_extensions
from schemacheck.formats.protobuf.files import diff_file
from schemacheck.formats.protobuf.messages import diff_message
from schemacheck.formats.protobuf.model import Descriptor, Schema
from schemacheck.formats.protobuf.rest import came_and_went, meet_other_enums, meet_other_messages
from schemacheck.formats.protobuf.services import diff_services
from schemacheck.formats.protobuf.side import Side
from schemacheck.formats.protobuf.walk import Pair, Walk
from schemacheck.model import Change, Surface


def diff(old: Schema, new: Schema) -> Iterator[Change]:
    """The facts between two events, in document order of the new file; what is gone stands at its parent."""
    walk = Walk(Side(old), Side(new))
    found: dict[tuple[str, str, str], Change] = {}
    for change in _all(walk):
        if walk.json or change.rule.surface != Surface.JSON:
            found.setdefault((change.rule.id, change.where, repr(sorted(change.values.items()))), change)
    yield from sorted(found.values(), key=lambda change: _order(new.path, change.pointer))


def _order(event: str, pointer: str) -> tuple[bool, str, tuple[int, ...]]:
    """The event's own file first, then by path, then by place."""
    path, _, inner = pointer.rpartition("#")
    place = [int(number) for number in inner.split("/") if number]
    return path != event, path, (_HEAD.get(place[0], _BODY), *place) if place else ()


_HEAD = {12: 0, 2: 1, 3: 2, 10: 2, 8: 3}  # syntax, package, imports and options of a file, before its types
_BODY = 4


def _all(walk: Walk) -> Iterator[Change]:
    """The file, the events and services, all that they lead to, and the rest."""
    if walk.equal(walk.old.schema.file, walk.new.schema.file):
        return
    yield from diff_file(walk)
    yield from _roots(walk)
    yield from diff_services(walk)
    yield from _waiting(walk)
    yield from diff_extensions(walk)
    yield from _waiting(walk)
    meet_other_messages(walk)
    yield from _waiting(walk)
    meet_other_enums(walk)
    yield from _waiting(walk)
    yield from came_and_went(walk)


def _waiting(walk: Walk) -> Iterator[Change]:
    while walk.messages or walk.enums:
        if walk.messages:
            pair = walk.messages.popleft()
            yield from _compared(walk, pair, diff_message(walk, pair))
        else:
            pair = walk.enums.popleft()
            yield from _compared(walk, pair, diff_enum(walk, pair))


def _compared(walk: Walk, pair: Pair, changes: Iterator[Change]) -> Iterator[Change]:
    """The facts of a pair; if there are none, whether it has another name or stands in another file."""
    silent = True
    for change in changes:
        if pair.json or change.rule.surface != Surface.JSON:
            silent = False
            yield change
    old, new = pair.old, pair.new
    names = {"old": old.full_name, "new": new.full_name}
    if old.full_name != new.full_name:
        if silent and pair.renamed is not None and new.full_name != walk.expected(old):
            yield pair.spot.tell(pair.renamed, names)
    elif new.containing_type is None and (files := walk.moved(old, new)) is not None:
        values = {"name": new.full_name, "old": files[0], "new": files[1]}
        yield pair.spot.tell(rules.TYPE_MOVED_TO_OTHER_FILE, values)


# events


def _roots(walk: Walk) -> Iterator[Change]:
    """Events pair by full name; of those left, two that are alike are one that was renamed."""
    gone, come = [], []
    for message in walk.new.schema.roots:
        same = walk.old.message(message.full_name)
        if same is None:
            come.append(message)
        else:
            _meet(walk, same, message)
    for message in walk.old.schema.roots:
        same = walk.new.message(message.full_name)
        if same is None:
            gone.append(message)
        else:
            _meet(walk, message, same)
    for old, new in _renamed(gone, come):
        spot = walk.both(old, new, new.full_name, walk.top)
        yield spot.tell(rules.MESSAGE_RENAMED, {"old": old.full_name, "new": new.full_name})
        _meet(walk, old, new)
    for message in come:
        if message.full_name not in walk.origins:
            spot = walk.came(message, message.full_name, walk.top)
            yield spot.tell(rules.MESSAGE_ADDED, {"name": message.full_name})
    for message in gone:
        if message.full_name not in walk.partners:
            spot = walk.went(message, message.full_name, walk.top)
            yield spot.tell(rules.MESSAGE_REMOVED, {"name": message.full_name})


def _meet(walk: Walk, old: Descriptor, new: Descriptor) -> None:
    if not walk.settled(old, new):
        walk.meet(walk.messages, Pair(old, new, walk.both(old, new, new.full_name, walk.top)))


def _renamed(gone: list[Descriptor], come: list[Descriptor]) -> Iterator[tuple[Descriptor, Descriptor]]:
    """The likeliest partners, each message once: one of the same short name, else the one with most equal fields."""
    left = {message.full_name: message for message in come}
    named = {message.name: message for message in come}
    others = []
    for old in gone:
        new = named.pop(old.name, None)
        if new is None:
            others.append(old)
        else:
            yield old, left.pop(new.full_name)
    if len(others) * len(left) > _MOST:
        return
    fields = {message.full_name: {(f.number, f.name) for f in message.fields} for message in (*others, *left.values())}
    for old in others:
        mine = fields[old.full_name]
        shares = {name: _share(mine, fields[name]) for name in left}
        likeliest = max(shares, key=lambda name: shares[name], default=None)
        if likeliest is not None and shares[likeliest] >= _HALF:
            yield old, left.pop(likeliest)


_HALF = 0.5
_MOST = 250_000  # comparisons; beyond that a file was not edited but written anew


def _share(old: set[tuple[int, str]], new: set[tuple[int, str]]) -> float:
    """How much two messages have in common: the share of their fields that have one number and one name."""
    return len(old & new) / len(old | new) if old | new else 1
