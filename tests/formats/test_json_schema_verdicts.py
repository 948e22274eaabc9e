"""What JSON Schema says of the pairs that checkers get wrong, and of hostile input; jsonschema judges every event."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from cases import Case, from_folders, from_pages
from formats.json_schema_pairs import DRAFTS, loaded

from schemacheck import formats
from schemacheck.formats.json_schema.diff import judged
from schemacheck.formats.json_schema.values import text
from schemacheck.model import Direction, Surface

KIND = "json-schema"
CASES = [*from_folders(KIND), *from_pages(KIND)]
S, INT = {"type": "string"}, {"type": "integer"}
FOUR, SIX, NOW = ({"$schema": DRAFTS[draft]} for draft in (4, 6, 2020))


def obj(*required: str, **props: Any) -> dict[str, Any]:
    return {"type": "object", "properties": props, **({"required": [*required]} if required else {})}


def tagged(tag: str, **props: Any) -> dict[str, Any]:
    return obj("kind", kind={"const": tag}, **props)


def answers(old: Any, new: Any, **options: Any) -> tuple[str, str]:
    """What holds for old documents, and for new ones."""
    found = judged(loaded(old, **options), loaded(new, **options)).answers
    return found[Direction.BACKWARD].value, found[Direction.FORWARD].value


SAME = [
    ({"definitions": {"x": obj(a=S)}, "$ref": "#/definitions/x"}, obj(a=S)),
    ({"allOf": [obj(a=S), {"required": ["a"]}]}, obj("a", a=S)),
    ({"const": 1}, {"enum": [1]}),
    ({"enum": [1]}, {"enum": [1.0]}),
    ({"type": "integer", "maximum": 10}, {"type": "integer", "exclusiveMaximum": 11}),
    ({"type": "string", "minLength": 0}, S),
    ({"type": "array", "minItems": 0, "uniqueItems": False}, {"type": "array"}),
    ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, S]}),
    ({"type": ["string", "null"]}, {"oneOf": [S, {"type": "null"}]}),
    (INT, {"type": "number", "multipleOf": 1}),
    ({"type": "boolean"}, {"enum": [True, False]}),
    ({"oneOf": [tagged("a"), tagged("b")]}, {"anyOf": [tagged("b"), tagged("a")]}),
    ({"oneOf": [S, {"minLength": 2}]}, {"oneOf": [{"minLength": 2}, S]}),
    ({"dependencies": {"a": ["b"]}}, {"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
    ({"not": {"type": "null"}}, {"type": ["boolean", "number", "string", "array", "object"]}),
    (
        {"type": "array", "items": [S, INT], "additionalItems": False},
        {"type": "array", "items": [S, INT], "maxItems": 2},
    ),
    ({"allOf": [{"type": ["string", "null"]}, {"type": ["string", "number"]}]}, S),
    ({**FOUR, "maximum": 10, "exclusiveMaximum": True}, {"exclusiveMaximum": 10}),
    ({"$schema": DRAFTS[2020], "prefixItems": [S], "items": INT}, {"items": [S], "additionalItems": INT}),
    (
        {"$schema": DRAFTS[2020], **obj(a=S), "unevaluatedProperties": False},
        {**obj(a=S), "additionalProperties": False},
    ),
    (obj(next={"$ref": "#"}), {"definitions": {"n": obj(next={"$ref": "#/definitions/n"})}, "$ref": "#/definitions/n"}),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_the_same_in_other_words_is_proven(old: Any, new: Any) -> None:
    assert ("proven", "proven") == answers(old, new, open_model="strict")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"exclusiveMaximum": 10}, {"exclusiveMaximum": 9}, ("refuted", "proven")),
        (obj(a={**S, "default": ""}), obj("a", a={**S, "default": ""}), ("refuted", "proven")),
        (obj(), {**obj(), "required": ["undeclared"]}, ("refuted", "proven")),
        ({"oneOf": [S, INT]}, {"oneOf": [S, INT, {"type": "number", "minimum": 5}]}, ("refuted", "refuted")),
        ({**FOUR, "maximum": 10}, {**FOUR, "maximum": 10, "exclusiveMaximum": True}, ("refuted", "proven")),
        ({**FOUR, **INT}, INT, ("proven", "refuted")),
        ({"multipleOf": 0.01}, {"multipleOf": 0.05}, ("refuted", "proven")),
        ({"propertyNames": {"maxLength": 4}}, {"propertyNames": {"maxLength": 3}}, ("refuted", "proven")),
        ({"patternProperties": {"^x": S}}, {"patternProperties": {"^x": INT}}, ("refuted", "refuted")),
        ({"type": "array", "contains": S}, {"type": "array", "contains": INT}, ("refuted", "refuted")),
        ({"anyOf": [S, INT]}, {"oneOf": [S, {"type": ["integer", "string"]}]}, ("refuted", "proven")),
        ({"not": {"required": ["a"]}}, {"not": {"required": ["b"]}}, ("refuted", "refuted")),
        ({"if": obj("a"), "then": {"required": ["b"]}}, {"if": obj("a"), "then": False}, ("refuted", "proven")),
        ({"pattern": "^a$"}, {"pattern": "^[ab]$"}, ("unproven", "refuted")),
        ({"pattern": "^(a+)+$"}, {"pattern": "^(a|aa)+$"}, ("unproven", "unproven")),
        ({"maximum": 10**200}, {"maximum": 10**200 - 1}, ("refuted", "proven")),
        (True, False, ("refuted", "proven")),
    ],
)
def test_what_breaks_is_refuted(old: Any, new: Any, expected: tuple[str, str]) -> None:
    assert expected == answers(old, new, open_model="strict")
    assert expected[::-1] == answers(new, old, open_model="strict")


def texts(most: int) -> dict[str, Any]:
    return {"type": "object", "maxProperties": most, "additionalProperties": S}


def letters(most: int) -> dict[str, Any]:
    return {**texts(most), "patternProperties": {"^k[a-z]$": S}, "additionalProperties": False}


def listed(count: int) -> dict[str, Any]:
    return {"enum": [f"v{n}" for n in range(count)]}


def holding(inner: Any, least: int, most: int) -> dict[str, Any]:
    return {**NOW, "type": "array", "contains": inner, "minContains": least, "maxContains": most}


def further(inner: Any) -> dict[str, Any]:
    return {**NOW, "type": "object", "allOf": [obj(a=INT)], "unevaluatedProperties": inner}


def following(inner: Any) -> dict[str, Any]:
    return {**NOW, "type": "array", "allOf": [{"prefixItems": [S]}], "unevaluatedItems": inner}


NUMBER = {"type": "number"}


@pytest.mark.parametrize(
    ("old", "new", "expected", "shown"),
    [
        ({**SIX, **obj(total=INT)}, {**FOUR, **obj(total=INT)}, "proven", '{"total": 0.0}'),
        ({**SIX, "enum": [{"a": 1}]}, {**FOUR, **obj(a=INT)}, "refuted", '{"a": 1.0}'),
        (texts(3), texts(2), "proven", '{"x0": "", "x1": "", "x2": ""}'),
        (letters(3), letters(2), "proven", '{"ka": "", "kz": "", "kb": ""}'),
        ({**texts(1), "propertyNames": {"const": "a"}}, {**texts(0)}, "proven", '{"a": ""}'),
        (listed(500), listed(499), "proven", '"v499"'),
        (obj(a=listed(500)), obj(a=listed(499)), "proven", '{"a": "v499"}'),
        ({"enum": [{"a": n} for n in range(500)]}, {"enum": [{"a": n} for n in range(499)]}, "proven", '{"a": 499}'),
        (holding(INT, 1, 2), holding(NUMBER, 1, 2), "refuted", "[0, 0.5, 0.5]"),
        (holding(INT, 2, 3), holding(NUMBER, 2, 3), "refuted", "[0, 0, 0.5, 0.5]"),
        (further(NUMBER), further(INT), "proven", '{"x0": 0.5}'),
        (further(S), further({**S, "minLength": 1}), "proven", '{"x0": ""}'),
        (following(NUMBER), following(INT), "proven", '["", 0.5]'),
    ],
)
def test_an_event_is_found_where_only_few_show_the_break(old: Any, new: Any, expected: str, shown: str) -> None:
    found = judged(loaded(old, open_model="strict"), loaded(new, open_model="strict"))
    assert ("refuted", expected) == (found.answers[Direction.BACKWARD].value, found.answers[Direction.FORWARD].value)
    refutation = found.refutation(Direction.BACKWARD)
    assert refutation is not None
    assert shown == text(refutation.document)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (obj(a=S), obj(a=S, b=INT), ("assumed", "proven")),
        (obj(a=S), obj("b", a=S, b=INT), ("refuted", "proven")),
        ({"type": "object"}, obj(b=INT), ("refuted", "proven")),
        ({"oneOf": [tagged("x"), tagged("y")]}, {"oneOf": [tagged("x", n=INT), tagged("y")]}, ("assumed", "proven")),
        (obj(a=S), {**obj(a=S), "additionalProperties": False}, ("assumed", "proven")),
    ],
)
def test_writers_are_taken_to_emit_only_what_they_declare(old: Any, new: Any, expected: tuple[str, str]) -> None:
    assert expected == answers(old, new)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_jsonschema_agrees_with_every_event_that_is_shown(case: Case) -> None:
    """What breaks the wire has an event; the writer's schema takes it, the reader's refuses it."""
    schemas = formats.load(KIND)
    for sides in (("before", "after"), ("after", "before")):
        old, new = (case.parse(getattr(case, side), side) for side in sides)
        raws = [json.loads(getattr(case, side)[case.event], parse_float=Decimal) for side in sides]
        for change in schemas.diff(old, new):
            for index, way in enumerate((Direction.BACKWARD, Direction.FORWARD)):
                shown = schemas.witness(old, new, change, way)
                if not change.breaks & way or change.rule.surface != Surface.WIRE or "unproven" in change.rule.id:
                    assert shown is None or "assumed" in change.rule.id
                    continue
                assert shown is not None
                event = json.loads(shown.event, parse_float=Decimal)
                assert (("old", "new"), ("new", "old"))[index] == (shown.written_by, shown.read_by)
                assert is_valid(raws[index], event)
                assert not is_valid(raws[1 - index], event)


def is_valid(raw: Any, event: Any) -> bool:
    judge = jsonschema.validators.validator_for(raw, default=jsonschema.Draft7Validator)
    return bool(judge(raw).is_valid(event))


def test_a_dozen_types_that_hold_each_other_are_compared() -> None:
    def family(further: bool) -> dict[str, Any]:
        kids = {"type": "array", "items": {"$ref": "#/definitions/any"}}
        types = {f"T{n}": {**tagged(f"T{n}", kids=kids), "additionalProperties": False} for n in range(12)}
        if further:
            types["T0"]["properties"]["x"] = S
        every = {"oneOf": [{"$ref": f"#/definitions/T{n}"} for n in range(12)]}
        return {"definitions": {**types, "any": every}, "$ref": "#/definitions/any"}

    assert ("proven", "refuted") == answers(family(False), family(True))


def test_each_change_is_shown_by_an_event_of_its_own() -> None:
    old, new = loaded(obj(a=S, b=obj(c=S))), loaded(obj(a=INT, b=obj(c=INT)))
    schemas = formats.load(KIND)
    shown = {
        change.where: witness.event
        for change in schemas.diff(old, new)
        if (witness := schemas.witness(old, new, change, Direction.BACKWARD)) is not None
    }
    assert {"a": '{"a": ""}', "b.c": '{"b": {"c": ""}}'} == shown


def shown_forward(old: Any, new: Any) -> dict[str, tuple[Any, str]]:
    """For each change that stops old readers: the event that shows it, and what they say."""
    schemas = formats.load(KIND)
    sides = loaded(old), loaded(new)
    found = [(change.where, schemas.witness(*sides, change, Direction.FORWARD)) for change in schemas.diff(*sides)]
    return {where: (json.loads(one.event), one.result) for where, one in found if one is not None}


def test_an_event_shows_the_change_in_the_variant_where_it_stands() -> None:
    def variant(kind: str, **more: Any) -> Any:
        return tagged(kind, body=obj(size=INT, **more) | {"additionalProperties": False}) | {
            "required": ["kind", "body"]
        }

    old, new = {"oneOf": [variant("a"), variant("b")]}, {"oneOf": [variant("a"), variant("b", note=S)]}
    refused = "refused: Additional properties are not allowed ('note' was unexpected)"
    assert {"<kind=b>.body.note": ({"kind": "b", "body": {"note": ""}}, refused)} == shown_forward(old, new)


def test_an_event_of_a_new_variant_shows_that_it_is_new() -> None:
    old = {"oneOf": [tagged("a", size=INT), tagged("b", size=INT)]}
    new = {"oneOf": [tagged("a", size=S), tagged("b", size=INT), tagged("c")]}
    found = {where: event for where, (event, _) in shown_forward(old, new).items()}
    assert {"": {"kind": "c"}, "<kind=a>.size": {"kind": "a", "size": ""}} == found
