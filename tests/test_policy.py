"""What a run makes of changes against several published states: levels, fingerprints, and who must deploy first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemacheck import policy as judging
from schemacheck.config import PathRules, Policy
from schemacheck.layout import Layout
from schemacheck.model import Change, Direction, Level, Mode, Rule, Subject, Surface, Version
from schemacheck.policy import Compared, breaks, causes, deploy, judge, level_of, marks, opposed, possible
from schemacheck.report import Deploy, Outcome, Verdict, fingerprint

BACKWARD, FORWARD, FULL, NONE = Direction.BACKWARD, Direction.FORWARD, Direction.FULL, Direction.NONE
STABLE = Layout.conventional(["schemas"]).place("schemas/orders/order_placed/v1.avsc")
ALPHA = Layout.conventional(["schemas"]).place("schemas/orders/order_placed/v1alpha1.avsc")
FULL_MODE = Mode.parse("FULL_TRANSITIVE")


def rule(
    breaks: Direction = BACKWARD, level: Level = Level.ERROR, surface: Surface = Surface.WIRE, name: str = "broken"
) -> Rule:
    return Rule(f"avro/{name}", "{what} broke", breaks=breaks, surface=surface, mirror=None, level=level)


def change(of: Rule, what: str = "it", where: str = "OrderPlaced") -> Change:
    return Change(of, {"what": what}, where=where, pointer="schemas/orders/order_placed/v1.avsc#/fields/0")


def test_a_finding_says_all_that_its_change_says() -> None:
    one = change(rule(), "this")
    ((same, finding),) = judge(STABLE, [Compared("abc", [one])], FULL_MODE, Policy())
    assert one is same
    assert (finding.rule, finding.level, finding.subject) == (one.rule, Level.ERROR, STABLE.subject)
    assert (finding.message, finding.where, finding.values) == ("this broke", "OrderPlaced", {"what": "this"})
    assert (finding.directions, finding.against, finding.pointer) == (BACKWARD, "abc", one.pointer)
    assert (finding.older, finding.preexisting) == (0, False)


def test_the_same_break_against_older_states_is_one_finding_that_counts_them() -> None:
    broken, other = change(rule()), change(rule(), where="OrderPlaced.total")
    states = [Compared("new", [broken]), Compared("old", [broken]), Compared("oldest", [broken, other])]
    found = [finding for _, finding in judge(STABLE, states, FULL_MODE, Policy())]
    assert [("OrderPlaced", "new", 2), ("OrderPlaced.total", "oldest", 0)] == [
        (f.where, f.against, f.older) for f in found
    ]


def test_a_break_that_is_met_twice_in_one_state_counts_once() -> None:
    """And what comes after it is still seen."""
    broken, other = change(rule()), change(rule(), "other")
    found = [finding for _, finding in judge(STABLE, [Compared("new", [broken, broken, other])], FULL_MODE, Policy())]
    assert [("it broke", 0), ("other broke", 0)] == [(f.message, f.older) for f in found]


@pytest.mark.parametrize(
    "other",
    [
        change(rule(name="torn")),
        change(rule(), "that"),
        change(rule(), where="OrderPlaced.total"),
    ],
    ids=["another rule", "other values", "another place"],
)
def test_breaks_that_differ_are_two_findings(other: Change) -> None:
    found = list(judge(STABLE, [Compared("new", [change(rule()), other])], FULL_MODE, Policy()))
    assert 2 == len(found)


def test_a_break_that_the_baseline_knows_is_marked_as_known() -> None:
    broken, other = change(rule()), change(rule(), "other")
    known = marks([broken], STABLE)
    assert {fingerprint("avro/broken", STABLE.subject, "OrderPlaced", {"what": "it"})} == known
    found = [finding for _, finding in judge(STABLE, [Compared("old", [broken, other], known)], FULL_MODE, Policy())]
    assert [True, False] == [finding.preexisting for finding in found]


def test_what_the_mode_allows_or_the_levels_switch_off_is_no_finding_and_hides_nothing() -> None:
    allowed, off, broken = change(rule(FORWARD, name="fine")), change(rule(name="off")), change(rule())
    loud = Policy(levels={"avro/off": Level.OFF})
    found = [
        f.rule.id for _, f in judge(STABLE, [Compared("new", [allowed, off, broken])], Mode.parse("BACKWARD"), loud)
    ]
    assert ["avro/broken"] == found


def test_what_breaks_nothing_hides_no_break_after_it() -> None:
    harmless = change(rule(NONE, surface=Surface.MEANING, name="harmless"))
    states = [
        Compared("new", [harmless, change(rule()), harmless]),
        Compared("old", [harmless, change(rule(), "this")]),
    ]
    found = [finding for _, finding in judge(STABLE, states, FULL_MODE, Policy())]
    assert [("it broke", "new"), ("this broke", "old")] == [(f.message, f.against) for f in found]


def test_strict_forbids_what_breaks_nothing_but_only_against_the_newest_state() -> None:
    """Documentation may change; an unstable version keeps its level; and nothing is hidden by what is allowed."""
    fine = change(rule(NONE, Level.INFO, Surface.INFO, "fine"))
    said = change(replace(rule(NONE, Level.INFO, Surface.INFO, "said"), documentation=True))
    states = [Compared("new", [said, fine]), Compared("old", [replace(fine, where="OrderPlaced.old")])]
    strict = Policy(event_policy="strict")
    found = [finding for _, finding in judge(STABLE, states, FULL_MODE, strict)]
    assert [("avro/fine", "OrderPlaced", Level.ERROR)] == [(f.rule.id, f.where, f.level) for f in found]
    assert [Level.INFO] == [finding.level for _, finding in judge(ALPHA, states[:1], FULL_MODE, strict)]
    assert [] == list(judge(STABLE, states, FULL_MODE, Policy()))


@pytest.mark.parametrize("level", Level)
def test_nothing_about_an_unstable_version_is_louder_than_information(level: Level) -> None:
    one = change(rule(level=level))
    assert level == level_of(one, STABLE, Policy())
    assert min(level, Level.INFO) == level_of(one, ALPHA, Policy())


def test_a_level_can_hold_for_some_paths_only() -> None:
    quiet = PathRules(("schemas/orders/**",), None, {"avro/broken": Level.INFO})
    elsewhere = STABLE._replace(path="schemas/payments/order_paid/v1.avsc")
    found = [level_of(change(rule()), placed, Policy(paths=(quiet,))) for placed in (STABLE, elsewhere)]
    assert [Level.INFO, Level.ERROR] == found


def test_only_errors_of_the_schema_that_count_mutate_a_version() -> None:
    broken, loud, event = (
        change(rule()),
        change(rule(level=Level.WARNING, name="loud")),
        change(rule(surface=Surface.EVENT, name="event")),
    )
    found = [finding for _, finding in judge(STABLE, [Compared("new", [broken, loud, event])], FULL_MODE, Policy())]
    known = replace(found[0], preexisting=True)
    assert [found[0]] == causes([*found, known])


QUIET = rule(FULL, Level.INFO, name="quiet")
MISREAD = rule(FULL, Level.WARNING, Surface.MEANING, "misread")


@pytest.mark.parametrize(
    ("rules", "first", "broken"),
    [
        ([], Deploy.ANY_ORDER, NONE),
        ([QUIET], Deploy.ANY_ORDER, NONE),
        ([rule(FORWARD)], Deploy.CONSUMERS_FIRST, FORWARD),
        ([rule(BACKWARD)], Deploy.PRODUCERS_FIRST, BACKWARD),
        ([rule(FORWARD), rule(BACKWARD)], Deploy.IMPOSSIBLE, FULL),
        ([rule(FORWARD), rule(BACKWARD, Level.WARNING)], Deploy.CONSUMERS_FIRST, FULL),
        ([rule(FORWARD, Level.WARNING), rule(BACKWARD)], Deploy.PRODUCERS_FIRST, FULL),
        ([rule(FORWARD, Level.WARNING), rule(BACKWARD, Level.WARNING)], Deploy.IMPOSSIBLE, FULL),
        ([MISREAD], Deploy.ANY_ORDER, FULL),
        ([MISREAD, rule(FORWARD, Level.WARNING)], Deploy.CONSUMERS_FIRST, FULL),
        ([rule(FULL, Level.ERROR, Surface.MEANING)], Deploy.ANY_ORDER, FULL),
    ],
)
def test_the_order_of_deployment_follows_from_what_breaks(rules: list[Rule], first: Deploy, broken: Direction) -> None:
    changes = [change(one) for one in rules]
    assert first == deploy(changes, STABLE, Policy())
    assert broken == breaks(changes, STABLE, Policy())
    assert (Deploy.ANY_ORDER, NONE) == (deploy(changes, ALPHA, Policy()), breaks(changes, ALPHA, Policy()))


@pytest.mark.parametrize("first", [None, *Deploy])
def test_records_that_stay_for_ever_forbid_to_wait_for_their_end(first: Deploy | None) -> None:
    assert first == possible(first, endless=False)
    endless = Deploy.IMPOSSIBLE if first == Deploy.PRODUCERS_FIRST else first
    assert endless == possible(first, endless=True)


def verdict(event: str, first: Deploy, owner: str | None = "team", follows: str | None = None) -> Verdict:
    subject = Subject(event, Version(1))
    done = Verdict(subject, Outcome.COMPATIBLE, f"{event}.avsc", "avro", FULL_MODE)
    return replace(done, deploy=first, owner=owner, next=follows)


def test_one_owner_cannot_deploy_both_sides_first() -> None:
    consumers, producers = verdict("a", Deploy.CONSUMERS_FIRST), verdict("b", Deploy.PRODUCERS_FIRST)
    later = verdict("c", Deploy.PRODUCERS_FIRST)
    assert [("team", consumers, producers)] == list(opposed([producers, consumers, later]))
    for other in (
        verdict("b", Deploy.PRODUCERS_FIRST, "others"),
        verdict("b", Deploy.PRODUCERS_FIRST, None),
        verdict("b", Deploy.PRODUCERS_FIRST, follows="v2.avsc"),
        verdict("b", Deploy.ANY_ORDER),
        verdict("b", Deploy.IMPOSSIBLE),
    ):
        assert [] == list(opposed([consumers, other]))


def test_owners_are_told_in_order() -> None:
    both = (Deploy.PRODUCERS_FIRST, Deploy.CONSUMERS_FIRST)
    found = judging.opposed([verdict(f"{owner}{first}", first, owner) for owner in "ba" for first in both])
    assert ["a", "b"] == [owner for owner, _, _ in found]
