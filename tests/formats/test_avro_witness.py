"""The proof of a finding: complete over all cases, true when read again, and told in words that do not change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from avro_pairs import load
from avro_replay import decoded, encoded, replayed
from cases import Case, from_folders, from_pages

from schemacheck.formats.avro import FORMAT
from schemacheck.formats.avro.course import unnamed
from schemacheck.formats.avro.generate import LARGEST, Generator, sizes
from schemacheck.formats.avro.tree import Schema
from schemacheck.formats.avro.values import encode
from schemacheck.formats.avro.witness import UNSHOWN
from schemacheck.model import Change, Direction, Document, Subject, Surface, Version, Witness
from schemacheck.sources.tree import MemoryTree

WAYS = (Direction.BACKWARD, Direction.FORWARD)
CASES = [*from_folders("avro"), *from_pages("avro")]

# Wire breaks that fastavro does not show, so that a witness only tells what Java does.
TOLD = {
    "avro/field-alias-became-ambiguous": "fastavro decides by the order of fields",
    "avro/field-alias-was-ambiguous": "the same, for old readers",
    "avro/field-alias-cut-off-without-default": "fastavro applies aliases whatever the record's name is",
    "avro/field-alias-was-cut-off-without-default": "the same, for old readers",
    "avro/default-left-first-branch": "only Java before 1.12 refuses the schema",
    "avro/field-added-with-array-default-in-union": "only Java 1.12.0 and 1.12.1 fail",
    "avro/field-removed-with-array-default-in-union": "the same, for old readers",
    "avro/field-added-with-default-of-later-branch": "only Java fails",
    "avro/field-removed-with-default-of-later-branch": "the same, for old readers",
    "avro/default-became-invalid-under-alias": "fastavro does not rewrite the writer's schema",
    "avro/default-was-invalid-under-alias": "the same, for old readers",
    "avro/namespace-changed-in-union": "fastavro compares short names",
    "avro/type-renamed-with-alias": "the same, for an enum or fixed that moved with an alias",
    "avro/type-renamed-back": "the same, for new readers",
    "avro/type-alias-became-ambiguous": "fastavro compares names before aliases",
    "avro/type-alias-was-ambiguous": "the same, for old readers",
    "avro/type-changed": "fastavro does not compare the kinds of an enum and a fixed of one name",
}


def breaks(case: Case, old: Schema, new: Schema) -> Iterator[tuple[Change, Direction]]:
    """Every break of a case in every direction."""
    for change in FORMAT.diff(old, new):
        yield from ((change, direction) for direction in WAYS if direction in change.breaks)


def parsed(case: Case) -> Iterator[tuple[Schema, Schema]]:
    """Both sides of a case, and exchanged."""
    old, new = case.parse(case.before, "old"), case.parse(case.after, "new")
    assert isinstance(old, Schema)
    assert isinstance(new, Schema)
    yield old, new
    yield new, old


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_every_break_has_a_witness_that_is_true_when_read_again(case: Case) -> None:
    for old, new in parsed(case):
        for change, direction in breaks(case, old, new):
            witness = FORMAT.witness(old, new, change, direction)
            if change.rule.id in UNSHOWN:
                assert witness is None
                continue
            assert witness is not None, f"{change.rule.id} {direction.name}"
            check(old, new, change, direction, witness)


def check(old: Schema, new: Schema, change: Change, direction: Direction, witness: Witness) -> None:
    """What holds for every witness."""
    written = "old" if direction == Direction.BACKWARD else "new"
    assert (written, {"old": "new", "new": "old"}[written]) == (witness.written_by, witness.read_by)
    assert f"{witness.event}{witness.result}".isascii()
    assert "\n" not in witness.event
    mine, its = replayed(old, new, direction, witness)
    if witness.judge == "rule":
        assert change.rule.surface == Surface.MEANING or change.rule.id in TOLD
    elif change.rule.surface == Surface.WIRE:
        assert isinstance(its, Exception), witness
    else:
        assert isinstance(its, Exception) or repr(its) != repr(mine), witness  # 5 is not 5.0


def test_what_is_told_and_not_run_is_listed() -> None:
    """A stale entry fails: each rule of the list is met in a case where fastavro shows nothing."""
    told: Counter[str] = Counter()
    unshown: Counter[str] = Counter()
    for case in CASES:
        for old, new in parsed(case):
            for change, direction in breaks(case, old, new):
                witness = FORMAT.witness(old, new, change, direction)
                if witness is None:
                    unshown[change.rule.id] += 1
                elif witness.judge == "rule" and change.rule.surface == Surface.WIRE:
                    told[change.rule.id] += 1
    assert set(TOLD) == set(told)
    assert set(UNSHOWN) == set(unshown)


def record(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": "Order", "fields": list(fields)}


def field(kind: Any, name: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def shown(old: Any, new: Any, rule: str, direction: Direction) -> Witness:
    """The witness of a rule between two schemas."""
    before, after = load(old), load(new)
    change = next(change for change in FORMAT.diff(before, after) if change.rule.id == f"avro/{rule}")
    witness = FORMAT.witness(before, after, change, direction)
    assert witness is not None
    return witness


STATUS = {"type": "enum", "name": "Status", "symbols": ["NEW", "PAID", "LOST"]}
FEWER = STATUS | {"symbols": ["NEW", "PAID"]}
MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
MICROS = {"type": "long", "logicalType": "timestamp-micros"}
HIDDEN = "; fastavro reads it as written"
B, F = WAYS


@pytest.mark.parametrize(
    ("old", "new", "rule", "direction", "event", "result", "judge"),
    [
        ([field(STATUS)], [field(FEWER)], "enum-symbol-removed", B, {"x": "LOST"}, '"LOST" is not one of NEW, PAID', 1),
        (
            [field(STATUS)],
            [field(FEWER | {"default": "NEW"})],
            "enum-symbol-removed-under-default",
            B,
            {"x": "LOST"},
            'reads "NEW", and "LOST" was written',
            1,
        ),
        ([field("int")], [field("long")], "type-widened", F, {"x": 0}, 'found "long", expected "int"', 1),
        (
            [field(["null", "int"])],
            [field("int")],
            "made-non-nullable",
            B,
            {"x": None},
            'found "null", expected "int"',
            1,
        ),
        (
            [field("int")],
            [field(["string", "int", "boolean"])],
            "union-branch-added",
            F,
            {"x": {"string": ""}},
            'found "string", expected "int"',
            1,
        ),
        (
            [],
            [field("string", "y")],
            "field-added-without-default",
            B,
            {},
            'no value for field "y", and it has no default',
            1,
        ),
        (
            [field("int", "y", default=7)],
            [field("int", "z", default=0, aliases=["y"])],
            "field-renamed",
            F,
            {"z": 0},
            '"y" gets its default 7, and what "z" held is lost',
            1,
        ),
        (
            [field("long")],
            [field("double")],
            "type-widened-lossily",
            B,
            {"x": 2**53 + 1},
            "reads 9007199254740992, and 9007199254740993 was written",
            1,
        ),
        (
            [field("int")],
            [field("float")],
            "type-widened-lossily",
            B,
            {"x": 2**24 + 1},
            "Java reads 16777216, and 16777217 was written",
            0,
        ),
        (
            [field(MILLIS)],
            [field(MICROS)],
            "time-unit-changed",
            B,
            {"x": 1700000000000},
            f"Java reads 1970-01-20T16:13:20Z, and 2023-11-14T22:13:20Z was written (stored as 1700000000000){HIDDEN}",
            0,
        ),
        (
            [field({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2})],
            [field({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 4})],
            "decimal-scale-changed",
            B,
            {"x": "\u0004\u00d2"},
            f"Java reads 0.1234, and 12.34 was written{HIDDEN}",
            0,
        ),
        (
            [field("bytes")],
            [field("string")],
            "bytes-changed-to-string",
            B,
            {"x": "\u00ff"},
            r'fastavro fails, the bytes are not UTF-8; Java reads the text "\ufffd" and says nothing',
            1,
        ),
        (
            [field("int", "a", default=1)],
            [field("int", "a", default=1), field("int", "b", default=2, aliases=["a"])],
            "field-alias-became-ambiguous",
            B,
            {"a": 0},
            'Java takes "a" for "b", so "a" gets its default',
            0,
        ),
        (
            [field("string")],
            [field({"type": "string", "logicalType": "uuid"})],
            "parsed-logical-type-added",
            B,
            {"x": "abc"},
            'Java fails: "abc" is no UUID',
            0,
        ),
    ],
)
def test_a_witness_is_the_plainest_event_and_says_what_comes_of_it(
    old: Any, new: Any, rule: str, direction: Direction, event: Any, result: str, judge: bool
) -> None:
    witness = shown(record(*old), record(*new), rule, direction)
    assert (event, result) == (json.loads(witness.event), witness.result)
    assert ("fastavro" if judge else "rule") == witness.judge


def test_a_break_beside_another_is_told_apart() -> None:
    old = record(field("int"), field(STATUS, "s"), field(["null", "string"], "n"))
    new = record(field("string"), field(FEWER, "s"), field("string", "n"), field("long", "added"))
    told = {rule: shown(old, new, rule, B) for rule in ("type-changed", "enum-symbol-removed", "made-non-nullable")}
    assert 'found "int", expected "string"' == told["type-changed"].result
    assert '"LOST" is not one of NEW, PAID' == told["enum-symbol-removed"].result
    assert 'found "null", expected "string"' == told["made-non-nullable"].result
    # Wherever the event has a choice, it takes what the reader understands.
    assert {"x": 0, "s": "NEW", "n": {"string": ""}} == json.loads(told["type-changed"].event)


def test_a_witness_leads_through_unions_arrays_maps_and_references() -> None:
    node = {"type": "record", "name": "shop.Node", "fields": [field("int", "v"), field(["null", "shop.Node"], "next")]}
    old = record(field(["null", {"type": "map", "values": {"type": "array", "items": node}}]), field("shop.Node", "y"))
    text = json.dumps(old).replace('"int"', '"string"')
    witness = shown(old, json.loads(text), "type-changed", B)
    assert 'found "int", expected "string"' == witness.result
    assert {"v": 0, "next": None} == json.loads(witness.event)["y"]


def test_a_witness_does_not_depend_on_what_was_asked_before() -> None:
    old = record(field("int", "a", default=7), field(STATUS), field("long", "l"))
    new = record(field("int", "b", default=7, aliases=["a"]), field(FEWER), field("int", "l"))
    before, after = load(old), load(new)
    changes = [change for change in FORMAT.diff(before, after) if change.breaks]
    told = [FORMAT.witness(before, after, change, way) for change in changes for way in WAYS]
    again = load(old), load(new)
    back = [FORMAT.witness(*again, change, way) for change in changes[::-1] for way in reversed(WAYS)]
    assert told == back[::-1]


# The two readings, as fastavro reads them when the number was written with the one schema and with the other.
TIMES = [
    "timestamp-millis",
    "timestamp-micros",
    "local-timestamp-millis",
    "local-timestamp-micros",
    "time-micros",
]


@pytest.mark.parametrize("one", TIMES)
@pytest.mark.parametrize("other", TIMES)
def test_both_readings_of_a_time_are_those_of_a_decoder(one: str, other: str) -> None:
    old, new = (load(record(field({"type": "long", "logicalType": name}))) for name in (one, other))
    for change in FORMAT.diff(old, new):
        witness = FORMAT.witness(old, new, change, B)
        assert witness is not None
        match = re.fullmatch(r"Java reads (.+), and (.+) was written \(stored as (\d+)\).*", witness.result)
        assert match, witness
        raw = encoded(old, witness.event)
        meant = decoded(raw, old, None, logical=True)["x"]
        assert type(meant).fromisoformat(match[2]) == meant
        try:
            taken = decoded(raw, new, None, logical=True)["x"]
        except (OverflowError, ValueError):  # beyond the year 9999, or a time of more than a day
            assert not re.match(r"\d\d\d\d-", match[1])
        else:
            assert type(taken).fromisoformat(match[1]) == taken


def test_a_decimal_of_more_digits_is_one_that_its_writer_may_write() -> None:
    narrow, wide = (
        record(field({"type": "bytes", "logicalType": "decimal", "precision": digits, "scale": 2})) for digits in (4, 6)
    )
    witness = shown(wide, narrow, "decimal-precision-decreased", B)
    assert "reads 100.00, which has 5 digits where 4 were promised" == witness.result
    assert decoded(encoded(load(wide), witness.event), load(wide), None, logical=True)["x"] == 100


# --- the generator ----------------------------------------------------------------------------------------------------


def test_varied_events_take_every_branch_symbol_and_size_in_every_place() -> None:
    fields = [field(["null", STATUS]), field({"type": "array", "items": "int"}, "y")]
    part = {"type": "record", "name": "P", "fields": fields}
    schema = load(record(field(part, "a"), field("P", "b"), field({"type": "map", "values": "P"}, "m")))
    generator = Generator(schema)
    varied = generator.varied(schema.root)
    events = [decoded(encode(next(varied)), schema, None) for _ in range(60)]
    for name in ("a", "b"):
        assert {None, "NEW", "PAID", "LOST"} == {unnamed(event[name]["x"]) for event in events}
        assert {0, 1, 2} == {len(event[name]["y"]) for event in events}
    assert {0, 1, 2} == {len(event["m"]) for event in events}


def doubling(levels: int) -> dict[str, Any]:
    """A record whose smallest value holds 2**levels numbers: each type stands twice in the next."""
    inner: Any = {"type": "record", "name": "R0", "fields": [field("int", "a")]}
    for level in range(levels):
        fields = [field(inner, "a"), field(f"R{level}", "b")]
        inner = {"type": "record", "name": f"R{level + 1}", "fields": fields}
    return record(field(inner))


def test_an_event_that_must_be_huge_is_not_made() -> None:
    old = doubling(40)
    schema = load(old)
    assert isinstance(schema, Schema), schema
    assert LARGEST < sizes(schema)[id(schema.node(schema.root))]
    new = load(json.loads(json.dumps(old).replace('"int"', '"string"')))
    (change,) = FORMAT.diff(schema, new)
    assert FORMAT.witness(schema, new, change, B) is None


def test_a_fixed_of_two_gigabytes_is_not_made() -> None:
    old, new = (load(record(field({"type": "fixed", "name": "X", "size": size}))) for size in (2**31 - 1, 2**30))
    (change,) = FORMAT.diff(old, new)
    assert FORMAT.witness(old, new, change, B) is None


def test_optional_branches_that_are_huge_are_left_out() -> None:
    huge = {"type": "fixed", "name": "X", "size": 2**31 - 1}
    old, new = (record(field(kind), field(["null", huge], "y")) for kind in ("int", "string"))
    witness = shown(old, new, "type-changed", B)
    assert {"x": 0, "y": None} == json.loads(witness.event)


def test_a_chain_of_many_types_ends_without_a_traceback() -> None:
    def chain(kind: str) -> Schema:
        inner: Any = {"type": "record", "name": "R0", "fields": [field(kind)]}
        for level in range(1, 60):
            inner = {"type": "record", "name": f"R{level}", "fields": [field(inner)]}
        return load(inner)

    old, new = chain("int"), chain("string")
    assert isinstance(old, Schema), old
    (change,) = FORMAT.diff(old, new)
    witness = FORMAT.witness(old, new, change, B)
    assert witness is not None
    assert 'found "int", expected "string"' == witness.result


def test_a_published_schema_that_fastavro_refuses_has_no_witness_and_stays_a_finding() -> None:
    def event(first: str, **more: str) -> dict[str, object]:
        fields = [{"name": "a", "type": first}, {"name": "b", "type": "long", **more}]
        return {"type": "record", "name": "Event", "fields": fields}

    path = "event.avsc"
    tree = MemoryTree("then", {path: json.dumps(event("int", default="x")).encode()})
    document = Document(Subject("event", Version(1)), "avro", path, tree)
    old = FORMAT.open(tree, {}).parse([document], published=True)[path]
    new = load(event("string"))
    changes = [change for change in FORMAT.diff(old, new) if Direction.BACKWARD & change.breaks]
    assert ["avro/type-changed"] == [change.rule.id for change in changes]
    assert [None] == [FORMAT.witness(old, new, change, Direction.BACKWARD) for change in changes]
