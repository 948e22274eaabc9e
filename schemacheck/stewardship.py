"""What `event.toml` says about the versions of a run, on both sides, and what follows from it for each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from schemacheck import policy as judgement
from schemacheck.config import Policy
from schemacheck.errors import UsageError
from schemacheck.events import gate, kinds, lifecycle
from schemacheck.events.metadata import FLOOR, Metadata, Status
from schemacheck.events.rules import POLICY_WEAKENED
from schemacheck.guard import Guard
from schemacheck.layout import Placed
from schemacheck.model import Level, Subject, Version
from schemacheck.pairing import Facing, Pairing
from schemacheck.register import Register
from schemacheck.report import Finding, Verdict


class Stewardship:
    """Reads what is said only about events that this change touches, or about all if `everything` is judged."""

    def __init__(self, pairing: Pairing, policy: Policy, guard: Guard, everything: bool) -> None:
        self._pairing = pairing
        self._policy = policy
        self._guard = guard
        self._everything = everything
        self._now = Register(pairing.tree, pairing.layout, published=False)
        self._then = [Register(baseline.tree, pairing.layout, published=True) for baseline in pairing.baselines]
        self._policies: dict[str, Policy] = {}

    def now(self, event: str) -> Metadata:
        """What the current side says about an event; raises UsageError if it is wrong."""
        return self._now.of(event)

    def then(self, event: str) -> Metadata:
        """What the first baseline that speaks of an event says about it."""
        return next((said for register in self._then if (said := register.of(event)).path), Metadata())

    def policy(self, event: str) -> Policy:
        """What holds for the files of an event."""
        if event not in self._policies:
            self._policies[event] = _policy(self._policy, self.now(event))
        return self._policies[event]

    @cached_property
    def edited(self) -> frozenset[str]:
        """The events about which something else is said than at a baseline."""
        events = {event for register in (self._now, *self._then) for event in register.paths}
        contents = {event: self._now.content(event) for event in events}
        return frozenset(e for e in events if any(then.content(e) != contents[e] for then in self._then))

    @cached_property
    def touched(self) -> frozenset[str]:
        """The events of which a file, or what is said about them, is not as at a baseline."""
        layout, differing = self._pairing.layout, self._pairing.differing
        return self.edited.union(layout.place(path).subject.event for path in differing if self._policy.judges(path))

    def live(self, event: str) -> list[Version]:
        """The versions of an event that have a file."""
        return sorted(self._events.get(event, ()))

    @cached_property
    def _events(self) -> Mapping[str, set[Version]]:
        found: dict[str, set[Version]] = {}
        for subject in self._pairing.now:
            found.setdefault(subject.event, set()).add(subject.version)
        return found

    @cached_property
    def _grown(self) -> frozenset[str]:
        """The events that got a version."""
        return frozenset(subject.event for subject in self._pairing.added)

    def tombstones(self, event: str) -> set[Subject]:
        """The versions of an event that are retired, by either side."""
        graves = [*self.now(event).tombstones, *self.then(event).tombstones]
        return {Subject(event, version) for version in graves}

    # what a run asks of each version

    def completed(self, verdict: Verdict, facing: Facing) -> Verdict:
        """A verdict with what is said about the version, and the findings on that."""
        event, version = facing.subject.event, facing.subject.version
        if not (self._everything or event in self.touched or verdict.findings or verdict.changes):
            return verdict
        said = self.now(event)
        found = list(verdict.findings)
        if self._everything or event in self.touched:
            found += self._of_version(verdict, facing)
            if self._leads(facing):
                found += self._of_event(facing)
        return replace(
            verdict,
            findings=tuple(replace(finding, owner=said.owner) for finding in found),
            kind=said.kind,
            owner=said.owner,
            consumers=said.consumers_of(version),
            status=str(said.status(version)),
            retention=said.retention,
            deploy=judgement.possible(verdict.deploy, bool(said.endless)),
        )

    def _leads(self, facing: Facing) -> bool:
        """Whether what is said about the event is judged with this file: the first one of its highest version."""
        live = self.live(facing.subject.event)
        if not live:  # all are gone: with the first that is
            return facing.path == self._gone.get(facing.subject.event)
        highest = Subject(facing.subject.event, live[-1])
        first = min(placed.path for placed in self._pairing.now[highest])
        return facing.now is not None and facing.path == first

    @cached_property
    def _gone(self) -> Mapping[str, str]:
        """For each event that lost all its files, the first of them."""
        found: dict[str, str] = {}
        for then in self._pairing.then:
            for subject, places in then.items():
                if subject.event not in self._events:
                    found.setdefault(subject.event, places[0].path)
        return found

    def _of_version(self, verdict: Verdict, facing: Facing) -> Iterator[Finding]:
        event = facing.subject.event
        then, now, policy = self.then(event), self.now(event), self.policy(event)
        if facing.now is None:
            return
        if facing.latest:
            yield from lifecycle.sunset_moved(facing.now, then, now, policy)
            if any(not judged.change.rule.documentation for judged in verdict.changes):
                yield from lifecycle.changed(facing.now, now, policy)
        else:
            yield from lifecycle.not_migrated(facing.now, now, self.live(event), policy)
        yield from lifecycle.deprecated(facing.now, now, self.live(event), policy)

    def _of_event(self, facing: Facing) -> Iterator[Finding]:
        event = facing.subject.event
        then, now, policy = self.then(event), self.now(event), self.policy(event)
        placed = facing.now or facing.latest[0].placed
        yield from self.forgotten(placed, then, now)
        yield from self._weakened(placed, then, now)
        if facing.now is None:
            return
        self._refuse_strays(event, now)
        if policy.mode_override is None:
            yield from lifecycle.mode_too_weak(placed, now, policy.wanted_mode(placed.path), policy)
        yield from lifecycle.remapped(placed, then, now, policy)
        if self._everything or event in self._grown:
            yield from lifecycle.piled_up(placed, self.live(event), now, policy)
        if policy.shares(placed.path):
            return
        yield from kinds.changed(placed, then, now, policy)
        yield from kinds.naming(placed, now, policy)
        yield from kinds.readers(placed, now, policy)
        if self._now.paths:  # a repository that says nothing about any event has not begun to
            path = self._pairing.layout.metadata_of(placed)
            yield from kinds.missing(placed, now if now.path else replace(now, path=path), policy)

    def _refuse_strays(self, event: str, said: Metadata) -> None:
        """Raises UsageError for an entry that belongs to no file, or a tombstone of a version that is there."""
        if not said.versions:
            return
        published = {subject.version for subject in self._pairing.published if subject.event == event}
        live = self.live(event)
        for version, entry in said.versions.items():
            place = f"{said.path}:{entry.line}" if entry.line else said.path
            if entry.status is Status.RETIRED and version in live and version in published:
                if self.then(event).status(version) is not Status.RETIRED:
                    raise UsageError(f"{place}: {version} is retired, and its file is still there", "remove the file")
            elif entry.status is not Status.RETIRED and version not in live and version not in published:
                hint = 'write status = "retired" and the date, or take the entry out'
                raise UsageError(f"{place}: {version} has no file and is not retired", hint)

    def forgotten(self, placed: Placed, then: Metadata, now: Metadata) -> Iterator[Finding]:
        """What was published about an event and is said no more."""
        revision = next((r.tree.revision for r in self._then if then.path and r.of(placed.subject.event).path), None)
        back = f"git restore --source={revision[:7]} -- {then.path}" if revision else f"restore {then.path}"
        policy = self.policy(placed.subject.event)
        yield from lifecycle.forgotten(placed, then, now, back, revision, policy)

    def _weakened(self, placed: Placed, then: Metadata, now: Metadata) -> Iterator[Finding]:
        """What the event asks less of than was published about it."""
        subject, path = placed.subject, placed.path
        if not now.path or not (then.path or self._governed(subject.event)):
            return
        before, after = _policy(self._policy, then), self.policy(subject.event)
        gone = {
            other
            for other in self._pairing.published - self._pairing.now.keys()
            if other.event == subject.event and now.status(other.version) is Status.RETIRED
        }
        modes = before.mode_for(path), after.mode_for(path)
        policies = before.policy_for(path), after.policy_for(path)
        level = max(
            self._policy.level(POLICY_WEAKENED, now.path), self._guard.published.level(POLICY_WEAKENED, now.path)
        )
        if level == Level.OFF:
            return
        for what, key in gate.weakened_by_event(then, now, modes, policies, gone):
            yield gate.finding(what, level, now.path, now.lines.get(key), subject, now.owner)

    def _governed(self, event: str) -> bool:
        """Whether a gate stood over a published event, so that its first event.toml may not ask less either.

        Without a published configuration it may say what it likes, if no schema of the event changes with it.
        """
        places = [
            placed.path
            for then in self._pairing.then
            for s, found in then.items()
            if s.event == event
            for placed in found
        ]
        return bool(places) and (not self._guard.first or not self._pairing.touched.isdisjoint(places))

    # what belongs to no version

    def orphans(self, events: Collection[str]) -> Iterator[Finding]:
        """For what is said about events that have no file on either side: their tombstones stay.

        Raises UsageError for a file that speaks of no event at all.
        """
        for event in sorted(self.edited.difference(events)):
            if not any(self._policy.judges(r.paths.get(event, "")) for r in (self._now, *self._then)):
                continue  # excluded, so it may be anybody's
            then, now = self.then(event), self.now(event)
            placed = Placed(
                Subject(event, max([*then.tombstones, *now.tombstones], default=Version(1))), then.path, None
            )
            yield from (replace(f, owner=now.owner or then.owner) for f in self.forgotten(placed, then, now))
            if now.path:
                self._refuse_strays(event, now)
                if not now.tombstones and self._policy.roots not in (None, ("",)):  # elsewhere it may be anybody's
                    raise UsageError(f'{now.path}: there is no event "{event}"', self._near(event))

    def _near(self, event: str) -> str:
        """Where the file of an event with such a name belongs."""
        name = event.rpartition("/")[2]
        places = (placed for places in self._pairing.now.values() for placed in places)
        near = (p for p in places if p.subject.event.rpartition("/")[2] == name or p.path.startswith(f"{event}/"))
        found = next(near, None)
        wanted = self._pairing.layout.metadata_of(found) if found else "a folder that is named like the event"
        return f"move it to {wanted}"


def _policy(policy: Policy, said: Metadata) -> Policy:
    """What holds for the files of an event, by what is said about it."""
    if not said.path:
        return policy
    return policy.of_event(said.mode, said.policy, FLOOR if said.endless else None, said.replayable)
