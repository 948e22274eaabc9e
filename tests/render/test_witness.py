"""What a report shows of a proof and of a registry's opinion, as text and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemacheck import check, config, docs
from schemacheck.model import Baseline, Level
from schemacheck.render import json as as_json
from schemacheck.render import text as as_text
from schemacheck.report import Report
from schemacheck.sources.tree import MemoryTree, TreeSource

PATH = "schemas/orders/order_placed/v1.avsc"
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}


def event(*fields: tuple[str, Any]) -> bytes:
    made = [{"name": name, "type": kind} for name, kind in fields]
    return json.dumps(
        {"type": "record", "name": "OrderPlaced", "namespace": "orders.v1", "fields": made}, indent=1
    ).encode()


def report_on(before: bytes, after: bytes, command: str, **levels: Level) -> Report:
    published = TreeSource(Baseline("dir", "before", rung="explicit"), MemoryTree("before", {PATH: before}))
    current = TreeSource(Baseline("dir", "after"), MemoryTree("after", {PATH: after}))
    policy = config.Policy(levels={f"avro/{rule.replace('_', '-')}": level for rule, level in levels.items()})
    return check.run(command, current, [published], config.rooted(policy, ("schemas",)))


@pytest.mark.parametrize("command", ["check", "diff"])
def test_a_break_that_no_registry_sees_is_shown_with_both_readings(command: str) -> None:
    lines = as_text.render(report_on(event(("at", MILLIS)), event(("at", MICROS)), command)).splitlines()
    assert '    event   {"at": 1700000000000}   written by old' in lines
    result = "read by new: Java reads 1970-01-20T16:13:20Z, and 2023-11-14T22:13:20Z was written"
    assert any(line.startswith(f"    result  {result}") for line in lines)
    assert 1 == sum("a registry would accept this, and readers break" in line for line in lines)


def test_what_a_registry_sees_too_is_not_told_twice() -> None:
    text = as_text.render(report_on(event(("a", "int")), event(("a", "string")), "check"))
    assert "registry" not in text


@pytest.mark.parametrize("command", ["check", "diff"])
def test_what_only_a_registry_refuses_is_told_with_its_words(command: str) -> None:
    off = {"type_widened": Level.OFF}
    text = as_text.render(report_on(event(("a", "int")), event(("a", "long")), command, **off))
    said = "TYPE_MISMATCH at /fields/0/type: reader type: INT not compatible with writer type: LONG"
    assert f"a registry would refuse this, though no reader breaks: {said}\n" in text


def test_the_json_report_has_the_whole_event_and_the_registrys_verdict() -> None:
    many = [(f"part_{number}", "string") for number in range(80)]
    report = report_on(event(*many, ("at", "int")), event(*many, ("at", "string")), "check")
    document = json.loads(as_json.render(report))
    (subject,) = document["subjects"]
    assert "rejects" == subject["registry"]["verdict"]
    witness = next(f["witness"] for f in document["findings"] if f["rule"] == "avro/type-changed")
    assert [name for name, _ in (*many, ("at", ""))] == list(json.loads(witness["event"]))
    assert ("old", "new", "fastavro") == (witness["written_by"], witness["read_by"], witness["judge"])
    text = as_text.render(report)
    shown = next(line for line in text.splitlines() if line.startswith("    event"))
    assert len(shown) < 500
    assert '..."part_' not in shown
    assert "more... " in shown
    assert 'found "int", expected "string"' in text


def test_a_rule_is_explained_with_the_event_of_its_example() -> None:
    told = docs.explanation("avro/enum-symbol-removed")
    assert told.endswith(
        "## Proof\n\n"
        'An event written by the old schema: {"status": "CANCELLED"}\n'
        'Read by the new schema: "CANCELLED" is not one of NEW, PAID'
    )


@pytest.mark.parametrize("rule", ["avro/field-added", "avro/default-changed", "event/mutated"])
def test_a_rule_that_no_event_shows_is_explained_without(rule: str) -> None:
    assert "## Proof" not in docs.explanation(rule)


@pytest.mark.parametrize("rule", [rule for rule in docs.all_rules() if rule.startswith("avro/")])
def test_every_rule_can_be_explained_in_ascii(rule: str) -> None:
    _, _, proof = docs.explanation(rule).partition("## Proof")
    assert proof.isascii()
