"""How changes of JSON Schemas are named and where they are said to stand."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from formats.json_schema_pairs import DRAFTS, loaded
from formats.json_schema_wide import Wide

from schemacheck.formats.json_schema.diff import diff, judged
from schemacheck.formats.json_schema.load import Schema, Workspace
from schemacheck.model import Direction, Document, Subject, Surface, Version
from schemacheck.sources.tree import MemoryTree

S, INT, NULL = {"type": "string"}, {"type": "integer"}, {"type": "null"}
DATE = {"type": "string", "format": "date"}
PATH = "event.schema.json"


def obj(*required: str, **props: Any) -> dict[str, Any]:
    return {"type": "object", "properties": props, **({"required": [*required]} if required else {})}


def tagged(tag: Any, **props: Any) -> dict[str, Any]:
    return obj("kind", kind={"const": tag}, **props)


def named(old: Any, new: Any) -> list[str]:
    """Rule and where of each change."""
    return [
        f"{change.rule.id.removeprefix('json-schema/')} {change.where}".strip()
        for change in diff(loaded(old, open_model="strict"), loaded(new, open_model="strict"))
    ]


REFS = {"A": obj("a", a=INT), "B": obj("b", b=INT)}
BY_REF = {"anyOf": [{"$ref": "#/definitions/A"}, {"$ref": "#/definitions/B"}]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a schema became one of several: it is compared with the branch that it is
        (obj(a=S), obj(a={"anyOf": [NULL, S]}), ["type-added a"]),
        (
            {"type": "string", "minLength": 3},
            {"anyOf": [NULL, {"type": "string", "minLength": 5}]},
            ["type-added", "min-length-raised <string>"],
        ),
        (
            tagged("x", n=INT),
            {"oneOf": [tagged("y"), tagged("x", n={"type": "integer", "maximum": 3})]},
            ["variant-added", "maximum-lowered <kind=x>.n"],
        ),
        (
            {"type": ["object", "null"], "properties": {"n": INT}},
            {"oneOf": [NULL, {"type": "object", "properties": {"n": S}}]},
            ["type-changed <object>.n"],
        ),
        ({"enum": ["a", "b"]}, {"anyOf": [{"const": "b"}, {"const": "a"}]}, ["schema-rewritten"]),
        # branches are paired by tag, meaning, reference and type, not by their order
        ({"oneOf": [tagged(1), tagged(2, n=INT)]}, {"oneOf": [tagged(2, n=S), tagged(1)]}, ["type-changed <kind=2>.n"]),
        ({"oneOf": [tagged("a"), tagged("b")]}, {"oneOf": [tagged("b"), tagged("a")]}, ["schema-rewritten"]),
        (
            {"definitions": REFS, **BY_REF},
            {"definitions": {**REFS, "A": obj("a", a=S)}, "anyOf": BY_REF["anyOf"][::-1]},
            ["type-changed <A>.a"],
        ),
        ({"anyOf": [S, {"type": "integer", "minimum": 1}]}, {"anyOf": [INT, S]}, ["minimum-lowered <number>"]),
        # a property that all variants share does not tell them apart
        (
            {"oneOf": [tagged("a", v={"const": 1}), tagged("b", v={"const": 1})]},
            {"oneOf": [tagged("b", v={"const": 1}), tagged("a", v={"const": 2})]},
            ["const-changed <kind=a>.v"],
        ),
        # a tag that stands beside the branches
        (
            {**obj("kind"), "oneOf": [{"properties": {"kind": {"const": kind}}} for kind in ("a", "b", "c")]},
            {**obj("kind"), "oneOf": [{"properties": {"kind": {"const": kind}}} for kind in ("c", "a")]},
            ["variant-removed"],
        ),
        # keywords count for the types that may stand there
        (
            {"type": ["string", "null"], "minLength": 1},
            {"anyOf": [{"type": "string", "minLength": 1}, NULL, INT]},
            ["type-added"],
        ),
        # what is refused altogether is told of once
        (obj(a=obj(b=S)), obj(a=False), ["value-forbidden a"]),
        (obj(a={"type": "array", "items": S}), obj(a={"type": "array", "items": False}), ["value-forbidden a[]"]),
        (obj(a=S), {"allOf": [obj(a=S), S]}, ["schema-became-unsatisfiable"]),
        # `unevaluatedProperties` where it is the same as `additionalProperties`
        (
            {"$schema": DRAFTS[2020], **obj(a=S), "additionalProperties": False},
            {"$schema": DRAFTS[2020], **obj(a=S, b=S), "unevaluatedProperties": False},
            ["property-added-to-closed-model b"],
        ),
        # a property whose name the dependents already require
        ({**obj(a=S), "dependencies": {"a": ["b"]}}, obj("b", a=S), ["required-property-added b"]),
        # not, if: turned around
        ({"not": obj("a")}, {"not": obj("a", "b")}, ["not-narrowed"]),
        (
            {"if": obj("a"), "then": {"required": ["b", "c"]}},
            {"if": obj("a"), "then": {"required": ["b"]}},
            ["condition-widened"],
        ),
        (
            {"if": obj("a"), "then": {"required": ["b"]}},
            {"if": obj("c"), "then": {"required": ["b"]}},
            ["condition-narrowed", "condition-widened"],
        ),
        # definitions: a name is used only if it is the whole of a step
        ({"definitions": REFS, "$ref": "#/definitions/A"}, {"definitions": REFS, "$ref": "#/$defs/A"}, []),
        (
            {"definitions": {"Card": S}, "$ref": "#/definitions/Card"},
            {"definitions": {"Card": S, "Car": INT}, "$ref": "#/definitions/Card"},
            ["definition-added"],
        ),
        ({"definitions": {"Car": INT}}, {"definitions": {"Auto": INT}}, ["definition-renamed"]),
        # annotations, also of a schema that became one of several
        (obj(a=DATE), obj(a={"anyOf": [DATE, NULL]}), ["type-added a"]),
        ({**DATE, "type": ["string", "null"]}, {"anyOf": [DATE, NULL]}, ["schema-rewritten"]),
        (obj(a=DATE), obj(a={"anyOf": [DATE, NULL], "default": None}), ["type-added a", "default-added a"]),
        (obj(a={"anyOf": [DATE, NULL]}), obj(a={"anyOf": [S, NULL]}), ["format-removed a<string>"]),
        ({**S, "contentEncoding": "base64"}, {**S, "contentMediaType": "text/plain"}, ["content-changed"] * 2),
        ({**S, "readOnly": False}, S, []),
        (
            {"discriminator": {"propertyName": "k", "mapping": {"a": "#/definitions/A"}}},
            {"discriminator": {"propertyName": "k", "mapping": {"a": "#/$defs/A", "b": "#/$defs/B"}}},
            [],
        ),
    ],
)
def test_a_change_is_named(old: Any, new: Any, expected: list[str]) -> None:
    assert expected == named(old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"type": ["integer", "string"]}, S, {"types": "integer"}),
        ({"type": ["number", "string"]}, S, {"types": "number"}),
        ({"type": ["integer", "string", "null"]}, S, {"types": "null or integer"}),
        ({"maxLength": 5, **S}, {"maxLength": 4, **S}, {"old": "5", "new": "4"}),
        (S, {"maxLength": 4, **S}, {"old": "none", "new": "4"}),
        ({"maxLength": 5, **S}, S, {"old": "5", "new": "none"}),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, {"values": '"b"'}),
        ({"const": "a"}, {"const": "b"}, {"old": '"a"', "new": '"b"'}),
        (INT, S, {"old": "integer", "new": "string"}),
        ({}, S, {"types": "null or boolean or number or array or object"}),
    ],
)
def test_a_change_says_what_was_and_is(old: Any, new: Any, expected: dict[str, str]) -> None:
    (change,) = diff(loaded(old), loaded(new))
    assert expected == {key: str(value) for key, value in change.values.items()}


LONG, SHORT = {"minLength": 9}, {"maxLength": 1}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("stays", "word"),
    [
        ({"if": {"minLength": 4}, "then": {"pattern": "a"}}, "condition"),
        ({"not": {"const": "x"}}, "not"),
    ],
)
def test_of_what_stands_beside_what_stays_only_that_is_told(stays: Any, word: str, order: int) -> None:
    def one(limit: Any) -> dict[str, Any]:
        return {"not": limit} if word == "not" else {"if": limit, "then": {"pattern": "b"}}

    old, new = ({**S, "allOf": [stays, one(limit)][::order]} for limit in ({"const": "y"}, {"const": "z"}))
    found = named(old, new)
    assert found
    assert all(word in name for name in found)
    gone = named(old, {**S, "allOf": [stays]})
    assert [name for name in gone if word in name] == gone
    assert 1 == len(gone) == len(named({**S, "allOf": [stays]}, old))


def workspace(text: str) -> tuple[Workspace, Schema]:
    tree = MemoryTree("tree", {PATH: text.encode()})
    found = Workspace(tree, {})
    schema = found.parse([Document(Subject("event", Version(1)), "json-schema", PATH, tree)], published=False)[PATH]
    assert isinstance(schema, Schema), schema
    return found, schema


CLOSED = '{\n "additionalProperties": false,\n "properties": {\n  "id": {"type": "string"}%s\n }\n}\n'
LIMITS = '{"properties": {\n "n": {"type": "number", %s}}}\n'
DRAFT_4 = f'{{"$schema": "{DRAFTS[4]}", "type": "number", "maximum": 10%s}}'
ONE_OF = '{"oneOf": [\n {"type": "string"},\n {"type": "integer"}%s]}\n'
REQUIRED = '{"properties": {"a": {"default": 1}},\n "required": [\n  "b"%s]}\n'
LISTED = '{"enum": [\n "a"%s]}\n'
TUPLE = '{"type": "array", "additionalItems": false, "items": [\n {"type": "string"}%s]}\n'


@pytest.mark.parametrize(
    ("text", "added", "rule", "after", "before"),
    [
        (CLOSED, ("", ',\n  "x": true'), "property-added-to-closed-model", (5, "true"), (3, "{")),
        (LIMITS, ('"exclusiveMaximum": 10', '"exclusiveMaximum": 9'), "maximum-lowered", (2, "9"), (2, "10")),
        (LIMITS, ('"minimum": 1', '"exclusiveMinimum": 1'), "minimum-raised", (2, "1}"), (2, "1}")),
        (DRAFT_4, ("", ',\n "exclusiveMaximum": true'), "maximum-lowered", (2, "true"), (1, "10}")),
        (ONE_OF, ("", ',\n {"minimum": 5}'), "one-of-branch-added", (4, '{"minimum": 5}'), (1, "[")),
        (ONE_OF, ("", ',\n {"minimum": 5}'), "one-of-branch-overlapped", (1, "["), (1, "[")),
        (REQUIRED, ("", ',\n  "a"'), "required-property-with-default-added", (4, '"a"'), (2, "[")),
        (LISTED, ("", ',\n "b"'), "enum-value-added", (3, '"b"'), (1, "[")),
        (TUPLE, ("", ',\n {"type": "integer"}'), "tuple-item-added-to-closed-tail", (3, '{"type"'), (1, "[")),
    ],
)
def test_a_finding_points_at_what_changed(
    text: str, added: tuple[str, str], rule: str, after: tuple[int, str], before: tuple[int, str]
) -> None:
    texts = [text % more for more in added]
    (old_space, old), (new_space, new) = map(workspace, texts)
    change = next(change for change in diff(old, new) if change.rule.id == f"json-schema/{rule}")
    places = [old_space.locate(change.old_pointer or ""), new_space.locate(change.pointer)]
    for written, place, (line, start) in zip(texts, places, (before, after), strict=True):
        assert place is not None
        assert (PATH, line) == (place.file, place.line)
        assert written.splitlines()[line - 1][place.column - 1 :].startswith(start)


def test_thousands_of_definitions_are_told_of_without_a_comparison_of_each_with_each() -> None:
    old, new = ({"definitions": {f"{side}{index}": obj(a=S) for index in range(1500)}} for side in "ab")
    assert ["definition-added"] * 1500 + ["definition-removed"] * 1500 == named(old, new)


def pairs(seeds: range) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    found = []
    for seed in seeds:
        maker = Wide(random.Random(seed), random.Random(seed).choice([*DRAFTS]))
        raw = maker.root()
        found.append((raw, maker.touched(raw)))
    return found


@pytest.mark.parametrize("chunk", range(10))
def test_what_is_named_follows_from_the_verdict_and_is_undone_by_its_mirror(chunk: int) -> None:
    for raw, other in pairs(range(5000 + chunk * 20, 5000 + chunk * 20 + 20)):
        try:
            old, new = loaded(raw), loaded(other)
        except AssertionError:
            continue  # an edit that is no schema
        there, back = list(diff(old, new)), list(diff(new, old))
        told = Counter((change.rule.id, change.within) for change in back)
        assert told == Counter((change.rule.mirror, change.within.mirrored) for change in there), json.dumps(
            [raw, other]
        )
        answers = judged(old, new).answers
        for way in (Direction.BACKWARD, Direction.FORWARD):
            broken = [change for change in there if change.breaks & way and change.rule.surface == Surface.WIRE]
            assert bool(broken) == (answers[way].value in ("refuted", "unproven")), json.dumps([raw, other])
