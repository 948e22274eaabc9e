"""Schemas made to keep a comparison busy: each gets an answer within a measure of work, and large ones are decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from formats.json_schema_pairs import DRAFTS, loaded

from schemacheck.formats.json_schema import safe
from schemacheck.formats.json_schema.diff import judged
from schemacheck.model import Direction

CURRENT = {"$schema": DRAFTS[2020]}


def chain(length: int, link: Callable[[Any, int], Any], end: Any) -> dict[str, Any]:
    """Definitions, each of which refers to the next one."""
    links = {f"d{n}": link({"$ref": f"#/definitions/d{n + 1}"}, n) for n in range(length)}
    return {"$ref": "#/definitions/d0", "definitions": {**links, f"d{length}": end}}


def either(following: Any, n: int) -> Any:
    return {"oneOf": [following, {"properties": {f"p{n}": following}}]}


def both(following: Any, _n: int) -> Any:
    return {"oneOf": [{"properties": {"a": following, "b": following}}, {"required": ["c"]}]}


def family(types: int, **further: Any) -> dict[str, Any]:
    """Tagged objects that hold each other."""
    made: dict[str, Any] = {}
    for n in range(types):
        props = {"kind": {"const": f"T{n}"}, "parts": {"type": "array", "items": {"$ref": "#/definitions/any"}}}
        made[f"T{n}"] = {"type": "object", "properties": props, "required": ["kind"], "additionalProperties": False}
    made["T0"]["properties"] |= further
    made["any"] = {"oneOf": [{"$ref": f"#/definitions/T{n}"} for n in range(types)]}
    return {"definitions": made, "$ref": "#/definitions/any"}


def mixed(count: int) -> list[Any]:
    """Values without an order."""
    return [(n, f"v{n}", {"a": n}, [n])[n % 4] for n in range(count)]


def patterns(count: int, inner: Any, end: Any) -> dict[str, Any]:
    named = {f"^p{n}_": inner for n in range(count)} | {f"^p{count}_": end}
    return {"type": "object", "patternProperties": named, "additionalProperties": False}


PAIRS = {
    "patterns that backtrack": (
        {"type": "object", "patternProperties": {"^(a+)+$": {"type": "string"}}, "minProperties": 2},
        {
            "type": "object",
            "patternProperties": {"^(a|aa)+$": {"type": "integer"}},
            "propertyNames": {"pattern": "(x+x+)+y"},
        },
        ("unproven", "refuted"),
    ),
    "patterns on long texts": (
        {"type": "string", "pattern": "^a*a*a*b$"},
        {"type": "string", "pattern": "^[ab]*[ab]*[ab]*c$", "minLength": 280},
        ("refuted", "unproven"),
    ),
    "choices that double": (
        chain(30, either, {"type": "object"}),
        chain(30, either, {"type": "object", "required": ["z"]}),
        ("refuted", "refuted"),
    ),
    "properties that double": (
        chain(30, both, {"type": "object"}),
        chain(30, both, {"type": "integer"}),
        ("refuted", "refuted"),
    ),
    "a thousand intervals": (
        {"oneOf": [{"minimum": n, "maximum": n + 3} for n in range(1000)]},
        {"oneOf": [{"minimum": n, "maximum": n + 2} for n in range(1000)]},
        ("unproven", "unproven"),
    ),
    "a thousand open objects": (
        {"oneOf": [{"properties": {f"p{n}": {"type": "string"}}} for n in range(1000)]},
        {"oneOf": [{"properties": {f"p{n}": {"type": "integer"}}} for n in range(1000)]},
        ("unproven", "unproven"),
    ),
    "lengths of two hundred digits": (
        {"type": "string", "minLength": 10**200},
        {"type": "string", "minLength": 10**200 + 1},
        ("unproven", "proven"),
    ),
    "counts of a hundred digits": (
        {**CURRENT, "type": "array", "contains": {"const": 1}, "minContains": 10**100},
        {**CURRENT, "type": "array", "contains": {"const": 1}, "minContains": 10**100 + 1},
        ("unproven", "proven"),
    ),
    "a dynamic reference to itself": (
        {
            **CURRENT,
            "$dynamicAnchor": "n",
            "properties": {"a": {"$dynamicRef": "#n"}},
            "$defs": {"x": {"$dynamicAnchor": "n", "anyOf": [{"$dynamicRef": "#n"}, {"type": "string"}]}},
        },
        {**CURRENT, "$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}}},
        ("proven", "unproven"),
    ),
    "lists of thousands without an order": (
        {"$schema": DRAFTS[4], "properties": {"a": {"enum": mixed(20_000)}}},
        {"$schema": DRAFTS[4], "properties": {"a": {"enum": mixed(19_999)}}},
        ("refuted", "proven"),
    ),
    "patterns with a hundred choices": (
        {"type": "string", "pattern": f"^{'a?' * 100}$", "enum": ["a" * 60 + "!", "a"]},
        {"type": "string", "pattern": f"^{'(a|a)' * 60}$"},
        ("unproven", "unproven"),
    ),
    "thousands of patterns for names": (
        patterns(2_000, {"type": "string"}, {"type": "string"}),
        patterns(2_000, {"type": "string"}, {"type": "integer"}),
        ("unproven", "unproven"),
    ),
    "values with thousands of members": (
        {"const": {f"k{n}": [n] for n in range(10_000)}},
        {"const": {f"k{n}": [n + 1] for n in range(10_000)}},
        ("refuted", "refuted"),
    ),
    "two hundred types that hold each other": (
        family(200),
        family(200, note={"type": "string"}),
        ("proven", "refuted"),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_each_question_ends(name: str) -> None:
    old, new, expected = PAIRS[name]
    found = judged(loaded(old), loaded(new)).answers
    assert expected == (found[Direction.BACKWARD].value, found[Direction.FORWARD].value)


@pytest.mark.parametrize("pattern", [f"^{'a?' * 40}$", f"^{'(a|a)' * 40}$", f"^{'a{0,9}' * 9}$", "a*a*a*b", "^(a+)+$"])
def test_a_pattern_that_may_be_tried_in_too_many_ways_is_never_run(pattern: str) -> None:
    assert safe.matches(pattern, "a") is None


@pytest.mark.parametrize("pattern", ["^a?b{0,9}(c|d)?$", "^[a-z]+-[0-9]+-[a-z]*$", "a+-b", r"^\d{4}-\d{2}-\d{2}$"])
def test_patterns_as_people_write_them_are_run(pattern: str) -> None:
    assert safe.matches(pattern, "~") is False
