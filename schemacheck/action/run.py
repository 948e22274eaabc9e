"""One run of the action: check once, then summary, annotations, SARIF, outputs, comment; the exit code last.

A step after a failed one is skipped, so all is told before. What cannot be posted is a notice, never another verdict.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from schemacheck import config, files
from schemacheck.action import comment
from schemacheck.action.api import Api, Refused
from schemacheck.action.inputs import Inputs, inputs
from schemacheck.action.settings import lend, trust
from schemacheck.errors import NotChecked, SchemacheckError, UsageError
from schemacheck.model import Baseline, Level, Mode, Problem
from schemacheck.render import renderer
from schemacheck.render.escape import clean
from schemacheck.report import Report
from schemacheck.session import Session
from schemacheck.sources import ci

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell. `report` is None for wrong usage, of which `words` tell."""

    code: int
    report: Report | None
    words: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        return self.report.verdict if self.report else "usage"

    def rendered(self, name: str) -> str:
        """The report in a format for people."""
        if self.report is not None:
            return renderer(name)(self.report)
        if name in ("markdown", "comment"):
            lines = "".join(f"    {clean(word)}\n" for word in self.words)  # a code block: nothing in it is a link
            return f"## schemacheck: wrong usage\n\n{lines}"
        return "".join(f"{clean(word)}\n" for word in self.words)


def run(environ: Mapping[str, str]) -> int:
    """Runs the gate for a step of a workflow; its exit code. Nothing that goes wrong looks like a finding."""
    wanted: Inputs | None = None
    try:
        wanted = inputs(environ)
        told = _judged(wanted, environ)
    except UsageError as error:
        told = _usage(error)
    try:
        _tell(told, wanted, environ)
    except Exception as error:  # noqa: BLE001 - as above
        _traced(environ)
        _command("error", f"a bug of schemacheck ({type(error).__name__}: {error})")
        return told.code or 3
    return told.code


def _judged(wanted: Inputs, environ: Mapping[str, str]) -> Told:
    """The verdict. Whatever goes wrong is one, too, but for a UsageError."""
    try:
        report = _report(wanted, environ)
    except UsageError:
        raise
    except NotChecked as error:
        report = _refused(error)
    except Exception as error:  # noqa: BLE001 - a gate that crashes must not look like one that found something
        _traced(environ)
        words = f"a bug of schemacheck ({type(error).__name__}: {error})"
        report = _refused(NotChecked(words, "run the workflow again with debug logging", reason="internal"))
    return Told(report.exit_code, report)


def _traced(environ: Mapping[str, str]) -> None:
    if environ.get("RUNNER_DEBUG") == "1":
        traceback.print_exc()


def _usage(error: SchemacheckError) -> Told:
    return Told(error.exit_code, None, tuple(filter(None, (error.message, error.hint))))


def _report(wanted: Inputs, environ: Mapping[str, str]) -> Report:
    trust(wanted.folder, wanted.workspace, os.environ)
    with Session(
        wanted.folder,
        current="worktree",
        against=wanted.against,
        config_path=wanted.config,
        adjust=lambda policy: _adjusted(policy, wanted),
        everything=False,
        fetch=True,
        environ=environ,
    ) as session:
        lend(session.repository, wanted.token, os.environ)
        report = session.report("check", gate=True)
        for line in session.sides():
            _say(f"{clean(line)}\n")
        return report


def _adjusted(policy: config.Policy, wanted: Inputs) -> config.Policy:
    if wanted.mode:
        policy = replace(policy, mode_override=Mode.parse(wanted.mode))
    if wanted.fail_on:
        policy = replace(policy, fail_on=config.parse_fail_on(wanted.fail_on))
    return policy


def _refused(error: NotChecked) -> Report:
    """The report on a run that never came to comparing."""
    problem = Problem(None, error.message, error.hint, reason=error.reason)
    nothing = Baseline("git", "a baseline that was not found", complete=False)
    return Report("check", Baseline("worktree", "working tree"), (nothing,), (), (problem,))


# telling it


def _tell(told: Told, wanted: Inputs | None, environ: Mapping[str, str]) -> None:
    with _noticed("the job summary could not be written"):
        _append(environ.get("GITHUB_STEP_SUMMARY"), told.rendered("markdown"))
    annotated = told.report is not None and wanted is not None and wanted.annotations
    _say(told.rendered("github" if annotated else "text"))
    if told.report is None:
        _command("error", *told.words)
    report = _written(told, wanted, environ)
    with _noticed("the outputs could not be set"):
        _append(environ.get("GITHUB_OUTPUT"), _outputs(told, report))
    if wanted is not None:
        _comment(wanted, environ, told)


def _written(told: Told, wanted: Inputs | None, environ: Mapping[str, str]) -> Path | None:
    """Writes the files; where the JSON report is, if it could be written."""
    if told.report is None or wanted is None:
        return None
    if wanted.sarif is not None:
        with _noticed("the SARIF file could not be written"):
            wanted.sarif.parent.mkdir(parents=True, exist_ok=True)
            _file(wanted.sarif, "sarif", told.report)
    with _noticed("the report could not be written"):
        path = Path(tempfile.mkdtemp(prefix="schemacheck-", dir=environ.get("RUNNER_TEMP") or None)) / "report.json"
        _file(path, "json", told.report)
        return path
    return None


def _file(path: Path, name: str, report: Report) -> None:
    files.write(path, renderer(name)(report).encode("utf-8", "backslashreplace"))


def _outputs(told: Told, report: Path | None) -> str:
    """The outputs, between random lines: no value can end early and set another one."""
    findings = told.report.findings if told.report else ()
    counts = {level: sum(f.level == level and not f.preexisting for f in findings) for level in Level}
    values = {
        "verdict": told.verdict,
        "exit-code": str(told.code),
        "errors": str(counts[Level.ERROR]),
        "warnings": str(counts[Level.WARNING]),
        "report": str(report or ""),
    }
    mark = secrets.token_hex(16)
    return "".join(f"{name}<<{mark}\n{value}\n{mark}\n" for name, value in values.items())


def _comment(wanted: Inputs, environ: Mapping[str, str], told: Told) -> None:
    number = _pull_request(environ)
    repository = environ.get("GITHUB_REPOSITORY", "")
    if number is None or wanted.comment == "never" or not _REPOSITORY.fullmatch(repository):
        return
    if not wanted.token:
        _command("notice", "no comment was written: the input github-token is empty")
        return
    worth = told.report is None or bool(told.report.findings or told.report.not_checked)
    mark = comment.marker(
        environ.get("GITHUB_WORKFLOW", ""), environ.get("GITHUB_JOB", ""), environ.get("INPUT_WORKING_DIRECTORY", "")
    )
    try:
        done = comment.keep(
            Api(environ.get("GITHUB_API_URL", ""), wanted.token),
            f"/repos/{repository}/issues/{number}",
            mark,
            wanted.comment_author,
            f"{told.rendered('comment')}{_link(environ, repository)}",
            create=worth or wanted.comment == "always",
            clean=not worth,
        )
    except Refused as error:
        why = "the token may not comment (that of a fork never may; else the job needs pull-requests: write)"
        hint = f"{why}; the job summary says all" if error.forbidden else "the job summary says all"
        _command("notice", f"no comment was written: {error}", hint)
    else:
        _say(f"{done}\n")


def _pull_request(environ: Mapping[str, str]) -> int | None:
    if environ.get("GITHUB_EVENT_NAME") not in ("pull_request", "pull_request_target"):
        return None
    event: Any = ci.event(environ.get("GITHUB_EVENT_PATH"))
    request = event.get("pull_request") if isinstance(event, dict) else None
    number = request.get("number") if isinstance(request, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _link(environ: Mapping[str, str], repository: str) -> str:
    run_id, server = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_SERVER_URL", "")
    return f"\n[The whole run]({server}/{repository}/actions/runs/{run_id})\n" if run_id.isdigit() and server else ""


def _append(path: str | None, text: str) -> None:
    if path:
        with Path(path).open("ab") as file:
            file.write(text.encode("utf-8", "backslashreplace"))


@contextmanager
def _noticed(what: str) -> Iterator[None]:
    """A failure to tell somebody is told, and no more."""
    try:
        yield
    except OSError as error:
        _command("notice", f"{what}: {error.strerror or error}")


def _command(kind: str, *lines: str) -> None:
    """A workflow command, in which no line of ours can become another one."""
    _say(f"::{kind} title=schemacheck::{'%0A'.join(clean(line).replace('%', '%25') for line in lines)}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
