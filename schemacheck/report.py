"""What a run found: findings, the verdict on each version, and the report that renderers get. No I/O here."""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from schemacheck.model import (
    Baseline,
    Change,
    Direction,
    Excerpt,
    Level,
    Mode,
    Place,
    Problem,
    RegistryView,
    Rule,
    Subject,
    Witness,
)

if TYPE_CHECKING:
    from schemacheck.readings import Catalogue


class Waiver(NamedTuple):
    """What somebody answers for until a day: one finding by its fingerprint, or those of a rule below a path."""

    reason: str
    owner: str
    expires: str  # ISO 8601 date
    fingerprint: str | None = None
    rule: str | None = None
    path: str | None = None
    where: str | None = None
    ticket: str | None = None
    line: int | None = None
    new: bool = False  # the baseline lacks it, or it lasts longer than there
    used: int = 0  # findings that it hides

    @property
    def key(self) -> tuple[str | None, ...]:
        """What it waives: the same in every state of the file."""
        return self.fingerprint, self.rule, self.path, self.where


@dataclass(frozen=True, slots=True)
class Finding:
    """A judged change, or a broken event rule."""

    rule: Rule
    level: Level
    subject: Subject | None
    message: str
    where: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    directions: Direction = Direction.NONE  # what the mode forbids
    against: str | None = None  # the newest published state that breaks
    older: int = 0  # how many older states break too
    file: str | None = None
    line: int | None = None
    column: int | None = None
    side: str = "current"  # "baseline" for a removed file
    pointer: str | None = None
    was: Place | None = None
    causes: tuple[str, ...] = ()
    hint: str = ""
    fix: str = ""
    witness: Witness | None = None
    preexisting: bool = False
    owner: str | None = None  # of the event
    waived: Waiver | None = None
    excerpt: Excerpt | None = None  # what stands at file, line and column
    was_excerpt: Excerpt | None = None  # what stood at `was`

    @property
    def counts(self) -> bool:
        """Whether it is this change's own, and nobody answers for it."""
        return not self.preexisting and self.waived is None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.rule.id, self.subject, self.where, self.values)


def fingerprint(rule: str, subject: Subject | None, where: str, values: Mapping[str, Any]) -> str:
    """12 hex digits that survive moved lines and rebases, and die when the break becomes another break."""
    import hashlib  # of a run that finds nothing nobody needs it

    event, version = (subject.event, str(subject.version)) if subject else ("", "")
    text = json.dumps(["1", rule, event, version, where, values], sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class Outcome(enum.StrEnum):
    NEW = "new"
    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"
    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    REMOVED = "removed"
    NOT_CHECKED = "not_checked"


class Deploy(enum.StrEnum):
    """Who must be deployed first for a change to be read everywhere."""

    ANY_ORDER = "any_order"
    CONSUMERS_FIRST = "consumers_first"
    PRODUCERS_FIRST = "producers_first"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run found for one subject."""

    subject: Subject
    outcome: Outcome
    file: str
    format: str
    mode: Mode
    policy: str = "evolve"
    changes: tuple[JudgedChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    breaks: Direction = Direction.NONE
    deploy: Deploy | None = None
    next: str | None = None  # path of the next event version
    states: int = 0  # published states compared with
    registry: RegistryView | None = None
    kind: str | None = None  # these four as the event's event.toml says
    owner: str | None = None
    consumers: tuple[str, ...] = ()
    status: str = "active"
    retention: str | None = None


class Verdicts(Sequence[Verdict]):
    """The verdicts on all versions, sorted. Of most there is nothing to say: they are made if somebody asks for them.

    `told` are the others. `events` is the number of all events, `silent` that of versions of which nothing is told;
    `others` gives their verdicts, sorted by subject.
    """

    def __init__(self, told: Sequence[Verdict], events: int, silent: int, others: Callable[[], Iterable[Verdict]]):
        self.told = tuple(told)
        self.events = events
        self.silent = silent
        self._others = others

    @functools.cached_property
    def _all(self) -> tuple[Verdict, ...]:
        if not self.silent:
            return self.told
        return tuple(sorted((*self.told, *self._others()), key=lambda verdict: verdict.subject))

    def __len__(self) -> int:
        return len(self.told) + self.silent

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Verdict, ...]: ...
    def __getitem__(self, index: int | slice) -> Verdict | tuple[Verdict, ...]:
        return self._all[index]

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self._all)


class JudgedChange(NamedTuple):
    """A change, how loud it is, and the newest state it was found against: what `diff` lists."""

    change: Change
    level: Level
    against: str | None

    def fingerprint(self, subject: Subject) -> str:
        return fingerprint(self.change.rule.id, subject, self.change.where, self.change.values)


@dataclass(frozen=True, slots=True)
class Report:
    """One run, for every renderer."""

    command: str
    current: Baseline
    baselines: tuple[Baseline, ...]
    verdicts: Sequence[Verdict]  # every subject, sorted
    not_checked: tuple[Problem, ...] = ()
    fail_on: Level | None = Level.ERROR  # None: never
    gate: bool = True  # False for commands that inform and never fail
    further: tuple[Finding, ...] = ()  # about the gate itself, or an event of which no file is left
    waivers: tuple[Waiver, ...] = ()
    catalogue: Catalogue | None = None  # who can read whom, for the outputs that show it

    @property
    def told(self) -> Sequence[Verdict]:
        """The verdicts of which there may be something to say: all others are unchanged, and nothing was found."""
        return self.verdicts.told if isinstance(self.verdicts, Verdicts) else self.verdicts

    @property
    def events(self) -> int:
        """How many events there are."""
        if isinstance(self.verdicts, Verdicts):
            return self.verdicts.events
        return len({verdict.subject.event for verdict in self.verdicts})

    @property
    def outcomes(self) -> dict[Outcome, int]:
        """How many versions there are of each outcome; every outcome is a key."""
        found = dict.fromkeys(Outcome, 0)
        for verdict in self.told:
            found[verdict.outcome] += 1
        found[Outcome.UNCHANGED] += len(self.verdicts) - len(self.told)
        return found

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Sorted by level, file, line, rule, fingerprint; before all others the waivers that this change adds."""
        found = (*self.further, *(f for verdict in self.told for f in verdict.findings))
        return tuple(sorted(found, key=_finding_order))

    @property
    def failed(self) -> bool:
        return any(self.fail_on is not None and f.level >= self.fail_on and f.counts for f in self.findings)

    @property
    def exit_code(self) -> int:
        """1 for findings, else 3 if something was not checked, else 0."""
        if self.gate and self.failed:
            return 1
        return 3 if self.not_checked else 0

    @property
    def verdict(self) -> str:
        return {0: "pass", 1: "fail", 3: "not_checked"}[self.exit_code]


def _finding_order(finding: Finding) -> tuple[Any, ...]:
    first = finding.rule.id != "event/waiver-added"
    return (first, -finding.level, finding.file or "", finding.line or 0, finding.rule.id, finding.fingerprint)
