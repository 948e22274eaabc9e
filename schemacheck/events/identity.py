"""Who an event is: every place that names a version must name the same one, and no two files may claim it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemacheck.config import Policy
from schemacheck.events.rules import FILE_MISPLACED, IDENTITY_DUPLICATED, NAME_MISMATCH, VERSION_IMPLICIT, report
from schemacheck.formats import format_of
from schemacheck.layout import Placed
from schemacheck.model import Schema, Version
from schemacheck.report import Finding

SHOWN = 3  # files of one identity that are named
_TOKEN = re.compile(r"(?<![A-Za-z0-9])v(?:0|[1-9][0-9]*)(?:(?:alpha|beta)[0-9]*)?(?![A-Za-z0-9])")
_TAIL = re.compile(r"(?<=[a-z0-9])V([1-9][0-9]*)$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


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
    yield from report(NAME_MISMATCH, policy, placed, values, hint=hint, pointer=pointer)


def _versions(text: str) -> set[str]:
    found = set(_TOKEN.findall(text))
    if tail := _TAIL.search(text):
        found.add(f"v{tail[1]}")
    return found


def _named_otherwise(placed: Placed, schema: Schema, policy: Policy) -> list[str]:
    """What contradicts the configured name template, in words; nothing without `[identity]`."""
    template = policy.identity.get(format_of(placed.path) or "")
    if template is None or not schema.names:
        return []
    values = dict(placed.words)
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
        yield from report(FILE_MISPLACED, policy, placed, {}, hint=hint)
        return
    hint = f"it seems to want {wanted}" if wanted else f"its next version is {placed.path_of(Version(2))}"
    yield from report(VERSION_IMPLICIT, policy, placed, {"event": placed.subject.event}, hint=hint)


def duplicated(
    placed: Placed, what: str, files: Sequence[str], policy: Policy, pointer: str | None = None, more: int = 0
) -> Iterator[Finding]:
    """Two files claim one identity, and perhaps some more that are only counted."""
    more += len(files[SHOWN:])
    shown = [*files[:SHOWN], *([f"{more} more"] if more else [])]
    values = {"what": what, "files": " and ".join(shown)}
    hint = "keep one of them, or give the other one its own name"
    yield from report(IDENTITY_DUPLICATED, policy, placed, values, hint=hint, pointer=pointer)
