"""The life of a version: active, deprecated, past its sunset, retired with a tombstone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from schemacheck.config import Policy
from schemacheck.events.metadata import FLOOR, Entry, Metadata, Status
from schemacheck.events.rules import (
    DEPRECATED_VERSION_CHANGED,
    METADATA_REMOVED,
    MIGRATION_MISSING,
    MODE_TOO_WEAK,
    RETIRED_EARLY,
    SUBJECT_REMAPPED,
    SUCCESSOR_MISSING,
    SUNSET_ADVANCED,
    SUNSET_PASSED,
    VERSION_REUSED,
    VERSIONS_PILED_UP,
    report,
)
from schemacheck.layout import Placed
from schemacheck.model import Direction, Mode, Version
from schemacheck.report import Finding


class Due(NamedTuple):
    """When a deprecated version may be retired, and what else keeps it: in words."""

    day: date
    blockers: tuple[str, ...]


def due(version: Version, said: Metadata, policy: Policy) -> Due:
    """When a deprecated version may be retired, by what is said about it."""
    entry = said.entry(version)
    assert entry.sunset is not None
    assert entry.deprecated is not None
    # Records that were written on the last day must have gone before their schema does.
    days = [later(entry.sunset, said.kept_days), later(entry.deprecated, policy.notice_days)]
    return Due(max(days), tuple(_blockers(version, said, said.consumers_of(version))))


def later(day: date, days: int) -> date:
    """A day some days later, or the last day there is."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max


def _blockers(version: Version, said: Metadata, readers: Sequence[str]) -> Iterator[str]:
    if readers:
        yield f"{_listed(readers)} still read{'s' * (len(readers) == 1)} it"
    if said.endless and not said.entry(version).upcast:
        yield f"its records stay, since {said.endless}, and no upcast turns them into a later version"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def retired(placed: Placed, then: Metadata, now: Metadata, policy: Policy, against: str | None) -> Iterator[Finding]:
    """A published version is gone and has a tombstone: what was published about it must allow that.

    What the same change says about dates does not count, or a change could allow itself everything.
    """
    version = placed.subject.version
    before = then.entry(version)
    if before.status is not Status.DEPRECATED:
        first = later(policy.today, policy.notice_days)
        why = ["it was never published as deprecated"]
        hint = f'put it back and deprecate it: status = "deprecated", with a sunset from {first} on'
    else:
        when = due(version, then, policy)
        why = [f"its time ends on {when.day}"] if policy.today < when.day else []
        own = now.entry(version).consumers
        why += _blockers(version, now, then.consumers_of(version) if own is None else own)
        if then.endless and not now.endless and not now.entry(version).upcast:
            why.append(f"its records stay, since {then.endless}")
        hint = f"put it back until then; today is {policy.today}"
    if why:
        values = {"version": str(version), "why": ", and ".join(why)}
        place = {"file": now.path, "line": now.entry(version).line, "column": None}
        yield from report(RETIRED_EARLY, policy, placed, values, hint=hint, against=against, **place)


def returned(placed: Placed, grave: Entry, free: Version, policy: Policy) -> Iterator[Finding]:
    """A version with a tombstone is back."""
    values = {"version": str(placed.subject.version), "how": f"was retired on {grave.retired}, and its number is gone"}
    yield from report(VERSION_REUSED, policy, placed, values, hint=f"publish it as {placed.path_of(free)}")


def sunset_moved(placed: Placed, then: Metadata, now: Metadata, policy: Policy) -> Iterator[Finding]:
    """The sunset of a published version came nearer than those who read it were promised."""
    version = placed.subject.version
    before, after = then.entry(version), now.entry(version)
    soonest = later(policy.today, policy.notice_days)
    if after.status is not Status.DEPRECATED or after.sunset is None or after.sunset >= soonest:
        return
    if before.sunset is not None and before.sunset <= after.sunset:
        return
    values = {"version": str(version), "sunset": str(after.sunset), "days": policy.notice_days}
    hint = f"{soonest} at the earliest; today is {policy.today}"
    yield from report(SUNSET_ADVANCED, policy, placed, values, hint=hint, file=now.path, line=after.line)


def deprecated(placed: Placed, now: Metadata, live: Collection[Version], policy: Policy) -> Iterator[Finding]:
    """A deprecated version has something that takes its place, and goes when its time is over."""
    version = placed.subject.version
    entry = now.entry(version)
    if entry.status is not Status.DEPRECATED:
        return
    place = {"file": now.path, "line": entry.line}
    when = due(version, now, policy)
    if policy.today >= when.day:
        kept = f", but {'; '.join(when.blockers)}" if when.blockers else ""
        hint = f'remove {placed.path} and write status = "retired"{kept}; today is {policy.today}'
        values = {"version": str(version), "day": str(when.day)}
        yield from report(SUNSET_PASSED, policy, placed, values, hint=hint, **place)
    active = {other for other in live if now.status(other) is Status.ACTIVE}
    if entry.replaced_by == "none" or entry.replaced_by in active or any(other > version for other in active):
        return
    hint = 'publish its successor, or write replaced_by = "none" if the event ends'
    yield from report(SUCCESSOR_MISSING, policy, placed, {"version": str(version)}, hint=hint, **place)


def changed(placed: Placed, now: Metadata, policy: Policy) -> Iterator[Finding]:
    """A version got more than documentation; nobody should build on a deprecated one."""
    if now.status(placed.subject.version) is Status.DEPRECATED:
        values = {"version": str(placed.subject.version)}
        yield from report(DEPRECATED_VERSION_CHANGED, policy, placed, values, hint="change its successor instead")


def piled_up(placed: Placed, live: Collection[Version], now: Metadata, policy: Policy) -> Iterator[Finding]:
    """An event has more versions than anybody wants to read."""
    stable = sorted(version for version in live if version.stable)
    if len(stable) <= policy.max_live:
        return
    oldest = next((version for version in stable if now.status(version) is Status.ACTIVE), stable[0])
    values = {"event": placed.subject.event, "number": len(stable)}
    hint = f"deprecate the oldest, {oldest}; max_live = {policy.max_live} is what is wanted"
    yield from report(VERSIONS_PILED_UP, policy, placed, values, hint=hint)


def forgotten(
    placed: Placed, then: Metadata, now: Metadata, back: str, against: str | None, policy: Policy
) -> Iterator[Finding]:
    """What was said about an event stays: the file, and every tombstone in it. `back` is the command to restore it."""
    gone = [str(version) for version in then.tombstones if now.status(version) is not Status.RETIRED]
    what = f"the tombstone of {_listed(gone)}" if gone else "event.toml"
    if gone or (then.path and not now.path):
        values = {"what": what, "event": placed.subject.event}
        place = {"side": "current" if now.path else "baseline", "file": now.path or then.path}
        yield from report(
            METADATA_REMOVED, policy, placed, values, hint=f"put it back: {back}", against=against, **place
        )


def not_migrated(placed: Placed, now: Metadata, live: Collection[Version], policy: Policy) -> Iterator[Finding]:
    """A new version comes with what turns the one before it into it."""
    version = placed.subject.version
    before = max((other for other in live if other.stable and other < version), default=None)
    if before is None or not version.stable or now.entry(before).upcast:
        return
    values = {"old": str(before), "version": str(version)}
    hint = f'say what does: [versions.{str(before)[1:]}] upcast = "..." in event.toml'
    yield from report(MIGRATION_MISSING, policy, placed, values, hint=hint)


def remapped(placed: Placed, then: Metadata, now: Metadata, policy: Policy) -> Iterator[Finding]:
    """Where a published event goes was changed under those who read it there."""
    for key in ("topic", "subject", "aggregate"):
        old, new = getattr(then, key), getattr(now, key)
        if old is None or old == new or not now.path:
            continue
        values = {"key": key, "event": placed.subject.event, "old": old, "new": f'"{new}"' if new else "not said"}
        hint = "give the next version its own, and let readers move there"
        yield from report(SUBJECT_REMAPPED, policy, placed, values, hint=hint, file=now.path, line=now.lines.get(key))


def mode_too_weak(placed: Placed, said: Metadata, wanted: Mode, policy: Policy) -> Iterator[Finding]:
    """The mode that is asked for does not hold what the event's records need."""
    why, hint = "", f"use {FLOOR} or more"
    if said.endless and (FLOOR.directions not in wanted.directions or not wanted.transitive):
        why = f"{said.endless}, so new readers must read every record there ever was"
    elif wanted.directions == Direction.NONE and placed.subject.version.stable:
        why, hint = "a stable version is never free to break", "choose a mode, or exclude what is no event"
    if why:
        values = {"mode": str(wanted), "event": placed.subject.event, "why": why}
        line = said.lines.get("mode")
        place = {"file": said.path, "line": line} if line else {}
        yield from report(MODE_TOO_WEAK, policy, placed, values, hint=hint, **place)
