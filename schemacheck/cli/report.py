"""`report`, `schema` and `doctor`: the tree as a page, the contract of the JSON report, facts for a bug report."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import Any

import click

from schemacheck.cli.options import emit, say_sides, session_for, sides, targets_of, work


@click.command()
@click.option("--output", "-o", metavar="FILE", help="Write the page to a file; stdout unless told.")
@sides
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_obj
def report(decided: dict[str, int], /, output: str | None, debug: bool, **wanted: Any) -> None:
    """The catalogue of all events as one HTML page: owners, versions, who can read whom, history, findings.

    Judges what did not change, too. Exits 0, or 3 if something was not checked.
    """
    del debug  # read from the arguments where the error ends up
    targets = targets_of([] if output is None else [f"html={output}"])
    with session_for({**wanted, "everything": True}) as session:
        found = work(session, "report", False, {"html"})
        say_sides(session)
    emit(decided, found, None if targets else "html", targets, wanted, session.folder)


@click.command()
@click.pass_obj
def schema(decided: dict[str, int]) -> None:
    """The JSON Schema of the JSON report: what its readers may rely on."""
    text = (resources.files("schemacheck") / "report-1.schema.json").read_text(encoding="utf-8")
    click.echo(text, nl=False)
    decided["code"] = 0


@click.command()
@sides
@click.pass_obj
def doctor(decided: dict[str, int], /, **wanted: Any) -> None:
    """What a bug report needs, on one page: versions, repository, baseline, hooks, configuration.

    Holds no credentials, and no path beyond the repository's name.
    """
    from schemacheck import doctor as facts

    for line in facts.lines(Path.cwd(), lambda: session_for(wanted), os.environ):
        click.echo(line)
    decided["code"] = 0
