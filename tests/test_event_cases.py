"""The event rules over their cases and the examples of their pages, through the whole check.

A case folder holds `before/` and `after/`, if need be an older state `published/` and `untracked/` files, and a
`case.toml` with `findings = ["event/mutated orders/order_placed v1"]`: every event finding, in the report's order.
Today is 2026-11-25.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cases import folders, side

from schemacheck import check, config, docs, events
from schemacheck.model import Baseline, Rule, Surface
from schemacheck.report import Report
from schemacheck.sources.tree import MemoryTree, TreeSource

FOLDERS = list(folders("event"))
TODAY = date(2026, 11, 25)
SIDES = ("published", "before", "after", "untracked")


def judged(files: Mapping[str, Mapping[str, bytes]]) -> Report:
    """The report of a check over the sides of a case."""
    after = {**files["after"], **files["untracked"]}
    text = after.get(config.FILE)
    policy = config.Policy() if text is None else config.parse(text.decode(), config.FILE)
    policy = replace(config.rooted(policy, ("schemas",)), today=TODAY)
    states = [MemoryTree(name, files[name]) for name in ("published", "before") if files[name] or name == "before"]
    current = TreeSource(Baseline("dir", "after"), MemoryTree("after", after, untracked=files["untracked"].keys()))
    return check.run("check", current, [TreeSource(Baseline("git", "before"), *states)], policy)


def listed(report: Report) -> list[str]:
    return [f"{f.rule.id} {f.subject}" for f in report.findings if f.rule.surface == Surface.EVENT]


@pytest.mark.parametrize("folder", FOLDERS, ids=[f"{f.parent.name}/{f.name}" for f in FOLDERS])
def test_a_case_reports_exactly_its_event_findings(folder: Path) -> None:
    files = {name: side(folder, name) if (folder / name).is_dir() else {} for name in SIDES}
    expected = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))["findings"]
    report = judged(files)
    assert () == report.not_checked
    assert expected == listed(report)


@pytest.mark.parametrize("rule", events.RULES, ids=[rule.id for rule in events.RULES])
def test_the_example_of_a_page_reports_its_rule(rule: Rule) -> None:
    page = docs.page(rule.id)
    files = {name: {path: text.encode() for path, text in getattr(page, name).items()} for name in SIDES}
    report = judged(files)
    assert () == report.not_checked
    assert rule.id in {finding.rule.id for finding in report.findings}


@pytest.mark.parametrize("rule", events.RULES, ids=[rule.id for rule in events.RULES])
def test_a_rule_has_a_page_and_a_case(rule: Rule) -> None:
    page = docs.page(rule.id)
    assert page.summary
    assert page.why
    assert page.instead
    assert rule.id.partition("/")[2] in {folder.parent.name for folder in FOLDERS}


def test_every_page_and_case_belongs_to_a_rule() -> None:
    known = {rule.id.partition("/")[2] for rule in events.RULES}
    pages = {path.stem for path in (Path(docs.__file__).parent / "rules" / "event").iterdir()}
    assert known == pages
    assert {folder.parent.name for folder in FOLDERS} <= known
