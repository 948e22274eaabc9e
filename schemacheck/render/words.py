"""What the outputs say in common, as plain words: every output escapes them in its own way. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.model import Baseline, Change, Direction, Level, Opinion, Problem, Surface
from schemacheck.policy import opposed
from schemacheck.report import Deploy, Finding, Outcome, Report, Verdict

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
_NEW_VERSION = (
    "{consumers} read both, then {producers} write both or switch, then deprecate, sunset, retire the old one"
)
_LONGEST_EVENT = 400
_NAMED = 3  # so many names, then "and N more"


def counted(number: int, word: str) -> str:
    """A number of things: `1 event`, `2 events`."""
    return f"{number} {word}{'s' * (number != 1)}"


def short(revision: str | None) -> str:
    """A revision as people write it."""
    if revision is None:
        return "nothing"
    return revision[:7] if len(revision) >= 40 and all(c in "0123456789abcdef" for c in revision) else revision


def cut(text: str, longest: int) -> str:
    """Text of at most so many characters, and how many more there are."""
    return text if len(text) <= longest else f"{text[:longest]}... and {len(text) - longest} more characters"


def place(thing: Finding | Problem) -> str:
    """`path:line:column`, as far as it is known."""
    return ":".join(str(part) for part in (thing.file, thing.line, thing.column) if part)


def against(report: Report) -> str:
    """What a run compared with, in a few characters."""
    return " and ".join(short(b.revision or b.name) for b in report.baselines)


def compared(current: Baseline, baselines: Sequence[Baseline]) -> str:
    """What is compared with what: `working tree of shop against 89ccb3d (2026-11-20, merge base of ...)`."""
    return f"{current.name} against {' and '.join(map(_baseline, baselines))}"


def _baseline(baseline: Baseline) -> str:
    if baseline.revision is None:
        return baseline.name
    date = f"{baseline.date[:10]}, " if baseline.date else ""
    return f"{short(baseline.revision)} ({date}{baseline.name})"


def message(finding: Finding) -> str:
    """What was found, with what takes the sting out of it."""
    note = " (known at the baseline)" if finding.preexisting else " (waived)" if finding.waived else ""
    return f"{finding.message}{note}"


def facts(finding: Finding, report: Report) -> Iterator[tuple[str, str]]:
    """What there is to say below a finding: a label and its words, each a line."""
    if finding.where:
        yield "where", finding.where
    if finding.was is not None and finding.was.line:
        yield "was", f"{finding.was.file}:{finding.was.line}:{finding.was.column} at {short(finding.against)}"
    if finding.directions:
        older = f" and {counted(finding.older, 'older state')}" if finding.older else ""
        yield "breaks", f"{READERS[finding.directions]}; published in {short(finding.against)}{older}"
    yield from proof(finding)
    if finding.waived:
        waiver = finding.waived
        yield "waived", f"until {waiver.expires} by {waiver.owner}: {waiver.reason}"
    else:
        if finding.fix:
            yield "fix", finding.fix
        if finding.hint:
            yield "or" if finding.fix else "fix", finding.hint
    if finding.causes:
        yield "deploy", _order_in_place(finding, report)
    elif finding.level == Level.ERROR and finding.counts and finding.rule.surface != Surface.EVENT:
        yield "waive", f"schemacheck waive {finding.fingerprint}"


def proof(finding: Finding) -> Iterator[tuple[str, str]]:
    """The event that proves it, and what its reader does with it."""
    witness = finding.witness
    if witness is not None:
        yield "event", f"{_cut_out(witness.event)}   written by {witness.written_by}"
        yield "result", f"read by {witness.read_by}: {witness.result}"


def _cut_out(event: str) -> str:
    """A long event without its middle; the JSON report has all of it."""
    if len(event) <= _LONGEST_EVENT:
        return event
    half = _LONGEST_EVENT // 2
    return f"{event[:half]} ...{len(event) - 2 * half} more... {event[-half:]}"


def registry(verdict: Verdict) -> Iterator[str]:
    """Where a registry's check says otherwise than we do."""
    said = verdict.registry
    if said is None:
        return
    if said.verdict == Opinion.ACCEPTS and verdict.outcome == Outcome.BREAKING:
        proven = any(f.rule.proven and f.rule.surface != Surface.EVENT for f in verdict.findings)
        yield f"a registry would accept this, and {'readers break' if proven else 'it is not proven that readers do'}"
    elif said.verdict == Opinion.REJECTS and verdict.outcome == Outcome.COMPATIBLE:
        more = f" and {len(said.messages) - 1} more" if len(said.messages) > 1 else ""
        yield f"a registry would refuse this, though no reader breaks: {said.messages[0]}{more}"


def _order_in_place(finding: Finding, report: Report) -> str:
    """The order for a version that breaks its mode: none in place, but what would hold if the mode allowed it."""
    verdict = next((verdict for verdict in report.told if verdict.subject == finding.subject), None)
    if verdict is None or verdict.deploy in (None, Deploy.IMPOSSIBLE):
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
    readers = ", ".join(verdict.consumers)
    consumers = f"consumers ({readers})" if readers else "consumers"
    if verdict.kind == "command":
        return consumers, "its senders"
    return consumers, f"producers ({verdict.owner})" if verdict.owner else "producers"


def orders(report: Report) -> Iterator[tuple[str, str]]:
    """Who deploys first, for every version that may change as it is, and what a registry says of it."""
    for verdict in report.told:
        name = str(verdict.subject)
        waived = verdict.outcome == Outcome.BREAKING and verdict.next is None
        if (waived or verdict.outcome == Outcome.COMPATIBLE) and verdict.deploy is not None:
            silent = ", announce it: values change silently" if _silent(verdict) else ""
            how = "breaking, and waived" if waived else f"compatible under {verdict.mode}"
            yield name, f"{how}; deploy {order(verdict)}{silent}"
        for line in registry(verdict):
            yield name, line
        if verdict.outcome in (Outcome.NEW, Outcome.NEW_VERSION):
            kind = "a new version" if verdict.outcome == Outcome.NEW_VERSION else "a new event"
            known = verdict.outcome == Outcome.NEW_VERSION and (verdict.owner or verdict.consumers)
            parties = dict(zip(("consumers", "producers"), _parties(verdict), strict=True))
            yield name, f"{kind}{f'; {_NEW_VERSION.format(**parties)}' if known else ''}"
    for owner, first, second in opposed(report.told):
        both = f"{first.subject} needs consumers first and {second.subject} producers first"
        yield owner, f"{both}; split the change"


def effect(change: Change) -> str:
    """Who fails on a change, and on what."""
    template = _EFFECTS.get(change.rule.surface)
    if change.breaks == Direction.NONE or template is None:
        return "nobody fails"
    return template.format(*_READERS[change.breaks])


def sign(change: Change) -> str:
    """Whether something came, went or changed."""
    name = change.rule.id.partition("/")[2].split("-")
    return "-" if "removed" in name else "+" if "added" in name else "~"


def _silent(verdict: Verdict) -> bool:
    loud = [j.change for j in verdict.changes if j.level >= Level.WARNING and j.change.breaks]
    return bool(loud) and all(change.rule.surface == Surface.MEANING for change in loud)


def counts(report: Report) -> str:
    """How many there are of each outcome; `0 not checked` is said, too."""
    found = report.outcomes
    shown = [f"{n} {outcome.replace('_', ' ')}" for outcome, n in found.items() if n]
    if not found[Outcome.NOT_CHECKED]:
        shown.append("0 not checked")
    if waived := sum(finding.waived is not None for finding in report.findings):
        shown.append(f"{waived} waived")
    numbers = f"{counted(report.events, 'event')}, {counted(len(report.verdicts), 'version')}"
    return f"{numbers}: {', '.join(shown)}"


def verdict_line(report: Report) -> str:
    """The last line: the verdict, the baseline, the reason."""
    beside = f"against {against(report)}"
    problems = len(report.not_checked)
    unchecked = f"; {problems} not checked" if problems else ""
    if report.failed:
        return f"FAIL {beside}: {_reason(report)}{unchecked}"
    if problems:
        first = report.not_checked[0]
        more = f" and {problems - 1} more" if problems > 1 else ""
        return f"NOT CHECKED {beside}: {first.file or first.message}{more}"
    return f"PASS {beside}"


def _reason(report: Report) -> str:
    events = sorted({v.subject.event for v in report.told if v.outcome == Outcome.BREAKING and v.next})
    if events:
        more = f" and {len(events) - _NAMED} more" if len(events) > _NAMED else ""
        return f"{', '.join(events[:_NAMED])}{more} need{'s' * (len(events) == 1)} a new version"
    number = sum(f.level == Level.ERROR and f.counts for f in report.findings)
    return counted(number, "error") if number else "warnings"
