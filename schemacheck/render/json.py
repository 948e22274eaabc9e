"""The report as JSON, contract `schemacheck-report/1`: every field always present; see report-1.schema.json."""

from __future__ import annotations

import json
from typing import Any

from schemacheck import __version__
from schemacheck.model import Baseline, Level, Problem, Subject
from schemacheck.report import Finding, JudgedChange, Outcome, Report, Verdict, Waiver

CONTRACT = "schemacheck-report/1"


def render(report: Report) -> str:
    """The report as indented JSON, ASCII only, the same for the same input."""
    return json.dumps(document(report), indent=1) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    first, *further = [baseline(b, report) for b in report.baselines]
    return {
        "format": CONTRACT,
        "tool": {"name": "schemacheck", "version": __version__},
        "command": report.command,
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "current": {key: getattr(report.current, key) for key in ("source", "name", "revision", "date")},
        "baseline": first,
        "further_baselines": further,
        "subjects": [_subject(v) for v in report.told if v.outcome != Outcome.UNCHANGED],
        "changes": [_change(v.subject, judged) for v in report.told for judged in v.changes],
        "findings": [_finding(finding) for finding in report.findings],
        "waivers": [_waiver(waiver) for waiver in report.waivers],
        "not_checked": [_problem(problem) for problem in report.not_checked],
        "summary": _summary(report),
    }


def baseline(about: Baseline, report: Report | None = None) -> dict[str, Any]:
    """The `baseline` object."""
    keys = ("source", "name", "revision", "date", "rung", "target", "complete")
    states = max((v.states for v in report.told), default=0) if report else 0
    return {**{key: getattr(about, key) for key in keys}, "states": states}


def _id(subject: Subject | None) -> dict[str, str] | None:
    return {"event": subject.event, "version": str(subject.version)} if subject else None


def _subject(verdict: Verdict) -> dict[str, Any]:
    return {
        **(_id(verdict.subject) or {}),
        "format": verdict.format,
        "kind": verdict.kind,
        "owner": verdict.owner,
        "consumers": list(verdict.consumers),
        "status": verdict.status,
        "mode": str(verdict.mode),
        "policy": verdict.policy,
        "outcome": str(verdict.outcome),
        "file": verdict.file,
        "states": verdict.states,
        "breaks": verdict.breaks.words,
        "deploy": str(verdict.deploy) if verdict.deploy else None,
        "next": verdict.next,
        "registry": None
        if verdict.registry is None
        else {"verdict": str(verdict.registry.verdict), "messages": list(verdict.registry.messages)},
    }


def _change(subject: Subject, judged: JudgedChange) -> dict[str, Any]:
    change = judged.change
    return {
        "rule": change.rule.id,
        "subject": _id(subject),
        "where": change.where,
        "values": dict(change.values),
        "message": change.message,
        "breaks": change.breaks.words,
        "surface": str(change.rule.surface),
        "level": judged.level.word,
        "against": judged.against,
        "fingerprint": judged.fingerprint(subject),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    witness = finding.witness
    return {
        "rule": finding.rule.id,
        "level": finding.level.word,
        "subject": _id(finding.subject),
        "message": finding.message,
        "where": finding.where or None,
        "values": dict(finding.values),
        "directions": finding.directions.words,
        "surface": str(finding.rule.surface),
        "against": finding.against,
        "older": finding.older,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "side": finding.side,
        "pointer": finding.pointer,
        "was": None
        if finding.was is None
        else {"file": finding.was.file, "line": finding.was.line, "column": finding.was.column},
        "fingerprint": finding.fingerprint,
        "causes": list(finding.causes),
        "hint": finding.hint or None,
        "fix": finding.fix or None,
        "docs": None,
        "owner": finding.owner,
        "waived": None
        if finding.waived is None
        else {key: getattr(finding.waived, key) for key in ("owner", "reason", "expires")},
        "preexisting": finding.preexisting,
        "witness": None
        if witness is None
        else {
            "written_by": witness.written_by,
            "read_by": witness.read_by,
            "event": witness.event,
            "result": witness.result,
            "judge": witness.judge,
        },
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    keys = ("fingerprint", "rule", "path", "where", "reason", "owner", "expires", "ticket", "new", "used")
    return {key: getattr(waiver, key) for key in keys}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "subject": _id(problem.subject),
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "reason": problem.reason,
        "message": problem.message,
        "hint": problem.hint or None,
    }


def _summary(report: Report) -> dict[str, int]:
    levels = [finding.level for finding in report.findings if finding.counts]
    return {
        "events": report.events,
        "versions": len(report.verdicts),
        **{str(outcome): number for outcome, number in report.outcomes.items()},
        "errors": levels.count(Level.ERROR),
        "warnings": levels.count(Level.WARNING),
        "infos": levels.count(Level.INFO),
        "waived": sum(finding.waived is not None for finding in report.findings),
        "preexisting": sum(finding.preexisting for finding in report.findings),
    }
