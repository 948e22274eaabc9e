"""The commands that speak with a schema registry: plan, publish, drift, pull."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from schemacheck.cli.options import options, session_for
from schemacheck.errors import NotChecked, UsageError

if TYPE_CHECKING:
    from schemacheck.registry.plan import Plan, Step
    from schemacheck.session import Session
    from schemacheck.sources.registry import RegistrySource

_registry = options(
    click.option(
        "--against", metavar="SOURCE", help="registry:URL; else SCHEMACHECK_REGISTRY_URL, else url below [registry]."
    ),
    click.option("--current", metavar="SOURCE", help="What should be there: git:HEAD (default), worktree or dir:PATH."),
    click.option(
        "--config", "config_path", metavar="FILE", help="Read this configuration instead of schemacheck.toml."
    ),
    click.option("--debug", is_flag=True, help="Show the traceback of an internal error."),
)
_format = click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="For stdout.")
_mode = click.option("--mode", metavar="MODE", help="FULL_TRANSITIVE and so on, instead of each subject's own level.")


@click.command()
@_registry
@_mode
@_format
@click.pass_obj
def plan(decided: dict[str, int], /, format_: str, **wanted: Any) -> None:
    """What publishing would do, subject by subject. Asks the registry, and writes nothing.

    Exits 1 if something is blocked, because readers would break or because the registry would reject it.
    """
    from schemacheck.render.registry import PLAN

    with _session(wanted) as session:
        made = _planned(session)
    decided["code"] = made.exit_code
    click.echo(PLAN[format_](made), nl=False)


@click.command()
@_registry
@_mode
@click.option("--dry-run", is_flag=True, help="The same as plan.")
@click.option("--yes", is_flag=True, help="Do not ask; for CI, after the merge.")
@click.option("--plan", "plan_file", metavar="FILE", help="Do what this plan (plan --format json) says, or nothing.")
@click.pass_obj
def publish(decided: dict[str, int], /, dry_run: bool, yes: bool, plan_file: str | None, **wanted: Any) -> None:
    """Registers what is in git: levels before schemas, shared types before those that rest on them.

    Nothing is written if anything is blocked. If it stops half way, run it again: what is done is not done twice.
    """
    from schemacheck.render.registry import plan_text

    with _session(wanted) as session:
        made = _planned(session)
        if plan_file is not None:
            _same_plan(made, plan_file)
        decided["code"] = made.exit_code
        if dry_run or made.blocked or not made.writing:
            click.echo(plan_text(made), nl=False)
            return
        if not yes:
            _confirm(made)
        _apply(decided, session, made)


@click.command()
@_registry
@_format
@click.pass_obj
def drift(decided: dict[str, int], /, format_: str, **wanted: Any) -> None:
    """Where the registry and git have come apart: missing, extra, different, another level. Exits 4 for drift."""
    from schemacheck.registry.drift import drift as compared
    from schemacheck.render.registry import DRIFT

    with _session(wanted) as session:
        _say(session)
        source = _source(session)
        assert source.tree is not None  # asks the registry
        found = compared(source)
    decided["code"] = found.exit_code
    click.echo(DRIFT[format_](found), nl=False)


@click.command()
@_registry
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.pass_obj
def pull(decided: dict[str, int], /, dry_run: bool, **wanted: Any) -> None:
    """Writes the newest version of every subject that has no file yet, where the layout wants it."""
    with _session({**wanted, "current": wanted["current"] or "worktree"}) as session:
        decided["code"] = _pull(session, dry_run)


def pull_into(url: str, dry_run: bool) -> int:
    """Pulls from a registry before `init` looks at the tree; the exit code."""
    wanted = {"against": f"registry:{url}", "current": "worktree", "config_path": None}
    with _session(wanted) as session:
        return _pull(session, dry_run)


def _pull(session: Session, dry_run: bool) -> int:
    from schemacheck.registry.pull import pulled, write

    _say(session)
    source = _source(session)
    known = {local.subject for local in source.lineages.locals.by_path.values()}
    files = pulled(source.client, session.policy, known)
    for line in write(session.repository.root, files, dry_run):
        click.echo(line)
    return 3 if any(file.path is None for file in files) else 0


def _session(wanted: dict[str, Any]) -> Session:
    against = wanted.pop("against") or "registry:"
    if not against.startswith("registry:"):
        raise UsageError(f'"{against}" is no registry', "use registry:URL")
    current = wanted["current"] or "git:HEAD"
    return session_for({**wanted, "against": (against,), "current": current, "staged": False, "fetch": False})


def _source(session: Session) -> RegistrySource:
    return cast("RegistrySource", session.baselines[0])


def _say(session: Session) -> None:
    for line in session.sides():
        click.echo(line, err=True)


def _planned(session: Session) -> Plan:
    from schemacheck.registry.plan import Planner

    report = session.report("plan", gate=True)
    _say(session)
    unreadable = [problem for problem in report.not_checked if problem.file is None]
    if unreadable:
        raise NotChecked(unreadable[0].message, unreadable[0].hint, unreadable[0].reason)
    return Planner(_source(session), report).plan()


def _same_plan(made: Plan, file: str) -> None:
    """Refuses to do anything else than what a plan says that people have seen."""
    from schemacheck.render.registry import digest_of

    try:
        digest = digest_of(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UsageError(f'the plan "{file}" cannot be read', "make it: schemacheck plan --format json") from None
    if digest is None:
        raise UsageError(f'"{file}" is no plan', "make it: schemacheck plan --format json")
    if digest != made.digest:
        hint = "make a new one: schemacheck plan --format json"
        raise NotChecked("the plan does not fit any more: git or the registry has changed since", hint, "registry")


def _confirm(made: Plan) -> None:
    from schemacheck.render.registry import step_line

    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm", "look at schemacheck plan, then publish --yes")
    for step in made.writing:
        click.echo(step_line(step), err=True)
    click.confirm(f"{len(made.writing)} steps at {made.registry}", abort=True, err=True)


def _apply(decided: dict[str, int], session: Session, made: Plan) -> None:
    from schemacheck.registry.errors import RegistryError
    from schemacheck.registry.plan import Action
    from schemacheck.registry.publish import Publisher
    from schemacheck.render.registry import step_line
    from schemacheck.render.words import counted

    source = _source(session)
    width = max(len(step.local.subject) for step in made.steps)
    done: list[Step] = []

    def tell(step: Step) -> None:
        if step.action != Action.UNCHANGED:
            done.append(step)
            click.echo(step_line(step, width))

    try:
        Publisher(source.client, source.lineages.locals, tell).apply(made)
    except RegistryError as error:
        decided["code"] = 3
        whole = counted(len(made.writing), "step")
        click.echo(f"STOPPED after {len(done)} of {whole}; run it again to do the rest")
        raise NotChecked(error.message, error.hint, "registry") from None
    unchanged = len(made.steps) - len(made.writing)
    click.echo(f"PUBLISHED {counted(len(done), 'step')}, {unchanged} unchanged, at {made.registry}")
