"""The report as GitLab's Code Quality report: a list of issues, empty when clean."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from schemacheck import config
from schemacheck.model import Level, Problem
from schemacheck.render import words
from schemacheck.render.escape import clean
from schemacheck.report import Finding, Report

_SEVERITIES = {Level.ERROR: "critical", Level.WARNING: "minor", Level.INFO: "info"}


def render(report: Report) -> str:
    """Every finding, then what was not checked, as JSON."""
    issues = [_finding(finding, report) for finding in report.findings if finding.level in _SEVERITIES]
    issues += [_problem(problem) for problem in report.not_checked]
    return json.dumps(issues, indent=1) + "\n"


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
    breaks = next((text for label, text in words.facts(finding, report) if label == "breaks"), "")
    description = f"{words.message(finding)}{f' (breaks {breaks})' if breaks else ''}"
    severity = "info" if not finding.counts else _SEVERITIES[finding.level]
    return _issue(finding.rule.id, description, severity, finding.fingerprint, finding)


def _problem(problem: Problem) -> dict[str, Any]:
    name = f"not-checked/{problem.reason}"
    print_ = hashlib.sha256("\0".join([name, problem.file or "", problem.message]).encode("utf-8", "surrogatepass"))
    return _issue(name, f"not checked: {problem.message}", "major", print_.hexdigest()[:12], problem)


def _issue(name: str, description: str, severity: str, fingerprint: str, where: Finding | Problem) -> dict[str, Any]:
    return {
        "description": clean(description),
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": where.file or config.FILE, "lines": {"begin": where.line or 1}},
    }
