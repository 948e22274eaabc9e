"""Another prover's answers beside ours: a document that it finds never refutes a proof, and ours are never in vain."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from typing import Any

import pytest
from formats.json_schema_pairs import loaded
from formats.json_schema_replay import TABLE, pairs, table

from schemacheck.formats.json_schema.verdict import Comparison

SAID = json.loads(TABLE.read_text(encoding="utf-8"))
PAIRS = [pair for pair in pairs() if pair[0] in SAID]  # a case that is newer than the table waits for the next one
CHUNKS = 8


def test_each_pair_was_asked_about() -> None:
    """After a change of the generator, or of a case: run json_schema_replay.py on Python 3.12 or newer."""
    assert [*SAID] == [name for name, _, _ in PAIRS]
    kinds = Counter("refuted" if isinstance(one, dict) else one for said in SAID.values() for one in said)
    assert {"compatible", "refuted", "unknown"} == {*kinds}
    assert kinds["unknown"] < (kinds["compatible"] + kinds["refuted"]) / 4


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_no_two_provers_contradict_each_other(chunk: int) -> None:
    """`jsonschema` judges: it takes each counterexample as they do, and where they differ it sides with ours."""
    for name, old, new in PAIRS[chunk::CHUNKS]:
        compared = Comparison(loaded(old).files, loaded(new).files)
        for writer, said in enumerate(SAID[name]):
            if isinstance(said, dict):
                confirmed = compared.judged(writer, said["document"]) is not None
                assert not (confirmed and compared.proven(writer)), (name, writer, said)
            elif said == "compatible" and not compared.proven(writer):
                assert compared.refuted(writer) is None, (name, writer)


@pytest.mark.skipif(importlib.util.find_spec("jsoncompat") is None, reason="jsoncompat runs on Python 3.12 and newer")
def test_the_table_is_what_the_package_says() -> None:
    """It looks for documents by chance: what it refutes now is not known to it another time. Its proofs stay."""
    now = table()
    assert {name: _proven(said) for name, said in SAID.items()} == {name: _proven(now[name]) for name in SAID}


def _proven(said: list[Any]) -> list[bool]:
    return [one == "compatible" for one in said]
