"""What a Confluent registry would say of a change, by its known behaviour; and where we judge otherwise."""

from __future__ import annotations

import random
from typing import Any

import pytest
from json_schema_pairs import DRAFTS, Maker, loaded

from schemacheck import formats
from schemacheck.formats.json_schema.load import Schema, Workspace
from schemacheck.model import Direction, Document, Subject, Version
from schemacheck.sources.tree import MemoryTree

FORMAT = formats.load("json-schema")
BACKWARD, FORWARD = Direction.BACKWARD, Direction.FORWARD
S, N, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
ANY: dict[str, Any] = {}


def model(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def items(*schemas: Any, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": list(schemas), **more}


def said(old: Any, new: Any, direction: Direction = BACKWARD, policy: str = "strict") -> list[str] | None:
    """The kinds of what it objects to; None if it is not known."""
    found = FORMAT.registry(loaded(old, registry_policy=policy), loaded(new, registry_policy=policy), direction)
    return None if found is None else [objection.partition(" at ")[0] for objection in found]


def broken(old: Any, new: Any) -> bool:
    """Whether we say that readers of the new schema break."""
    return any(BACKWARD in change.breaks for change in FORMAT.diff(loaded(old), loaded(new)))


ID = {"id": S}
MORE = {**ID, "x": S}
OPEN, CLOSED, COVERED = model(ID), model(ID, additionalProperties=False), model(ID, additionalProperties=S)
NOT_COVERED = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
UNCOVERED = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
REQUIRED = "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"
TO_OPEN, FROM_CLOSED = "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"
ITEM_REMOVED, EXTENDED = "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", "DEPENDENCY_ARRAY_EXTENDED"
FILLED = {**ID, "x": {**S, "default": ""}}

# old, new, what is held against it under STRICT, and under LENIENT
MODELS: list[tuple[Any, Any, list[str], list[str]]] = [
    (OPEN, OPEN, [], []),
    (OPEN, model(MORE), [TO_OPEN], []),
    (OPEN, model({**ID, "x": ANY}), [], []),
    (OPEN, model({**ID, "x": True}), [], []),
    (OPEN, model(MORE, required=["x"]), [REQUIRED], [REQUIRED]),
    (OPEN, model(FILLED, required=["x"]), [TO_OPEN], []),
    (model(MORE), OPEN, [], []),
    (COVERED, model(MORE, additionalProperties=S), [], []),
    (COVERED, model({**ID, "x": N}, additionalProperties=S), [NOT_COVERED], [NOT_COVERED]),
    (COVERED, model(FILLED, additionalProperties=S, required=["x"]), [], []),
    (COVERED, model(MORE, additionalProperties=S, required=["x"]), [REQUIRED], [REQUIRED]),
    (model(MORE, additionalProperties=S), COVERED, [], []),
    (model({**ID, "x": N}, additionalProperties=S), COVERED, [UNCOVERED], [UNCOVERED]),
    (CLOSED, model(MORE, additionalProperties=False), [], []),
    (CLOSED, model(MORE, additionalProperties=False, required=["x"]), [REQUIRED], [REQUIRED]),
    (CLOSED, model(FILLED, additionalProperties=False, required=["x"]), [], []),
    (model(MORE, additionalProperties=False), CLOSED, [FROM_CLOSED], []),
    (model({**ID, "x": False}, additionalProperties=False), CLOSED, [], []),
    (OPEN, CLOSED, ["ADDITIONAL_PROPERTIES_REMOVED"], []),
    (COVERED, CLOSED, ["ADDITIONAL_PROPERTIES_REMOVED"], []),
    (OPEN, COVERED, ["ADDITIONAL_PROPERTIES_NARROWED"], []),
    (COVERED, OPEN, [], []),
    (CLOSED, OPEN, [], []),
    (CLOSED, COVERED, [], []),
    (COVERED, model(ID, additionalProperties=N), ["TYPE_CHANGED"], ["TYPE_CHANGED"]),
    # A pattern covers names; beside any, a name that nothing covers counts as refused.
    (model(ID, patternProperties={"^x": S}), model(MORE, patternProperties={"^x": S}), [], []),
    (model(ID, patternProperties={"^x": N}), model(MORE, patternProperties={"^x": N}), [NOT_COVERED], [NOT_COVERED]),
    (model(ID, patternProperties={"^y": S}), model(MORE, patternProperties={"^y": S}), [], []),
    (model(MORE, patternProperties={"^y": S}), model(ID, patternProperties={"^y": S}), [FROM_CLOSED], []),
    # LENIENT reaches into branches and items.
    ({"type": "array", "items": OPEN}, {"type": "array", "items": model(MORE)}, [TO_OPEN], []),
    ({"oneOf": [OPEN, S]}, {"oneOf": [model(MORE), S]}, ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"], []),
]


@pytest.mark.parametrize(("old", "new", "strict", "lenient"), MODELS)
def test_the_content_model_decides_which_properties_may_come_and_go(
    old: Any, new: Any, strict: list[str], lenient: list[str]
) -> None:
    assert (strict, lenient) == (said(old, new), said(old, new, policy="lenient"))


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (OPEN, model(ID, required=["id"]), ["REQUIRED_ATTRIBUTE_ADDED"]),
        (model(ID, required=["id"]), OPEN, []),
        (model({"id": N}), model({"id": {"type": "number"}}), []),
        (model({"id": {"type": "number"}}), model({"id": N}), ["TYPE_NARROWED"]),
        (model({"id": N}), model({"id": S}), ["TYPE_CHANGED"]),
        (ANY, S, ["TYPE_NARROWED"]),
        (S, ANY, []),
        (S, True, []),
        (False, S, []),
        (S, False, ["TYPE_NARROWED"]),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, ["ENUM_ARRAY_NARROWED"]),
        ({"enum": ["a", "b"]}, {"enum": ["a", "c"]}, ["ENUM_ARRAY_CHANGED"]),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, []),
        ({**S, "maxLength": 5}, {**S, "maxLength": 4}, ["MAX_LENGTH_DECREASED"]),
        ({**S, "maxLength": 5}, {**S, "maxLength": 6}, []),
        (S, {**S, "minLength": 1}, ["MIN_LENGTH_ADDED"]),
        ({**S, "pattern": "^a$"}, S, []),
        ({**S, "pattern": "^a$"}, {**S, "pattern": "^(a|b)$"}, ["PATTERN_CHANGED"]),
        ({**N, "multipleOf": 4}, {**N, "multipleOf": 2}, []),
        ({**N, "multipleOf": 2}, {**N, "multipleOf": 4}, ["MULTIPLE_OF_EXPANDED"]),
        ({**N, "multipleOf": 10}, {**N, "multipleOf": 4}, ["MULTIPLE_OF_CHANGED"]),
        ({**N, "exclusiveMinimum": 1}, {**N, "exclusiveMinimum": 2}, ["EXCLUSIVE_MINIMUM_INCREASED"]),
        ({"type": "array"}, {"type": "array", "uniqueItems": True}, ["UNIQUE_ITEMS_ADDED"]),
        ({"type": "array"}, {"type": "array", "items": S}, ["ITEM_SCHEMA_ADDED"]),
        ({"type": "array", "items": S}, {"type": "array", "items": N}, ["TYPE_CHANGED"]),
        (items(S), items(S, N), ["ITEM_ADDED_TO_OPEN_CONTENT_MODEL"]),
        (items(S, additionalItems=N), items(S, N, additionalItems=N), []),
        (items(S, additionalItems=False), items(S, N, additionalItems=False), []),
        (items(S, N), items(S), []),
        (items(S, N, additionalItems=False), items(S, additionalItems=False), [ITEM_REMOVED]),
        (items(S), items(S, additionalItems=False), ["ADDITIONAL_ITEMS_REMOVED"]),
        (model({}, dependencies={}), model({}, dependencies={"a": ["b"]}), ["DEPENDENCY_ADDED"]),
        (model({}, dependencies={"a": ["b", "c"]}), model({}, dependencies={"a": ["b"]}), []),
        (model({}, dependencies={"a": ["b"]}), model({}, dependencies={"a": ["b", "c"]}), [EXTENDED]),
        ({"not": S}, {"not": {"type": ["string", "null"]}}, ["NOT_TYPE_EXTENDED"]),
        ({"not": {"type": ["string", "null"]}}, {"not": S}, []),
        ({"type": ["string", "null"]}, S, ["TYPE_CHANGED"]),
        (S, {"type": ["string", "null"]}, []),
        (S, {"type": ["string"]}, []),
        ({"type": ["string", "null"]}, {"oneOf": [S, NULL]}, ["COMBINED_TYPE_CHANGED"]),
        ({"oneOf": [S, NULL]}, {"anyOf": [NULL, S]}, []),
        ({"oneOf": [S, N]}, {"oneOf": [S]}, ["SUM_TYPE_NARROWED"]),
        ({"oneOf": [S, N]}, {"oneOf": [N, S, NULL]}, []),
        ({"oneOf": [S, N]}, {"oneOf": [NULL, S]}, ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"]),
        ({"allOf": [OPEN, S]}, {"allOf": [OPEN, S, N]}, ["PRODUCT_TYPE_EXTENDED"]),
        ({"allOf": [OPEN, S, N]}, {"allOf": [S, OPEN]}, []),
        ({"allOf": [OPEN, S]}, S, []),
        (S, {"allOf": [S, ANY]}, ["TYPE_CHANGED"]),
        ({**S, "enum": ["a"]}, {"enum": ["a"]}, []),
        (OPEN, {**OPEN, "if": ANY, "then": ANY}, ["TYPE_CHANGED"]),
        ({**S, "connect.type": "bytes"}, {**N, "connect.type": "bytes"}, []),
    ],
)  # fmt: skip
def test_every_keyword_has_its_own_word(old: Any, new: Any, kinds: list[str]) -> None:
    assert kinds == said(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (model({"id": {"default": 1}}), model({"id": {"default": 1}}, required=["id"])),
        (OPEN, model(ID, required=["unknown"])),
        ({"type": "array", "contains": N}, {"type": "array", "contains": {"const": 1}}),
        (model({}, propertyNames={"maxLength": 9}), model({}, propertyNames={"maxLength": 8})),
        (model({}, patternProperties={"^x": S}), model({}, patternProperties={"^x": N})),
        (model(ID, patternProperties={"^y": S}), model(MORE, patternProperties={"^y": S}, required=["id"])),
        ({"if": S, "then": {"minLength": 1}}, {"if": S, "then": {"minLength": 2}}),
        ({"minLength": 1}, {**S, "minLength": 1}),
        (
            {"$schema": DRAFTS[4], **N, "maximum": 5},
            {"$schema": DRAFTS[4], **N, "maximum": 5, "exclusiveMaximum": True},
        ),
        ({**N, "maximum": 9, "exclusiveMaximum": 9}, {**N, "maximum": 9, "exclusiveMaximum": 5}),
        ({"oneOf": [S, N]}, {"oneOf": [S, N, {"type": "number", "maximum": 5}]}),
    ],
)
def test_it_lets_pass_what_breaks_readers(old: Any, new: Any) -> None:
    required = "patternProperties" in new and "required" in new
    assert (["REQUIRED_ATTRIBUTE_ADDED"] if required else []) == said(old, new)
    assert broken(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"const": "a"}, {"enum": ["a"]}),
        ({"enum": ["a"]}, {"const": "a"}),
        ({**N, "maximum": 10}, {**N, "exclusiveMaximum": 11}),
        (S, {**S, "minLength": 0}),
        (N, {"type": "number", "multipleOf": 1}),
        (model(MORE), {"allOf": [model(ID), model({"x": S})]}),
        ({"allOf": [model(ID), model({"x": S})]}, model(MORE)),
        ({"type": ["string", "null"]}, {"oneOf": [S, NULL]}),
        ({"type": "array", "items": S}, items(S, additionalItems=S)),
        ({"anyOf": [{**N, "minimum": 1}, {**N, "minimum": 5}]}, {**N, "minimum": 0}),
        ({"enum": ["a"]}, {**S, "enum": ["a"]}),
        (OPEN, model(MORE)),
    ],
)
def test_it_refuses_what_breaks_nobody(old: Any, new: Any) -> None:
    assert said(old, new)
    assert not any(c.rule.level >= 3 for c in FORMAT.diff(loaded(old), loaded(new)) if BACKWARD in c.breaks)


def test_forward_asks_the_same_with_the_sides_exchanged() -> None:
    assert [TO_OPEN] == said(model(MORE), OPEN, FORWARD)
    assert [] == said(OPEN, model(MORE), FORWARD)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"const": "a"}, {"const": "b"}),
        (items(S), {"type": "array", "items": S}),
        (model({}, additionalProperties=True), model({}, additionalProperties=ANY)),
        ({"allOf": [S, ANY]}, {"anyOf": [N, NULL]}),
        (
            {"$schema": DRAFTS[2019], **model({})},
            {"$schema": DRAFTS[2019], **model({}, unevaluatedProperties=False)},
        ),
        ({"$schema": DRAFTS[2020], "$ref": "#/$defs/a", "minLength": 2, "$defs": {"a": S}},
         {"$schema": DRAFTS[2020], "$ref": "#/$defs/a", "minLength": 1, "$defs": {"a": S}}),
    ],
)  # fmt: skip
def test_what_is_not_known_of_it_is_not_guessed(old: Any, new: Any) -> None:
    assert said(old, new) is None


def test_an_objection_is_told_although_something_else_is_not_known() -> None:
    old, new = model({"a": {"const": 1}, "b": S}), model({"a": {"const": 2}, "b": N})
    assert ["TYPE_CHANGED"] == said(old, new)


def test_branches_that_did_not_change_hide_what_is_not_known_of_others() -> None:
    old = {"oneOf": [model({"kind": {"const": "a"}}), model({"kind": {"const": "b"}})]}
    new = {"oneOf": [*old["oneOf"], model({"kind": {"const": "c"}})]}
    assert [] == said(old, new)


def test_the_failure_of_its_own_check_is_foretold() -> None:
    (told,) = said({**N, "exclusiveMaximum": 10}, {**N, "exclusiveMaximum": 9}) or [""]
    assert "its check fails (HTTP 500)" == told


def test_recursive_types_are_followed_to_the_end() -> None:
    def tree(value: Any) -> dict[str, Any]:
        return {
            "$ref": "#/definitions/t",
            "definitions": {"t": model({"v": value, "next": {"$ref": "#/definitions/t"}})},
        }

    assert [] == said(tree(N), tree(N))
    assert ["TYPE_CHANGED"] == said(tree(N), tree(S))


def test_a_branch_that_leads_back_to_a_refused_type_is_refused_with_it() -> None:
    def chain(value: Any) -> dict[str, Any]:
        here = {"$ref": "#/definitions/t"}
        return {
            "anyOf": [NULL, here],
            "definitions": {"t": model({"more": {"anyOf": [NULL, here]}, "v": value})},
        }

    assert [] == said(chain(N), chain({"type": "number"}))
    assert ["COMBINED_TYPE_SUBSCHEMAS_CHANGED"] == said(chain(N), chain(S))


def test_references_are_followed_on_their_own_side_even_below_a_negation() -> None:
    def side(inner: Any) -> dict[str, Any]:
        return {"not": model({"a": {"$ref": "#/definitions/a"}}), "definitions": {"a": inner}}

    assert ["NOT_TYPE_EXTENDED"] == said(side(N), side({"type": "number"}))
    assert [] == said(side({"type": "number"}), side(N))


def test_a_schema_in_another_file_is_compared_as_if_it_stood_here() -> None:
    def side(inner: str) -> Schema:
        texts = {"a.schema.json": '{"$ref": "b.schema.json"}', "b.schema.json": inner}
        tree = MemoryTree("two", {path: text.encode() for path, text in texts.items()})
        documents = [Document(Subject("a", Version(1)), "json-schema", "a.schema.json", tree)]
        found = Workspace(tree, {}).parse(documents, published=False)["a.schema.json"]
        assert isinstance(found, Schema)
        return found

    old, new = side('{"type": "string"}'), side('{"type": "integer"}')
    assert ["TYPE_CHANGED at b.schema.json#"] == FORMAT.registry(old, new, BACKWARD)
    assert [] == FORMAT.registry(old, old, BACKWARD)


def test_a_schema_without_a_draft_is_read_as_draft_07_whatever_the_configuration_says() -> None:
    other = loaded(S, default_draft=2020)
    assert FORMAT.registry(other, other, BACKWARD) is None


def test_no_schema_is_refused_as_its_own_successor() -> None:
    chance = random.Random(7)
    for draft in DRAFTS:
        for _ in range(60):
            schema = loaded(Maker(chance, draft).root())
            assert not FORMAT.registry(schema, schema, BACKWARD)


def test_any_pair_gets_an_answer_in_bounded_time() -> None:
    wide = [model({f"p{i}": {"$ref": "#/definitions/d"} for i in range(n)}) for n in range(2, 26)]
    schema = {"oneOf": wide, "definitions": {"d": {"oneOf": wide}}}
    assert said(schema, schema) == []
    deep = {
        "oneOf": [
            {"oneOf": [{"oneOf": [model({f"{i}{j}{k}": N}) for k in range(6)]} for j in range(6)]} for i in range(6)
        ]
    }
    assert said(deep, deep) is None
