"""`event.toml`, read: every key, and every mistake with its place."""

from __future__ import annotations

from datetime import date

import pytest

from schemacheck.errors import UsageError
from schemacheck.events.metadata import Entry, Metadata, Status, parse, published
from schemacheck.model import Mode, Version

DATE = "the date, since the version is deprecated"
SUCCESSOR = 'a version such as 3, or "none"'
NUMBER = "a version such as 2 or 1beta1, each once"
EVENT_KEYS = (
    "kind, owner, consumers, retention, replayable, mode, policy, topic, subject, aggregate, saga, "
    "name_exempt, versions"
)
WHOLE = """
kind = "domain"
owner = "team"
consumers = ["billing", "dwh"]
retention = "14d"
replayable = true
mode = "BACKWARD"
policy = "strict"
topic = "orders"
subject = "orders-value"
aggregate = "order"
saga = true
name_exempt = "old"
[versions.1]
status = "retired"
retired = 2026-03-01
[versions.v2]
deprecated = 2026-01-01
sunset = 2026-01-01
replaced_by = 3
consumers = []
upcast = "up.py"
[versions.3]
status = "active"
replaced_by = "none"
[versions.4beta1]
replaced_by = "v4"
"""


def test_every_key_is_read() -> None:
    day, v1, v2, v3 = date(2026, 1, 1), Version(1), Version(2), Version(3)
    beta = Version.parse("v4beta1")
    assert beta is not None
    versions = {
        v1: Entry(v1, Status.RETIRED, retired=date(2026, 3, 1), line=14),
        v2: Entry(v2, Status.DEPRECATED, day, day, None, v3, (), "up.py", 17),
        v3: Entry(v3, Status.ACTIVE, replaced_by="none", line=23),
        beta: Entry(beta, Status.ACTIVE, replaced_by=Version(4), line=26),
    }
    keys = ("kind", "owner", "consumers", "retention", "replayable", "mode", "policy", "topic", "subject", "aggregate")
    lines = {key: line for line, key in enumerate((*keys, "saga", "name_exempt", "versions"), 2)}
    found = parse(WHOLE, "e.toml")
    assert found == Metadata(
        path="e.toml",
        kind="domain",
        owner="team",
        consumers=("billing", "dwh"),
        retention="14d",
        replayable=True,
        mode=Mode.parse("BACKWARD"),
        policy="strict",
        topic="orders",
        subject="orders-value",
        aggregate="order",
        saga=True,
        name_exempt="old",
        versions=versions,
        lines=found.lines,
    )
    assert lines == {**found.lines, "versions": 14}
    assert [v1] == found.tombstones
    assert ("billing", "dwh") == found.consumers_of(v3)
    assert () == found.consumers_of(v2)
    assert Status.ACTIVE is found.status(Version(9))


def test_what_nobody_says_is_active_and_read_by_nobody() -> None:
    found = parse("", "e.toml")
    assert found == Metadata("e.toml")
    assert ((), [], 0, "") == (found.consumers, found.tombstones, found.kept_days, found.endless)


@pytest.mark.parametrize(
    ("text", "days", "endless"),
    [
        ('retention = "14d"', 14, ""),
        ('retention = "compacted"', 0, 'its retention is "compacted"'),
        ('retention = "forever"', 0, 'its retention is "forever"'),
        ('replayable = true\nretention = "14d"', 14, "it is replayable"),
    ],
)
def test_how_long_records_are_kept(text: str, days: int, endless: str) -> None:
    found = parse(text, "e.toml")
    assert (days, endless) == (found.kept_days, found.endless)


@pytest.mark.parametrize(
    ("text", "line", "key", "expected"),
    [
        ('[versions.1]\nstatus = "deprecated"\nsunset = 2026-01-01\n', 1, "versions.1.deprecated", DATE),
        ('[versions.1]\nstatus = "deprecated"\ndeprecated = 2026-01-01\n', 1, "versions.1.sunset", DATE),
        ("[versions.1]\ndeprecated = 2026-01-01\n", 1, "versions.1.sunset", DATE),
        ("[versions.1]\nsunset = 2026-01-01\n", 1, "versions.1.deprecated", DATE),
        (
            "[versions.1]\ndeprecated = 2026-02-01\nsunset = 2026-01-01\n",
            3,
            "versions.1.sunset",
            "a day after its deprecation",
        ),
        ('[versions.1]\nstatus = "retired"\n', 1, "versions.1.retired", "the date, since the version is retired"),
        (
            '[versions.1]\nstatus = "active"\nretired = 2026-01-01\n',
            2,
            "versions.1.status",
            '"retired", since there is a date for it',
        ),
        (
            '[versions.1]\nstatus = "active"\nsunset = 2026-01-01\n',
            2,
            "versions.1.status",
            '"deprecated", since there is a date for it',
        ),
        (
            '[versions.1]\nstatus = "active"\ndeprecated = 2026-01-01\n',
            2,
            "versions.1.status",
            '"deprecated", since there is a date for it',
        ),
        ('[versions.1]\nreplaced_by = "two"\n', 2, "versions.1.replaced_by", SUCCESSOR),
        ("[versions.1]\nreplaced_by = true\n", 2, "versions.1.replaced_by", SUCCESSOR),
        ("[versions.1]\nreplaced_by = 1.5\n", 2, "versions.1.replaced_by", SUCCESSOR),
        ('retention = "long"\n', 1, "retention", '"14d", "compacted" or "forever"'),
        ('[versions.first]\nupcast = "x"\n', 1, "versions.first", NUMBER),
        ('[versions.1]\nupcast = "x"\n[versions.v1]\nupcast = "y"\n', 3, "versions.v1", NUMBER),
        ('kind = "odd"\n', 1, "kind", "one of domain, command, notification"),
        ('owner = "x"\nodd = 1\n', 2, "odd", f"one of {EVENT_KEYS}"),
        (
            "[versions.1]\nodd = 1\n",
            2,
            "versions.1.odd",
            "one of status, deprecated, sunset, retired, replaced_by, consumers, upcast",
        ),
        ('[versions.1]\nstatus = "odd"\n', 2, "versions.1.status", "one of active, deprecated, retired"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_would_be_right(
    text: str, line: int, key: str, expected: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "e.toml")
    assert f'e.toml:{line}: the key "{key}" is not understood here' == caught.value.message
    assert f"expected {expected}" == caught.value.hint


def test_what_is_wrong_in_a_published_file_is_left_out_and_the_rest_holds() -> None:
    found = published('owner = "team"\nkind = "odd"\n', "e.toml")
    assert ("team", None) == (found.owner, found.kind)
    assert published("= no toml", "e.toml") == Metadata("e.toml")
