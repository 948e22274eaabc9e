"""The deprecated versions of a tree, and when each may be retired."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from schemacheck.config import Policy
from schemacheck.events import lifecycle
from schemacheck.events.metadata import Status
from schemacheck.formats import format_of
from schemacheck.model import Subject, Tree
from schemacheck.register import Register
from schemacheck.render.escape import clean


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A deprecated version that has a file. `due` says that its day has come; `blockers` what else keeps it."""

    subject: Subject
    file: str
    sunset: date
    day: date
    due: bool
    owner: str | None
    consumers: tuple[str, ...]
    blockers: tuple[str, ...]


def deprecated(tree: Tree, policy: Policy) -> Iterator[Deprecated]:
    """Every deprecated version, the earliest day first; raises UsageError for what is wrong in an `event.toml`."""
    layout = policy.layout(policy.roots or ("",))
    register = Register(tree, layout, published=False)
    files = {layout.place(path).subject: path for path in sorted(tree.files, reverse=True) if format_of(path)}
    found = []
    for event in register.paths:
        said = register.of(event)
        for version, entry in said.versions.items():
            subject = Subject(event, version)
            if entry.status is not Status.DEPRECATED or entry.sunset is None or subject not in files:
                continue
            when = lifecycle.due(version, said, policy)
            readers = said.consumers_of(version)
            due = policy.today >= when.day
            found.append(
                Deprecated(subject, files[subject], entry.sunset, when.day, due, said.owner, readers, when.blockers)
            )
    yield from sorted(found, key=lambda one: (one.day, one.subject))


def lines(found: Sequence[Deprecated]) -> Iterator[str]:
    """For people, one line each."""
    for one in found:
        owner = f"  {clean(one.owner)}" if one.owner else ""
        kept = f"; {clean('; '.join(one.blockers))}" if one.blockers else ""
        state = "due" if one.due else "not yet due"
        yield f"{one.day}  {clean(one.subject)}{owner}  {state}{kept}"


def as_json(found: Sequence[Deprecated]) -> str:
    """The same as JSON."""
    rows = [
        {
            "event": one.subject.event,
            "version": str(one.subject.version),
            "file": one.file,
            "sunset": str(one.sunset),
            "day": str(one.day),
            "due": one.due,
            "owner": one.owner,
            "consumers": list(one.consumers),
            "blockers": list(one.blockers),
        }
        for one in found
    ]
    return json.dumps({"format": "schemacheck-sunset/1", "versions": rows}, indent=1)
