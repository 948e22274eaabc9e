"""JSON Schema files as people and enemies write them: each ends as a schema, or as a problem with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from formats.json_schema_pairs import DRAFTS

from schemacheck import formats
from schemacheck.errors import NotChecked
from schemacheck.formats.json_schema.diff import judged
from schemacheck.formats.json_schema.load import Schema, Workspace
from schemacheck.model import Direction, Document, Move, Problem, Subject, Version
from schemacheck.sources.tree import MemoryTree

EVENT = "schemas/orders/v1/order.schema.json"
FORMAT = formats.load("json-schema")


def tree(files: Mapping[str, Any]) -> MemoryTree:
    texts = {path: text if isinstance(text, str) else json.dumps(text) for path, text in files.items()}
    return MemoryTree("tree", {path: text.encode() for path, text in texts.items()})


def parsed(files: Mapping[str, Any]) -> Schema | list[Problem]:
    side = tree(files)
    document = Document(Subject("orders/order", Version(1)), "json-schema", EVENT, side)
    found: Any = Workspace(side, {}).parse([document], published=False)[EVENT]
    return found


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ('{"type": "object",\n "type": "string"}', '"type" is written twice in one object', 2, 2),
        ('{\n "maximum": NaN}', "NaN is no JSON", 2, 13),
        ('{"maximum": 1e5000000}', "it holds a number of more than 300 digits", 1, 1),
        ('{"maximum": 1e-5000000}', "it holds a number of more than 300 digits", 1, 1),
        (f'{{"maximum": {"9" * 400}}}', "it holds a number of more than 300 digits", 1, 1),
        (f'{{"maximum": {"9" * 5000}}}', "it holds a number of thousands of digits", 1, 1),
        ("[" * 100_000, "it is nested more than 200 levels deep", 1, 1),
        ('{"not":' * 95 + "{}" + "}" * 95, "it is nested more than 90 levels deep", 1, 1),
        (
            f'{{"oneOf": [{", ".join(["true"] * 1_001)}]}}',
            "it has more than 1000 branches, which are too many to compare",
            1,
            11,
        ),
        (f'{{"allOf": [{", ".join(["true"] * 10_001)}]}}', "it holds more than 10000 schemas", 1, 1),
        ("[1]", "a schema is an object, true or false", 1, 1),
        ('{"required": "a"}', "the draft refuses it: 'a' is not of type 'array'", 1, 14),
        ('{"multipleOf": 0}', "the draft refuses it: 0 is less than or equal to the minimum of 0", 1, 16),
        ('{"$schema": "https://acme.example/own"}', 'the draft "https://acme.example/own" is not known', 1, 13),
        ('{"$ref": "https://acme.example/a.json"}', 'there is nothing at "https://acme.example/a.json"', 1, 10),
        ('{"$ref": "../../../../etc/passwd"}', 'there is nothing at "../../../../etc/passwd"', 1, 10),
        ('{"$ref": "#/definitions/a"}', 'there is nothing at "#/definitions/a"', 1, 10),
        (
            '{"$ref": "#"}',
            "the reference leads back to itself, without a property or an item between",
            1,
            1,
        ),
        (
            '{"$ref": "#/definitions/a", "definitions": {"a": {"anyOf": [true, {"$ref": "#/definitions/a"}]}}}',
            "the reference leads back to itself, without a property or an item between",
            1,
            67,
        ),
        ("{", "it is no JSON: Expecting property name enclosed in double quotes", 1, 2),
    ],
)
def test_what_is_no_schema_is_told_with_its_place(text: str, message: str, line: int, column: int) -> None:
    found = parsed({EVENT: text})
    assert isinstance(found, list)
    assert (EVENT, message, line, column) == (found[0].file, found[0].message, found[0].line, found[0].column)


HOSTILE = {
    "catastrophic": {"type": "string", "pattern": "^(a+)+$", "minLength": 40},
    "many branches": {"oneOf": [{"minimum": n, "maximum": n + 3} for n in range(64)]},
    "doubling": {
        "$ref": "#/definitions/d0",
        "definitions": {
            **{f"d{n}": {"allOf": [{"$ref": f"#/definitions/d{n + 1}"}] * 2} for n in range(40)},
            "d40": {"type": "string"},
        },
    },
    "deep anyOf": {
        "$ref": "#/definitions/d0",
        "definitions": {
            **{f"d{n}": {"anyOf": [{"properties": {"a": {"$ref": f"#/definitions/d{n + 1}"}}}] * 4} for n in range(30)},
            "d30": {"type": "string"},
        },
    },
    "impossible": {"type": "array", "minItems": 10**9, "items": {"minLength": 10**9}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_schemas_get_an_answer(name: str) -> None:
    """Within the budget, whatever it is; the schema is always proven to be itself."""
    old = parsed({EVENT: HOSTILE[name]})
    new = parsed({EVENT: {"definitions": {}, **HOSTILE[name], "maxLength": 50, "required": ["a"], "uniqueItems": True}})
    again = parsed({EVENT: HOSTILE[name]})
    assert isinstance(old, Schema)
    assert isinstance(again, Schema)
    assert isinstance(new, Schema)
    assert "proven" == judged(old, again).answers[Direction.BACKWARD].value
    assert all(change.message for change in FORMAT.diff(old, new))
    assert len(FORMAT.outline(old)) < 100


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_list_that_names_one_thing_twice_is_refused(draft: int) -> None:
    def refused(**inner: Any) -> bool:
        return not isinstance(parsed({EVENT: {"$schema": DRAFTS[draft], "properties": {"a": inner}}}), Schema)

    assert refused(required=["a", "b", "a"])
    assert refused(required=["a"] * 5_000 + [1, None, {}])
    assert refused(type=["null", "null"])
    assert (draft == 4) == refused(enum=[{"b": [1]}, None, {"b": [1.0]}])
    assert not refused(enum=[1, True, "1", [1], {"a": 1}, {"a": True}])


def test_references_are_found_by_path_and_by_id() -> None:
    money = {"$id": "https://acme.example/money", "$defs": {"amount": {"$anchor": "amount", "type": "number"}}}
    files = {
        EVENT: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "properties": {"a": {"$ref": "https://acme.example/money#amount"}, "b": {"$ref": "../common.jsonschema"}},
        },
        "schemas/money.schema.json": {"$schema": "https://json-schema.org/draft/2020-12/schema", **money},
        "schemas/orders/common.jsonschema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "string",
        },
    }
    found = parsed(files)
    assert isinstance(found, Schema)
    assert [{"number"}, {"string"}] == [set(member.types) for member in FORMAT.outline(found)]
    workspace = Workspace(tree(files), {})
    others = {"schemas/money.schema.json", "schemas/orders/common.jsonschema"}
    assert others == {*workspace.imports(EVENT)}
    assert {EVENT} == workspace.dependents(["schemas/money.schema.json"])
    assert ["schemas/money.schema.json"] == [*workspace.claims("https://acme.example/money")]
    files["schemas/orders/common.jsonschema"] = {**files["schemas/orders/common.jsonschema"], "maxLength": 3}
    changed = parsed(files)
    (change,) = FORMAT.diff(found, changed)
    assert ("json-schema/max-length-lowered", "b") == (change.rule.id, change.where)
    assert "schemas/orders/common.jsonschema#/maxLength" == change.pointer


def test_the_outline_has_nested_and_repeated_properties() -> None:
    schema = parsed(
        {
            EVENT: {
                "type": "object",
                "required": ["at", "lines"],
                "properties": {
                    "at": {"type": "string", "format": "date-time"},
                    "lines": {"type": "array", "items": {"properties": {"sku": {"type": "string"}}}},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "note": {"type": ["string", "null"]},
                    "next": {"$ref": "#"},
                },
            }
        }
    )
    at, lines, labels, note, following = FORMAT.outline(schema)
    assert ({"string", "date-time", "timestamp"}, False) == ({*at.types}, at.nullable)
    assert (True, ["sku"]) == (lines.repeated, [member.name for member in lines.members])
    assert (True, True) == (labels.mapped, labels.nullable)
    assert ({"string"}, True) == ({*note.types}, note.nullable)
    assert () == following.members


def test_a_new_version_keeps_what_references_mean() -> None:
    text = '{\n  "$id": "https://acme.example/v1/order",\n  "properties": {"m": {"$ref": "money"}, "n": {"$ref": "#"}}}'
    files = {EVENT: text, "m.schema.json": {"$id": "https://acme.example/v1/money"}}
    new = "schemas/orders/v2/order.schema.json"
    (moved,) = FORMAT.rewrite(Move(tree(files), EVENT, new, Version(1), Version(2), str))
    expected = text.replace("v1/order", "v2/order").replace('"money"', '"https://acme.example/v1/money"')
    assert (new, expected) == (moved.new_path, moved.text)
    plain = '{"$ref": "money.schema.json#/definitions/a"}'
    (moved,) = FORMAT.rewrite(Move(tree({EVENT: plain}), EVENT, new, Version(1), Version(2), str))
    assert '{"$ref": "../v1/money.schema.json#/definitions/a"}' == moved.text
    with pytest.raises(NotChecked):
        FORMAT.rewrite(Move(tree({EVENT: "{"}), EVENT, new, Version(1), Version(2), str))


def test_a_file_as_lines() -> None:
    text = '{"type": "object", "properties": {"tags": {"items": {"type": "string", "maxLength": 3}}, "x": false}}'
    expected = ['(root): type="object"', "tags: anything", 'tags[]: type="string", maxLength=3', "x: nothing"]
    assert expected == [*FORMAT.lines(text)]
    with pytest.raises(NotChecked):
        FORMAT.lines("[")
