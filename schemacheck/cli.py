"""The commands: arguments in, exit code out. The only module that prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from schemacheck import __version__, config
from schemacheck.errors import NotChecked, UsageError
from schemacheck.model import Level, Mode, Report
from schemacheck.render import RENDERERS, renderer

if TYPE_CHECKING:
    from schemacheck.session import Session

FORMATS = click.Choice(list(RENDERERS))


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_sides = _options(
    click.option(
        "--against",
        multiple=True,
        metavar="SOURCE",
        help="Compare with auto (default), git:REV, git:merge-base:REV, dir:PATH or empty. May be repeated.",
    ),
    click.option("--staged", is_flag=True, help="Judge the index, as a pre-commit hook must."),
    click.option(
        "--current",
        metavar="SOURCE",
        help="Judge worktree (default), index, git:REV or dir:PATH.",
    ),
    click.option("--fetch", is_flag=True, help="Run the one git fetch that a missing baseline needs."),
    click.option(
        "--config", "config_path", metavar="FILE", help="Read this configuration instead of schemacheck.toml."
    ),
)
_judging = _options(
    click.option("--mode", metavar="MODE", help="FULL_TRANSITIVE and so on, for every path."),
    click.option("--fail-on", metavar="LEVEL", help="error (default), warning or never."),
    click.option("--all", "everything", is_flag=True, help="Judge what did not change, too."),
)
_output = _options(
    click.option("--format", "format_", type=FORMATS, default="text", help="What stdout gets."),
    click.option("--report", "reports", multiple=True, metavar="FORMAT=PATH", help="Write one more report to a file."),
    click.option("--debug", is_flag=True, help="Show the traceback of an internal error."),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Stops a broken event schema before it ships.

    Compares the Avro and Protobuf schemas of a git repository with what is published, in both directions, and demands
    a new event version for a breaking change. Exit codes: 0 pass, 1 findings, 2 usage, 3 not checked.
    """


@cli.command()
@_sides
@_judging
@_output
@click.pass_obj
def check(decided: dict[str, int], /, format_: str, reports: Sequence[str], debug: bool, **wanted: Any) -> None:
    """The gate: judges the change, and fails if it breaks what is published."""
    del debug  # read from the arguments where the error ends up
    targets = _targets(reports)
    with _session(wanted) as session:
        report = session.report("check", gate=True)
        _say_sides(session)
    _emit(decided, report, format_, targets)


@cli.command()
@click.argument("files", nargs=-1, type=click.Path(), metavar="[OLD NEW]")
@_sides
@_judging
@_output
@click.option("--exit-code", "gate", is_flag=True, help="Exit as check would.")
@click.pass_obj
def diff(
    decided: dict[str, int],
    /,
    files: Sequence[str],
    format_: str,
    reports: Sequence[str],
    debug: bool,
    gate: bool,
    **wanted: Any,
) -> None:
    """Every change, harmless ones too, with who can no longer read.

    With two files it compares these, without git.
    """
    del debug
    targets = _targets(reports)
    if len(files) not in (0, 2):
        raise UsageError("diff takes two files, or none", "schemacheck diff OLD NEW")
    if files:
        from schemacheck.compare import two_files

        report = two_files(Path(files[0]), Path(files[1]), _policy_options(config.Policy(), wanted), gate)
    else:
        with _session(wanted) as session:
            report = session.report("diff", gate=gate)
            _say_sides(session)
    _emit(decided, report, format_, targets)


@cli.command()
@click.argument("rule")
@click.pass_obj
def explain(decided: dict[str, int], rule: str) -> None:
    """What a rule means, why it breaks whom, and what to do instead."""
    from schemacheck import docs

    click.echo(docs.explanation(rule))
    decided["code"] = 0


@cli.command()
@click.option("--format", "format_", type=FORMATS, default="text")
@click.pass_obj
def rules(decided: dict[str, int], format_: str) -> None:
    """Every rule, with who can no longer read, its surface and its level."""
    from schemacheck import docs

    click.echo(docs.rules_json() if format_ == "json" else docs.rules_text())
    decided["code"] = 0


@cli.command()
@_sides
@click.option("--json", "as_json", is_flag=True, help="The baseline object of the report.")
@click.option("--rev", "only_revision", is_flag=True, help="Only the full commit id.")
@click.pass_obj
def baseline(decided: dict[str, int], /, as_json: bool, only_revision: bool, **wanted: Any) -> None:
    """Which published state a change is compared with, and why."""
    with _session(wanted) as session:
        if only_revision:
            click.echo(session.revision())
        elif as_json:
            click.echo(session.baseline_json())
        else:
            click.echo("\n".join(session.explanation()))
    decided["code"] = 0


@cli.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.pass_obj
def init(decided: dict[str, int], dry_run: bool) -> None:
    """Writes a commented schemacheck.toml, a pre-commit hook and a GitHub workflow, whichever is missing."""
    from schemacheck.init import initialise

    for line in initialise(Path.cwd(), dry_run):
        click.echo(line)
    decided["code"] = 0


def _session(wanted: dict[str, Any]) -> Session:
    from schemacheck.session import Session

    if wanted["staged"] and wanted["current"]:
        raise UsageError("--staged and --current name two sides to judge", "give one of them")
    return Session(
        Path.cwd(),
        current="index" if wanted["staged"] else wanted["current"] or "worktree",
        against=wanted["against"],
        config_path=wanted["config_path"],
        adjust=lambda policy: _policy_options(policy, wanted),
        everything=wanted.get("everything", False),
        fetch=wanted["fetch"],
        environ=os.environ,
    )


def _policy_options(policy: config.Policy, wanted: dict[str, Any]) -> config.Policy:
    """The policy with what the command line decides."""
    if wanted.get("mode"):
        policy = replace(policy, mode_override=Mode.parse(wanted["mode"]))
    if wanted.get("fail_on"):
        level: Level | None = config.parse_fail_on(wanted["fail_on"])
        policy = replace(policy, fail_on=level)
    return policy


def _say_sides(session: Session) -> None:
    for line in session.sides():
        click.echo(line, err=True)


def _targets(reports: Sequence[str]) -> list[tuple[str, Path]]:
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


def _emit(decided: dict[str, int], report: Report, format_: str, targets: Sequence[tuple[str, Path]]) -> None:
    """Decides the exit code, then writes: files first, since a closed pipe must not lose them."""
    from schemacheck.files import write

    decided["code"] = report.exit_code
    for name, path in targets:
        try:
            write(path, renderer(name)(report).encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise NotChecked(
                f'the report "{path}" could not be written: {error.strerror}', "choose another path"
            ) from None
    click.echo(renderer(format_)(report), nl=False)
    sys.stdout.flush()
