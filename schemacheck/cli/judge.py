"""`check` and `diff`: the gate, and what it looks at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from schemacheck import config
from schemacheck.cli.options import (
    emit,
    judging,
    output,
    say_sides,
    session_for,
    sides,
    targets_of,
    with_options,
    work,
)
from schemacheck.errors import UsageError


@click.command()
@sides
@judging
@output
@click.option("--fix", is_flag=True, help="First bump every event that is broken, then judge the result.")
@click.pass_obj
def check(
    decided: dict[str, int], /, format_: str, reports: Sequence[str], debug: bool, fix: bool, **wanted: Any
) -> None:
    """The gate: judges the change, and fails if it breaks what is published."""
    del debug  # read from the arguments where the error ends up
    targets = targets_of(reports)
    if fix:
        if wanted["staged"] or wanted["current"] not in (None, "worktree"):
            raise UsageError("--fix writes to the working tree, so it judges nothing else", "leave --staged away")
        from schemacheck.bumping import fixed

        for line in fixed(lambda: session_for(wanted)):
            click.echo(line, err=True)
    with session_for(wanted) as session:
        report = work(session, "check", True, {format_, *(name for name, _ in targets)})
        say_sides(session)
    emit(decided, report, format_, targets, wanted, session.folder)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(), metavar="[OLD NEW]")
@sides
@judging
@output
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
    targets = targets_of(reports)
    if len(files) not in (0, 2):
        raise UsageError("diff takes two files, or none", "schemacheck diff OLD NEW")
    folder = None
    if files:
        from schemacheck.compare import two_files

        report = two_files(Path(files[0]), Path(files[1]), with_options(config.Policy(), wanted), gate)
    else:
        with session_for(wanted) as session:
            report = work(session, "diff", gate, {format_, *(name for name, _ in targets)})
            say_sides(session)
        folder = session.folder
    emit(decided, report, format_, targets, wanted, folder)
