"""One run: pair the event versions of two sides, find what changed, judge it, and say what was not checked."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from schemacheck import events
from schemacheck import policy as judgement
from schemacheck.config import Policy
from schemacheck.errors import NotChecked
from schemacheck.formats import format_of
from schemacheck.layout import Placed
from schemacheck.model import (
    Direction,
    Finding,
    JudgedChange,
    Level,
    Mode,
    Outcome,
    Problem,
    Report,
    Schema,
    Source,
    Subject,
    Tree,
    Verdict,
)
from schemacheck.policy import Compared
from schemacheck.schemas import Schemas, changes_between, same_text


def run(
    command: str,
    current: Source,
    baselines: Sequence[Source],
    policy: Policy,
    *,
    everything: bool = False,
    gate: bool = True,
) -> Report:
    """The report on the current side against what is published. `everything` judges what did not change, too."""
    return _Run(current, baselines, policy, everything).report(command, gate)


@dataclass(frozen=True, slots=True)
class _State:
    """One published state of one event version."""

    tree: Tree
    placed: Placed

    @property
    def against(self) -> str | None:
        return self.tree.revision or self.tree.name


def short(revision: str | None) -> str:
    """A revision as people write it."""
    return revision[:7] if revision and len(revision) >= 40 and " " not in revision else revision or "nothing"


def restoring(revision: str | None, path: str) -> str:
    """The command that puts a published file back."""
    return f"git restore --source={short(revision)} -- {shlex.quote(path)}" if revision else f"put {path} back"


class _Run:
    def __init__(self, current: Source, baselines: Sequence[Source], policy: Policy, everything: bool) -> None:
        self.current = current
        self.tree = current.tree
        self.baselines = baselines
        self.policy = policy
        self.everything = everything
        self.layout = policy.layout(policy.roots or ("",))
        self.schemas = Schemas(policy.options)
        self.now = self._subjects(self.tree)
        self.then = [self._subjects(baseline.tree) for baseline in baselines]
        self.not_checked: list[Problem] = []

    # pairing

    def _subjects(self, tree: Tree) -> dict[Subject, list[Placed]]:
        found: dict[Subject, list[Placed]] = {}
        for path in sorted(tree.files):
            if format_of(path):
                placed = self.layout.place(path)
                found.setdefault(placed.subject, []).append(placed)
        return found

    @cached_property
    def touched(self) -> set[str]:
        """Paths on either side that differ between the sides, or rest on a file that does."""
        differing: set[str] = set()
        for baseline in self.baselines:
            old, new = baseline.tree.all_files, self.tree.all_files
            differing |= {path for path in {*old, *new} if old.get(path) != new.get(path)}
        if not differing:
            return set()
        trees = [self.tree, *(baseline.tree for baseline in self.baselines)]
        return differing.union(*(self.schemas.dependents(tree, differing) for tree in trees))

    @cached_property
    def new(self) -> set[Subject]:
        return {subject for subject in self.now if not any(subject in then for then in self.then)}

    # published states

    @cached_property
    def _ever(self) -> dict[Subject, set[str]]:
        """Every subject that any baseline ever held, with its paths."""
        found: dict[Subject, set[str]] = {}
        for baseline, then in zip(self.baselines, self.then, strict=True):
            for subject, places in then.items():
                found.setdefault(subject, set()).update(placed.path for placed in places)
            for _, changed in baseline.history():
                for path in changed:
                    if format_of(path):
                        found.setdefault(self.layout.place(path).subject, set()).add(path)
        return found

    def _latest(self, subject: Subject) -> list[_State]:
        return [
            _State(baseline.tree, then[subject][0])
            for baseline, then in zip(self.baselines, self.then, strict=True)
            if subject in then
        ]

    def _history(self, subject: Subject) -> Iterator[_State]:
        """The distinct published states, newest first: the text together with all it rests on."""
        seen: set[frozenset[tuple[str, str]]] = set()
        for baseline in self.baselines:
            watched: Collection[str] | None = None
            pending: frozenset[str] = frozenset()
            for tree, changed in baseline.history():
                if watched is None or not pending.isdisjoint(watched):
                    watched = set(self._ever.get(subject, ()))
                    path = next((path for path in sorted(watched) if path in tree.files), None)
                    if path is not None:
                        closure = self.schemas.closure(tree, path)
                        watched |= closure.keys()
                        state = frozenset(closure.items())
                        if state not in seen:
                            seen.add(state)
                            yield _State(tree, self.layout.place(path))
                    pending = frozenset()
                pending |= changed

    def _states(self, subject: Subject, transitive: bool) -> list[_State]:
        return list(self._history(subject)) if transitive else self._latest(subject)

    # one subject

    def report(self, command: str, gate: bool) -> Report:
        self._parse_together()
        verdicts = [self._guarded(subject) for subject in sorted({*self.now, *(s for then in self.then for s in then)})]
        for path, problem in sorted(self.tree.problems.items()):
            if not any(problem == baseline.tree.problems.get(path) for baseline in self.baselines):
                self.not_checked.append(replace(problem, subject=self.layout.place(path).subject))
        if len(self.now) < self.policy.minimum and not self.not_checked:
            self.not_checked.append(self._nothing_matched())
        return Report(
            command=command,
            current=self.current.about,
            baselines=tuple(baseline.about for baseline in self.baselines),
            verdicts=tuple(verdicts),
            not_checked=tuple(self.not_checked),
            fail_on=self.policy.fail_on,
            gate=gate,
        )

    def _parse_together(self) -> None:
        """Parses what will be needed, one compiler run a side."""
        for tree, subjects, published in [
            (self.tree, self.now, False),
            *((baseline.tree, then, True) for baseline, then in zip(self.baselines, self.then, strict=True)),
        ]:
            needed = [p for places in subjects.values() for p in places if self.everything or p.path in self.touched]
            if published:
                needed = [placed for placed in needed if placed.subject in self.now]
            self.schemas.parse(tree, needed, published)

    def _nothing_matched(self) -> Problem:
        where = ", ".join(root or "the repository" for root in self.policy.roots or ("",))
        return Problem(
            None,
            f"{len(self.now)} schemas found below {where}, expected at least {self.policy.minimum}",
            'name the folders with roots = ["..."] in schemacheck.toml, or set minimum = 0',
            reason="empty",
        )

    def _guarded(self, subject: Subject) -> Verdict:
        try:
            return self._verdict(subject)
        except NotChecked as error:
            file = self._path(subject)
            self.not_checked.append(Problem(file, error.message, error.hint, reason=error.reason, subject=subject))
            return self._outcome(subject, Outcome.NOT_CHECKED)

    def _path(self, subject: Subject) -> str:
        return next(
            places[0].path for places in (self.now.get(subject), *(t.get(subject) for t in self.then)) if places
        )

    def _outcome(self, subject: Subject, outcome: Outcome, **more: object) -> Verdict:
        path = self._path(subject)
        mode = self.policy.mode_for(path)
        return Verdict(subject, outcome, path, format_of(path) or "", mode, **more)  # type: ignore[arg-type]

    def _verdict(self, subject: Subject) -> Verdict:
        if subject not in self.now:
            return self._removed(subject)
        places = self.now[subject]
        touched = self.everything or any(placed.path in self.touched for placed in places)
        touched = touched or any(state.placed.path != places[0].path for state in self._latest(subject))
        if not touched:
            return self._outcome(subject, Outcome.UNCHANGED)
        placed = places[0]
        schema = self.schemas.get(self.tree, placed, published=False)
        if isinstance(schema, Sequence):
            return self._broken(subject, schema)
        found = list(self._of_itself(subject, places, schema))
        if subject in self.new:
            return self._published_first(subject, placed, found)
        return self._compared(subject, placed, schema, found)

    def _removed(self, subject: Subject) -> Verdict:
        state = self._latest(subject)[0]
        if state.placed.path in self.tree.problems:
            return self._outcome(subject, Outcome.NOT_CHECKED)
        content = state.tree.files[state.placed.path]
        moved = next((path for path, oid in self.tree.files.items() if oid == content), None)
        restore = restoring(state.tree.revision, state.placed.path)
        found = list(events.removed(state.placed, moved, state.against, restore, self.policy))
        return self._outcome(subject, Outcome.REMOVED, findings=tuple(found))

    def _broken(self, subject: Subject, problems: Sequence[Problem]) -> Verdict:
        known = set(self.not_checked)
        for problem in problems:
            if replace(problem, subject=subject) not in known:
                self.not_checked.append(replace(problem, subject=subject))
        return self._outcome(subject, Outcome.NOT_CHECKED)

    def _of_itself(self, subject: Subject, places: Sequence[Placed], schema: Schema) -> Iterator[Finding]:
        """What the current side says about the version without looking at what changed in it."""
        placed = places[0]
        yield from events.placement(placed, self.policy, self.layout.wanted(placed.path))
        for finding in events.identity(placed, schema, self.policy):
            yield self._with_place(finding, self.tree)
        if len(places) > 1:
            yield from events.duplicated(placed, str(subject), [p.path for p in places], self.policy)
        for name, pointer in schema.names.items():
            if self._claimed_before(subject, name):
                continue
            others = [p for p in sorted(self.schemas.claims(self.tree, name)) if not self._may_share(placed, p)]
            if others:
                files = [placed.path, *others]
                for finding in events.duplicated(placed, f'"{name}"', files, self.policy, pointer):
                    yield self._with_place(finding, self.tree)

    def _claimed_before(self, subject: Subject, name: str) -> bool:
        """Whether the published version had this name already, so that nothing is new about it."""
        for state in self._latest(subject):
            old = self.schemas.get(state.tree, state.placed, published=True)
            if not isinstance(old, Sequence) and name in old.names:
                return True
        return False

    def _may_share(self, placed: Placed, path: str) -> bool:
        """Whether another file may claim the same full name: itself, or an Avro version of the same event.

        Avro readers take the schema that the registry names, so parallel versions may keep one name. Protobuf
        descriptors of one name collide in every runtime.
        """
        other = self.layout.place(path).subject
        return path == placed.path or (other.event == placed.subject.event and format_of(path) == "avro")

    def _published_first(self, subject: Subject, placed: Placed, found: list[Finding]) -> Verdict:
        """A version that the baseline does not hold."""
        ever = self._ever
        returned = subject in ever and any(
            same_text(state.tree, state.placed.path, self.tree, placed.path) for state in self._history(subject)
        )
        if not returned:
            found += events.numbering(placed, ever.keys(), self.new, self.policy)
        siblings = any(other.event == subject.event for other in ever)
        if siblings and placed.path in self.tree.untracked:
            found += events.untracked(placed, self.policy)
        outcome = Outcome.NEW_VERSION if siblings else Outcome.NEW
        return self._outcome(subject, outcome, findings=tuple(found))

    def _compared(self, subject: Subject, placed: Placed, schema: Schema, found: list[Finding]) -> Verdict:
        """A version that the baseline holds: what changed, and what that breaks."""
        mode = self.policy.mode_for(placed.path)
        latest = self._latest(subject)
        if all(self._same(state, placed) for state in latest) and not self.everything:
            return self._outcome(subject, Outcome.UNCHANGED)
        foreign = [s for s in latest if format_of(s.placed.path) != format_of(placed.path)]
        if foreign:
            old, new = str(format_of(foreign[0].placed.path)), str(format_of(placed.path))
            found += events.format_changed(placed, old, new, self._remedy(placed), self.policy)
            return self._outcome(subject, Outcome.BREAKING, findings=tuple(found), next=self._next(placed))
        states = self._states(subject, mode.transitive and mode.directions != Direction.NONE)
        compared = list(self._compare(placed, schema, states))
        unreadable = [problem for outcome in compared if isinstance(outcome, list) for problem in outcome]
        if unreadable:
            return self._broken(subject, unreadable)
        facts = [outcome for outcome in compared if isinstance(outcome, Compared)]
        judged = list(self._findings(placed, facts, states, mode))
        causes = judgement.causes(judged)
        if causes:
            found += events.mutated(placed, causes, self._through(placed, latest), self._remedy(placed), self.policy)
        newest = facts[0].changes
        return self._outcome(
            subject,
            Outcome.BREAKING if causes else Outcome.COMPATIBLE,
            findings=(*judged, *found),
            changes=tuple(self._listed(placed, facts)),
            breaks=judgement.breaks(newest, placed, self.policy),
            deploy=judgement.deploy(newest, placed, self.policy),
            next=self._next(placed) if causes else None,
            states=len(states),
        )

    def _same(self, state: _State, placed: Placed) -> bool:
        """Whether nothing changed, in the file or in what it rests on; line ends aside."""
        if not same_text(state.tree, state.placed.path, self.tree, placed.path):
            return False
        old, new = self.schemas.closure(state.tree, state.placed.path), self.schemas.closure(self.tree, placed.path)
        old.pop(state.placed.path, None)
        new.pop(placed.path, None)
        return old == new

    def _compare(self, placed: Placed, schema: Schema, states: Sequence[_State]) -> Iterator[Compared | list[Problem]]:
        """What differs from each published state, or why a state cannot be read."""
        newest: Schema | None = None
        for state in states:
            old = self.schemas.get(state.tree, state.placed, published=True)
            if isinstance(old, Sequence):
                yield [self._published_problem(problem, state) for problem in old]
                continue
            changes = changes_between(old, schema, placed.path)
            known: Collection[str] = ()
            if newest is None:
                newest = old
            else:
                known = judgement.marks(changes_between(old, newest, placed.path), placed)
            yield Compared(state.against, changes, known)

    def _published_problem(self, problem: Problem, state: _State) -> Problem:
        return replace(
            problem,
            message=f"the published side ({short(state.against)}) cannot be read: {problem.message}",
            hint="compare with a revision that can be read: --against git:REVISION",
        )

    def _findings(
        self, placed: Placed, facts: Sequence[Compared], states: Sequence[_State], mode: Mode
    ) -> Iterator[Finding]:
        trees = {state.against: state.tree for state in states}
        for change, finding in judgement.judge(placed, facts, mode, self.policy):
            was = self.schemas.locate(trees[finding.against], change.old_pointer)
            hint = f"publish it as {self._next(placed)}" if finding.level == Level.ERROR else ""
            yield self._with_place(replace(finding, was=was, hint=hint), self.tree)

    def _with_place(self, finding: Finding, tree: Tree) -> Finding:
        place = self.schemas.locate(tree, finding.pointer)
        if place is None:
            return finding if finding.file else replace(finding, file=(finding.pointer or "").partition("#")[0] or None)
        return replace(finding, file=place.file, line=place.line, column=place.column)

    def _listed(self, placed: Placed, facts: Sequence[Compared]) -> Iterator[JudgedChange]:
        """Every change, once, against the newest state that shows it."""
        seen: set[str] = set()
        for state in facts:
            for change in state.changes:
                marks = judgement.marks([change], placed)
                if not marks <= seen:
                    seen |= marks
                    yield JudgedChange(change, judgement.level_of(change, placed, self.policy), state.against)

    def _through(self, placed: Placed, latest: Sequence[_State]) -> list[str]:
        """The files it rests on that changed, if its own text did not."""
        if not all(same_text(state.tree, state.placed.path, self.tree, placed.path) for state in latest):
            return []
        old = self.schemas.closure(latest[0].tree, latest[0].placed.path)
        new = self.schemas.closure(self.tree, placed.path)
        return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))

    def _next(self, placed: Placed) -> str:
        """The path of the next event version."""
        known: Collection[Subject]
        try:
            known = self._ever.keys()
        except NotChecked:
            known = {subject for then in self.then for subject in then}
        return placed.path_of(events.next_version(placed.subject.event, known))

    def _remedy(self, placed: Placed) -> str:
        """What to do about a broken version."""
        state = self._latest(placed.subject)[0]
        restore = f"restore {placed.subject.version}: {restoring(state.tree.revision, state.placed.path)}"
        ahead = [s for s in self.new if s.event == placed.subject.event and s.version > placed.subject.version]
        if ahead:
            return f"{min(ahead).version} is in this change already, so only {restore}"
        return f"publish the change as {self._next(placed)}, and {restore}"
