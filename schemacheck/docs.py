"""All rules, and the Markdown page that documents each: what `explain`, the README table and the tests read."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from schemacheck import formats
from schemacheck.model import Rule

_SECTION = re.compile(r"^## +(.+?) *$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+) (before|after)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """A rule's documentation. `before` and `after` hold the example's files: path to text."""

    rule: str
    text: str
    summary: str
    why: str
    instead: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@functools.cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by id, in the order of the documentation."""
    from schemacheck import events

    rules = [rule for name in formats.SUFFIXES for rule in formats.load(name).rules]
    return {rule.id: rule for rule in [*rules, *events.RULES]}


def page(rule_id: str) -> Page:
    """The page of a rule; raises FileNotFoundError if there is none."""
    text = (resources.files("schemacheck") / "rules" / f"{rule_id}.md").read_text(encoding="utf-8")
    return parse_page(rule_id, text)


def parse_page(rule_id: str, text: str) -> Page:
    """A page from its Markdown: a summary paragraph, then the sections Why it breaks, Instead, Example.

    An example is fenced blocks named `<ending> before [path]` or `<ending> after [path]`; without a path the file is
    `event.<ending>`.
    """
    summary, *rest = _SECTION.split(text)
    sections = dict(zip(rest[::2], (body.strip() for body in rest[1::2]), strict=True))
    example: dict[str, dict[str, str]] = {"before": {}, "after": {}}
    for ending, side, path, body in _BLOCK.findall(text):
        example[side][path or f"event.{ending}"] = body
    return Page(
        rule=rule_id,
        text=text,
        summary=" ".join(summary.split()),
        why=sections.get("Why it breaks", ""),
        instead=sections.get("Instead", ""),
        before=example["before"],
        after=example["after"],
    )
