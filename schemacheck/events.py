"""The `event/*` rules: what must happen to a version when something about it changed. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from schemacheck.config import Policy
from schemacheck.layout import Placed
from schemacheck.model import Direction, Finding, Level, Rule, Schema, Subject, Surface, Version


def _rule(name: str, message: str, level: Level = Level.ERROR) -> Rule:
    return Rule(f"event/{name}", message, Direction.NONE, Surface.EVENT, mirror=None, level=level)


MUTATED = _rule("mutated", "{version} is published and changed in a breaking way")
MUTATED_THROUGH_IMPORT = _rule(
    "mutated-through-import", "{version} is published and changed in a breaking way through {files}"
)
VERSION_REMOVED = _rule("version-removed", "{version} is published and was removed{moved}")
VERSION_SKIPPED = _rule("version-skipped", "{version} is new, but the next version of {event} is {expected}")
VERSION_REUSED = _rule("version-reused", "{version} was published before, was removed, and returned with other content")
FORMAT_CHANGED = _rule("format-changed", "{version} was published as {old} and is now {new}")
NAME_MISMATCH = _rule("name-mismatch", "the path says {path}, but {others}")
IDENTITY_DUPLICATED = _rule("identity-duplicated", "{what} is claimed by {files}")
VERSION_IMPLICIT = _rule("version-implicit", "the path holds no version, so it is taken as v1 of {event}", Level.INFO)
FILE_MISPLACED = _rule("file-misplaced", "the path fits no layout")
VERSION_UNTRACKED = _rule("version-untracked", "{version} is not in git, so nobody else will get it", Level.WARNING)

RULES: Sequence[Rule] = (
    MUTATED,
    MUTATED_THROUGH_IMPORT,
    VERSION_REMOVED,
    VERSION_SKIPPED,
    VERSION_REUSED,
    FORMAT_CHANGED,
    NAME_MISMATCH,
    IDENTITY_DUPLICATED,
    VERSION_IMPLICIT,
    FILE_MISPLACED,
    VERSION_UNTRACKED,
)

_TOKEN = re.compile(r"(?<![A-Za-z0-9])v(?:0|[1-9][0-9]*)(?:(?:alpha|beta)[0-9]*)?(?![A-Za-z0-9])")
_TAIL = re.compile(r"(?<=[a-z0-9])V([1-9][0-9]*)$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


def _report(rule: Rule, policy: Policy, placed: Placed, values: Mapping[str, object], **more: Any) -> Iterator[Finding]:
    """The finding of a rule at a path, at the level that the policy gives it; nothing where it is off."""
    level = policy.level(rule, placed.path)
    if not placed.subject.version.stable:
        level = min(level, Level.INFO)
    if level == Level.OFF:
        return
    fields = {"subject": placed.subject, "file": placed.path, "line": 1, "column": 1, **more}
    yield Finding(rule=rule, level=level, message=rule.message.format(**values), values=values, **fields)


def next_version(event: str, known: Collection[Subject]) -> Version:
    """One more than the highest version of an event; a tier of v2 counts as v2."""
    highest = max((subject.version for subject in known if subject.event == event), default=None)
    if highest is None:
        return Version(1)
    return Version(highest.number if highest.tier else highest.number + 1)


def numbering(placed: Placed, ever: Collection[Subject], new: Collection[Subject], policy: Policy) -> Iterator[Finding]:
    """For a version that the baseline lacks: it must be the next one, and its number must be fresh.

    `ever` holds every version that was ever published, `new` those that this change adds.
    """
    subject = placed.subject
    values: dict[str, object] = {"version": str(subject.version)}
    free = next_version(subject.event, ever)
    if subject in ever:
        yield from _report(VERSION_REUSED, policy, placed, values, hint=f"publish it as {placed.path_of(free)}")
        return
    known = {*ever, *(other for other in new if other.version < subject.version)}
    expected = next_version(subject.event, known)
    if subject.version == expected or (not subject.version.stable and subject.version.number <= expected.number):
        return
    values |= {"event": subject.event, "expected": str(expected)}
    yield from _report(VERSION_SKIPPED, policy, placed, values, hint=f"rename it to {placed.path_of(expected)}")


def identity(placed: Placed, schema: Schema, policy: Policy) -> Iterator[Finding]:
    """The path and the schema must say the same event version."""
    if placed.implicit:
        return
    said = [(declared, versions) for declared in schema.declared if (versions := _versions(declared.text))]
    wrong = [declared for declared, versions in said if str(placed.subject.version) not in versions]
    names = _named_otherwise(placed, schema, policy)
    others = [f'the {declared.place} says "{declared.text}"' for declared in wrong] + names
    if not others:
        return
    pointer = wrong[0].pointer if wrong else next(iter(schema.names.values()), None)
    hint = f"write {placed.subject.version} there, or move the file to the version that it is"
    values = {"path": str(placed.subject), "others": ", and ".join(others)}
    yield from _report(NAME_MISMATCH, policy, placed, values, hint=hint, pointer=pointer)


def _versions(text: str) -> set[str]:
    found = set(_TOKEN.findall(text))
    if tail := _TAIL.search(text):
        found.add(f"v{tail[1]}")
    return found


def _named_otherwise(placed: Placed, schema: Schema, policy: Policy) -> list[str]:
    """What contradicts the configured name template, in words; nothing without `[identity]`."""
    key = "protobuf" if placed.path.endswith(".proto") else "avro"
    template = policy.identity.get(key)
    if template is None or not schema.names:
        return []
    values = dict(placed.values)
    event = values.get("event", "")
    domain = values.get("domain", "").replace("/", ".")
    named = {
        "prefix": policy.identity.get("prefix", ""),
        "domain": domain,
        "version": str(placed.subject.version)[1:],
        "event": event,
        "Event": "".join(word.capitalize() for word in words(event)),
    }
    wanted = re.sub(r"\{(\w+)\}", lambda m: named.get(m[1], m[0]), template).strip(".").replace("..", ".")
    if any(_same_name(wanted, name) for name in schema.names):
        return []
    return [f'its full name is "{next(iter(schema.names))}", not "{wanted}"']


def _same_name(wanted: str, name: str) -> bool:
    wanted_space, _, wanted_name = wanted.rpartition(".")
    space, _, short = name.rpartition(".")
    return wanted_space == space and words(wanted_name) == words(short)


def words(name: str) -> list[str]:
    """The words of a name in any case style, lower case: OrderPlaced, order_placed and order-placed are the same."""
    return [word.lower() for word in _WORDS.findall(name)]


def placement(placed: Placed, policy: Policy, wanted: str | None) -> Iterator[Finding]:
    """A path that fits no layout is an implicit v1, or misplaced under `strict_layout`."""
    if not placed.implicit:
        return
    if policy.strict_layout:
        hint = f"it seems to want {wanted or placed.path_of(Version(1))}"
        yield from _report(FILE_MISPLACED, policy, placed, {}, hint=hint)
        return
    hint = f"it seems to want {wanted}" if wanted else f"its next version is {placed.path_of(Version(2))}"
    yield from _report(VERSION_IMPLICIT, policy, placed, {"event": placed.subject.event}, hint=hint)


def duplicated(
    placed: Placed, what: str, files: Sequence[str], policy: Policy, pointer: str | None = None
) -> Iterator[Finding]:
    """Two files claim one identity."""
    shown = [*files[:3], f"{len(files) - 3} more"] if len(files) > 3 else files
    values = {"what": what, "files": " and ".join(shown)}
    hint = "keep one of them, or give the other one its own name"
    yield from _report(IDENTITY_DUPLICATED, policy, placed, values, hint=hint, pointer=pointer)


def removed(
    placed: Placed, moved_to: str | None, against: str | None, restore: str, policy: Policy
) -> Iterator[Finding]:
    """A published version is gone."""
    moved = f', its content now stands in "{moved_to}"' if moved_to else ""
    values = {"version": str(placed.subject.version), "moved": moved}
    place: dict[str, Any] = {"side": "baseline", "line": None, "column": None}
    yield from _report(
        VERSION_REMOVED, policy, placed, values, hint=f"put it back: {restore}", against=against, **place
    )


def mutated(
    placed: Placed,
    causes: Sequence[Finding],
    through: Sequence[str],
    remedy: str,
    policy: Policy,
) -> Iterator[Finding]:
    """A published version broke: by an edit of its own text, or through the files it rests on."""
    values: dict[str, object] = {"version": str(placed.subject.version)}
    rule, fix = MUTATED, f"schemacheck bump {shlex.quote(placed.subject.event)}"
    if through:
        rule, fix = MUTATED_THROUGH_IMPORT, ""
        values["files"] = " and ".join(through)
    directions = Direction.NONE
    for cause in causes:
        directions |= cause.directions
    more: dict[str, object] = {
        "causes": tuple(cause.fingerprint for cause in causes),
        "directions": directions,
        "against": causes[0].against,
    }
    yield from _report(rule, policy, placed, values, hint=remedy, fix=fix, **more)


def format_changed(placed: Placed, old: str, new: str, remedy: str, policy: Policy) -> Iterator[Finding]:
    """One version is written in one format for ever."""
    values = {"version": str(placed.subject.version), "old": old, "new": new}
    yield from _report(FORMAT_CHANGED, policy, placed, values, hint=remedy)


def untracked(placed: Placed, policy: Policy) -> Iterator[Finding]:
    """A new version that only stands on this disk."""
    hint = f"git add {placed.path}"
    yield from _report(VERSION_UNTRACKED, policy, placed, {"version": str(placed.subject.version)}, hint=hint)
