"""`explain`, `rules`, `baseline` and `init`: what one wants to know, or have, before the gate runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from schemacheck.cli.options import session_for, sides
from schemacheck.render.escape import clean


@click.command()
@click.argument("subject", metavar="RULE|PATH")
@click.option("--config", "config_path", metavar="FILE", help="Read this configuration instead of schemacheck.toml.")
@click.option("--current", metavar="SOURCE", help="Look at worktree (default), index, git:REV or dir:PATH.")
@click.pass_obj
def explain(decided: dict[str, int], /, subject: str, **wanted: Any) -> None:
    """What a rule means, why it breaks whom, and what to do instead.

    With the path of a schema: what holds for the file, and where each value comes from.
    """
    from schemacheck import docs, formats

    if subject in docs.all_rules() or not subject.endswith((*formats.ALL_SUFFIXES, formats.PLAIN)):
        click.echo(docs.explanation(subject))
    else:
        from schemacheck.applies import applies, relative

        with session_for({"staged": False, "against": ("empty",), "fetch": False, **wanted}) as session:
            path = relative(session.repository.root, Path.cwd(), subject)
            for line in applies(path, session.current.tree, session.policy):
                click.echo(line)
    decided["code"] = 0


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def rules(decided: dict[str, int], format_: str) -> None:
    """Every rule, with who can no longer read, its surface and its level."""
    from schemacheck import docs

    click.echo(docs.rules_json() if format_ == "json" else docs.rules_text())
    decided["code"] = 0


@click.command()
@sides
@click.option("--json", "as_json", is_flag=True, help="The baseline object of the report.")
@click.option("--rev", "only_revision", is_flag=True, help="Only the full commit id.")
@click.pass_obj
def baseline(decided: dict[str, int], /, as_json: bool, only_revision: bool, **wanted: Any) -> None:
    """Which published state a change is compared with, and why."""
    with session_for(wanted) as session:
        if only_revision:
            click.echo(session.revision())
        elif as_json:
            click.echo(session.baseline_json())
        else:
            click.echo("\n".join(map(clean, session.explanation())))
    decided["code"] = 0


@click.command()
@click.option("--hook", is_flag=True, help="Only this clone's git hooks: before a commit, a merge commit and a push.")
@click.option("--ci", "systems", multiple=True, type=click.Choice(["github", "gitlab"]), help="Only this CI's job.")
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.option("--from-registry", metavar="URL", help="First write the schemas of a registry, as pull does.")
@click.pass_obj
def init(decided: dict[str, int], hook: bool, systems: Sequence[str], dry_run: bool, from_registry: str | None) -> None:
    """Writes a commented schemacheck.toml, a pre-commit hook and a GitHub workflow, whichever is missing."""
    from schemacheck.init import initialise

    code = 0
    if from_registry is not None:
        from schemacheck.cli.registry import pull_into

        code = pull_into(from_registry, dry_run)
    for line in initialise(Path.cwd(), dry_run, hook, systems):
        click.echo(line)
    decided["code"] = code
