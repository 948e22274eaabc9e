"""`textconv`: a schema as git's own diff can show it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from schemacheck.errors import NotChecked
from schemacheck.formats.text import MAX_BYTES


@click.command()
@click.argument("file", type=click.Path())
@click.pass_obj
def textconv(decided: dict[str, int], file: str) -> None:
    """A schema as lines, one for each field with its full path and type, for git's diff.

    What cannot be read as a schema is printed as it is: git would stop at an error.
    """
    from schemacheck import formats
    from schemacheck.render.escape import clean

    try:
        with Path(file).open("rb") as opened:
            raw = opened.read()
    except OSError as error:
        words = (error.strerror or "unreadable").lower()
        raise NotChecked(f'"{file}" cannot be read: {words}', "check the name", reason="unreadable") from None
    name = formats.format_of(file)
    lines: Sequence[str] | None = None
    if name is not None and len(raw) <= MAX_BYTES:
        try:
            lines = formats.load(name).outline(raw.decode("utf-8-sig"))
        except (NotChecked, UnicodeDecodeError):
            lines = None
    decided["code"] = 0
    if lines is None:
        click.echo(raw, nl=False)
    else:
        click.echo("".join(f"{clean(line)}\n" for line in lines), nl=False)
