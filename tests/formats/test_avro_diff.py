"""What edits of types that are shared, claimed or read in one direction alone give. Edits by rule are cases."""

from __future__ import annotations

from typing import Any

import pytest
from avro_pairs import load

from schemacheck.formats.avro import FORMAT
from schemacheck.model import Change


def record(*fields: tuple[Any, ...], name: str = "p.R") -> dict[str, Any]:
    """A record of fields, each a name, a type, and what else it says."""
    members = [{"name": field, "type": kind, **(more[0] if more else {})} for field, kind, *more in fields]
    return {"type": "record", "name": name, "fields": members}


def symbols(*names: str, name: str = "p.E") -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": [*names]}


def changes(old: Any, new: Any) -> list[Change]:
    return list(FORMAT.diff(load(old), load(new)))


def told(old: Any, new: Any) -> list[str]:
    """The facts as `rule (direction) where`."""
    return [f"{c.rule.id.partition('/')[2]} ({c.breaks.name}) {c.where}" for c in changes(old, new)]


DECIMAL = {
    "type": "bytes",
    "connect.name": "org.apache.kafka.connect.data.Decimal",
    "connect.parameters": {"scale": "2"},
}
LOGICAL = {**DECIMAL, "logicalType": "decimal", "precision": 9, "scale": 2}


def scaled(kind: dict[str, Any], scale: int) -> dict[str, Any]:
    found = {**kind, "connect.parameters": {"scale": str(scale)}}
    return {**found, "scale": scale} if "scale" in kind else found


ONE, TWO = {"x": "1"}, {"x": "1", "y": "2"}


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        pytest.param(
            record(("a", symbols("A")), ("b", "p.E")),
            record(("a", symbols("A", "B")), ("c", "p.E", {"aliases": ["b"]})),
            ["enum-symbol-added (FORWARD) R.a", "field-renamed-without-default (FORWARD) R.c"],
            ["enum-symbol-removed (BACKWARD) R.a", "field-renamed-back-without-default (BACKWARD) R.b"],
            id="a type that one field leads to both ways and another one way",
        ),
        pytest.param(
            record(("b", symbols("A")), ("a", "p.E")),
            record(("c", symbols("A", "B"), {"aliases": ["b"]}), ("a", "p.E")),
            ["field-renamed-without-default (FORWARD) R.c", "enum-symbol-added (FORWARD) R.c"],
            ["field-renamed-back-without-default (BACKWARD) R.b", "enum-symbol-removed (BACKWARD) R.b"],
            id="the same, the other way first",
        ),
        pytest.param(
            record(("a", symbols("A")), ("b", ["null", "p.E"])),
            record(("a", symbols("A", name="r.E")), ("b", ["null", symbols("A", name="q.E"), "r.E"])),
            [
                "namespace-changed-in-union (FORWARD) R.a",
                "namespace-changed (BACKWARD) R.a",
                "namespace-changed-in-union (FULL) R.b<q.E>",
                "same-name-branch-added (FORWARD) R.b<r.E>",
            ],
            [
                "namespace-changed-in-union (BACKWARD) R.a",
                "namespace-changed (FORWARD) R.a",
                "namespace-changed-in-union (FULL) R.b<E>",
                "same-name-branch-removed (BACKWARD) R.b<r.E>",
            ],
            id="a type that is met by its place and as a namesake",
        ),
        *(
            pytest.param(
                record(("a", scaled(kind, 2))),
                record(("a", scaled(kind, 3))),
                ["decimal-scale-changed (FULL) R.a"],
                ["decimal-scale-changed (FULL) R.a"],
                id=f"the scale of a decimal that {who} says",
            )
            for kind, who in ((DECIMAL, "Connect"), (LOGICAL, "everything"))
        ),
        *(
            pytest.param(
                record(("a", {"type": "string", "connect.parameters": more} if more else "string")),
                record(("a", {"type": "string", "connect.parameters": fewer} if fewer else "string")),
                ["connect-parameter-changed (FULL) R.a"],
                ["connect-parameter-changed (FULL) R.a"],
                id=f"{len(more)} parameters of Connect that became {len(fewer)}",
            )
            for more, fewer in ((ONE, {}), (TWO, ONE))
        ),
        pytest.param(
            record(("a", {"type": "int", "logicalType": "date", "x": 1})),
            record(("a", {"type": "int", "logicalType": "time-millis", "y": 1})),
            ["logical-type-changed (FULL) R.a", "property-added (NONE) R.a", "property-removed (NONE) R.a"],
            ["logical-type-changed (FULL) R.a", "property-added (NONE) R.a", "property-removed (NONE) R.a"],
            id="properties beside those that are told as a logical type",
        ),
        pytest.param(
            record(("a", ["null", "string"])),
            record(("a", ["double", "long"])),
            [
                "union-branch-added (FORWARD) R.a<double>",
                "union-branch-added (FORWARD) R.a<long>",
                "made-non-nullable (BACKWARD) R.a",
                "union-branch-removed (BACKWARD) R.a<string>",
            ],
            [
                "made-nullable (FORWARD) R.a",
                "union-branch-added (FORWARD) R.a<string>",
                "union-branch-removed (BACKWARD) R.a<double>",
                "union-branch-removed (BACKWARD) R.a<long>",
            ],
            id="branches that shadow one another, and nobody wrote",
        ),
        pytest.param(
            record(("a", ["long", "double"])),
            record(("a", ["double", "long"])),
            ["unions-reordered (NONE) R.a", "union-branch-shadowed (BACKWARD) R.a"],
            ["unions-reordered (NONE) R.a", "union-branch-unshadowed (FORWARD) R.a"],
            id="branches that shadow one another now",
        ),
        pytest.param(
            record(("a_b", "string", {"default": ""})),
            record(("aB", "string")),
            ["field-added-without-default (BACKWARD) R.aB", "field-removed (NONE) R.a_b"],
            ["field-added (NONE) R.a_b", "field-removed-without-default (FORWARD) R.aB"],
            id="a field with another name and no default",
        ),
        pytest.param(
            record(("a_b", "string", {"default": ""})),
            record(("aB", "string", {"default": ""})),
            ["field-renamed-without-alias (FULL) R.aB", "field-added (NONE) R.aB", "field-removed (NONE) R.a_b"],
            ["field-renamed-without-alias (FULL) R.a_b", "field-added (NONE) R.a_b", "field-removed (NONE) R.aB"],
            id="a field with another name and a default that hides it",
        ),
        pytest.param(
            record(("a_b", "string", {"default": ""})),
            record(("aB", "int", {"default": 1})),
            ["field-added (NONE) R.aB", "field-removed (NONE) R.a_b"],
            ["field-added (NONE) R.a_b", "field-removed (NONE) R.aB"],
            id="a field with another name and another type",
        ),
        pytest.param(
            record(("a", "int", {"default": 1})),
            record(("a", ["null", "int"], {"default": 1})),
            ["default-left-first-branch (BACKWARD) R.a", "made-nullable (FORWARD) R.a"],
            ["default-joined-first-branch (NONE) R.a", "made-non-nullable (BACKWARD) R.a"],
            id="a default that stays while its type becomes a later branch",
        ),
        pytest.param(
            record(("a", ["int", "null"], {"default": 1})),
            record(("a", ["null", "int"], {"default": 1})),
            ["default-left-first-branch (BACKWARD) R.a", "unions-reordered (NONE) R.a"],
            ["default-joined-first-branch (NONE) R.a", "unions-reordered (NONE) R.a"],
            id="a default that stays while the branches change places",
        ),
        pytest.param(
            record(("a", {"type": "fixed", "name": "F", "size": 2})),
            record(("a", symbols("A", name="F"))),
            ["type-changed (FULL) R.a"],
            ["type-changed (FULL) R.a"],
            id="a fixed that became an enum",
        ),
        pytest.param(
            record(("a", "string"), ("z", "int")),
            record(("b", "string", {"aliases": ["a"], "default": ""}), ("z", "int"), name="p.Q"),
            [
                "root-renamed (FULL) Q",
                "type-renamed (FULL) Q",
                "field-renamed-without-default (FORWARD) Q.b",
                "field-alias-cut-off (BACKWARD) Q.b",
                "default-added (NONE) Q.b",
            ],
            [
                "root-renamed (FULL) R",
                "type-renamed (FULL) R",
                "field-renamed-back-without-default (BACKWARD) R.a",
                "field-alias-was-cut-off (FORWARD) R.a",
                "default-removed (NONE) R.a",
            ],
            id="an alias that the name of its record hides",
        ),
    ],
)
def test_an_edit_gives_these_facts_and_undone_those(old: Any, new: Any, there: list[str], back: list[str]) -> None:
    assert there == told(old, new)
    assert back == told(new, old)


@pytest.mark.parametrize(
    ("names", "clash"),
    [("bc", '"b" and "c" both claim "a"'), ("bcd", '"b" and "c" and "d" all claim "a"')],
)
def test_fields_that_claim_one_name_are_all_named(names: str, clash: str) -> None:
    old = record(("a", "string"))
    new = record(*((name, "string", {"aliases": ["a"], "default": ""}) for name in names))
    for found, rule in ((changes(old, new), "became"), (changes(new, old), "was")):
        said = [c.values["clash"] for c in found if c.rule.id == f"avro/field-alias-{rule}-ambiguous"]
        assert [clash] == said


def test_a_default_of_an_enum_is_told_only_where_there_is_one() -> None:
    plain, more = symbols("A"), symbols("A", "B")
    assert [{"symbol": "B"}] == [dict(c.values) for c in changes(plain, more)]
    plain, more = ({**kind, "default": "A"} for kind in (plain, more))
    assert [{"symbol": "B", "default": "A"}] == [dict(c.values) for c in changes(plain, more)]
