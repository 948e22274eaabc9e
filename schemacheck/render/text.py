"""The report for people: one greppable line a finding, what it means below it, the verdict last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck import model
from schemacheck.model import (
    Baseline,
    Change,
    Deploy,
    Direction,
    Finding,
    JudgedChange,
    Level,
    Outcome,
    Problem,
    Report,
    Surface,
    Verdict,
)
from schemacheck.render.escape import clean

DEPLOY = {
    Deploy.ANY_ORDER: "any order",
    Deploy.CONSUMERS_FIRST: "consumers first, then producers",
    Deploy.PRODUCERS_FIRST: "producers first, wait out the retention, then consumers",
    Deploy.IMPOSSIBLE: "no order works: needs a new event version",
}
READERS = {
    Direction.BACKWARD: "new readers (BACKWARD)",
    Direction.FORWARD: "old readers (FORWARD)",
    Direction.FULL: "new readers (BACKWARD) and old readers (FORWARD)",
}
_WIDEST = 60  # a longer cell stands out of its column, so that the others stay readable
_READERS = {
    Direction.BACKWARD: ("new readers", "old events"),
    Direction.FORWARD: ("old readers", "new events"),
    Direction.FULL: ("all readers", "each other's events"),
}
_EFFECTS = {
    Surface.WIRE: "{0} fail on {1}",
    Surface.MEANING: "{0} misread {1}",
    Surface.JSON: "{0} fail on the JSON form of {1}",
    Surface.SOURCE: "code built with the old schema must change",
}


def render(report: Report) -> str:
    """The whole report as text, with a line end."""
    lines = _diff(report) if report.command == "diff" else _check(report)
    return "".join(f"{line}\n" for line in lines)


def short(revision: str | None) -> str:
    """A revision as people write it."""
    if revision is None:
        return "nothing"
    return revision[:7] if len(revision) >= 40 and all(c in "0123456789abcdef" for c in revision) else clean(revision)


def counted(number: int, word: str) -> str:
    """A number of things: `1 event`, `2 events`."""
    return f"{number} {word}{'s' * (number != 1)}"


def baseline_line(current: Baseline, baselines: Sequence[Baseline]) -> str:
    """What is compared with what: `working tree of shop against 89ccb3d (2026-11-20, merge base of …)`."""
    against = " and ".join(_baseline(baseline) for baseline in baselines)
    return f"{clean(current.name)} against {against}"


def _baseline(baseline: Baseline) -> str:
    if baseline.revision is None:
        return clean(baseline.name)
    date = f"{baseline.date[:10]}, " if baseline.date else ""
    return f"{short(baseline.revision)} ({date}{clean(baseline.name)})"


def _check(report: Report) -> Iterator[str]:
    for finding in report.findings:
        if finding.level > Level.INFO:
            yield from _finding(finding, report)
    for problem in report.not_checked:
        yield from _problem(problem)
    yield from _orders(report)
    yield _counts(report)
    yield verdict_line(report)


def _finding(finding: Finding, report: Report) -> Iterator[str]:
    place = ":".join(str(part) for part in (clean(finding.file or ""), finding.line, finding.column) if part)
    note = " (known at the baseline)" if finding.preexisting else ""
    yield f"{place}: {finding.level.word} {finding.rule.id}: {clean(finding.message)}{note}"
    if finding.where:
        was = f", was at {finding.was.line}:{finding.was.column}" if finding.was and finding.was.line else ""
        elsewhere = f" in {clean(finding.was.file)}" if was and finding.was and finding.was.file != finding.file else ""
        yield f"    where   {clean(finding.where)}{was}{elsewhere}"
    if finding.directions:
        older = f" and {counted(finding.older, 'older state')}" if finding.older else ""
        yield f"    breaks  {READERS[finding.directions]}; published in {short(finding.against)}{older}"
    yield from _witness(finding)
    if finding.fix:
        yield f"    fix     {clean(finding.fix)}"
    if finding.hint:
        yield f"    {'or ' if finding.fix else 'fix'}     {clean(finding.hint)}"
    if finding.causes:
        yield f"    deploy  {_place_order(report, finding)}"


def _witness(finding: Finding) -> Iterator[str]:
    """The event that proves it, and what its reader does with it."""
    witness = finding.witness
    if witness is not None:
        yield f"    event   {clean(witness.event)}   written by {witness.written_by}"
        yield f"    result  read by {witness.read_by}: {clean(witness.result)}"


def _place_order(report: Report, finding: Finding) -> str:
    """The order for a version that breaks its mode: none in place, but what would hold if the mode allowed it."""
    deploy = next(verdict.deploy for verdict in report.verdicts if verdict.subject == finding.subject)
    if deploy in (None, Deploy.IMPOSSIBLE):
        return DEPLOY[Deploy.IMPOSSIBLE]
    return f"needs a new event version (in place it would be {DEPLOY[deploy]})"


def _problem(problem: Problem) -> Iterator[str]:
    place = ":".join(str(part) for part in (clean(problem.file or ""), problem.line, problem.column) if part)
    yield f"{place}{': ' if place else ''}not checked: {clean(problem.message)}"
    if problem.hint:
        yield f"    fix     {clean(problem.hint)}"


def _orders(report: Report) -> Iterator[str]:
    """Who deploys first, for every version that may change as it is."""
    for verdict in report.verdicts:
        if verdict.outcome == Outcome.COMPATIBLE and verdict.deploy is not None:
            silent = ", announce it: values change silently" if _silent(verdict) else ""
            yield f"{clean(verdict.subject)}: compatible under {verdict.mode}; deploy {DEPLOY[verdict.deploy]}{silent}"
        elif verdict.outcome in (Outcome.NEW, Outcome.NEW_VERSION):
            kind = "a new version" if verdict.outcome == Outcome.NEW_VERSION else "a new event"
            yield f"{clean(verdict.subject)}: {kind}"


def _silent(verdict: Verdict) -> bool:
    loud = [j.change for j in verdict.changes if j.level >= Level.WARNING and j.change.breaks]
    return bool(loud) and all(change.rule.surface == Surface.MEANING for change in loud)


def _counts(report: Report) -> str:
    counts = model.counted(verdict.outcome for verdict in report.verdicts)
    events = len({verdict.subject.event for verdict in report.verdicts})
    versions = len(report.verdicts)
    shown = [f"{counts[outcome]} {outcome.replace('_', ' ')}" for outcome in counts if counts[outcome]]
    if not counts["not_checked"]:
        shown.append("0 not checked")
    return f"{counted(events, 'event')}, {counted(versions, 'version')}: {', '.join(shown)}"


def verdict_line(report: Report) -> str:
    """The last line."""
    against = f"against {' and '.join(short(b.revision or b.name) for b in report.baselines)}"
    problems = len(report.not_checked)
    unchecked = f"; {problems} not checked" if problems else ""
    if report.failed:
        return f"FAIL {against}: {_reason(report)}{unchecked}"
    if problems:
        first = report.not_checked[0]
        what = clean(first.file or first.message)
        return f"NOT CHECKED {against}: {what}{f' and {problems - 1} more' if problems > 1 else ''}"
    return f"PASS {against}"


def _reason(report: Report) -> str:
    events = sorted({v.subject.event for v in report.verdicts if v.outcome == Outcome.BREAKING})
    if events:
        names = ", ".join(clean(event) for event in events[:3]) + (
            f" and {len(events) - 3} more" if len(events) > 3 else ""
        )
        return f"{names} need{'s' * (len(events) == 1)} a new version"
    number = sum(f.level == Level.ERROR for f in report.findings)
    return counted(number, "error") if number else "warnings"


def _diff(report: Report) -> Iterator[str]:
    changed = [v for v in report.verdicts if v.outcome != Outcome.UNCHANGED]
    for verdict in changed:
        yield f"{clean(verdict.subject)}{_outcome(verdict)}"
        rows = [_row(judged, report) for judged in verdict.changes]
        widths = [min(max((len(row[i]) for row in rows), default=0), _WIDEST) for i in range(3)]
        shown = {finding.fingerprint: finding for finding in verdict.findings}
        for judged, row in zip(verdict.changes, rows, strict=True):
            yield "  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
            finding = shown.get(judged.fingerprint(verdict.subject))
            if finding is not None:
                yield from _witness(finding)
        for finding in verdict.findings:
            if finding.rule.surface == Surface.EVENT and finding.level > Level.INFO and not finding.causes:
                yield f"  ! {clean(finding.message)}"
    for problem in report.not_checked:
        yield from _problem(problem)
    against = " and ".join(short(b.revision or b.name) for b in report.baselines)
    number = len({verdict.subject.event for verdict in changed})
    would = "FAIL" if report.failed else "not be complete" if report.not_checked else "PASS"
    yield f"{counted(number, 'event')} differ{'s' * (number == 1)} from {against}; check would {would}"


def _outcome(verdict: Verdict) -> str:
    words = {
        Outcome.NEW: ": new event",
        Outcome.NEW_VERSION: ": new version",
        Outcome.REMOVED: ": removed",
        Outcome.NOT_CHECKED: ": not checked",
    }
    if verdict.outcome in words:
        return words[verdict.outcome]
    if not verdict.changes:
        return ": nothing that a reader meets"
    return f": deploy {DEPLOY[verdict.deploy]}" if verdict.deploy else ""


def _row(judged: JudgedChange, report: Report) -> tuple[str, str, str, str]:
    newest = {b.revision or b.name for b in report.baselines}
    state = "" if judged.against in newest else f" (against {short(judged.against)})"
    return (
        _sign(judged.change),
        clean(judged.change.where),
        clean(judged.change.message),
        _effect(judged.change) + state,
    )


def _sign(change: Change) -> str:
    name = change.rule.id.partition("/")[2].split("-")
    return "-" if "removed" in name else "+" if "added" in name else "~"


def _effect(change: Change) -> str:
    template = _EFFECTS.get(change.rule.surface)
    if change.breaks == Direction.NONE or template is None:
        return "nobody fails"
    return template.format(*_READERS[change.breaks])
