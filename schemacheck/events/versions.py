"""What must happen to a version when something about it changed: freeze. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from schemacheck.config import Policy
from schemacheck.events.rules import (
    FORMAT_CHANGED,
    MUTATED,
    MUTATED_THROUGH_IMPORT,
    OLDER_STATE_UNREADABLE,
    PAST_NUMBER,
    PUBLISHED_UNREADABLE,
    VERSION_REMOVED,
    VERSION_REUSED,
    VERSION_SKIPPED,
    VERSION_UNTRACKED,
    report,
)
from schemacheck.layout import Placed
from schemacheck.model import Direction, Subject, Version
from schemacheck.report import Finding


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
    values: dict[str, object] = {"version": str(subject.version), "how": PAST_NUMBER}
    free = next_version(subject.event, ever)
    if subject in ever:
        yield from report(VERSION_REUSED, policy, placed, values, hint=f"publish it as {placed.path_of(free)}")
        return
    known = {*ever, *(other for other in new if other.version < subject.version)}
    expected = next_version(subject.event, known)
    if subject.version == expected or (not subject.version.stable and subject.version.number <= expected.number):
        return
    values |= {"event": subject.event, "expected": str(expected)}
    yield from report(VERSION_SKIPPED, policy, placed, values, hint=f"rename it to {placed.path_of(expected)}")


def removed(
    placed: Placed, moved_to: str | None, against: str | None, remedy: str, policy: Policy
) -> Iterator[Finding]:
    """A published version is gone."""
    moved = f', its content now stands in "{moved_to}"' if moved_to else ""
    values = {"version": str(placed.subject.version), "moved": moved}
    place: dict[str, Any] = {"side": "baseline", "line": None, "column": None}
    yield from report(VERSION_REMOVED, policy, placed, values, hint=remedy, against=against, **place)


def mutated(
    placed: Placed,
    causes: Sequence[Finding],
    through: Sequence[str],
    remedy: str,
    policy: Policy,
) -> Iterator[Finding]:
    """A published version broke: by an edit of its own text, or through the files it rests on."""
    directions = Direction.NONE
    for cause in causes:
        directions |= cause.directions
    how = "breaking" if directions else "forbidden"  # under `strict`
    values: dict[str, object] = {"version": str(placed.subject.version), "how": how}
    rule, fix = MUTATED, f"schemacheck bump {shlex.quote(placed.subject.event)}"
    if through:
        rule, fix = MUTATED_THROUGH_IMPORT, ""
        values["files"] = " and ".join(through)
    more: dict[str, object] = {
        "causes": tuple(cause.fingerprint for cause in causes),
        "directions": directions,
        "against": causes[0].against,
    }
    yield from report(rule, policy, placed, values, hint=remedy, fix=fix, **more)


def format_changed(placed: Placed, old: str, new: str, remedy: str, policy: Policy) -> Iterator[Finding]:
    """One version is written in one format for ever."""
    values = {"version": str(placed.subject.version), "old": old, "new": new}
    yield from report(FORMAT_CHANGED, policy, placed, values, hint=remedy)


def untracked(placed: Placed, policy: Policy) -> Iterator[Finding]:
    """A new version that only stands on this disk."""
    hint = f"git add {placed.path}"
    yield from report(VERSION_UNTRACKED, policy, placed, {"version": str(placed.subject.version)}, hint=hint)


def unreadable(placed: Placed, problem: str, against: str | None, policy: Policy) -> Iterator[Finding]:
    """A published file that nobody could parse was edited: its repair cannot be compared with anything."""
    hint = f"{problem}; repair it alone, with a waiver"
    values = {"version": str(placed.subject.version)}
    yield from report(PUBLISHED_UNREADABLE, policy, placed, values, hint=hint, against=against)


def older_unreadable(
    placed: Placed, problem: str, against: str | None, older: int, policy: Policy
) -> Iterator[Finding]:
    """Published states that no parser takes: the newest, and how many older ones. Passed over, but not in silence."""
    hint = f"{problem}; if nobody reads such events any more, waive this"
    values = {"version": str(placed.subject.version)}
    yield from report(OLDER_STATE_UNREADABLE, policy, placed, values, hint=hint, against=against, older=older)
