"""The report as a log of GitHub Actions: the text, and annotations at the lines where the findings are.

A step shows 10 annotations of a kind and drops the rest without a word, so 9 of a kind are written, one for each file
first, and a tenth counts those that are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemacheck.model import Level, Problem
from schemacheck.render import text, words
from schemacheck.render.escape import clean
from schemacheck.report import Finding, Report

MAX_SHOWN = 9  # of each kind
_KINDS = {Level.ERROR: "error", Level.WARNING: "warning"}
_LONGEST = 2_000  # characters of one fact
_SAID = ("breaks", "event", "result", "fix", "run", "deploy")


def render(report: Report) -> str:
    """The text report, then the annotations, then the verdict once more: it stays the last line."""
    body = text.render(report)
    verdict = body.rstrip("\n").rpartition("\n")[2]
    lines = [command for level in _KINDS for command in _annotations(report, level)]
    return body if not lines else "".join(f"{line}\n" for line in [body.rstrip("\n"), *lines, verdict])


def _annotations(report: Report, level: Level) -> Iterator[str]:
    kind = _KINDS[level]
    found = [finding for finding in report.findings if finding.level == level and finding.counts]
    problems = report.not_checked if level == Level.ERROR else ()
    room = MAX_SHOWN - min(len(problems), MAX_SHOWN // 3 if found else MAX_SHOWN)
    shown = _spread(found)[:room]
    for finding in shown:
        yield _annotation(kind, finding, finding.rule.id, _words(finding, report))
    told = problems[: MAX_SHOWN - len(shown)]
    for problem in told:
        hint = [problem.hint] if problem.hint else []
        yield _annotation(kind, problem, "not checked", [problem.message, *hint])
    rest = len(found) + len(problems) - len(shown) - len(told)
    if rest:
        yield f"::{kind} title=schemacheck::{_data(f'and {rest} more: see the log above, or a report of the run')}"


def _spread(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each file, then the others."""
    seen: set[str | None] = set()
    first: list[Finding] = []
    others: list[Finding] = []
    for finding in findings:
        (others if finding.file in seen else first).append(finding)
        seen.add(finding.file)
    return [*first, *others]


def _words(finding: Finding, report: Report) -> list[str]:
    facts = [f"{label}: {words.cut(said, _LONGEST)}" for label, said in words.facts(finding, report) if label in _SAID]
    return [finding.message, *facts]


def _annotation(kind: str, where: Finding | Problem, title: str, lines: Sequence[str]) -> str:
    """A workflow command. A place at the published side is not named: deleted lines cannot be annotated."""
    properties = {"title": title}
    if where.file and getattr(where, "side", "current") == "current":
        properties = {"file": where.file, "line": str(where.line or 1), "col": str(where.column or 1), "title": title}
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{kind} {named}::{'%0A'.join(map(_data, lines))}"


def _data(line: str) -> str:
    return clean(line).replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
