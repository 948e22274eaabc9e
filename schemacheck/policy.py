"""What a run forbids: changes become findings, and breaks become a deploy order. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemacheck.config import STRICT, Policy
from schemacheck.layout import Placed
from schemacheck.model import Change, Direction, Level, Mode, Surface
from schemacheck.report import Deploy, Finding, Verdict, fingerprint


class Compared(NamedTuple):
    """What differs from one published state. `known` holds the fingerprints that the baseline breaks against it too."""

    against: str | None
    changes: Sequence[Change]
    known: Collection[str] = ()


def level_of(change: Change, placed: Placed, policy: Policy) -> Level:
    """How loud a change is; nothing about an unstable version is louder than information."""
    level = policy.level(change.rule, placed.path)
    return level if placed.subject.version.stable else min(level, Level.INFO)


def judge(placed: Placed, states: Sequence[Compared], mode: Mode, policy: Policy) -> Iterator[tuple[Change, Finding]]:
    """The findings against all published states, newest first; one fingerprint once, with the number of older ones.

    Under `strict` whatever differs from the newest state is one, if it is more than documentation.
    """
    strict = policy.policy_for(placed.path) == STRICT
    found: dict[str, tuple[Change, Finding]] = {}
    for state in states:
        for change in state.changes:
            if not change.rule.breaks and not strict:
                continue
            broken = change.breaks & mode.directions
            level = level_of(change, placed, policy)
            if strict and not change.rule.documentation and state is states[0]:
                level = Level.ERROR if placed.subject.version.stable else level
            elif not broken:
                continue
            if level == Level.OFF:
                continue
            mark = fingerprint(change.rule.id, placed.subject, change.where, change.values)
            if mark in found:
                earlier, finding = found[mark]
                if finding.against != state.against:
                    found[mark] = earlier, replace(finding, older=finding.older + 1)
                continue
            found[mark] = (
                change,
                Finding(
                    rule=change.rule,
                    level=level,
                    subject=placed.subject,
                    message=change.message,
                    where=change.where,
                    values=change.values,
                    directions=broken,
                    against=state.against,
                    pointer=change.pointer,
                    preexisting=mark in state.known,
                ),
            )
    yield from found.values()


def marks(changes: Sequence[Change], placed: Placed) -> frozenset[str]:
    """The fingerprints of changes."""
    return frozenset(fingerprint(c.rule.id, placed.subject, c.where, c.values) for c in changes)


def causes(findings: Sequence[Finding]) -> list[Finding]:
    """The findings for which a published version counts as mutated."""
    return [f for f in findings if f.level == Level.ERROR and f.counts and f.rule.surface != Surface.EVENT]


def breaks(changes: Sequence[Change], placed: Placed, policy: Policy) -> Direction:
    """Who can no longer read, whatever the mode."""
    return _union(change for change in changes if level_of(change, placed, policy) >= Level.WARNING)


def deploy(changes: Sequence[Change], placed: Placed, policy: Policy) -> Deploy:
    """Who must be deployed first.

    What breaks for one side only is avoided by an order; a warning for the other side does not turn it round. Where
    both sides misread each other silently no order helps, and none is needed for anything to keep running.
    """
    loud = [change for change in changes if level_of(change, placed, policy) >= Level.WARNING]
    everything = _union(loud)
    failing = _union(change for change in loud if change.rule.surface != Surface.MEANING)
    errors = _union(change for change in loud if level_of(change, placed, policy) == Level.ERROR)
    ways = (everything, errors if errors else Direction.FULL)
    decisive = next((way for way in ways if way != Direction.FULL), failing)
    return {
        Direction.NONE: Deploy.ANY_ORDER,
        Direction.FORWARD: Deploy.CONSUMERS_FIRST,
        Direction.BACKWARD: Deploy.PRODUCERS_FIRST,
        Direction.FULL: Deploy.IMPOSSIBLE,
    }[decisive]


def possible(order: Deploy | None, endless: bool) -> Deploy | None:
    """An order, if it can be kept: where records stay for ever, no reader can wait until the old ones are gone."""
    return Deploy.IMPOSSIBLE if endless and order is Deploy.PRODUCERS_FIRST else order


def opposed(verdicts: Iterable[Verdict]) -> Iterator[tuple[str, Verdict, Verdict]]:
    """Owners whose one change needs opposite orders, with a version for each order."""
    firsts: dict[str, dict[Deploy, Verdict]] = {}
    for verdict in verdicts:
        if (
            verdict.owner
            and verdict.next is None
            and verdict.deploy in (Deploy.CONSUMERS_FIRST, Deploy.PRODUCERS_FIRST)
        ):
            firsts.setdefault(verdict.owner, {}).setdefault(verdict.deploy, verdict)
    for owner, found in sorted(firsts.items()):
        if len(found) == 2:
            yield owner, found[Deploy.CONSUMERS_FIRST], found[Deploy.PRODUCERS_FIRST]


def _union(changes: Iterator[Change] | Sequence[Change]) -> Direction:
    directions = Direction.NONE
    for change in changes:
        directions |= change.breaks
    return directions
