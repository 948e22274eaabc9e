"""`sunset` and `waive`: what is due in the life of events, and who answers for a finding."""

from __future__ import annotations

from typing import Any

import click

from schemacheck.cli.options import day, judging, session_for, sides


@click.command()
@click.option("--due", is_flag=True, help="Only what is due, and exit 1 if anything is: for a scheduled job.")
@click.option("--today", metavar="DATE", help="The day to judge on; UTC today unless told.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--config", "config_path", metavar="FILE", help="Read this configuration instead of schemacheck.toml.")
@click.option("--current", metavar="SOURCE", help="Look at worktree (default), index, git:REV or dir:PATH.")
@click.pass_obj
def sunset(decided: dict[str, int], /, due: bool, as_json: bool, **wanted: Any) -> None:
    """The deprecated versions: when each may be retired, who owns it, and what still keeps it.

    Compares with nothing. Exits 0; with --due 1 if a version is due.
    """
    from schemacheck import sunset as calendar

    with session_for({"staged": False, "against": ("empty",), "fetch": False, **wanted}) as session:
        found = list(calendar.deprecated(session.current.tree, session.policy))
    shown = [entry for entry in found if entry.due or not due]
    if as_json:
        click.echo(calendar.as_json(shown))
    else:
        for line in calendar.lines(shown):
            click.echo(line)
    decided["code"] = 1 if due and shown else 0


@click.command()
@click.argument("fingerprint")
@click.option("--reason", required=True, help="Why this is no harm.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option("--expires", required=True, metavar="DATE", help="The last day it holds.")
@click.option("--ticket", help="Where more is said.")
@sides
@judging
@click.pass_obj
def waive(
    decided: dict[str, int],
    /,
    fingerprint: str,
    reason: str,
    owner: str,
    expires: str,
    ticket: str | None,
    **wanted: Any,
) -> None:
    """Writes a waiver of one finding into schemacheck.waivers.toml.

    Refuses a fingerprint that check does not report with the same options.
    """
    from schemacheck import waive as writing
    from schemacheck.report import Waiver

    last = day(expires, "--expires").isoformat()
    waiver = Waiver(reason=reason, owner=owner, expires=last, fingerprint=fingerprint.lower(), ticket=ticket)
    with session_for(wanted) as session:
        report = session.report("check", gate=False)
        click.echo(writing.write(session.repository.root, waiver, report, session.policy))
    decided["code"] = 0
