"""The rules of a version's life, of its name and of what it carries, day by day and word by word."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest

from schemacheck import config, formats
from schemacheck.config import Policy, Wanted, rooted
from schemacheck.events import lifecycle
from schemacheck.events.envelope import envelope, light
from schemacheck.events.identity import duplicated, identity
from schemacheck.events.metadata import Metadata, parse
from schemacheck.events.rests import rests
from schemacheck.events.rules import report
from schemacheck.events.versions import mutated
from schemacheck.model import Direction, Document, Level, Member, Mode, Rule, Surface, Version
from schemacheck.report import Finding
from schemacheck.sources.tree import MemoryTree

POLICY = rooted(Policy(), ("",))
LAYOUT = POLICY.layout(("",))
PATH = "orders/order_placed/v1.avsc"
PLACED = LAYOUT.place(PATH)
V1, V2, V3 = (Version(number) for number in (1, 2, 3))
BETA = Version.parse("v2beta1") or V2


def on(day: date, **more: int) -> Policy:
    return replace(Policy(today=day), **more)


def said(text: str) -> Metadata:
    return parse(text, "e.toml")


def told(findings: Iterable[Finding]) -> list[tuple[str, str, str | None]]:
    return [(found.rule.id.removeprefix("event/"), found.message, found.hint) for found in findings]


def names(findings: Iterable[Finding]) -> list[str]:
    return [name for name, *_ in told(findings)]


DEPRECATED = '[versions.1]\nstatus = "deprecated"\ndeprecated = 2026-01-01\nsunset = 2026-03-01\nreplaced_by = "none"\n'
KEPT = 'retention = "forever"\n'


@pytest.mark.parametrize(
    ("text", "notice", "last"),
    [
        (DEPRECATED, 0, date(2026, 3, 1)),
        (f'retention = "14d"\n{DEPRECATED}', 0, date(2026, 3, 15)),
        (DEPRECATED, 90, date(2026, 4, 1)),
        (f'retention = "14d"\n{DEPRECATED}', 90, date(2026, 4, 1)),
    ],
)
def test_a_version_may_go_on_the_day_its_records_and_its_notice_are_over(text: str, notice: int, last: date) -> None:
    before = lifecycle.later(last, -1)
    assert last == lifecycle.due(V1, said(text), on(last, notice_days=notice)).day
    for today, due in ((before, False), (last, True)):
        policy, then = on(today, notice_days=notice), said(text)
        now = said('[versions.1]\nstatus = "retired"\nretired = 2026-05-01\n')
        assert due is not bool([*lifecycle.retired(PLACED, then, now, policy, None)])
        assert due is bool([*lifecycle.deprecated(PLACED, then, [V1], policy)])


@pytest.mark.parametrize(
    ("head", "blockers"),
    [
        ("", ""),
        ('consumers = ["a"]\n', "a still reads it"),
        ('consumers = ["a", "b"]\n', "a and b still read it"),
        ('consumers = ["a", "b", "c"]\n', "a, b and c still read it"),
        (KEPT, 'its records stay, since its retention is "forever", and no upcast turns them into a later version'),
    ],
)
def test_what_keeps_a_version_whose_time_is_over_is_said(head: str, blockers: str) -> None:
    policy = on(date(2026, 6, 1))
    ((rule, message, hint),) = told(lifecycle.deprecated(PLACED, said(head + DEPRECATED), [V1], policy))
    assert ("sunset-passed", "v1 is deprecated and its time is over since 2026-04-01") == (rule, message)
    kept = f", but {blockers}" if blockers else ""
    assert f'remove {PATH} and write status = "retired"{kept}; today is 2026-06-01' == hint


def test_only_who_reads_the_version_keeps_it() -> None:
    text = f'consumers = ["a"]\n{DEPRECATED}consumers = []\n'
    assert () == lifecycle.due(V1, said(text), on(date(2026, 6, 1))).blockers


GRAVE = '[versions.1]\nstatus = "retired"\nretired = 2026-05-01\n'


@pytest.mark.parametrize(
    ("then", "now", "today", "why"),
    [
        ("", GRAVE, date(2026, 6, 1), ["it was never published as deprecated"]),
        (DEPRECATED, GRAVE, date(2026, 2, 1), ["its time ends on 2026-04-01"]),
        (
            f'consumers = ["a"]\n{DEPRECATED}',
            GRAVE,
            date(2026, 2, 1),
            ["its time ends on 2026-04-01", "a still reads it"],
        ),
        (f'consumers = ["a"]\n{DEPRECATED}', f"{GRAVE}consumers = []\n", date(2026, 6, 1), []),
        (DEPRECATED, f'{GRAVE}consumers = ["b"]\n', date(2026, 6, 1), ["b still reads it"]),
        (KEPT + DEPRECATED, GRAVE, date(2026, 6, 1), ['its records stay, since its retention is "forever"']),
        (KEPT + DEPRECATED, f'{GRAVE}upcast = "up.py"\n', date(2026, 6, 1), []),
        (
            KEPT + DEPRECATED,
            KEPT + GRAVE,
            date(2026, 6, 1),
            ['its records stay, since its retention is "forever", and no upcast turns them into a later version'],
        ),
        (KEPT + DEPRECATED, f'{KEPT}{GRAVE}upcast = "up.py"\n', date(2026, 6, 1), []),
    ],
)
def test_a_version_that_goes_too_early_says_every_reason(then: str, now: str, today: date, why: list[str]) -> None:
    found = [message for _, message, _ in told(lifecycle.retired(PLACED, said(then), said(now), on(today), None))]
    assert ([f"v1 was retired too early: {', and '.join(why)}"] if why else []) == found


@pytest.mark.parametrize(
    ("then", "sunset", "moved"),
    [
        ("", "2026-03-31", True),
        ("", "2026-04-01", False),  # 90 days from the first of the year
        ("2026-02-01", "2026-02-01", False),
        ("2026-02-01", "2026-01-31", True),
        ("2026-02-01", "2026-02-02", False),
    ],
)
def test_a_sunset_may_come_no_nearer_than_the_notice(then: str, sunset: str, moved: bool) -> None:
    text = '[versions.1]\nstatus = "deprecated"\ndeprecated = 2026-01-01\nsunset = %s\n'
    before, after = said(text % then if then else ""), said(text % sunset)
    found = told(lifecycle.sunset_moved(PLACED, before, after, on(date(2026, 1, 1))))
    message = f"the sunset of v1 was set to {sunset}, within the 90 days of notice"
    assert ([("sunset-advanced", message, "2026-04-01 at the earliest; today is 2026-01-01")] if moved else []) == found


def test_a_sunset_that_is_taken_back_is_not_advanced() -> None:
    active = said('[versions.1]\nstatus = "active"\n')
    assert [] == names(lifecycle.sunset_moved(PLACED, said(DEPRECATED), active, on(date(2026, 1, 1))))
    retired = said("[versions.1]\nstatus = 'retired'\nretired = 2026-01-02\n")
    assert [] == names(lifecycle.sunset_moved(PLACED, said(DEPRECATED), retired, on(date(2026, 1, 1))))


@pytest.mark.parametrize(
    ("successor", "others", "live", "missing"),
    [
        ("", "", [V1], True),
        ("", "", [V1, V2], False),
        ("2", "", [V1, V2], False),
        ("2", "", [V1, V3], False),
        ('"none"', "", [V1], False),
        ("", '[versions.2]\nstatus = "deprecated"\ndeprecated = 2026-01-01\nsunset = 2026-03-01\n', [V1, V2], True),
        ("", "", [V1, BETA], False),
    ],
)
def test_a_deprecated_version_has_an_active_one_after_it(
    successor: str, others: str, live: list[Version], missing: bool
) -> None:
    text = DEPRECATED.replace('replaced_by = "none"', f"replaced_by = {successor}" if successor else "")
    found = names(lifecycle.deprecated(PLACED, said(text + others), live, on(date(2026, 1, 2))))
    assert (["successor-missing"] if missing else []) == found


def test_a_version_before_is_no_successor_unless_it_is_named() -> None:
    placed = LAYOUT.place(PATH.replace("v1", "v2"))
    text = DEPRECATED.replace("versions.1", "versions.2").replace('replaced_by = "none"', "")
    assert ["successor-missing"] == names(lifecycle.deprecated(placed, said(text), [V1, V2], on(date(2026, 1, 2))))
    text += "replaced_by = 1\n"
    assert [] == names(lifecycle.deprecated(placed, said(text), [V1, V2], on(date(2026, 1, 2))))


@pytest.mark.parametrize(
    ("path", "text", "missing"),
    [
        ("v2", "", True),
        ("v2", '[versions.1]\nupcast = "up.py"\n', False),
        ("v1", "", False),
        ("v2beta1", "", False),
        ("v3", '[versions.1]\nupcast = "up.py"\n', True),
    ],
)
def test_a_stable_version_comes_with_what_turns_the_one_before_into_it(path: str, text: str, missing: bool) -> None:
    placed = LAYOUT.place(PATH.replace("v1", path))
    policy = config.parse('[levels]\n"event/migration-missing" = "error"', config.FILE)
    found = names(lifecycle.not_migrated(placed, said(text), [V1, V2, BETA, V3], policy))
    assert (["migration-missing"] if missing else []) == found


def test_of_too_many_versions_the_oldest_active_one_should_go_first() -> None:
    live = [Version(number) for number in (4, 3, 2, 1)]
    hint = "deprecate the oldest, {}; max_live = 3 is what is wanted"
    assert [hint.format("v1")] == [h for *_, h in told(lifecycle.piled_up(PLACED, live, said(""), Policy()))]
    assert [hint.format("v2")] == [h for *_, h in told(lifecycle.piled_up(PLACED, live, said(DEPRECATED), Policy()))]
    every = "".join(DEPRECATED.replace("versions.1", f"versions.{number}") for number in (1, 2, 3, 4))
    assert [hint.format("v1")] == [h for *_, h in told(lifecycle.piled_up(PLACED, live, said(every), Policy()))]
    assert [] == told(lifecycle.piled_up(PLACED, [*live[:3], BETA], said(""), Policy()))


def test_where_an_event_goes_is_said_as_it_was_and_is() -> None:
    then, now = said('topic = "a"\nsubject = "s"\naggregate = "o"\n'), said('kind = "domain"\nsubject = "t"\n')
    found = [*lifecycle.remapped(PLACED, then, now, Policy())]
    event = "orders/order_placed"
    assert [
        f'the topic of {event} was "a" and is now not said',
        f'the subject of {event} was "s" and is now "t"',
        f'the aggregate of {event} was "o" and is now not said',
    ] == [each.message for each in found]
    assert [("e.toml", None), ("e.toml", 2), ("e.toml", None)] == [(each.file, each.line) for each in found]
    assert [] == [*lifecycle.remapped(PLACED, then, Metadata(), Policy())]


@pytest.mark.parametrize(
    ("text", "mode", "place"),
    [
        (f'mode = "FORWARD"\n{KEPT}', "FORWARD", ("e.toml", 1)),
        (KEPT, "BACKWARD", (PATH, 1)),
        (KEPT, "BACKWARD_TRANSITIVE", None),
        (KEPT, "FULL_TRANSITIVE", None),
        ("", "NONE", (PATH, 1)),
        ("", "BACKWARD", None),
    ],
)
def test_a_mode_that_is_too_weak_is_shown_where_it_is_said(text: str, mode: str, place: tuple[str, int] | None) -> None:
    found = [*lifecycle.mode_too_weak(PLACED, said(text), Mode.parse(mode), Policy())]
    assert ([place] if place else []) == [(each.file, each.line) for each in found]


def test_of_the_files_of_one_identity_three_are_named_and_the_rest_counted() -> None:
    files = ["a", "b", "c", "d", "e"]
    for count, more, text in ((2, 0, "a and b"), (3, 0, "a and b and c"), (5, 0, "a and b and c and 2 more"),
                              (2, 4, "a and b and 4 more"), (5, 4, "a and b and c and 6 more")):  # fmt: skip
        (found,) = duplicated(PLACED, "it", files[:count], Policy(), more=more)
        assert f"it is claimed by {text}" == found.message


def member(name: str, *types: str, repeated: bool = False, mapped: bool = False, nullable: bool = False) -> Member:
    return Member(name, frozenset(types or ("string",)), f"#{name}", nullable, repeated, mapped)


@pytest.mark.parametrize(
    ("field", "how"),
    [
        (member("event_id"), None),
        (member("event_id", repeated=True), "is event_id, and more than one value"),
        (member("event_id", mapped=True), "is event_id, and more than one value"),
        (member("event_id", "long", "int"), "is event_id, and int or long instead of string or uuid"),
        (member("event_id", nullable=True), "is event_id, and may be missing in an event"),
        (member("other"), "is missing: event_id or id"),
    ],
)
def test_a_field_of_the_envelope_is_there_once_and_of_its_type(field: Member, how: str | None) -> None:
    policy = replace(Policy(), envelope={"identity": Wanted(names=("event_id", "id"), types=("string", "uuid"))})
    found = [each.values["how"] for each in envelope(PLACED, [field], said(""), policy)]
    assert ([how] if how else []) == found


@pytest.mark.parametrize(
    ("name", "one", "many"),
    [
        ("order_id", True, True),
        ("order_ids", True, True),
        ("link", True, True),
        ("links", True, True),
        ("url", True, False),
        ("status", True, False),
        ("amount", False, False),
    ],
)
def test_a_notification_may_list_identifiers_and_links_alone(name: str, one: bool, many: bool) -> None:
    notice = said('kind = "notification"')
    for repeated, allowed in ((False, one), (True, many)):
        assert allowed is not bool([*light(PLACED, [member(name, repeated=repeated)], notice, Policy())])


def test_where_an_unversioned_import_should_go_is_its_whole_path() -> None:
    placed = LAYOUT.place("orders/order_placed/v2.avsc")
    (found,) = rests(placed, ["shared/money.old.avsc"], LAYOUT, POLICY)
    assert "move it to shared/money.old/v1.avsc, and exclude what is not yours" == found.hint
    assert "v2 rests on shared/money.old.avsc, whose path holds no version" == found.message


@pytest.mark.parametrize(
    ("path", "other", "rule"),
    [
        ("orders/order_placed/v2.avsc", "orders/order_placed/v1.avsc", "old-version-imported"),
        ("orders/order_placed/v2.avsc", "orders/order_placed/v2beta1.avsc", "old-version-imported"),
        ("orders/order_placed/v2.avsc", "orders/order_paid/v1.avsc", None),
        ("orders/order_placed/v1.avsc", "orders/order_paid/v2.avsc", None),
        ("orders/v2/order_placed.proto", "orders/v1/order_paid.proto", "old-version-imported"),
        ("orders/v2/order_placed.proto", "money/v1/amount.proto", None),
        ("orders/order_placed/v1.avsc", "orders/order_paid/v2beta1.avsc", "unstable-imported"),
        ("orders/order_placed/v3beta1.avsc", "orders/order_paid/v2beta1.avsc", None),
        ("orders/v2/order_placed.proto", "orders/order_paid.v1.proto", None),
        ("orders/order_placed.v2.proto", "orders/v1/order_paid.proto", None),
    ],
)
def test_a_version_rests_on_nothing_older_of_its_own_or_less_stable(path: str, other: str, rule: str | None) -> None:
    assert ([rule] if rule else []) == names(rests(LAYOUT.place(path), [other], LAYOUT, POLICY))


def test_a_version_is_mutated_in_all_directions_of_its_causes() -> None:
    def cause(directions: Direction) -> Finding:
        rule = Rule("avro/broken", "it broke", breaks=directions, surface=Surface.WIRE, mirror=None, level=Level.ERROR)
        (found,) = report(rule, POLICY, PLACED, {}, directions=directions, against=f"{directions}")
        return found

    both = (Direction.BACKWARD, Direction.FORWARD)
    for directions, how in (
        (both, "breaking"),
        (both[::-1], "breaking"),
        ((Direction.BACKWARD, Direction.NONE), "breaking"),
        ((Direction.NONE,), "forbidden"),
    ):
        (found,) = mutated(PLACED, [cause(one) for one in directions], [], "undo it", POLICY)
        assert (Direction.FULL if directions in (both, both[::-1]) else directions[0]) == found.directions
        assert f"v1 is published and changed in a {how} way" == found.message
        assert ("undo it", "schemacheck bump orders/order_placed") == (found.hint, found.fix)
        assert len(directions) == len(found.causes)
    (found,) = mutated(PLACED, [cause(Direction.FULL)], ["a.avsc", "b.avsc"], "undo it", POLICY)
    assert "v1 is published and changed in a breaking way through a.avsc and b.avsc" == found.message
    assert "" == found.fix


@pytest.mark.parametrize(
    ("template", "path", "name", "wanted"),
    [
        ("{prefix}.{domain}.v{version}.{Event}", PATH, "com.orders.v1.OrderPlaced", None),
        ("{prefix}.{domain}.v{version}.{Event}", PATH, "com.orders.v2.OrderPlaced", "com.orders.v1.OrderPlaced"),
        ("{domain}.{Event}", "a/b/order_placed/v1.avsc", "a.b.OrderPlaced", None),
        ("{domain}.{Event}", "a/b/order_placed/v1.avsc", "a_b.OrderPlaced", "a.b.OrderPlaced"),
        ("{domain}.{event}", PATH, "orders.order_placed", None),
        ("{domain}.{Event}", "order_placed/v1.avsc", "OrderPlaced", None),
        ("x.{domain}.{Event}", "order_placed/v1.avsc", "x.OrderPlaced", None),
        ("x.{other}.{Event}", PATH, "x.OrderPlaced", "x.{other}.OrderPlaced"),
    ],
)
def test_a_full_name_is_the_one_of_the_template(template: str, path: str, name: str, wanted: str | None) -> None:
    text = json.dumps({"type": "record", "name": name, "fields": []}).encode()
    tree = MemoryTree("side", {path: text})
    placed = LAYOUT.place(path)
    document = Document(placed.subject, "avro", path, tree)
    schema = formats.load("avro").open(tree, {}).parse([document], published=False)[path]
    policy = replace(POLICY, identity={"prefix": "com", "avro": template})
    found = [each.values["others"] for each in identity(placed, schema, policy) if "full name" in each.message]
    expected = [f'its full name is "{name}", not "{wanted}"'] if wanted else []
    assert expected == [others.rpartition(", and ")[2] for others in found]
