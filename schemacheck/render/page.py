"""What the parts of the HTML page share: its fragments, the rules that were named, the room that is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from schemacheck.model import Level, Problem, Version
from schemacheck.readings import Cell, Entry, Reading
from schemacheck.render import words
from schemacheck.render.markup import Markup, Names, join, tag
from schemacheck.report import Finding, Outcome, Report, Verdict

ROOM = 2_500_000  # bytes of detail on one page; events, versions and verdicts are always there
_LONGEST = 2_000  # characters of one fact
_LEVELS = (Level.ERROR, Level.WARNING, Level.INFO)


@dataclass(frozen=True)
class Event:
    """All that a report knows about one event."""

    name: str
    entry: Entry | None
    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]
    orders: tuple[str, ...]

    @property
    def files(self) -> dict[Version, tuple[tuple[str, ...], tuple[str, ...]]]:
        """Version to its formats and files, the oldest first."""
        known: dict[Version, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for verdict in self.verdicts:
            known[verdict.subject.version] = (verdict.format,), (verdict.file,)
        for version in self.entry.versions if self.entry else ():
            known[version.subject.version] = version.formats, version.files
        return dict(sorted(known.items()))

    @property
    def pairs(self) -> list[Cell]:
        """The cells of the matrix that compare two versions."""
        return [cell for cell in self.entry.cells if cell.reading != Reading.SAME] if self.entry else []

    @property
    def changed(self) -> list[Verdict]:
        return [v for v in self.verdicts if v.outcome != Outcome.UNCHANGED or v.findings or v.changes]

    @property
    def loud(self) -> bool:
        """Whether something was found about it, or it was not checked."""
        return bool(self.problems) or any(verdict.findings for verdict in self.verdicts)

    @property
    def about(self) -> Verdict | None:
        """The verdict that knows most about the event: of its newest version."""
        known = [verdict for verdict in self.verdicts if verdict.owner or verdict.kind or verdict.consumers]
        return max(known or self.verdicts, key=lambda verdict: verdict.subject.version, default=None)


class Page:
    """A page while it grows."""

    def __init__(self, report: Report, room: int = ROOM) -> None:
        self.report = report
        self.name = Names()
        self.left_out = 0
        self._room = room
        self._rules: set[str] = set()

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is heard, the loudest first."""
        return tuple(finding for finding in self.report.findings if finding.level in _LEVELS)

    @cached_property
    def orders(self) -> dict[str, tuple[str, ...]]:
        """Who deploys first, by subject; and by owner, where two events of one owner oppose each other."""
        found: dict[str, tuple[str, ...]] = {}
        for name, text in words.orders(self.report):
            found[name] = (*found.get(name, ()), text)
        return found

    @property
    def rules(self) -> list[str]:
        """The rules that were named so far."""
        return sorted(self._rules)

    def fits(self, part: Markup) -> Markup:
        """A part if there is room for it; else a word about that, and it is counted."""
        size = len(part.encode("utf-8", "backslashreplace"))
        if size <= self._room:
            self._room -= size
            return part
        self.left_out += 1
        return tag("p", "Left out for want of room.", class_="muted")

    def rule(self, rule_id: str) -> Markup:
        """A link to the rule's page further down."""
        self._rules.add(rule_id)
        return tag("a", tag("code", rule_id), href=f"#{self.name('rule', rule_id)}", class_="rule-id")

    # findings

    def of(self, verdict: Verdict) -> list[Finding]:
        """What was found about a version: the loudest first, and what follows from others last."""
        heard = [finding for finding in verdict.findings if finding.level in _LEVELS]
        return sorted(heard, key=lambda finding: (-finding.level, bool(finding.causes), finding.line or 0))

    def finding(self, finding: Finding, level: int) -> Markup:
        """A finding with its source, its proof and its remedy. `level` is that of its heading."""
        head = tag("span", finding.level.word, class_=f"word {finding.level.word}")
        place = words.place(finding)
        rows = [
            tag("div", tag("dt", label), tag("dd", _told(label, words.cut(text, _LONGEST))), class_=f"fact {label}")
            for label, text in words.facts(finding, self.report)
        ]
        return tag(
            "div",
            tag(f"h{level}", head, " ", words.cut(words.message(finding), _LONGEST)),
            tag("p", self.rule(finding.rule.id), " ", tag("code", place) if place else "", class_="place"),
            _source(finding),
            tag("dl", *rows, class_="facts") if rows else "",
            class_=f"finding {finding.level.word}{'' if finding.counts else ' quiet'}",
            id=self.name("finding", finding.fingerprint, finding.file or ""),
        )

    def problems(self, problems: tuple[Problem, ...], most: int) -> Markup:
        """What was not checked, and why."""
        rows = [tag("li", *_problem(problem)) for problem in problems[:most]]
        more = len(problems) - len(rows)
        return tag("ul", *rows, tag("li", f"and {more} more") if more else "", class_="problems")


def _told(label: str, text: str) -> Markup:
    """A fact; what one may copy is shown as code."""
    if label in ("where", "was", "event", "waive"):
        said, parted, writer = text.rpartition("   written by ")
        return join(tag("code", said), f" written by {writer}") if parted else tag("code", text)
    return join(text)


def _problem(problem: Problem) -> Iterator[object]:
    if problem.file:
        yield tag("code", words.place(problem))
        yield " "
    yield words.cut(problem.message, _LONGEST)
    if problem.hint:
        yield tag("span", f"Hint: {words.cut(problem.hint, _LONGEST)}", class_="hint")


def _source(finding: Finding) -> Markup:
    """The published line and the current one."""
    pair = (("del", "was", finding.was_excerpt), ("ins", "now", finding.excerpt))
    lines = [
        tag(
            "div",
            tag("span", f"{label} {excerpt.line}", class_="gutter"),
            tag(element, *_marked(excerpt.text, excerpt.column)),
        )
        for element, label, excerpt in pair
        if excerpt
    ]
    label = "The published line and the current one" if len(lines) > 1 else "The line"
    return tag("div", *lines, class_="source", role="region", tabindex="0", aria_label=label) if lines else Markup("")


def _marked(text: str, column: int) -> Iterator[object]:
    """A line of a schema; the character that a finding stands at is marked."""
    before, after = text[: column - 1].lstrip().replace("\t", " "), text[column - 1 :].replace("\t", " ")
    yield before
    yield tag("mark", after[:1] or " ")
    yield after[1:]
