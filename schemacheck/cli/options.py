"""The options that commands share, and what they mean: a session, a policy, the files to write."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schemacheck import config
from schemacheck.errors import NotChecked, UsageError
from schemacheck.model import Level, Mode
from schemacheck.render import RENDERERS, renderer
from schemacheck.report import Report

if TYPE_CHECKING:
    from schemacheck.session import Session

FORMATS = click.Choice(list(RENDERERS))


def options(*given: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options as one decorator, in their order."""

    def decorate(command: Any) -> Any:
        for option in reversed(given):
            command = option(command)
        return command

    return decorate


_against = click.option(
    "--against",
    multiple=True,
    metavar="SOURCE",
    help="Compare with auto (default), git:REV, git:merge-base:REV, dir:PATH, registry:URL or empty. Repeatable.",
)
_fetch = click.option("--fetch", is_flag=True, help="Run the one git fetch that a missing baseline needs.")
_config = click.option(
    "--config", "config_path", metavar="FILE", help="Read this configuration instead of schemacheck.toml."
)
published = options(_against, _fetch, _config)
sides = options(
    _against,
    click.option("--staged", is_flag=True, help="Judge the index, as a pre-commit hook must."),
    click.option(
        "--current",
        metavar="SOURCE",
        help="Judge worktree (default), index, git:REV or dir:PATH.",
    ),
    _fetch,
    _config,
)
judging = options(
    click.option("--mode", metavar="MODE", help="FULL_TRANSITIVE and so on, for every path."),
    click.option("--fail-on", metavar="LEVEL", help="error (default), warning or never."),
    click.option("--all", "everything", is_flag=True, help="Judge what did not change, too."),
    click.option("--no-waivers", is_flag=True, help="Judge without schemacheck.waivers.toml."),
    click.option(
        "--today", metavar="DATE", help="The day that sunsets and waivers are judged on; UTC today unless told."
    ),
)
output = options(
    click.option("--format", "format_", type=FORMATS, default="text", help="What stdout gets."),
    click.option("--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Write one more report to a file."),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="auto: on a terminal, and as NO_COLOR and FORCE_COLOR say.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Text: one line a finding, and the verdict."),
    click.option("--verbose", "-v", is_flag=True, help="Text: harmless changes, too."),
    click.option("--debug", is_flag=True, help="Show the traceback of an internal error."),
)


def session_for(wanted: dict[str, Any]) -> Session:
    """The session that the options of `sides` and `judging` ask for."""
    from schemacheck.session import Session

    staged, current = wanted.get("staged"), wanted.get("current")
    if staged and current:
        raise UsageError("--staged and --current name two sides to judge", "give one of them")
    return Session(
        Path.cwd(),
        current="index" if staged else current or "worktree",
        against=wanted["against"],
        config_path=wanted["config_path"],
        adjust=lambda policy: with_options(policy, wanted),
        everything=wanted.get("everything", False),
        fetch=wanted["fetch"],
        environ=os.environ,
    )


def with_options(policy: config.Policy, wanted: dict[str, Any]) -> config.Policy:
    """The policy with what the command line decides."""
    if wanted.get("mode"):
        policy = replace(policy, mode_override=Mode.parse(wanted["mode"]))
    if wanted.get("fail_on"):
        level: Level | None = config.parse_fail_on(wanted["fail_on"])
        policy = replace(policy, fail_on=level, fail_on_given=True)
    if wanted.get("no_waivers"):
        policy = replace(policy, waivers=False)
    if wanted.get("today"):
        policy = replace(policy, today=day(wanted["today"], "--today"))
    return policy


def day(text: str, option: str) -> date:
    """A day of the command line; raises UsageError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f'{option} "{text}" is no date', "write it as 2026-12-31") from None


def say_sides(session: Session) -> None:
    """What is compared with what, to standard error."""
    for line in session.sides():
        click.echo(line, err=True)


def targets_of(reports: Sequence[str]) -> list[tuple[str, Path]]:
    """The files that `--report` asks for; raises UsageError before any work is done."""
    targets = []
    for report in reports:
        name, found, path = report.partition("=")
        if not found or name not in RENDERERS or not path:
            raise UsageError(f'--report "{report}" is not understood', f"use FORMAT=PATH with {', '.join(RENDERERS)}")
        if not Path(path).absolute().parent.is_dir():
            raise UsageError(f'the folder of --report "{path}" does not exist', "create it first")
        targets.append((name, Path(path)))
    return targets


def work(session: Session, command: str, gate: bool, formats: Collection[str] = ()) -> Report:
    """The session's report, with all that its formats show, and a bar for who waits."""
    from schemacheck.cli.terminal import progress

    with progress("comparing") as tell:
        report = session.report(command, gate=gate, progress=tell)
    if "html" not in formats:
        return report
    with progress("who can read whom") as tell:
        return session.with_catalogue(report, everything=command == "report", progress=tell)


def emit(
    decided: dict[str, int],
    report: Report,
    format_: str | None,
    targets: Sequence[tuple[str, Path]],
    wanted: dict[str, Any],
    folder: Path | None = None,
) -> None:
    """Decides the exit code, then writes: files first, since a closed pipe must not lose them."""
    decided["code"] = report.exit_code
    for name, path in targets:
        from schemacheck.files import write

        try:
            write(path, renderer(name)(report).encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise NotChecked(
                f'the report "{path}" could not be written: {error.strerror}', "choose another path"
            ) from None
    if format_ == "text":
        from schemacheck.cli.terminal import style_for
        from schemacheck.render import text

        style = style_for(wanted, os.environ, sys.stdout, folder)
        click.echo(text.render(report, style), nl=False, color=style.colour)
    elif format_ is not None:
        click.echo(renderer(format_)(report), nl=False, color=True)  # never strips what a file would hold
    sys.stdout.flush()
