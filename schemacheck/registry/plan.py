"""What publishing would do: one step for each subject, referees first, levels before schemas. Writes nothing."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemacheck.model import Level, Mode, Opinion, RegistryView
from schemacheck.registry import rules
from schemacheck.registry.client import Config
from schemacheck.registry.lineages import Standing
from schemacheck.registry.local import Local
from schemacheck.report import Outcome, Report, Verdict
from schemacheck.sources.registry import RegistrySource

FORMAT = "schemacheck-plan/1"


class Action(enum.StrEnum):
    SET_LEVEL = "set-level"
    CREATE = "create"
    NEW_VERSION = "new-version"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one subject. `ours` is our verdict in words, `registry` the registry's where it was asked."""

    action: Action
    local: Local
    current: int | None = None  # the newest registered version
    expected: int | None = None  # the version that the file has, or will have
    references: tuple[tuple[str, str, int | None], ...] = ()  # name, subject, version; None: known when it is there
    level: tuple[str, str] | None = None  # from, to
    config: Config | None = None  # what a level step sets
    ours: str = ""
    registry: RegistryView | None = None
    reason: str = ""
    undecided: bool = False  # blocked because something could not be asked or read

    def document(self) -> dict[str, Any]:
        """The step as JSON values."""
        subject = self.local.placed.subject
        return {
            "action": str(self.action),
            "subject": self.local.subject,
            "event": subject.event,
            "version": str(subject.version),
            "file": self.local.path,
            "current": self.current,
            "expected": self.expected,
            "references": [
                {"name": name, "subject": target, "version": number} for name, target, number in self.references
            ],
            "level": {"from": self.level[0], "to": self.level[1]} if self.level else None,
            "ours": self.ours or None,
            "registry": None
            if self.registry is None
            else {"verdict": str(self.registry.verdict), "messages": list(self.registry.messages)},
            "reason": self.reason or None,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in the order of their execution. `notes` are for people."""

    registry: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def blocked(self) -> bool:
        return any(step.action == Action.BLOCKED for step in self.steps)

    @property
    def exit_code(self) -> int:
        """1 if something may not be published, else 3 if something could not be decided, else 0."""
        if not self.blocked:
            return 0
        return 3 if all(step.undecided for step in self.steps if step.action == Action.BLOCKED) else 1

    @property
    def writing(self) -> tuple[Step, ...]:
        """The steps that send something."""
        return tuple(step for step in self.steps if step.action not in (Action.UNCHANGED, Action.BLOCKED))

    @property
    def digest(self) -> str:
        """Of what would be done, and of the registry's state that it was made from."""
        rows = [{**step.document(), "text": step.local.text} for step in self.steps]
        return hashlib.sha256(json.dumps(rows, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()

    def document(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return {
            "format": FORMAT,
            "registry": self.registry,
            "digest": self.digest,
            "steps": [step.document() for step in self.steps],
            "notes": list(self.notes),
        }


class Planner:
    """Makes the plan from what a registry was found to hold, and from our own verdicts."""

    def __init__(self, source: RegistrySource, report: Report) -> None:
        self.source = source
        self.lineages = source.lineages
        self.client = source.client
        self.wanted = source.lineages.policy.registry
        self._verdicts: Mapping[str, Verdict] = {verdict.file: verdict for verdict in report.verdicts}
        self._reasons = {p.file: p.message for p in reversed(report.not_checked) if p.file}
        fatal = report.fail_on or Level.ERROR  # what never fails a check is not published all the same
        self._failing = {
            path: next((f for f in v.findings if f.level >= fatal and not f.preexisting), None)
            for path, v in self._verdicts.items()
        }
        self._blocked: dict[str, bool] = {}  # path to whether it is undecided
        self._planned: dict[str, int | None] = {}  # path to the version it has; None: known only later
        self._levelled: set[str] = set()  # subjects whose level is in the plan
        self._newest: dict[str, int] = {}  # subject to its newest version when the plan comes to it
        self._notes: set[str] = set()

    def plan(self) -> Plan:
        """Every file that a registry can hold, once. Raises RegistryError where the registry cannot be asked."""
        steps = [step for local in self.lineages.locals.by_path.values() for step in self._steps(local)]
        return Plan(self.client.name, tuple(steps), tuple(sorted({*self._notes, *self.client.notes})))

    def _steps(self, local: Local) -> Iterator[Step]:
        standing = self.lineages.standings[local.path]
        current = standing.latest.version if standing.latest else None
        if standing.error is not None:
            yield self._refused(local, current, standing.error.message, undecided=True)
            return
        config = self.client.config(local.subject) if self._sets_config else None
        level = self._level(standing, config)
        if standing.same and standing.closure is not None:
            mine = self._planned[local.path] = standing.closure.registered.version
            if level is not None:
                yield level
            if level is None or level.action != Action.BLOCKED:
                yield Step(Action.UNCHANGED, local, mine, mine, self._references(local))
            return
        undecided = self._undecided(local)
        why = undecided or self._objection(standing)
        if why:
            yield self._refused(local, current, why, standing, bool(undecided))
            return
        if level is not None:
            yield level
            if level.action == Action.BLOCKED:
                return
        self._planned[local.path] = None
        before = self._newest.get(local.subject, current or 0)
        self._newest[local.subject] = before + 1
        yield Step(
            Action.NEW_VERSION if before else Action.CREATE,
            local,
            current,
            before + 1,
            self._references(local),
            ours=self._ours(local),
            registry=standing.view,
        )

    @property
    def _sets_config(self) -> bool:
        return self.wanted.level is not None or self.wanted.group is not None

    def _undecided(self, local: Local) -> str:
        """What could not be asked or read about a file; empty if nothing is open."""
        waits = [path for _, path in local.references if self._blocked.get(path)]
        if waits:
            return f"it rests on {waits[0]}, which was not checked"
        verdict = self._verdicts.get(local.path)
        if local.path in self._reasons or (verdict is not None and verdict.outcome == Outcome.NOT_CHECKED):
            return f"not checked: {self._reasons.get(local.path, 'see schemacheck check')}"
        return ""

    def _objection(self, standing: Standing) -> str:
        """Why a file may not be registered; empty if it may."""
        local = standing.local
        waits = [path for _, path in local.references if path in self._blocked]
        if waits:
            return f"it rests on {waits[0]}, which is blocked"
        missing = [path for _, path in local.references if path not in self._planned]
        if missing:
            return f"it rests on {missing[0]}, which cannot be registered before it"
        mode = self.client.mode(local.subject)
        if mode is None:
            self._notes.add("the registry tells no mode; whether it takes writes is seen when it is written to")
        elif mode != "READWRITE":
            return f"the mode of the subject is {mode[:40]}"
        finding = self._failing.get(local.path)
        if finding is not None:
            return f"{finding.rule.id}: {finding.message}"
        if standing.latest is None and not self.wanted.allow_new_subjects:
            return "the registry has no such subject, and the configuration allows no new ones"
        if standing.view is not None and standing.view.verdict == Opinion.REJECTS:
            return f"the registry rejects it{f': {standing.view.messages[0]}' if standing.view.messages else ''}"
        if standing.closure is not None:
            earlier, newest = self.lineages.registered_version(local.path), standing.closure.registered.version
            if earlier is not None and earlier != newest:
                return f"it is version {earlier} already, and version {newest} came later: registering moves nothing"
        return ""

    def _level(self, standing: Standing, config: Config | None) -> Step | None:
        """The step that gives a subject the level that the configuration asks for."""
        if config is None or standing.local.subject in self._levelled:
            return None
        self._levelled.add(standing.local.subject)
        level = self.wanted.level or config.effective
        group = config.group if standing.local.shared else self.wanted.group or config.group
        if level == config.effective and group == config.group:
            return None
        change = (_words(config.effective, config.group), _words(level, group))
        if rules.weaker(level, config.effective) and config.level is not None and standing.latest is not None:
            reason = f"the level would become weaker, from {change[0]} to {change[1]}: lower it in the registry first"
            self._blocked[standing.local.path] = False
            return Step(Action.BLOCKED, standing.local, standing.latest.version, level=change, reason=reason)
        return Step(Action.SET_LEVEL, standing.local, level=change, config=Config(level, group))

    def _refused(
        self, local: Local, current: int | None, why: str, standing: Standing | None = None, undecided: bool = False
    ) -> Step:
        self._blocked[local.path] = undecided
        view, ours = standing.view if standing else None, self._ours(local)
        return Step(Action.BLOCKED, local, current, ours=ours, registry=view, reason=why, undecided=undecided)

    def _references(self, local: Local) -> tuple[tuple[str, str, int | None], ...]:
        by_path = self.lineages.locals.by_path
        return tuple(
            (name, by_path[path].subject, self._planned.get(path)) for name, path in local.references if path in by_path
        )

    def _ours(self, local: Local) -> str:
        verdict = self._verdicts.get(local.path)
        return verdict.outcome.replace("_", " ") if verdict else ""


def _words(level: Mode, group: str | None) -> str:
    return f"{level} by {group}" if group else str(level)
