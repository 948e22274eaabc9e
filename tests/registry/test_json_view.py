"""What a run says of a registry that was not asked, about JSON Schemas: beside our own verdict, and never instead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from registry.conftest import PATH, Run
from sources.repos import Repo

PLACED = "schemas/orders/order_placed/v1.schema.json"
TEXT = {"type": "string"}
LENIENT = '[json_schema]\nregistry_policy = "lenient"\n'


def schema(properties: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "object", "properties": properties, **more})


@pytest.fixture
def shop(repo: Repo) -> Repo:
    repo.commit({PATH: None})
    return repo


def judged(shop: Repo, run: Run, old: str, new: str, *options: str) -> tuple[str, str, list[str]]:
    """Our outcome, the registry's verdict, and its words."""
    shop.commit({PLACED: old})
    shop.write({PLACED: new})
    (subject,) = run("check", "--against", "git:HEAD", "--format", "json", *options).json["subjects"]
    return subject["outcome"], subject["registry"]["verdict"], subject["registry"]["messages"]


OPEN, MORE = schema({"id": TEXT}), schema({"id": TEXT, "note": TEXT})


def test_an_optional_property_of_an_open_object_is_refused_though_no_reader_breaks(shop: Repo, run: Run) -> None:
    words = f"PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL at {PLACED}#: note"
    assert ("compatible", "rejects", [words]) == judged(shop, run, OPEN, MORE)
    shown = run("check", "--against", "git:HEAD", "--color", "never").out
    assert f"a registry would refuse this, though no reader breaks: {words}" in shown


def test_the_lenient_policy_lets_it_pass(shop: Repo, run: Run) -> None:
    shop.commit({"schemacheck.toml": LENIENT})
    assert ("compatible", "accepts", []) == judged(shop, run, OPEN, MORE)


def test_a_break_that_the_registry_does_not_see_is_said_to_be_one(shop: Repo, run: Run) -> None:
    old, new = ({"items": {"type": "array", "contains": value}} for value in ({"type": "number"}, {"const": 1}))
    found = judged(shop, run, schema(old), schema(new))
    assert ("breaking", "accepts", []) == found
    shown = run("check", "--against", "git:HEAD", "--color", "never").out
    assert "a registry would accept this, and readers break" in shown


def test_where_nothing_is_proven_no_reader_is_said_to_break(shop: Repo, run: Run) -> None:
    old, new = ({"patternProperties": {pattern: TEXT}} for pattern in ("^(a+)+$", "^(a|aa)+$"))
    assert ("breaking", "accepts", []) == judged(shop, run, schema({}, **old), schema({}, **new))
    shown = run("check", "--against", "git:HEAD", "--color", "never").out
    assert "a registry would accept this, and it is not proven that readers do" in shown


def test_what_is_not_known_of_the_registry_is_told_as_that(shop: Repo, run: Run) -> None:
    found = judged(shop, run, schema({"a": {"const": 1}}), schema({"a": {"const": 2}}))
    assert ("breaking", "unknown", []) == found


@pytest.mark.parametrize(("mode", "verdict"), [("FORWARD", "accepts"), ("BACKWARD", "rejects"), ("FULL", "rejects")])
def test_only_the_directions_of_the_mode_are_asked_about(shop: Repo, run: Run, mode: str, verdict: str) -> None:
    assert verdict == judged(shop, run, OPEN, MORE, "--mode", mode)[1]


def test_every_published_state_is_asked_about_where_the_mode_looks_back(shop: Repo, run: Run) -> None:
    shop.commit({PLACED: schema({"id": TEXT, "note": {"type": "number"}})})
    shop.commit({PLACED: OPEN})
    found = judged(shop, run, schema({"id": TEXT, "note": {}}), MORE, "--mode", "BACKWARD_TRANSITIVE")
    assert any(words.startswith("TYPE_CHANGED") for words in found[2])
    assert not any(words.startswith("TYPE_CHANGED") for words in judged(shop, run, OPEN, MORE, "--mode", "BACKWARD")[2])
