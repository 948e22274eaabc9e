"""The report as JUnit XML: a suite for an event, a case for a version, one failure with all that was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from schemacheck.model import Level, Problem
from schemacheck.render import words
from schemacheck.render.escape import clean
from schemacheck.report import Finding, Outcome, Report, Verdict

MAX_SHOWN = 200  # findings in the text of one case
_LONGEST = 2_000  # characters of one fact
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML 1.0


def render(report: Report) -> str:
    """Every event version as a test case; the text of a failure reads like the text report."""
    suites = [
        _suite(event, [_of_version(verdict, report) for verdict in verdicts], report)
        for event, verdicts in groupby(report.verdicts, key=lambda verdict: verdict.subject.event)
    ]
    if loose := list(_loose(report)):
        suites.append(_suite("schemacheck", loose, report))
    body = "\n".join(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="schemacheck">\n{body}\n</testsuites>\n'


def _suite(name: str, cases: Sequence[str], report: Report) -> str:
    counts = {
        "tests": len(cases),
        "failures": sum("<failure" in case for case in cases),
        "errors": sum("<error" in case for case in cases),
    }
    numbers = " ".join(f'{key}="{number}"' for key, number in counts.items())
    properties = {
        "current": report.current.name,
        "baseline": " and ".join(baseline.name for baseline in report.baselines),
        "revision": words.against(report),
        "verdict": words.verdict_line(report),
    }
    shown = "\n".join(f"   <property name={_quoted(k)} value={_quoted(v)}/>" for k, v in properties.items())
    body = "\n".join(cases)
    return (
        f'<testsuite name={_quoted(name)} {numbers} skipped="0" time="0">\n'
        f"  <properties>\n{shown}\n  </properties>\n{body}\n</testsuite>"
    )


def _of_version(verdict: Verdict, report: Report) -> str:
    subject = verdict.subject
    unchecked = verdict.outcome == Outcome.NOT_CHECKED
    error = _error([problem for problem in report.not_checked if problem.subject == subject]) if unchecked else ""
    return _case(subject.event, str(subject.version), f"{verdict.outcome}: ", verdict.findings, error, report)


def _loose(report: Report) -> Iterator[str]:
    """What belongs to no version: findings about the gate itself, and what else could not be checked."""
    if report.further:
        yield _case("schemacheck", "the gate itself", "", report.further, "", report)
    known = {verdict.subject for verdict in report.verdicts if verdict.outcome == Outcome.NOT_CHECKED}
    if problems := [problem for problem in report.not_checked if problem.subject not in known]:
        yield _case("schemacheck", "not checked", "", (), _error(problems), report)


def _case(suite: str, name: str, outcome: str, findings: Sequence[Finding], error: str, report: Report) -> str:
    start = f'  <testcase classname={_quoted(suite)} name={_quoted(name)} time="0"'
    failing = [finding for finding in findings if _fails(finding, report)]
    rest = [finding for finding in findings if finding.level > Level.OFF and not _fails(finding, report)]
    parts = []
    if failing:
        title = f"{outcome}{words.counted(len(failing), 'finding')}, {words.message(failing[0])}"
        body = _text(_told(failing, report))
        parts.append(f"   <failure message={_quoted(title)} type={_quoted(failing[0].rule.id)}>{body}</failure>")
    if error:
        parts.append(error)
    if rest:
        parts.append(f"   <system-out>{_text(_told(rest, report))}</system-out>")
    return f"{start}/>" if not parts else "\n".join([f"{start}>", *parts, "  </testcase>"])


def _fails(finding: Finding, report: Report) -> bool:
    return report.fail_on is not None and finding.level >= report.fail_on and finding.counts


def _told(findings: Sequence[Finding], report: Report) -> Iterator[str]:
    for finding in findings[:MAX_SHOWN]:
        yield f"{words.place(finding)}: {finding.level.word} {finding.rule.id}: {words.message(finding)}"
        yield from (f"    {label:<7} {words.cut(text, _LONGEST)}" for label, text in words.facts(finding, report))
    if len(findings) > MAX_SHOWN:
        yield f"and {len(findings) - MAX_SHOWN} more"


def _error(problems: Sequence[Problem]) -> str:
    lines = [f"{words.place(p)}: not checked: {p.message}{f'; {p.hint}' if p.hint else ''}" for p in problems]
    reason = problems[0].reason if problems else "unreadable"
    title = f"not checked: {problems[0].message}" if problems else "not checked"
    return f"   <error message={_quoted(title)} type={_quoted(f'not-checked/{reason}')}>{_text(lines)}</error>"


def _text(lines: Sequence[str] | Iterator[str]) -> str:
    """Lines as text of an element, each free of control characters."""
    return escape("\n".join(_legal(clean(line)) for line in lines))


def _quoted(text: str) -> str:
    return quoteattr(_legal(clean(text)))


def _legal(text: str) -> str:
    """What XML 1.0 cannot hold in any spelling is written as an escape."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
