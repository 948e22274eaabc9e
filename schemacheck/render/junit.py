"""The report as JUnit XML: a suite for an event, a case for a version, one failure with all that was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from schemacheck.model import Finding, Level, Outcome, Problem, Report, Verdict
from schemacheck.render import words
from schemacheck.render.escape import clean

MAX_SHOWN = 200  # findings in the text of one case
_LONGEST = 2_000  # characters of one fact
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML 1.0


def render(report: Report) -> str:
    """Every event version as a test case; the text of a failure reads like the text report."""
    suites = [
        _suite(event, list(verdicts), report)
        for event, verdicts in groupby(report.verdicts, key=lambda verdict: verdict.subject.event)
    ]
    known = {verdict.subject for verdict in report.verdicts if verdict.outcome == Outcome.NOT_CHECKED}
    loose = [problem for problem in report.not_checked if problem.subject not in known]
    if loose:
        suites.append(_loose(loose))
    body = "\n".join(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="schemacheck">\n{body}\n</testsuites>\n'


def _suite(event: str, verdicts: Sequence[Verdict], report: Report) -> str:
    cases = [_case(verdict, report) for verdict in verdicts]
    counts = {
        "tests": len(cases),
        "failures": sum("<failure" in case for case in cases),
        "errors": sum("<error" in case for case in cases),
    }
    numbers = " ".join(f'{name}="{number}"' for name, number in counts.items())
    properties = {
        "current": report.current.name,
        "baseline": " and ".join(baseline.name for baseline in report.baselines),
        "revision": words.against(report),
        "verdict": words.verdict_line(report),
    }
    shown = "\n".join(f"   <property name={_quoted(k)} value={_quoted(v)}/>" for k, v in properties.items())
    body = "\n".join(cases)
    return (
        f'<testsuite name={_quoted(event)} {numbers} skipped="0" time="0">\n'
        f"  <properties>\n{shown}\n  </properties>\n{body}\n</testsuite>"
    )


def _case(verdict: Verdict, report: Report) -> str:
    subject = verdict.subject
    start = f'  <testcase classname={_quoted(subject.event)} name={_quoted(str(subject.version))} time="0"'
    failing = [finding for finding in verdict.findings if _fails(finding, report)]
    rest = [finding for finding in verdict.findings if finding not in failing and finding.level > Level.OFF]
    parts = []
    if failing:
        title = f"{verdict.outcome}: {words.counted(len(failing), 'finding')}, {words.message(failing[0])}"
        body = _text(_told(failing, report))
        parts.append(f"   <failure message={_quoted(title)} type={_quoted(failing[0].rule.id)}>{body}</failure>")
    if verdict.outcome == Outcome.NOT_CHECKED:
        parts.append(_error([problem for problem in report.not_checked if problem.subject == subject]))
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


def _loose(problems: Sequence[Problem]) -> str:
    """What could not be checked and belongs to no version, such as a missing baseline."""
    return (
        '<testsuite name="schemacheck" tests="1" failures="0" errors="1" skipped="0" time="0">\n'
        f'  <testcase classname="schemacheck" name="not checked" time="0">\n{_error(problems)}\n  </testcase>\n'
        "</testsuite>"
    )


def _text(lines: Sequence[str] | Iterator[str]) -> str:
    """Lines as text of an element, each free of control characters."""
    return escape("\n".join(_legal(clean(line)) for line in lines))


def _quoted(text: str) -> str:
    return quoteattr(_legal(clean(text)))


def _legal(text: str) -> str:
    """What XML 1.0 cannot hold in any spelling is written as an escape."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
