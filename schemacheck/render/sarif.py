"""The report as SARIF 2.1.0, one run, within the limits of GitHub's code scanning."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from schemacheck import __version__, config, docs
from schemacheck.model import Level, Place, Problem, Rule
from schemacheck.render import words
from schemacheck.render.escape import clean
from schemacheck.report import Finding, Report

MAX_RESULTS = 25_000  # of a run; an upload with more is refused
MAX_BYTES = 10_000_000  # compressed with gzip
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.INFO: "note", Level.WARNING: "warning", Level.ERROR: "error"}
_LONGEST = 2_000  # characters of one fact
_PLACEHOLDER = re.compile(r"\{(?=\d+\})")


def render(report: Report) -> str:
    """The report as one line of JSON; the least severe results are left out, and counted, where there are too many."""
    findings = [finding for finding in report.findings if finding.level in _LEVELS and not finding.waived]
    keep = min(len(findings), MAX_RESULTS)
    while True:
        text = json.dumps(_log(report, findings[:keep], len(findings) - keep), separators=(",", ":")) + "\n"
        if keep == 0 or len(text) <= MAX_BYTES or len(gzip.compress(text.encode(), 6)) <= MAX_BYTES:
            return text
        keep //= 2


def _log(report: Report, findings: Sequence[Finding], left_out: int) -> dict[str, Any]:
    rules = list({finding.rule.id: finding.rule for finding in findings}.values())
    index = {rule.id: number for number, rule in enumerate(rules)}
    notices = [_notice(problem) for problem in report.not_checked]
    if left_out:
        more = f"{left_out} more findings are not in this file: it would exceed what code scanning takes"
        notices.append({"level": "warning", "message": {"text": more}})
    run = {
        "tool": {
            "driver": {"name": "schemacheck", "semanticVersion": __version__, "rules": [_rule(rule) for rule in rules]}
        },
        "automationDetails": {"id": "schemacheck/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": not report.not_checked,
                "exitCode": report.exit_code,
                "toolExecutionNotifications": notices,
            }
        ],
        "results": [_result(finding, report, index[finding.rule.id]) for finding in findings],
        "properties": {
            "verdict": report.verdict,
            "summary": _text([words.verdict_line(report)]),
            "baseline": _text([words.compared(report.current, report.baselines)]),
        },
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    page = docs.page(rule.id)
    return {
        "id": rule.id,
        "shortDescription": {"text": page.summary},
        "help": {"text": f"{page.summary}\n\n{page.why}\n\n{page.instead}", "markdown": page.text},
        "defaultConfiguration": {"level": _LEVELS.get(rule.level, "none")},
        "properties": {"tags": list(dict.fromkeys([str(rule.surface), rule.id.partition("/")[0], *rule.breaks.words]))},
    }


def _result(finding: Finding, report: Report, index: int) -> dict[str, Any]:
    facts = (f"{label}: {words.cut(text, _LONGEST)}" for label, text in words.facts(finding, report))
    related = [] if finding.was is None else [_related(finding.was)]
    return {
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.level],
        "message": {"text": _text([f"{words.message(finding)}.", *facts])},
        "locations": [{"physicalLocation": _location(finding.file, finding.line, finding.column)}],
        "relatedLocations": related,
        "partialFingerprints": {
            "schemacheck/1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:1",  # the one that GitHub compares
        },
        "properties": {
            "event": clean(finding.subject or ""),
            "directions": finding.directions.words,
            "preexisting": finding.preexisting,
        },
    }


def _related(place: Place) -> dict[str, Any]:
    where = _location(place.file, place.line, place.column)
    return {"id": 1, "physicalLocation": where, "message": {"text": "where it was published"}}


def _location(file: str | None, line: int | None, column: int | None) -> dict[str, Any]:
    """A place, always with a line; what belongs to no file is shown at the configuration."""
    region = {"startLine": line or 1}
    if line and column:
        region["startColumn"] = column
    uri = quote(file or config.FILE, safe="/", errors="surrogatepass")
    return {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}


def _notice(problem: Problem) -> dict[str, Any]:
    hint = [f"hint: {problem.hint}"] if problem.hint else []
    return {
        "level": "error",
        "descriptor": {"id": f"not-checked/{problem.reason}"},
        "message": {"text": _text([f"not checked: {problem.message}", *hint])},
        "locations": [{"physicalLocation": _location(problem.file, problem.line, problem.column)}],
    }


def _text(lines: Iterable[str]) -> str:
    """Lines in which no viewer finds a placeholder or an embedded link (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    cleaned = "\n".join(map(clean, lines))
    return _PLACEHOLDER.sub("{{", cleaned).replace("](", "\\](")
