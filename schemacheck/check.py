"""One run: pair the event versions of two sides, find what changed, judge it, and say what was not checked."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from schemacheck import batches, workers
from schemacheck import policy as judgement
from schemacheck.config import Policy
from schemacheck.errors import NotChecked, SchemacheckError
from schemacheck.events import lifecycle, versions
from schemacheck.events.metadata import Status
from schemacheck.formats import format_of
from schemacheck.guard import Guard, waivers_of
from schemacheck.itself import Itself
from schemacheck.layout import Placed
from schemacheck.model import Level, Mode, Problem, RegistryView, Schema, Source, Subject
from schemacheck.pairing import Facing, Pairing, State
from schemacheck.policy import Compared
from schemacheck.report import Finding, JudgedChange, Outcome, Report, Verdict
from schemacheck.schemas import Schemas, changes_between, registry_view, same_text, witness_of
from schemacheck.stewardship import Stewardship
from schemacheck.waivers import Hidden, Waivers
from schemacheck.watch import Watch

TOGETHER = 50  # versions whose older states are compiled at once
Progress = Callable[[int, int], None]  # called with how much is done, of how much


def _unwatched(done: int, total: int) -> None:
    """Nobody waits for the run."""


def run(
    command: str,
    current: Source,
    baselines: Sequence[Source],
    policy: Policy,
    *,
    everything: bool = False,
    gate: bool = True,
    progress: Progress | None = None,
) -> Report:
    """The report on the current side against what is published. `everything` judges what did not change, too."""
    return _Run(current, baselines, policy, everything).report(command, gate, progress or _unwatched)


def short(revision: str | None) -> str:
    """A revision as people write it."""
    return revision[:7] if revision and len(revision) >= 40 and " " not in revision else revision or "nothing"


def restoring(revision: str | None, path: str) -> str:
    """The command that puts a published file back."""
    return f"git restore --source={short(revision)} -- {shlex.quote(path)}" if revision else f"put {path} back"


class _Judged(NamedTuple):
    """What was found of one version apart from the run, and what the run has to know of that."""

    verdict: Verdict | SchemacheckError
    problems: tuple[Problem, ...]
    hidden: Hidden


class _Run:
    def __init__(self, current: Source, baselines: Sequence[Source], policy: Policy, everything: bool) -> None:
        self.current = current
        self.tree = current.tree
        self.baselines = baselines
        self.policy = policy
        self.everything = everything
        self.schemas = Schemas(policy.options)
        self.layout = policy.layout(policy.roots or ("",))
        self.pairing = Pairing(self.tree, baselines, self.layout, self.schemas)
        self.guard = Guard(policy, self.tree, baselines)
        self.stewards = Stewardship(self.pairing, policy, self.guard, everything)
        self.itself = Itself(self.pairing, self.schemas, self.stewards, everything)
        self.waivers = self._waivers()
        self.registries = [side for baseline in baselines if (side := baseline.registry) is not None]
        self.watch = Watch(self.pairing, self.stewards, policy, everything, bool(self.registries))
        self.not_checked: dict[Problem, None] = {}  # in order, each once

    def _waivers(self) -> Waivers:
        if not self.policy.waivers:
            return Waivers((), (), self.policy.today)
        then = [waiver for baseline in self.baselines for waiver in waivers_of(baseline.tree, None)]
        return Waivers(waivers_of(self.tree, self.policy), then, self.policy.today)

    def report(self, command: str, gate: bool, progress: Progress) -> Report:
        facings = list(self.pairing.facings(self.watch.subjects))
        apart = self._apart(facings, progress)
        if not apart:
            self._parse_together(facings)
        verdicts = []
        for number, facing in enumerate(facings):
            if number in apart:
                verdicts.append(self._taken_back(apart.pop(number)))
                continue
            progress(number, len(facings))
            if number % TOGETHER == 0 and not apart:
                self._compile_ahead(facings[number : number + TOGETHER])
            if self.watch.met(facing):
                verdicts.append(self._with_registry(self._guarded(facing)))
            else:
                verdicts.append(self.watch.passed(facing.subject, facing.path))
        for side in self.registries:
            self.not_checked |= dict.fromkeys(side.further_problems)
        for path, problem in sorted(self.tree.problems.items()):
            if not any(problem == baseline.tree.problems.get(path) for baseline in self.baselines):
                self._refuse(self.layout.place(path).subject, [problem])
        if len(self.pairing.now) < self.policy.minimum and not self.not_checked:
            self.not_checked[self._nothing_matched()] = None
        edits = any(format_of(p) and any(p in b.tree.all_files for b in self.baselines) for p in self.pairing.differing)
        return Report(
            command=command,
            current=self.current.about,
            baselines=tuple(baseline.about for baseline in self.baselines),
            verdicts=self.watch.completed(verdicts),
            not_checked=tuple(self.not_checked),
            fail_on=self.guard.fail_on(edits),
            gate=gate,
            further=tuple(self._further(self.pairing.events, edits)),
            waivers=self.waivers.listed,
        )

    def _further(self, events: Collection[str], edits: bool) -> Iterator[Finding]:
        """What is found about no version: about events of which only words are left, the gate, and its waivers."""
        for finding in (*self.stewards.orphans(events), *self.guard.findings(edits)):
            yield self.waivers.over(finding, finding.file)
        yield from self.waivers.findings((self.policy, self.guard.published), complete=not self.not_checked)

    def _parse_together(self, facings: Sequence[Facing]) -> None:
        """Parses what will be needed, one compiler run a side."""
        needed = [facing for facing in facings if facing.now and self.watch.touched(facing)]
        self.schemas.parse(self.tree, [facing.now for facing in needed if facing.now], published=False)
        for baseline in self.baselines:
            places = [s.placed for facing in needed for s in facing.latest if s.tree is baseline.tree]
            self.schemas.parse(baseline.tree, places, published=True)

    def _compile_ahead(self, facings: Sequence[Facing]) -> None:
        """Makes ready the older states of several versions that will be asked for one by one."""
        needed = [facing for facing in facings if facing.now and facing.latest and self.watch.touched(facing)]
        if len(needed) < 2:
            return
        placed = [facing.now for facing in needed if facing.now and self.policy.mode_for(facing.path).transitive]
        with contextlib.suppress(NotChecked):  # said of each of them
            self.schemas.compile_ahead((s.tree, s.placed) for one in placed for s in self.pairing.history(one))

    # in batches

    def _apart(self, facings: Sequence[Facing], progress: Progress) -> dict[int, _Judged]:
        """By their numbers the versions that were judged in batches: all that must be looked at, if they are many."""
        needed = [n for n, facing in enumerate(facings) if facing.now and self.watch.touched(facing)]
        if len(needed) < batches.LARGE or self.registries:
            return {}
        self._look_ahead([facings[n] for n in needed])
        pieces = batches.batches(facings, needed, self.tree)
        found: dict[int, _Judged] = {}
        for number, judged in workers.each(pieces, lambda piece: self._batch([facings[n] for n in piece])):
            if isinstance(judged, workers.Lost):
                judged = [self._lost(facings[n], judged, len(pieces[number])) for n in pieces[number]]
            found.update(zip(pieces[number], judged, strict=True))
            progress(len(found), len(needed))
        return found

    def _look_ahead(self, facings: Sequence[Facing]) -> None:
        """Finds out once what every batch would have to find out for itself."""
        transitive = any(self._mode(facing.path, self.policy).transitive for facing in facings)
        if transitive or self.pairing.added:
            with contextlib.suppress(NotChecked):  # said about the versions that it stands against
                _ = self.pairing.ever
        _ = self.stewards.touched
        self.schemas.look_ahead(self.tree, (facing.path for facing in facings))

    def _batch(self, facings: Sequence[Facing]) -> list[_Judged]:
        self._parse_together(facings)
        found = []
        for number, facing in enumerate(facings):
            if number % TOGETHER == 0:
                self._compile_ahead(facings[number : number + TOGETHER])
            found.append(self._judged(facing))
        self.schemas.forget_all()
        return found

    def _judged(self, facing: Facing) -> _Judged:
        """A verdict with all that it did to the run."""
        kept, self.not_checked = self.not_checked, {}
        try:
            verdict: Verdict | SchemacheckError = self._guarded(facing)
        except SchemacheckError as error:
            verdict = error
        problems, self.not_checked = tuple(self.not_checked), kept
        return _Judged(verdict, problems, self.waivers.taken())

    def _lost(self, facing: Facing, lost: workers.Lost, files: int) -> _Judged:
        words = f"the process that compared it, with {files - 1} other files, died: {lost.words}"
        problem = Problem(facing.path, words, "report it, with the files, if memory was not short", reason="internal")
        kept, self.not_checked = self.not_checked, {}
        verdict = self._not_checked(facing, [problem])
        problems, self.not_checked = tuple(self.not_checked), kept
        return _Judged(verdict, problems, self.waivers.taken())

    def _taken_back(self, judged: _Judged) -> Verdict:
        """A verdict from a batch, as if it had been found here and now."""
        if isinstance(judged.verdict, SchemacheckError):
            raise judged.verdict
        self.not_checked |= dict.fromkeys(judged.problems)
        self.waivers.given_back(judged.hidden)
        return judged.verdict

    def _nothing_matched(self) -> Problem:
        where = ", ".join(root or "the repository" for root in self.policy.roots or ("",))
        return Problem(
            None,
            f"{len(self.pairing.now)} schemas found below {where}, expected at least {self.policy.minimum}",
            'name the folders with roots = ["..."] in schemacheck.toml, or set minimum = 0',
            reason="empty",
        )

    def _refuse(self, subject: Subject, problems: Sequence[Problem]) -> None:
        self.not_checked |= dict.fromkeys(problem._replace(subject=subject) for problem in problems)

    def _guarded(self, facing: Facing) -> Verdict:
        try:
            verdict = self.stewards.completed(self._verdict(facing), facing)
            findings = tuple(self.waivers.over(finding, facing.path) for finding in verdict.findings)
            return replace(verdict, findings=findings) if findings else verdict
        except NotChecked as error:
            problem = Problem(facing.path, error.message, error.hint, reason=error.reason)
            return self._not_checked(facing, [problem])

    def _not_checked(self, facing: Facing, problems: Sequence[Problem]) -> Verdict:
        self._refuse(facing.subject, problems)
        return self._outcome(facing, Outcome.NOT_CHECKED)

    def _outcome(self, facing: Facing, outcome: Outcome, **more: Any) -> Verdict:
        path, policy = facing.path, self._policy(facing)
        kind = format_of(path) or ""
        return Verdict(facing.subject, outcome, path, kind, self._mode(path, policy), policy.policy_for(path), **more)

    def _policy(self, facing: Facing) -> Policy:
        """What holds for a version; what its event says about that is read only if something is touched."""
        event = facing.subject.event
        asked = self.everything or event in self.stewards.touched or self.watch.touched(facing)
        return self.stewards.policy(event) if asked else self.policy

    def _with_registry(self, verdict: Verdict) -> Verdict:
        """The verdict, with what a registry that was asked says beside it."""
        for side in self.registries:
            view, found = side.findings(verdict.file, verdict)
            if view is not None:
                verdict = replace(verdict, registry=view, findings=(*verdict.findings, *found))
            self.schemas.forget(side.lineage(verdict.file))
            side.forget(verdict.file)
        return verdict

    def _mode(self, path: str, policy: Policy) -> Mode:
        """The mode of a path: what holds against a registry, if one was asked."""
        return next((mode for side in self.registries if (mode := side.mode(path, policy))), policy.mode_for(path))

    def _verdict(self, facing: Facing) -> Verdict:
        if facing.now is None:
            return self._removed(facing)
        unknown = [problem for side in self.registries for problem in side.problems(facing.path)]
        if unknown:
            self._refuse(facing.subject, unknown)
            if not facing.latest:
                return self._outcome(facing, Outcome.NOT_CHECKED)
        if not self.watch.touched(facing):
            return self._outcome(facing, Outcome.UNCHANGED)
        schema = self.schemas.get(self.tree, facing.now, published=False)
        if isinstance(schema, Sequence):
            return self._not_checked(facing, schema)
        found = list(self.itself.findings(facing, facing.now, schema, self._policy(facing)))
        if facing.latest:
            return self._compared(facing, facing.now, schema, found)
        return self._published_first(facing, facing.now, found)

    def _removed(self, facing: Facing) -> Verdict:
        state = facing.latest[0]
        if state.placed.path in self.tree.problems:
            return self._outcome(facing, Outcome.NOT_CHECKED)
        content = state.tree.files[state.placed.path]
        moved = next((path for path, oid in self.tree.files.items() if oid == content), None)
        event, policy = facing.subject.event, self._policy(facing)
        then, now = self.stewards.then(event), self.stewards.now(event)
        if now.status(facing.subject.version) is Status.RETIRED:
            found = lifecycle.retired(state.placed, then, now, policy, state.against)
        else:
            remedy = f"put it back: {restoring(state.tree.revision, state.placed.path)}"
            if then.status(facing.subject.version) is Status.DEPRECATED:
                remedy += f', or retire it in {then.path} once its time is over: status = "retired"'
            found = versions.removed(state.placed, moved, state.against, remedy, policy)
        return self._outcome(facing, Outcome.REMOVED, findings=tuple(found))

    def _published_first(self, facing: Facing, placed: Placed, found: list[Finding]) -> Verdict:
        """A version that the baseline does not hold."""
        event, policy = facing.subject.event, self._policy(facing)
        graves = self.stewards.tombstones(event)
        ever = self.pairing.ever_of(event) | graves
        if facing.subject in graves:
            said = next(
                s
                for s in (self.stewards.now(event), self.stewards.then(event))
                if placed.subject.version in s.tombstones
            )
            free = versions.next_version(event, ever)
            found += lifecycle.returned(placed, said.entry(placed.subject.version), free, policy)
        elif facing.subject in self.pairing.added and not self._returned(placed):
            found += versions.numbering(placed, ever, self.pairing.added_of(event), policy)
            if not any(finding.level == Level.ERROR for finding in found):
                from schemacheck.needless import needless

                found += needless(self.schemas, self.tree, placed, self.pairing.published_states, policy)
        siblings = bool(ever)
        if siblings and placed.path in self.tree.untracked:
            found += versions.untracked(placed, policy)
        return self._outcome(facing, Outcome.NEW_VERSION if siblings else Outcome.NEW, findings=tuple(found))

    def _returned(self, placed: Placed) -> bool:
        """Whether a version that was removed is back as it was."""
        if placed.subject not in self.pairing.ever:
            return False
        states = self.pairing.history(placed)
        return any(same_text(state.tree, state.placed.path, self.tree, placed.path) for state in states)

    def _compared(self, facing: Facing, placed: Placed, schema: Schema, found: list[Finding]) -> Verdict:
        """A version that the baseline holds: what changed, and what that breaks."""
        policy = self._policy(facing)
        mode = self._mode(placed.path, policy)
        latest = facing.latest
        same = all(self._same(state, placed) for state in latest)
        if same and not self.everything:
            return self._outcome(facing, Outcome.UNCHANGED)
        foreign = [s for s in latest if format_of(s.placed.path) != format_of(placed.path)]
        if foreign:
            old, new = str(format_of(foreign[0].placed.path)), str(format_of(placed.path))
            found += versions.format_changed(placed, old, new, self._remedy(facing, placed), policy)
            return self._outcome(facing, Outcome.BREAKING, findings=tuple(found), next=self._next(placed))
        for state, problems in self._unreadable(latest):
            if any(problem.reason != "unreadable" for problem in problems):
                return self._not_checked(facing, [self._published_problem(problem, state) for problem in problems])
            found += versions.unreadable(placed, problems[0].message, state.against, policy)
            return self._outcome(facing, Outcome.BREAKING, findings=tuple(found))
        states = tuple(self.pairing.history(placed)) if mode.transitive else latest
        passed = list(self._passed_over(states))
        states = tuple(state for state in states if state not in dict(passed))
        if passed:
            (state, problem), *more = passed
            found += versions.older_unreadable(placed, problem.message, state.against, len(more), policy)
        compared = list(self._compare(placed, schema, states))
        unreadable = [problem for outcome in compared if isinstance(outcome, list) for problem in outcome]
        if unreadable:
            return self._not_checked(facing, unreadable)
        facts = [outcome for outcome in compared if isinstance(outcome, Compared)]
        judged = [
            self.waivers.over(finding, placed.path)
            for finding in self._findings(placed, schema, facts, states, mode, policy)
        ]
        causes = judgement.causes(judged)
        if causes:
            remedy = self._remedy(facing, placed)
            found += versions.mutated(placed, causes, self._through(placed, latest), remedy, policy)
        newest = facts[0].changes
        unchanged = same and not any(state.changes for state in facts)
        breaking = judgement.causes([replace(finding, waived=None) for finding in judged])
        return self._outcome(
            facing,
            Outcome.BREAKING if breaking else Outcome.UNCHANGED if unchanged else Outcome.COMPATIBLE,
            findings=(*judged, *found),
            changes=tuple(self._listed(placed, facts, policy)),
            breaks=judgement.breaks(newest, placed, policy),
            deploy=judgement.deploy(newest, placed, policy),
            next=self._next(placed) if causes else None,
            states=len(states),
            registry=self._registry_view(placed, schema, states if mode.transitive else latest, mode),
        )

    def _unreadable(self, states: Sequence[State]) -> Iterator[tuple[State, Sequence[Problem]]]:
        """The published states that cannot be parsed, and why."""
        for state in states:
            old = self.schemas.get(state.tree, state.placed, published=True)
            if isinstance(old, Sequence):
                yield state, old

    def _passed_over(self, states: Sequence[State]) -> Iterator[tuple[State, Problem]]:
        """The older states that no parser takes, and why: nobody can have built on them."""
        for state, problems in self._unreadable(states[1:]):
            if all(problem.reason == "unreadable" for problem in problems):
                yield state, problems[0]

    def _registry_view(
        self, placed: Placed, schema: Schema, states: Sequence[State], mode: Mode
    ) -> RegistryView | None:
        """What a registry's check would say under the mode, of all states that the mode looks at."""
        if any(side.mode(placed.path, self.policy) for side in self.registries):
            return None  # it was asked itself
        olds = [self.schemas.get(state.tree, state.placed, published=True) for state in states]
        return registry_view([old for old in olds if not isinstance(old, Sequence)], schema, placed.path, mode)

    def _same(self, state: State, placed: Placed) -> bool:
        """Whether nothing changed, in the file or in what it rests on; line ends aside."""
        if not same_text(state.tree, state.placed.path, self.tree, placed.path):
            return False
        old, new = self.schemas.closure(state.tree, state.placed.path), self.schemas.closure(self.tree, placed.path)
        old.pop(state.placed.path, None)
        new.pop(placed.path, None)
        return old == new

    def _compare(self, placed: Placed, schema: Schema, states: Sequence[State]) -> Iterator[Compared | list[Problem]]:
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
            elif any(change.breaks for change in changes):  # only what breaks can have been broken before
                known = judgement.marks(changes_between(old, newest, placed.path), placed)
            yield Compared(state.against, changes, known)

    def _published_problem(self, problem: Problem, state: State) -> Problem:
        return problem._replace(
            message=f"the published side ({short(state.against)}) cannot be read: {problem.message}",
            hint="compare with a revision that can be read: --against git:REVISION",
        )

    def _findings(
        self,
        placed: Placed,
        schema: Schema,
        facts: Sequence[Compared],
        states: Sequence[State],
        mode: Mode,
        policy: Policy,
    ) -> Iterator[Finding]:
        by_name = {state.against: state for state in reversed(states)}
        for change, finding in judgement.judge(placed, facts, mode, policy):
            state = by_name[finding.against]
            was = self.schemas.locate(state.tree, change.old_pointer)
            hint = f"publish it as {self._next(placed)}" if finding.level == Level.ERROR else ""
            old = self.schemas.get(state.tree, state.placed, published=True)
            witness = witness_of(old, schema, change, finding.directions, placed.path)
            stood = self.schemas.excerpt(state.tree, was)
            finding = replace(finding, was=was, was_excerpt=stood, hint=hint, witness=witness)
            yield self.schemas.with_place(finding, self.tree)

    def _listed(self, placed: Placed, facts: Sequence[Compared], policy: Policy) -> Iterator[JudgedChange]:
        """Every change, once, against the newest state that shows it."""
        seen: set[str] = set()
        spelt: set[tuple[str, str, str]] = set()  # most states of a history tell the same
        for state in facts:
            for change in state.changes:
                words = (change.rule.id, change.where, repr(change.values))
                if words in spelt:
                    continue
                spelt.add(words)
                marks = judgement.marks([change], placed)
                if not marks <= seen:
                    seen |= marks
                    yield JudgedChange(change, judgement.level_of(change, placed, policy), state.against)

    def _through(self, placed: Placed, latest: Sequence[State]) -> list[str]:
        """The files it rests on that changed, if its own text did not."""
        if not all(same_text(state.tree, state.placed.path, self.tree, placed.path) for state in latest):
            return []
        old = self.schemas.closure(latest[0].tree, latest[0].placed.path)
        new = self.schemas.closure(self.tree, placed.path)
        return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))

    def _next(self, placed: Placed) -> str:
        """The path of the next event version."""
        event = placed.subject.event
        try:
            known = set(self.pairing.ever)
        except NotChecked:
            known = self.pairing.published
        return placed.path_of(versions.next_version(event, known | self.stewards.tombstones(event)))

    def _remedy(self, facing: Facing, placed: Placed) -> str:
        """What to do about a broken version."""
        state = facing.latest[0]
        restore = f"restore {placed.subject.version}: {restoring(state.tree.revision, state.placed.path)}"
        ahead = [
            s for s in self.pairing.added if s.event == placed.subject.event and s.version > placed.subject.version
        ]
        if ahead:
            return f"{min(ahead).version} is in this change already, so only {restore}"
        return f"publish the change as {self._next(placed)}, and {restore}"
