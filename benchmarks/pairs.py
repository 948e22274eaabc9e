"""What one changed schema costs without start-up and git: reading and comparing, in one process, taking turns.

    python -m benchmarks.pairs avro|json-schema [--fields 200] [--rounds 30]

Reading is parsing and validating from bytes; comparing is both directions, all rules. The `avro` package checks one
direction at a time, so twice. Prints the median seconds of each as JSON.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import corpora
from schemacheck import formats
from schemacheck.model import Direction, Document, Schema, Subject, Version
from schemacheck.sources.tree import MemoryTree

WAYS = (Direction.BACKWARD, Direction.FORWARD)
PATHS = {corpora.AVRO: "event.avsc", corpora.JSON_SCHEMA: "event.schema.json"}


def avro_sides(fields: int) -> tuple[str, str]:
    """A record, and the same with every tenth field changed, half of them in a breaking way."""
    new = json.loads(corpora.wide(fields))
    for i, field in enumerate(new["fields"]):
        if i % 10 == 1:
            field["type"] = "int" if i % 20 == 1 else field["type"]
            field["doc"] += " Changed."
    return corpora.wide(fields), json.dumps(new, indent=2)


def object_sides(properties: int) -> tuple[str, str]:
    """An object of so many properties, and the same with a narrower one."""
    old = json.loads(corpora.json_schema(0, properties - 12))
    new = json.loads(corpora.json_schema(0, properties - 12))
    new["properties"]["part_3"] = {"type": "integer", "minimum": 1}
    return json.dumps(old), json.dumps(new)


def family_sides(types: int) -> tuple[str, str]:
    """So many tagged objects, each of which holds any of them; and the same with a property more."""
    made: dict[str, Any] = {}
    for n in range(types):
        props = {"kind": {"const": f"T{n}"}, "parts": {"type": "array", "items": {"$ref": "#/definitions/any"}}}
        made[f"T{n}"] = {"type": "object", "properties": props, "required": ["kind"], "additionalProperties": False}
    made["any"] = {"oneOf": [{"$ref": f"#/definitions/T{n}"} for n in range(types)]}
    old = json.dumps({"definitions": made, "$ref": "#/definitions/any"})
    made["T0"]["properties"]["note"] = {"type": "string"}
    return old, json.dumps({"definitions": made, "$ref": "#/definitions/any"})


def parsed(kind: str, text: str) -> Schema:
    """A schema as the gate reads it, with nothing remembered."""
    path = PATHS[kind]
    tree = MemoryTree("bench", {path: text.encode()})
    workspace = formats.load(kind).open(tree, {})
    found = workspace.parse([Document(Subject("event", Version(1)), kind, path, tree)], published=False)[path]
    assert not isinstance(found, Sequence), found
    return found


def ours(kind: str, sides: tuple[str, str], label: str = "") -> dict[str, Callable[[], object]]:
    """What we do with a pair."""
    form = formats.load(kind)
    old, new = (parsed(kind, text) for text in sides)
    changes = list(form.diff(old, new))
    breaking = [(change, way) for change in changes for way in WAYS if way in change.breaks]
    return {
        f"{label}read both, schemacheck": lambda: [_fresh(kind, text) for text in sides],
        f"{label}compare, schemacheck": lambda: list(form.diff(_copied(old), new)),
        f"{label}{len(breaking)} witnesses, schemacheck": lambda: [form.witness(old, new, *one) for one in breaking],
    }


def _fresh(kind: str, text: str) -> Schema:
    """Read anew: what was parsed is remembered by its content, so it has another one each time."""
    global _asked
    _asked += 1
    return parsed(kind, f"{text}{' ' * (_asked % 5000)}")


_asked = 0


def _copied(schema: Schema) -> Schema:
    """The same schema as another object: a judgement on two objects is remembered."""
    return copy.copy(schema)


def avro_package(sides: tuple[str, str]) -> dict[str, Callable[[], object]]:
    """What the `avro` package does with a pair; nothing if it is not installed."""
    if importlib.util.find_spec("avro") is None:
        return {}
    import avro.compatibility
    import avro.schema

    old, new = map(avro.schema.parse, sides)
    checker: Any = avro.compatibility.ReaderWriterCompatibilityChecker

    def compare() -> None:
        for reader, writer in ((new, old), (old, new)):  # a new checker each, as it remembers pairs
            checker().get_compatibility(reader, writer)

    return {"read both, avro package": lambda: list(map(avro.schema.parse, sides)), "compare, avro package": compare}


def measured(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each, the tasks taking turns."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=sorted(PATHS))
    parser.add_argument("--fields", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=30)
    wanted = parser.parse_args()
    warnings.simplefilter("ignore")
    if wanted.kind == corpora.AVRO:
        sides = avro_sides(wanted.fields)
        tasks = {**ours(wanted.kind, sides), **avro_package(sides)}
    else:
        few = max(2, wanted.fields // 16)
        tasks = {
            **ours(wanted.kind, object_sides(wanted.fields), f"{wanted.fields} properties: "),
            **ours(wanted.kind, family_sides(few), f"{few} types in a oneOf: "),
        }
    print(json.dumps(measured(tasks, wanted.rounds)))


if __name__ == "__main__":
    main()
