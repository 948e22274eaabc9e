"""Every case of every format, and the example of every rule page, against the laws of a diff."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from cases import Case, from_folders, from_pages, listed

from schemacheck import docs, formats
from schemacheck.config import Policy
from schemacheck.layout import Layout
from schemacheck.model import Direction, Level, Mode, Rule, Surface
from schemacheck.policy import Compared, judge

KINDS = os.environ.get("SCHEMACHECK_CASES", " ".join(formats.SUFFIXES)).split()
CASES = [case for kind in KINDS for case in [*from_folders(kind), *from_pages(kind)]]
FOLDERS = [case for case in CASES if case.expected is not None]
RULES = [rule for kind in KINDS for rule in formats.load(kind).rules]


def ids(cases: list[Case]) -> list[str]:
    return [case.id for case in cases]


@pytest.mark.parametrize("case", FOLDERS, ids=ids(FOLDERS))
def test_a_case_reports_exactly_its_changes(case: Case) -> None:
    assert case.expected == listed(case.diff(case.before, case.after))


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_a_case_reports_the_rule_it_is_filed_under(case: Case) -> None:
    assert case.rule in {change.rule.id for change in case.diff(case.before, case.after)}


@pytest.mark.parametrize("case", [case for case in CASES if case.mirror], ids=ids([c for c in CASES if c.mirror]))
def test_the_reversed_edit_reports_the_mirrors(case: Case) -> None:
    there = case.diff(case.before, case.after)
    back = case.diff(case.after, case.before)
    mirrored = [(c.rule.mirror, c.within.mirrored) for c in there if c.rule.mirror is not None]
    assert Counter(mirrored) == Counter((c.rule.id, c.within) for c in back if c.rule.mirror is not None)


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.mirror], ids=ids([c for c in CASES if not c.mirror])
)
def test_a_case_without_mirror_says_why(case: Case) -> None:
    assert case.reason


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_a_schema_does_not_differ_from_itself(case: Case) -> None:
    assert () == listed(case.diff(case.before, case.before))
    assert () == listed(case.diff(case.after, case.after))


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_every_message_can_be_written(case: Case) -> None:
    for change in [*case.diff(case.before, case.after), *case.diff(case.after, case.before)]:
        assert change.message
        assert change.pointer.partition("#")[0] in {*case.before, *case.after}


@pytest.mark.parametrize(
    ("mode", "forbidden"),
    [
        ("NONE", Direction.NONE),
        ("BACKWARD", Direction.BACKWARD),
        ("BACKWARD_TRANSITIVE", Direction.BACKWARD),
        ("FORWARD", Direction.FORWARD),
        ("FORWARD_TRANSITIVE", Direction.FORWARD),
        ("FULL", Direction.FULL),
        ("FULL_TRANSITIVE", Direction.FULL),
    ],
)
@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_the_verdict_in_each_mode_follows_from_what_the_rules_break(
    case: Case, mode: str, forbidden: Direction
) -> None:
    changes = case.diff(case.before, case.after)
    expected = {(c.rule.id, c.where, c.breaks & forbidden) for c in changes if c.breaks & forbidden}
    placed = Layout.conventional([""]).place("event/v1.avsc")
    loud = Policy(levels={change.rule.id: Level.ERROR for change in changes})
    judged = judge(placed, [Compared("old", changes)], Mode.parse(mode), loud)
    assert expected == {(finding.rule.id, finding.where, finding.directions) for _, finding in judged}


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_is_well_formed(rule: Rule) -> None:
    """Its mirror names it back with the directions exchanged; a rule that breaks nothing is never loud."""
    assert (rule.breaks == Direction.NONE) <= (rule.level <= Level.INFO)
    assert (rule.surface == Surface.INFO) == (rule.breaks == Direction.NONE)
    if rule.mirror is not None:
        mirror = {r.id: r for r in RULES}[rule.mirror]
        assert rule.id == mirror.mirror


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_rule_has_a_page_and_a_case(rule: Rule) -> None:
    page = docs.page(rule.id)
    assert page.summary
    assert page.instead
    assert page.why
    assert page.before
    assert page.after
    assert rule.id in {case.rule for case in FOLDERS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_and_case_belongs_to_a_rule(kind: str) -> None:
    from importlib import resources

    known = {rule.id for rule in RULES}
    pages = {
        f"{kind}/{page.name.removesuffix('.md')}"
        for page in (resources.files("schemacheck") / "rules" / kind).iterdir()
    }
    assert pages - known == set()
    assert {case.rule for case in FOLDERS if case.format == kind} - known == set()
