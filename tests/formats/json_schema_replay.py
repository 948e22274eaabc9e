"""Asks the package `jsoncompat` about pairs of schemas, and keeps its answers for Pythons that it does not run on.

    python tests/formats/json_schema_replay.py     # on Python 3.12 or newer, with `pip install -e ".[differential]"`

Each entry holds what the package says of old documents and of new ones: "compatible", "unknown", or the document that
it takes for a counterexample. It knows draft 2020-12 alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cases import from_folders, from_pages
from formats.json_schema_pairs import DRAFTS, Maker, edited

TABLE = Path(__file__).parent / "json_schema_replay.json"
GENERATED = 300
Pair = tuple[str, Any, Any]


def pairs() -> Iterator[Pair]:
    """Generated pairs, and those of the cases that 2020-12 reads as their own draft does."""
    for seed in range(GENERATED):
        chance = random.Random(50_000 + seed)
        maker = Maker(chance, 2020)
        old = maker.root()
        yield f"generated {seed}", old, edited(chance, maker, old) if chance.random() < 0.9 else maker.root()
    for case in [*from_folders("json-schema"), *from_pages("json-schema")]:
        if len(case.before) == len(case.after) == 1:
            old, new = (json.loads(side[case.event]) for side in (case.before, case.after))
            if all(map(_portable, (old, new))):
                yield case.id, _current(old), _current(new)


def _portable(raw: Any) -> bool:
    """Whether each draft reads a schema alike: it has nothing that came, went or changed with one."""
    if isinstance(raw, list):
        return all(map(_portable, raw))
    if not isinstance(raw, dict):
        return True
    if "$schema" in raw and raw["$schema"] == DRAFTS[4]:
        return False
    if isinstance(raw.get("items"), list) or ("$ref" in raw and len(raw) > 1 and raw.get("$schema") != DRAFTS[2020]):
        return False
    gone = {"dependencies", "additionalItems", "id", "$id", "$recursiveRef", "prefixItems", "dependentRequired"}
    return not gone & raw.keys() and all(map(_portable, raw.values()))


def _current(raw: Any) -> Any:
    return {**raw, "$schema": DRAFTS[2020]} if isinstance(raw, dict) else raw


def asked(old: Any, new: Any) -> list[Any]:
    """What the package says: the role "serializer" asks whether its second schema lies within its first."""
    import jsoncompat  # type: ignore[import-not-found, unused-ignore]

    found = []
    for writer, reader in ((old, new), (new, old)):
        try:
            answer = jsoncompat.analyze_compat(json.dumps(reader), json.dumps(writer), "serializer")
        except ValueError:
            found.append("unknown")
            continue
        refuted = answer["status"] == "incompatible"
        found.append({"document": json.loads(answer["counterexample_json"])} if refuted else answer["status"])
    return found


def table() -> dict[str, list[Any]]:
    """The name of each pair to the answers."""
    return {name: asked(old, new) for name, old, new in pairs()}


if __name__ == "__main__":
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(said)}" for name, said in table().items())
    TABLE.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
