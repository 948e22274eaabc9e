"""All rules, and the Markdown page that documents each: what `explain`, the README table and the tests read."""

from __future__ import annotations

import difflib
import functools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from schemacheck import events, formats
from schemacheck.errors import UsageError
from schemacheck.model import Direction, Document, Rule, Subject, Surface, Version
from schemacheck.registry import rules as registry
from schemacheck.sources.tree import MemoryTree

_SECTION = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+) (published|before|after|untracked)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONFIG = re.compile(r"^```toml config\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BREAKS = {
    Direction.NONE: "nobody",
    Direction.BACKWARD: "new readers (BACKWARD)",
    Direction.FORWARD: "old readers (FORWARD)",
    Direction.FULL: "new readers (BACKWARD) and old readers (FORWARD)",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's documentation. `before` and `after` hold the example's files: path to text.

    The pages of event rules may need more: what was `published` before that, and what is `untracked` by git. A rule
    that speaks only if it is asked to shows the lines of the configuration, in a block `toml config`.
    """

    rule: str
    text: str
    summary: str
    why: str
    instead: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    published: Mapping[str, str]
    untracked: Mapping[str, str]
    config: str = ""


@functools.cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by id, in the order of the documentation."""
    rules = [rule for name in formats.SUFFIXES for rule in formats.load(name).rules]
    return {rule.id: rule for rule in [*rules, *events.RULES, *registry.RULES]}


def page(rule_id: str) -> Page:
    """The page of a rule; raises FileNotFoundError if there is none."""
    text = (resources.files("schemacheck") / "rules" / f"{rule_id}.md").read_text(encoding="utf-8")
    return parse_page(rule_id, text)


def parse_page(rule_id: str, text: str) -> Page:
    """A page from its Markdown: a summary paragraph, then the sections Why it breaks, Instead, Example.

    An example is fenced blocks named `<ending> <side> [path]`, with the side before, after, published or untracked;
    without a path the file is `event.<ending>`.
    """
    summary, *rest = _SECTION.split(text)
    sections = dict(zip(rest[::2], (body.strip() for body in rest[1::2]), strict=True))
    example: dict[str, dict[str, str]] = {side: {} for side in ("published", "before", "after", "untracked")}
    for ending, side, path, body in _BLOCK.findall(text):
        example[side][path or f"event.{ending}"] = body
    return Page(
        rule=rule_id,
        text=text,
        summary=" ".join(summary.split()),
        why=sections.get("Why it breaks", ""),
        instead=sections.get("Instead", ""),
        **example,
        config="".join(_CONFIG.findall(text)),
    )


def explanation(rule_id: str) -> str:
    """What `explain` prints: the summary, who breaks, and the rest of the page. Raises UsageError."""
    rule = all_rules().get(rule_id)
    if rule is None:
        near = difflib.get_close_matches(rule_id, all_rules(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}" if near else "schemacheck rules lists them all"
        raise UsageError(f'there is no rule "{rule_id}"', hint)
    text = page(rule_id).text
    body = text[text.index("\n## ") + 1 :] if "\n## " in text else ""
    told = "\n\n".join(["## Proof", *shown]) if (shown := list(_proofs(rule))) else ""
    return f"{page(rule_id).summary}\n\n{_facts(rule)}\n\n{body.rstrip()}\n\n{told}".rstrip()


def _proofs(rule: Rule) -> Iterator[str]:
    """What the page's example breaks, shown by events: one paragraph for each direction."""
    kind = rule.id.partition("/")[0]
    if kind not in formats.SUFFIXES or rule.breaks == Direction.NONE:
        return
    example = page(rule.id)
    options = tomllib.loads(example.config).get(kind.replace("-", "_"), {})
    old, new = (_parsed(kind, side, next(iter(example.after)), options) for side in (example.before, example.after))
    schemas = formats.load(kind)
    change = next(change for change in schemas.diff(old, new) if change.rule is rule)
    for way in (Direction.BACKWARD, Direction.FORWARD):
        witness = schemas.witness(old, new, change, way) if way in change.breaks else None
        if witness is not None:
            yield (
                f"An event written by the {witness.written_by} schema: {witness.event}\n"
                f"Read by the {witness.read_by} schema: {witness.result}"
            )


def _parsed(kind: str, side: Mapping[str, str], path: str, options: Mapping[str, Any]) -> Any:
    tree = MemoryTree("example", {name: text.encode() for name, text in side.items()})
    document = Document(Subject("example", Version(1)), kind, path, tree)
    return formats.load(kind).open(tree, options).parse([document], published=True)[path]


def _facts(rule: Rule) -> str:
    facts = [f"breaks {_BREAKS[rule.breaks]}"] if rule.surface != Surface.EVENT else []
    if rule.mirror == rule.id:
        facts.append("undone by itself")
    elif rule.mirror:
        facts.append(f"undone by {rule.mirror}")
    return "; ".join([*facts, f"surface {rule.surface}", f"level {rule.level.word}"])


def rules_text() -> str:
    """One line a rule: id, directions, surface, level, summary."""
    width = max(len(rule_id) for rule_id in all_rules())
    return "\n".join(
        f"{rule.id.ljust(width)}  {_short(rule).ljust(8)}  {rule.surface:<7}  {rule.level.word:<7}  "
        f"{page(rule.id).summary}"
        for rule in all_rules().values()
    )


def rules_json() -> str:
    """Every rule as JSON: id, summary, breaks, surface, level, mirror."""
    rows = [
        {
            "id": rule.id,
            "summary": page(rule.id).summary,
            "breaks": rule.breaks.words,
            "surface": str(rule.surface),
            "level": rule.level.word,
            "mirror": rule.mirror,
        }
        for rule in all_rules().values()
    ]
    return json.dumps({"format": "schemacheck-rules/1", "rules": rows}, indent=1)


def _short(rule: Rule) -> str:
    if rule.surface == Surface.EVENT:
        return "policy"
    return {Direction.FULL: "both", Direction.NONE: "none"}.get(rule.breaks) or rule.breaks.words[0]


def table() -> str:
    """The rule table of the README, in Markdown."""
    rows = ["| rule | breaks | surface | level | |", "| --- | --- | --- | --- | --- |"]
    for rule in all_rules().values():
        summary = page(rule.id).summary.replace("|", "\\|")
        rows.append(f"| `{rule.id}` | {_short(rule)} | {rule.surface} | {rule.level.word} | {summary} |")
    return "\n".join(rows)


def with_table(readme: str) -> str:
    """A README with the rule table between its markers made anew."""
    head, begin, rest = readme.partition("<!-- rules: begin -->\n")
    _, end, tail = rest.partition("<!-- rules: end -->")
    return f"{head}{begin}{table()}\n{end}{tail}"
