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
    Opinion,
    Outcome,
    Problem,
    Report,
    Surface,
    Verdict,
)
from schemacheck.policy import opposed
from schemacheck.render.escape import clean

DEPLOY = {
    Deploy.ANY_ORDER: "any order",
    Deploy.CONSUMERS_FIRST: "consumers first, then producers",
    Deploy.PRODUCERS_FIRST: "producers first, wait out the retention, then consumers",
    Deploy.IMPOSSIBLE: "no order works: needs a new event version",
}
_NEW_VERSION = (
    "{consumers} read both, then {producers} write both or switch, then deprecate, sunset, retire the old one"
)
READERS = {
    Direction.BACKWARD: "new readers (BACKWARD)",
    Direction.FORWARD: "old readers (FORWARD)",
    Direction.FULL: "new readers (BACKWARD) and old readers (FORWARD)",
}
_LONGEST_EVENT = 400
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
    note = " (known at the baseline)" if finding.preexisting else " (waived)" if finding.waived else ""
    yield f"{place}: {finding.level.word} {finding.rule.id}: {clean(finding.message)}{note}"
    if finding.where:
        yield f"    where   {clean(finding.where)}"
    if finding.was is not None and finding.was.line:
        was = f"{clean(finding.was.file)}:{finding.was.line}:{finding.was.column}"
        yield f"    was     {was} at {short(finding.against)}"
    if finding.directions:
        older = f" and {counted(finding.older, 'older state')}" if finding.older else ""
        yield f"    breaks  {READERS[finding.directions]}; published in {short(finding.against)}{older}"
    yield from _witness(finding)
    if finding.waived:
        waiver = finding.waived
        yield f"    waived  until {waiver.expires} by {clean(waiver.owner)}: {clean(waiver.reason)}"
    else:
        if finding.fix:
            yield f"    fix     {clean(finding.fix)}"
        if finding.hint:
            yield f"    {'or ' if finding.fix else 'fix'}     {clean(finding.hint)}"
    if finding.causes:
        yield f"    deploy  {_place_order(report, finding)}"
    elif finding.level == Level.ERROR and finding.counts and finding.rule.surface != Surface.EVENT:
        yield f"    waive   schemacheck waive {finding.fingerprint}"


def _witness(finding: Finding) -> Iterator[str]:
    """The event that proves it, and what its reader does with it."""
    witness = finding.witness
    if witness is not None:
        yield f"    event   {_cut(clean(witness.event))}   written by {witness.written_by}"
        yield f"    result  read by {witness.read_by}: {clean(witness.result)}"


def _cut(event: str) -> str:
    """A long event without its middle; the JSON report has all of it."""
    if len(event) <= _LONGEST_EVENT:
        return event
    half = _LONGEST_EVENT // 2
    return f"{event[:half]} ...{len(event) - 2 * half} more... {event[-half:]}"


def _registry(verdict: Verdict) -> Iterator[str]:
    """Where a registry's check says otherwise than we do."""
    said = verdict.registry
    if said is None:
        return
    if said.verdict == Opinion.ACCEPTS and verdict.outcome == Outcome.BREAKING:
        yield "a registry would accept this, and readers break"
    elif said.verdict == Opinion.REJECTS and verdict.outcome == Outcome.COMPATIBLE:
        more = f" and {len(said.messages) - 1} more" if len(said.messages) > 1 else ""
        yield f"a registry would refuse this, though no reader breaks: {clean(said.messages[0])}{more}"


def _place_order(report: Report, finding: Finding) -> str:
    """The order for a version that breaks its mode: none in place, but what would hold if the mode allowed it."""
    verdict = next(verdict for verdict in report.verdicts if verdict.subject == finding.subject)
    if verdict.deploy in (None, Deploy.IMPOSSIBLE):
        return DEPLOY[Deploy.IMPOSSIBLE]
    return f"needs a new event version (in place it would be {order(verdict)})"


def order(verdict: Verdict) -> str:
    """Who deploys first, by name where the names are known."""
    if verdict.deploy is None:
        return ""
    consumers, producers = _parties(verdict)
    kept = f" ({verdict.retention})" if verdict.retention else ""
    return {
        Deploy.CONSUMERS_FIRST: f"{consumers} first, then {producers}",
        Deploy.PRODUCERS_FIRST: f"{producers} first, wait out the retention{kept}, then {consumers}",
    }.get(verdict.deploy, DEPLOY[verdict.deploy])


def _parties(verdict: Verdict) -> tuple[str, str]:
    """Who reads and who writes. A command belongs to its consumer, and is written by those who send it."""
    readers = ", ".join(map(clean, verdict.consumers))
    consumers = f"consumers ({readers})" if readers else "consumers"
    if verdict.kind == "command":
        return consumers, "its senders"
    return consumers, f"producers ({clean(verdict.owner)})" if verdict.owner else "producers"


def _problem(problem: Problem) -> Iterator[str]:
    place = ":".join(str(part) for part in (clean(problem.file or ""), problem.line, problem.column) if part)
    yield f"{place}{': ' if place else ''}not checked: {clean(problem.message)}"
    if problem.hint:
        yield f"    fix     {clean(problem.hint)}"


def _orders(report: Report) -> Iterator[str]:
    """Who deploys first, for every version that may change as it is."""
    for verdict in report.verdicts:
        waived = verdict.outcome == Outcome.BREAKING and verdict.next is None
        if (waived or verdict.outcome == Outcome.COMPATIBLE) and verdict.deploy is not None:
            silent = ", announce it: values change silently" if _silent(verdict) else ""
            how = "breaking, and waived" if waived else f"compatible under {verdict.mode}"
            yield f"{clean(verdict.subject)}: {how}; deploy {order(verdict)}{silent}"
        for line in _registry(verdict):
            yield f"{clean(verdict.subject)}: {line}"
        if verdict.outcome in (Outcome.NEW, Outcome.NEW_VERSION):
            kind = "a new version" if verdict.outcome == Outcome.NEW_VERSION else "a new event"
            known = verdict.outcome == Outcome.NEW_VERSION and (verdict.owner or verdict.consumers)
            parties = dict(zip(("consumers", "producers"), _parties(verdict), strict=True))
            yield f"{clean(verdict.subject)}: {kind}{f'; {_NEW_VERSION.format(**parties)}' if known else ''}"
    for owner, first, second in opposed(report.verdicts):
        both = f"{clean(first.subject)} needs consumers first and {clean(second.subject)} producers first"
        yield f"{clean(owner)}: {both}; split the change"


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
    if waived := sum(finding.waived is not None for finding in report.findings):
        shown.append(f"{waived} waived")
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
    events = sorted({v.subject.event for v in report.verdicts if v.outcome == Outcome.BREAKING and v.next})
    if events:
        names = ", ".join(clean(event) for event in events[:3]) + (
            f" and {len(events) - 3} more" if len(events) > 3 else ""
        )
        return f"{names} need{'s' * (len(events) == 1)} a new version"
    number = sum(f.level == Level.ERROR and f.counts for f in report.findings)
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
        for line in _registry(verdict):
            yield f"  ! {line}"
        for finding in (f for f in verdict.findings if not f.waived):
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
    return f": deploy {order(verdict)}" if verdict.deploy else ""


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
