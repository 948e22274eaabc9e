"""The commands: arguments in, exit code out. The only package that prints.

A command lives in the module that the table names, which is imported when that command runs.
"""

from __future__ import annotations

import importlib
from typing import cast

import click

from schemacheck import __version__

# command → module of this package
COMMANDS = {
    "check": "judge",
    "diff": "judge",
    "bump": "versions",
    "log": "versions",
    "textconv": "gitdriver",
    "git-diff": "gitdriver",
    "explain": "about",
    "rules": "about",
    "baseline": "about",
    "init": "about",
    "sunset": "events",
    "waive": "events",
    "plan": "registry",
    "publish": "registry",
    "drift": "registry",
    "pull": "registry",
    "report": "report",
    "schema": "report",
    "doctor": "report",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - what click passes
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"schemacheck.cli.{COMMANDS[cmd_name]}")
        return cast(click.Command, getattr(module, cmd_name.replace("-", "_")))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Stops a broken event schema before it ships.

    Compares the event schemas of a git repository with what is published, in both directions, and demands a new event
    version for a breaking change. Exit codes: 0 pass, 1 findings, 2 usage, 3 not checked,
    4 drift (of drift only).
    """
