"""`textconv` and `git-diff`: what changed in a schema, as git itself shows it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from schemacheck.errors import NotChecked, UsageError
from schemacheck.formats.text import MAX_BYTES
from schemacheck.render.escape import clean


@click.command()
@click.argument("file", type=click.Path())
@click.pass_obj
def textconv(decided: dict[str, int], file: str) -> None:
    """A schema as lines, one for each field with its full path and type, for git's diff.

    What cannot be read as a schema is printed as it is: git would stop at an error.
    """
    from schemacheck import formats

    formats.recognise_named(file)
    raw = _content(file)
    lines = _outline(file, raw)
    decided["code"] = 0
    if lines is None:
        click.echo(raw, nl=False)
    else:
        click.echo("".join(f"{clean(line)}\n" for line in lines), nl=False)


@click.command("git-diff")
@click.argument("arguments", nargs=-1, metavar="PATH OLD-FILE OLD-HEX OLD-MODE NEW-FILE NEW-HEX NEW-MODE")
@click.pass_obj
def git_diff(decided: dict[str, int], arguments: Sequence[str]) -> None:
    """What changed between two states of a schema, as git's external diff driver.

    Git calls it with seven arguments, with nine for a file that was renamed, and with the path alone for a file that is
    not merged. Where the schemas cannot be compared, their lines are: git would stop at an error.
    """
    if len(arguments) not in (1, 7, 9):
        raise UsageError("git-diff takes the seven arguments that git gives it", "git config diff.NAME.command")
    decided["code"] = 0
    path = arguments[0]
    click.echo(f"schemacheck {clean(path)}")
    if len(arguments) == 1:
        click.echo("  it is not merged")
        return
    from schemacheck import formats

    formats.recognise_named(path)
    old, new = (None if arguments[at] == os.devnull else _content(arguments[at]) for at in (1, 4))
    told = _compared(path, old, new) if old is not None and new is not None else None
    click.echo("\n".join(told if told is not None else _by_lines(path, old or b"", new or b"")))


def _compared(path: str, old: bytes, new: bytes) -> Sequence[str] | None:
    """The changes of a schema; None if the two cannot be compared."""
    from schemacheck import formats
    from schemacheck.compare import two_contents
    from schemacheck.render.text import render

    if formats.format_of(path) is None:
        return None
    try:
        report = two_contents(path, old, new, Path.cwd())
    except NotChecked:
        return None
    if report.not_checked:
        return None
    changes = render(report).splitlines()[1:-1]
    return changes or ["  nothing that a reader meets"]


def _by_lines(path: str, old: bytes, new: bytes) -> Sequence[str]:
    """What differs between the lines of two contents."""
    import difflib

    sides = [_outline(path, raw) if raw else [] for raw in (old, new)]
    if any(lines is None for lines in sides):
        sides = [raw.decode("utf-8", "backslashreplace").splitlines() for raw in (old, new)]
    both = [list(lines or ()) for lines in sides]
    differing = list(difflib.unified_diff(both[0], both[1], n=0, lineterm=""))[2:]
    return [f"  {clean(line)}" for line in differing if not line.startswith("@@")] or ["  nothing that a reader meets"]


def _content(file: str) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            return opened.read()
    except OSError as error:
        words = (error.strerror or "unreadable").lower()
        raise NotChecked(f'"{file}" cannot be read: {words}', "check the name", reason="unreadable") from None


def _outline(path: str, raw: bytes) -> Sequence[str] | None:
    """The lines of a schema; None for what is none."""
    from schemacheck import formats

    name = formats.format_of(path)
    if name is None or len(raw) > MAX_BYTES:
        return None
    try:
        return formats.load(name).lines(raw.decode("utf-8-sig"))
    except (NotChecked, UnicodeDecodeError):
        return None
