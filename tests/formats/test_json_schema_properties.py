"""JSON Schema over generated pairs: what is proven is never refuted, and nearly everything is decided."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from formats.json_schema_pairs import DRAFTS, Maker, documents, edited, loaded
from formats.json_schema_wide import Deep

from schemacheck.formats.json_schema.diff import diff, judged
from schemacheck.formats.json_schema.load import Schema
from schemacheck.formats.json_schema.verdict import Answer, Comparison
from schemacheck.model import Direction

CHUNKS = 8
EACH = 400
RARE = 50
DOCUMENTS = list(documents(random.Random(20), 60))


def pair(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two schemas of one draft, mostly one edit apart."""
    chance = random.Random(seed)
    maker = Maker(chance, chance.choice(sorted(DRAFTS)))
    old = maker.root()
    return old, edited(chance, maker, old) if chance.random() < 0.9 else maker.root()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_proven_is_never_refuted(chunk: int) -> None:
    """The judge sees generated documents, and those that are made to refute just this pair."""
    found: Counter[str] = Counter()
    for seed in range(chunk * EACH, (chunk + 1) * EACH):
        old, new = pair(seed)
        compared = Comparison(loaded(old).files, loaded(new).files)
        for writer in (0, 1):
            if compared.proven(writer):
                found["proven"] += 1
                tried = DOCUMENTS if seed % 4 == 0 else []
                refuted = [document for document in tried if compared.judged(writer, document)]
                if not refuted and seed % 4 == 1:
                    refuted = [one.document for one in [compared.refuted(writer)] if one is not None]
                assert [] == refuted, (seed, writer, json.dumps(old), json.dumps(new))
            else:
                found["refuted" if compared.refuted(writer) else "undecided"] += 1
    assert found["refuted"] > EACH * 0.2
    assert found["undecided"] <= EACH * 2 * 0.02


def rare(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two schemas with the keywords that few use, some of which hold themselves again."""
    chance = random.Random(seed)
    return Deep(chance, chance.choice(sorted(DRAFTS))).pair()


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_proven_of_rare_keywords_is_never_refuted(chunk: int) -> None:
    """Each proof is put to the search, and some to generated documents."""
    found: Counter[str] = Counter()
    for seed in range(900_000 + chunk * RARE, 900_000 + (chunk + 1) * RARE):
        old, new = rare(seed)
        compared = Comparison(loaded(old).files, loaded(new).files)
        for writer in (0, 1):
            refutation = compared.refuted(writer)
            if not compared.proven(writer):
                found["refuted" if refutation else "undecided"] += 1
                continue
            tried = DOCUMENTS if seed % 4 == 0 else []
            refuted = [held for one in tried if compared.judged(writer, held := {"root": one})]
            refuted += [refutation.document] if refutation else []
            assert [] == refuted, (seed, writer, json.dumps(old), json.dumps(new))
            found["proven"] += 1
    assert min(found["refuted"], found["proven"]) > RARE * 0.5
    assert found["undecided"] <= RARE * 2 * 0.1


@pytest.mark.parametrize("seed", range(3000, 3100))
def test_the_reversed_edit_reports_the_mirrors(seed: int) -> None:
    for raws in (pair(seed), rare(seed)):
        assert_mirrored(*map(loaded, raws))


def assert_mirrored(old: Schema, new: Schema) -> None:
    there, back = list(diff(old, new)), list(diff(new, old))
    mirrored = Counter((change.rule.mirror, change.within.mirrored) for change in there)
    assert mirrored == Counter((change.rule.id, change.within) for change in back)
    assert [] == list(diff(old, old))


@pytest.mark.parametrize("seed", range(4000, 4060))
def test_a_schema_in_other_words_is_proven_to_be_the_same(seed: int) -> None:
    chance = random.Random(seed)
    maker = Maker(chance, chance.choice(sorted(DRAFTS)))
    raw = maker.root()
    head, inner = {"$schema": raw["$schema"]}, {key: value for key, value in raw.items() if key != "$schema"}
    bucket = "$defs" if maker.draft >= 2019 else "definitions"
    spellings: list[Mapping[str, Any]] = [
        {**head, "allOf": [inner]},
        {**head, bucket: {"it": inner}, "$ref": f"#/{bucket}/it"},
        {**head, bucket: {"it": inner}, "allOf": [{"$ref": f"#/{bucket}/it"}, {}]},
        {**head, "anyOf": [inner]},
        {**head, "minLength": 0, "minItems": 0, "properties": {}, "allOf": [inner]},
    ]
    for other in spellings:
        answers = judged(loaded(raw), loaded(dict(other))).answers
        assert {Direction.BACKWARD: Answer.PROVEN, Direction.FORWARD: Answer.PROVEN} == answers
