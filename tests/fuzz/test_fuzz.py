"""A short run of every fuzzer, and everything that longer ones have found."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_targets import CORPUS, SHAPED, TARGETS, mutations, reshapings

COUNTS = {"avro": 1500, "protobuf": 500, "configuration": 2000, "said": 2000, "gate": 250}
FOUND = sorted(CORPUS.glob("*/*"))


@pytest.mark.parametrize("path", FOUND, ids=[f"{path.parent.name}/{path.name}" for path in FOUND])
def test_what_was_found_stays_mended(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_no_mutated_input_makes_the_gate_fail(target: str) -> None:
    for data in mutations(target, seed=1, count=COUNTS[target]):
        TARGETS[target](data)


@pytest.mark.parametrize("target", SHAPED)
def test_no_reshaped_schema_makes_the_gate_fail(target: str) -> None:
    for data in reshapings(target, seed=1, count=COUNTS[target]):
        TARGETS[target](data)
