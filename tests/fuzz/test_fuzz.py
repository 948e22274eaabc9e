"""A short run of every fuzzer, and everything that longer ones have found."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_mutate import MAKERS, makers
from fuzz_seeds import CORPUS
from fuzz_targets import TARGETS

from schemacheck.registry import transport

COUNTS = {"avro": 1500, "protobuf": 400, "json_schema": 150, "configuration": 2000, "said": 2000, "gate": 120}
COUNTS |= {"answers": 400, "registry": 200, "wire": 150, "names": 2000, "trees": 30}
FOUND = sorted(CORPUS.glob("*/*"))


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets of a registry do not wait between attempts; other tests ask how long they would."""
    for name in ("PAUSE", "MAX_PAUSE"):
        monkeypatch.setattr(transport, name, getattr(transport, name))


@pytest.mark.parametrize("path", FOUND, ids=[f"{path.parent.name}/{path.name}" for path in FOUND])
def test_what_was_found_stays_mended(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize(("target", "maker"), [(target, maker) for target in TARGETS for maker in makers(target)])
def test_no_input_makes_the_gate_fail(target: str, maker: str) -> None:
    for data in MAKERS[maker](target, 1, COUNTS[target]):
        TARGETS[target](data)
