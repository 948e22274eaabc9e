"""What mkdocs makes from the code: a page for each rule and their index, the configuration, the commands."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from schemacheck import cli, docs
from schemacheck.model import Direction, Surface

KEYS = Path(__file__).with_name("configuration.toml")
_BREAKS = {
    Direction.NONE: "nobody",
    Direction.BACKWARD: "new readers",
    Direction.FORWARD: "old readers",
    Direction.FULL: "new and old readers",
}
_RULES = """\
A rule says what happened, and who can no longer read: *new readers* of old events (BACKWARD), *old readers* of new
events (FORWARD). Its surface says what breaks: *wire*, decoding fails; *meaning*, it decodes to something else in
silence; *json*, the JSON form; *source*, generated code; *event*, the policy for versions. The mode of a path decides
which of them fail a run, and `[levels]` in the [configuration](../configuration.md) how loud each one is.
`schemacheck explain RULE` prints the same pages.
"""
_CONFIGURATION = """\
`schemacheck.toml` at the top of the repository, or `[tool.schemacheck]` in `pyproject.toml`. Every key is optional, and
a key that is not known is an error with file and line. `schemacheck init` writes a commented file that fits the tree.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made from the code."""
    for path, text in generated():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Makes every rule id in a page a link to the rule's page."""
    folder = posixpath.dirname(page.file.src_uri)
    known = docs.all_rules()

    def linked(match: re.Match[str]) -> str:
        rule = match[1]
        if rule not in known or page.file.src_uri == f"rules/{rule}.md":
            return match[0]
        return f"[`{rule}`]({posixpath.relpath(f'rules/{rule}.md', folder or '.')})"

    # Not inside fenced blocks, and not what is a link already.
    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.MULTILINE | re.DOTALL)
    return "".join(
        part if part.startswith("```") else re.sub(r"(?<!\[)`([a-z-]+/[a-z0-9-]+)`", linked, part) for part in parts
    )


def generated() -> Iterator[tuple[str, str]]:
    """Path and Markdown of every page that is made."""
    yield "rules/index.md", _index()
    for rule_id in docs.all_rules():
        yield f"rules/{rule_id}.md", _rule(rule_id)
    yield "configuration.md", _configuration()
    yield "commands.md", _commands()


def _index() -> str:
    lines = ["# Rules\n", _RULES]
    group = ""
    for rule in docs.all_rules().values():
        if rule.id.partition("/")[0] != group:
            group = rule.id.partition("/")[0]
            lines += [f"\n## {group}\n", "| rule | breaks | surface | level | |", "| --- | --- | --- | --- | --- |"]
        summary = docs.page(rule.id).summary.replace("|", "\\|")
        lines.append(f"| `{rule.id}` | {_breaks(rule.id)} | {rule.surface} | {rule.level.word} | {summary} |")
    return "\n".join(lines) + "\n"


def _rule(rule_id: str) -> str:
    """The page of a rule, with its facts below the summary; the sides of examples become captions."""
    rule, text = docs.all_rules()[rule_id], docs.page(rule_id).text
    undone = "by itself" if rule.mirror == rule.id else f"by `{rule.mirror}`" if rule.mirror else "by no rule"
    facts = "| breaks | surface | level | undone |\n| --- | --- | --- | --- |\n"
    facts += f"| {_breaks(rule_id)} | {rule.surface} | {rule.level.word} | {undone} |\n"
    summary, _, rest = text.partition("\n## ")
    body = f"{summary.strip()}\n\n{facts}\n" + (f"## {rest}" if rest else "")
    body = re.sub(r"(?m)^```(\w+) (before|after|published|untracked)( \S+)?$", r"*\2*\3\n\n```\1", body)
    body = re.sub(r"(?m)^```toml config$", "*configuration*\n\n```toml", body)
    return f"# {rule_id}\n\n{body.rstrip()}\n"


def _breaks(rule_id: str) -> str:
    rule = docs.all_rules()[rule_id]
    return "policy" if rule.surface == Surface.EVENT else _BREAKS[rule.breaks]


def keys() -> list[dict[str, str]]:
    """Every key of the configuration: name, type, default, text, and an example."""
    found: list[dict[str, str]] = tomllib.loads(KEYS.read_text(encoding="utf-8"))["key"]
    return found


def _configuration() -> str:
    lines = ["# Configuration\n", _CONFIGURATION]
    table = None
    for key in keys():
        *head, name = key["name"].split(".")
        if head != table:
            table = head
            title = f"[{head[0]}]" if head else "At the top"
            lines.append(f"\n## {title}")
        lines += [f"\n### {name}\n", f"{key['type']}; default: {key['default']}\n", key["text"], ""]
        lines += ["```toml", key["example"].strip(), "```"]
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = [
        "# Commands\n",
        "Exit codes: 0 pass, 1 findings, 2 wrong usage, 3 not checked. What informs never exits with 1.",
    ]
    context = click.Context(cli.cli, info_name="schemacheck", max_content_width=100)
    for name in cli.cli.list_commands(context):
        command = cli.cli.get_command(context, name)
        assert command is not None
        shown = command.get_help(click.Context(command, info_name=name, parent=context, terminal_width=100))
        lines += [f"\n## {name}\n", "```text", shown.rstrip(), "```"]
    return "\n".join(lines) + "\n"
