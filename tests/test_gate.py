"""What makes a configuration weaker than the published one, and what does not."""

from __future__ import annotations

import pytest

from schemacheck import config
from schemacheck.config import Policy
from schemacheck.events.gate import finding, stricter, weakened, weakened_by_event, weaker
from schemacheck.events.metadata import parse
from schemacheck.model import Level, Mode, Rule, Subject, Surface, Version
from schemacheck.report import fingerprint

PLACED, PAID = "schemas/orders/order_placed/v1.avsc", "schemas/payments/order_paid/v1.avsc"
BREAK = Rule(
    "avro/broken", "it broke", breaks=Mode.parse("FULL").directions, surface=Surface.WIRE, mirror=None,
    level=Level.ERROR,
)  # fmt: skip


def policy(text: str) -> Policy:
    return config.rooted(config.parse(text, config.FILE), ("schemas",))


def told(old: str, new: str, *paths: str) -> list[tuple[str, str]]:
    return list(weakened(policy(old), policy(new), paths or (PLACED, PAID), [BREAK]))


@pytest.mark.parametrize(
    ("old", "new", "words", "key"),
    [
        ("minimum = 2", "", "minimum is lowered from 2 to 1", "minimum"),
        ("", "notice_days = 30", "notice_days is lowered from 90 to 30", "notice_days"),
        ("", "max_waiver_days = 91", "max_waiver_days is raised from 90 to 91", "max_waiver_days"),
        ("", 'fail_on = "never"', "fail_on is lowered from error to never", "fail_on"),
        ('fail_on = "warning"', 'fail_on = "error"', "fail_on is lowered from warning to error", "fail_on"),
        ("strict_layout = true", "", "strict_layout is given up", "strict_layout"),
        (
            '[baseline]\npublished = ["main", "next"]',
            "",
            "[baseline] published is changed from main, next to nothing",
            "published",
        ),
        ("", '[baseline]\nremote = "up"', "[baseline] remote is changed from nothing to up", "remote"),
        (
            '[identity]\nregistry = "{topic}-value"',
            "",
            "the registry subject is no longer {topic}-value",
            "registry",
        ),
        ("", "[protobuf]\njson = false", "the JSON form of Protobuf messages would no longer be judged", "json"),
        (
            '[protobuf]\njson_unknown_fields = "rejected"',
            "",
            "readers of JSON are no longer said to reject unknown fields",
            "json_unknown_fields",
        ),
        (
            '[json_schema]\nopen_model = "strict"',
            "",
            "writers are now taken to emit only the properties that they declare",
            "open_model",
        ),
        (
            '[json_schema]\nopen_model = "strict"',
            '[json_schema]\nopen_model = "declared"',
            "writers are now taken to emit only the properties that they declare",
            "open_model",
        ),
        (
            '[json_schema]\nglobs = ["a/**/*.json"]',
            "",
            "files such as a/**/*.json are no longer schemas",
            "globs",
        ),
        (
            '[json_schema]\nglobs = ["a/*.json", "b/*.json"]',
            '[json_schema]\nglobs = ["c/*.json", "b/*.json"]',
            "files such as a/*.json are no longer schemas",
            "globs",
        ),
    ],
)  # fmt: skip
def test_a_limit_that_holds_less_is_named_and_the_way_back_is_free(old: str, new: str, words: str, key: str) -> None:
    assert [(words, key)] == told(old, new)
    assert [] == told(old, old)
    both_ways = key in ("published", "remote") or (key == "globs" and bool(new))
    assert both_ways == bool(told(new, old))


@pytest.mark.parametrize(
    ("new", "words", "key"),
    [
        ('exclude = ["schemas/orders/**"]', f"{PLACED} would no longer be judged", "exclude"),
        ('mode = "FULL"', f"the mode is lowered from FULL_TRANSITIVE to FULL for {PLACED}, {PAID}", "mode"),
        (
            '[[policy]]\npaths = ["schemas/orders/**"]\nmode = "NONE"',
            f"the mode is lowered from FULL_TRANSITIVE to NONE for {PLACED}",
            "mode",
        ),
        (
            '[levels]\n"avro/broken" = "warning"',
            f"lower levels, error to warning, of avro/broken for {PLACED}, {PAID}",
            "levels",
        ),
    ],
)  # fmt: skip
def test_what_holds_less_for_some_paths_names_them(new: str, words: str, key: str) -> None:
    strict = policy(new.replace('"avro/broken"', "wire") if "levels" in new else new)
    found = list(weakened(policy(""), strict, (PLACED, PAID), [BREAK]))
    assert [(words, key)] == found
    assert [] == list(weakened(strict, policy(""), (PLACED, PAID), [BREAK]))


def test_what_two_groups_of_paths_lose_alike_names_the_paths_of_both() -> None:
    table = '[[policy]]\npaths = ["schemas/orders/**"]\n'
    for lost, words, key in (
        ('mode = "FULL"', "the mode is lowered from FULL_TRANSITIVE to FULL", "mode"),
        ('[levels]\nwire = "warning"', "lower levels, error to warning, of avro/broken", "levels"),
    ):
        quiet = f"{lost}\n" if "mode" in lost else ""
        tail = "" if "mode" in lost else f"{lost}\n"
        old, new = f'{table}policy = "evolve"\n', f'{quiet}{table}policy = "evolve"\n{tail}'
        found = list(weakened(policy(old), policy(new), (PAID, PLACED), [BREAK]))
        assert [(f"{words} for {PLACED}, {PAID}", key)] == found


def test_a_root_that_is_dropped_names_what_lies_below_it() -> None:
    words = f"{PAID} would no longer be judged"
    assert (words, "roots") == told("", 'roots = ["schemas/orders"]')[0]


def test_of_many_paths_three_are_named() -> None:
    paths = [f"schemas/orders/order_{letter}/v1.avsc" for letter in "abcde"]
    ((words, _),) = told("", 'mode = "NONE"', *paths)
    assert words.endswith(f" for {', '.join(paths[:3])} and 2 more")
    ((words, _),) = told("", 'mode = "NONE"', *paths[:3])
    assert words.endswith(f" for {', '.join(paths[:3])}")


def test_a_layout_that_makes_another_version_of_a_published_file_is_named() -> None:
    layout = '[[layout]]\npath = "schemas/{domain}/{event}/v{version}.{ext}"\n'
    other = '[[layout]]\npath = "schemas/{event}/order_placed/v{version}.{ext}"\n'
    words = f"{PLACED} would be another event version, orders v1 instead of orders/order_placed v1"
    assert (words, "layout") in told(layout, other, PLACED)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("FULL", "BACKWARD", True),
        ("BACKWARD", "FULL", False),
        ("BACKWARD", "FORWARD", True),
        ("FULL_TRANSITIVE", "FULL", True),
        ("FULL", "FULL_TRANSITIVE", False),
        ("FULL", "FULL", False),
        ("NONE", "FULL", False),
    ],
)
def test_a_mode_is_weaker_if_it_lets_something_through_that_the_other_does_not(
    old: str, new: str, expected: bool
) -> None:
    assert expected == weaker(Mode.parse(old), Mode.parse(new))


def test_the_level_at_which_a_run_fails_sooner() -> None:
    order = [None, Level.ERROR, Level.WARNING, Level.INFO]
    for place, level in enumerate(order):
        for other in order[place:]:
            assert other == stricter(level, other) == stricter(other, level)


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ("replayable = true", "", [("the stream is no longer said to be replayable", "replayable")]),
        ('replayable = true\nretention = "forever"', 'retention = "forever"',
         [("the stream is no longer said to be replayable", "replayable")]),
        ('retention = "forever"', "", [('the retention is no longer "forever"', "retention")]),
        ('retention = "forever"', 'retention = "compacted"', []),
        ("", 'replayable = true\nretention = "forever"', []),
        ('consumers = ["b", "a"]', "", [("a, b is dropped together with v1, which it reads", "consumers")]),
        ('consumers = ["b", "a"]', 'consumers = ["a", "b"]', []),
    ],
)  # fmt: skip
def test_an_event_that_asks_less_of_itself_says_what(then: str, now: str, expected: list[tuple[str, str]]) -> None:
    full = Mode.parse("FULL")
    gone = [Subject("orders/order_placed", Version(1))]
    sides = parse(then, "event.toml"), parse(now, "event.toml")
    assert expected == list(weakened_by_event(*sides, (full, full), ("evolve", "evolve"), gone))
    assert [] == [one for one in weakened_by_event(*sides, (full, full), ("evolve", "evolve"), []) if "read" in one[0]
                  and one[1] == "consumers"]  # fmt: skip


def test_an_event_with_a_lower_mode_or_policy_says_so() -> None:
    both, one, empty = Mode.parse("FULL"), Mode.parse("BACKWARD"), parse("", "event.toml")
    found = list(weakened_by_event(empty, empty, (both, one), ("strict", "evolve"), []))
    assert [
        ("the mode is lowered from FULL to BACKWARD", "mode"),
        ("the policy is lowered from strict to evolve", "policy"),
    ] == found
    assert [] == list(weakened_by_event(empty, empty, (one, both), ("evolve", "strict"), []))


def test_the_finding_names_the_waiver_that_lets_it_pass() -> None:
    subject = Subject("orders/order_placed", Version(1))
    found = finding("it is weaker", Level.ERROR, "schemacheck.toml", 3, subject, "team")
    mark = fingerprint("event/policy-weakened", subject, "", {"what": "it is weaker"})
    assert mark == found.fingerprint
    assert (Level.ERROR, "schemacheck.toml", 3, "team") == (found.level, found.file, found.line, found.owner)
    assert "it is weaker" in found.message
    assert f"land it alone, waived by those who own the gate: schemacheck waive {mark}" == found.hint
