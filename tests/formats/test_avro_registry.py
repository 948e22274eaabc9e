"""What a registry would say. The words are those of Apache Avro's `SchemaCompatibility` for Java 1.12.1, taken from a
run; the verdicts are compared with its port for Python over generated pairs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from avro_pairs import load, pairs
from avro_replay import sides

from schemacheck.formats.avro import FORMAT
from schemacheck.formats.avro.portable import portable
from schemacheck.formats.avro.tree import Schema
from schemacheck.model import Direction

WAYS = (Direction.BACKWARD, Direction.FORWARD)
B, F = WAYS


def record(*fields: dict[str, Any], name: str = "Order") -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields)}


def field(kind: Any, name: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


STATUS = {"type": "enum", "name": "Status", "symbols": ["NEW", "PAID", "LOST"]}
HASH = {"type": "fixed", "name": "Hash", "size": 16}


@pytest.mark.parametrize(
    ("old", "new", "direction", "said"),
    [
        (record(), record(), B, []),
        (record(), record(name="Other"), B, ["NAME_MISMATCH at /name: expected: Order"]),
        (record(), record(field("int")), B, ["READER_FIELD_MISSING_DEFAULT_VALUE at /fields/0: x"]),
        (record(field("int")), record(), F, ["READER_FIELD_MISSING_DEFAULT_VALUE at /fields/0: x"]),
        (
            record(field("long")),
            record(field("int")),
            B,
            ["TYPE_MISMATCH at /fields/0/type: reader type: INT not compatible with writer type: LONG"],
        ),
        (
            record(field(STATUS)),
            record(field(STATUS | {"symbols": ["NEW"]})),
            B,
            ["MISSING_ENUM_SYMBOLS at /fields/0/type/symbols: [LOST, PAID]"],
        ),
        (record(field(STATUS)), record(field(STATUS | {"symbols": ["NEW"], "default": "NEW"})), B, []),
        (
            record(field(HASH)),
            record(field(HASH | {"size": 20})),
            B,
            ["FIXED_SIZE_MISMATCH at /fields/0/type/size: expected: 16, found: 20"],
        ),
        (
            record(field(["null", "string"])),
            record(field(["null", "int"])),
            B,
            ["MISSING_UNION_BRANCH at /fields/0/type/1: reader union lacking writer type: STRING"],
        ),
        (
            record(field(["null", "string"])),
            record(field("string")),
            B,
            ["TYPE_MISMATCH at /fields/0/type/0: reader type: STRING not compatible with writer type: NULL"],
        ),
        (
            record(field({"type": "array", "items": "int"})),
            record(field({"type": "array", "items": "string"})),
            B,
            ["TYPE_MISMATCH at /fields/0/type/items: reader type: STRING not compatible with writer type: INT"],
        ),
        (
            record(field("int", "a"), field("int", "b")),
            record(field("int", "c", aliases=["a", "b"])),
            B,
            ['reader record field "c" matches multiple fields in writer record "Order"'],
        ),
        # Where it is blind: units, and a value that only the default replaces.
        (
            record(field({"type": "long", "logicalType": "timestamp-millis"})),
            record(field({"type": "long", "logicalType": "timestamp-micros"})),
            B,
            [],
        ),
        (record(field("int", "a")), record(field("int", "a"), field("int", "b", default=0, aliases=["a"])), B, []),
    ],
)
def test_the_registry_says_what_java_says(old: Any, new: Any, direction: Direction, said: list[str]) -> None:
    assert said == list(FORMAT.registry(load(old), load(new), direction) or ())


def recursive(kind: str, namesake: bool, order: tuple[str, str]) -> Schema:
    """An event with x.A{b: x.B, bad} and x.B{a: [null, x.A]}; the reader may have a namesake of A that fits."""
    b = {"type": "record", "name": "x.B", "fields": [field(["null", "x.A"], "a")]}
    a = {"type": "record", "name": "x.A", "fields": [field(b, "b"), field(kind, "bad")]}
    other = {"type": "record", "name": "y.A", "fields": [field("x.B", "b"), field("int", "bad")]}
    fields = {"u": field([a, other] if namesake else a, "u"), "q": field("x.B", "q")}
    return load(record(*(fields[name] for name in order)))


def test_in_a_recursion_the_order_of_fields_decides_for_a_registry_and_not_for_us() -> None:
    """The registry's check takes a pair in progress for compatible, and stores what it concluded from that."""
    orders = (("u", "q"), ("q", "u"))
    old, new = ([recursive(kind, more, order) for order in orders] for kind, more in (("int", False), ("string", True)))
    accepted = [not FORMAT.registry(before, after, B) for before, after in zip(old, new, strict=True)]
    assert [True, False] == accepted
    for before, after in zip(old, new, strict=True):
        breaking = {change.rule.id for change in FORMAT.diff(before, after) if B in change.breaks}
        assert "avro/type-changed" in breaking


def test_types_that_nest_too_deep_are_not_known() -> None:
    def chain(kind: str) -> Schema:
        names: list[Any] = [{"type": "record", "name": "R0", "fields": [field(kind)]}]
        names += [{"type": "record", "name": f"R{i}", "fields": [field(f"R{i - 1}")]} for i in range(1, 450)]
        return load([*names[::-1]])

    assert FORMAT.registry(chain("int"), chain("string"), B) is None


@pytest.mark.filterwarnings("ignore")  # of the avro package about its own schemas
def test_the_port_for_python_finds_the_same() -> None:
    """Verdict and kinds of objections, over 5,000 checks; it differs in one thing only."""
    import avro.compatibility
    import avro.schema

    met: Counter[str] = Counter()
    for pair in pairs(range(5000, 7500)):
        for direction in WAYS:
            said = FORMAT.registry(pair.old, pair.new, direction)
            assert said is not None
            if any("matches multiple fields" in message for message in said):
                met["thrown by Java alone"] += 1  # the port takes the first of the fields
                continue
            writer, reader = (avro.schema.parse(json.dumps(portable(s))) for s in sides(pair.old, pair.new, direction))
            result = avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
            kinds = {kind.name.upper() for kind in result.incompatibilities}
            assert kinds == {message.partition(" ")[0] for message in said}, f"{said} {pair}"
            met["accepted" if not said else "refused"] += 1
    assert {"thrown by Java alone", "accepted", "refused"} == set(met)
    assert met["refused"] > 1000
