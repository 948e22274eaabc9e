"""The report as Markdown, for the summary of a job: what matters first, and no more than a page may hold."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from schemacheck.model import Level, Problem, Subject
from schemacheck.render import words
from schemacheck.render.escape import clean
from schemacheck.report import Finding, Report

SUMMARY = 900_000  # bytes; one more than 1 MiB, and GitHub drops the whole summary of a step
_MARKS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "info"}
_TABLE = "\n### Findings\n\n| level | where | rule | what |\n| --- | --- | --- | --- |\n"
_LONGEST = 1_000  # characters of one fact


def render(report: Report, budget: int = SUMMARY) -> str:
    """Verdict, counts, what was not checked, deploy order, findings, then the details of each event."""
    page = _Page(budget)
    page.add(f"## schemacheck: {report.verdict.replace('_', ' ')}\n\n")
    page.add(f"{code(words.verdict_line(report))}\n\n")
    page.add(f"{code(words.counts(report))}\n\n{code(words.compared(report.current, report.baselines))}\n")
    findings = [finding for finding in report.findings if finding.level in _MARKS]
    page.section("\n### Not checked\n\n", "not checked", map(_problem, report.not_checked), budget // 4)
    page.section("\n### Deploy order\n\n", "versions", _orders(report), budget // 4)
    page.section(_TABLE, "findings", map(_row, findings), budget // 3)
    page.section("\n", "events in detail", _details(findings, report), budget)
    return page.text()


def code(text: str, table: bool = False) -> str:
    """Untrusted words as a code span, in which nothing is a link, a mention or a tag."""
    shown = clean(text)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    shown = f"{fence}{blank}{shown}{blank}{fence}"
    return shown.replace("|", "\\|") if table else shown


class _Page:
    """Text that grows up to a budget of bytes, and remembers what did not fit."""

    _LAST = 500  # bytes that are kept for saying what was left out

    def __init__(self, budget: int) -> None:
        self._room = budget - self._LAST
        self._parts: list[str] = []
        self._left_out: list[str] = []

    def add(self, part: str) -> bool:
        if _size(part) > self._room:
            return False
        self._room -= _size(part)
        self._parts.append(part)
        return True

    def section(self, head: str, name: str, items: Iterable[str], most: int) -> None:
        """A head and items below it, of `most` bytes; nothing if there are no items."""
        end = max(self._room - most, 0)
        started, left = False, 0
        for item in items:
            part = item if started else f"{head}{item}"
            fits = not left and self._room - _size(part) >= end and self.add(part)
            started, left = started or fits, left + (not fits)
        if left:
            self._left_out.append(f"{left} more {name}")

    def text(self) -> str:
        if self._left_out:
            more = ", ".join(self._left_out)
            self._parts.append(f"\nLeft out for want of room: {more}. The JSON report holds everything.\n")
        return "".join(self._parts)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace"))


def _problem(problem: Problem) -> str:
    hint = f": {code(problem.hint)}" if problem.hint else ""
    where = f"{code(words.place(problem))} " if problem.file else ""
    return f"- {where}{code(problem.message)}{hint}\n"


def _orders(report: Report) -> Iterator[str]:
    yield from (f"- {code(name)}: {code(said)}\n" for name, said in words.orders(report))


def _row(finding: Finding) -> str:
    cells = (words.place(finding), finding.rule.id, words.message(finding))
    where, rule, what = (code(cell, table=True) for cell in cells)
    return f"| {_MARKS[finding.level]} | {where} | {rule} | {what} |\n"


def _details(findings: Sequence[Finding], report: Report) -> Iterator[str]:
    """Every event with findings, folded."""
    grouped: dict[Subject | None, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.subject, []).append(finding)
    for subject, found in grouped.items():
        title = html.escape(clean(subject or "the repository"))
        body = "\n".join(line for finding in found for line in _told(finding, report))
        summary = f"<code>{title}</code>: {words.counted(len(found), 'finding')}"
        yield f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>\n"


def _told(finding: Finding, report: Report) -> Iterator[str]:
    yield f"- {_MARKS[finding.level]} {code(finding.rule.id)} {code(words.message(finding))}"
    for label, excerpt in (("old", finding.was_excerpt), ("line", finding.excerpt)):
        if excerpt:
            yield f"  - {label}: {code(f'{excerpt.line} | {excerpt.text.strip()}')}"
    for label, text in words.facts(finding, report):
        yield f"  - {label}: {code(words.cut(text, _LONGEST))}"
