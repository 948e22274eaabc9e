"""`bump` and `log`: an event's next version, and those it had."""

from __future__ import annotations

from typing import Any

import click

from schemacheck.cli.options import published, say_sides, session_for
from schemacheck.errors import UsageError
from schemacheck.model import Version


@click.command()
@click.argument("event")
@click.option("--from", "from_", metavar="N", help="The version whose edit becomes the next one.")
@click.option("--force", is_flag=True, help="Also if nothing is broken, or a higher version is published.")
@click.option("--deprecate", is_flag=True, help="Mark the old version as deprecated in event.toml.")
@click.option("--dry-run", is_flag=True, help="Show the difference, write nothing.")
@published
@click.pass_obj
def bump(
    decided: dict[str, int],
    /,
    event: str,
    from_: str | None,
    force: bool,
    deprecate: bool,
    dry_run: bool,
    **wanted: Any,
) -> None:
    """Makes a break the next event version: puts the published text back, and writes the edit beside it.

    EVENT is the name of an event, or the path of one of its schemas.
    """
    from schemacheck import bumping
    from schemacheck.bump import Wanted

    with session_for(wanted) as session:
        say_sides(session)
        edits = bumping.planned(session, Wanted(event, _version(from_), force, deprecate))
        if dry_run:
            lines = list(bumping.shown(session, edits))
        else:
            bumping.write(session, edits)
            lines = list(bumping.told(edits))
    decided["code"] = 0
    for line in lines or ["already done: the next version is in this change"]:
        click.echo(line)


@click.command()
@click.argument("event")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="What stdout gets.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the newest N steps.")
@published
@click.pass_obj
def log(decided: dict[str, int], /, event: str, format_: str, limit: int | None, **wanted: Any) -> None:
    """What became of an event, version by version, on the published line; the newest comes first."""
    from itertools import islice

    from schemacheck import log as history
    from schemacheck.line import Line
    from schemacheck.schemas import Schemas

    with session_for(wanted) as session:
        policy = session.policy
        layout, schemas = policy.layout(policy.roots or ("",)), Schemas(policy.options)
        steps = islice(history.steps(Line(session.line, layout), layout, schemas, event), limit)
        found = [session.dated(step) for step in steps]
    decided["code"] = 0
    for line in [history.document(found)] if format_ == "json" else history.text(found):
        click.echo(line)


def _version(text: str | None) -> Version | None:
    if text is None:
        return None
    version = Version.parse(text if text.startswith("v") else f"v{text}")
    if version is None:
        raise UsageError(f'"{text}" is no version', "write e.g. --from 1")
    return version
