"""The report for people: one greppable line a finding, what it means below it, the verdict last."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from schemacheck.model import Excerpt, Level, Problem, Subject, Surface
from schemacheck.render import words
from schemacheck.render.escape import clean, unarmed
from schemacheck.render.style import PLAIN, Style
from schemacheck.report import Finding, JudgedChange, Outcome, Report, Verdict

_WIDEST = 60  # a longer cell stands out of its column, so that the others stay readable
_LONGEST = 600  # characters of a witness that are shown unless `verbose` asks for all


def render(report: Report, style: Style = PLAIN) -> str:
    """The whole report as text, with a line end."""
    lines = _diff(report, style) if report.command == "diff" else _check(report, style)
    return "".join(f"{unarmed(line)}\n" for line in lines)


def _check(report: Report, style: Style) -> Iterator[str]:
    told: set[str] = set()  # rules whose page was named
    grouped = _grouped(report, style)
    for subject, findings in grouped.items():
        if subject is not None and not style.quiet:
            yield style.paint(clean(subject), "bold")
        for finding in findings:
            yield _first_line(finding, style)
            if not style.quiet:
                yield from _below(finding, report, style, told)
        if not style.quiet:
            yield ""
    for problem in report.not_checked:
        yield from _problem(problem, style)
    if not style.quiet:
        for name, said in words.orders(report):
            yield f"{style.paint(clean(name), 'bold')}: {clean(said)}"
        if style.verbose:
            for verdict in report.told:
                yield from _table(verdict, report, style)
        yield words.counts(report)
    yield _verdict(report, style)


def _grouped(report: Report, style: Style) -> dict[Subject | None, list[Finding]]:
    """The findings that are shown, by event version, the worst version first; a consequence follows its causes."""
    least = Level.INFO if style.verbose else Level.WARNING
    grouped: dict[Subject | None, list[Finding]] = {}
    for finding in report.findings:
        if finding.level >= least:
            grouped.setdefault(finding.subject, []).append(finding)
    return {subject: sorted(found, key=lambda f: (-f.level, bool(f.causes))) for subject, found in grouped.items()}


def _first_line(finding: Finding, style: Style) -> str:
    where = style.paint(style.file(clean(words.place(finding)), finding.file or ""), "bold")
    level = style.paint(finding.level.word, finding.level.word)
    rule = style.page(finding.rule.id, finding.rule.id)
    return f"{where}: {level} {rule}: {clean(words.message(finding))}"


def _below(finding: Finding, report: Report, style: Style, told: set[str]) -> Iterator[str]:
    if finding.was_excerpt:
        yield from _excerpt("old", finding.was_excerpt, style, "red")
    if finding.excerpt:
        yield from _excerpt("line", finding.excerpt, style, "green")
    for label, text in words.facts(finding, report):
        yield _labelled(label, text, style)
    if finding.rule.id not in told:
        told.add(finding.rule.id)
        yield _labelled("docs", f"schemacheck explain {finding.rule.id}", style)


def _labelled(label: str, text: str, style: Style) -> str:
    shown = clean(text)
    if not style.verbose:
        shown = words.cut(shown, _LONGEST)
    return f"    {style.paint(f'{label:<7}', 'dim')} {shown}"


def _excerpt(label: str, excerpt: Excerpt, style: Style, colour: str) -> Iterator[str]:
    """The source line and a caret below the place."""
    blank = len(excerpt.text) - len(excerpt.text.lstrip())
    start = min(blank, excerpt.column - 1)
    before, after = (_shown(part) for part in _split(excerpt.text[start:], excerpt.column - 1 - start))
    bar = style.paint("|", "dim")
    yield f"    {style.paint(f'{label:<7}', 'dim')} {excerpt.line:>4} {bar} {before}{after}".rstrip()
    yield f"{'':17}{bar} {' ' * _cells(before)}{style.paint('^', colour)}"


def _split(text: str, at: int) -> tuple[str, str]:
    return text[:at], text[at:]


def _shown(source: str) -> str:
    return clean(source.replace("\t", " "))


def _cells(text: str) -> int:
    """How many columns a terminal needs for a text."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def _problem(problem: Problem, style: Style) -> Iterator[str]:
    where = clean(words.place(problem))
    start = f"{style.paint(style.file(where, problem.file or ''), 'bold')}: " if where else ""
    yield f"{start}{style.paint('not checked', 'warning')}: {clean(problem.message)}"
    if problem.hint and not style.quiet:
        yield _labelled("fix", problem.hint, style)


def _verdict(report: Report, style: Style) -> str:
    line = clean(words.verdict_line(report))
    word = "NOT CHECKED" if line.startswith("NOT CHECKED") else line.partition(" ")[0]
    return style.paint(word, word.lower().replace(" ", "_")) + line.removeprefix(word)


def _diff(report: Report, style: Style) -> Iterator[str]:
    changed = [v for v in report.told if v.outcome != Outcome.UNCHANGED]
    for verdict in changed:
        yield f"{style.paint(clean(verdict.subject), 'bold')}{_differs(verdict)}"
        if style.quiet:
            continue
        yield from _table(verdict, report, style)
        yield from (f"  ! {clean(line)}" for line in words.registry(verdict))
        for finding in (f for f in verdict.findings if not f.waived):
            if finding.rule.surface == Surface.EVENT and finding.level > Level.INFO and not finding.causes:
                yield f"  ! {clean(finding.message)}"
    for problem in report.not_checked:
        yield from _problem(problem, style)
    number = len({verdict.subject.event for verdict in changed})
    would = "FAIL" if report.failed else "not be complete" if report.not_checked else "PASS"
    beside = clean(words.against(report))
    yield f"{words.counted(number, 'event')} differ{'s' * (number == 1)} from {beside}; check would {would}"


def _differs(verdict: Verdict) -> str:
    given = {
        Outcome.NEW: ": new event",
        Outcome.NEW_VERSION: ": new version",
        Outcome.REMOVED: ": removed",
        Outcome.NOT_CHECKED: ": not checked",
    }
    if verdict.outcome in given:
        return given[verdict.outcome]
    if not verdict.changes:
        return ": nothing that a reader meets"
    return f": deploy {clean(words.order(verdict))}" if verdict.deploy else ""


def _table(verdict: Verdict, report: Report, style: Style) -> Iterator[str]:
    """Every change of a version in columns, with the proof of those that are findings."""
    rows = [_row(judged, report) for judged in verdict.changes]
    widths = [min(max((len(row[i]) for row in rows), default=0), _WIDEST) for i in range(3)]
    findings = {finding.fingerprint: finding for finding in verdict.findings}
    for judged, row in zip(verdict.changes, rows, strict=True):
        sign, *cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        colour = {"-": "red", "+": "green"}.get(row[0], "cyan")
        last = style.paint(row[3], judged.level.word) if judged.change.breaks and judged.level > Level.OFF else row[3]
        yield "  " + "  ".join([style.paint(sign, colour), *cells, last])
        finding = findings.get(judged.fingerprint(verdict.subject))
        if finding is not None:
            yield from (_labelled(label, text, style) for label, text in words.proof(finding))


def _row(judged: JudgedChange, report: Report) -> tuple[str, str, str, str]:
    newest = {b.revision or b.name for b in report.baselines}
    state = "" if judged.against in newest else f" (against {words.short(judged.against)})"
    change = judged.change
    return words.sign(change), clean(change.where), clean(change.message), words.effect(change) + clean(state)
